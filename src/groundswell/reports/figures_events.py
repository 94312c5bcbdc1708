"""Events as pictures: a map, a timeline and a calendar, each with the deaths beside the events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.evidence import summaries
from groundswell.evidence.places import NATIONAL, UNPLACED, Place, places_of
from groundswell.reports.drawing import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    Drawing,
    blank,
    count_axis,
    date_axis,
    day_numbers,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.tables import Table, plural, show, thinned
from groundswell.world.events import Events

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GREENS = ("#eef0f2", "#f4ee8c", "#c2df23", "#5ec962", "#1f9e89", "#2d708e", "#453781")  # as in figures_tiles
REDS = ("#eef0f2", "#fed395", "#fa7f5e", "#d3436e", "#822681", "#2c115f", "#150530")
CLASSES = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)  # lower ends above 0, the same on every page
MAP_CLASSES = (0.0, 3.0, 10.0, 30.0, 100.0, 1000.0)
BOUNDARIES = (
    "Circles stand at the middle of a governorate or province, placed for reading; they are no map of boundaries and "
    "take no position on any."
)
NUMBERED = "Numbers are the order of the file; no place is ranked."
MOST_DAYS, MOST_YEARS = 400, 12


@dataclass(frozen=True)
class Part:
    """The events of one country, and the places asked about in the order of the file."""

    country: str
    slug: str  # for names of files and ids
    events: Events
    places: tuple[str, ...]
    known: tuple[Place, ...]

    @property
    def replicates(self) -> int:
        """How many replicates the table has; recorded events are one."""
        return max(len(np.unique(self.events.columns["replicate"])), 1)

    @property
    def per(self) -> str:
        """What numbers are of: all events, or a mean over replicates."""
        return "" if self.replicates == 1 else f", mean of {self.replicates} replicates"


def part_of(events: Events, country: str, number: int = 1) -> Part:
    """The part of one country. Places of its table come first, in file order, then others in order of the events."""
    chosen = events.where(events.columns["country"] == country)
    known = places_of(country)
    names = [place.name for place in known]
    others = [str(p) for p in dict.fromkeys(chosen.columns["place"]) if p not in set(names)]
    slug = f"{re.sub('[^a-z]+', '_', country.casefold())[:30]}_{number}"
    return Part(country, slug, chosen, (*names, *others), known)


def draw_map(part: Part, folder: Path) -> Drawing | None:
    """Circles at the middle of each place, area by population, filled by events and by deaths; None without a table."""
    if not part.known:
        return None
    totals = {what: _totals(part, what) for what in ("events", "deaths_best")}
    name = f"{part.slug}_map"
    with styled():
        figure = _map_figure(part, totals)
        rows = [(k, p.name, p.iso, p.population, float(totals["events"][k - 1]), float(totals["deaths_best"][k - 1]))
                for k, p in enumerate(part.known, 1)]  # fmt: skip
        heads = ("number", "place", "iso", "population", "events", "deaths")
        svg = save(figure, name, folder, heads, rows)
    lost = [(place, totals["events"][k], totals["deaths_best"][k])
            for k, place in enumerate(part.places) if place in (NATIONAL, UNPLACED)]  # fmt: skip
    aside = "; ".join(f"{place}: {show(float(a))} events, {show(float(b))} deaths" for place, a, b in lost)
    sized = "Area by population" if all(p.population for p in part.known) else "Circles of one size (no census)"
    caption = (f"Events (left) and deaths, best estimate (right){part.per}. {sized}. {BOUNDARIES} {NUMBERED}"
               + (f" Not on the map: {aside}." if aside else ""))  # fmt: skip
    table = Table("Events and deaths by place", heads, tuple(rows), "Places in file order.")
    alt = f"Two maps of {len(part.known)} circles: events and deaths by place."
    return Drawing(name, f"Where: {plain(part.country)}", caption, alt, svg, (table,))


def _totals(part: Part, what: str) -> NDArray[np.float64]:
    counted = summaries.by_place(part.events, what, places=part.places)
    return np.asarray(counted.sum(("replicate", "time")).values / part.replicates, dtype=np.float64)


def _map_figure(part: Part, totals: dict[str, NDArray[np.float64]]) -> Figure:
    middle = float(np.mean([p.latitude for p in part.known]))
    x = np.array([p.longitude * np.cos(np.deg2rad(middle)) for p in part.known])
    y = np.array([p.latitude for p in part.known])
    people = np.array([p.population or 0 for p in part.known], dtype=np.float64)
    sized = people / people.max() if people.all() else np.full(len(people), 0.25)
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1e-6)
    radius = span * (0.02 + 0.055 * np.sqrt(sized))
    figure = blank(3.9)
    panels = (("events", GREENS, "Events"), ("deaths_best", REDS, "Deaths"))
    for k, (what, colours, title) in enumerate(panels):
        axes = panel(figure, 0.1 + 3.55 * k, 0.5, 3.4, 3.1)
        axes.set_title(title)
        _circles(axes, x, y, radius, [_class(value, MAP_CLASSES, colours) for value in totals[what][: len(x)]])
        _keys(figure, MAP_CLASSES, colours, 0.02 + 0.49 * k)
    return figure


def _circles(axes: Axes, x: Any, y: Any, radius: NDArray[np.float64], fills: list[str]) -> None:
    from matplotlib.patches import Circle

    for k in np.argsort(-radius, kind="stable"):  # the small ones on top, so that none is hidden
        axes.add_patch(Circle((x[k], y[k]), radius[k], facecolor=fills[k], edgecolor="#8a919b", linewidth=0.5))
        dark = fills[k] in (*GREENS[4:], *REDS[3:])
        axes.text(x[k], y[k], str(k + 1), fontsize=5.5, ha="center", va="center", color="white" if dark else BLACK)
    axes.set_xlim(float((x - radius).min()), float((x + radius).max()))
    axes.set_ylim(float((y - radius).min()), float((y + radius).max()))
    axes.set_aspect("equal")
    axes.set_axis_off()


def _class(value: float, classes: Sequence[float], colours: Sequence[str]) -> str:
    return colours[int(np.searchsorted(classes, value, side="right")) if value > 0 else 0]


def _keys(figure: Figure, classes: Sequence[float], colours: Sequence[str], left: float) -> None:
    from matplotlib.patches import Patch

    names = ["0", f"under {show(classes[1])}", *(f"{show(a)} to {show(b)}" for a, b in pairwise(classes[1:])),
             f"{show(classes[-1])} and more"]  # fmt: skip
    keys = [
        Patch(facecolor=c, edgecolor="#b4bac2", linewidth=0.5, label=n) for c, n in zip(colours, names, strict=False)
    ]
    figure.legend(handles=keys, ncols=3, loc="lower left", bbox_to_anchor=(left, 0.005), fontsize=6.5, handlelength=1.1,
                  columnspacing=0.9, handletextpad=0.4, borderaxespad=0)  # fmt: skip


def draw_timeline(part: Part, folder: Path) -> Drawing:
    """Events a day (a week from Monday where the span is long) above deaths: low to high as a band, best as a line."""
    days = part.events.columns["day"]
    long = int((days.max() - days.min()).astype(int)) > MOST_DAYS
    step: summaries.Step = "week" if long else "day"
    series = {what: summaries.by_place(part.events, what, step=step, places=part.places)
              for what in ("events", "deaths_low", "deaths_best", "deaths_high")}  # fmt: skip
    times = series["events"]["time"].values.astype("datetime64[D]")
    values = {what: one.sum(("replicate", "place")).values / part.replicates for what, one in series.items()}
    name = f"{part.slug}_timeline"
    x = day_numbers(times)
    with styled():
        figure = blank(3.75)
        above, below = panel(figure, 0.6, 2.3, 6.4, 1.15), panel(figure, 0.6, 0.45, 6.4, 1.15)
        above.set_title(f"Events a {step}")
        above.vlines(x, 0, values["events"], color=BLUE, linewidth=max(0.5, min(3.0, 300 / x.size)))
        below.set_title(f"Deaths a {step}: best (line), low to high (band)")
        below.fill_between(x, values["deaths_low"], values["deaths_high"], color=LIGHT, linewidth=0, step="mid")
        below.step(x, values["deaths_best"], where="mid", color=BLUE, linewidth=1)
        for axes, top in ((above, values["events"]), (below, values["deaths_high"])):
            count_axis(axes, max(float(top.max()), 1.0), log=False)
            date_axis(axes, float(x[0]) - 1, float(x[-1]) + 1)
        heads = (step, "events", "deaths_low", "deaths_best", "deaths_high")
        rows = [(time.astype(object), *(float(values[w][k]) for w in values)) for k, time in enumerate(times)]
        svg = save(figure, name, folder, heads, rows)
    late = int((part.events.columns["day_precision"] > 0).sum())
    caption = f"By {step}{part.per}; all places and those not placed. "
    if late:
        caption += (
            f"{plural(late, 'event')} lasted longer or is known less exactly than a day: it stands on its first. "
        )
    caption += "A zero is a day without a record, not a day without an event."
    alt = f"Two bar charts over {len(times)} {step}s: events, and deaths."
    return Drawing(name, "When", caption, alt, svg, (thinned(f"Events and deaths by {step}", heads, rows),))


def draw_calendar(part: Part, folder: Path) -> Drawing:
    """A calendar: weekday by week over a year or two, else month by year; a dot where somebody died."""
    counts, deaths = (summaries.by_place(part.events, what, places=part.places).sum(("replicate", "place"))
                      for what in ("events", "deaths_best"))  # fmt: skip
    times = counts["time"].values.astype("datetime64[D]")
    short = len(times) <= 2 * MOST_DAYS
    cells = _by_weekday(times) if short else _by_month(times)
    grid, mark = np.zeros(cells.shape), np.zeros(cells.shape)
    np.add.at(grid, (cells.row, cells.column), counts.values / part.replicates)
    np.add.at(mark, (cells.row, cells.column), deaths.values)
    inside = np.zeros(cells.shape, dtype=bool)
    inside[cells.row, cells.column] = True
    name = f"{part.slug}_calendar"
    with styled():
        figure = blank(1.15 + 0.19 * cells.shape[0])
        axes = panel(figure, 0.6, 0.9, 6.4, 0.19 * cells.shape[0])
        _heat(axes, grid, mark, inside)
        axes.set_yticks(np.arange(cells.shape[0]), cells.rows, fontsize=7)
        axes.set_xticks(cells.ticks, cells.texts, fontsize=7)
        _keys(figure, CLASSES[:-1], GREENS, 0.08)
        heads = ("row", "column", "first_day", "events", "deaths")
        rows = [(cells.rows[r], c, times[(cells.row == r) & (cells.column == c)][0].astype(object), float(grid[r, c]),
                 float(mark[r, c])) for r, c in zip(*np.nonzero(inside), strict=True)]  # fmt: skip
        svg = save(figure, name, folder, heads, rows)
    what = "weekday and week (Monday first)" if short else "month and year"
    caption = f"Events by {what}{part.per}. A dot marks a cell with deaths. White is outside the span of the table."
    return Drawing(
        name, "Calendar", caption, f"Heat map of events by {what}.", svg, (thinned("Calendar", heads, rows),)
    )


@dataclass(frozen=True)
class _Cells:
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    shape: tuple[int, int]
    rows: tuple[str, ...]
    ticks: list[float]
    texts: list[str]


def _by_weekday(times: NDArray[np.datetime64]) -> _Cells:
    numbers = times.astype(np.int64)
    weekday = (numbers + 3) % 7  # 1970-01-01 was a Thursday
    column = (numbers - weekday - (numbers[0] - weekday[0])) // 7
    months = times.astype("datetime64[M]")
    starts = np.flatnonzero(np.r_[True, months[1:] != months[:-1]])
    every = -(-len(starts) // 13)
    kept = starts[::every]
    texts = [f"{times[k].astype(object):%b}\n{times[k].astype(object).year}" for k in kept]
    return _Cells(weekday, column, (7, int(column.max()) + 1), ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
                  [float(column[k]) for k in kept], texts)  # fmt: skip


def _by_month(times: NDArray[np.datetime64]) -> _Cells:
    months = times.astype("datetime64[M]").astype(np.int64)
    years = months // 12 + 1970
    first, last = int(years[0]), int(years[-1])
    every = -(-(last - first + 1) // MOST_YEARS)
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    ticks = list(range(0, last - first + 1, every))
    return _Cells(months % 12, years - first, (12, last - first + 1), names, [float(t) for t in ticks],
                  [str(first + t) for t in ticks])  # fmt: skip


def _heat(axes: Axes, grid: NDArray[Any], mark: NDArray[Any], inside: NDArray[np.bool_]) -> None:
    from matplotlib.collections import PolyCollection

    square = np.array([(-0.46, -0.46), (0.46, -0.46), (0.46, 0.46), (-0.46, 0.46)])
    at = [(r, c) for r, c in zip(*np.nonzero(inside), strict=True)]
    fills = [_class(float(grid[r, c]), CLASSES[:-1], GREENS) for r, c in at]
    axes.add_collection(PolyCollection([square + np.array([c, r]) for r, c in at], facecolors=fills, edgecolors="none"))
    dots = [(r, c) for r, c in at if mark[r, c] > 0]
    axes.scatter([c for _, c in dots], [r for r, _ in dots], s=2.2, color=BLACK, linewidths=0, zorder=3)
    axes.set_xlim(-0.6, grid.shape[1] - 0.4)
    axes.set_ylim(grid.shape[0] - 0.4, -0.6)
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0, labelcolor=GREY)
