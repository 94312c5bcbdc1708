"""Long memory: the floor of fear and how it wears down."""

from __future__ import annotations

import math

import pytest
from twins import plain

from groundswell.mechanisms import long_memory as kernels


@pytest.mark.parametrize("elapsed", [0.0, 365.25, 4000.0])
def test_remember(elapsed: float) -> None:
    toy = plain.Toy(4, replicates=4)
    violence, floor = toy.reals(toy.communities, 0, 1), toy.blank(toy.communities)
    weight, decay = toy.parameter(0, 2), toy.parameter(1, 30)
    weight[0] = 0
    kernels.remember(violence, weight, decay, elapsed, floor)
    for r in range(toy.replicates):
        for c in range(toy.communities):
            expected = weight[r] * violence[r, c] * math.exp(-elapsed / 365.25 / decay[r])
            assert floor[r, c] == pytest.approx(expected, rel=1e-12)
