"""Repression: severity and deployment from the threat."""

from __future__ import annotations

import numpy as np
import pytest
from twins import plain

from groundswell.mechanisms import repression as kernels


@pytest.mark.parametrize("seed", range(4))
def test_deploy(seed: int) -> None:
    toy = plain.Toy(seed, replicates=5)
    turnout, strength = toy.counts(toy.places, 0, 40_000), toy.reals(toy.units, 0, 4000)
    doctrine = toy.reals(toy.actors, 0, 1)
    turnout[:, 0], turnout[0, 1], doctrine[1] = 0, 1, 0
    turnout[2] = toy.counts(toy.places, 0, 3000)[2]
    strength[:, toy.unit_place == 3] = 0  # forces in name only
    strength[:, toy.unit_place == 0] += 5
    strength[3, ::4] = 0
    toy.unit_place[toy.unit_place == 2] = 1  # a place with no unit
    half, n = toy.parameter(0.5, 20), toy.parameter(0.5, 8)
    half[4], n[4] = 5, 1
    out = toy.blank(toy.units), toy.blank(toy.units), toy.blank(toy.places)
    kernels.deploy(turnout, toy.unit_place, toy.unit_actor, strength, doctrine, half, n, *out)
    for r in range(toy.replicates):
        forces, sums = [0.0] * toy.places, [0.0] * toy.places
        for u in range(toy.units):
            forces[toy.unit_place[u]] += strength[r, u]
        for u in range(toy.units):
            p, severity, deployed = toy.unit_place[u], 0.0, 0.0
            if forces[p] > 0 and turnout[r, p] > 0:
                threat = int(turnout[r, p]) / forces[p]
                severity = doctrine[r, toy.unit_actor[u]] / (1 + (half[r] / threat) ** n[r])
                deployed = strength[r, u] * min(1, threat)
            assert out[0][r, u] == pytest.approx(severity, rel=1e-10, abs=1e-300)
            assert out[1][r, u] == pytest.approx(deployed, rel=1e-13)
            sums[p] += deployed
        for p in range(toy.places):
            assert out[2][r, p] == pytest.approx(sums[p], rel=1e-13)
            assert out[2][r, p] <= turnout[r, p] * (1 + 1e-12)


def test_deploy_where_powers_overflow() -> None:
    """A tiny threat with a great steepness leaves severity 0, a great one leaves the doctrine."""
    out = plain.garbage((2, 1)), plain.garbage((2, 1)), plain.garbage((2, 1))
    zero, many = np.zeros(1, "i4"), np.full((2, 1), 1000.0)
    turnout = np.array([[1], [10_000_000]], "i8")
    kernels.deploy(turnout, zero, zero, many, np.full((2, 1), 0.7), np.full(2, 50.0), np.full(2, 90.0), *out)
    assert list(out[0][:, 0]) == [0, 0.7]
    assert list(out[1][:, 0]) == [pytest.approx(1), 1000]
