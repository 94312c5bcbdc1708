"""Patronage: what a patron spends abroad is shared out among its clients, and adds to their other income."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Patronage(
    Mechanism,
    phase="perceive",
    reads="actor.spent_abroad actor.usual_grant actor.influence_change? actor.host_pay? actor.own_income?",
    writes="actor.grant actor.income",
    ties="client",
    after="patron_budget",
    stacked=True,
):
    """What a patron spends abroad is shared out among its clients, and adds to their other income (equations M5).

    Client f gets b_f = spent abroad x g_f / (sum of g over the patron's clients), g_f = usual grant x v_f^(1 / kappa).
    v_f is the influence that a dollar is expected to gain relative to the usual, of which the case gives the logarithm
    (`actor.influence_change`). A large kappa is a rigid patron, that cuts all alike; a small one gives all to the best.
    Income = b + pay by the host + own income, so that a cut of the share x of a client's grant takes the share
    x b/Y of its income. Neutral: `actor.influence_change` 0.
    """

    kappa: float = param(1.0, low=0.001, unit="", range=(0.2, 10), log=True, source="guess; calibrate",
                         doc="rigidity")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Share out."""
        a, ties = world.actor, world.tie.client
        share_out(ties.source, ties.offset, ties.amount, a.spent_abroad, a.usual_grant, a.influence_change, a.host_pay,
                  a.own_income, self.kappa, a.grant, a.income)  # fmt: skip


@kernel
def share_out(source, offset, amount, spent_abroad, usual_grant, influence_change, host_pay, own_income, kappa,
              grant, income):  # fmt: skip
    """Ties of client f are source[k], amount[k] for k in offset[f]..offset[f + 1] - 1: patron, share of f's grant.

    g(k) = amount[k] usual_grant[f] exp((influence_change[f] - m) / kappa) with m the largest influence_change of any
    actor of the replicate (it cancels out). grant[f] = sum over its ties of spent_abroad[a] (g(k) / G[a]),
    a = source[k], G[a] = sum of g over the ties of patron a; a tie adds nothing where G[a] is 0.
    income = grant + host_pay + own_income, of every actor.
    """
    for r in range(grant.shape[0]):
        most = influence_change[r, 0]
        for f in range(grant.shape[1]):
            most = max(most, influence_change[r, f])
        total = income[r]  # borrowed until the incomes are known
        total[:] = 0.0
        for f in range(grant.shape[1]):
            pull = usual_grant[r, f] * exp((influence_change[r, f] - most) / kappa[r])
            for k in range(offset[f], offset[f + 1]):
                total[source[k]] += amount[k] * pull
        for f in range(grant.shape[1]):
            pull = usual_grant[r, f] * exp((influence_change[r, f] - most) / kappa[r])
            grant[r, f] = 0.0
            for k in range(offset[f], offset[f + 1]):
                a = source[k]
                if total[a] > 0.0:
                    grant[r, f] += spent_abroad[r, a] * (amount[k] * pull / total[a])
        for f in range(grant.shape[1]):
            income[r, f] = grant[r, f] + host_pay[r, f] + own_income[r, f]
