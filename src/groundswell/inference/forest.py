"""A second opinion: the posterior by random forests (Raynal and others 2019, Bioinformatics 35, 1720-1728).

One regression forest a free number, grown on draws of the prior; what falls into the leaves of the observed summaries
gives weights (quantile regression forests, Meinshausen 2006). It needs no distance and no choice of summaries, and
fails in other ways than ABC does, which is what it is for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import chance_for
from groundswell.inference.posterior import Posterior, weighted_quantile
from groundswell.inference.smc import Table
from groundswell.inference.space import Floats, Space, below


@dataclass(frozen=True)
class Marginal:
    """The posterior of each free number on its own: z (n, k) shared by all, weights (n, k) with columns of sum 1."""

    space: Space
    z: Floats
    weights: Floats

    def quantile(self, *probabilities: float) -> Floats:
        """Weighted quantiles of the values, (len(probabilities), k)."""
        values = self.space.values(self.z)
        return np.stack([weighted_quantile(values[:, j], self.weights[:, j], probabilities)
                         for j in range(values.shape[1])], axis=1)  # fmt: skip

    def rank(self, truth: Floats) -> Floats:
        """Weighted share of draws below a true z (k,)."""
        made: Floats = ((self.z < truth) * self.weights).sum(axis=0)
        return made

    def contraction(self) -> Floats:
        """As of a Posterior."""
        u = below(self.z)
        centre = (u * self.weights).sum(axis=0)
        made: Floats = 1.0 - 12.0 * (self.weights * (u - centre) ** 2).sum(axis=0)
        return made


def state_of(seed: int, name: str) -> int:
    """The random_state of a forest, from an address."""
    return int(chance_for(seed, f"inference/forest/{name}").key_low) % (2**31)


class Forests:
    """Forests grown on a table once, asked for any observed summaries after. Same table and seed, same answers."""

    def __init__(self, table: Table, space: Space, *, seed: int = 0, trees: int = 200, leaf: int = 5) -> None:
        from sklearn.ensemble import RandomForestRegressor

        self.table, self.space = table, space
        self._forests = []
        self._leaves: list[NDArray[np.int64]] = []
        for j, name in enumerate(space.names):
            forest = RandomForestRegressor(n_estimators=trees, min_samples_leaf=leaf, max_features=1 / 3,
                                           random_state=state_of(seed, name))  # fmt: skip
            forest.fit(table.summaries, table.z[:, j])
            self._forests.append(forest)
            self._leaves.append(forest.apply(table.summaries))

    def posterior(self, observed: Floats) -> Marginal:
        """The marginal posteriors at observed summaries (s,)."""
        weights = np.empty_like(self.table.z)
        for j, (forest, leaves) in enumerate(zip(self._forests, self._leaves, strict=True)):
            same = leaves == forest.apply(observed[None, :])
            weights[:, j] = (same / np.maximum(same.sum(axis=0), 1)).mean(axis=1)
        return Marginal(self.space, self.table.z, weights / weights.sum(axis=0))


def disagreement(one: Posterior | Marginal, other: Posterior | Marginal) -> Floats:
    """How far apart two methods stand, (k,): the difference of medians over the wider of both 90 % half-widths."""
    a, b = one.quantile(0.05, 0.5, 0.95), other.quantile(0.05, 0.5, 0.95)
    half = np.maximum(a[2] - a[0], b[2] - b[0]) / 2
    made: Floats = np.abs(a[1] - b[1]) / np.where(half > 0, half, 1.0)
    return made
