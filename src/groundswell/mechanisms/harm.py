"""Harm: injuries and deaths that forces cause in a crowd, by force and severity, in whole persons."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, at, binomial, exp, log, sure_none, uniform
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Harm(
    Mechanism,
    phase="act",
    reads="community.place community.turnout community.arrests? place.turnout place.deployed unit.place unit.severity "
    "unit.deployed",
    writes="community.deaths community.injuries community.dead unit.deaths unit.injuries place.deaths place.injuries",
    after="crowd repression arrest",
    stacked=True,
):
    """Injuries and deaths that forces cause in a crowd, by force and severity, in whole persons.

    An officer can confront `reach` people a day: of the crowd in a place the share min(1, reach x deployed / crowd) is
    confronted, and unit u confronts deployed_u / deployed of that. Hazard of death per person-day =
    deaths_per_1000 / 1000 x severity^death_power x u's share; of injury alike. Counts are binomial among those
    neither arrested nor already harmed today. The range of deaths is in docs/concepts/priors.md ("weak": no
    turnout series exists). Members of forces who die are not modelled. Neutral: both rates 0.
    """

    deaths_per_1000: float = param(
        0.15,
        low=0,
        high=1000,
        unit="per 1,000 protester-days at full severity",
        range=(0.01, 2.0),
        log=True,
        source="guess; calibrate (docs/concepts/priors.md)",
    )
    death_power: float = param(2.0, low=0, high=10, unit="", range=(1, 4), source="guess; calibrate",
                               doc="how sharply deaths rise with severity")  # fmt: skip
    injuries_per_1000: float = param(10.0, low=0, high=1000, unit="per 1,000 protester-days at full severity",
                                     range=(0.5, 100), log=True, source="guess; calibrate")  # fmt: skip
    injury_power: float = param(1.0, low=0, high=10, unit="", range=(0.5, 2), source="guess; calibrate",
                                doc="how sharply injuries rise with severity")  # fmt: skip
    reach: float = param(10.0, low=0, unit="persons per officer-day", range=(2, 50), log=True,
                         source="guess; calibrate", doc="whom one officer can confront in a day")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Count the dead and the injured."""
        c, u, p = world.community, world.unit, world.place
        strike(c.place, c.turnout, c.arrests, p.turnout, u.place, u.severity, u.deployed, p.deployed,
               self.deaths_per_1000, self.death_power, self.injuries_per_1000, self.injury_power, self.reach,
               world.time.days, chance, c.deaths, c.injuries, c.dead, u.deaths, u.injuries, p.deaths,
               p.injuries)  # fmt: skip


@kernel
def strike(place, turnout, arrests, crowd, unit_place, severity, deployed, place_deployed, deaths_per_1000, death_power,
           injuries_per_1000, injury_power, reach, days, chance,
           deaths, injuries, dead, unit_deaths, unit_injuries, place_deaths, place_injuries):  # fmt: skip
    """Units in row order, then the communities of the unit's place in row order.

    Draws at row u (unit): for its place's j-th community slot 2j the deaths, slot 2j + 1 the injuries. At risk are
    turnout - arrests less those harmed so far today, first deaths then injuries; probability 1 - exp(-hazard * days).
    The hazard is per_1000 / 1000 x severity^power x deployed / place_deployed x min(1, reach x place_deployed / crowd),
    with `crowd` (replicates, places) the persons on the street in the place. A unit with severity 0 harms nobody,
    whatever the power. `dead` accumulates deaths; unit_ and place_ columns are sums. All are 0 where none is deployed.
    """
    places = crowd.shape[1]
    first = np.zeros(places, np.int64)  # a place's communities lie within first..last
    last = np.full(places, -1)
    for c in range(place.size):
        if last[place[c]] < 0:
            first[place[c]] = c
        last[place[c]] = c
    chances = np.empty(2 * place.size)
    units = unit_place.size
    harsh, faced, dies, hurt = np.empty(units), np.empty(units), np.empty(units), np.empty(units)
    for r in range(deaths.shape[0]):
        luck = at(chance, r)
        deaths[r, :] = 0
        injuries[r, :] = 0
        place_deaths[r, :] = 0
        place_injuries[r, :] = 0
        for u in range(units):
            unit_deaths[r, u] = 0
            unit_injuries[r, u] = 0
            harsh[u] = log(severity[r, u]) if severity[r, u] > 0.0 else -np.inf
            p = unit_place[u]
            confronted = min(1.0, reach[r] * place_deployed[r, p] / crowd[r, p]) if crowd[r, p] > 0 else 0.0
            faced[u] = 0.0
            if deployed[r, u] > 0.0:
                faced[u] = deployed[r, u] / place_deployed[r, p] * confronted * days / 1000.0
        for u in range(units):  # on vectors: severity^power as exp(power log severity)
            dies[u] = 1.0 - exp(-deaths_per_1000[r] * exp(death_power[r] * harsh[u]) * faced[u])
            hurt[u] = 1.0 - exp(-injuries_per_1000[r] * exp(injury_power[r] * harsh[u]) * faced[u])
        for u in range(units):
            p = unit_place[u]
            if not deployed[r, u] > 0.0 or not severity[r, u] > 0.0:
                continue
            for slot in range(2 * (last[p] + 1 - first[p])):
                chances[slot] = uniform(luck, u, slot)
            slot = 0
            for c in range(first[p], last[p] + 1):
                if place[c] != p:
                    continue
                at_risk = turnout[r, c] - arrests[r, c] - deaths[r, c] - injuries[r, c]
                killed, injured = 0, 0
                if not sure_none(at_risk, dies[u], chances[slot]):
                    killed = binomial(luck, u, slot, at_risk, dies[u])
                if not sure_none(at_risk - killed, hurt[u], chances[slot + 1]):
                    injured = binomial(luck, u, slot + 1, at_risk - killed, hurt[u])
                slot += 2
                deaths[r, c] += killed
                injuries[r, c] += injured
                unit_deaths[r, u] += killed
                unit_injuries[r, u] += injured
            place_deaths[r, p] += unit_deaths[r, u]
            place_injuries[r, p] += unit_injuries[r, u]
        for c in range(place.size):
            dead[r, c] += deaths[r, c]
