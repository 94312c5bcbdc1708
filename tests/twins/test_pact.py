"""Pact: what an agreement among those in office leaves."""

from __future__ import annotations

import math

import pytest
from twins import plain

from groundswell.mechanisms import pact as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
def test_agree(days: float) -> None:
    toy = plain.Toy(2, replicates=4)
    pact, felt = toy.reals(toy.countries, 0, 1), toy.reals(toy.communities, -1, 1)
    weight, decay, before = toy.parameter(-1, 1), toy.parameter(5, 20), felt.copy()
    kernels.agree(pact, toy.place, toy.country, weight, decay, days, felt)
    for r in range(toy.replicates):
        for c in range(toy.communities):
            expected = before[r, c] * math.exp(-days / decay[r]) + weight[r] * pact[r, toy.country[toy.place[c]]]
            assert felt[r, c] == pytest.approx(expected, rel=1e-12, abs=1e-14)
