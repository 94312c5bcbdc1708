"""Pay: income that falls short of the usual is felt as arrears after a lag."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param

_ROUNDING = 1e-12  # a gap below this is the rounding of sums, not pay that is owed


class Pay(
    Mechanism,
    phase="settle",
    reads="actor.income actor.usual_grant actor.host_pay? actor.own_income?",
    writes="actor.usual_income actor.arrears",
    stacked=True,
):
    """Income that falls short of the usual is felt as arrears after a lag (equations M7).

    gap = 1 - income / usual income, within 0 and 1; arrears A move towards it, A += (gap - A) (1 - exp(-days / lag)).
    The usual income is usual grant + pay by the host + own income on the first day. Money may have been short before
    the first day: A starts at settled x gap. Arrears of a day act on loyalty of the same day's end, and on force from
    the next. Neutral: income as usual, so that the gap is 0.
    """

    lag: float = param(120.0, low=0.1, unit="days", range=(60, 180), source="guess; 60 to 180 days (equations M7)")
    settled: float = param(0.5, low=0, high=1, unit="share", range=(0.0, 1.0), source="guess; no series of pay at hand",
                           doc="of the first day's gap that is felt already")  # fmt: skip

    def step(self, world: Any, chance: Chance) -> None:
        """Owe."""
        a = world.actor
        owe(a.income, a.usual_grant, a.host_pay, a.own_income, self.lag, self.settled, world.time.days,
            world.time.step == 0, a.usual_income, a.arrears)  # fmt: skip


@kernel
def owe(income, usual_grant, host_pay, own_income, lag, settled, days, first, usual_income, arrears):
    """gap = 1 - income / usual_income within 0 and 1; 0 where it is below 1e-12 or usual_income is 0.

    Where `first`: before all else usual_income = usual_grant + host_pay + own_income, and arrears = settled gap.
    Then arrears += (gap - arrears) (1 - exp(-days / lag)).
    """
    for r in range(arrears.shape[0]):
        moved = 1.0 - exp(-days / lag[r])
        for a in range(arrears.shape[1]):
            if first:
                usual_income[r, a] = usual_grant[r, a] + host_pay[r, a] + own_income[r, a]
            gap = 0.0
            if usual_income[r, a] > 0.0:
                gap = max(0.0, min(1.0, 1.0 - income[r, a] / usual_income[r, a]))
            if gap < _ROUNDING:
                gap = 0.0
            if first:
                arrears[r, a] = settled[r] * gap
            arrears[r, a] += (gap - arrears[r, a]) * moved
