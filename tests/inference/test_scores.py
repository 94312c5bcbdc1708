"""Scores against closed forms, brute force and an independent library; contrasts whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from groundswell.inference.scores import (
    BINS,
    BLOCKS,
    Contrast,
    brier,
    contrast,
    covered,
    crps,
    ignorance,
    interval,
    interval_score,
    log_score,
)

RNG = np.random.default_rng(8)


def brute(seen: float, draws: np.ndarray) -> float:
    m = len(draws)
    pairs = sum(abs(a - b) for i, a in enumerate(draws) for j, b in enumerate(draws) if i != j)
    return float(np.mean(np.abs(draws - seen)) - pairs / (2 * m * (m - 1)))


def test_crps_is_the_mean_over_pairs() -> None:
    draws, seen = RNG.poisson(4.0, (3, 2, 9)), RNG.poisson(4.0, (3, 2))
    made = crps(seen, draws)
    assert made.shape == (3, 2)
    for at, got in np.ndenumerate(made):
        assert got == pytest.approx(brute(seen[at], draws[at]))


def test_crps_of_a_normal_and_of_one_draw() -> None:
    draws = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    for y in (-1.3, 0.0, 2.5):
        exact = y * (2 * stats.norm.cdf(y) - 1) + 2 * stats.norm.pdf(y) - 1 / np.pi**0.5  # Gneiting and Raftery 2007
        assert float(crps(y, draws)) == pytest.approx(exact, abs=1e-3)
    assert float(crps(3.0, [5.0])) == 2.0


@pytest.mark.slow  # the library takes seconds to import
def test_crps_is_that_of_an_independent_library() -> None:
    scoringrules = pytest.importorskip("scoringrules")
    draws, seen = RNG.gamma(2.0, 3.0, (40, 25)), RNG.gamma(2.0, 3.0, 40)
    assert crps(seen, draws) == pytest.approx(scoringrules.crps_ensemble(seen, draws, estimator="fair"))


def test_fair_crps_does_not_reward_a_number_of_draws() -> None:
    few, many = (np.mean([crps(y, RNG.normal(size=m)) for y in RNG.normal(size=3000)]) for m in (3, 60))
    assert few == pytest.approx(many, abs=0.05)  # both 1 / sqrt(pi) = 0.564 for an honest forecaster
    assert many == pytest.approx(1 / np.pi**0.5, abs=0.03)


def test_weighted_crps_is_that_of_repeated_draws() -> None:
    draws, times = np.array([4.0, 1.0, 9.0, 2.0]), np.array([3, 1, 2, 1])
    repeated = np.repeat(draws, times)
    pairs = np.abs(repeated[:, None] - repeated).mean()
    expected = np.abs(repeated - 3.0).mean() - pairs / 2
    assert float(crps(3.0, draws, times)) == pytest.approx(expected)
    assert float(crps(3.0, draws, 10 * times)) == pytest.approx(expected)
    same = crps([3.0, 8.0], np.stack([draws, draws + 1]), times)
    assert same.shape == (2,)
    with pytest.raises(ValueError, match="weights"):
        crps(3.0, draws, [1, 2])
    with pytest.raises(ValueError, match="weights"):
        crps(3.0, draws, [1, 2, -1, 0])


def test_ignorance_counts_draws_in_the_bin() -> None:
    draws = np.array([0, 0, 0, 1, 2, 3, 7, 60, 2000, 2000])
    for y, held in ((0, 3), (1, 2), (2, 2), (4, 1), (9, 1), (20, 0), (70, 1), (1e9, 2)):
        assert float(ignorance(y, draws)) == pytest.approx(-np.log2((held + 1) / (10 + len(BINS))))
    assert float(ignorance(-1, draws)) == float(ignorance(0, draws))


def test_ignorance_of_equal_masses_is_the_entropy() -> None:
    assert float(ignorance(3, np.arange(8000) % 8, np.arange(8))) == pytest.approx(3.0)


def test_interval_score_is_that_of_its_formula() -> None:
    draws = np.arange(1001.0)
    low, high = interval(draws)
    assert (low, high) == pytest.approx((25.0, 975.0))
    assert float(interval_score(500, draws)) == pytest.approx(950.0)
    assert float(interval_score(20, draws)) == pytest.approx(950 + 40 * 5)
    assert float(interval_score(985, draws)) == pytest.approx(950 + 40 * 10)
    assert float(interval_score(900, draws, 0.5)) == pytest.approx(500 + 4 * 150)
    assert [bool(covered(y, draws)) for y in (24, 26, 974, 976)] == [False, True, True, False]


def test_honest_intervals_cover_as_often_as_they_say() -> None:
    seen, draws = RNG.normal(size=4000), RNG.normal(size=(4000, 200))
    for level in (0.5, 0.95):
        assert covered(seen, draws, level).mean() == pytest.approx(level, abs=0.03)


@pytest.mark.parametrize("score", [crps, ignorance, interval_score])
def test_an_honest_forecaster_wins(score: object) -> None:
    seen = RNG.poisson(6.0, 1500)
    honest = score(seen, RNG.poisson(6.0, (1500, 300))).mean()  # type: ignore[operator]
    for other in (RNG.poisson(3.0, (1500, 300)), RNG.poisson(9.0, (1500, 300)), np.full((1500, 300), 6)):
        assert honest < score(seen, other).mean()  # type: ignore[operator]


def test_scores_of_chances() -> None:
    assert brier([1, 0, 1], [1.0, 0.5, 0.2]) == pytest.approx([0.0, 0.25, 0.64])
    assert log_score([1, 0], [0.5, 0.2]) == pytest.approx([np.log(2), -np.log(0.8)])
    assert log_score([1, 0], [0.0, 1.0], 1e-4) == pytest.approx([-np.log(1e-4)] * 2)


def test_shapes_that_do_not_fit_are_refused() -> None:
    for score in (crps, ignorance, interval_score, covered):
        with pytest.raises(ValueError, match="one dimension more"):
            score([1.0, 2.0], [1.0, 2.0, 3.0])


def test_contrast_has_the_error_of_independent_differences() -> None:
    ours, theirs = RNG.normal(0.0, 1.0, 60), np.zeros(60)
    made = contrast(ours, theirs)
    assert made.difference == pytest.approx(ours.mean())
    assert made.error == pytest.approx(ours.std(ddof=0) / 60**0.5, rel=0.12)  # a resample has the spread of the sample
    assert made.blocks == 60
    assert contrast(ours, theirs) == made
    assert contrast(ours, theirs, seed=1).error != made.error


def test_contrast_keeps_blocks_together() -> None:
    """Entries of a block that are all alike are one piece of evidence, not twenty."""
    levels = RNG.normal(0.0, 1.0, 25)
    ours, block = np.repeat(levels, 20), np.repeat(np.arange(25), 20)
    kept, apart = contrast(ours, 0 * ours, block), ours.std() / 500**0.5
    assert kept.error == pytest.approx(levels.std(ddof=1) / 5, rel=0.15)
    assert kept.error > 3 * apart
    named = contrast(ours, 0 * ours, np.array([f"country {b:02d}" for b in block]))
    assert named == kept


def test_what_a_contrast_says() -> None:
    assert Contrast(-1.0, 0.4, 9).says == "wins"
    assert Contrast(1.0, 0.4, 9).says == "loses"
    assert Contrast(-0.7, 0.4, 9).says == "no difference seen"
    assert Contrast(-9.0, 0.1, BLOCKS - 1).says == "too few forecasts for a standard error"
    one = contrast([1.0, 2.0], [0.0, 0.0], [3, 3])
    assert (one.difference, one.blocks, one.says) == (1.5, 1, "too few forecasts for a standard error")
    assert Contrast(0.0, 0.0, 9).says == "no difference seen"


def test_equal_forecasters_seldom_differ() -> None:
    says = [contrast(RNG.normal(size=40), RNG.normal(size=40), draws=100, seed=k).says for k in range(80)]
    assert says.count("no difference seen") / 80 > 0.88
