"""Published counts against the model's bands, and when the deadliest week falls."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

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
    count_axis,
    date_axis,
    day_numbers,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.misses import NOUNS, Comparison, Timing
from groundswell.reports.series import QUANTILE_WORDS
from groundswell.reports.tables import Cell, Table, listed, percent, plural, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 40
_LOOK = {
    "inside": ("o", GREEN, "inside the 90 % band"),
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

        height = 0.75 + 0.2 * len(shown)
        figure = blank(height)
        axes = panel(figure, 2.55, 0.35, 4.45, 0.2 * len(shown))
        for row, item in enumerate(shown):
            axes.plot([item.band[0], item.band[4]], [row, row], color=LIGHT, linewidth=8, solid_capstyle="butt")
            axes.plot([item.band[1], item.band[3]], [row, row], color=MIDDLE, linewidth=8, solid_capstyle="butt")
            axes.plot([item.band[2]] * 2, [row - 0.32, row + 0.32], color=BLUE, linewidth=1.6)
            marker, colour, _ = _LOOK[item.position]
            axes.plot(
                [item.count.value],
                [row],
                marker=marker,
                color=colour,
                markersize=5.5,
                markeredgecolor=BLACK,
                markeredgewidth=0.5,
                zorder=5,
            )
        axes.set_yticks(range(len(shown)), [_row_name(item) for item in shown], fontsize=7)
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")
        axes.set_ylim(len(shown) - 0.4, -0.6)
        _across(axes, max(max(item.band[4], item.count.value) for item in shown))
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
        figure.legend(
            handles=keys,
            ncols=3,
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
        "Logarithmic axis, in the order of the file."
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
    return f"{NOUNS[item.variable]}, {days}, {plain(c.reporter, 18)}"


def _short(day: dt.date) -> str:
    return show(day).rpartition(" ")[0]


def _across(axes: Axes, highest: float) -> None:
    """The axis of counts lies along x here: set it up on y, then hand it over."""
    scratch = blank(1).add_axes((0, 0, 1, 1))
    count_axis(scratch, highest, log=True)
    axes.set_xscale("symlog", linthresh=1, linscale=0.5)
    axes.set_xticks(scratch.get_yticks(), [label.get_text() for label in scratch.get_yticklabels()])
    axes.minorticks_off()
    axes.set_xlim(-0.15, scratch.get_ylim()[1])


def draw_timing(found: Timing | None, first: float, last: float, folder: Path) -> Drawing | None:
    """Where the deadliest seven days fall, by share of replicates; None where no replicate has deaths."""
    if found is None or not found.starts.size:
        return None
    starts, counts = np.unique(found.starts, return_counts=True)
    shares = counts / found.starts.size
    x = day_numbers(starts)
    covered = np.zeros(int(last - first) + 1)
    for begin, share in zip(x, shares, strict=True):
        at = int(begin - first)
        covered[at : at + found.days] += share
    days = np.arange(first, first + covered.size)
    with styled():
        figure = blank(1.85)
        axes = panel(figure, 0.6, 0.4, 6.4, 1.2)
        axes.fill_between(days, covered, step="mid", color=MIDDLE, linewidth=0)
        axes.set_title(f"Share of replicates whose deadliest {found.days} days contain the day; dashed: target dates")
        for _, anchor, _ in found.hits:
            axes.axvline(float(day_numbers([anchor.date])[0]), color=RED, linewidth=0.9, linestyle=(0, (3, 2)))
        axes.axhline(found.days / covered.size, color=GREY, linewidth=0.8)
        axes.text(
            last, found.days / covered.size, "if it fell anywhere", ha="right", va="bottom", fontsize=7, color=GREY
        )
        top = max(float(covered.max()) * 1.15, 0.05)
        ticks = [t for t in (0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1) if t <= top]
        axes.set_yticks(ticks, [percent(t) for t in ticks])
        axes.set_ylim(0, top)
        date_axis(axes, first, last)
        rows: list[tuple[Cell, ...]] = [
            (d, float(s)) for d, s in zip(days.astype("datetime64[D]").astype(object), covered, strict=True)
        ]
        svg = save(figure, "deadliest_week", folder, ("date", "share_of_replicates"), rows)
    table = Table(
        "Target dates inside the deadliest days",
        ("date", "dated fact (class: target)", "share of replicates"),
        tuple((a.date, a.fact, percent(share)) for _, a, share in found.hits),
    )
    peak = show(days[int(covered.argmax())].astype("datetime64[D]").astype(object))
    near = listed([show(a.date) for _, a, _ in found.hits]) or "none"
    return Drawing(
        "deadliest_week",
        f"The deadliest {found.days} days",
        f"For each day, the share of replicates in which it belongs to the {found.days} days with most deaths. "
        "Grey line: what a window placed anywhere would give.",
        f"Area chart over days; highest on {peak} at {percent(float(covered.max()))}. Target dates: {near}.",
        svg,
        (table,) if table.rows else (),
    )
