"""The mean field against what it stands for: a closed form, numerical integration, and many people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from laws.worlds import small
from scipy.special import roots_legendre
from scipy.stats import beta, norm

import groundswell as gs
from groundswell.engine.run import run
from groundswell.mechanisms.mean_mobilisation import NODES, RISK_NODES, RISK_WEIGHTS, WEIGHTS, decide_means
from groundswell.scenario.mean_field import mean_field


def test_the_nodes_are_those_of_gauss() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    np.testing.assert_allclose(NODES, nodes, atol=1e-14)
    np.testing.assert_allclose(WEIGHTS, weights / np.sqrt(2 * np.pi), rtol=1e-13)
    nodes, weights = roots_legendre(4)
    np.testing.assert_allclose(RISK_NODES, (nodes + 1) / 2, atol=1e-15)
    np.testing.assert_allclose(RISK_WEIGHTS, weights / 2, rtol=1e-14)


def share_of(mean: float, variance: float, felt: float, averse: list[float], noise: float) -> float:
    one = np.ones((1, 1))
    out = np.empty((1, 1))
    risks = [np.full((1, 1), a) for a in averse]
    zero = np.zeros((1, 1))
    decide_means(np.zeros(1, np.int32), zero, zero, one, one, one * felt, one * variance, zero, zero, zero, *risks,
                 one * mean, zero, zero, zero, zero, zero, np.ones(1), np.ones(1), np.ones(1), np.ones(1), np.zeros(1),
                 np.ones(1), np.zeros(1), np.full(1, noise), out)  # fmt: skip
    return float(out[0, 0])


@pytest.mark.parametrize("mean", [-1.5, -0.4, 0.0, 0.7])
def test_people_who_are_all_alike_act_by_the_logistic_rule(mean: float) -> None:
    assert share_of(mean, 0.0, 0.0, [0.5] * 4, 0.15) == pytest.approx(1 / (1 + np.exp(-mean / 0.15)), rel=1e-12)


@pytest.mark.parametrize("felt", [0.0, 0.3, 1.3])
@pytest.mark.parametrize("mean", [-1.0, -0.3, 0.4])
def test_the_points_integrate_over_traits(mean: float, felt: float) -> None:
    noise, variance = 0.15, 0.03
    averse = beta(2, 3)
    z, r = norm.ppf((np.arange(2000) + 0.5) / 2000), averse.ppf((np.arange(2000) + 0.5) / 2000)
    gain = mean + np.sqrt(variance) * z[:, None] - felt * r[None, :]
    exact = (1 / (1 + np.exp(-gain / noise))).mean()
    found = share_of(mean, variance, felt, [float(averse.ppf(u)) for u in RISK_NODES], noise)
    assert found == pytest.approx(exact, rel=0.06)


@pytest.mark.slow
def test_the_twin_follows_people_who_are_nearly_alike_and_many() -> None:
    """With traits that hardly differ and risk as given, all that is left of people is sampling."""
    alike: dict[str, Any] = {f"person.{t}.concentration": 5000 for t in ("threshold", "media_reach", "adherence")}
    scenario = small(people=6000, days=25, **{p: v for p, v in alike.items() if p in _paths()})
    people, twin = (run(s, 3, range(12))[0]["place.turnout"].sum(axis=(1, 2)) for s in (scenario, mean_field(scenario)))
    assert (people > 0).all()
    np.testing.assert_allclose(np.log(twin / people).mean(), 0.0, atol=0.15)


def _paths() -> set[str]:
    from groundswell.scenario.change import paths

    return set(paths(gs.load("two-neighbours")))
