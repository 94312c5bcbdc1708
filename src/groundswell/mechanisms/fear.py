"""Fear: a stock that severe repression fills and days empty."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Fear(
    Mechanism, phase="settle", reads="community.fear community.repression?", adds="community.fear", stacked=True
):
    """A stock that severe repression fills and days empty: convex, so it needs severity (equations M3).

    A day: F(t) = F(t-1) exp(-1 / decay) + gain rho^2 / (half + rho). A longer step adds what its days would leave under
    the same rho: the gain times (1 - exp(-days / decay)) / (1 - exp(-1 / decay)). Fear multiplies risk
    aversion by 1 + F in the decision. Neutral: gain 0.
    """

    gain: float = param(
        0.1, low=0, unit="stock per unit of rho", range=(0.01, 1.0), log=True, source="guess; calibrate", doc="aF"
    )
    half: float = param(5.0, low=1e-6, unit="harm per 1,000", range=(1, 20), log=True, source="guess; calibrate",
                        doc="rho0")  # fmt: skip
    decay: float = param(
        5.0, low=0.01, unit="days", range=(2, 10), source="guess; calibrate (equations M3: 2 to 10 days)", doc="tauF"
    )

    def step(self, world: Any, chance: Chance) -> None:
        """Fade and rise."""
        frighten(world.community.fear, world.community.repression, self.gain, self.half, self.decay, world.time.days,
                 world.add.community.fear)  # fmt: skip


@kernel
def frighten(fear, rho, gain, half, decay, days, added):
    """added = fear * (exp(-days / decay) - 1) + gain * rho^2 / (half + rho) * span,
    with span = (1 - exp(-days / decay)) / (1 - exp(-1 / decay))."""
    for r in range(fear.shape[0]):
        kept = exp(-days / decay[r])
        span = (1.0 - kept) / (1.0 - exp(-1.0 / decay[r]))
        for c in range(fear.shape[1]):
            rise = gain[r] * rho[r, c] * rho[r, c] / (half[r] + rho[r, c])
            added[r, c] = fear[r, c] * (kept - 1.0) + rise * span
