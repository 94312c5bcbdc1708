"""Calendar: the weekday and dated holy days make turning out cheaper or dearer."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Calendar(
    Mechanism, phase="perceive", reads="community.holy_day?", writes="community.day_cost", daily=True, stacked=True
):
    """The weekday and dated holy days make turning out cheaper or dearer.

    cost = weekly_day_cost [today is weekly_day] + holy_day_cost * holy_day, in units of the decision's utility
    (term cost(day) of rule B0). No record at hand fixes either sign. Neutral: both costs 0.
    """

    weekly_day: float = param(
        4, low=0, high=6, unit="weekday", source="Friday (Monday is 0): the day of communal prayer"
    )
    weekly_day_cost: float = param(0.0, low=-2, high=2, unit="utility", range=(-0.1, 0.1), source="guess; calibrate")
    holy_day_cost: float = param(0.0, low=-2, high=2, unit="utility", range=(-0.4, 0.4), source="guess; calibrate")

    def step(self, world: Any, chance: Chance) -> None:
        """Write the day's cost."""
        day_costs(world.community.holy_day, self.weekly_day, self.weekly_day_cost, self.holy_day_cost,
                  world.time.weekday, world.community.day_cost)  # fmt: skip


@kernel
def day_costs(holy_day, weekly_day, weekly_day_cost, holy_day_cost, weekday, day_cost):
    """day_cost[r, c] = weekly_day_cost[r] if weekday equals weekly_day[r], plus holy_day_cost[r] * holy_day[r, c]."""
    for r in range(day_cost.shape[0]):
        today = weekly_day_cost[r] if weekday == weekly_day[r] else 0.0
        for c in range(day_cost.shape[1]):
            day_cost[r, c] = today + holy_day_cost[r] * holy_day[r, c]
