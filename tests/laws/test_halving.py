"""Halving the step: the stocks and hazards of aggregate mechanisms agree within the tolerance stated here."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.chance import chance_for
from groundswell.mechanisms.anger import enrage
from groundswell.mechanisms.arrest import detain
from groundswell.mechanisms.exposure import weigh
from groundswell.mechanisms.fear import frighten

ONE = np.array([1.0])


def fear_after(days: float, steps: int, stock: float) -> float:
    """A stock of fear after `steps` steps of `days` days without harm."""
    fear, added, rho = np.full((1, 1), stock), np.zeros((1, 1)), np.zeros((1, 1))
    for _ in range(steps):
        frighten(fear, rho, 0.2 * ONE, 5 * ONE, 6 * ONE, days, added)
        fear += added
    return float(fear[0, 0])


def anger_after(days: float, steps: int, stock: float) -> float:
    """A stock of anger after `steps` steps of `days` days without harm."""
    anger, added, rho = np.full((1, 1), stock), np.zeros((1, 1)), np.zeros((1, 1))
    place, media = np.zeros(1, np.int32), np.full((1, 1), 0.5)
    for _ in range(steps):
        enrage(anger, rho, place, media, 0.2 * ONE, ONE, 20 * ONE, 0.5 * ONE, 0.2 * ONE, days, added)
        anger += added
    return float(anger[0, 0])


@pytest.mark.parametrize("after", [fear_after, anger_after])
def test_decay_does_not_depend_on_the_step(after: object) -> None:
    """Ten days of decay are exact in steps of 1, 1/2 and 1/4 day: relative 1e-12."""
    whole = after(1.0, 10, 4.0)  # type: ignore[operator]
    for parts in (2, 4):
        assert after(1.0 / parts, 10 * parts, 4.0) == pytest.approx(whole, rel=1e-12)  # type: ignore[operator]


@pytest.mark.parametrize(("stock", "decay"), [("fear", 6.0), ("anger", 20.0)])
def test_a_steady_blow_fills_as_much_by_any_step(stock: str, decay: float) -> None:
    """Under harm that goes on, four weeks in steps of 7, 1 and 1/2 days agree: relative 1e-12."""

    def after(days: float, steps: int) -> float:
        now, added, rho = np.zeros((1, 1)), np.zeros((1, 1)), np.full((1, 1), 2.0)
        for _ in range(steps):
            if stock == "fear":
                frighten(now, rho, 0.2 * ONE, 5 * ONE, decay * ONE, days, added)
            else:
                place, media = np.zeros(1, np.int32), np.full((1, 1), 0.5)
                enrage(now, rho, place, media, 0.2 * ONE, ONE, decay * ONE, 0.5 * ONE, 0.2 * ONE, days, added)
            now += added
        return float(now[0, 0])

    assert after(7.0, 4) == pytest.approx(after(1.0, 28), rel=1e-12)
    assert after(0.5, 56) == pytest.approx(after(1.0, 28), rel=1e-12)


def test_harm_is_weighed_by_the_day() -> None:
    """Seven times the harm over seven days is the same rho."""
    found = []
    for days in (1.0, 7.0):
        harm, rho = np.full((1, 1), int(3 * days)), np.zeros((1, 1))
        weigh(np.full((1, 1), 500), harm, harm, harm, 0.1 * ONE, 0.1 * ONE, 100 * ONE, days, rho)
        found.append(rho[0, 0])
    assert found[0] == pytest.approx(found[1], rel=1e-14)


def held(days: float, steps: int) -> tuple[float, float]:
    """Mean arrests and detained of 400 replicates after a week under a steady crowd."""
    size = 400
    shape = (size, 1)
    place = np.zeros(1, np.int32)
    turnout, crowd = np.full(shape, 20_000), np.full(shape, 20_000)
    deployed = np.full(shape, 3000.0)
    arrests, detained, place_arrests = (np.zeros(shape, np.int64) for _ in range(3))
    total = 0.0
    for step in range(steps):
        detain(place, turnout, crowd, deployed, np.full(size, 0.05), np.full(size, 5.0), days,
               chance_for(2, f"halving {days}", step), arrests, detained, place_arrests)  # fmt: skip
        total += arrests.mean()
    return total, float(detained.mean())


def test_hazards_scale_with_the_step() -> None:
    """Arrests of a week: 1 percent (1 - exp(-r dt) differs only by those arrested twice). Held at its end: 10 percent,
    since releases start the day after arrest."""
    (arrests, detained), (arrests_half, detained_half) = held(1.0, 7), held(0.5, 14)
    assert arrests_half == pytest.approx(arrests, rel=0.01)
    assert detained_half == pytest.approx(detained, rel=0.10)
