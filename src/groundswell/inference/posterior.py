"""A posterior as weighted draws, however it was found, and what is read off it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from groundswell.chance import chance_for, uniform
from groundswell.inference.space import Floats, Space, below


@dataclass(frozen=True)
class Posterior:
    """Draws z (n, k) with weights (n,) that sum to 1; `method` says how they were found.

    `summaries` (n, s) are those simulated at the draws before any adjustment.
    """

    method: str
    space: Space
    z: Floats
    weights: Floats
    summaries: Floats

    @property
    def u(self) -> Floats:
        """Probability of the prior below each draw, (n, k): even under the prior."""
        return below(self.z)

    @property
    def effective(self) -> float:
        """Number of equally weighted draws that would say as much."""
        return float(1.0 / (self.weights**2).sum())

    def values(self) -> Floats:
        """Values (n, k) of the free numbers."""
        return self.space.values(self.z)

    def quantile(self, *probabilities: float) -> Floats:
        """Weighted quantiles of the values, (len(probabilities), k)."""
        values = self.values()
        return np.stack([weighted_quantile(values[:, j], self.weights, probabilities)
                         for j in range(values.shape[1])], axis=1)  # fmt: skip

    def rank(self, truth: Floats) -> Floats:
        """Weighted share of draws below a true z (k,): even from 0 to 1 if the posterior is right."""
        made: Floats = ((self.z < truth) * self.weights[:, None]).sum(axis=0)
        return made

    def contraction(self) -> Floats:
        """How much narrower than the prior, (k,): 1 less the ratio of variances of u; 0 where nothing was learned."""
        centre = self.weights @ self.u
        variance = self.weights @ (self.u - centre) ** 2
        made: Floats = 1.0 - 12.0 * variance  # the variance of u is 1/12 under the prior
        return made

    def equal(self, draws: int, seed: int = 0) -> Posterior:
        """As equally weighted draws, by systematic resampling from one addressed number."""
        start = float(uniform(chance_for(seed, f"inference/resample/{self.method}"), 0, 0))
        at = (start + np.arange(draws)) / draws
        edges = np.cumsum(self.weights)
        rows = np.minimum(np.searchsorted(edges / edges[-1], at, side="right"), len(edges) - 1)
        return Posterior(self.method, self.space, self.z[rows], np.full(draws, 1.0 / draws), self.summaries[rows])


def weighted_quantile(values: Floats, weights: Floats, probabilities: tuple[float, ...]) -> Floats:
    """Quantiles of weighted numbers (n,): the middle of each weight's step, by straight lines between."""
    order = np.argsort(values, kind="stable")
    sorted_weights = weights[order]
    middle = np.cumsum(sorted_weights) - 0.5 * sorted_weights
    made: Floats = np.interp(probabilities, middle / sorted_weights.sum(), values[order])
    return made
