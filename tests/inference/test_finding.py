"""The finding rule at and around its edges."""

from __future__ import annotations

import pytest

from groundswell.inference.contagion import finding
from groundswell.inference.finding import POWER, Finding


@pytest.mark.parametrize(
    ("low", "high", "power", "verdict"),
    [
        (0.06, 0.20, None, "supported"),  # beyond the smallest interesting effect
        (0.05, 0.20, 1.0, "cannot tell"),  # at it is not beyond it
        (0.01, 0.20, 1.0, "cannot tell"),  # above 0 is not enough
        (-0.10, 0.04, 1.0, "contradicted"),
        (-0.30, -0.10, 0.8, "contradicted"),  # on the other side
        (-0.10, 0.04, 0.79, "cannot tell"),  # covers 0 without the power: no rejection
        (-0.10, 0.04, None, "cannot tell"),
        (-0.10, 0.05, 1.0, "cannot tell"),
    ],
)
def test_verdicts(low: float, high: float, power: float | None, verdict: str) -> None:
    assert Finding(low, high, 0.05, power).verdict == verdict
    assert Finding(-high, -low, 0.05, power, sign=-1).verdict == verdict
    if power is not None:
        assert finding(low, high, 0.05, power) == verdict


def test_a_sign_turns_the_claim() -> None:
    assert Finding(0.1, 0.3, 0.05, 1.0, sign=-1).verdict == "contradicted"


def test_words_hold_the_numbers_and_what_is_lacking() -> None:
    assert "0.06 to 0.2" in Finding(0.06, 0.2, 0.05).why
    assert "power" not in Finding(0.06, 0.2, 0.05).why
    assert "no power was shown" in Finding(0.0, 0.04, 0.05).why
    assert f"0.50, below {POWER}" in Finding(0.0, 0.04, 0.05, 0.5).why
    assert Finding(0.0, 0.2, 0.05, 0.9).why.endswith("the power is 0.90")
