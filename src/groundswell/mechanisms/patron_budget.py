"""Patron budget: what a patron spends at home and abroad, from its revenue, unrest at home and felt threat."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, logistic, power
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class PatronBudget(
    Mechanism,
    phase="perceive",
    reads="actor.revenue actor.usual_revenue actor.patron_share actor.host_pay? actor.own_income? actor.home_unrest? "
    "actor.capability_loss? actor.country country.turnout? country.population",
    writes="actor.usual_grant actor.usual_home actor.budget actor.spent_home actor.spent_abroad",
    ties="client",
    after="revenue",
    stacked=True,
):
    """What a patron spends at home and abroad, from its revenue, unrest at home and felt threat (equations M5).

    Home share chi = 1 / (1 + exp(-(home + unrest x U + threat x Q))). U is the share of residents of the patron's
    country on the street yesterday in percent, plus `actor.home_unrest` where the case gives it; Q the mean loss of
    capability of its clients, weighted by their usual grants. Let R be revenue over usual revenue, and the pool what
    its clients usually get. Spent abroad = pool R^elasticity (1 - chi) / (1 - chi0), spent at home =
    pool R^elasticity chi / (1 - chi0), with chi0 at U = Q = 0; both are scaled down together where they would exceed
    the revenue. The usual grant of a client is set on the first day so that it makes up `actor.patron_share` of its
    income: that share, b/Y, is what some record speaks of, and a budget in dollars is not. Neutral: elasticity,
    unrest and threat 0.
    """

    elasticity: float = param(0.4, low=-3, high=3, unit="", range=(-0.4, 1.2), source="guess; mean 0.4, deviation 0.4, "
                              "sign free: rival claims give both signs",
                              doc="of spending to revenue")  # fmt: skip
    home: float = param(1.0, low=-20, high=20, unit="logit", range=(0.0, 3.0), source="guess; calibrate",
                        doc="c0: home share 0.5 to 0.95 of what goes to forces at home and clients abroad")  # fmt: skip
    unrest: float = param(0.3, low=-20, high=20, unit="logit per percent of residents", range=(-0.5, 1.0), doc="c1",
                          source="guess; sign free: rival claims give both signs")  # fmt: skip
    threat: float = param(-0.5, low=-20, high=20, unit="logit per share of capability lost", range=(-2.0, 2.0),
                          source="guess; sign free", doc="c2")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Divide the budget."""
        a, ties = world.actor, world.tie.client
        divide(ties.source, ties.offset, ties.amount, a.patron_share, a.host_pay, a.own_income, a.revenue,
               a.usual_revenue, a.home_unrest, a.capability_loss, a.country, world.country.turnout,
               world.country.population, self.elasticity, self.home, self.unrest, self.threat, world.time.step == 0,
               a.usual_grant, a.usual_home, a.budget, a.spent_home, a.spent_abroad)  # fmt: skip


@kernel
def divide(source, offset, amount, patron_share, host_pay, own_income, revenue, usual_revenue, home_unrest, loss,
           country, turnout, population, elasticity, home, unrest, threat, first,
           usual_grant, usual_home, budget, spent_home, spent_abroad):  # fmt: skip
    """Ties of client f are source[k], amount[k] for k in offset[f]..offset[f + 1] - 1: patron, share of f's grant.

    Where `first`: usual_grant[f] = s / (1 - s) (host_pay + own_income) of a client with ties, s = patron_share[f]; 0
    without ties. Of patron a: pool = sum over its ties of amount usual_grant[f]; Q = sum of amount usual_grant[f]
    loss[f] / pool (0 where the pool is 0); U = 100 turnout / population of its country (0 where nobody lives) +
    home_unrest[a]; chi = logistic(home + unrest U + threat Q), chi0 = logistic(home);
    lift = (revenue / usual_revenue)^elasticity, 1 where usual_revenue is 0.
    spent_abroad = pool lift ((1 - chi) / (1 - chi0)), spent_home = pool lift (chi / (1 - chi0)); where their sum
    exceeds the revenue, spent_home = revenue chi and spent_abroad = revenue - spent_home. budget = their sum.
    Where `first`: usual_home = pool (chi0 / (1 - chi0)). An actor with pool 0 has all of these at 0.
    """
    for r in range(budget.shape[0]):
        pool, lost = np.zeros(budget.shape[1]), np.zeros(budget.shape[1])
        for f in range(budget.shape[1]):
            if first:
                share = patron_share[r, f] if offset[f + 1] > offset[f] else 0.0
                usual_grant[r, f] = share / (1.0 - share) * (host_pay[r, f] + own_income[r, f])
            for k in range(offset[f], offset[f + 1]):
                pool[source[k]] += amount[k] * usual_grant[r, f]
                lost[source[k]] += amount[k] * usual_grant[r, f] * loss[r, f]
        chi0 = logistic(home[r])
        for a in range(budget.shape[1]):
            budget[r, a] = spent_home[r, a] = spent_abroad[r, a] = 0.0
            if first:
                usual_home[r, a] = pool[a] * (chi0 / (1.0 - chi0))
            if not pool[a] > 0.0:
                continue
            k = country[a]
            out = home_unrest[r, a]
            if population[r, k] > 0.0:
                out += 100.0 * turnout[r, k] / population[r, k]
            chi = logistic(home[r] + unrest[r] * out + threat[r] * (lost[a] / pool[a]))
            lift = 1.0
            if usual_revenue[r, a] > 0.0:
                lift = power(revenue[r, a] / usual_revenue[r, a], elasticity[r])
            abroad = pool[a] * lift * ((1.0 - chi) / (1.0 - chi0))
            at_home = pool[a] * lift * (chi / (1.0 - chi0))
            total = abroad + at_home
            if total > revenue[r, a]:
                at_home = revenue[r, a] * chi
                abroad = revenue[r, a] - at_home
            spent_abroad[r, a] = abroad
            spent_home[r, a] = at_home
            budget[r, a] = abroad + at_home
