"""Risk perception: the smooth estimate."""

from __future__ import annotations

import numpy as np
import pytest
from twins import plain

from groundswell.mechanisms import risk_perception as kernels


@pytest.mark.parametrize("seed", range(4))
def test_estimate(seed: int) -> None:
    toy = plain.Toy(seed, replicates=5)
    turnout, strength = toy.counts(toy.places, 0, 30_000), toy.reals(toy.units, 0, 2000)
    turnout[:, 0] = 0
    toy.unit_place[toy.unit_place == 2] = 1
    strength[:, toy.unit_place == 3] = 0
    highest, sharpness, ratio = toy.parameter(0, 1), toy.parameter(0.5, 12), toy.parameter(0.2, 8)
    sharpness[1], ratio[2] = 1, 1
    risk = toy.blank(toy.places)
    kernels.estimate(turnout, toy.unit_place, strength, highest, sharpness, ratio, risk)
    for r in range(toy.replicates):
        forces = [0.0] * toy.places
        for u in range(toy.units):
            forces[toy.unit_place[u]] += strength[r, u]
        for p in range(toy.places):
            expected = 0.0
            if forces[p] > 0:
                expected = highest[r] / (1 + ((int(turnout[r, p]) + 1) / (ratio[r] * forces[p])) ** sharpness[r])
            assert risk[r, p] == pytest.approx(expected, rel=1e-10)


def test_estimate_with_a_ratio_of_0() -> None:
    """The least ratio allowed: any crowd outnumbers the forces, and the risk is 0."""
    risk, turnout = plain.garbage((1, 2)), np.array([[0, 100]], "i8")
    one = np.ones(1)
    kernels.estimate(turnout, np.array([0, 1], "i4"), np.array([[10.0, 1000.0]]), one * 0.9, one * 4, one * 0, risk)
    assert not risk.any()


def test_estimate_where_powers_overflow() -> None:
    risk = plain.garbage((2, 1))
    turnout, strength = np.array([[50_000_000], [0]], "i8"), np.array([[1.0], [1e6]])
    kernels.estimate(turnout, np.zeros(1, "i4"), strength, np.full(2, 0.9), np.full(2, 100.0), np.ones(2), risk)
    assert list(risk[:, 0]) == [0, 0.9]
