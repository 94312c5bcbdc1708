"""Mean mobilisation: the decision rule on averages of communities, which keep the spread of people's traits."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from groundswell.chance import Chance, logistic
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

# Five-point Gauss-Hermite quadrature of a standard normal, four-point Gauss-Legendre of the unit interval
# (Abramowitz and Stegun 1964, 25.4.46 and 25.4.30).
NODES = (-2.8569700138728056, -1.355626179974266, 0.0, 1.355626179974266, 2.8569700138728056)
WEIGHTS = (0.011257411327720689, 0.22207592200561266, 0.5333333333333333, 0.22207592200561266, 0.011257411327720689)
RISK_NODES = (0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263)
RISK_WEIGHTS = (0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692)


class MeanMobilisation(
    Mechanism,
    phase="decide",
    reads="community.influence? community.place community.legitimacy community.anger? community.fear? "
    "community.endorsement? community.day_cost? place.media? place.arrest_risk? community.legitimacy_change? "
    "community.fear_floor? community.contagion? community.common_shock? community.pact? community.efficacy? "
    "community.mean_hardship community.mean_risk_aversion community.mean_threshold community.mean_media_reach "
    "community.mean_adherence community.variance_hardship community.variance_threshold "
    "community.variance_media_reach community.variance_adherence community.risk_aversion_1 "
    "community.risk_aversion_2 community.risk_aversion_3 community.risk_aversion_4",
    writes="community.active_share community.term_grievance community.term_network community.term_anger "
    "community.term_endorsement community.term_media community.term_risk community.term_cost "
    "community.term_contagion community.term_common_shock community.term_pact community.term_efficacy",
    daily=True,
    stacked=True,
):
    """The share of a community that turns out, from rule B0 on averages (docs/concepts/equations.md).

    The share is the mean of 1 / (1 + exp(-(U - bar) / noise)) over the people of the community, when traits differ
    independently and everyone sees the same x. Risk aversion r keeps its distribution, at four points of it, since
    its term is the widest and one-sided; the sum of the other six terms is taken as normal, with the mean that
    `mobilisation` reports for them and variance grievance^2 (1 - L)^2 var h + network^2 var theta +
    (endorsement E)^2 var e + (media V)^2 var m, at five points. Where noise is 0 it is the share of points with U
    above bar. L, F and the push are those of `mobilisation`, the push adding to the mean. What is lost against
    `mobilisation`: the shape of the other traits' tails, and that some have by luck more active ties than others.
    Neutral: as `mobilisation`.
    """

    twin_of: ClassVar[str] = "mobilisation"

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
        """Decide, as a share of each community."""
        c, p = world.community, world.place
        legitimacy = np.clip(c.legitimacy + c.legitimacy_change, 0.0, 1.0)
        fear = c.fear + c.fear_floor
        for term, push in ((c.term_contagion, c.contagion), (c.term_common_shock, c.common_shock),
                           (c.term_pact, c.pact), (c.term_efficacy, c.efficacy)):  # fmt: skip
            term[...] = push
        mean_terms(c.place, c.influence, legitimacy, c.anger, fear, c.endorsement, c.day_cost, p.media,
                   p.arrest_risk, c.mean_hardship, c.mean_risk_aversion, c.mean_threshold, c.mean_media_reach,
                   c.mean_adherence, self.grievance, self.network, self.anger, self.endorsement, self.media, self.jail,
                   self.term, c.term_grievance, c.term_network, c.term_anger, c.term_endorsement, c.term_media,
                   c.term_risk, c.term_cost)  # fmt: skip
        pushed = c.term_cost + (c.contagion + c.common_shock + c.pact + c.efficacy)
        decide_means(c.place, legitimacy, fear, c.endorsement, p.media, p.arrest_risk, c.variance_hardship,
                     c.variance_threshold, c.variance_media_reach, c.variance_adherence, c.risk_aversion_1,
                     c.risk_aversion_2, c.risk_aversion_3, c.risk_aversion_4, c.term_grievance, c.term_network,
                     c.term_anger, c.term_endorsement, c.term_media, pushed, self.grievance, self.network,
                     self.endorsement, self.media, self.jail, self.term, self.bar, self.noise,
                     c.active_share)  # fmt: skip


@kernel
def mean_terms(place, influence, legitimacy, anger, fear, endorsement, day_cost, media, arrest_risk, mean_hardship,
               mean_risk_aversion, mean_threshold, mean_media_reach, mean_adherence, w_grievance, w_network, w_anger,
               w_endorsement, w_media, w_jail, term, grievance_term, network_term, anger_term, endorsement_term,
               media_term, risk_term, cost_term):  # fmt: skip
    """The mean of every term of the decision, with its sign, as in `mobilisation`; x is `influence`."""
    for r in range(grievance_term.shape[0]):
        for c in range(place.size):
            p = place[c]
            grievance_term[r, c] = w_grievance[r] * mean_hardship[r, c] * (1.0 - legitimacy[r, c])
            network_term[r, c] = w_network[r] * (influence[r, c] - mean_threshold[r, c])
            anger_term[r, c] = w_anger[r] * anger[r, c]
            endorsement_term[r, c] = w_endorsement[r] * mean_adherence[r, c] * endorsement[r, c]
            media_term[r, c] = w_media[r] * mean_media_reach[r, c] * media[r, p]
            felt = (1.0 + fear[r, c]) * arrest_risk[r, p] * (1.0 + w_jail[r] * term[r])
            risk_term[r, c] = -mean_risk_aversion[r, c] * felt
            cost_term[r, c] = -day_cost[r, c]


@kernel
def decide_means(place, legitimacy, fear, endorsement, media, arrest_risk, var_hardship, var_threshold, var_media_reach,
                 var_adherence, risk_one, risk_two, risk_three, risk_four, grievance_term, network_term, anger_term,
                 endorsement_term, media_term, cost_term, w_grievance, w_network, w_endorsement, w_media, w_jail, term,
                 bar, noise, share):  # fmt: skip
    """share[r, c] = sum over j, k of RISK_WEIGHTS[j] WEIGHTS[k] logistic((M + sqrt(V) NODES[k] - f r_j - bar) / noise).

    M is the sum of the six terms other than risk, V the variance that `MeanMobilisation` states, r_j the community's
    risk aversion at point j, f = (1 + fear) arrest_risk (1 + jail term). Where noise is 0, logistic(...) is replaced
    by 1 if M + sqrt(V) NODES[k] - f r_j - bar > 0, else 0. At most 1.
    """
    rows = place.size
    gain, felt, spread, total = np.empty(rows), np.empty(rows), np.empty(rows), np.empty(rows)
    for r in range(share.shape[0]):
        sharp = 1.0 / noise[r] if noise[r] > 0.0 else 0.0
        for c in range(rows):
            p = place[c]
            mean = grievance_term[r, c] + network_term[r, c] + anger_term[r, c] + endorsement_term[r, c]
            mean += media_term[r, c] + cost_term[r, c] - bar[r]
            gain[c] = mean
            felt[c] = (1.0 + fear[r, c]) * arrest_risk[r, p] * (1.0 + w_jail[r] * term[r])
            variance = (w_grievance[r] * (1.0 - legitimacy[r, c])) ** 2 * var_hardship[r, c]
            variance += w_network[r] ** 2 * var_threshold[r, c]
            variance += (w_endorsement[r] * endorsement[r, c]) ** 2 * var_adherence[r, c]
            variance += (w_media[r] * media[r, p]) ** 2 * var_media_reach[r, c]
            spread[c] = math.sqrt(variance)
            total[c] = 0.0
        for j in range(len(RISK_WEIGHTS)):
            averse = (risk_one, risk_two, risk_three, risk_four)[j][r]
            for k in range(len(NODES)):  # communities innermost, without a branch: the loop runs on vectors
                often, node = RISK_WEIGHTS[j] * WEIGHTS[k], NODES[k]
                if sharp > 0.0:
                    for c in range(rows):
                        total[c] += often * logistic((gain[c] - felt[c] * averse[c] + spread[c] * node) * sharp)
                else:
                    for c in range(rows):
                        total[c] += often if gain[c] - felt[c] * averse[c] + spread[c] * node > 0.0 else 0.0
        for c in range(rows):
            share[r, c] = min(1.0, total[c])
