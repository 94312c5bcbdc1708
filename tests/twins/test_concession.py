"""Concession: credibility, relief and efficacy."""

from __future__ import annotations

import math

import pytest
from twins import plain

from groundswell.mechanisms import concession as kernels


@pytest.mark.parametrize("step", [0, 3])
@pytest.mark.parametrize("seed", range(3))
def test_concede(seed: int, step: int) -> None:
    toy = plain.Toy(seed, replicates=4)
    size, broken = toy.reals(toy.countries, 0, 1), toy.reals(toy.countries, 0, 1)
    legitimacy, change = toy.reals(toy.communities, 0, 1), toy.reals(toy.communities, -0.5, 0.5)
    relief, first, miss, efficacy = (toy.parameter(0, 1) for _ in range(4))
    decay = toy.parameter(3, 60)
    credibility, felt = toy.reals(toy.countries, 0, 1), toy.reals(toy.communities, 0, 1)
    added, cred_before, felt_before = toy.blank(toy.communities), credibility.copy(), felt.copy()
    kernels.concede(size, broken, toy.place, toy.country, legitimacy, change, relief, first, miss, efficacy, decay,
                    1.0, step, credibility, felt, added)  # fmt: skip
    for r in range(toy.replicates):
        for k in range(toy.countries):
            start = cred_before[r, k] if step else first[r]
            assert credibility[r, k] == pytest.approx(start * (1 - miss[r] * broken[r, k]), rel=1e-12)
        for c in range(toy.communities):
            k = toy.country[toy.place[c]]
            stands = min(1, max(0, legitimacy[r, c] + change[r, c]))
            assert felt[r, c] == pytest.approx(
                felt_before[r, c] * math.exp(-1 / decay[r]) + efficacy[r] * size[r, k], rel=1e-12
            )
            expected = relief[r] * credibility[r, k] * size[r, k] * (1 - stands)
            assert added[r, c] == pytest.approx(expected, rel=1e-12, abs=1e-15)
