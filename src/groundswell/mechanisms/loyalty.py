"""Loyalty: parts of a force stop obeying, by a hazard, and some come back."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, at, binomial, exp, log
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

_SHIRKS, _LEAVES, _RESISTS = 0, 1, 2
_MOST = 30.0  # of the exponent: beyond e^30 nobody would be left after a day anyway


class Loyalty(
    Mechanism,
    phase="settle",
    reads="unit.place unit.actor unit.strength unit.severity? unit.coethnic? place.turnout place.country "
    "actor.arrears? actor.ideology? community.endorsement? community.place community.population",
    writes="unit.loyal unit.passive unit.resisting unit.shirking country.loyalty_loss",
    after="pay",
    stacked=True,
):
    """Parts of a force stop obeying, by a hazard, and some come back (equations M4).

    A row of `unit` is a whole number of sub-units, each loyal, passive or resisting. A loyal one turns passive with
    hazard lambda = rate x exp(orders x severity x coethnic + crowd ln(1 + A / C) + arrears x arrears
    + neighbours S + statements E - ideology x ideology) a day. A is turnout of the place, C the personnel there who
    obey, S the share of sub-units in the place that did not obey when the day began, E the mean standing of
    statements in the place. A passive one turns resisting with hazard resist x lambda and loyal with hazard `back`;
    one that resists does not come back. Draws are binomial. The share that does not obey is missing from the force of
    the next day. The list of causes follows studies of defection (Albrecht and Ohl 2016; Dahl and others 2012, as
    recalled); the form is this project's. Neutral: rate 0.
    """

    rate: float = param(0.0001, low=0, high=10, unit="per sub-unit-day", range=(0.00001, 0.001), log=True,
                        source="guess; of the order of a few in a hundred that quit in a quiet year",
                        doc="e^b0: at full ease, without orders")  # fmt: skip
    orders: float = param(2.0, low=-20, high=20, unit="log", range=(0.0, 4.0), source="guess; calibrate",
                          doc="b1: of full severity against one's own kind")  # fmt: skip
    crowd: float = param(0.5, low=-20, high=20, unit="log", range=(0.0, 1.5), source="guess; calibrate", doc="b2")
    arrears: float = param(3.0, low=-50, high=50, unit="log per share of income owed", range=(0.0, 8.0), doc="b3",
                           source="guess; calibrate")  # fmt: skip
    neighbours: float = param(2.0, low=-20, high=20, unit="log per share", range=(0.0, 5.0), source="guess; calibrate",
                              doc="b4: makes cascades")  # fmt: skip
    statements: float = param(0.5, low=-20, high=20, unit="log", range=(-0.5, 1.5), source="guess; sign free",
                              doc="b5")  # fmt: skip
    ideology: float = param(1.0, low=-20, high=20, unit="log", range=(0.0, 3.0), source="guess; calibrate", doc="b6")
    resist: float = param(0.05, low=0, high=10, unit="", range=(0.0, 0.2), source="guess; calibrate",
                          doc="hazard from passive to resisting over lambda")  # fmt: skip
    back: float = param(0.05, low=0, high=10, unit="per day", range=(0.01, 0.3), log=True, source="guess; calibrate",
                        doc="hazard from passive to loyal")  # fmt: skip
    sub_units: float = param(10.0, low=1, high=100_000, unit="sub-units of a row", source="held fixed: some 10 to 50 a "
                             "place, as several forces stand in one (equations M4)")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Obey or not."""
        u, c = world.unit, world.community
        waver(u.place, u.actor, u.strength, u.severity, u.coethnic, world.place.turnout, world.place.country,
              world.actor.arrears, world.actor.ideology, c.endorsement, c.place, c.population, self.rate, self.orders,
              self.crowd, self.arrears, self.neighbours, self.statements, self.ideology, self.resist, self.back,
              self.sub_units, world.time.days, chance, u.loyal, u.passive, u.resisting, u.shirking,
              world.country.loyalty_loss)  # fmt: skip


@kernel
def waver(place, actor, strength, severity, coethnic, turnout, country, arrears, ideology, endorsement,
          community_place, population, rate, w_orders, w_crowd, w_arrears, w_neighbours, w_statements, w_ideology,
          resist, back, sub_units, days, chance, loyal, passive, resisting, shirking, loss):  # fmt: skip
    """A row u with no sub-units yet (loyal + passive + resisting = 0) gets floor(sub_units) loyal ones first.

    As the step begins, of place p: C = sum of strength (1 - shirking) over its units; S = sum of passive + resisting
    over sum of sub-units, of its units; E = mean of endorsement over its communities weighted by population, 0 where
    nobody lives. lambda[u] = rate exp(min(30, w_orders severity coethnic + w_crowd ln(1 + turnout[p] / max(C, 1))
    + w_arrears arrears[a] + w_neighbours S + w_statements E - w_ideology ideology[a])), a = actor[u].
    Draws at row u: slot 0, of the loyal: shirk ~ Binomial(loyal, 1 - exp(-lambda days)); slot 1, of those passive
    before: leave ~ Binomial(passive, 1 - exp(-(resist lambda + back) days)); slot 2: of those who leave,
    Binomial(leave, resist lambda / (resist lambda + back)) resist and the others are loyal again.
    shirking = (passive + resisting) / sub-units of u after that. loss[k] = sum of strength shirking / sum of
    strength over the units in places of country k; 0 without units.
    """
    places, countries = turnout.shape[1], loss.shape[1]
    obey, bad, all_units = np.empty(places), np.empty(places), np.empty(places)
    people, said = np.empty(places), np.empty(places)
    men, gone = np.empty(countries), np.empty(countries)
    for r in range(loyal.shape[0]):
        luck = at(chance, r)
        obey[:], bad[:], all_units[:], people[:], said[:] = 0.0, 0.0, 0.0, 0.0, 0.0
        men[:], gone[:] = 0.0, 0.0
        for c in range(community_place.size):
            people[community_place[c]] += population[r, c]
            said[community_place[c]] += population[r, c] * endorsement[r, c]
        for u in range(place.size):
            p = place[u]
            if loyal[r, u] + passive[r, u] + resisting[r, u] == 0:
                loyal[r, u] = int(sub_units[r])
            obey[p] += strength[r, u] * (1.0 - shirking[r, u])
            bad[p] += passive[r, u] + resisting[r, u]
            all_units[p] += loyal[r, u] + passive[r, u] + resisting[r, u]
        for u in range(place.size):
            p, a = place[u], actor[u]
            x = w_orders[r] * severity[r, u] * coethnic[r, u]
            x += w_crowd[r] * log(1.0 + turnout[r, p] / max(obey[p], 1.0)) + w_arrears[r] * arrears[r, a]
            x += w_neighbours[r] * bad[p] / all_units[p] - w_ideology[r] * ideology[r, a]
            x += w_statements[r] * (said[p] / people[p] if people[p] > 0.0 else 0.0)
            hazard = rate[r] * exp(min(_MOST, x))
            out = resist[r] * hazard + back[r]
            shirk = binomial(luck, u, _SHIRKS, loyal[r, u], 1.0 - exp(-hazard * days))
            leave = binomial(luck, u, _LEAVES, passive[r, u], 1.0 - exp(-out * days))
            harder = binomial(luck, u, _RESISTS, leave, resist[r] * hazard / out) if leave > 0 else 0
            loyal[r, u] += leave - harder - shirk
            passive[r, u] += shirk - leave
            resisting[r, u] += harder
            away = passive[r, u] + resisting[r, u]
            shirking[r, u] = away / (loyal[r, u] + away)
            men[country[p]] += strength[r, u]
            gone[country[p]] += strength[r, u] * shirking[r, u]
        for k in range(countries):
            loss[r, k] = gone[k] / men[k] if men[k] > 0.0 else 0.0
