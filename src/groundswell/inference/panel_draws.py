"""Made-up panels with known truth: the statistical twin as a simulator, every draw with an address."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import Chance, binomial, chance_for, log, normal, normal_quantile, poisson, two_uniforms
from groundswell.compiled import kernel
from groundswell.inference.panel import Floats, Integers

WARM = 60  # days before the first one, so that the past is not empty; 60 is 20 memories of 3 days


@kernel
def gamma(chance, row, slot, shape):
    """A gamma number with mean `shape` and scale 1 (Marsaglia and Tsang 2000, ACM TOMS 26, 363-372)."""
    lifted = shape if shape >= 1.0 else shape + 1.0
    d = lifted - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    made = d
    for attempt in range(2000):
        u, v = two_uniforms(chance, row, slot, attempt)
        x = normal_quantile(v)
        w = 1.0 + c * x
        if w <= 0.0:
            continue
        w = w * w * w
        if log(u) < 0.5 * x * x + d - d * w + d * log(w):
            made = d * w
            break
    if shape < 1.0:
        u, _ = two_uniforms(chance, row, slot, 2001)
        made *= math.exp(log(u) / shape)
    return made


@kernel
def step(background, own, network, weights, size, q, memory, chance, counts):
    """One day: counts (place) given `memory` (place), which it then brings up to date.

    Row is the place; slot 0 the Poisson draw, slot 1 the gamma mixture that makes it negative binomial (size k).
    """
    n = background.size
    for p in range(n):
        rate = background[p] + own * memory[p]
        for j in range(n):
            if weights[p, j] != 0.0:
                rate += network * weights[p, j] * memory[j]
        rate = min(rate, 1e6)  # an exploding panel is stopped there
        if size > 0.0 and rate > 0.0:
            rate *= gamma(chance, p, 1, size) / size
        counts[p] = poisson(chance, p, 0, rate)
    for p in range(n):
        memory[p] = q * memory[p] + (1.0 - q) * counts[p]


@kernel
def walk(background, own, network, weights, size, q, memory, chance, counts):
    """Days one after another: step t of the address is the t-th column of `background` and `counts`."""
    column = np.empty(background.shape[0], np.int64)
    for t in range(background.shape[1]):
        today = Chance(chance.key_low, chance.key_high, np.uint64(t), chance.replicate)
        step(background[:, t].copy(), own, network, weights, size, q, memory, today, column)
        counts[:, t] = column


def draw(
    background: NDArray[np.float64], weights: Floats, *, own: float, network: float, memory: float = 3.0,
    dispersion: float = 0.0, past: Floats | None = None, seed: int = 0, name: str = "panel", replicate: int = 0,
) -> Integers:  # fmt: skip
    """Counts (place, day) of the statistical twin with this background mu g (place, day).

    `dispersion` is 1/k: 0 is Poisson. `past` (place) is the memory before the first day, by default none. Address
    (seed, name, replicate), step the day, row the place.
    """
    counts = np.empty(background.shape, np.int64)
    held = np.zeros(len(background)) if past is None else np.asarray(past, float).copy()
    size = 1.0 / dispersion if dispersion > 0 else 0.0
    where = chance_for(seed, name, 0, replicate)
    walk(np.ascontiguousarray(background, float), float(own), float(network), np.ascontiguousarray(weights, float),
         size, 1.0 - 1.0 / memory, held, where, counts)  # fmt: skip
    return counts


@kernel
def allot(background, own, network, weights, q, dispersion, region, totals, chance, counts):
    """Days one after another with their totals (region, day) kept: who has the events is drawn.

    The weight of a place is background + own memory + network neighbours' memory, times a gamma number of mean 1 where
    there is dispersion. Step is the day, row the place; slot 0 the binomial share of what is left, slot 1 the gamma.
    """
    n = counts.shape[0]
    memory, weight = np.zeros(n), np.empty(n)
    for t in range(counts.shape[1]):
        today = Chance(chance.key_low, chance.key_high, np.uint64(t), chance.replicate)
        whole = np.zeros(totals.shape[0])
        for p in range(n):
            weight[p] = background[p, t] + own * memory[p]
            for j in range(n):
                if weights[p, j] != 0.0:
                    weight[p] += network * weights[p, j] * memory[j]
            if dispersion > 1e-3:
                weight[p] *= gamma(today, p, 1, 1.0 / dispersion)
            whole[region[p]] += weight[p]
        left = totals[:, t].copy()
        for p in range(n):
            r = region[p]
            share = 1.0 if weight[p] >= whole[r] * (1.0 - 1e-12) else weight[p] / whole[r]
            counts[p, t] = binomial(today, p, 0, left[r], share)
            left[r] -= counts[p, t]
            whole[r] -= weight[p]
        for p in range(n):
            memory[p] = q * memory[p] + (1.0 - q) * counts[p, t]


def allotted(
    mu: Floats, weights: Floats, totals: Integers, region: Integers, *, own: float, network: float, memory: float,
    dispersion: float, seed: int, name: str, replicate: int,
) -> Integers:  # fmt: skip
    """Counts (place, day) with the totals (region, day) of a record: the fit's answer to where events are.

    `mu` (place, day) is the background without effects of days. Address (seed, name, replicate).
    """
    counts = np.zeros(mu.shape, np.int64)
    allot(
        np.ascontiguousarray(mu),
        float(own),
        float(network),
        np.ascontiguousarray(weights, float),
        1.0 - 1.0 / memory,
        float(dispersion),
        region,
        totals,
        chance_for(seed, name, 0, replicate),
        counts,
    )
    return counts


def shock(
    series: int,
    days: int,
    *,
    sd: float = 0.7,
    time: float = 7.0,
    seed: int = 0,
    name: str = "shock",
    replicate: int = 0,
) -> Floats:
    """exp of a stationary AR(1), mean 1 (series, day): log-sd `sd`, correlation exp(-lag / time).

    The numbers 0.7 and 7 days are those of the science brief, D2. Row is the series, step the day.
    """
    fade = math.exp(-1.0 / time)
    made = np.empty((series, days))
    for t in range(days):
        where = chance_for(seed, name, t, replicate)
        fresh = np.array([normal(where, r, 0) for r in range(series)])
        made[:, t] = fresh if t == 0 else fade * made[:, t - 1] + math.sqrt(1 - fade * fade) * fresh
    return np.exp(sd * made - 0.5 * sd * sd)


def order(n: int, *, seed: int, name: str, replicate: int) -> Integers:
    """A random order of n things, by sorting addressed numbers (row the thing)."""
    where = chance_for(seed, name, 0, replicate)
    return np.argsort(np.array([normal(where, r, 0) for r in range(n)]), kind="stable")


def rewired(weights: Floats, region: Integers | None = None, *, seed: int = 0, replicate: int = 0) -> Floats:
    """A placebo network: the same one with its places in another order, within regions where `region` is given.

    Degrees and shape stay, which place is whose neighbour does not. Address (seed, "rewired", replicate).
    """
    n = len(weights)
    moved = order(n, seed=seed, name="rewired", replicate=replicate)
    if region is not None:
        put = np.empty(n, np.int64)
        for r in np.unique(region):
            put[np.flatnonzero(region == r)] = moved[region[moved] == r]
        moved = put
    return weights[np.ix_(moved, moved)]
