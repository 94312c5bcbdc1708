"""Common shock: something national, dated or latent, that moves each community by its exposure."""

from __future__ import annotations

import math
from typing import Any

from groundswell.chance import Chance, at, exp, normal
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

_LATENT = 0


class CommonShock(
    Mechanism,
    phase="perceive",
    reads="country.shock? community.shock_exposure community.place place.country",
    writes="country.latent_shock community.common_shock",
    stacked=True,
):
    """Something national, dated or latent, that moves each community by its exposure (equations M8).

    The latent part is an AR(1) process a country, started at rest: g(0) = sd z, g(t) = k g(t-1) +
    sd sqrt(1 - k^2) z, k = exp(-days / memory), z standard normal with an address of its own. The term of the
    decision is exposure (dated + g); `country.shock` is the dated part, given by the case. It moves all who are
    exposed on the same day, wherever they live: no lag, no ties. Neutral: sd 0 and no dated shock.
    """

    sd: float = param(0.1, low=0, unit="utility", range=(0.03, 0.3), log=True,
                      source="guess; 0.7 of a log rate in the power study (equations M8) times the decision's noise, "
                             "0.15")  # fmt: skip
    memory: float = param(7.0, low=0.01, unit="days", range=(3, 21), log=True,
                          source="guess; 7 days in the power study (equations M8)")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Draw today's shock and hand it on."""
        jolt(world.country.shock, world.community.shock_exposure, world.community.place, world.place.country, self.sd,
             self.memory, world.time.days, world.time.step, chance, world.country.latent_shock,
             world.community.common_shock)  # fmt: skip


@kernel
def jolt(dated, exposure, place, country, sd, memory, days, step, chance, latent, common):
    """latent[k] = sd z where step is 0, else kept latent[k] + sd sqrt(1 - kept^2) z; kept = exp(-days / memory).

    z is the standard normal number at row k (the country), slot 0.
    common[c] = exposure[c] * (dated[k] + latent[k]) with k = country[place[c]].
    """
    for r in range(latent.shape[0]):
        luck = at(chance, r)
        kept = exp(-days / memory[r])
        for k in range(latent.shape[1]):
            z = normal(luck, k, _LATENT)
            if step == 0:
                latent[r, k] = sd[r] * z
            else:
                latent[r, k] = kept * latent[r, k] + sd[r] * math.sqrt(1.0 - kept * kept) * z
        for c in range(place.size):
            k = country[place[c]]
            common[r, c] = exposure[r, c] * (dated[r, k] + latent[r, k])
