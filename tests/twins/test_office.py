"""Office: the hazard, who resigns, and what that leaves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from twins import plain

from groundswell.chance import chance_for
from groundswell.mechanisms import office as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(4))
def test_resign(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=8)
    turnout, population = toy.counts(toy.countries, 0, 5000), toy.reals(toy.countries, 1e4, 1e5)
    population[0, 0] = 0
    loss, deaths = toy.reals(toy.countries, 0, 1), toy.counts(toy.communities, 0, 9)
    said, residents = toy.reals(toy.communities, -1, 1), toy.counts(toy.communities, 1000, 9000)
    legitimacy, change = toy.reals(toy.communities, 0, 1), toy.reals(toy.communities, -0.5, 0.5)
    base, effect, memory = toy.parameter(-6, 1), toy.parameter(-1, 1), toy.parameter(3, 9)
    w = [toy.parameter(-1, 1) for _ in range(4)]
    base[0] = 50  # beyond the bound of the exponent
    recent, hazard = toy.reals(toy.countries, 0, 400), toy.blank(toy.countries)
    resigned, added = toy.counts(toy.countries, 0, 1), toy.blank(toy.communities)
    resigned[1] = 0
    recent_before, was = recent.copy(), resigned.copy()
    chance, near = chance_for(seed, "office", 9, 2), 0
    kernels.resign(turnout, population, loss, deaths, said, residents, toy.place, toy.country, legitimacy, change,
                   base, *w, effect, memory, days, chance, recent, hazard, resigned, added)  # fmt: skip
    for r in range(toy.replicates):
        for k in range(toy.countries):
            mine = [c for c in range(toy.communities) if toy.country[toy.place[c]] == k]
            toll = recent_before[r, k] * math.exp(-days / memory[r]) + sum(int(deaths[r, c]) for c in mine)
            assert recent[r, k] == pytest.approx(toll, rel=1e-12)
            mean = sum(residents[r, c] * said[r, c] for c in mine) / sum(residents[r, c] for c in mine)
            crowd = turnout[r, k] / population[r, k] if population[r, k] else 0
            x = base[r] + w[0][r] * 100 * crowd + w[1][r] * toll / 100 + w[2][r] * mean + w[3][r] * loss[r, k]
            expected = 0.0 if was[r, k] else math.exp(min(10, x))
            assert hazard[r, k] == pytest.approx(expected, rel=1e-10)
            u, p = plain.uniform(plain.at(chance, r), k, 0), 1 - math.exp(-expected * days)
            near += abs(u - p) < 1e-9
            goes = not was[r, k] and u < p
            assert resigned[r, k] == int(was[r, k] or goes)
            for c in mine:
                stands = min(1, max(0, legitimacy[r, c] + change[r, c]))
                moved = effect[r] * (1 - stands) if effect[r] >= 0 else effect[r] * stands
                assert added[r, c] == pytest.approx(moved if goes else 0, rel=1e-12, abs=1e-15)
    assert near == 0 and resigned[0].all() and np.any(resigned != was)
