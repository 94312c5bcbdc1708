"""Where the model misses the record: every published count held against the same window of every replicate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from groundswell.reports.case import Area
from groundswell.reports.series import Runs, quantiles
from groundswell.reports.tables import percent, plural, show
from groundswell.scenario.schema import Count

# Which variable a published measure is held against. The model knows deaths and injuries by the forces only.
VARIABLES = {
    "deaths": "place.deaths",
    "protester_deaths": "place.deaths",
    "injured": "place.injuries",
    "injuries": "place.injuries",
    "arrested": "place.arrests",
    "arrests": "place.arrests",
}
NOUNS = {"place.deaths": "deaths", "place.injuries": "injuries", "place.arrests": "arrests"}
LOWER_BOUNDS, UPPER_BOUNDS = ("at_least", "more_than"), ("up_to", "at_most", "less_than")
WIDE = 10.0  # rule of reading, not a law: beyond a tenfold band, a count inside it says little
HUGE = 100.0  # rule of reading: a band this wide excludes almost nothing
Position = Literal["inside", "below", "above"]


@dataclass(frozen=True)
class Comparison:
    """One published count and the model over the same window.

    `position` says where the published number lies against the 5-95 % band; `share_below` is the share of replicates
    whose number is smaller; `ratio` is the 95 % value over the 5 % value (infinite where only
    the latter is 0, nan where both are).
    """

    count: Count
    area: Area
    variable: str
    band: tuple[float, float, float, float, float]
    position: Position
    share_below: float

    @property
    def ratio(self) -> float:
        """How wide the band is."""
        low, high = self.band[0], self.band[4]
        return high / low if low > 0 else float("nan" if high == 0 else "inf")

    @property
    def includes_forces(self) -> bool:
        """True where the count is said to include members of the security forces."""
        said = self.count.includes_security_forces.casefold()
        return said == "yes" or said == f"{self.count.measure} only".casefold()

    @property
    def empty(self) -> bool:
        """True for a count inside a band that starts at 0: no small number could have missed it."""
        return self.position == "inside" and self.band[0] <= 0

    @property
    def days(self) -> int:
        """Length of the window."""
        return (self.count.window_end - self.count.window_start).days + 1


def compare(runs: Runs) -> tuple[tuple[Comparison, ...], tuple[tuple[Count, str], ...]]:
    """All counts that can be compared, in the order of the file, and the others with the reason why not."""
    done: list[Comparison] = []
    left: list[tuple[Count, str]] = []
    for count in runs.case.scenario.count:
        found = _compare(runs, count)
        if isinstance(found, str):
            left.append((count, found))
        else:
            done.append(found)
    return tuple(done), tuple(left)


def _compare(runs: Runs, count: Count) -> Comparison | str:
    variable = VARIABLES.get(count.measure)
    if variable is None:
        return "the model has no such measure"
    area = runs.case.area_of(count)
    if area is None:
        return "the place is not one of the case"
    series = runs.series(variable)
    values = runs.area(variable, area)
    if series is None or values is None:
        return f"{variable} was not recorded"
    share = series.overlap(count.window_start, count.window_end)
    if share is None:
        return "the window leaves the period of the runs"
    totals = values @ share
    band = tuple(float(v) for v in quantiles(totals))
    position: Position = "below" if count.value < band[0] else "above" if count.value > band[4] else "inside"
    return Comparison(
        count,
        area,
        variable,
        (band[0], band[1], band[2], band[3], band[4]),
        position,
        float(np.mean(totals < count.value)),
    )


def is_soft(item: Comparison) -> bool:
    """True for a miss that the count's own qualifier could explain: a lower bound below the band, an upper above."""
    if item.position == "below":
        return item.count.qualifier in LOWER_BOUNDS
    return item.position == "above" and item.count.qualifier in UPPER_BOUNDS


def findings(runs: Runs, compared: tuple[Comparison, ...]) -> list[str]:
    """How counts and bands compare, in plain sentences, with every miss; never empty."""
    national = [item for item in compared if runs.case.is_national(item.area)]
    if not compared:
        return ["No published count can be held against these runs, so nothing here has been checked."]
    covered = []
    for words, chosen in (
        ("national cumulative", [i for i in national if i.count.cumulative]),
        ("national", [i for i in national if not i.count.cumulative]),
        ("local", [i for i in compared if not runs.case.is_national(i.area)]),
    ):
        if chosen:
            covered.append(_covered(words, chosen))
    lines = []
    for variable in dict.fromkeys(item.variable for item in national):
        lines.append(_leaning(NOUNS[variable], [item for item in national if item.variable == variable]))
    lines += [*_soft(compared), _width(list(compared))]
    if sum(item.count.cumulative for item in compared) > 1:
        lines.append(
            "Cumulative counts contain one another, and reporters copy each other: this many counts are far "
            "fewer independent tests."
        )
    return [*lines, *covered]


def _covered(words: str, chosen: list[Comparison]) -> str:
    inside, above, below = (sum(i.position == p for i in chosen) for p in ("inside", "above", "below"))
    kind = "count" if "cumulative" in words else "count of a single window"
    many = "counts" if "cumulative" in words else "counts of single windows"
    line = f"{inside} of {len(chosen)} published {words} {kind if len(chosen) == 1 else many} "
    line += "lies" if len(chosen) == 1 else "lie"
    line += " inside the 90 % band"
    if above:
        line += f"; {above} above it, where nearly all replicates give too few"
    if below:
        line += f"; {below} below it, where nearly all replicates give too many"
    return line + "."


def _leaning(noun: str, chosen: list[Comparison]) -> str:
    under = sum(item.band[2] < item.count.value for item in chosen)
    over = sum(item.band[2] > item.count.value for item in chosen)
    shares = [item.share_below for item in chosen]
    line = f"{noun.capitalize()}: the model's median is smaller than {under} and greater than {over} of "
    line += f"{plural(len(chosen), 'national count')}; the share of replicates below "
    if len(chosen) == 1:
        return f"{line}it is {percent(shares[0])}."
    return (
        f"{line}a count runs from {percent(min(shares))} to {percent(max(shares))} "
        f"(middle value {percent(float(np.median(shares)))})."
    )


def _soft(compared: tuple[Comparison, ...]) -> list[str]:
    missed = [item for item in compared if item.position != "inside"]
    soft = sum(is_soft(item) for item in missed)
    if not missed:
        return ["No published count lies outside the band."]
    if not soft:
        return []
    return [
        f"Of {plural(len(missed), 'miss', 'misses')}, {soft} could be explained by the count's own words "
        "(a lower bound below the band, or an upper bound above it); the others could not."
    ]


def _width(compared: list[Comparison]) -> str:
    open_below = sum(np.isinf(item.ratio) for item in compared)
    closed = [item.ratio for item in compared if np.isfinite(item.ratio)]
    line = ""
    if closed:
        ends = list(dict.fromkeys((show(min(closed)), show(max(closed)))))
        middle = f" (middle value {show(float(np.median(closed)))})" if len(ends) > 1 else ""
        line = f"Over these windows the 95 % value is {' to '.join(ends)} times the 5 % value{middle}."
    if open_below:
        line += f" For {plural(open_below, 'count')} the band starts at 0, so no such ratio exists."
    nothing = len(compared) - open_below - len(closed)
    if nothing:
        line += f" For {plural(nothing, 'count')} nearly all replicates give 0."
    ratios = [item.ratio for item in compared if not np.isnan(item.ratio)]
    if ratios and np.median(ratios) >= WIDE:
        line += (
            " A band this wide covers almost any record: a count inside it is weak evidence for the model, "
            "a count outside it is a reason to doubt the ranges."
        )
    return line.strip()
