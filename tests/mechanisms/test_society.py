"""Closed forms of the mechanisms of society: kernels held to formulas and statistics that are written out here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.mechanisms import test_limits as limits

from groundswell.chance import chance_for
from groundswell.mechanisms.common_shock import jolt
from groundswell.mechanisms.concession import concede
from groundswell.mechanisms.contagion import attend
from groundswell.mechanisms.endorsement import listen
from groundswell.mechanisms.long_memory import remember
from groundswell.mechanisms.mobilisation import Mobilisation
from groundswell.mechanisms.office import resign

ZERO = np.zeros(1, "i4")


def all_(value: float, size: int = 1) -> Any:
    return np.full(size, value)


def test_the_kernel_of_contagion_is_exponential_and_sums_to_1() -> None:
    """One day of turnout 1 in place 0 is felt in place 1 with weights (1 - k) k^(lag - 1), lags from 1."""
    k, felt = np.exp(-1 / 3.0), []
    recent, push = np.zeros((1, 2)), np.zeros((1, 2))
    for day in range(200):
        turnout = np.array([[1000 if day == 0 else 0, 0]])
        attend(turnout, np.full((1, 2), 1000.0), np.zeros(2, "i4"), np.ones((1, 2)), np.arange(2, dtype="i4"),
               ZERO, np.array([0, 0, 1], "i4"), np.ones(1), all_(1), all_(3), all_(0), all_(1e6), 1.0, recent,
               push)  # fmt: skip
        felt.append(push[0, 1] * 1e6)  # half is so large that the curve is straight there
    assert np.allclose(felt[:9], (1 - k) * k ** np.arange(9), rtol=1e-5)
    assert sum(felt) == pytest.approx(1, rel=1e-5)
    assert push[0, 0] == 0  # one's own place is not in it


@pytest.mark.parametrize("internet", [0.0, 0.12, 1.0])
def test_the_internet_scales_contagion(internet: float) -> None:
    recent, push = np.full((1, 2), 0.01), np.zeros((1, 2))
    attend(np.full((1, 2), 10), np.full((1, 2), 1000.0), np.zeros(2, "i4"), np.array([[1.0, internet]]),
           np.arange(2, dtype="i4"), ZERO[:0], np.zeros(3, "i4"), np.empty(0), all_(0.3), all_(3), all_(1),
           all_(0.01), 1.0, recent, push)  # fmt: skip
    assert push[0].tolist() == pytest.approx([0.15, 0.15 * internet])


def test_the_latent_shock_is_a_stationary_ar1() -> None:
    """Standard deviation sd and correlation exp(-lag / memory), over 4,000 replicates."""
    n, sd, memory = 4000, 0.3, 7.0
    latent, common, seen = np.zeros((n, 1)), np.zeros((n, 2)), []
    exposure = np.tile([0.0, 2.0], (n, 1))
    for step in range(15):
        jolt(np.zeros((n, 1)), exposure, np.zeros(2, "i4"), ZERO, all_(sd, n), all_(memory, n), 1.0, step,
             chance_for(1, "common_shock", step), latent, common)  # fmt: skip
        seen.append(latent[:, 0].copy())
        assert not common[:, 0].any()
        assert np.array_equal(common[:, 1], 2 * latent[:, 0])
    assert [s.std() / sd for s in seen] == pytest.approx([1] * 15, abs=0.05)  # 4.5 standard errors
    assert np.corrcoef(seen[0], seen[7])[0, 1] == pytest.approx(np.exp(-1), abs=0.07)
    assert np.corrcoef(seen[7], seen[14])[0, 1] == pytest.approx(np.exp(-1), abs=0.07)


def test_a_statement_halves_with_its_half_life_and_is_bounded() -> None:
    stands, decay = np.zeros((1, 1)), 10.0
    for said in (0.9, 0.9):
        listen(np.array([[said]]), ZERO, ZERO, ZERO, all_(1), all_(decay), 0.0, stands)
    assert stands[0, 0] == 1
    listen(np.zeros((1, 1)), ZERO, ZERO, ZERO, all_(1), all_(decay), decay * np.log(2), stands)
    assert stands[0, 0] == pytest.approx(0.5)


def test_long_memory_halves_in_years() -> None:
    floor = np.zeros((1, 1))
    remember(np.ones((1, 1)), all_(2), all_(10), 365.25 * 10 * np.log(2), floor)
    assert floor[0, 0] == pytest.approx(1)


def test_broken_promises_wear_credibility_down_geometrically() -> None:
    credibility, felt, added = np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 1))
    for step in range(4):
        concede(np.ones((1, 1)), np.array([[0.0 if step == 0 else 1.0]]), ZERO, ZERO, np.zeros((1, 1)),
                np.zeros((1, 1)), all_(0.4), all_(0.8), all_(0.25), all_(0), all_(10), 1.0, step, credibility, felt,
                added)  # fmt: skip
        assert credibility[0, 0] == pytest.approx(0.8 * 0.75**step)
        assert added[0, 0] == pytest.approx(0.4 * credibility[0, 0])


def test_time_in_office_is_exponential_under_a_steady_hazard() -> None:
    """Of 4,000 replicates, the share still in office after 30 days is exp(-30 h): 4 standard errors."""
    n, base, days = 4000, -4.0, 30
    recent, hazard, added = np.zeros((n, 1)), np.zeros((n, 1)), np.zeros((n, 1))
    resigned, none = np.zeros((n, 1), "i8"), np.zeros((n, 1))
    whole, off = np.zeros((n, 1), "i8"), np.zeros(n)
    for step in range(days):
        resign(whole, none + 1e6, none, whole, none, whole + 1000, ZERO, ZERO, none, none, all_(base, n), off, off, off,
               off, off, all_(7, n), 1.0, chance_for(3, "office", step), recent, hazard, resigned, added)  # fmt: skip
    stays = np.exp(-days * np.exp(base))
    assert 1 - resigned.mean() == pytest.approx(stays, abs=4 * np.sqrt(stays * (1 - stays) / n))


@pytest.mark.parametrize("push", ["contagion", "common_shock", "pact", "efficacy"])
def test_a_push_is_a_cost_with_its_sign_turned(push: str) -> None:
    """The decision under a push of 0.3 is, person by person, that under a day cost of -0.3; it is its own term."""
    pushed, cheaper = (limits.world(hardship=limits.drawn(1)) for _ in range(2))
    pushed.tables["community"].give(push, 0.3)
    cheaper.tables["community"].give("day_cost", -0.3)
    for w in (pushed, cheaper):
        limits.step(w, Mobilisation, **{**limits.OFF, "grievance": 1, "bar": 0.8, "noise": 0.1})
    assert np.array_equal(limits.active(pushed), limits.active(cheaper)) and limits.active(pushed).any()
    assert pushed[f"community.term_{push}"].item() == 0.3 and pushed["community.term_cost"].item() == 0
    assert cheaper[f"community.term_{push}"].item() == 0 and cheaper["community.term_cost"].item() == 0.3


@pytest.mark.parametrize(("change", "stands"), [(0.25, 0.75), (-0.25, 0.25), (0.75, 1.0), (-0.75, 0.0)])
def test_a_change_of_legitimacy_is_added_and_held_within_0_and_1(change: float, stands: float) -> None:
    moved = limits.world(hardship=limits.drawn(1), legitimacy=0.5)
    moved.tables["community"].give("legitimacy_change", change)
    given = limits.world(hardship=limits.drawn(1), legitimacy=stands)
    for w in (moved, given):
        w.tables["community"].give("mean_hardship", 0.5)
        limits.step(w, Mobilisation, **{**limits.OFF, "grievance": 1, "bar": 0.4, "noise": 0.1})
    assert np.array_equal(limits.active(moved), limits.active(given))
    assert moved["community.term_grievance"].item() == 0.5 * (1 - stands)


def test_a_floor_of_fear_is_felt_as_fear() -> None:
    worlds = [limits.world(hardship=limits.drawn(1), risk_aversion=limits.drawn(2)) for _ in range(2)]
    for w, column in zip(worlds, ("fear_floor", "fear"), strict=True):
        w.tables["community"].give(column, 0.5)
        w.tables["place"].give("arrest_risk", 0.5)
        limits.step(w, Mobilisation, **{**limits.OFF, "grievance": 1, "bar": 0.1, "noise": 0.1})
    assert np.array_equal(limits.active(worlds[0]), limits.active(worlds[1]))
    calm = limits.world(hardship=limits.drawn(1), risk_aversion=limits.drawn(2))
    calm.tables["place"].give("arrest_risk", 0.5)
    limits.step(calm, Mobilisation, **{**limits.OFF, "grievance": 1, "bar": 0.1, "noise": 0.1})
    assert limits.active(calm).sum() > limits.active(worlds[0]).sum()
