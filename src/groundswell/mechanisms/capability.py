"""Capability: what a client can do follows its income slowly."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp, power
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

_ROUNDING = 1e-12  # a change below this is the rounding of sums


class Capability(
    Mechanism,
    phase="settle",
    reads="actor.income actor.usual_income",
    writes="actor.capability_loss",
    after="pay",
    stacked=True,
):
    """What a client can do follows its income slowly (equations M5).

    Capability K moves towards (income / usual income)^eta with a memory of 30 to 90 days, and starts at 1, the usual.
    Kept is the loss 1 - K, which is below 0 where income is above the usual, and 0 where nothing feeds it.
    Neutral: eta 0, or income as usual.
    """

    eta: float = param(0.7, low=0, high=3, unit="", range=(0.3, 1.0), source="guess; calibrate")
    memory: float = param(60.0, low=0.1, unit="days", range=(30, 90), source="guess; 30 to 90 days (equations M5)")

    def step(self, world: Any, chance: Chance) -> None:
        """Gain or lose."""
        a = world.actor
        build_up(a.income, a.usual_income, self.eta, self.memory, world.time.days, a.capability_loss)


@kernel
def build_up(income, usual_income, eta, memory, days, loss):
    """loss += (target - loss) (1 - exp(-days / memory)), target = 1 - (income / usual_income)^eta; the target
    is 0 where usual_income is 0 or income differs from it by less than 1e-12 of it."""
    for r in range(loss.shape[0]):
        moved = 1.0 - exp(-days / memory[r])
        for a in range(loss.shape[1]):
            target = 0.0
            if usual_income[r, a] > 0.0:
                ratio = income[r, a] / usual_income[r, a]
                if abs(ratio - 1.0) >= _ROUNDING:
                    target = 1.0 - power(ratio, eta[r])
            loss[r, a] += (target - loss[r, a]) * moved
