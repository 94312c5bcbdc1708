"""Deaths and injuries since the first published window began, with every reporter's published points."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.reports.drawing import (
    BLACK,
    BLUE,
    CYCLE,
    LIGHT,
    MIDDLE,
    Drawing,
    blank,
    count_axis,
    date_axis,
    day_numbers,
    fan,
    fan_keys,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.misses import LOWER_BOUNDS, NOUNS, UPPER_BOUNDS, Comparison
from groundswell.reports.series import QUANTILE_WORDS, Numbers, Runs, quantiles
from groundswell.reports.tables import Cell, Table, plural, qualified, show, thinned, window

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = ("o", "s", "D", "P", "X", "v", "h", "*")
_REPORTER_COLOURS = tuple(colour for colour in CYCLE if colour != BLUE)
_LEGEND_COLUMNS = 3


@dataclass(frozen=True)
class Cumulative:
    """What the figure draws: days, band (5, days) from `start` on, points on the curve, and other windows."""

    start: np.datetime64
    x: Numbers
    band: Numbers
    points: tuple[Comparison, ...]
    windows: tuple[Comparison, ...]


def reporters(compared: tuple[Comparison, ...]) -> dict[str, tuple[str, str]]:
    """A marker and a colour for each reporter, the same in all figures, in the order of the file."""
    names = list(dict.fromkeys(item.count.reporter for item in compared))
    return {
        name: (MARKERS[k % len(MARKERS)], _REPORTER_COLOURS[k % len(_REPORTER_COLOURS)]) for k, name in enumerate(names)
    }


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
        "axis. Markers: published counts on the last day they cover; an upward caret marks a lower bound "
        "(at least, more than), a downward one an upper bound. A death or injury in the model is by the forces; "
        "reporters differ in whom they count."
    )
    if found.windows:
        caption += (
            " Below: counts that start on another day, as averages per day over their window (line and marker), "
            "on the model's average over that window (boxes: 90 and 50 %, bar: median)."
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
        ("reporter", "window", "published", "5 %", "median", "95 %"),
        tuple(rows),
    )


def _figure(found: Cumulative, noun: str, looks: dict[str, tuple[str, str]]) -> Figure:
    shown = list(dict.fromkeys(i.count.reporter for i in (*found.points, *found.windows)))
    legend = 0.1 + 0.19 * (-(-(3 + len(shown)) // _LEGEND_COLUMNS))
    low = 1.75 if found.windows else 0.0
    figure = blank(legend + 2.8 + low)
    height = float(figure.get_size_inches()[1])
    base = 0.4 + low
    highest = float(max(found.band[4].max(), *(i.count.value for i in found.points), 0.0))
    before = float(found.start.astype(np.float64)) - 1  # nothing has happened on the eve of the first day
    first, last = before, float(found.x[-1]) + 1
    x, band = np.concatenate([[before], found.x]), np.concatenate([np.zeros((5, 1)), found.band], axis=1)
    for k, (log, words) in enumerate(((False, "even axis"), (True, "logarithmic axis"))):
        axes = panel(figure, 0.6 + k * 3.45, base, 2.95, 2.1)
        axes.set_title(f"{noun.capitalize()} since {show(found.start.astype(object))}, {words}")
        fan(axes, x, band)
        for item in found.points:
            _point(axes, float(day_numbers([item.count.window_end])[0]), item.count.value, item, looks)
        count_axis(axes, highest * (2.0 if log else 1.08), log=log)  # room for carets
        date_axis(axes, first, last, most=5)
    if found.windows:
        _windows(panel(figure, 0.6, 0.4, 6.4, 1.05), found, noun, looks, (first, last))
    figure.legend(
        handles=_keys(shown, looks),
        ncols=_LEGEND_COLUMNS,
        loc="upper left",
        columnspacing=1.4,
        bbox_to_anchor=(0.5 / 7.2, 1 - 0.03 / height),
        borderaxespad=0,
    )
    return figure


def _keys(shown: list[str], looks: dict[str, tuple[str, str]]) -> list[object]:
    from matplotlib.lines import Line2D

    return fan_keys() + [
        Line2D(
            [],
            [],
            linestyle="",
            marker=looks[name][0],
            color=looks[name][1],
            markersize=5,
            markeredgecolor=BLACK,
            markeredgewidth=0.5,
            label=plain(name, 34),
        )
        for name in shown
    ]


def _point(axes: Axes, x: float, y: float, item: Comparison, looks: dict[str, tuple[str, str]]) -> None:
    marker, colour = looks[item.count.reporter]
    axes.plot(
        [x],
        [y],
        marker=marker,
        color=colour,
        markersize=5,
        markeredgecolor=BLACK,
        markeredgewidth=0.5,
        zorder=5,
        clip_on=False,
    )
    up, down = item.count.qualifier in LOWER_BOUNDS, item.count.qualifier in UPPER_BOUNDS
    if up or down:  # the caret stands just off its marker, in points, whatever the axis
        axes.annotate(
            "",
            (x, y),
            xytext=(0, 13 if up else -13),
            textcoords="offset points",
            zorder=4,
            arrowprops={
                "arrowstyle": "<|-",
                "linewidth": 0.7,
                "color": BLACK,
                "mutation_scale": 6,
                "shrinkA": 0,
                "shrinkB": 3,
            },
        )


def _windows(
    axes: Axes, found: Cumulative, noun: str, looks: dict[str, tuple[str, str]], limits: tuple[float, float]
) -> None:
    from matplotlib.patches import Rectangle

    highest = 0.0
    axes.set_title(f"Other windows: {noun} per day, published and model, logarithmic axis")
    for item in sorted(found.windows, key=lambda i: -i.days):  # long windows first, so that short ones stay visible
        x = float(day_numbers([item.count.window_start])[0]) - 0.5
        low, quarter, middle, three, high = (value / item.days for value in item.band)
        width = max(float(item.days), 0.9)
        for bottom, top, colour in ((low, high, LIGHT), (quarter, three, MIDDLE)):
            axes.add_patch(
                Rectangle((x, bottom), width, top - bottom, facecolor=colour, edgecolor="white", linewidth=0.6)
            )
        axes.plot([x, x + width], [middle, middle], color=BLUE, linewidth=1.6)
        published = item.count.value / item.days
        axes.plot([x, x + width], [published, published], color=looks[item.count.reporter][1], linewidth=1.6, zorder=4)
        _point(axes, x + width / 2, published, item, looks)
        highest = max(highest, high, published)
    count_axis(axes, highest, log=True)
    date_axis(axes, *limits)
