"""Anger: the stock and what repression adds to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from twins import plain

from groundswell.mechanisms import anger as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(3))
def test_enrage(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=4)
    stock, rho = toy.reals(toy.communities, 0, 3), toy.reals(toy.communities, 0, 20)
    rho[:, ::5] = 0
    media, added = toy.reals(toy.places, 0, 1), toy.blank(toy.communities)
    gain, half, decay = toy.parameter(0, 1), toy.parameter(0.1, 10), toy.parameter(0.5, 100)
    direct, justified = toy.parameter(0, 1), toy.parameter(0, 1)
    gain[0], justified[1], direct[2], direct[3] = 0, 1, 1, 0
    kernels.enrage(stock, rho, toy.place, media, gain, half, decay, direct, justified, days, added)
    for r in range(toy.replicates):
        for c in range(toy.communities):
            lost = stock[r, c] * (math.exp(-days / decay[r]) - 1)
            seen = direct[r] + (1 - direct[r]) * media[r, toy.place[c]]
            won = gain[r] * rho[r, c] / (half[r] + rho[r, c]) * seen * (1 - justified[r])
            won *= (1 - math.exp(-days / decay[r])) / (1 - math.exp(-1 / decay[r]))
            assert added[r, c] == pytest.approx(lost + won, rel=1e-12, abs=1e-14)
    assert np.all(added[1] <= 0)  # all hold the crowd to be violent
