"""Office: the head of government resigns by a hazard that disruption, deaths and statements may raise."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, at, exp, uniform
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

_RESIGNS = 0
_MOST = 10.0  # of the exponent: beyond e^10 a day nobody is left in office anyway


class Office(
    Mechanism,
    phase="settle",
    after="loyalty",
    reads="country.turnout country.population country.loyalty_loss? community.deaths? community.endorsement? "
    "community.population community.place place.country community.legitimacy community.legitimacy_change",
    writes="country.recent_deaths country.resignation_hazard country.resigned",
    adds="community.legitimacy_change",
    stacked=True,
):
    """The head of government resigns by a hazard that disruption, deaths and statements may raise (equations M9).

    h = exp(base + disruption A + deaths D / 100 + endorsement E + loyalty Q) a day, while in office. A is turnout in
    percent of residents, D a fading sum of deaths, D(t) = D(t-1) exp(-days / memory) + deaths; E the mean standing of
    statements over residents, Q `country.loyalty_loss`. A resignation happens once, with probability
    1 - exp(-h days), and is a recorded outcome. What it does to legitimacy L is a guess that may be nothing:
    effect (1 - L) above 0, effect L below. Columns of harm and statements stand at 0 where nothing feeds them. One
    resignation settles none of these numbers. Neutral: effect 0 (the outcome is still recorded).
    """

    base: float = param(-6.5, low=-30, high=5, unit="log of per day", range=(-8, -5), doc="d0",
                        source="guess; one in 150 days to one in 8 years on a quiet day")  # fmt: skip
    disruption: float = param(0.5, low=-5, unit="per percent of residents", range=(0.0, 2.0), source="guess; calibrate",
                              doc="d1")  # fmt: skip
    deaths: float = param(0.5, low=-5, unit="per 100 deaths", range=(0.0, 2.0), source="guess; calibrate", doc="d2")
    endorsement: float = param(1.0, low=-10, unit="per unit of E", range=(-1.0, 3.0), source="guess; sign free",
                               doc="d3")  # fmt: skip
    loyalty: float = param(1.0, low=-10, unit="per share lost", range=(0.0, 3.0), source="guess; calibrate", doc="d4")
    effect: float = param(0.0, low=-1, high=1, unit="share", range=(-0.1, 0.3), source="guess; sign free")
    memory: float = param(7.0, low=0.1, unit="days", source="held fixed: deaths of about a week (equations M9)")

    def step(self, world: Any, chance: Chance) -> None:
        """Stay or go."""
        c, k = world.community, world.country
        resign(k.turnout, k.population, k.loyalty_loss, c.deaths, c.endorsement, c.population, c.place,
               world.place.country, c.legitimacy, c.legitimacy_change, self.base, self.disruption, self.deaths,
               self.endorsement, self.loyalty, self.effect, self.memory, world.time.days, chance, k.recent_deaths,
               k.resignation_hazard, k.resigned, world.add.community.legitimacy_change)  # fmt: skip


@kernel
def resign(turnout, population, loyalty_loss, deaths, endorsement, residents, place, country, legitimacy, change, base,
           w_disruption, w_deaths, w_endorsement, w_loyalty, effect, memory, days, chance, recent, hazard, resigned,
           added):  # fmt: skip
    """recent[k] = recent[k] exp(-days / memory) + sum of deaths[c] over the communities of country k.

    hazard[k] = exp(min(10, base + w_disruption 100 turnout[k] / population[k] + w_deaths recent[k] / 100
    + w_endorsement E + w_loyalty loyalty_loss[k])), E = mean of endorsement[c] weighted by residents[c] (0 where
    nobody lives; so is turnout / population); hazard is 0 where resigned[k] is 1 already.
    resigned[k] becomes 1 if uniform(row k, slot 0) < 1 - exp(-hazard days). Of a country that resigned in this step:
    added[c] = effect (1 - L) where effect >= 0, else effect L, L = legitimacy[c] + change[c] held within 0 and 1;
    0 elsewhere.
    """
    countries = resigned.shape[1]
    people, said, now = np.empty(countries), np.empty(countries), np.empty(countries)
    for r in range(resigned.shape[0]):
        luck = at(chance, r)
        kept = exp(-days / memory[r])
        for k in range(countries):
            recent[r, k] = kept * recent[r, k]
            people[k] = said[k] = now[k] = 0.0
        for c in range(place.size):
            k = country[place[c]]
            recent[r, k] += deaths[r, c]
            people[k] += residents[r, c]
            said[k] += residents[r, c] * endorsement[r, c]
        for k in range(countries):
            hazard[r, k] = 0.0
            if resigned[r, k] == 0:
                share = turnout[r, k] / population[r, k] if population[r, k] > 0.0 else 0.0
                stands = said[k] / people[k] if people[k] > 0.0 else 0.0
                power = base[r] + w_disruption[r] * 100.0 * share + w_deaths[r] * recent[r, k] / 100.0
                power += w_endorsement[r] * stands + w_loyalty[r] * loyalty_loss[r, k]
                hazard[r, k] = exp(min(_MOST, power))
                if uniform(luck, k, _RESIGNS) < 1.0 - exp(-hazard[r, k] * days):
                    resigned[r, k] = 1
                    now[k] = 1.0
        for c in range(place.size):
            legit = max(0.0, min(1.0, legitimacy[r, c] + change[r, c]))
            moved = effect[r] * (1.0 - legit) if effect[r] >= 0.0 else effect[r] * legit
            added[r, c] = now[country[place[c]]] * moved
