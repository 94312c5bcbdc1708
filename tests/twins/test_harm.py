"""Harm: deaths and injuries of a crowd, unit by unit, drawn through the shared twin of the generator."""

from __future__ import annotations

import math

import numpy as np
import pytest
from twins import plain

from groundswell.chance import chance_for
from groundswell.mechanisms import harm as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(4))
def test_strike(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=4)
    if seed == 3:  # communities of a place need not stand together
        toy.rng.shuffle(toy.place)
    turnout = toy.counts(toy.communities, 0, [30, 900, 50_000, 2_000][seed])
    turnout[:, ::6] = 0
    arrests = turnout * toy.counts(toy.communities, 0, 100) // 100
    arrests[2] = turnout[2]
    severity, deployed = toy.reals(toy.units, 0, 1), toy.reals(toy.units, 0, 2000)
    severity[:, ::7], deployed[:, ::5] = 0, 0
    deployed[:, toy.unit_place == 1] = 0
    place_deployed = np.zeros((toy.replicates, toy.places))
    for u in range(toy.units):
        place_deployed[:, toy.unit_place[u]] += deployed[:, u]
    crowd = np.zeros((toy.replicates, toy.places), "i8")
    for c in range(toy.communities):
        crowd[:, toy.place[c]] += turnout[:, c]
    reach = toy.parameter(0, 40)
    reach[0] = 0
    rates = [toy.parameter(0, high) for high in (40, 4, 300, 3)]
    rates[0][0] = rates[2][0] = 0  # neutral
    rates[0][1], rates[2][1] = 5000, 20000  # nearly all are hit, so few are left for later units
    rates[1][3], severity[3] = 0, np.maximum(severity[3], 1e-3)  # any severity is as deadly; 0 to the 0 is tested below
    chance = chance_for(seed, "harm", 11, 2)
    before = toy.counts(toy.communities, 0, 50)
    out = {name: toy.blank(toy.communities, "i8") for name in ("deaths", "injuries")} | {"dead": before.copy()}
    out |= {name: toy.blank(toy.units, "i8") for name in ("unit_deaths", "unit_injuries")}
    out |= {name: toy.blank(toy.places, "i8") for name in ("place_deaths", "place_injuries")}
    kernels.strike(toy.place, turnout, arrests, crowd, toy.unit_place, severity, deployed, place_deployed, *rates,
                   reach, days, chance, *out.values())  # fmt: skip
    twin = {name: np.zeros_like(column) for name, column in out.items()} | {"dead": before.copy()}
    for r in range(toy.replicates):
        here = plain.at(chance, r)
        for u in range(toy.units):
            p = toy.unit_place[u]
            if place_deployed[r, p] == 0:
                continue
            share = deployed[r, u] / place_deployed[r, p]
            share *= min(1.0, reach[r] * place_deployed[r, p] / crowd[r, p]) if crowd[r, p] else 0.0
            kill, hurt = (rates[k][r] / 1000 * severity[r, u] ** rates[k + 1][r] * share for k in (0, 2))
            members = [c for c in range(toy.communities) if toy.place[c] == p]
            for j, c in enumerate(members):
                left = int(turnout[r, c] - arrests[r, c] - twin["deaths"][r, c] - twin["injuries"][r, c])
                killed = plain.binomial(here, u, 2 * j, left, 1 - math.exp(-kill * days))
                injured = plain.binomial(here, u, 2 * j + 1, left - killed, 1 - math.exp(-hurt * days))
                for kind, number in (("deaths", killed), ("injuries", injured)):
                    twin[kind][r, c] += number
                    twin["unit_" + kind][r, u] += number
                    twin["place_" + kind][r, p] += number
                twin["dead"][r, c] += killed
    for name, column in out.items():
        assert np.array_equal(column, twin[name]), name
    assert not out["deaths"][0].any() and not out["injuries"][0].any() and not out["deaths"][2].any()
    assert np.all(out["deaths"] + out["injuries"] + arrests <= turnout)


def test_strike_with_severity_0_and_power_0() -> None:
    """A severity of 0 harms nobody, though severity^power is 1 (0^0, as `power` has it)."""
    place = unit_place = np.zeros(1, "i4")
    turnout, one, zero = np.full((1, 1), 100_000, "i8"), np.ones((1, 1)), np.zeros(1)
    out = [np.zeros((1, 1), "i8") for _ in range(7)]
    kernels.strike(place, turnout, turnout * 0, turnout, unit_place, one * 0, one, one, zero + 100, zero, zero, zero,
                   zero + 1e6, 1.0,
                   chance_for(1, "harm"), *out)  # fmt: skip
    assert not any(column.any() for column in out)


def test_strike_of_a_place_with_no_community_and_no_unit() -> None:
    place, unit_place = np.array([0, 2], "i4"), np.array([1, 1], "i4")
    turnout = np.full((2, 2), 100, "i8")
    out = [plain.garbage((2, n), "i8") for n in (2, 2)] + [np.zeros((2, 2), "i8")]
    out += [plain.garbage((2, n), "i8") for n in (2, 2, 3, 3)]
    kernels.strike(place, turnout, turnout * 0, np.array([[100, 0, 100]] * 2), unit_place, np.ones((2, 2)),
                   np.ones((2, 2)), np.array([[0.0, 2, 0]] * 2), *(np.full(2, 10.0) for _ in range(5)), 1.0,
                   chance_for(1, "harm"), *out)  # fmt: skip
    assert all(not column.any() for column in out)
