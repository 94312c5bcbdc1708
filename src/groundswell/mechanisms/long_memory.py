"""Long memory: a floor of fear that past violence left, and that years wear down."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

YEAR = 365.25  # days


class LongMemory(
    Mechanism, phase="perceive", reads="community.past_violence", writes="community.fear_floor", stacked=True
):
    """A floor of fear that past violence left, and that years wear down (equations M3).

    floor(t) = weight V exp(-days since the start / (365.25 decay)), V the past violence of the community as it stands
    at the start, given by the case. The decision feels fear F + floor: F is what `fear` adds above the floor, and
    fades to it. Neutral: weight 0.
    """

    weight: float = param(0.5, low=0, unit="stock", range=(0.0, 2.0), source="guess; calibrate",
                          doc="floor where past violence is 1")  # fmt: skip
    decay: float = param(10.0, low=0.1, unit="years", range=(3, 30), log=True, source="guess; calibrate")

    def step(self, world: Any, chance: Chance) -> None:
        """Remember."""
        remember(world.community.past_violence, self.weight, self.decay, world.time.step * world.time.days,
                 world.community.fear_floor)  # fmt: skip


@kernel
def remember(violence, weight, decay, elapsed, floor):
    """floor = weight * violence * exp(-elapsed / (365.25 * decay)); elapsed in days, decay in years."""
    for r in range(floor.shape[0]):
        left = weight[r] * exp(-elapsed / (YEAR * decay[r]))
        for c in range(floor.shape[1]):
            floor[r, c] = left * violence[r, c]
