"""What fails, said first and computed: how far apart the runs are, and whether anything in them starts or ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from groundswell.reports.misses import HUGE, VARIABLES, Comparison
from groundswell.reports.series import Numbers, Runs, quantiles
from groundswell.reports.tables import listed, percent, plural, qualified, show, window
from groundswell.scenario.schema import Count

MANY = 5_000  # rule of reading: a round number far above the counts of most protest waves
FACTOR = 3.0  # rule of reading: "within a factor of three"
RISE, FALL = 5.0, 0.5  # rule of reading: what is called a wave
MONTH, WEEK = 30.0, 7.0
LARGE, HALF = 0.1, 0.5  # of residents on one day; the first is the second fact of docs/concepts/priors.md, a guess
QUIET = (1e-6, 1e-2)  # of residents on a day of weeks 2 to 4; its first fact, a guess
UNRESOLVED = 0.5  # from this share of replicates on, a failure is named at the top of the page


@dataclass(frozen=True)
class Failures:
    """Shares of replicates; None where what it takes was not recorded or is not in the case.

    `near` counts totals within a factor of three of `reference`, the greatest of the last cumulative national counts
    of deaths of each reporter, over its window. `waves` is a number of replicates: see `rises_and_falls`; `risen`
    those that only rise. `tenth` and `half` have more than a tenth and half of all residents on the street on one day;
    `unquiet` lie outside the range of a quiet day.
    """

    replicates: int
    deaths: tuple[float, float, float] | None
    no_death: float | None
    many: float | None
    reference: Count | None
    near: float | None
    waves: int | None
    risen: int | None
    of_what: str
    tenth: float | None
    half: float | None
    unquiet: float | None


def failures(runs: Runs) -> Failures:
    """All of them, from the recorded numbers."""
    deaths = runs.national("place.deaths") if runs.has("place.deaths") else None
    total = None if deaths is None else deaths.sum(1)
    band = None if total is None else quantiles(total)
    reference = last_count(runs)
    of_what, (risen, waves) = _waves(runs)
    tenth, half, unquiet = _crowds(runs)
    return Failures(
        runs.replicates,
        None if band is None else (float(band[0]), float(band[2]), float(band[4])),
        None if total is None else float(np.mean(total == 0)),
        None if total is None else float(np.mean(total > MANY)),
        reference,
        None if reference is None else _near(runs, reference),
        waves,
        risen,
        of_what,
        tenth,
        half,
        unquiet,
    )


def last_count(runs: Runs) -> Count | None:
    """Of each reporter's last cumulative national count of deaths, the greatest; None where there is none."""
    last: dict[str, Count] = {}
    for count in runs.case.scenario.count:
        area = runs.case.area_of(count)
        counted = count.cumulative and VARIABLES.get(count.measure) == "place.deaths" and count.value > 0
        if not counted or area is None or not runs.case.is_national(area) or _over(runs, count) is None:
            continue
        if count.reporter not in last or count.window_end >= last[count.reporter].window_end:
            last[count.reporter] = count
    return max(last.values(), key=lambda count: count.value, default=None)


def _over(runs: Runs, count: Count) -> Numbers | None:
    """Deaths in each replicate over a count's window; None where it leaves the runs."""
    series, values = runs.series("place.deaths"), runs.national("place.deaths")
    share = None if series is None else series.overlap(count.window_start, count.window_end)
    return None if values is None or share is None else np.asarray(values @ share)


def _near(runs: Runs, count: Count) -> float | None:
    total = _over(runs, count)
    if total is None:
        return None
    return float(np.mean((total >= count.value / FACTOR) & (total <= count.value * FACTOR)))


def _waves(runs: Runs) -> tuple[str, tuple[int | None, int | None]]:
    for name, words in (("place.turnout", "turnout"), ("place.deaths", "deaths")):
        series, values = runs.series(name), runs.national(name)
        if series is None or values is None:
            continue
        daily = values / series.days if series.flow else values
        a_week = max(1, round(WEEK / float(series.days[0])))
        a_month = max(1, round(MONTH / float(series.days[0])))
        if daily.shape[1] < 2 * a_month:
            return words, (None, None)
        risen, fallen = rises_and_falls(daily, a_week, a_month)
        return words, (int(risen.sum()), int(fallen.sum()))
    return "", (None, None)


def rises_and_falls(values: Numbers, a_week: int, a_month: int) -> tuple[Numbers, Numbers]:
    """Which replicates rise to five times their first month's mean, and which of these then halve, as 0 or 1.

    Over running means of a week, so that single days do not count; a peak is the highest so far. A replicate that is
    at 0 for the whole first month rises with anything above 0.
    """
    total = np.cumsum(np.concatenate([np.zeros((len(values), 1)), values], axis=1), axis=1)
    smooth = (total[:, a_week:] - total[:, :-a_week]) / a_week
    level = values[:, :a_month].mean(1, keepdims=True)
    peak = np.maximum.accumulate(smooth, axis=1)
    up = (peak >= RISE * level) & (peak > 0)
    down = up & (smooth < FALL * peak)
    return up.any(1).astype(np.float64), down.any(1).astype(np.float64)


def _crowds(runs: Runs) -> tuple[float | None, float | None, float | None]:
    series, turnout = runs.series("place.turnout"), runs.national("place.turnout")
    if series is None or turnout is None or not runs.has_population:
        return None, None, None
    share = turnout / runs.place_population.sum(1, keepdims=True)
    peak = share.max(1)
    a_week = max(1, round(WEEK / float(series.days[0])))
    unquiet = None
    if share.shape[1] >= 4 * a_week:
        quiet = share[:, a_week : 4 * a_week].mean(1)
        unquiet = float(np.mean((quiet < QUIET[0]) | (quiet > QUIET[1])))
    return float(np.mean(peak > LARGE)), float(np.mean(peak > HALF)), unquiet


def failure_lines(found: Failures, compared: tuple[Comparison, ...]) -> list[str]:
    """The failures in plain sentences, the gravest first; coverage of counts is not among them."""
    lines = []
    if found.no_death is not None:
        lines.append(_spread_line(found))
    if found.waves is not None and found.risen is not None:
        lines.append(wave_line(found))
    if found.tenth is not None and found.half is not None:
        lines.append(_crowd_line(found))
    return lines + empty_bands(compared)


def _spread_line(found: Failures) -> str:
    assert found.no_death is not None and found.many is not None
    line = (
        f"{percent(found.no_death)} of replicates have no death at all in the whole period, and {percent(found.many)} "
        f"have more than {MANY:,}."
    )
    if found.reference is not None and found.near is not None:
        n = found.reference
        line += (
            f" {percent(found.near)} come within a factor of three of the greatest last cumulative count of any "
            f"reporter ({qualified(n.value, n.qualifier)}, {n.reporter}, {window(n.window_start, n.window_end)})."
        )
    return line


def wave_line(found: Failures) -> str:
    """Whether anything starts or ends a wave."""
    assert found.waves is not None and found.risen is not None
    line = (
        f"{found.waves} of {plural(found.replicates, 'replicate')} rise to five times their first month's level of "
        f"{found.of_what} and then fall below half their peak; {found.risen} rise that far, with or without a fall "
        "(means of a week)."
    )
    if not found.waves:
        return f"{line} Nothing in this run starts or ends a wave."
    if found.waves < UNRESOLVED * found.replicates:
        line += " In most replicates nothing starts and ends a wave."
    return line


def _crowd_line(found: Failures) -> str:
    assert found.tenth is not None and found.half is not None
    line = (
        f"More than a tenth of all residents are on the street on one day in {percent(found.tenth)} of replicates, "
        f"more than half in {percent(found.half)}."
    )
    if found.unquiet is not None:
        line += (
            f" A day of weeks 2 to 4 has fewer than one in a million or more than one in a hundred of them on the "
            f"street in {percent(found.unquiet)}."
        )
    return line + (
        " The ranges of guesses were meant to keep both rare (two general facts, themselves guesses: a quiet day, and "
        "a large day of at most a tenth); where these shares are large, the fault is in the joint prior."
    )


def excluding_nothing(compared: tuple[Comparison, ...]) -> int:
    """How many counts have a band that starts at 0 or whose 95 % value is a hundred times the 5 % value or more."""
    return sum(item.band[0] <= 0 or item.ratio >= HUGE for item in compared)


def empty_bands(compared: tuple[Comparison, ...]) -> list[str]:
    """A sentence where most bands exclude almost nothing; what lies outside them is named elsewhere."""
    inside = tuple(item for item in compared if item.position == "inside")
    wide = excluding_nothing(inside)
    if not inside or 2 * wide < len(inside):
        return []
    who = "All" if len(inside) == len(compared) else f"{len(inside)} of {len(compared)}"
    zero = sum(item.band[0] <= 0 for item in inside)
    return [
        f"{who} {'count' if len(compared) == 1 else 'counts'} lie inside the band because the band excludes almost "
        f"nothing: for {zero} of them it starts at 0, for {wide - zero} more its upper end is {HUGE:.0f} times its "
        "lower end or more."
    ]


def three_lines(found: Failures, compared: tuple[Comparison, ...], *, at_default: bool) -> tuple[str, ...]:
    """For the top of the page: what came out, what failed, what to ignore."""
    return _came_out(found), _failed(found, compared), _ignore(found, compared, at_default)


def _came_out(found: Failures) -> str:
    if found.deaths is None or found.no_death is None:
        return "What came out: deaths were not recorded in these runs."
    low, middle, high = found.deaths
    return (
        f"What came out: a median of {show(middle)} deaths in the whole period, 90 % of replicates between "
        f"{show(low)} and {show(high)}, and none at all in {percent(found.no_death)}."
    )


def _failed(found: Failures, compared: tuple[Comparison, ...]) -> str:
    parts = []
    if found.near is not None and found.near < UNRESOLVED:
        parts.append(
            f"only {percent(found.near)} of replicates come within a factor of three of the last count of deaths"
        )
    if found.waves is not None and found.waves < UNRESOLVED * found.replicates:
        parts.append(f"{found.waves} of {found.replicates} have a wave that rises and falls")
    if found.tenth:
        parts.append(f"{percent(found.tenth)} put more than a tenth of all residents on the street on one day")
    outside = sum(item.position != "inside" for item in compared)
    if outside:
        parts.append(f"{outside} of {plural(len(compared), 'published count')} lie outside the 90 % band")
    if not parts:
        none = "no count, so nothing was checked" if not compared else "none of the checks made here"
        return f"What failed: {none}. Few checks are made, and passing them is no proof."
    return f"What failed: {listed(parts)}."


def _ignore(found: Failures, compared: tuple[Comparison, ...], at_default: bool) -> str:
    parts = ["the level of turnout (its scale is set by prior)", "differences between places", "dates of peaks"]
    inside = tuple(item for item in compared if item.position == "inside")
    wide = excluding_nothing(inside)
    if wide:
        parts.append(
            f"that a count lies inside its band (of {len(inside)} inside, {wide} have a band that starts at 0 or "
            "excludes as little)"
        )
    if found.deaths is not None and found.deaths[1] == 0:
        parts.append("the median of deaths (most replicates have none or hardly any)")
    if at_default:
        parts.append("how narrow the bands are (no guess was drawn)")
    return f"What to ignore: {listed(parts)}."
