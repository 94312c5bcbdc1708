"""Fear: the stock and what repression adds to it."""

from __future__ import annotations

import math

import pytest
from twins import plain

from groundswell.mechanisms import fear as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(3))
def test_frighten(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=4)
    stock, rho = toy.reals(toy.communities, 0, 3), toy.reals(toy.communities, 0, 20)
    rho[:, ::5] = 0
    added = toy.blank(toy.communities)
    gain, half, decay = toy.parameter(0, 1), toy.parameter(0.1, 10), toy.parameter(0.5, 100)
    gain[0] = 0
    kernels.frighten(stock, rho, gain, half, decay, days, added)
    for r in range(toy.replicates):
        for c in range(toy.communities):
            lost = stock[r, c] * (math.exp(-days / decay[r]) - 1)
            won = gain[r] * rho[r, c] ** 2 / (half[r] + rho[r, c])
            won *= (1 - math.exp(-days / decay[r])) / (1 - math.exp(-1 / decay[r]))
            assert added[r, c] == pytest.approx(lost + won, rel=1e-12, abs=1e-14)
