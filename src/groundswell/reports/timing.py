"""When the deadliest seven days of each replicate fall, and whether dated facts of class target lie in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundswell.reports.case import Case
from groundswell.reports.series import Numbers, Runs
from groundswell.reports.tables import listed, percent, plural
from groundswell.scenario.schema import Anchor

_WEEK = 7
_END_DAYS = 14  # a window that touches the last two weeks counts as one at the end
_NOTABLE = 0.05  # months with a smaller share are not listed

Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class Timing:
    """When the deadliest seven days begin: `starts` (one a replicate with deaths), and each target date's share.

    `hits` pairs an anchor's id with the share of replicates whose deadliest seven days contain its date; `any_hit` is
    the share that contains at least one; `by_chance` the share of all windows of that length that do. `months` gives
    the share of replicates whose middle day of these seven lies in each month; `at_end` the share whose seven days
    begin within the last two weeks, `end_by_chance` that of all windows, and `growing` the share whose turnout is
    highest there (nan where turnout was not recorded). All shares are of replicates with deaths.
    """

    starts: Dates
    days: int
    without_deaths: int
    hits: tuple[tuple[str, Anchor, float], ...]
    any_hit: float
    by_chance: float
    months: tuple[tuple[dt.date, float], ...]
    at_end: float
    end_by_chance: float
    growing: float

    @property
    def piled_up(self) -> bool:
        """True where the end holds at least a tenth of the replicates and twice what windows anywhere would give."""
        return self.at_end >= max(0.1, 2 * self.end_by_chance)


def targets(case: Case, first: np.datetime64, last: np.datetime64) -> dict[str, Anchor]:
    """Anchors of class target in the period, of countries with simulated places; a fact that names no country stays."""
    countries = {
        _plain(case.scenario.place[p].links.get("country", "")) for p in case.places if p in case.scenario.place
    }
    return {
        id_: a
        for id_, a in case.scenario.anchor.items()
        if a.anchor_class == "target"
        and (not a.country or _plain(a.country) in countries)
        and first <= np.datetime64(a.date, "D") <= last
    }


def _plain(name: str) -> str:
    return name.casefold().replace("_", " ").replace("-", " ").strip()


def timing(runs: Runs) -> Timing | None:
    """The deadliest seven days of each replicate against the target anchors; None where deaths were not recorded."""
    series, values = runs.series("place.deaths"), runs.national("place.deaths")
    if series is None or values is None or values.shape[1] < 2:
        return None
    steps = min(max(1, round(_WEEK / float(series.days[0]))), values.shape[1])
    windows = _sums(values, steps)
    some = windows.max(1) > 0
    chosen = middle_of_ties(windows[some])
    begins = series.starts[: windows.shape[1]]
    length = int(series.days[:steps].sum())
    dates = targets(runs.case, series.starts[0], series.end)
    inside = {id_: _contains(begins, length, a.date) for id_, a in dates.items()}
    hits = tuple((id_, dates[id_], _mean(held[chosen])) for id_, held in inside.items())
    any_of = np.any(list(inside.values()), axis=0) if inside else np.zeros(len(begins), dtype=bool)
    late = begins > series.end - np.timedelta64(_END_DAYS, "D")
    turnout = runs.national("place.turnout")
    highest = None if turnout is None else _sums(turnout, steps)[some].argmax(1)
    return Timing(
        begins[chosen],
        length,
        int((~some).sum()),
        hits,
        _mean(any_of[chosen]),
        float(any_of.mean()),
        _months(begins[chosen] + np.timedelta64(length // 2, "D")),
        _mean(late[chosen]),
        float(late.mean()),
        float("nan") if highest is None else _mean(late[np.minimum(highest, late.size - 1)]),
    )


def _sums(values: Numbers, steps: int) -> Numbers:
    """Sums over every window of that many steps, (replicate, window)."""
    total = np.cumsum(np.concatenate([np.zeros((len(values), 1)), values], axis=1), axis=1)
    return np.asarray(total[:, steps:] - total[:, :-steps])


def middle_of_ties(windows: Numbers) -> NDArray[np.int64]:
    """The position of the greatest value in each row: the middle one where several are equal."""
    tied = windows == windows.max(1, keepdims=True)
    wanted = (tied.sum(1) + 1) // 2
    return np.asarray((np.cumsum(tied, axis=1) >= wanted[:, None]).argmax(1), dtype=np.int64)


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if values.size else 0.0


def _months(days: Dates) -> tuple[tuple[dt.date, float], ...]:
    months, counts = np.unique(days.astype("datetime64[M]"), return_counts=True)
    return tuple(
        (m.astype("datetime64[D]").astype(object), float(n) / days.size) for m, n in zip(months, counts, strict=True)
    )


def _contains(begins: Dates, length: int, date: dt.date) -> NDArray[np.bool_]:
    after = (np.datetime64(date, "D") - begins).astype(np.int64)
    return np.asarray((after >= 0) & (after < length))


def where(anchor: Anchor) -> str:
    """Country and place of a dated fact, as far as it names them."""
    return ", ".join(part for part in (anchor.country, anchor.place) if part)


def timing_lines(found: Timing | None) -> list[str]:
    """What the timing says, in sentences."""
    if found is None:
        return ["Deaths were not recorded over time, so the timing of the deadliest week cannot be checked."]
    if not found.starts.size:
        return ["No replicate has a death, so there is no deadliest week to compare."]
    lines = [_month_line(found)]
    if not found.hits:
        lines.append("The case names no target date inside the period to hold this against.")
    else:
        better = "no better than" if found.any_hit <= found.by_chance else "more often than"
        lines.append(
            f"They contain at least one of {plural(len(found.hits), 'target date')} in {percent(found.any_hit)} "
            f"of replicates, {better} the {percent(found.by_chance)} of all such windows that contain one."
        )
        missed = [f"{a.date.day} {a.date:%b} ({where(a)})" for _, a, share in found.hits if share <= 0.5]
        if missed:
            lines.append(
                f"Missed: {listed(missed)} lie outside the deadliest {found.days} days in half of the replicates "
                "or more."
            )
    lines.append(
        "In the model one date is like another, but for dated shocks and the day of the week: where a dated shock does "
        "not make the difference, agreement with a date would be luck."
    )
    rest = "Where several windows have equally many deaths, the middle one of them is taken."
    if found.without_deaths:
        rest += (
            f" {plural(found.without_deaths, 'replicate')} without deaths "
            f"{'is' if found.without_deaths == 1 else 'are'} left out of the timing."
        )
    return [*lines, rest]


def _month_line(found: Timing) -> str:
    notable = [(m, s) for m, s in found.months if s >= _NOTABLE]
    several_years = len({m.year for m, _ in found.months}) > 1
    words = [f"{m:%B}{f' {m.year}' if several_years else ''} in {percent(s)}" for m, s in notable]
    line = (
        f"The deadliest {found.days} days lie in {listed(words)} of the {found.starts.size:,} replicates with deaths."
    )
    if found.piled_up:
        line += f" In {percent(found.at_end)} they begin in the last two weeks of the run"
        growing = found.growing >= 0.5
        line += (
            f", because crowds grow until the end (turnout is highest there in {percent(found.growing)}): "
            "the end of the run cuts them off, and no date is predicted."
            if growing
            else ": the end of the run cuts them off, and no date is predicted."
        )
    return line
