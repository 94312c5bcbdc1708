"""Made-up panels: moments of the draws, addresses, totals that are kept, placebo networks."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.chance import chance_for
from groundswell.inference.panel import rows_to_one
from groundswell.inference.panel_draws import WARM, allotted, draw, gamma, order, rewired, shock
from groundswell.inference.power import layout


def within(values: np.ndarray, expected: float, errors: float = 4.0) -> bool:
    return abs(values.mean() - expected) < errors * values.std(ddof=1) / values.size**0.5


@pytest.mark.parametrize("shape", [0.3, 1.0, 4.0])
def test_gamma_has_its_mean_and_variance(shape: float) -> None:
    made = np.array([gamma(chance_for(1, "g", k), 0, 0, shape) for k in range(4000)])
    assert within(made, shape)
    assert within((made - shape) ** 2, shape)  # the variance of a gamma number of scale 1 is its shape


def test_counts_have_the_mean_of_the_recursion() -> None:
    """With background mu, own and network a, b and rows that sum to 1: mu / (1 - a - b) a day in the long run."""
    weights, _ = layout(12)
    level = np.full((12, 200 + WARM), 0.5)
    made = [draw(level, weights, own=0.4, network=0.3, replicate=k)[:, WARM:].mean() for k in range(30)]
    assert within(np.array(made), 0.5 / 0.3)


def test_counts_vary_as_a_negative_binomial() -> None:
    made = draw(np.full((1, 6000), 2.0), np.zeros((1, 1)), own=0.0, network=0.0, dispersion=0.5)[0]
    assert within(made, 2.0)
    assert within((made - 2.0) ** 2, 2.0 + 0.5 * 4.0)


def test_the_past_enters_and_fades() -> None:
    level, past = np.full((2, 4), 1e-9), np.array([1000.0, 0.0])
    made = np.mean([draw(level, np.array([[0, 0.0], [1, 0]]), own=0.0, network=0.5, memory=4.0, past=past, replicate=k)
                    for k in range(40)], 0)  # fmt: skip
    assert made[1] == pytest.approx(500 * 0.75 ** np.arange(4), rel=0.05)
    assert not made[0].any()
    assert past.tolist() == [1000.0, 0.0]  # what is given is not changed


def test_draws_have_an_address() -> None:
    weights, level = layout(5)[0], np.full((5, 40), 1.0)
    one = draw(level, weights, own=0.3, network=0.2, seed=3, name="x", replicate=4, dispersion=0.3)
    again = draw(level, weights, own=0.3, network=0.2, seed=3, name="x", replicate=4, dispersion=0.3)
    assert np.array_equal(one, again)
    others = [{"seed": 4}, {"name": "y"}, {"replicate": 5}]
    for other in others:
        where = {"seed": 3, "name": "x", "replicate": 4} | other
        assert not np.array_equal(one, draw(level, weights, own=0.3, network=0.2, dispersion=0.3, **where))
    shorter = draw(level[:, :10], weights, own=0.3, network=0.2, seed=3, name="x", replicate=4, dispersion=0.3)
    assert np.array_equal(shorter, one[:, :10])  # more days do not change the earlier ones


def test_allotted_keeps_totals_and_deals_by_weight() -> None:
    mu = np.repeat([[1.0], [3.0], [2.0], [2.0]], 400, 1)
    region = np.array([0, 0, 1, 1])
    totals = np.full((2, 400), 8)
    totals[1, ::2] = 0
    made = allotted(mu, np.zeros((4, 4)), totals, region, own=0.0, network=0.0, memory=3.0, dispersion=0.0, seed=1,
                    name="x", replicate=0)  # fmt: skip
    for r in (0, 1):
        assert np.array_equal(made[region == r].sum(0), totals[r])
    assert within(made[0], 2.0)
    assert within(made[2, 1::2], 4.0)


def test_allotted_is_not_moved_by_what_every_place_has_more_of() -> None:
    """Effects of days fall out: only the shares of places on a day matter."""
    weights, region = layout(6)
    totals = np.arange(60).reshape(1, 60) % 9
    args = {"own": 0.0, "network": 0.0, "memory": 3.0, "dispersion": 0.4, "seed": 2, "name": "y", "replicate": 1}
    mu = np.repeat(np.arange(1.0, 7.0)[:, None], 60, 1)
    one, two = (allotted(scale * mu, weights, totals, region * 0, **args) for scale in (1.0, 1000.0))  # type: ignore[arg-type]
    assert np.array_equal(one, two)


def test_allotted_with_excitation_bunches() -> None:
    mu = np.ones((8, 300))
    totals = np.full((1, 300), 4)
    still, moved = (
        allotted(mu, np.zeros((8, 8)), totals, np.zeros(8, "i8"), own=a, network=0.0, memory=3.0, dispersion=0.0,
                 seed=1, name="z", replicate=0) for a in (0.0, 5.0)
    )  # fmt: skip
    follows = [np.mean([np.corrcoef(row[:-1], row[1:])[0, 1] for row in made]) for made in (still, moved)]
    assert abs(follows[0]) < 0.1
    assert follows[1] > 0.3


def test_shocks_are_stationary_with_mean_one() -> None:
    made = np.log(shock(400, 30, seed=5)) + 0.5 * 0.7**2
    for t in (0, 29):
        assert within(made[:, t], 0.0)
        assert within(made[:, t] ** 2, 0.7**2)
    assert within(made[:, 3] * made[:, 10], 0.49 * np.exp(-1.0))
    assert np.array_equal(shock(2, 10, seed=5), shock(400, 30, seed=5)[:2, :10])


def test_order_is_a_fair_shuffle() -> None:
    made = np.array([order(4, seed=1, name="o", replicate=k) for k in range(600)])
    assert (np.sort(made, 1) == np.arange(4)).all()
    for place in range(4):
        assert np.abs(np.bincount(made[:, place], minlength=4) / 600 - 0.25).max() < 0.08


@pytest.mark.parametrize("by_region", [False, True])
def test_rewired_keeps_degrees_and_the_shape_of_the_network(by_region: bool) -> None:
    weights, region = layout(18)
    made = rewired(weights, region if by_region else None, seed=2, replicate=1)
    assert not np.array_equal(made, weights)
    assert not np.diag(made).any()
    assert made.sum(1) == pytest.approx(np.ones(18))
    for side in (0, 1):  # how many each has as neighbours, and how many have it
        assert sorted((made > 0).sum(side)) == sorted((weights > 0).sum(side))
    eigen = [np.sort(np.abs(np.linalg.eigvals(w))) for w in (made, weights)]
    assert eigen[0] == pytest.approx(eigen[1], abs=1e-6)  # the same network with other names
    tie = [[w[np.ix_(region == a, region == b)].sum() for a in range(3) for b in range(3)] for w in (made, weights)]
    if by_region:
        assert tie[0] == pytest.approx(tie[1])  # ties within and between regions stay
    else:
        assert tie[0] != pytest.approx(tie[1])


def test_rewired_has_an_address() -> None:
    weights = rows_to_one(np.triu(np.ones((7, 7)), 1))
    assert np.array_equal(rewired(weights, seed=1, replicate=2), rewired(weights, seed=1, replicate=2))
    assert not np.array_equal(rewired(weights, seed=1, replicate=2), rewired(weights, seed=1, replicate=3))
