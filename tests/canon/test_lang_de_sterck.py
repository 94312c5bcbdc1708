"""Lang and De Sterck 2014: every point of a grid lies, by integration, in the region that the inequalities say (C5)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from groundswell.canon import lang_de_sterck as model
from groundswell.errors import GroundswellError


def points(alphas: int, betas: int, balances: int):
    """Parameters off the borders of the regions, on which the region is not defined."""
    grid = itertools.product(np.linspace(0.02, 0.98, alphas), np.linspace(0.017, 0.983, betas),
                             np.linspace(0.0131, 0.9869, balances))  # fmt: skip
    for alpha, beta, balance in grid:
        gaps = (1 - alpha - beta, balance - (1 - alpha), balance - beta)
        if min(map(abs, gaps)) > 0.004:
            yield model.Rules(float(alpha), float(beta), float(3 * balance), float(3 * (1 - balance)))


def agreement(rules: list[model.Rules]) -> tuple[int, dict[str, int]]:
    wrong = [one for one in rules if model.region(one) != model.observed_region(one)]
    assert wrong == []
    found = [model.region(one) for one in rules]
    return len(rules), {name: found.count(name) for name in model.REGIONS}


def test_every_region_by_integration() -> None:
    checked, found = agreement(list(points(7, 7, 7)))
    assert checked > 200 and min(found.values()) > 20


@pytest.mark.canon
@pytest.mark.slow
def test_every_region_by_integration_on_a_fine_grid() -> None:
    checked, found = agreement(list(points(21, 21, 21)))
    assert checked > 8000 and min(found.values()) > 900


def test_more_visible_protest_moves_the_region() -> None:
    """As in the abstract: from stable over meta-stable to unstable, abruptly."""
    path = [model.region(model.Rules(alpha, 0.7, 1.0, 2.0)) for alpha in np.linspace(0.35, 0.99, 60)]
    assert [name for name, _ in itertools.groupby(path)] == [model.REGIONS[1], model.REGIONS[2]]
    path = [model.region(model.Rules(alpha, 0.7, 3.0, 1.0)) for alpha in np.linspace(0.1, 0.99, 60)]
    assert [name for name, _ in itertools.groupby(path)] == [model.REGIONS[0], model.REGIONS[3]]


def test_nothing_moves_in_a_failed_state() -> None:
    rules = model.Rules(alpha=0.2, beta=0.3)
    found = model.summary(model.simulate(rules, starts=41))
    rest = found[(found["start"] >= 0.3) & (found["start"] <= 0.8)]
    assert np.array_equal(rest["start"], rest["end"]) and len(rest) == 21


def test_refusals() -> None:
    with pytest.raises(GroundswellError, match="alpha: is 1.5"):
        model.Rules(alpha=1.5)
    with pytest.raises(GroundswellError, match="at least 2"):
        model.simulate(starts=1)
