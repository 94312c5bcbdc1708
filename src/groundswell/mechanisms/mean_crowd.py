"""Mean crowd: how many real persons are on the street, from the share of each community that acts."""

from __future__ import annotations

from typing import Any, ClassVar

from groundswell.chance import Chance, at, uniform
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism


class MeanCrowd(
    Mechanism,
    phase="act",
    reads="community.active_share community.place community.population community.detained? community.dead? "
    "place.country",
    writes="community.turnout place.turnout country.turnout",
    daily=True,
    stacked=True,
):
    """How many real persons are on the street, where a community acts as its mean says.

    turnout of a community = floor(population x share active x (share neither held nor dead) + u), u even in (0, 1).
    It is `crowd` without people. Neutral: no share is active (0).
    """

    twin_of: ClassVar[str] = "crowd"

    def step(self, world: Any, chance: Chance) -> None:
        """Count."""
        c = world.community
        count_means(c.active_share, c.place, world.place.country, c.population, c.detained, c.dead, chance, c.turnout,
                    world.place.turnout, world.country.turnout)  # fmt: skip


@kernel
def count_means(share, place, country, population, detained, dead, chance, turnout, place_turnout, country_turnout):
    """turnout[r, c] = floor(population * share * free + uniform(row c, slot 0)), at most population * free; its sums.

    free = 1 - (detained + dead) / population, at least 0. place_turnout and country_turnout are the sums over a
    place's communities and a country's places.
    """
    place_turnout[:] = 0
    country_turnout[:] = 0
    for r in range(turnout.shape[0]):
        luck = at(chance, r)
        for c in range(turnout.shape[1]):
            free = max(0, population[r, c] - detained[r, c] - dead[r, c])
            turnout[r, c] = min(free, int(free * share[r, c] + uniform(luck, c, 0)))
            place_turnout[r, place[c]] += turnout[r, c]
        for p in range(place_turnout.shape[1]):
            country_turnout[r, country[p]] += place_turnout[r, p]
