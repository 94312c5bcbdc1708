"""Where the model misses the record: every published count held against the same window of every replicate."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np

from groundswell.reports.case import Area
from groundswell.reports.series import Numbers, Runs, quantiles
from groundswell.reports.tables import listed, percent, plural, show
from groundswell.scenario.schema import Anchor, Count

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
_WEEK = 7
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
    """Plain sentences made from the numbers, misses first; never empty."""
    national = [item for item in compared if runs.case.is_national(item.area)]
    if not compared:
        return ["No published count can be held against these runs, so nothing here has been checked."]
    lines = []
    for words, chosen in (
        ("national cumulative", [i for i in national if i.count.cumulative]),
        ("national", [i for i in national if not i.count.cumulative]),
        ("local", [i for i in compared if not runs.case.is_national(i.area)]),
    ):
        if chosen:
            lines.append(_covered(words, chosen))
    for variable in dict.fromkeys(item.variable for item in national):
        lines.append(_leaning(NOUNS[variable], [item for item in national if item.variable == variable]))
    lines += [*_soft(compared), _width(list(compared))]
    if sum(item.count.cumulative for item in compared) > 1:
        lines.append(
            "Cumulative counts contain one another, and reporters copy each other: this many counts are far "
            "fewer independent tests."
        )
    return lines


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
    return (
        f"{noun.capitalize()}: the model's median is smaller than {under} and greater than {over} of "
        f"{plural(len(chosen), 'national count')}; the share of replicates below a count runs from "
        f"{percent(min(shares))} to {percent(max(shares))} (middle value {percent(float(np.median(shares)))})."
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
        middle = float(np.median(closed))
        line = (
            f"Over these windows the 95 % value is {show(min(closed))} to {show(max(closed))} times the 5 % value "
            f"(middle value {show(middle)})."
        )
    if open_below:
        line += f" For {plural(open_below, 'count')} the band starts at 0, so no such ratio exists."
    nothing = len(compared) - open_below - len(closed)
    if nothing:
        line += f" For {plural(nothing, 'count')} nearly all replicates give 0."
    ratios = [item.ratio for item in compared if not np.isnan(item.ratio)]
    if ratios and np.median(ratios) >= WIDE:
        line += (
            " A band this wide covers almost any record: a count inside it is weak evidence for the model, "
            "a count outside it is strong evidence against it."
        )
    return line.strip()


@dataclass(frozen=True)
class Timing:
    """When the deadliest seven days begin: `starts` (one a replicate with deaths), and each target date's share.

    `hits` pairs an anchor's id with the share of replicates whose deadliest seven days contain its date; `any_hit` is
    the share that contains at least one; `by_chance` the share of all windows of that length that do.
    """

    starts: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    days: int
    without_deaths: int
    hits: tuple[tuple[str, Anchor, float], ...]
    any_hit: float
    by_chance: float


def timing(runs: Runs) -> Timing | None:
    """The deadliest seven days of each replicate against the target anchors; None where deaths were not recorded."""
    series, values = runs.series("place.deaths"), runs.national("place.deaths")
    if series is None or values is None or values.shape[1] < 2:
        return None
    steps = max(1, round(_WEEK / float(series.days[0])))
    steps = min(steps, values.shape[1])
    total = np.cumsum(np.concatenate([np.zeros((len(values), 1)), values], axis=1), axis=1)
    windows = total[:, steps:] - total[:, :-steps]
    some = windows.max(1) > 0
    first = windows[some].argmax(1)
    begins = series.starts[: windows.shape[1]]
    length = int(series.days[:steps].sum())
    dates = {
        id_: a
        for id_, a in runs.case.scenario.anchor.items()
        if a.anchor_class == "target" and series.starts[0] <= np.datetime64(a.date, "D") <= series.end
    }
    inside = {id_: _contains(begins, length, a.date) for id_, a in dates.items()}
    hits = tuple((id_, dates[id_], float(held[first].mean()) if some.any() else 0.0) for id_, held in inside.items())
    any_of = np.any(list(inside.values()), axis=0) if inside else np.zeros(len(begins), dtype=bool)
    return Timing(
        begins[first],
        length,
        int((~some).sum()),
        hits,
        float(any_of[first].mean()) if some.any() else 0.0,
        float(any_of.mean()),
    )


def _contains(begins: np.ndarray[tuple[int], np.dtype[np.datetime64]], length: int, date: dt.date) -> Numbers:
    after = (np.datetime64(date, "D") - begins).astype(np.int64)
    return np.asarray((after >= 0) & (after < length))


def timing_lines(found: Timing | None) -> list[str]:
    """What the timing says, in sentences."""
    if found is None:
        return ["Deaths were not recorded over time, so the timing of the deadliest week cannot be checked."]
    if not found.starts.size:
        return ["No replicate has a death, so there is no deadliest week to compare."]
    low, middle, high = (show(_date(found.starts, q)) for q in (0.05, 0.5, 0.95))
    lines = [
        f"The deadliest {found.days} days begin on {middle} in the middle replicate (90 % between {low} and {high})."
    ]
    if not found.hits:
        lines.append("The case names no target date inside the period to hold this against.")
    else:
        better = "no better than" if found.any_hit <= found.by_chance else "more often than"
        lines.append(
            f"They contain at least one of {plural(len(found.hits), 'target date')} in {percent(found.any_hit)} "
            f"of replicates, {better} the {percent(found.by_chance)} of all such windows that contain one."
        )
        never = list(dict.fromkeys(show(anchor.date) for _, anchor, share in found.hits if share < 0.05))
        if never:
            lines.append(
                f"Missed: fewer than 5 % of replicates have their deadliest {found.days} days on {listed(never)}."
            )
    if found.without_deaths:
        lines.append(
            f"{plural(found.without_deaths, 'replicate')} without any death "
            f"{'is' if found.without_deaths == 1 else 'are'} left out of the timing."
        )
    return lines


def _date(starts: np.ndarray[tuple[int], np.dtype[np.datetime64]], q: float) -> dt.date:
    ordered = np.sort(starts)
    found: dt.date = ordered[min(int(q * ordered.size), ordered.size - 1)].astype(object)
    return found
