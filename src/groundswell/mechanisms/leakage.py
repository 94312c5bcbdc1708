"""Leakage: a government whose revenue leaks away loses legitimacy at home."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

_YEAR = 365.0


class Leakage(
    Mechanism,
    phase="settle",
    reads="actor.leaked actor.revenue actor.country place.country community.place community.legitimacy "
    "community.legitimacy_change",
    adds="community.legitimacy_change",
    stacked=True,
):
    """A government whose revenue leaks away loses legitimacy at home (equations M7: the leak enters budget and L).

    Legitimacy L of the communities of a country falls at the rate cost x s a year, where s is the share of all
    revenue earned by actors of that country that leaked: added = -L (1 - exp(-cost s days / 365)). The form is this
    project's. Neutral: cost 0, or no leak.
    """

    cost: float = param(0.1, low=0, high=10, unit="per year, where all leaks", range=(0.0, 0.5),
                        source="guess; no panel of legitimacy against leakage used")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Lose legitimacy."""
        c = world.community
        resent(world.actor.leaked, world.actor.revenue, world.actor.country, world.place.country, c.place,
               c.legitimacy, c.legitimacy_change, self.cost, world.time.days,
               world.add.community.legitimacy_change)  # fmt: skip


@kernel
def resent(leaked, revenue, actor_country, place_country, place, legitimacy, change, cost, days, added):
    """added[r, c] = -L (1 - exp(-cost s days / 365)), L = legitimacy + change held within 0 and 1.

    s = sum of leaked / sum of (leaked + revenue) over the actors whose country is that of the community's place; 0
    where that sum is 0.
    """
    for r in range(added.shape[0]):
        for c in range(added.shape[1]):
            lost, gross = 0.0, 0.0
            for a in range(actor_country.size):
                if actor_country[a] == place_country[place[c]]:
                    lost += leaked[r, a]
                    gross += leaked[r, a] + revenue[r, a]
            share = lost / gross if gross > 0.0 else 0.0
            legit = max(0.0, min(1.0, legitimacy[r, c] + change[r, c]))
            added[r, c] = -legit * (1.0 - exp(-cost[r] * share * days / _YEAR))
