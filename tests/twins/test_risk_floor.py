"""Risk floor: Epstein's estimate with the floor."""

from __future__ import annotations

import math

import pytest
from twins import plain

from groundswell.mechanisms import risk_floor as kernels


@pytest.mark.parametrize("seed", range(4))
def test_estimate_floor(seed: int) -> None:
    toy = plain.Toy(seed, replicates=4)
    turnout, strength = toy.counts(toy.places, 0, 3000), toy.counts(toy.units, 0, 2000, "f8")
    turnout[:, 0], turnout[1] = 0, toy.counts(toy.places, 0, 20)[1]
    toy.unit_place[toy.unit_place == 2] = 1
    if seed % 2:
        strength += 0.5
    else:  # forces that the crowd divides without rest: 30 forces for 9 + 1 people
        turnout[:, 5] = 9
        strength[:, toy.unit_place == 5] = 0
        strength[:, int((toy.unit_place == 5).argmax())] = 30
    k, risk = toy.parameter(0.1, 5), toy.blank(toy.places)
    k[3] = 0
    kernels.estimate_floor(turnout, toy.unit_place, strength, k, risk)
    for r in range(toy.replicates):
        forces = [0.0] * toy.places
        for u in range(toy.units):
            forces[toy.unit_place[u]] += strength[r, u]
        for p in range(toy.places):
            steps = math.floor(forces[p] / (int(turnout[r, p]) + 1))
            assert risk[r, p] == pytest.approx(1 - math.exp(-k[r] * steps), rel=1e-13, abs=1e-15)
