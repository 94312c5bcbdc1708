"""Arrest: officers facing a crowd detain real persons, who are released after a while."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, at, binomial, exp, sure_none, uniform
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

TAKEN, FREED = 0, 1


class Arrest(
    Mechanism,
    phase="act",
    reads="community.place community.turnout place.turnout place.deployed",
    writes="community.arrests community.detained place.arrests",
    after="crowd repression",
    stacked=True,
):
    """Officers facing a crowd detain real persons, who are released after a while.

    arrests of a community ~ Binomial(its turnout, 1 - exp(-rate x deployed / crowd x days)); releases ~
    Binomial(detained, 1 - exp(-days / term)); hazards (equations M1). Counts are whole
    persons; who is arrested is not known. Neutral: rate 0.
    """

    rate: float = param(0.01, low=0, high=10, unit="arrests per officer-day", range=(0.001, 0.1), log=True,
                        source="guess; calibrate")  # fmt: skip
    term: float = param(7.0, low=0.01, unit="days", range=(1, 60), log=True, source="guess; calibrate",
                        doc="mean time held")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Detain and release."""
        detain(world.community.place, world.community.turnout, world.place.turnout, world.place.deployed,
               self.rate, self.term, world.time.days, chance,
               world.community.arrests, world.community.detained, world.place.arrests)  # fmt: skip


@kernel
def detain(place, turnout, crowd, deployed, rate, term, days, chance, arrests, detained, place_arrests):
    """Draws at row c (community): slot 0 the arrests, slot 1 the releases among those detained before today.

    detained += arrests - releases; place_arrests is the sum over a place's communities.
    """
    communities, places = place.size, place_arrests.shape[1]
    take, free, taken = np.empty(communities), np.empty(communities), np.empty(places)
    for r in range(arrests.shape[0]):
        luck = at(chance, r)
        for c in range(communities):
            take[c] = uniform(luck, c, TAKEN)
            free[c] = uniform(luck, c, FREED)
        for p in range(places):
            place_arrests[r, p] = 0
            taken[p] = 1.0 - exp(-rate[r] * deployed[r, p] / crowd[r, p] * days) if crowd[r, p] > 0 else 0.0
        leave = 1.0 - exp(-days / term[r])
        for c in range(communities):
            p = place[c]
            arrests[r, c] = 0
            if not sure_none(turnout[r, c], taken[p], take[c]):
                arrests[r, c] = binomial(luck, c, TAKEN, turnout[r, c], taken[p])
            freed = 0
            if not sure_none(detained[r, c], leave, free[c]):
                freed = binomial(luck, c, FREED, detained[r, c], leave)
            detained[r, c] += arrests[r, c] - freed
            place_arrests[r, p] += arrests[r, c]
