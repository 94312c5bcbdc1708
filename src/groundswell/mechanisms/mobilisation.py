"""Mobilisation: the one decision rule, to turn out today or not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from groundswell.chance import Chance, at, logistic, uniform
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param
from groundswell.world.people import weighted_sum


class Mobilisation(
    Mechanism,
    phase="decide",
    reads="person.hardship person.risk_aversion person.threshold person.media_reach person.adherence person.weight "
    "person.influence? community.tail_first community.tail_rows community.bulk_first community.bulk_rows "
    "community.place community.population community.legitimacy community.anger? community.fear? "
    "community.endorsement? community.day_cost? place.media? place.arrest_risk? community.legitimacy_change? "
    "community.fear_floor? community.contagion? community.common_shock? community.pact? community.efficacy? "
    "community.mean_hardship community.mean_risk_aversion community.mean_threshold community.mean_media_reach "
    "community.mean_adherence",
    writes="person.active community.term_grievance community.term_network community.term_anger "
    "community.term_endorsement community.term_media community.term_risk community.term_cost "
    "community.term_contagion community.term_common_shock community.term_pact community.term_efficacy",
    daily=True,
    stacked=True,
):
    """The one decision rule, to turn out today or not (B0 of docs/concepts/equations.md).

    U = grievance h (1 - L) + network (x - theta) + anger B + endorsement e E + media m V - r (1 + F) P (1 + jail J)
    - cost + push. Each real person turns out with probability p = 1 / (1 + exp(-(U - bar) / noise)), and exactly if
    U > bar where noise is 0. A simulated person stands for n real ones alike (its weight to the nearest whole, at
    least 1): of them floor(n p + u) act, u even in (0, 1), so that one who stands for itself acts or not, and many
    act as a share, never all in step.
    h, theta, m, e, r are the person's; L, B, F, E the community's; V, P the place's; J is `term`. L is legitimacy
    plus legitimacy_change, held within 0 and 1; F is fear plus fear_floor; push is contagion + common_shock + pact +
    efficacy, each in utility already and the same for all of a community; all are 0 where no mechanism feeds them.
    Limits (tested row by row): Epstein 2002 with grievance 1, all other weights 0, noise 0; Granovetter 1978 with
    network 1, all else 0; the resting points of Lang and De Sterck 2014 in the mean. Neutral: all weights 0 and bar
    above 0 with noise 0.
    """

    grievance: float = param(1.0, low=0, unit="utility", range=(0.7, 1.3), source="guess; 1 in Epstein 2002")
    network: float = param(0.5, low=0, unit="utility", range=(0.2, 0.8), source="guess; docs/concepts/priors.md")
    anger: float = param(0.5, low=0, unit="utility per unit of stock", range=(0.1, 1.5), source="guess; calibrate")
    endorsement: float = param(0.2, low=-5, unit="utility", range=(-1.0, 1.0),
                               source="guess; sign free (docs/concepts/priors.md)")  # fmt: skip
    media: float = param(0.2, low=0, unit="utility", range=(0.0, 0.5), source="guess; docs/concepts/priors.md")
    jail: float = param(0.02, low=0, unit="per day held", range=(0.0, 0.05), source="guess; calibrate", doc="phi")
    term: float = param(7.0, low=0, unit="days", range=(1, 60), log=True, source="guess; calibrate",
                        doc="J, the time held that people expect")  # fmt: skip
    bar: float = param(1.3, low=-5, high=10, unit="utility", range=(1.1, 1.6),
                       source="guess; docs/concepts/priors.md; 0.1 in Epstein 2002, where nothing else is given up",
                       doc="T, with what a day on the street costs")  # fmt: skip
    noise: float = param(0.15, low=0, unit="utility", range=(0.12, 0.18), log=True,
                         source="guess; docs/concepts/priors.md", doc="s")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Decide."""
        c, i, p = world.community, world.person, world.place
        legitimacy = np.clip(c.legitimacy + c.legitimacy_change, 0.0, 1.0)
        fear = c.fear + c.fear_floor
        cost = c.day_cost - (
            c.contagion + c.common_shock + c.pact + c.efficacy
        )  # a push is a cost with its sign turned
        for term, push in ((c.term_contagion, c.contagion), (c.term_common_shock, c.common_shock),
                           (c.term_pact, c.pact), (c.term_efficacy, c.efficacy)):  # fmt: skip
            term[...] = push
        decide(c.tail_first, c.tail_rows, c.bulk_first, c.bulk_rows, c.place, legitimacy, c.anger, fear,
               c.endorsement, cost, p.media, p.arrest_risk, i.weight, i.hardship, i.risk_aversion, i.threshold,
               i.media_reach, i.adherence, i.influence, self.grievance, self.network, self.anger, self.endorsement,
               self.media, self.jail, self.term, self.bar, self.noise, chance, i.active)  # fmt: skip
        average_terms(
            c.tail_first,
            c.tail_rows,
            c.bulk_first,
            c.bulk_rows,
            c.place,
            c.population,
            legitimacy,
            c.anger,
            fear,
            c.endorsement,
            c.day_cost,
            p.media,
            p.arrest_risk,
            c.mean_hardship,
            c.mean_risk_aversion,
            c.mean_threshold,
            c.mean_media_reach,
            c.mean_adherence,
            i.weight,
            i.influence,
            self.grievance,
            self.network,
            self.anger,
            self.endorsement,
            self.media,
            self.jail,
            self.term,
            c.term_grievance,
            c.term_network,
            c.term_anger,
            c.term_endorsement,
            c.term_media,
            c.term_risk,
            c.term_cost,
        )


@kernel
def decide(tail_first, tail_rows, bulk_first, bulk_rows, place, legitimacy, anger, fear, endorsement, day_cost, media,
           arrest_risk, weight, hardship, risk_aversion, threshold, media_reach, adherence, influence, w_grievance,
           w_network, w_anger, w_endorsement, w_media, w_jail, term, bar, noise, chance, active):  # fmt: skip
    """active[r, i] = floor(n p + uniform(row i, slot 0)) / n, with p = 1 / (1 + exp(-(U - bar) / noise)).

    n = max(1, floor(weight + 1/2)). Where noise is 0, active is 1 if U > bar, else 0. U is the sum of the seven
    terms in `Mobilisation`, without bar. People of community c are rows tail_first[c]..+tail_rows[c]-1 and
    bulk_first[c]..+bulk_rows[c]-1.
    """
    for r in range(active.shape[0]):
        luck = at(chance, r)
        sharp = 1.0 / noise[r] if noise[r] > 0.0 else 0.0
        for c in range(place.size):
            p = place[c]
            on_hardship = w_grievance[r] * (1.0 - legitimacy[r, c])
            on_risk = (1.0 + fear[r, c]) * arrest_risk[r, p] * (1.0 + w_jail[r] * term[r])
            on_media = w_media[r] * media[r, p]
            on_adherence = w_endorsement[r] * endorsement[r, c]
            fixed = w_anger[r] * anger[r, c] - day_cost[r, c] - bar[r]
            for deck in range(2):
                # rows are known not to be negative: else the loop is compiled for indices from the end too, and slow
                first = max(0, tail_first[c] if deck == 0 else bulk_first[c])
                rows = tail_rows[c] if deck == 0 else bulk_rows[c]
                for i in range(first, first + rows):
                    gain = (
                        on_hardship * hardship[r, i]
                        + w_network[r] * (influence[r, i] - threshold[r, i])
                        + on_adherence * adherence[r, i]
                        + on_media * media_reach[r, i]
                        - on_risk * risk_aversion[r, i]
                        + fixed
                    )
                    if sharp > 0.0:
                        people = max(1.0, math.floor(weight[r, i] + 0.5))
                        acting = math.floor(people * logistic(gain * sharp) + uniform(luck, i, 0))
                        active[r, i] = min(acting, people) / people  # at p = 1 the sum may round up
                    else:
                        active[r, i] = 1.0 if gain > 0.0 else 0.0


@kernel
def average_terms(
    tail_first,
    tail_rows,
    bulk_first,
    bulk_rows,
    place,
    population,
    legitimacy,
    anger,
    fear,
    endorsement,
    day_cost,
    media,
    arrest_risk,
    mean_hardship,
    mean_risk_aversion,
    mean_threshold,
    mean_media_reach,
    mean_adherence,
    weight,
    influence,
    w_grievance,
    w_network,
    w_anger,
    w_endorsement,
    w_media,
    w_jail,
    term,
    grievance_term,
    network_term,
    anger_term,
    endorsement_term,
    media_term,
    risk_term,
    cost_term,
):
    """The weighted mean over each community's people of every term of the decision, with its sign.

    Only influence differs by day; the mean of x is weighted_sum(weight, influence) / population.
    """
    for r in range(grievance_term.shape[0]):
        for c in range(place.size):
            p = place[c]
            seen = weighted_sum(weight[r], influence[r], tail_first[c], tail_rows[c])
            seen += weighted_sum(weight[r], influence[r], bulk_first[c], bulk_rows[c])
            grievance_term[r, c] = w_grievance[r] * mean_hardship[r, c] * (1.0 - legitimacy[r, c])
            network_term[r, c] = w_network[r] * (seen / population[r, c] - mean_threshold[r, c])
            anger_term[r, c] = w_anger[r] * anger[r, c]
            endorsement_term[r, c] = w_endorsement[r] * mean_adherence[r, c] * endorsement[r, c]
            media_term[r, c] = w_media[r] * mean_media_reach[r, c] * media[r, p]
            felt = (1.0 + fear[r, c]) * arrest_risk[r, p] * (1.0 + w_jail[r] * term[r])
            risk_term[r, c] = -mean_risk_aversion[r, c] * felt
            cost_term[r, c] = -day_cost[r, c]
