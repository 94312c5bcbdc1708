"""Halving the step: the stocks and hazards of aggregate mechanisms agree within the tolerance stated here."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.chance import chance_for
from groundswell.mechanisms.anger import enrage
from groundswell.mechanisms.arrest import detain
from groundswell.mechanisms.fear import frighten

ONE = np.array([1.0])


def fear_after(days: float, steps: int, harm: float) -> float:
    """Fear after `steps` steps of `days` days, with harm only in the first."""
    fear, added = np.zeros((1, 1)), np.zeros((1, 1))
    for step in range(steps):
        rho = np.array([[harm if step == 0 else 0.0]])
        frighten(fear, rho, 0.2 * ONE, 5 * ONE, 6 * ONE, days, added)
        fear += added
    return float(fear[0, 0])


def anger_after(days: float, steps: int, harm: float) -> float:
    anger, added = np.zeros((1, 1)), np.zeros((1, 1))
    place, media = np.zeros(1, np.int32), np.full((1, 1), 0.5)
    for step in range(steps):
        rho = np.array([[harm if step == 0 else 0.0]])
        enrage(anger, rho, place, media, 0.2 * ONE, ONE, 20 * ONE, 0.5 * ONE, 0.2 * ONE, days, added)
        anger += added
    return float(anger[0, 0])


@pytest.mark.parametrize("after", [fear_after, anger_after])
def test_decay_does_not_depend_on_the_step(after: object) -> None:
    """After one blow, 10 days of decay are exact in steps of 1, 1/2 and 1/4 day: relative 1e-12."""
    whole = after(1.0, 11, 4.0)  # type: ignore[operator]
    for parts in (2, 4):
        assert after(1.0 / parts, 10 * parts + 1, 4.0) == pytest.approx(whole, rel=1e-12)  # type: ignore[operator]


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
