"""Is the inference itself right? Ranks and coverage, contraction, misfit, patterns not fitted, and null worlds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from groundswell.chance import chance_for
from groundswell.inference.adjust import adjusted, rejection
from groundswell.inference.finding import Finding
from groundswell.inference.posterior import Posterior, weighted_quantile
from groundswell.inference.simulator import Simulator
from groundswell.inference.smc import SMC, Table, distance, smc, spread
from groundswell.inference.space import Floats, Space
from groundswell.inference.work import Work

LEVELS = (0.5, 0.8, 0.9, 0.95)
COVERED = (0.85, 0.95)  # what 90 % intervals must cover to pass (science, E2)
SET_BY_PRIOR = 0.2  # contraction below which a number is called set by its prior (science, D3)
FAR = 2.0  # guess: standard deviations beyond the last of few simulations, where no share of them can be small enough
OUTSIDE = 0.01  # share of simulated worlds that must lie as far out as the observed one


class Ranked(Protocol):
    """A posterior, whatever found it."""

    def rank(self, truth: Floats) -> Floats:
        """Share of draws below a true z (k,)."""
        ...

    def contraction(self) -> Floats:
        """How much narrower than the prior, (k,)."""
        ...


@dataclass(frozen=True)
class Calibration:
    """Ranks (truths, k) of known truths in the posteriors found for them, by one method, and how narrow these are.

    If the method is right, ranks are even from 0 to 1 (Talts and others 2018, arXiv 1804.06788), and a central
    interval of level L holds the truth in a share L of the worlds.
    """

    method: str
    names: tuple[str, ...]
    ranks: Floats
    contraction: Floats

    def coverage(self, level: float = 0.9) -> Floats:
        """Share (k,) of truths inside the central interval."""
        made: Floats = (np.abs(self.ranks - 0.5) <= level / 2).mean(axis=0)
        return made

    def uneven(self) -> Floats:
        """Largest distance (k,) of the ranks' distribution from an even one (Kolmogorov and Smirnov)."""
        n = len(self.ranks)
        held, steps = np.sort(self.ranks, axis=0), np.arange(n + 1)[:, None] / n
        made: Floats = np.maximum(steps[1:] - held, held - steps[:-1]).max(axis=0)
        return made

    @property
    def uneven_limit(self) -> float:
        """What `uneven` passes in one right method of 20, for many truths: 1.358 / sqrt(truths)."""
        return float(1.358 / np.sqrt(len(self.ranks)))

    @property
    def set_by_prior(self) -> tuple[str, ...]:
        """Free numbers of which data made by the model itself say (nearly) nothing, on average over truths."""
        mean = self.contraction.mean(axis=0)
        return tuple(name for name, c in zip(self.names, mean, strict=True) if c < SET_BY_PRIOR)

    @property
    def error(self) -> float:
        """Monte Carlo error (one standard deviation) of the coverage of a right 90 % interval."""
        return float(np.sqrt(0.9 * 0.1 / len(self.ranks)))

    @property
    def covers(self) -> bool:
        """True where 90 % intervals, over all free numbers, cover 0.85 to 0.95."""
        return bool(COVERED[0] <= self.coverage().mean() <= COVERED[1])

    def bins(self, count: int = 10) -> Floats:
        """Shares of ranks in equal bins, (count, k)."""
        edges = np.linspace(0, 1, count + 1)
        return np.stack([np.histogram(column, edges)[0] / len(column) for column in self.ranks.T], axis=1)


def calibration(method: str, space: Space, find: Callable[[Floats], Ranked], truths: Table) -> Calibration:
    """Ranks of the truths of a table in what `find` gives for their summaries."""
    found = [find(summaries) for summaries in truths.summaries]
    return _calibration(method, space.names, found, truths.z)


def _calibration(method: str, names: tuple[str, ...], found: Sequence[Ranked], truths: Floats) -> Calibration:
    ranks = np.array([one.rank(z) for one, z in zip(found, truths, strict=True)])
    narrow = np.array([one.contraction() for one in found])
    return Calibration(method, names, ranks.reshape(len(truths), -1), narrow.reshape(len(truths), -1))


def split(table: Table, truths: int) -> tuple[Table, Table]:
    """The last rows of a table as truths, and the rest to infer them from: one table serves both."""
    cut = len(table.z) - truths
    return Table(table.z[:cut], table.summaries[:cut]), Table(table.z[cut:], table.summaries[cut:])


def check_table(table: Table, space: Space, truths: int, nearest: int) -> Calibration:
    """Rejection with regression adjustment on truths that the table itself holds."""
    rest, held = split(table, truths)
    return calibration("rejection, adjusted", space,
                       lambda seen: rejection(rest, space, seen, nearest=nearest), held)  # fmt: skip


def check_smc(simulator: Simulator, table: Table, truths: int, method: SMC, work: Work, seed: int) -> Calibration:
    """SMC from start to end on truths that the table holds; its first generation is the rest of the table."""
    rest, held = split(table, truths)
    first = Table(rest.z[: method.particles], rest.summaries[: method.particles])
    found = []
    for k, seen in enumerate(held.summaries):
        population = smc(simulator, seen, method=method, seed=seed, work=work, table=first, name=f"truth-{k:03d}",
                         start=(k + 1) * 10_000_000)  # fmt: skip
        found.append(adjusted(population, simulator.space, seen))
    return _calibration("SMC, adjusted", simulator.space.names, found, held.z)


def check_patterns(table: Table, fitted: int, truths: int, nearest: int) -> float:
    """Share of patterns not fitted (all columns from `fitted` on) of the truths that a 90 % band holds.

    The band is that of the worlds nearest to a truth in what is fitted, without adjustment, so it is rather wide.
    """
    rest, held = split(table, truths)
    scale = spread(rest.summaries[:, :fitted])
    inside = []
    for row in held.summaries:
        gap = distance(rest.summaries[:, :fitted], row[:fitted], scale)
        near = np.argsort(gap, kind="stable")[:nearest]
        low, high = np.quantile(rest.summaries[near, fitted:], (0.05, 0.95), axis=0)
        inside.append((low <= row[fitted:]) & (row[fitted:] <= high))
    return float(np.mean(inside))


@dataclass(frozen=True)
class Misfit:
    """Does the observed world lie inside the simulated cloud? `shares` (s,): of simulations further out than it on
    the nearer side, by summary. `beyond` (s,): how far it is from the nearest simulation where it lies outside all of
    them, in standard deviations. `together`: share of simulations whose own nearest neighbours are as far away.
    """

    names: tuple[str, ...]
    shares: Floats
    beyond: Floats
    together: float
    simulations: int

    @property
    def outside(self) -> tuple[str, ...]:
        """Summaries that (nearly) no simulation reaches, in their order."""
        few = OUTSIDE / max(1, len(self.names))  # Bonferroni: one of many is outside by chance
        # the observed world counts as one more: of n + 1 alike, the outermost is any of them with chance 1 / (n + 1)
        chance = (self.shares * self.simulations + 1) / (self.simulations + 1)
        out = (chance <= few) | (self.beyond > FAR)
        return tuple(name for name, is_out in zip(self.names, out, strict=True) if is_out)

    @property
    def inside(self) -> bool:
        """True where no summary alone, nor all together, lies outside."""
        return not self.outside and self.together > OUTSIDE

    @property
    def sentence(self) -> str:
        """What to say first."""
        if self.inside:
            return "The observed numbers lie inside what the model can give before any fit."
        what = f" ({'; '.join(self.outside)})" if self.outside else " taken together"
        line = f"The observed numbers lie outside what the model can give{what}: "
        return line + "whatever is inferred below rests on a model that cannot make these data."


def misfit(names: Sequence[str], simulated: Floats, observed: Floats, *, neighbours: int = 5) -> Misfit:
    """Compare observed summaries (s,) with simulated ones (n, s)."""
    below, above = (simulated <= observed).mean(axis=0), (simulated >= observed).mean(axis=0)
    scale = spread(simulated)
    kept = simulated[:1000]  # neighbours among a thousand are enough, and quick

    def reach(point: Floats, others: Floats) -> float:
        gap = np.sort(distance(others, point, scale))
        return float(gap[min(neighbours, len(gap)) - 1])

    own = np.array([reach(row, np.delete(kept, i, axis=0)) for i, row in enumerate(kept[:300])])
    beyond = np.maximum(observed - simulated.max(axis=0), simulated.min(axis=0) - observed)
    sd = simulated.std(axis=0)  # not the median deviation: tails are long where most worlds are quiet
    beyond = np.where(beyond > 0, beyond / np.where(sd > 0, sd, 1.0), 0.0)
    together = float((np.sum(own >= reach(observed, kept)) + 1) / (len(own) + 1))
    return Misfit(tuple(names), np.minimum(below, above), beyond, together, len(simulated))


@dataclass(frozen=True)
class Pattern:
    """A pattern that was not fitted: observed, the posterior's 5, 50 and 95 % values, share of draws below it."""

    name: str
    seen: float
    low: float
    middle: float
    high: float
    below: float

    @property
    def inside(self) -> bool:
        """True where the observed number lies in the 90 % band."""
        return self.low <= self.seen <= self.high


def patterns(names: Sequence[str], posterior: Posterior, simulated: Floats, observed: Floats) -> tuple[Pattern, ...]:
    """Patterns not fitted, (s,), against simulations (n, s) at the draws of a posterior; on the scale of counts."""
    found = []
    for j, name in enumerate(names):
        low, middle, high = np.expm1(weighted_quantile(simulated[:, j], posterior.weights, (0.05, 0.5, 0.95)))
        below = float(posterior.weights @ (simulated[:, j] < observed[j]))
        found.append(Pattern(name, float(np.expm1(observed[j])), float(low), float(middle), float(high), below))
    return tuple(found)


@dataclass(frozen=True)
class NullControl:
    """Worlds in which an effect is absent, through the whole pipeline: how often it was found all the same.

    `false` of `worlds` null worlds were called supported; `power` is the share of worlds with twice the smallest
    interesting effect or more that were. At most 5 % false findings pass.
    """

    name: str
    worlds: int
    false: int
    power: float
    powered: int

    @property
    def rate(self) -> float:
        """Share of false findings."""
        return self.false / self.worlds if self.worlds else float("nan")

    @property
    def passes(self) -> bool:
        """True where at most 5 % of the null worlds gave a finding."""
        return self.worlds > 0 and self.rate <= 0.05


def null_control(simulator: Simulator, table: Table, column: int, *, null: float, smallest: float, nearest: int,
                 worlds: int, work: Work, seed: int, start: int = 900_000_000) -> NullControl:  # fmt: skip
    """Set one free number to `null` in `worlds` new worlds (the others drawn), infer it, and count findings.

    The effect is the number less `null`; a finding is a 90 % interval beyond `smallest`. The power is that over the
    table's own last rows whose effect is at least twice the smallest interesting one.
    """
    space = simulator.space
    name = space.names[column]
    rest, held = split(table, min(worlds, len(table.z) // 4))
    z = space.prior(chance_for(seed, f"inference/null/{name}"), 0, worlds)
    values = space.values(z)
    values[:, column] = null
    seen = work.table(simulator, values, start, f"null-{column}")
    found = [finding(rejection(rest, space, row, nearest=nearest), column, null, smallest) for row in seen]
    truth = space.values(held.z)[:, column] - null
    strong = [k for k in range(len(truth)) if truth[k] >= 2 * smallest]
    hits = [finding(rejection(rest, space, held.summaries[k], nearest=nearest), column, null, smallest).verdict
            == "supported" for k in strong]  # fmt: skip
    return NullControl(name, worlds, sum(one.verdict == "supported" for one in found),
                       float(np.mean(hits)) if hits else float("nan"), len(hits))  # fmt: skip


def finding(posterior: Posterior, column: int, null: float, smallest: float, power: float | None = None) -> Finding:
    """The finding on one free number: its distance from `null`."""
    low, high = posterior.quantile(0.05, 0.95)[:, column] - null
    return Finding(float(low), float(high), smallest, power)
