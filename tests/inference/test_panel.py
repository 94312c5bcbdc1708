"""The statistical twin's likelihood: gradient, closed forms, parameters found again, intervals, refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from groundswell.errors import GroundswellError
from groundswell.inference.panel import (
    FIRST,
    Likelihood,
    Panel,
    _crossing,
    ahead,
    basis,
    fit,
    interval,
    memory_of,
    own,
    rows_to_one,
    through,
)
from groundswell.inference.panel_draws import WARM, draw, shock
from groundswell.inference.power import layout


def made(places: int = 12, days: int = 300, level: float = 0.8, *, own_: float = 0.4, network: float = 0.3,
         dispersion: float = 0.5, replicate: int = 0) -> Panel:  # fmt: skip
    weights, region = layout(places)
    background = np.full((places, days + WARM), level) * shock(1, days + WARM, replicate=replicate)
    counts = draw(background, weights, own=own_, network=network, dispersion=dispersion, replicate=replicate)
    return Panel(counts[:, WARM:], tuple(f"p{k}" for k in range(places)), weights, region)


def alone(counts: list[list[int]]) -> Panel:
    held = np.array(counts, "i8")
    n = len(held)
    return Panel(held, tuple(f"p{k}" for k in range(n)), np.zeros((n, n)), np.zeros(n, "i8"))


@pytest.mark.parametrize("effects", ["constant", "day", "region-day", 7])
@pytest.mark.parametrize("blocked", [False, True])
def test_gradient_is_that_of_finite_differences(effects: str | int, blocked: bool) -> None:
    panel = made(places=8, days=21)
    if blocked:
        panel = replace(panel, block=np.arange(21) // 10)
    terms = {"own": own(panel, 3), "network": through(panel, 3), "ahead": ahead(panel, 3)}
    problem = Likelihood(panel, terms, effects)
    x = problem.begin() + 0.3 * np.sin(np.arange(problem.begin().size))
    x[-4:-1] = 0.1, 0.0, 0.3  # coefficients are not below 0
    at = problem(x)[1]
    numeric = optimize.approx_fprime(x, lambda v: problem(v)[0], 1e-6)
    assert np.abs(at - numeric).max() < 2e-4 * max(1.0, np.abs(at).max())


def test_without_terms_a_place_has_its_mean() -> None:
    panel = alone([[0, 1, 2, 1, 0, 3, 0, 1, 1, 1], [5, 9, 2, 7, 4, 4, 6, 8, 3, 2]])
    found = fit(panel, {}, effects="constant")
    assert found.mean[:, 0] == pytest.approx(panel.counts.mean(1), rel=1e-3)
    assert found.coefficients.size == 0


def test_dispersion_is_that_of_one_negative_binomial() -> None:
    counts = stats.nbinom.rvs(0.7, 0.7 / (0.7 + 4.0), size=600, random_state=4)
    found = fit(alone([counts.tolist()]), {}, effects="constant")

    def loss(log_k: float) -> float:
        k = np.exp(log_k)
        return -stats.nbinom.logpmf(counts, k, k / (k + counts.mean())).sum()

    best = optimize.minimize_scalar(loss, bounds=(-3, 5), method="bounded")
    assert found.dispersion == pytest.approx(np.exp(-best.x), rel=1e-2)
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-3)


def test_poisson_counts_have_no_dispersion() -> None:
    counts = stats.poisson.rvs(2.0, size=400, random_state=1)
    assert fit(alone([counts.tolist()]), {}, effects="constant").dispersion < 0.07  # two standard errors


def test_day_effects_of_poisson_counts_are_the_shares_of_places() -> None:
    """With free days and no terms the fitted mean is row total times column total over all: a contingency table."""
    counts = stats.poisson.rvs(3.0, size=(6, 20), random_state=2)
    found = fit(alone(counts.tolist()), {}, effects="day")
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    assert found.dispersion < 0.01
    assert found.mean == pytest.approx(expected, rel=0.03)


def test_parameters_are_found_again() -> None:
    """Coefficients within four standard errors over records, where days move background and excitation alike."""
    weights, region = layout(12)
    fits = []
    for k in range(8):
        level = np.full((12, 360), 0.8)
        panel = Panel(draw(level, weights, own=0.4, network=0.3, replicate=k)[:, WARM:],
                      tuple(map(str, range(12))), weights, region)  # fmt: skip
        found = fit(panel, {"own": own(panel, 3), "network": through(panel, 3)}, effects="day")
        assert found.converged
        fits.append([found.of("own"), found.of("network"), found.background.mean()])
    mean, error = np.mean(fits, 0), np.std(fits, 0, ddof=1) / 8**0.5
    assert (np.abs(mean - [0.4, 0.3, 0.8]) < 4 * error).all()
    assert (error < [0.02, 0.05, 0.12]).all()  # it is found, not only not excluded


def test_free_days_take_some_of_the_dispersion() -> None:
    """A free number a day costs about one place's worth of it: too low with few places, less so with many."""
    few, many = (
        np.mean([fit(panel, {"own": own(panel, 3)}, effects="day").dispersion
                 for panel in (made(places=n, days=200, network=0.0, replicate=k) for k in range(3))])
        for n in (6, 36)
    )  # fmt: skip
    assert 0.2 < few < 0.42
    assert 0.42 < many < 0.55


def test_an_interval_ends_where_the_profile_has_fallen_and_covers() -> None:
    held = 0
    for k in range(8):
        panel = made(places=8, days=100, network=0.3, replicate=20 + k)
        terms = {"own": own(panel, 3), "network": through(panel, 3)}
        found = fit(panel, terms, effects="day")
        low, high = interval(panel, terms, "network", found)
        assert low <= found.of("network") <= high
        held += low <= 0.3 <= high
        if k == 0:
            for end in (low, high):
                fixed = fit(panel, terms, effects="day", start=found, fixed={"network": end})
                assert fixed.of("network") == end
                fall = 2 * (found.log_likelihood - fixed.log_likelihood)
                assert end == 0 or fall == pytest.approx(2.7055, abs=0.15)
    assert held >= 5  # 90 % intervals: fewer than 5 of 8 would come once in 200 times


def test_crossing_of_a_parabola() -> None:
    fall = lambda v: (v - 1.0) ** 2 * 9.0 - 2.7055  # noqa: E731
    assert _crossing(fall, 1.0, 5.0, 0.1, 2.7055) == pytest.approx(1 + (2.7055 / 9) ** 0.5, rel=0.01)
    assert _crossing(lambda v: -1.0, 0.0, 5.0, 0.1, 1.0) == 5.0
    assert _crossing(lambda v: 50 * v**2 - 0.5, 0.0, 5.0, 3.0, 0.5) == pytest.approx(
        0.1, rel=0.02
    )  # first step too long


def test_an_interval_of_another_level_is_narrower() -> None:
    panel = made(places=8, days=100, replicate=20)
    terms = {"own": own(panel, 3), "network": through(panel, 3)}
    found = fit(panel, terms)
    wide, narrow = (interval(panel, terms, "network", found, drop=drop) for drop in (2.7055, 0.5))
    assert wide[0] <= narrow[0] < narrow[1] < wide[1]
    held = fit(panel, terms, start=found, fixed={"network": narrow[1]})
    assert 2 * (found.log_likelihood - held.log_likelihood) == pytest.approx(0.5, abs=0.05)


def test_a_warm_start_ends_at_the_same_fit() -> None:
    panel = made(days=120)
    terms = {"own": own(panel, 3), "network": through(panel, 3)}
    cold = fit(panel, terms)
    warm = fit(panel, terms, start=fit(panel, {"own": terms["own"]}))
    assert warm.log_likelihood == pytest.approx(cold.log_likelihood, abs=0.02)
    assert warm.of("network") == pytest.approx(cold.of("network"), abs=0.01)


def test_the_parts_of_a_fit_add_up() -> None:
    panel = made(days=100)
    terms = {"own": own(panel, 3), "network": through(panel, 3)}
    found = fit(panel, terms)
    pushed = sum(found.of(name) * term for name, term in terms.items())
    assert found.mean == pytest.approx(found.background + found.gain * pushed, rel=1e-6)
    shares = [found.share(name, term) for name, term in terms.items()]
    assert sum(shares) + found.background.sum() / found.mean.sum() == pytest.approx(1.0, rel=1e-6)
    held = sum(terms.values())
    assert (found.gain * held).sum() / held.sum() == pytest.approx(1.0)
    assert found.of("nothing") == 0.0


def test_empty_days_and_places_do_no_harm() -> None:
    counts = made(places=6, days=60).counts.copy()
    counts[:, 10:20], counts[2] = 0, 0
    panel = replace(made(places=6, days=60), counts=counts)
    terms = {"own": own(panel, 3), "network": through(panel, 3)}
    for effects in ("constant", "day", "region-day", 7):
        found = fit(panel, terms, effects=effects)
        assert np.isfinite(found.log_likelihood)
        assert np.isfinite(found.mean).all()
    nothing = fit(replace(panel, counts=np.zeros_like(counts)), {}, effects="day")
    assert nothing.mean.max() < 1e-3


def test_places_in_another_order_give_the_same_fit() -> None:
    panel = made(places=8, days=150)
    moved = np.array([3, 1, 7, 0, 6, 2, 5, 4])
    other = Panel(panel.counts[moved], tuple(panel.places[k] for k in moved), panel.weights[np.ix_(moved, moved)],
                  panel.region[moved])  # fmt: skip
    for effects in ("day", "region-day"):
        one, two = (fit(p, {"own": own(p, 3), "network": through(p, 3)}, effects=effects) for p in (panel, other))
        assert two.log_likelihood == pytest.approx(one.log_likelihood, abs=0.02)
        assert two.coefficients == pytest.approx(one.coefficients, abs=0.01)


def test_terms_look_the_way_they_say() -> None:
    counts = np.zeros((3, 20), "i8")
    counts[1, 10] = 6
    weights = np.array([[0, 1.0, 0], [0.5, 0, 0.5], [0, 0, 0]])
    panel = Panel(counts, ("a", "b", "c"), weights, np.zeros(3, "i8"))
    assert own(panel, 1.0)[1].tolist() == [0] * 11 + [6] + [0] * 8  # a memory of one day is the day before
    assert np.flatnonzero(through(panel, 4)[0] > 0).tolist() == list(range(11, 20))
    assert np.flatnonzero(ahead(panel, 4)[0] > 0).tolist() == list(range(10))
    assert not through(panel, 4)[1:].any()
    assert through(panel, 4, np.zeros((3, 3))).sum() == 0
    lag = np.arange(1, 200)
    held = memory_of(np.eye(1, 200), 6.0)[0, 1:]
    assert (held * lag).sum() == pytest.approx(6.0)  # the mean delay is that asked for


def test_rows_to_one_keeps_empty_rows() -> None:
    assert rows_to_one(np.array([[0, 2], [0, 0]])).tolist() == [[0, 1], [0, 0]]


def test_knots_make_hats() -> None:
    made_ = basis(7, 20, 1).toarray()
    assert made_.sum(1) == pytest.approx(1.0)
    assert made_[7].tolist() == [0, 1, 0, 0]
    assert made_[10] == pytest.approx([0, 4 / 7, 3 / 7, 0])


def test_days_follow_the_first() -> None:
    panel = replace(alone([[1] * 10]), first=np.datetime64("2019-10-01"))
    assert panel.days[[0, -1]].astype(str).tolist() == ["2019-10-01", "2019-10-10"]
    assert np.datetime64("2000-01-01") == FIRST


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"counts": np.zeros((2, 9), "i8")}, "at least 1 by 10"),
        ({"counts": np.full((2, 12), -1)}, "below 0"),
        ({"places": ("a",)}, "one name, region and row a place"),
        ({"region": np.zeros(3, "i8")}, "do not fit"),
        ({"weights": np.eye(2)}, "its own neighbour"),
        ({"weights": np.array([[0, -1.0], [0, 0]])}, "below 0"),
        ({"block": np.zeros(5, "i8")}, "another number of days"),
    ],
)
def test_refused_panels(change: dict[str, object], words: str) -> None:
    with pytest.raises(GroundswellError, match=words):
        replace(alone([[1] * 12, [2] * 12]), **change)


@pytest.mark.parametrize("effects", ["weekly", 1, 2.5])
def test_refused_effects(effects: object) -> None:
    with pytest.raises(GroundswellError, match="region-day, or days between knots"):
        fit(alone([[1] * 12]), {}, effects=effects)  # type: ignore[arg-type]


def test_refused_terms() -> None:
    panel = alone([[1] * 12])
    with pytest.raises(GroundswellError, match="make them from the same panel"):
        fit(panel, {"own": np.zeros((1, 11))})
    with pytest.raises(GroundswellError, match="at least 1 day"):
        own(panel, 0.5)
