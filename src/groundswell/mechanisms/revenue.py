"""Revenue: what an actor earns from oil and else, and what leaks on the way."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism


class Revenue(
    Mechanism,
    phase="perceive",
    reads="actor.oil_price actor.oil_exports actor.other_revenue? actor.leak? actor.usual_oil_price "
    "actor.usual_oil_exports",
    writes="actor.revenue actor.leaked actor.usual_revenue",
    stacked=True,
):
    """What an actor earns from oil and else, and what leaks on the way (equations M7).

    gross = oil price x exports + other revenue; leaked = leak x gross; revenue = gross - leaked: current US dollars, in
    millions per day. Prices and exports are dated facts that the case gives, with sanctions and relief as steps of the
    exports; nothing here is fitted. The usual revenue is that of the usual price and exports, with the leak and the
    other revenue of the first day. Neutral: price and exports at their usual level; an actor without any earns 0.
    """

    def step(self, world: Any, chance: Chance) -> None:
        """Earn."""
        a = world.actor
        earn(a.oil_price, a.oil_exports, a.other_revenue, a.leak, a.usual_oil_price, a.usual_oil_exports,
             world.time.step == 0, a.revenue, a.leaked, a.usual_revenue)  # fmt: skip


@kernel
def earn(price, exports, other, leak, usual_price, usual_exports, first, revenue, leaked, usual_revenue):
    """With gross = price exports + other, all (replicates, actors): leaked = leak gross, revenue = gross - leaked.

    Where `first` (the first step): usual_revenue = (usual_price usual_exports + other) (1 - leak); else it stays.
    """
    for r in range(revenue.shape[0]):
        for a in range(revenue.shape[1]):
            gross = price[r, a] * exports[r, a] + other[r, a]
            leaked[r, a] = leak[r, a] * gross
            revenue[r, a] = gross - leaked[r, a]
            if first:
                usual = usual_price[r, a] * usual_exports[r, a] + other[r, a]
                usual_revenue[r, a] = usual - leak[r, a] * usual
