"""Cumulative series as interval increments: what one reporter's totals say of the days between two of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from groundswell.errors import GroundswellError, Problem
from groundswell.evidence.counts import Counts, Published


@dataclass(frozen=True)
class Series:
    """Totals of one reporter, measure and place since one first day: `points` in the order of their last days.

    Where a reporter gave several totals up to the same day, the one published last stands; `replaced` has the others.
    """

    country: str
    place: str
    measure: str
    reporter: str
    start: dt.date
    points: tuple[Published, ...]
    replaced: tuple[Published, ...] = ()

    @property
    def falls(self) -> tuple[tuple[Published, Published], ...]:
        """Pairs of neighbouring points whose total goes down. Deaths do not: a definition or a reporter's list did."""
        return tuple((a, b) for a, b in pairwise(self.points) if b.value < a.value)


@dataclass(frozen=True)
class Increment:
    """What happened from `first` to `last` (both included) by one reporter's totals `before` and `after`.

    `value` is the difference of the two numbers, None where it would be negative. `low` and `high` are what the words
    of both allow: between two lower bounds nothing is excluded above. `before` is None for the first total. `flags`
    says in words what makes it doubtful; empty where nothing does.
    """

    country: str
    place: str
    measure: str
    reporter: str
    first: dt.date
    last: dt.date
    value: float | None
    low: float
    high: float
    before: Published | None
    after: Published
    flags: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.last - self.first).days + 1

    @property
    def known(self) -> dt.date | None:
        """The day on which both totals were published; None where a date is missing."""
        dates = [row.published for row in (self.before, self.after) if row is not None]
        return None if None in dates else max(date for date in dates if date is not None)


def series_of(counts: Counts) -> tuple[Series, ...]:
    """Cumulative counts as series, in the order in which the file first names each.

    A series has one country, place, measure, reporter (as written: see Counts.same_reporter) and first day. Windows
    that are not cumulative are no part of any. For what was known on a day, give `counts.known_on(day)`.
    """
    held: dict[tuple[str, str, str, str, dt.date], list[Published]] = {}
    for row in counts:
        if row.cumulative:
            held.setdefault((row.country, row.place, row.measure, row.reporter, row.window_start), []).append(row)
    return tuple(_series(key, rows) for key, rows in held.items())


def _series(key: tuple[str, str, str, str, dt.date], rows: list[Published]) -> Series:
    latest: dict[dt.date, Published] = {}
    replaced = []
    for row in sorted(rows, key=lambda row: (row.window_end, row.published or dt.date.min)):
        if row.window_end in latest:
            replaced.append(latest[row.window_end])
        latest[row.window_end] = row
    return Series(*key, tuple(latest.values()), tuple(replaced))


def increments(counts: Counts) -> tuple[Increment, ...]:
    """Interval increments of every cumulative series: n totals give n increments, the first from the first day on.

    Where a total is smaller than the one before, the increment has no value and says so in its flags; nothing is left
    out and nothing is evened out. `refuse_falls` refuses such counts instead.
    """
    return tuple(made for series in series_of(counts) for made in _increments(series))


def _increments(series: Series) -> list[Increment]:
    named = (series.country, series.place, series.measure, series.reporter)
    first = series.points[0]
    made = [Increment(*named, series.start, first.window_end, first.value, *first.bounds, None, first,
                      _replaced(series, first))]  # fmt: skip
    for before, after in pairwise(series.points):
        (low, high), (least, most) = before.bounds, after.bounds
        flags = _replaced(series, before, after)
        value: float | None = after.value - before.value
        if after.value < before.value:
            value = None
            flags += (f"the total falls from {before.value:g} to {after.value:g}",)
        if before.forces != after.forces:
            flags += (f"security forces counted: {before.forces}, then {after.forces}",)
        if before.qualifier != after.qualifier:
            flags += (f"worded as {before.qualifier}, then {after.qualifier}",)
        start = before.window_end + dt.timedelta(days=1)
        span = (max(0.0, least - high), max(0.0, most - low))
        made.append(Increment(*named, start, after.window_end, value, *span, before, after, flags))
    return made


def _replaced(series: Series, *points: Published) -> tuple[str, ...]:
    return tuple(
        f"the total up to {old.window_end} was first given as {old.value:g}"
        for old in series.replaced
        if any(old.window_end == point.window_end and old.value != point.value for point in points)
    )


def refuse_falls(counts: Counts) -> None:
    """Raise GroundswellError, with one problem for each fall, where a reporter's cumulative total goes down."""
    problems = [
        Problem(
            "count-falls",
            f"counts, line {after.line}",
            f"{series.reporter} gives {after.value:g} {series.measure} in {series.place} up to {after.window_end}, but "
            f"{before.value:g} up to {before.window_end} (line {before.line})",
            "check both; where the reporter took some back, or counts otherwise, give the later one a reporter's name "
            "of its own",
        )
        for series in series_of(counts)
        for before, after in series.falls
    ]
    if problems:
        raise GroundswellError(problems)
