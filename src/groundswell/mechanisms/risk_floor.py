"""Risk floor: the felt risk of arrest in steps, as in the common programs of Epstein's model."""

from __future__ import annotations

import math
from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class RiskFloor(
    Mechanism,
    phase="perceive",
    reads="place.turnout unit.place unit.strength unit.shirking?",
    writes="place.arrest_risk",
    stacked=True,
):
    """The felt risk of arrest in steps: it vanishes once the crowd outnumbers the forces.

    P = 1 - exp(-k floor(C / A)), A = yesterday's turnout + 1 (oneself), C = personnel at hand in the place: Epstein
    2002 with the floor of the NetLogo library's program (equations M1); the paper's text has no floor. An alternative
    to `risk_perception`: use one of them.
    """

    k: float = param(2.3, low=0, unit="", source="Epstein 2002: P is about 0.9 where one officer faces one person")

    def step(self, world: Any, chance: Chance) -> None:
        """Estimate the risk."""
        obey = world.unit.strength * (1.0 - world.unit.shirking)
        estimate_floor(
            world.place.turnout,
            world.unit.place,
            obey,
            self.k,
            world.place.arrest_risk,
        )


@kernel
def estimate_floor(turnout, unit_place, strength, k, risk):
    """risk[r, p] = 1 - exp(-k * floor(forces / (turnout + 1))), forces = sum of strength in p."""
    for r in range(risk.shape[0]):
        forces = risk[r]
        forces[:] = 0.0
        for u in range(unit_place.size):
            forces[unit_place[u]] += strength[r, u]
        for p in range(risk.shape[1]):
            risk[r, p] = 1.0 - exp(-k[r] * math.floor(forces[p] / (turnout[r, p] + 1.0)))
