"""Pact: an agreement among those in office, endorsed by nobody outside, moves everyone alike for some days."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Pact(
    Mechanism,
    phase="perceive",
    reads="country.pact? community.place place.country",
    writes="community.pact",
    stacked=True,
):
    """An agreement among those in office, endorsed by nobody outside, moves everyone alike for some days (M9).

    The term of the decision: pact(t) = pact(t-1) exp(-days / decay) + weight x the day's `country.pact`, which a case
    gives as a shock of one day between 0 and 1. It has a parameter of its own, apart from `endorsement`, and its sign
    is free. Neutral: weight 0.
    """

    weight: float = param(0.0, low=-5, high=5, unit="utility", range=(-0.2, 0.2), source="guess; sign free")
    decay: float = param(10.0, low=0.1, unit="days", range=(7, 14), source="guess; as for statements (equations M9)")

    def step(self, world: Any, chance: Chance) -> None:
        """Hear of it."""
        agree(world.country.pact, world.community.place, world.place.country, self.weight, self.decay,
              world.time.days, world.community.pact)  # fmt: skip


@kernel
def agree(pact, place, country, weight, decay, days, felt):
    """felt[c] = felt[c] * exp(-days / decay) + weight * pact[country[place[c]]]."""
    for r in range(felt.shape[0]):
        kept = exp(-days / decay[r])
        for c in range(place.size):
            felt[r, c] = kept * felt[r, c] + weight[r] * pact[r, country[place[c]]]
