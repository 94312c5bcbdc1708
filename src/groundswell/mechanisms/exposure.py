"""Exposure: how hard repression hit a community today, per 1,000 exposed."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Exposure(
    Mechanism,
    phase="act",
    reads="community.turnout community.deaths? community.injuries? community.arrests?",
    writes="community.repression",
    after="crowd arrest harm",
    stacked=True,
):
    """How hard repression hit a community today: rho, which fear and anger answer to (equations M3).

    rho = 1000 (deaths + injury_weight injuries + arrest_weight arrests) / days / (turnout + bystanders), by the day
    whatever the step. Neutral: left out.
    """

    injury_weight: float = param(0.05, low=0, high=1, unit="deaths per injury", range=(0.01, 0.2), log=True,
                                 source="guess; calibrate")  # fmt: skip
    arrest_weight: float = param(0.02, low=0, high=1, unit="deaths per arrest", range=(0.002, 0.1), log=True,
                                 source="guess; calibrate")  # fmt: skip
    bystanders: float = param(1000.0, low=1, unit="persons", range=(100, 10_000), log=True, source="guess; calibrate",
                              doc="exposed though not on the street")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Weigh today's harm."""
        c = world.community
        weigh(c.turnout, c.deaths, c.injuries, c.arrests, self.injury_weight, self.arrest_weight, self.bystanders,
              world.time.days,
              c.repression)  # fmt: skip


@kernel
def weigh(turnout, deaths, injuries, arrests, injury_weight, arrest_weight, bystanders, days, rho):
    """rho = 1000 * (deaths + injury_weight * injuries + arrest_weight * arrests) / days / (turnout + bystanders)."""
    for r in range(rho.shape[0]):
        for c in range(rho.shape[1]):
            harm = deaths[r, c] + injury_weight[r] * injuries[r, c] + arrest_weight[r] * arrests[r, c]
            rho[r, c] = 1000.0 * harm / days / (turnout[r, c] + bystanders[r])
