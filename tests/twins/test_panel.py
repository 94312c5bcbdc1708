"""Panels and forecasts in plain Python. By the same author as the kernels, written from their docstrings."""

from __future__ import annotations

import math
import random
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from twins import plain

from groundswell.chance import chance_for
from groundswell.inference import forecasters as forecasters_module
from groundswell.inference import panel_draws as kernels
from groundswell.inference.panel import Likelihood, Panel, memory_of, own, rows_to_one, through


def gamma(chance: Any, row: int, slot: int, shape: float) -> float:
    """Marsaglia and Tsang 2000: v = (1 + c x)^3, accepted where log u < x^2 / 2 + d - d v + d log v."""
    a = shape if shape >= 1 else shape + 1
    d = a - 1 / 3
    c = 1 / math.sqrt(9 * d)
    for attempt in range(2000):
        u, v = plain.two_uniforms(chance, row, slot, attempt)
        x = NormalDist().inv_cdf(v)
        cube = (1 + c * x) ** 3
        if cube > 0 and math.log(u) < x * x / 2 + d - d * cube + d * math.log(cube):
            break
    else:
        raise AssertionError("no draw accepted")
    if shape >= 1:
        return d * cube
    return d * cube * plain.two_uniforms(chance, row, slot, 2001)[0] ** (1 / shape)


def dense(n: int, seed: int) -> np.ndarray:
    """Weights with some holes, and one place that nobody moves."""
    rng = random.Random(seed)
    made = np.array([[0.0 if a == b or rng.random() < 0.4 else rng.random() for b in range(n)] for a in range(n)])
    made[-1] = 0.0
    return rows_to_one(made)


def one_day(rates: Any, size: float, chance: Any) -> list[int]:
    made = []
    for p, rate in enumerate(rates):
        mean = min(float(rate), 1e6)
        if size > 0 and mean > 0:
            mean *= gamma(chance, p, 1, size) / size
        made.append(plain.poisson(chance, p, 0, mean))
    return made


@pytest.mark.parametrize("shape", [0.2, 1.0, 1.7, 300.0])
def test_gamma(shape: float) -> None:
    for k in range(20):
        chance = chance_for(3, "gamma", k)
        assert kernels.gamma(chance, k, 1, shape) == pytest.approx(gamma(chance, k, 1, shape), rel=1e-9)


@pytest.mark.parametrize("size", [0.0, 2.5])
def test_step(size: float) -> None:
    rng = random.Random(1)
    background, memory = (np.array([rng.choice((0.0, 0.3, 4.0, 60.0)) for _ in range(9)]) for _ in range(2))
    weights, chance, counts = dense(9, 2), chance_for(5, "x", 8, 3), np.full(9, -1, "i8")
    rates = background + 0.4 * memory + 0.7 * weights @ memory
    expected, later = one_day(rates, size, chance), 0.6 * memory
    kernels.step(background, 0.4, 0.7, weights, size, 0.6, memory, chance, counts)
    assert counts.tolist() == expected
    assert memory == pytest.approx(later + 0.4 * np.array(expected))


def test_step_stops_an_exploding_panel() -> None:
    counts = np.zeros(1, "i8")
    kernels.step(np.array([1e300]), 0.0, 0.0, np.zeros((1, 1)), 0.0, 0.5, np.zeros(1), chance_for(1, "x"), counts)
    assert 0.9e6 < counts[0] < 1.1e6


def test_walk() -> None:
    rng = random.Random(4)
    background = np.array([[rng.random() * 3 for _ in range(12)] for _ in range(5)])
    weights, chance, counts, memory = dense(5, 3), chance_for(6, "y", 0, 2), np.full((5, 12), -1, "i8"), np.ones(5)
    kernels.walk(background, 0.3, 0.2, weights, 1.5, 0.75, memory, chance, counts)
    held = np.ones(5)
    for t in range(12):
        today = plain.Address(int(chance.key_low), int(chance.key_high), t, int(chance.replicate))
        made = one_day(background[:, t] + 0.3 * held + 0.2 * weights @ held, 1.5, today)
        assert counts[:, t].tolist() == made
        held = 0.75 * held + 0.25 * np.array(made)
    assert memory == pytest.approx(held)


@pytest.mark.parametrize("dispersion", [0.0, 0.8])
def test_allot(dispersion: float) -> None:
    rng = random.Random(7)
    n, days, region = 6, 15, np.array([0, 1, 0, 1, 1, 0])
    background = np.array([[rng.random() for _ in range(days)] for _ in range(n)])
    totals = np.array([[rng.choice((0, 1, 7, 200)) for _ in range(days)] for _ in range(2)], "i8")
    weights, chance, counts = dense(n, 8), chance_for(2, "z", 0, 9), np.full((n, days), -1, "i8")
    kernels.allot(background, 0.5, 0.3, weights, 0.6, dispersion, region, totals, chance, counts)
    held = np.zeros(n)
    for t in range(days):
        today = plain.Address(int(chance.key_low), int(chance.key_high), t, int(chance.replicate))
        weight = background[:, t] + 0.5 * held + 0.3 * weights @ held
        if dispersion:
            weight = weight * [gamma(today, p, 1, 1 / dispersion) for p in range(n)]
        for r in (0, 1):
            members, left = np.flatnonzero(region == r), int(totals[r, t])
            for k, p in enumerate(members):
                whole = float(weight[members[k:]].sum())
                share = 1.0 if p == members[-1] else float(weight[p]) / whole
                expected = plain.binomial(today, int(p), 0, left, share)
                assert counts[p, t] == expected
                left -= expected
            assert counts[members, t].sum() == totals[r, t]
        held = 0.6 * held + 0.4 * counts[:, t]


def test_poissons() -> None:
    kernels = forecasters_module
    means = np.array([[0.0, 0.4], [3.0, 25.0], [0.01, 900.0]])
    made, chance = np.full((3, 2, 30), -1, "i8"), chance_for(4, "forecast/x")
    kernels.poissons(means, chance, made)
    for (p, h, d), got in np.ndenumerate(made):
        here = plain.Address(int(chance.key_low), int(chance.key_high), h, d)
        assert got == plain.poisson(here, p, 0, float(means[p, h]))


def plain_likelihood(panel: Panel, terms: list[Any], x: list[float], effects: str, blocks: list[int]) -> float:
    """log of the negative binomial mass, summed, from the equations of the module: one place and day after another.

    g is 1 on average over days and places weighted by what the terms hold there.
    """
    n, days = panel.counts.shape
    many_blocks = max(blocks) + 1
    region = [int(r) for r in panel.region] if effects == "region-day" else [0] * n
    n_effect = {"constant": 0, "day": days, "region-day": (max(region) + 1) * days}[effects]
    log_mu, rest = x[: n * many_blocks], x[n * many_blocks :]
    effect, a, k = rest[:n_effect], rest[n_effect:-1], math.exp(rest[-1])
    raw = [[math.exp(effect[region[p] * days + t]) if n_effect else 1.0 for t in range(days)] for p in range(n)]
    held = [[sum(float(z[p, t]) for z in terms) for t in range(days)] for p in range(n)]
    whole = sum(map(sum, held))
    mean = sum(raw[p][t] * held[p][t] / whole for p in range(n) for t in range(days)) if n_effect else 1.0
    total = 0.0
    for p in range(n):
        for t in range(days):
            g, y = raw[p][t] / mean, int(panel.counts[p, t])
            pushed = sum(share * float(z[p, t]) for share, z in zip(a, terms, strict=True))
            m = g * (math.exp(log_mu[p * many_blocks + blocks[t]]) + pushed)
            total += math.lgamma(y + k) - math.lgamma(k) - math.lgamma(y + 1)
            total += k * math.log(k / (k + m)) + y * math.log(m / (k + m))
    return total


@pytest.mark.parametrize("effects", ["constant", "day", "region-day"])
def test_likelihood(effects: str) -> None:
    rng = random.Random(11)
    counts = np.array([[rng.choice((0, 0, 1, 2, 9)) for _ in range(14)] for _ in range(4)], "i8")
    blocks = [0] * 8 + [1] * 6
    panel = Panel(counts, tuple("abcd"), dense(4, 12), np.array([0, 1, 0, 1]), block=np.array(blocks))
    terms = {"own": own(panel, 3.0), "network": through(panel, 3.0)}
    problem = Likelihood(panel, terms, effects)
    x = np.array([rng.uniform(-1, 1) for _ in problem.begin()])
    x[-3:-1] = np.abs(x[-3:-1])  # coefficients are not below 0
    expected = plain_likelihood(panel, list(terms.values()), x.tolist(), effects, blocks)
    assert -problem(x)[0] == pytest.approx(expected, rel=1e-8)


def test_memory_is_the_sum_of_its_docstring() -> None:
    rng = random.Random(3)
    counts, q = np.array([[rng.randrange(5) for _ in range(20)] for _ in range(2)]), 1 - 1 / 4.0
    made = memory_of(counts, 4.0)
    for (p, t), got in np.ndenumerate(made):
        assert got == pytest.approx(sum((1 - q) * q ** (k - 1) * int(counts[p, t - k]) for k in range(1, t + 1)))
