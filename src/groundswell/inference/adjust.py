"""Regression adjustment: move each draw by what the difference of its summaries explains (Beaumont and others 2002).

Local-linear regression with Epanechnikov weights (Genetics 162, 2025-2035), by ridge with a small penalty, as Blum,
Nunes, Prangle and Sisson 2013 (Statistical Science 28, 189-208) advise where summaries are many or go together.
It is done on z, so that no draw leaves the range of its prior.
"""

from __future__ import annotations

import numpy as np

from groundswell.inference.posterior import Posterior
from groundswell.inference.smc import Population, Table, distance, spread
from groundswell.inference.space import Floats, Space

RIDGE = 1e-3  # of the summed weights; guess: small against what is explained, large against rounding


def rejection(table: Table, space: Space, observed: Floats, *, nearest: int, adjust: bool = True) -> Posterior:
    """The `nearest` rows of a table of prior draws, by scaled distance, regression-adjusted."""
    scale = spread(table.summaries)
    gap = distance(table.summaries, observed, scale)
    rows = np.sort(np.argsort(gap, kind="stable")[: min(nearest, len(gap))])
    z, summaries, gap = table.z[rows], table.summaries[rows], gap[rows]
    equal = np.full(len(rows), 1.0 / len(rows))
    if not adjust:
        return Posterior("rejection", space, z, equal, summaries)
    z, weights = local_linear(z, summaries, gap, equal, observed, scale)
    return Posterior("rejection, adjusted", space, z, weights, summaries)


def adjusted(population: Population, space: Space, observed: Floats) -> Posterior:
    """The particles of SMC, regression-adjusted."""
    z, weights = local_linear(population.z, population.summaries, population.distances, population.weights, observed,
                              population.scale)  # fmt: skip
    return Posterior("SMC, adjusted", space, z, weights, population.summaries)


def plain(population: Population, space: Space) -> Posterior:
    """The particles of SMC as they are."""
    return Posterior("SMC", space, population.z, population.weights, population.summaries)


def local_linear(z: Floats, summaries: Floats, gap: Floats, weights: Floats, observed: Floats,
                 scale: Floats) -> tuple[Floats, Floats]:  # fmt: skip
    """Adjusted z (n, k) and weights (n,). Draws whose linear prediction explains nothing are left where they are."""
    reach = gap.max() * (1 + 1e-9)
    near = weights * (1 - (gap / reach) ** 2 if reach > 0 else 1.0)
    near = near / near.sum()
    x = (summaries - observed) / scale
    x = x[:, x.std(axis=0) > 0]
    if x.shape[1] == 0 or len(x) < x.shape[1] + 2:
        return z, near
    design = np.concatenate([np.ones((len(x), 1)), x], axis=1)
    gram = (design.T * near) @ design
    penalty = RIDGE * np.diag(gram) * np.r_[0.0, np.ones(x.shape[1])]
    slopes = np.linalg.solve(gram + np.diag(penalty), (design.T * near) @ z)
    return z - x @ slopes[1:], near
