"""Contagion: recent activity, attention near and broad, and the push."""

from __future__ import annotations

import math

import numpy as np
import pytest
from twins import plain

from groundswell.mechanisms import contagion as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(3))
def test_attend(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=4)
    turnout = toy.counts(toy.places, 0, 900)
    population, internet = toy.reals(toy.places, 1000, 9000), toy.reals(toy.places, 0, 1)
    population[0, 2], internet[1, 1] = 0, 0
    weight, memory = toy.parameter(0, 1), toy.parameter(1, 10)
    broad, half = toy.parameter(0, 1), toy.parameter(1e-4, 0.1)
    weight[3] = 0
    ties = sorted({(toy.rng.randrange(toy.places), toy.rng.randrange(toy.places)) for _ in range(3 * toy.places)})
    ties = [(t, s) for t, s in ties if t != 3]  # one place has no ties
    amount = np.array([toy.rng.uniform(0, 2) for _ in ties])
    offset = np.array([sum(t < p for t, _ in ties) for p in range(toy.places + 1)], "i4")
    source = np.array([s for _, s in ties], "i4")
    recent, push = toy.reals(toy.places, 0, 0.05), toy.blank(toy.communities)
    before = recent.copy()
    kernels.attend(turnout, population, toy.country, internet, toy.place, source, offset, amount, weight, memory,
                   broad, half, days, recent, push)  # fmt: skip
    for r in range(toy.replicates):
        k = math.exp(-days / memory[r])
        h = [k * before[r, p] + ((1 - k) * turnout[r, p] / population[r, p] if population[r, p] else 0)
             for p in range(toy.places)]  # fmt: skip
        assert recent[r] == pytest.approx(h, rel=1e-12)
        for c in range(toy.communities):
            p = int(toy.place[c])
            mine = [(float(a), s) for a, (t, s) in zip(amount, ties, strict=True) if t == p]
            near = sum(a * h[s] for a, s in mine) / sum(a for a, _ in mine) if mine else 0
            others = [o for o in range(toy.places) if o != p and toy.country[o] == toy.country[p]]
            people = sum(population[r, o] for o in others)
            wide = sum(population[r, o] * h[o] for o in others) / people if people else 0
            seen = (1 - broad[r]) * near + broad[r] * wide
            expected = weight[r] * internet[r, p] * seen / (half[r] + seen)
            assert push[r, c] == pytest.approx(expected, rel=1e-10, abs=1e-15)
