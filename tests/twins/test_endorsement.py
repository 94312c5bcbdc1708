"""Endorsement: what stands of statements."""

from __future__ import annotations

import math

import pytest
from twins import plain

from groundswell.mechanisms import endorsement as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(3))
def test_listen(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=4)
    said, stands = toy.reals(toy.actors, -1, 1), toy.reals(toy.communities, -1, 1)
    where = plain.counts(toy.rng, (toy.actors,), 0, toy.countries - 1, "i4")
    strength, decay = toy.parameter(0, 1), toy.parameter(5, 20)
    before, bounded = stands.copy(), 0
    kernels.listen(said, where, toy.place, toy.country, strength, decay, days, stands)
    for r in range(toy.replicates):
        for c in range(toy.communities):
            day = sum(said[r, a] for a in range(toy.actors) if where[a] == toy.country[toy.place[c]])
            expected = before[r, c] * math.exp(-days / decay[r]) + strength[r] * day
            bounded += abs(expected) > 1
            assert stands[r, c] == pytest.approx(min(1, max(-1, expected)), rel=1e-12, abs=1e-14)
    assert bounded or seed
