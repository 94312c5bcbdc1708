"""Home capacity: whether strength abroad and repression at home are complements or substitutes."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, exp, power
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class HomeCapacity(
    Mechanism,
    phase="settle",
    reads="actor.spent_home actor.usual_home actor.usual_grant actor.capability_loss",
    writes="actor.home_capacity",
    ties="client",
    after="capability",
    stacked=True,
):
    """Whether strength abroad and repression at home are complements or substitutes (equations M5).

    A patron's capacity for repression at home, relative to the usual = (spent at home / usually spent at home)^power
    x exp(-psi Q), Q the mean loss of capability of its clients, weighted by their usual grants. psi above 0: who loses
    clients represses less at home (complements); below 0: more (substitutes). The sign is what is in dispute. It is an
    outcome to record: no force of a patron's own country is in the shipped cases. Neutral: power 0 and psi 0.
    """

    power: float = param(0.5, low=0, high=5, unit="", range=(0.0, 1.0), source="guess; calibrate", doc="a")
    psi: float = param(0.0, low=-20, high=20, unit="log per share of capability lost", range=(-2.0, 2.0),
                       source="guess; sign free: rival claims give both signs")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Weigh."""
        a, ties = world.actor, world.tie.client
        couple(ties.source, ties.offset, ties.amount, a.spent_home, a.usual_home, a.usual_grant, a.capability_loss,
               self.power, self.psi, a.home_capacity)  # fmt: skip


@kernel
def couple(source, offset, amount, spent_home, usual_home, usual_grant, loss, exponent, psi, capacity):
    """Ties of client f are source[k], amount[k] for k in offset[f]..offset[f + 1] - 1: patron, share of f's grant.

    Of an actor with usual_home above 0: capacity = (spent_home / usual_home)^exponent exp(-psi Q), Q = sum over its
    ties of amount usual_grant[f] loss[f] / sum of amount usual_grant[f], 0 where that is 0. Else capacity = 0.
    """
    for r in range(capacity.shape[0]):
        pool, lost = np.zeros(capacity.shape[1]), np.zeros(capacity.shape[1])
        for f in range(capacity.shape[1]):
            for k in range(offset[f], offset[f + 1]):
                pool[source[k]] += amount[k] * usual_grant[r, f]
                lost[source[k]] += amount[k] * usual_grant[r, f] * loss[r, f]
        for a in range(capacity.shape[1]):
            capacity[r, a] = 0.0
            if usual_home[r, a] > 0.0:
                mean = lost[a] / pool[a] if pool[a] > 0.0 else 0.0
                capacity[r, a] = power(spent_home[r, a] / usual_home[r, a], exponent[r]) * exp(-psi[r] * mean)
