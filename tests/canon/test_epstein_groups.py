"""Epstein's Model II, in sign and order only: our reading of the rules against another reading (targets C2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from groundswell.canon import epstein_groups as model
from groundswell.errors import GroundswellError

RULES = model.Rules()


def ends(police: float, legitimacy: float, replicates: int, steps: int):
    rules = replace(RULES, police=police, legitimacy=legitimacy)
    return model.summary(model.simulate(rules, steps=steps, replicates=replicates))


@pytest.mark.parametrize("police", [0.0, 0.04, 0.10])
def test_groups_that_accept_each_other_coexist(police: float) -> None:
    """L = 0.9: nobody can be active, as H (1 - L) is at most T; both groups last."""
    found = ends(police, 0.9, 2, 250)
    assert found["extinct_at"].isna().all() and found["killed"].sum() == 0
    assert found["smallest_group"].min() > 400


def test_without_acceptance_a_group_is_extinct() -> None:
    """L = 0.8, no peacekeepers: always, and in about a hundred steps (104 in the other reading)."""
    found = ends(0.0, 0.8, 8, 1000)
    assert found["extinct_at"].notna().all()
    assert 60 < found["extinct_at"].astype(float).mean() < 200


def test_peacekeepers_buy_time() -> None:
    without, with_some = (ends(police, 0.8, 8, 2000)["extinct_at"].astype(float) for police in (0.0, 0.06))
    assert with_some.mean() > 1.5 * without.mean() and with_some.std() > without.std()


@pytest.mark.canon
@pytest.mark.slow
def test_peacekeepers_buy_time_and_spread_and_avert_nothing() -> None:
    """30 seeds: all are extinct, later on average and with more spread the more peacekeepers there are."""
    times = {}
    for police in (0.0, 0.02, 0.04, 0.08):
        found = ends(police, 0.8, 30, 5000)["extinct_at"]
        assert found.notna().all(), police
        times[police] = found.astype(float)
    means = [one.mean() for one in times.values()]
    assert means == sorted(means)
    assert times[0.08].std() > times[0.04].std() > times[0.0].std()


@pytest.mark.canon
@pytest.mark.slow
def test_coexistence_lasts() -> None:
    for police in (0.0, 0.04, 0.10):
        assert ends(police, 0.9, 6, 3000)["extinct_at"].isna().all()


def test_counts_add_up() -> None:
    runs = model.simulate(RULES, steps=40, replicates=2, shown=(0, 20, 40))
    grid = runs["grid"].values
    for k, step in ((1, 20), (2, 40)):
        people = (grid[:, k] > 0) & (grid[:, k] != 3)
        both = runs["first"].values[:, step - 1] + runs["second"].values[:, step - 1]
        assert people.sum((1, 2)).tolist() == both.tolist()
        assert (grid[:, k] == 3).sum((1, 2)).tolist() == [64, 64]
        assert ((grid[:, k] & 8) > 0).sum((1, 2)).tolist() == runs["active"].values[:, step - 1].tolist()


def test_refusals() -> None:
    for values, fault in (
        ({"birth": 2}, "birth: is 2"),
        ({"persons": 1.0}, "leaves no room"),
        ({"vision": 30}, "torus"),
    ):
        with pytest.raises(GroundswellError, match=fault):
            model.Rules(**values)
    with pytest.raises(GroundswellError, match="steps: is 0"):
        model.simulate(steps=0)
