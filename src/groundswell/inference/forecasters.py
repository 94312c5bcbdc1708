"""Forecasters of counts by place: each sees a record up to its last day and gives draws of the days after.

Baselines are those of the science brief, C9: the last value with Poisson noise, and a bootstrap of the last 12 months.
Linear growth, a negative-binomial autoregression, the statistical twin: the rivals. Each takes counts (place, day),
the horizon in days and how many draws, and returns counts (place, horizon day, draw).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from groundswell.chance import Chance, chance_for, poisson, uniform
from groundswell.compiled import kernel
from groundswell.inference.panel import Floats, Integers, Panel, fit, memory_of, own, through
from groundswell.inference.panel_draws import draw

Forecaster = Callable[["Record", int, int, int], Integers]
WINDOW = 180  # days of the past that the regressions learn from; guess: half a year, so that the level is a recent one
RECENT = 7  # days whose mean is the "last value" of daily counts, which single days are too thin for
YEAR = 365
STABLE = 0.99  # events that one event makes, at most: with more a forecast grows without end; guess: just below 1


class Record:
    """What is known on the last day: counts (place, day), names, weights of neighbours, and the last day."""

    def __init__(self, counts: Integers, places: tuple[str, ...], weights: Floats, last: np.datetime64) -> None:
        self.counts, self.places, self.weights, self.last = counts, places, weights, last

    def until(self, days: int) -> Record:
        """The record as it stood after its first `days` days: nothing later is in it."""
        shorter = self.counts.shape[1] - days
        return Record(self.counts[:, :days], self.places, self.weights, self.last - np.timedelta64(shorter, "D"))

    def panel(self, window: int) -> Panel:
        """The last days as a panel."""
        region = np.zeros(len(self.places), np.int64)
        counts = self.counts[:, -window:]
        return Panel(counts, self.places, self.weights, region, self.last - np.timedelta64(counts.shape[1] - 1, "D"))


@kernel
def poissons(means, chance, made):
    """Poisson counts (place, horizon day, draw): step is the horizon day, replicate the draw, row the place."""
    for h in range(made.shape[1]):
        for d in range(made.shape[2]):
            here = Chance(chance.key_low, chance.key_high, np.uint64(h), np.uint64(d))
            for p in range(made.shape[0]):
                made[p, h, d] = poisson(here, p, 0, means[p, h])


def _poisson(means: Floats, draws: int, seed: int, name: str, last: np.datetime64) -> Integers:
    made = np.empty((*means.shape, draws), np.int64)
    poissons(np.ascontiguousarray(means), chance_for(seed, f"forecast/{name}/{last}"), made)
    return made


def last_value(record: Record, horizon: int, draws: int, seed: int) -> Integers:
    """Poisson about the mean of the last week, the same every day."""
    level = record.counts[:, -RECENT:].mean(1)
    return _poisson(np.repeat(level[:, None], horizon, 1), draws, seed, "last value", record.last)


def linear_growth(record: Record, horizon: int, draws: int, seed: int) -> Integers:
    """Poisson about a straight line through the last four weeks, never below 0."""
    recent = record.counts[:, -4 * RECENT :].astype(float)
    t = np.arange(recent.shape[1]) - (recent.shape[1] - 1)
    slope = ((t - t.mean()) * recent).sum(1) / max(((t - t.mean()) ** 2).sum(), 1.0)
    ahead = recent.mean(1)[:, None] + slope[:, None] * (np.arange(1, horizon + 1) - t.mean())
    return _poisson(np.maximum(ahead, 0.0), draws, seed, "linear growth", record.last)


def bootstrap(record: Record, horizon: int, draws: int, seed: int) -> Integers:
    """Stretches of days drawn from the last 12 months of all places together (one stretch for all places)."""
    pool = record.counts[:, -YEAR:]
    chance = chance_for(seed, f"forecast/bootstrap/{record.last}")
    length = pool.shape[1]
    made = np.empty((pool.shape[0], horizon, draws), np.int64)
    for d in range(draws):
        begin = int(uniform(chance, d, 0) * length)
        made[:, :, d] = pool[:, (begin + np.arange(horizon)) % length]
    return made


def autoregression(record: Record, horizon: int, draws: int, seed: int) -> Integers:
    """The statistical twin without neighbours: negative binomial on the own past, learnt from the last half year."""
    return _twin(record, horizon, draws, seed, "autoregression", neighbours=False)


def twin(record: Record, horizon: int, draws: int, seed: int) -> Integers:
    """The statistical twin: own past and past of neighbours, constant background, from the last half year."""
    return _twin(record, horizon, draws, seed, "twin", neighbours=True)


def _twin(record: Record, horizon: int, draws: int, seed: int, name: str, *, neighbours: bool) -> Integers:
    panel = record.panel(WINDOW)
    mean = 3.0
    terms = {"own": own(panel, mean)} | ({"network": through(panel, mean)} if neighbours else {})
    found = fit(panel, terms, effects="constant")
    past = memory_of(np.concatenate([panel.counts, np.zeros((len(panel.places), 1), np.int64)], 1), mean)[:, -1]
    level = np.repeat(found.background[:, :1], horizon, 1)
    a, b = found.of("own"), found.of("network")
    calm = min(1.0, STABLE / max(a + b, STABLE))
    made = np.empty((*level.shape, draws), np.int64)
    for d in range(draws):
        made[:, :, d] = draw(level, record.weights, own=calm * a, network=calm * b,
                             memory=mean, dispersion=found.dispersion, past=past, seed=seed,
                             name=f"forecast/{name}/{record.last}", replicate=d)  # fmt: skip
    return made


BASELINES: dict[str, Forecaster] = {"last value": last_value, "linear growth": linear_growth, "bootstrap": bootstrap}
RIVALS: dict[str, Forecaster] = {"autoregression": autoregression, "twin": twin}
FORECASTERS = BASELINES | RIVALS
