"""Scores of forecasts given as draws, and whether one forecaster beats another by more than chance.

All are losses: lower is better. CRPS, IGN and MIS follow the definitions of the science brief, C9.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from groundswell.chance import chance_for, uniform

Floats = NDArray[np.float64]
# Edges of IGN's bins: 0, then widening ones; the last is open. guess: the brief says "binned" and no edges.
BINS = (0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)

BLOCKS = 8  # guess: fewer give no standard error worth printing


def _pair(seen: ArrayLike, draws: ArrayLike) -> tuple[Floats, Floats]:
    y, x = np.asarray(seen, float), np.asarray(draws, float)
    if x.shape[:-1] != y.shape or x.shape[-1] < 1:
        raise ValueError(f"draws {x.shape} are those of what was seen {y.shape}, with one dimension more")
    return y, np.sort(x, axis=-1)


def crps(seen: ArrayLike, draws: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Continuous ranked probability score E|X - y| - E|X - X'| / 2, over pairs of different draws; shape of `seen`.

    By probability-weighted moments, which is the unbiased ("fair") estimator in one sort (Zamo and Naveau 2018,
    Mathematical Geosciences 50, 209-234). One draw gives the absolute error. `draws` has the draws in its last axis.
    `weights` (draw) are those of a weighted sample, not negative, in any unit: the score is then that of the weighted
    draws as a distribution, all pairs counted. Raises ValueError where shapes do not fit.
    """
    if weights is not None:
        return _weighted(seen, draws, np.asarray(weights, float))
    y, x = _pair(seen, draws)
    m = x.shape[-1]
    first = np.abs(x - y[..., None]).mean(-1)
    if m == 1:
        return first  # type: ignore[no-any-return]
    b0, b1 = x.mean(-1), (x * np.arange(m)).sum(-1) / (m * (m - 1))
    made: Floats = first + b0 - 2 * b1
    return made


def _weighted(seen: ArrayLike, draws: ArrayLike, weights: Floats) -> Floats:
    x, y = np.asarray(draws, float), np.asarray(seen, float)
    if weights.shape != x.shape[-1:] or not weights.sum() > 0 or weights.min() < 0:
        raise ValueError(f"weights {weights.shape} are those of draws {x.shape}: one a draw, none below 0")
    order = np.argsort(x, axis=-1, kind="stable")
    x, w = np.take_along_axis(x, order, -1), (weights / weights.sum())[order]
    before = np.cumsum(w, -1) - w
    made: Floats = (w * np.abs(x - y[..., None])).sum(-1) - (w * x * (2 * before + w - 1)).sum(-1)
    return made


def ignorance(seen: ArrayLike, draws: ArrayLike, bins: ArrayLike = BINS) -> Floats:
    """-log2 of the forecast mass of the bin that was seen, each bin given one draw more; shape of `seen`.

    `bins` are the lower edges of the bins; the last has no upper one. Values below the first edge go to the first bin.
    """
    y, x = _pair(seen, draws)
    edges = np.asarray(bins, float)
    held = np.searchsorted(edges[1:], x, side="right")
    at = np.searchsorted(edges[1:], y, side="right")
    mass = ((held == at[..., None]).sum(-1) + 1) / (x.shape[-1] + edges.size)
    made: Floats = -np.log2(mass)
    return made


def interval(draws: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """The central interval of the draws: its lower and upper end."""
    low, high = np.quantile(np.asarray(draws, float), [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return low, high


def interval_score(seen: ArrayLike, draws: ArrayLike, level: float = 0.95) -> Floats:
    """Width of the central interval and 2 / (1 - level) times the miss (Gneiting and Raftery 2007); MIS is its mean."""
    y, _ = _pair(seen, draws)
    low, high = interval(draws, level)
    made: Floats = high - low + 2 / (1 - level) * (np.maximum(low - y, 0) + np.maximum(y - high, 0))
    return made


def covered(seen: ArrayLike, draws: ArrayLike, level: float = 0.95) -> NDArray[np.bool_]:
    """Whether the central interval holds what was seen."""
    y, _ = _pair(seen, draws)
    low, high = interval(draws, level)
    made: NDArray[np.bool_] = (low <= y) & (y <= high)
    return made


def brier(seen: ArrayLike, chance: ArrayLike) -> Floats:
    """(p - y)^2 for y 0 or 1."""
    made: Floats = (np.asarray(chance, float) - np.asarray(seen, float)) ** 2
    return made


def log_score(seen: ArrayLike, chance: ArrayLike, least: float = 1e-6) -> Floats:
    """-log of the chance given to what was seen (0 or 1); chances are kept `least` away from 0 and 1."""
    p = np.clip(np.asarray(chance, float), least, 1 - least)
    made: Floats = -np.where(np.asarray(seen, bool), np.log(p), np.log1p(-p))
    return made


class Contrast(NamedTuple):
    """Mean loss of one less that of another, its standard error, and how many blocks it rests on."""

    difference: float
    error: float
    blocks: int

    @property
    def says(self) -> str:
        """wins, loses, or no difference seen: beyond two standard errors, on at least BLOCKS blocks."""
        if self.blocks < BLOCKS or not np.isfinite(self.error):
            return "too few forecasts for a standard error"
        if abs(self.difference) <= 2 * self.error:
            return "no difference seen"
        return "wins" if self.difference < 0 else "loses"


def contrast(ours: ArrayLike, theirs: ArrayLike, block: ArrayLike | None = None, *, draws: int = 1000, seed: int = 0,
             name: str = "contrast") -> Contrast:  # fmt: skip
    """Paired comparison of losses (n,) with a bootstrap over blocks (origins of a forecast, or countries).

    What is in one block is kept together, as errors within it go together; by default each entry is a block. Address
    (seed, name), row the place in a resample, step the resample.
    """
    gap = np.asarray(ours, float) - np.asarray(theirs, float)
    of = np.arange(gap.size) if block is None else np.unique(np.asarray(block), return_inverse=True)[1]
    n = int(of.max()) + 1
    total, size = np.bincount(of, gap, n), np.bincount(of, minlength=n)
    if n < 2:
        return Contrast(float(gap.mean()), float("nan"), n)
    means = np.empty(draws)
    for k in range(draws):
        where = chance_for(seed, name, k)
        chosen = np.array([int(uniform(where, row, 0) * n) for row in range(n)])
        means[k] = total[chosen].sum() / size[chosen].sum()
    return Contrast(float(gap.mean()), float(means.std(ddof=1)), n)
