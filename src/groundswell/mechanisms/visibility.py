"""Visibility: national activity is seen through media, and media through the internet that works."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, power
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Visibility(
    Mechanism,
    phase="perceive",
    reads="country.turnout country.population place.country place.internet",
    writes="country.visibility place.media",
    stacked=True,
):
    """National activity is seen through media, and media through the internet that works.

    V = s^n / (s^n + half^n), s = yesterday's turnout / population; media of a place = V x internet. The smooth
    threshold follows the finding that media act through coordination with a threshold (Enikolopov and others 2020,
    abstract only; equations M2, M12). Neutral: left out, or internet 0.
    """

    half: float = param(1e-3, low=0, high=1, unit="share of population", range=(1e-4, 1e-2), log=True,
                        source="guess; calibrate", doc="turnout at which half is visible")  # fmt: skip
    steepness: float = param(2.0, low=0.1, high=20, unit="", range=(1, 4), source="guess; calibrate", doc="n")

    def step(self, world: Any, chance: Chance) -> None:
        """See yesterday's crowd."""
        see(world.country.turnout, world.country.population, world.place.country, world.place.internet,
            self.half, self.steepness, world.country.visibility, world.place.media)  # fmt: skip


@kernel
def see(turnout, population, country, internet, half, steepness, visibility, media):
    """visibility = s^n / (s^n + half^n), s = turnout / population (0 where s is 0); media = visibility * internet."""
    for r in range(visibility.shape[0]):
        for k in range(visibility.shape[1]):
            share = turnout[r, k] / population[r, k] if population[r, k] > 0.0 else 0.0
            visibility[r, k] = 1.0 / (1.0 + power(half[r] / share, steepness[r])) if share > 0.0 else 0.0
        for p in range(media.shape[1]):
            media[r, p] = visibility[r, country[p]] * internet[r, p]
