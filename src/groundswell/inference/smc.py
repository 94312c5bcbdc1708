"""Batch ABC-SMC: a population of weighted particles that moves towards the data, a fixed number of simulations a step.

The scheme is the adaptive population Monte Carlo of Lenormand, Jabot and Deffuant 2013 (Computational Statistics 28,
2777-2796): each generation adds new particles around those it has and keeps the best of both, so its cost is known
beforehand and it runs in stacked batches. Distances are scaled anew each generation by the spread of the summaries
just simulated (Prangle 2017, Bayesian Analysis 12, 289-309), and all that are kept are measured again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import chance_for
from groundswell.errors import GroundswellError, Problem
from groundswell.inference.simulator import Simulator
from groundswell.inference.space import Floats, normals, uniforms
from groundswell.inference.work import Work


@dataclass(frozen=True)
class SMC:
    """Settings. `particles` are simulated from the prior; the best share `keep` of them lives on; each of at most
    `generations` adds as many new ones as were dropped. It stops early when fewer than `least` of the new ones are
    kept. `widen` times the weighted covariance is the kernel's (2 in Lenormand and others 2013).
    """

    particles: int = 2000
    generations: int = 8
    keep: float = 0.5
    least: float = 0.03
    widen: float = 2.0

    def __post_init__(self) -> None:
        if self.particles < 20 or not 0.05 <= self.keep <= 0.95 or self.generations < 0:
            raise GroundswellError(Problem("smc-settings", "SMC", "has settings that cannot work",
                                           "give 20 particles or more, keep from 0.05 to 0.95"))  # fmt: skip

    @property
    def kept(self) -> int:
        """Particles that live on."""
        return max(10, round(self.particles * self.keep))

    @property
    def simulations(self) -> int:
        """How many simulations it takes at most."""
        return self.particles + self.generations * (self.particles - self.kept)


@dataclass(frozen=True)
class Generation:
    """One step: its tolerance, the share of new particles kept, effective number of particles, simulations so far."""

    tolerance: float
    accepted: float
    effective: float
    simulations: int


@dataclass(frozen=True)
class Population:
    """Weighted particles: z (n, k), summaries (n, s), distances (n,), weights (n,) with sum 1, the scale (s,)."""

    z: Floats
    summaries: Floats
    distances: Floats
    weights: Floats
    scale: Floats
    history: tuple[Generation, ...]


@dataclass(frozen=True)
class Table:
    """Draws of the prior and what they gave: z (n, k), summaries (n, s)."""

    z: Floats
    summaries: Floats


def prior_table(simulator: Simulator, size: int, work: Work, seed: int, first: int = 0, name: str = "prior") -> Table:
    """Simulations first to first + size - 1 at prior draws; the same rows whoever asks, with the same seed."""
    z = simulator.space.prior(chance_for(seed, "inference/prior"), first, size)
    return Table(z, work.table(simulator, simulator.space.values(z), first, name))


def smc(simulator: Simulator, observed: Floats, *, method: SMC | None = None, seed: int = 0, work: Work | None = None,
        table: Table | None = None, name: str = "smc", start: int = 0) -> Population:  # fmt: skip
    """Fit to observed summaries (s,). `table` is the first generation, where it is there already.

    Chances have the address (seed, name, generation, particle); new particles are simulations start + particles on.
    """
    method, work = method or SMC(), work or Work()
    table = table or prior_table(simulator, method.particles, work, seed)
    made = len(table.z)
    scale = spread(table.summaries)
    distances = distance(table.summaries, observed, scale)
    chosen = _best(distances, min(method.kept, made))
    z, summaries, distances = table.z[chosen], table.summaries[chosen], distances[chosen]
    raw = np.ones(len(z))  # prior over proposal: these came from the prior
    history = [Generation(float(distances.max()), len(z) / made, float(len(z)), made)]
    count = max(1, method.particles - method.kept)
    for generation in range(1, method.generations + 1):
        work.say(f"generation {generation}: tolerance {history[-1].tolerance:.3g}, best {distances.min():.3g}")
        weights = raw / raw.sum()
        new_z, new_raw = _propose(z, weights, count, method.widen, seed, name, generation)
        new_s = work.table(simulator, simulator.space.values(new_z), start + made, f"{name}-{generation:02d}")
        made += count
        scale = spread(new_s, scale)
        pool_z, pool_s = np.concatenate([z, new_z]), np.concatenate([summaries, new_s])
        pool_raw = np.concatenate([raw, new_raw])
        pool_d = distance(pool_s, observed, scale)
        chosen = _best(pool_d, len(z))
        accepted = float(np.mean(np.isin(np.arange(len(z), len(pool_z)), chosen)))
        z, summaries, distances, raw = pool_z[chosen], pool_s[chosen], pool_d[chosen], pool_raw[chosen]
        effective = float(raw.sum() ** 2 / (raw**2).sum())
        history.append(Generation(float(distances.max()), accepted, effective, made))
        if accepted < method.least:
            break
    return Population(z, summaries, distances, raw / raw.sum(), scale, tuple(history))


def spread(summaries: Floats, before: Floats | None = None) -> Floats:
    """Median absolute deviation of each summary (s,); where it is 0 the standard deviation, or what it was before."""
    centre = np.median(summaries, axis=0)
    made = 1.4826 * np.median(np.abs(summaries - centre), axis=0)
    made = np.where(made > 0, made, summaries.std(axis=0))
    fallback = np.ones_like(made) if before is None else before
    found: Floats = np.where(made > 0, made, fallback)
    return found


def distance(summaries: Floats, observed: Floats, scale: Floats) -> Floats:
    """Root mean square of scaled differences, (n,)."""
    total = np.zeros(len(summaries))
    for j in range(summaries.shape[1]):  # in order: a sum by blocks would depend on the number of rows
        total += ((summaries[:, j] - observed[j]) / scale[j]) ** 2
    made: Floats = np.sqrt(total / max(1, summaries.shape[1]))
    return made


def _best(distances: Floats, count: int) -> NDArray[np.int64]:
    """The nearest, in the order in which they were made; of equals the first made."""
    made: NDArray[np.int64] = np.sort(np.argsort(distances, kind="stable")[:count])
    return made


def _propose(z: Floats, weights: Floats, count: int, widen: float, seed: int, name: str,
             generation: int) -> tuple[Floats, Floats]:  # fmt: skip
    """New particles (count, k) from a normal kernel around weighted old ones, and prior over proposal of each."""
    k = z.shape[1]
    chance = chance_for(seed, f"inference/{name}", generation)
    edges = np.cumsum(weights)
    parents = np.searchsorted(edges / edges[-1], uniforms(chance, 0, count)[:, 0], side="right")
    centre = weights @ z
    covariance = widen * ((z - centre).T * weights) @ (z - centre) + 1e-9 * np.eye(k)
    root = np.linalg.cholesky(covariance)
    new = z[np.minimum(parents, len(z) - 1)] + normals(chance, 0, count, k, slot=1) @ root.T
    inverse = np.linalg.inv(root)
    old_w, new_w = z @ inverse.T, new @ inverse.T
    density = np.zeros(count)
    for i in range(0, count, 256):  # by parts: memory stays small
        gap = ((new_w[i : i + 256, None, :] - old_w[None, :, :]) ** 2).sum(axis=2)
        density[i : i + 256] = (np.exp(-0.5 * gap) * weights).sum(axis=1)
    density /= np.prod(np.diag(root))
    return new, np.exp(-0.5 * (new**2).sum(axis=1)) / np.maximum(density, 1e-300)
