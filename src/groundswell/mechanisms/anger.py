"""Anger: a stock that witnessed repression fills soon and empties slowly."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Anger(
    Mechanism,
    phase="settle",
    reads="community.anger community.repression? community.place place.media?",
    adds="community.anger",
    stacked=True,
):
    """A stock that witnessed repression fills soon and empties slowly: concave, so it saturates early (equations M3).

    A day: B(t) = B(t-1) exp(-1 / decay) + gain rho / (half + rho) (direct + (1 - direct) media) (1 - justified). A
    longer step adds what its days would leave under the same rho, as in `fear`. A community answers to its own harm
    only. Neutral: gain 0.
    """

    gain: float = param(0.1, low=0, unit="stock", range=(0.01, 1.0), log=True, source="guess; calibrate", doc="aB")
    half: float = param(1.0, low=1e-6, unit="harm per 1,000", range=(0.2, 5), log=True, source="guess; calibrate",
                        doc="rho1")  # fmt: skip
    decay: float = param(20.0, low=0.01, unit="days", range=(7, 60), log=True,
                         source="guess; calibrate (equations M3: 7 to 60 days)", doc="tauB")  # fmt: skip
    direct: float = param(0.5, low=0, high=1, unit="share", range=(0.1, 0.9), source="guess; calibrate",
                          doc="seen without media")  # fmt: skip
    justified: float = param(0.2, low=0, high=1, unit="share", range=(0.0, 0.5), source="guess; calibrate",
                             doc="who hold the crowd to be violent")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Fade and rise."""
        enrage(world.community.anger, world.community.repression, world.community.place, world.place.media,
               self.gain, self.half, self.decay, self.direct, self.justified, world.time.days,
               world.add.community.anger)  # fmt: skip


@kernel
def enrage(anger, rho, place, media, gain, half, decay, direct, justified, days, added):
    """added = anger * (exp(-days / decay) - 1)
    + gain * rho / (half + rho) * (direct + (1 - direct) * media[place]) * (1 - justified) * span,
    with span = (1 - exp(-days / decay)) / (1 - exp(-1 / decay))."""
    for r in range(anger.shape[0]):
        kept = exp(-days / decay[r])
        span = (1.0 - kept) / (1.0 - exp(-1.0 / decay[r]))
        for c in range(anger.shape[1]):
            seen = direct[r] + (1.0 - direct[r]) * media[r, place[c]]
            rise = gain[r] * rho[r, c] / (half[r] + rho[r, c]) * seen * (1.0 - justified[r])
            added[r, c] = anger[r, c] * (kept - 1.0) + rise * span
