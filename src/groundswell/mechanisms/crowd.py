"""Crowd: how many real persons are on the street, by community, place and country."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism
from groundswell.world.people import weighted_sum


class Crowd(
    Mechanism,
    phase="act",
    reads="person.active person.weight community.tail_first community.tail_rows community.bulk_first "
    "community.bulk_rows community.place community.population community.detained? community.dead? place.country",
    writes="community.turnout place.turnout country.turnout",
    daily=True,
    stacked=True,
):
    """How many real persons are on the street: a count, not a share.

    turnout of a community = (sum over its people of weight x share active) x (share of it neither held nor dead at
    the start of the day), to the nearest whole person. Detention and death take integer counts of real persons out
    of the crowd, never whole simulated people (docs/concepts/people.md).
    """

    def step(self, world: Any, chance: Chance) -> None:
        """Count."""
        c = world.community
        count(world.person.active, world.person.weight, c.tail_first, c.tail_rows, c.bulk_first, c.bulk_rows,
              c.place, world.place.country, c.population, c.detained, c.dead,
              c.turnout, world.place.turnout, world.country.turnout)  # fmt: skip


@kernel
def count(active, weight, tail_first, tail_rows, bulk_first, bulk_rows, place, country, population, detained, dead,
          turnout, place_turnout, country_turnout):  # fmt: skip
    """turnout[r, c] = floor(sum of weight * active * (1 - (detained + dead) / population) + 1/2), and its sums.

    A community's people are the rows tail_first[c]..+tail_rows[c]-1 and bulk_first[c]..+bulk_rows[c]-1.
    place_turnout and country_turnout are the sums over a place's communities and a country's places.
    """
    place_turnout[:] = 0
    country_turnout[:] = 0
    for r in range(turnout.shape[0]):
        for c in range(turnout.shape[1]):
            total = weighted_sum(weight[r], active[r], tail_first[c], tail_rows[c])
            total += weighted_sum(weight[r], active[r], bulk_first[c], bulk_rows[c])
            out = detained[r, c] + dead[r, c]
            free = 1.0 - out / population[r, c] if out < population[r, c] else 0.0
            turnout[r, c] = int(total * free + 0.5)
            place_turnout[r, place[c]] += turnout[r, c]
        for p in range(place_turnout.shape[1]):
            country_turnout[r, country[p]] += place_turnout[r, p]
