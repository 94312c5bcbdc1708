"""What is recorded and when, in plain Python. By the same author as the kernels, written from their docstrings."""

from __future__ import annotations

import math
import random

import numpy as np
from twins import plain

from groundswell.chance import chance_for
from groundswell.evidence import reporting as kernels


def cube(seed: int) -> np.ndarray:
    rng = random.Random(seed)
    return np.array([[[rng.choice((0, 1, 3, 40, 900)) for _ in range(4)] for _ in range(9)] for _ in range(3)], "i8")


def test_thin() -> None:
    rng = random.Random(1)
    counts, internet = cube(2), np.array([[[rng.random() for _ in range(4)] for _ in range(9)] for _ in range(3)])
    share, shutdown = (np.array([rng.random() for _ in range(3)]) for _ in range(2))
    chance, out = chance_for(4, "x", 0, 6), np.full(counts.shape, -1)
    kernels.thin(counts, share, shutdown, internet, chance, out)
    for (r, t, p), n in np.ndenumerate(counts):
        q = share[r] * (1 - shutdown[r] * (1 - internet[r, t, p]))
        assert out[r, t, p] == plain.binomial(plain.at(chance, r), 4 * t + p, 0, int(n), float(q))


def test_thin_crowds() -> None:
    rng = random.Random(9)
    turnout, internet = cube(5), np.array([[[rng.random() for _ in range(4)] for _ in range(9)] for _ in range(3)])
    share, shutdown = (np.array([rng.random() for _ in range(3)]) for _ in range(2))
    half = np.array([0.0, 30.0, 2000.0])
    chance, out = chance_for(6, "x", 0, 2), np.zeros(turnout.shape, "i8")
    kernels.thin_crowds(turnout, share, half, shutdown, internet, chance, out)
    for (r, t, p), n in np.ndenumerate(turnout):
        q = share[r] * n / (n + half[r]) * (1 - shutdown[r] * (1 - internet[r, t, p])) if n else 0.0
        assert out[r, t, p] == int(plain.uniform(plain.at(chance, r), 4 * t + p, 0) < q)
    assert 0 < out.sum() < (turnout > 0).sum()


def test_publish() -> None:
    counts, delay = cube(3), np.array([0.0, 0.8, 5.0])
    chance, out = chance_for(5, "x", 0, 1), np.zeros(counts.shape, "i8")
    kernels.publish(counts, delay, chance, out)
    twin = np.zeros_like(out)
    for (r, t, p), n in np.ndenumerate(counts):
        days = 0
        if delay[r] > 0:
            u = plain.uniform(plain.at(chance, r), 4 * t + p, 1)
            days = math.floor(min(math.log(u) / math.log(delay[r] / (1 + delay[r])), 9))
        if t + days < 9:
            twin[r, t + days, p] += n
    assert np.array_equal(out, twin)


def test_thin_events() -> None:
    rng = random.Random(7)
    counts = np.array([rng.choice((0, 1, 12, 700)) for _ in range(40)], "i8")
    share = np.array([rng.random() for _ in range(40)])
    row, day, replicate = (np.array([rng.randrange(n) for _ in range(40)], "i8") for n in (2**32, 20_000, 9))
    chance, out = chance_for(8, "x"), np.full(40, -1, "i8")
    kernels.thin_events(counts, share, row, day, replicate, chance, np.int64(11), out)
    for e in range(40):
        where = plain.Address(int(chance.key_low), int(chance.key_high), int(day[e]), int(replicate[e]))
        assert out[e] == plain.binomial(where, int(row[e]), 11, int(counts[e]), float(share[e]))
