"""Place influence: everyone sees the share of the whole place that was active."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism


class PlaceInfluence(
    Mechanism,
    phase="perceive",
    reads="place.turnout place.population person.community community.place",
    writes="person.influence",
    daily=True,
    stacked=True,
):
    """Everyone sees the share of the whole place that was active yesterday: Granovetter 1978, a full network.

    x = turnout of the place / its population. An alternative to `influence`: use one of them.
    """

    def step(self, world: Any, chance: Chance) -> None:
        """Look around."""
        look_around(world.place.turnout, world.place.population, world.person.community, world.community.place,
                    world.person.influence)  # fmt: skip


@kernel
def look_around(turnout, population, community, place, influence):
    """influence[r, i] = min(1, turnout / population) of the person's place; 0 where nobody lives."""
    for r in range(influence.shape[0]):
        for i in range(influence.shape[1]):
            p = place[community[i]]
            influence[r, i] = min(1.0, turnout[r, p] / population[r, p]) if population[r, p] > 0.0 else 0.0
