"""Deaths and injuries since the first published window began, with every reporter's published points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.reports.drawing import (
    Drawing,
    blank,
    count_axis,
    date_axis,
    day_numbers,
    fan,
    fan_keys,
    panel,
    save,
    styled,
)
from groundswell.reports.figures_windows import MOST, draw_windows, height_of
from groundswell.reports.markers import Looks, measure_of, point, reporter_keys, reporters
from groundswell.reports.misses import NOUNS, Comparison
from groundswell.reports.series import QUANTILE_WORDS, Numbers, Runs, quantiles
from groundswell.reports.tables import Cell, Table, plural, qualified, show, thinned, window

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEGEND_COLUMNS, _LEGEND_WIDTH = 3, 34  # and characters a line


@dataclass(frozen=True)
class Cumulative:
    """What the figure draws: days, band (5, days) from `start` on, points on the curve, and other windows."""

    start: np.datetime64
    x: Numbers
    band: Numbers
    points: tuple[Comparison, ...]
    windows: tuple[Comparison, ...]


def cumulative(runs: Runs, variable: str, compared: tuple[Comparison, ...]) -> Cumulative | None:
    """Model numbers summed from the first cumulative window's start; None where the variable was not recorded."""
    series, values = runs.series(variable), runs.national(variable)
    if series is None or values is None:
        return None
    mine = [item for item in compared if item.variable == variable and runs.case.is_national(item.area)]
    starts = [item.count.window_start for item in mine if item.count.cumulative]
    start = np.datetime64(min(starts), "D") if starts else series.starts[0]
    share = series.overlap(start.astype(object), series.end.astype(object))
    assert share is not None
    kept = share > 0
    band = quantiles(np.cumsum(values * share, axis=1)[:, kept])
    ends = day_numbers(series.starts[kept]) + series.days[kept] - 1
    on_curve = [item for item in mine if item.count.cumulative and item.count.window_start == start.astype(object)]
    return Cumulative(start, ends, band, tuple(on_curve), tuple(item for item in mine if item not in on_curve))


def draw_cumulative(runs: Runs, variable: str, compared: tuple[Comparison, ...], folder: Path) -> Drawing | None:
    """The figure of one variable, written to `folder`; None where the variable was not recorded."""
    found = cumulative(runs, variable, compared)
    if found is None:
        return None
    noun = NOUNS[variable]
    looks = reporters(compared)
    with styled():
        figure = _figure(found, noun, looks)
        days = (found.x.astype("datetime64[D]")).astype(object)
        rows: list[tuple[Cell, ...]] = [(days[k], *found.band[:, k].tolist()) for k in range(len(days))]
        csv_rows: list[tuple[object, ...]] = [("model", "", found.start, *row, "", "") for row in rows]
        csv_rows += [
            (
                "published",
                i.count.reporter,
                i.count.window_start,
                i.count.window_end,
                *i.band,
                i.count.value,
                i.count.qualifier,
            )
            for i in (*found.points, *found.windows)
        ]
        svg = save(
            figure,
            f"cumulative_{noun}",
            folder,
            ("kind", "reporter", "since", "until", *QUANTILE_WORDS, "published", "qualifier"),
            csv_rows,
        )
    start = show(found.start.astype(object))
    last = found.band[:, -1]
    caption = (
        f"{noun.capitalize()}, all places, summed from {start}. The same numbers on an even and on a logarithmic "
        "axis. Markers: published counts on the last day they cover; a small caret marks a bound "
        "(upward: at least or more than; downward: up to). Hollow markers count security forces too. "
        "A death or injury in the model is by the forces; "
        "reporters differ in whom they count."
    )
    if found.windows:
        caption += (
            " Below, one row each: counts that start on another day, as averages per day over their window (marker), "
            "on the model's average over that window (boxes: 90 and 50 %, bar: median)."
        )
        if len(found.windows) > MOST:
            caption += f" The first {MOST} of {len(found.windows)}; the table has all."
    if variable == "place.injuries":
        caption += (
            " An injured person of the model is back on the street the next day and may be counted again: sums are "
            "injuries, not injured persons."
        )
    alt = (
        f"Fan chart of cumulative {noun} from {start}: on the last day the median is {show(float(last[2]))}, the 90 % "
        f"band {show(float(last[0]))} to {show(float(last[4]))}. {plural(len(found.points), 'published point')} on the "
        f"curve, {plural(len(found.windows), 'published window')} below."
    )
    tables = [thinned(f"Model: cumulative {noun} since {start}", ("until", *QUANTILE_WORDS), rows)]
    if found.points or found.windows:
        tables.append(_published(found, noun))
    return Drawing(f"cumulative_{noun}", f"Cumulative {noun}", caption, alt, svg, tuple(tables))


def _published(found: Cumulative, noun: str) -> Table:
    rows = [
        (
            measure_of(i.count),
            i.count.includes_security_forces,
            i.count.reporter,
            window(i.count.window_start, i.count.window_end),
            qualified(i.count.value, i.count.qualifier),
            i.band[0],
            i.band[2],
            i.band[4],
        )
        for i in (*found.points, *found.windows)
    ]
    return Table(
        f"Published {noun} in this figure and the model over the same window",
        ("measure", "security forces included", "reporter", "window", "published", "5 %", "median", "95 %"),
        tuple(rows),
    )


def _figure(found: Cumulative, noun: str, looks: Looks) -> Figure:
    shown = list(dict.fromkeys(i.count.reporter for i in (*found.points, *found.windows)))
    hollow = any(i.includes_forces for i in (*found.points, *found.windows))
    keys = fan_keys() + reporter_keys(shown, looks, _LEGEND_WIDTH, hollow=hollow)
    legend = 0.14 + _legend_height(keys)
    low = 0.75 + height_of(found.windows) if found.windows else 0.0
    figure = blank(legend + 2.8 + low)
    height = float(figure.get_size_inches()[1])
    base = 0.4 + low
    highest = float(max(found.band[4].max(), *(i.count.value for i in found.points), 0.0))
    before = float(found.start.astype(np.float64)) - 1  # nothing has happened on the eve of the first day
    first, last = before, float(found.x[-1])
    x, band = np.concatenate([[before], found.x]), np.concatenate([np.zeros((5, 1)), found.band], axis=1)
    for k, (log, words) in enumerate(((False, "even axis"), (True, "logarithmic axis"))):
        axes = panel(figure, 0.6 + k * 3.45, base, 2.95, 2.1)
        axes.set_title(f"{noun.capitalize()} since {show(found.start.astype(object))}, {words}")
        fan(axes, x, band)
        for item in found.points:
            point(axes, float(day_numbers([item.count.window_end])[0]), item.count.value, item, looks)
        count_axis(axes, highest * (2.0 if log else 1.08), log=log)  # room for carets
        date_axis(axes, first, last, most=5)
    if found.windows:
        draw_windows(panel(figure, 2.75, 0.35, 4.3, height_of(found.windows)), found.windows, noun, looks)
    figure.legend(
        handles=keys,
        ncols=_LEGEND_COLUMNS,
        loc="upper left",
        columnspacing=1.4,
        bbox_to_anchor=(0.5 / 7.2, 1 - 0.03 / height),
        borderaxespad=0,
    )
    return figure


def _legend_height(keys: list[Any]) -> float:
    """Inches, from the lines of the labels; matplotlib fills columns from the top."""
    rows = -(-len(keys) // _LEGEND_COLUMNS)
    lines = [str(key.get_label()).count("\n") + 1 for key in keys]
    return max(sum(0.07 + 0.125 * n for n in lines[k : k + rows]) for k in range(0, len(lines), rows))
