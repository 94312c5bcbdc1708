"""Hawkes: families in plain lists, and sums over all pairs of events. By the same author as the kernels."""

from __future__ import annotations

import bisect
import math

import numpy as np
import pytest
from twins import plain

from groundswell.canon import hawkes as kernels
from groundswell.chance import chance_for

MU = np.array([0.4, 0.2, 0.3])
ALPHA = np.array([[0.3, 0.1, 0.0], [0.2, 0.25, 0.1], [0.0, 0.3, 0.2]])
OMEGA, SPAN = 1.7, 60.0


def poisson(u: float, mean: float) -> int:
    """By inversion, as for means below ten."""
    mass, k = math.exp(-mean), 0
    while u > mass:
        u -= mass
        k += 1
        mass *= mean / k
    return k


def events(replicate: int) -> tuple[np.ndarray, np.ndarray]:
    time, stream = np.empty(4000), np.empty(4000, np.int64)
    chance = chance_for(1, "canon/hawkes", 0, replicate)
    count = kernels.families(MU, ALPHA, OMEGA, SPAN, chance, time, stream)
    order = np.argsort(time[:count])
    return time[:count][order], stream[:count][order]


@pytest.mark.parametrize("replicate", range(5))
def test_families(replicate: int) -> None:
    span = 20.0  # background means stay below ten
    chance = chance_for(1, "canon/hawkes", 0, replicate)
    time, stream = np.empty(4000), np.empty(4000, np.int64)
    count = kernels.families(MU, ALPHA, OMEGA, span, chance, time, stream)
    family: list[tuple[float, int]] = []
    for j, mu in enumerate(MU):
        for _ in range(poisson(plain.uniform(chance, j, 0), mu * span)):
            family.append((plain.uniform(chance, len(family), 1) * span, j))
    for e, (when, parent) in enumerate(family):
        for i in range(3):
            for c in range(poisson(plain.uniform(chance, e, 2 + 2 * i), ALPHA[i, parent]) if ALPHA[i, parent] else 0):
                later = when - math.log(plain.uniform(chance, e + c * 2**20, 3 + 2 * i)) / OMEGA
                if later < span:
                    family.append((later, i))
    assert count == len(family)
    assert list(stream[:count]) == [j for _, j in family]
    assert list(time[:count]) == pytest.approx([t for t, _ in family], rel=1e-12)
    assert kernels.families(MU, ALPHA, OMEGA, span, chance, np.empty(3), np.empty(3, np.int64)) == 4


def rates(time, stream) -> list[list[float]]:
    """For each event, what the background and each earlier event of each stream add to its rate."""
    parts = []
    for t, i in zip(time, stream, strict=True):
        row = [MU[i], 0.0, 0.0, 0.0]
        for k in range(bisect.bisect_left(time, t)):
            row[1 + stream[k]] += ALPHA[i, stream[k]] * OMEGA * math.exp(-OMEGA * (t - time[k]))
        parts.append(row)
    return parts


@pytest.mark.parametrize("replicate", range(3))
def test_likelihood(replicate: int) -> None:
    time, stream = events(replicate)
    exact = math.fsum(math.log(sum(row)) for row in rates(time, stream)) - SPAN * sum(MU)
    ended = [1 - math.exp(-OMEGA * (SPAN - t)) for t in time]
    exact -= math.fsum(ALPHA[i, j] * done for done, j in zip(ended, stream, strict=True) for i in range(3))
    assert kernels.likelihood(MU, ALPHA, OMEGA, SPAN, time, stream) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("replicate", range(3))
def test_improve(replicate: int) -> None:
    time, stream = events(replicate)
    mu, alpha = MU.copy(), ALPHA.copy()
    omega = kernels.improve(mu, alpha, OMEGA, SPAN, time, stream)
    parts = rates(time, stream)
    left = SPAN - time
    caused, delays = np.zeros((3, 3)), 0.0
    for e, row in enumerate(parts):
        for j in range(3):
            caused[stream[e], j] += row[1 + j] / sum(row)
        for k in range(e):
            part = ALPHA[stream[e], stream[k]] * OMEGA * math.exp(-OMEGA * (time[e] - time[k]))
            delays += part / sum(row) * (time[e] - time[k])
    for i in range(3):
        assert mu[i] == pytest.approx(math.fsum(r[0] / sum(r) for e, r in enumerate(parts) if stream[e] == i) / SPAN)
        for j in range(3):
            there = np.sum(1 - np.exp(-OMEGA * left[stream == j]))
            assert alpha[i, j] == pytest.approx(caused[i, j] / there)
            delays += alpha[i, j] * np.sum(left[stream == j] * np.exp(-OMEGA * left[stream == j]))
    assert omega == pytest.approx(caused.sum() / delays)
