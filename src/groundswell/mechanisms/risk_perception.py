"""Risk perception: the felt risk of arrest falls as the crowd outnumbers the forces."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, power
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class RiskPerception(
    Mechanism,
    phase="perceive",
    reads="place.turnout unit.place unit.strength unit.shirking?",
    writes="place.arrest_risk",
    stacked=True,
):
    """The felt risk of arrest falls as the crowd outnumbers the forces, smoothly.

    P = highest / (1 + (A / (ratio C))^sharpness), A = yesterday's turnout + 1 (oneself), C = personnel at hand in the
    place. The claim that bursts need a high sharpness is not shown in this package yet (equations M1). P is 0 where
    there are no forces.
    """

    highest: float = param(0.9, low=0, high=1, unit="probability", range=(0.5, 1.0), source="guess; calibrate",
                           doc="risk when alone")  # fmt: skip
    sharpness: float = param(
        4.0,
        low=0.1,
        high=50,
        unit="",
        range=(1, 12),
        log=True,
        source="guess; calibrate (prior of the project: log-uniform 1 to 12)",
        doc="n",
    )
    ratio: float = param(3.0, low=0, unit="persons per officer", range=(0.5, 20), log=True, source="guess; calibrate",
                         doc="crowd per officer at which the risk has halved; 1 in Epstein 2002")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Estimate the risk."""
        obey = world.unit.strength * (1.0 - world.unit.shirking)
        estimate(world.place.turnout, world.unit.place, obey, self.highest, self.sharpness, self.ratio,
                 world.place.arrest_risk)  # fmt: skip


@kernel
def estimate(turnout, unit_place, strength, highest, sharpness, ratio, risk):
    """risk[r, p] = highest / (1 + ((turnout + 1) / (ratio * forces))^sharpness); 0 if none.

    forces = sum of strength over the units in p, each as many as obey: `unit.strength` (1 - `unit.shirking`).
    """
    for r in range(risk.shape[0]):
        forces = risk[r]
        forces[:] = 0.0
        for u in range(unit_place.size):
            forces[unit_place[u]] += strength[r, u]
        for p in range(risk.shape[1]):
            if forces[p] > 0.0 and ratio[r] > 0.0:
                odds = power((turnout[r, p] + 1.0) / (ratio[r] * forces[p]), sharpness[r])
                risk[r, p] = highest[r] / (1.0 + odds)
            else:
                risk[r, p] = 0.0
