"""Contagion: what happened in other places in the last days moves people here, as far as the internet carries it."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Contagion(
    Mechanism,
    phase="perceive",
    reads="place.turnout place.population place.country place.internet community.place",
    writes="place.recent_activity community.contagion",
    ties="neighbour",
    stacked=True,
):
    """What happened in other places in the last days moves people here, as far as the internet carries it (M8).

    Recent activity of a place: H(t) = H(t-1) k + (1 - k) turnout(t-1) / population, k = exp(-days / memory): an
    exponential kernel whose weights sum to 1 and whose mean lag is 1 / (1 - k) days. Attention of place p:
    S_p = (1 - broad) sum_q a_q H_q / sum_q a_q + broad sum_o N_o H_o / sum_o N_o, with q the places tied to p by
    ties `neighbour` of amount a, and o all other places of p's country by population N. The term of the decision is
    weight I_p S_p / (half + S_p), I the working internet of p. Near and broad attention follow Bonnasse-Gahot and
    others 2018 as recalled (decay with distance plus a constant); the saturating form is a guess. One's own place is
    not in S. Neutral: weight 0.
    """

    weight: float = param(0.15, low=0, unit="utility", range=(0.0, 0.3),
                          source="guess; zero is inside, since neighbours were found to matter and not to matter "
                                 "(equations M8)")  # fmt: skip
    memory: float = param(3.0, low=0.01, unit="days", range=(1, 10), log=True,
                          source="guess; lag of 1 to 10 days (equations M8)")  # fmt: skip
    broad: float = param(0.5, low=0, high=1, unit="share", range=(0.1, 0.9), source="guess; calibrate",
                         doc="of attention that goes to all other places of the country by population")  # fmt: skip
    half: float = param(1e-3, low=1e-9, high=1, unit="share of population", range=(1e-4, 1e-2), log=True,
                        source="guess; calibrate", doc="attention at which half the weight is reached")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Remember yesterday, and look elsewhere."""
        p, tie = world.place, world.tie.neighbour
        attend(p.turnout, p.population, p.country, p.internet, world.community.place, tie.source, tie.offset,
               tie.amount, self.weight, self.memory, self.broad, self.half, world.time.days, p.recent_activity,
               world.community.contagion)  # fmt: skip


@kernel
def attend(turnout, population, country, internet, place, source, offset, amount, weight, memory, broad, half, days,
           recent, contagion):  # fmt: skip
    """recent[p] = k recent[p] + (1 - k) turnout[p] / population[p] (0 where nobody lives), k = exp(-days / memory).

    near = sum of amount * recent[source] over the ties offset[p]..offset[p + 1] - 1, divided by the sum of their
    amounts (0 where that sum is not above 0). wide = sum of population * recent over the other places of the country,
    divided by their population (0 where that is not above 0). S = (1 - broad) near + broad wide.
    contagion[c] = weight * internet[p] * S / (half + S) with p = place[c].
    """
    places = country.size
    countries = 0
    for p in range(places):
        countries = max(countries, country[p] + 1)
    people, acting, push = np.empty(countries), np.empty(countries), np.empty(places)
    for r in range(recent.shape[0]):
        kept = exp(-days / memory[r])
        people[:] = 0.0
        acting[:] = 0.0
        for p in range(places):
            share = turnout[r, p] / population[r, p] if population[r, p] > 0.0 else 0.0
            recent[r, p] = kept * recent[r, p] + (1.0 - kept) * share
            people[country[p]] += population[r, p]
            acting[country[p]] += population[r, p] * recent[r, p]
        for p in range(places):
            total = near = 0.0
            for k in range(offset[p], offset[p + 1]):
                total += amount[k]
                near += amount[k] * recent[r, source[k]]
            others = people[country[p]] - population[r, p]
            wide = max(0.0, acting[country[p]] - population[r, p] * recent[r, p]) / others if others > 0.0 else 0.0
            seen = (1.0 - broad[r]) * (near / total if total > 0.0 else 0.0) + broad[r] * wide
            push[p] = weight[r] * internet[r, p] * seen / (half[r] + seen)
        for c in range(place.size):
            contagion[r, c] = push[place[c]]
