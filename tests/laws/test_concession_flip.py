"""A concession lowers turnout where promises are believed and raises it where not: the flip is where it is derived."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.laws.test_repression_region import LEGITIMACY, Persons, default, margin, persons, turnout

from groundswell.mechanisms.concession import concede

SIZE = 0.1  # of the concession: small, so that first order holds
CREDIBILITY = np.linspace(0.01, 1, 50)
EFFICACY, RELIEF = np.meshgrid(np.linspace(0, 0.2, 9), np.linspace(0.05, 0.6, 8))


def change_of_turnout(efficacy: float, relief: float) -> Any:
    """Turnout on the day of the concession less that without it, by credibility, through the kernels."""
    n = CREDIBILITY.size
    zero, row, one = np.zeros((n, 1)), np.zeros(1, "i4"), np.ones(n)
    credibility, felt, added = np.zeros((n, 1)), np.zeros((n, 1)), np.zeros((n, 1))
    concede(zero + SIZE, zero, row, row, zero + LEGITIMACY, zero, one * relief, CREDIBILITY, one * 0.5, one * efficacy,
            one * 14, 1.0, 0, credibility, felt, added)  # fmt: skip
    who: Persons = persons(n)
    return turnout(who, zero, zero, zero + LEGITIMACY + added, -felt) - turnout(who, zero, zero)


def derived_flip(efficacy: float, relief: float) -> float:
    """efficacy / (grievance h~ (1 - L) relief), h~ the hardship of those at the margin."""
    _, p, _ = margin()
    h = persons(1).hardship[0].astype("f8")
    at_margin = (p * (1 - p) * h).sum() / (p * (1 - p)).sum()
    return float(efficacy / (default("mobilisation.grievance") * at_margin * (1 - LEGITIMACY) * relief))


def test_the_sign_flips_with_credibility_as_derived() -> None:
    """At least 95 of 100 of (efficacy, relief, credibility) agree, and both signs are well represented."""
    agree, up = [], []
    for efficacy, relief in zip(EFFICACY.ravel(), RELIEF.ravel(), strict=True):
        rises = change_of_turnout(efficacy, relief) > 0
        agree.append(rises == (derived_flip(efficacy, relief) > CREDIBILITY))
        up.append(rises)
    assert np.mean(agree) >= 0.95
    assert 0.2 < np.mean(up) < 0.8


def test_turnout_falls_with_credibility() -> None:
    moved = change_of_turnout(0.05, 0.3)
    assert np.all(np.diff(moved) < 0)
    assert moved[0] > 0 > moved[-1]
