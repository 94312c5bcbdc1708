"""Calendar: what a weekday and a holy day cost."""

from __future__ import annotations

import pytest
from twins import plain

from groundswell.mechanisms import calendar as kernels


@pytest.mark.parametrize("weekday", range(7))
def test_day_costs(weekday: int) -> None:
    toy = plain.Toy(weekday, replicates=9)
    holy, cost = toy.counts(toy.communities, 0, 1, "f8"), toy.blank(toy.communities)
    holy[4] = toy.reals(toy.communities, 0, 1)[4]
    weekly_day = plain.counts(toy.rng, (9,), 0, 6, "f8")
    weekly_day[:7] = range(7)
    weekly, dated = toy.parameter(-1, 1), toy.parameter(-1, 1)
    kernels.day_costs(holy, weekly_day, weekly, dated, weekday, cost)
    for r in range(toy.replicates):
        for c in range(toy.communities):
            expected = (weekly[r] if weekly_day[r] == weekday else 0.0) + dated[r] * holy[r, c]
            assert cost[r, c] == pytest.approx(expected, rel=1e-14, abs=1e-15)
