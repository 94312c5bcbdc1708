"""Published counts against the model's bands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from groundswell.reports.drawing import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    MIDDLE,
    RED,
    Drawing,
    blank,
    count_axis_across,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.markers import HOLLOW, edge, measure_of
from groundswell.reports.misses import Comparison
from groundswell.reports.series import QUANTILE_WORDS
from groundswell.reports.tables import plural, show

MOST_ROWS = 40
_ROW = 0.28  # inches: two lines of small text
_LOOK = {
    "inside": ("o", GREEN, "inside the 90 % band"),
    "empty": ("o", GREY, "inside a band that starts at 0"),
    "above": (">", RED, "above: model too low"),
    "below": ("<", RED, "below: model too high"),
}


def draw_misses(compared: tuple[Comparison, ...], folder: Path) -> Drawing | None:
    """One row for each count in the order of the file; None where there is nothing to draw."""
    if not compared:
        return None
    shown = compared[:MOST_ROWS]
    with styled():
        from matplotlib.lines import Line2D

        height = 0.98 + _ROW * len(shown)
        figure = blank(height)
        axes = panel(figure, 2.75, 0.35, 4.3, _ROW * len(shown))
        for row, item in enumerate(shown):
            axes.plot([item.band[0], item.band[4]], [row, row], color=LIGHT, linewidth=8, solid_capstyle="butt")
            axes.plot([item.band[1], item.band[3]], [row, row], color=MIDDLE, linewidth=8, solid_capstyle="butt")
            axes.plot([item.band[2]] * 2, [row - 0.32, row + 0.32], color=BLUE, linewidth=1.6)
            marker, colour, _ = _LOOK["empty" if item.empty else item.position]
            axes.plot(
                [item.count.value],
                [row],
                marker=marker,
                color=colour,
                markersize=5.5,
                **edge(item, colour),
                zorder=5,
            )
        axes.set_yticks(range(len(shown)), [_row_name(item) for item in shown], fontsize=6.5, linespacing=1.05)
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")
        axes.set_ylim(len(shown) - 0.4, -0.6)
        count_axis_across(axes, max(max(item.band[4], item.count.value) for item in shown))
        keys = [
            Line2D(
                [],
                [],
                linestyle="",
                marker=m,
                color=c,
                markersize=5.5,
                markeredgecolor=BLACK,
                markeredgewidth=0.5,
                label=f"published, {words}",
            )
            for m, c, words in _LOOK.values()
        ]
        keys.append(Line2D([], [], linestyle="", marker="o", color=GREY, markerfacecolor="white", markersize=5.5,
                           markeredgewidth=1.2, label=HOLLOW))  # fmt: skip
        figure.legend(
            handles=keys,
            ncols=2,
            loc="upper left",
            bbox_to_anchor=(0.01, 1 - 0.02 / height),
            columnspacing=1,
            borderaxespad=0,
            handletextpad=0.2,
            fontsize=7.5,
        )
        svg = save(figure, "misses", folder, CSV_COLUMNS, [csv_row(item) for item in compared])
    outside = sum(item.position != "inside" for item in shown)
    caption = (
        "Each published national count (marker) against the model over the same days: 90 % band, 50 % band and median. "
        "Logarithmic axis, in the order of the file. Measures are named as published: deaths of protesters only, and "
        "deaths with security forces among them (hollow), are held against the same deaths by the forces."
    )
    if len(compared) > MOST_ROWS:
        caption += f" The first {MOST_ROWS} of {len(compared)}; the table has all."
    alt = f"Interval chart of {plural(len(shown), 'published count')}: {outside} outside the model's 90 % band."
    return Drawing("misses", "Published national counts and the model over the same days", caption, alt, svg, ())


CSV_COLUMNS = (
    "place",
    "measure",
    "window_start",
    "window_end",
    "cumulative",
    "security_forces_included",
    "reporter",
    "qualifier",
    "published",
    *QUANTILE_WORDS,
    "position",
    "share_of_replicates_below",
    "ratio_95_to_5",
)


def csv_row(item: Comparison) -> tuple[object, ...]:
    """All numbers of a comparison, for a CSV file."""
    c = item.count
    return (
        c.place,
        c.measure,
        c.window_start,
        c.window_end,
        int(c.cumulative),
        c.includes_security_forces,
        c.reporter,
        c.qualifier,
        c.value,
        *item.band,
        item.position,
        item.share_below,
        item.ratio,
    )


def _row_name(item: Comparison) -> str:
    c = item.count
    days = (
        _short(c.window_start)
        if c.window_end == c.window_start
        else f"{_short(c.window_start)} – {_short(c.window_end)}"
    )
    return f"{measure_of(c)}, {days}\n{plain(c.reporter, 80)}"


def _short(day: dt.date) -> str:
    return show(day).rpartition(" ")[0]
