"""Repression: what forces do, from the threat they face and their doctrine."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, power
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Repression(
    Mechanism,
    phase="act",
    reads="place.turnout unit.place unit.actor unit.strength unit.shirking? actor.doctrine",
    writes="unit.severity unit.deployed place.deployed",
    after="crowd",
    stacked=True,
):
    """What forces do, from the threat they face and their doctrine.

    threat T = crowd / personnel at hand in the place, those who do not obey left out. severity = doctrine T^n /
    (T^n + half_threat^n): the response to threat is the law-like part of the published record (Davenport 2007, as
    recalled; equations M3); the form is a guess. deployed = personnel at hand x min(1, T): no more officers face a
    crowd than it has people. Neutral: doctrine 0.
    """

    half_threat: float = param(5.0, low=1e-6, unit="persons per officer", range=(0.5, 50), log=True,
                               source="guess; calibrate", doc="threat at which half the doctrine is used")  # fmt: skip
    steepness: float = param(2.0, low=0.1, high=20, unit="", range=(1, 4), source="guess; calibrate", doc="n")

    def step(self, world: Any, chance: Chance) -> None:
        """Deploy."""
        deploy(
            world.place.turnout,
            world.unit.place,
            world.unit.actor,
            world.unit.strength * (1.0 - world.unit.shirking),
            world.actor.doctrine,
            self.half_threat,
            self.steepness,
            world.unit.severity,
            world.unit.deployed,
            world.place.deployed,
        )


@kernel
def deploy(
    turnout, unit_place, unit_actor, strength, doctrine, half_threat, steepness, severity, deployed, place_deployed
):
    """With T = turnout / (sum of strength in the place): severity = doctrine / (1 + (half_threat / T)^steepness),
    deployed = strength * min(1, T), place_deployed = its sum; all 0 where the crowd or the forces are 0. The strength
    of a unit is as many as obey: `unit.strength` (1 - `unit.shirking`)."""
    places = place_deployed.shape[1]
    threat, spared = np.empty(places), np.empty(places)
    for r in range(severity.shape[0]):
        at_hand = place_deployed[r]
        at_hand[:] = 0.0
        for u in range(unit_place.size):
            at_hand[unit_place[u]] += strength[r, u]
        for p in range(places):
            threat[p] = turnout[r, p] / at_hand[p] if at_hand[p] > 0.0 and turnout[r, p] > 0 else 0.0
            spared[p] = 1.0 + power(half_threat[r] / threat[p], steepness[r]) if threat[p] > 0.0 else np.inf
        for u in range(unit_place.size):
            p = unit_place[u]
            severity[r, u] = doctrine[r, unit_actor[u]] / spared[p]
            deployed[r, u] = strength[r, u] * min(1.0, threat[p])
        place_deployed[r, :] = 0.0
        for u in range(unit_place.size):
            place_deployed[r, unit_place[u]] += deployed[r, u]
