"""The finding rule: an effect is supported, contradicted, or cannot be told; an interval over 0 is no rejection.

Science, A3: supported where the interval lies beyond a stated smallest interesting effect on the claimed side;
contradicted where it lies inside that effect or on the other side, with a power of at least 0.8 shown by simulation;
else it cannot be told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["supported", "contradicted", "cannot tell"]
POWER = 0.8  # Cohen 1988, Statistical Power Analysis for the Behavioral Sciences: the customary level


@dataclass(frozen=True)
class Finding:
    """An interval of an effect, the smallest effect that would interest, its sign as claimed, and the power shown."""

    low: float
    high: float
    smallest: float
    power: float | None = None
    sign: int = 1

    @property
    def verdict(self) -> Verdict:
        """Supported, contradicted or cannot tell."""
        low, high = (self.low, self.high) if self.sign > 0 else (-self.high, -self.low)
        if low > self.smallest:
            return "supported"
        if high < self.smallest and self.power is not None and self.power >= POWER:
            return "contradicted"
        return "cannot tell"

    @property
    def why(self) -> str:
        """In a sentence."""
        span = f"the 90 % interval runs from {self.low:.3g} to {self.high:.3g}, the smallest interesting effect is "
        span += f"{self.smallest:.3g}"
        if self.verdict != "cannot tell":
            return span
        if self.power is None:
            return f"{span}; no power was shown"
        return f"{span}; the power is {self.power:.2f}" + ("" if self.power >= POWER else f", below {POWER}")
