"""When the deadliest week of the replicates falls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.reports.drawing import (
    GREY,
    MIDDLE,
    RED,
    Drawing,
    blank,
    date_axis,
    day_numbers,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.tables import Cell, Table, listed, percent, show
from groundswell.reports.timing import Timing, where

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
        figure = blank(2.1)
        axes = panel(figure, 0.6, 0.4, 6.4, 1.2)
        axes.fill_between(days, covered, step="mid", color=MIDDLE, linewidth=0)
        axes.set_title(f"Share of replicates whose deadliest {found.days} days contain the day", pad=18)
        _targets(axes, found, first, last)
        axes.axhline(found.days / covered.size, color=GREY, linewidth=0.8)
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
        ("id", "date", "country and place", "dated fact (class: target)", "share of replicates"),
        tuple((id_, a.date, where(a), a.fact, percent(share)) for id_, a, share in found.hits),
        "Facts of countries without simulated places are no targets here.",
    )
    peak = show(days[int(covered.argmax())].astype("datetime64[D]").astype(object))
    near = listed([show(a.date) for _, a, _ in found.hits]) or "none"
    return Drawing(
        "deadliest_week",
        f"The deadliest {found.days} days",
        f"For each day, the share of replicates in which it belongs to the {found.days} days with most deaths. "
        "Grey line: what a window placed anywhere would give. Dashed red: dated facts of class target, by their id in "
        "the table (ids without room stand there only). Among equally deadly windows the middle one is taken.",
        f"Area chart over days; highest on {peak} at {percent(float(covered.max()))}. Target dates: {near}.",
        svg,
        (table,) if table.rows else (),
    )


def _targets(axes: Axes, found: Timing, first: float, last: float) -> None:
    """A dashed line for each target date, with its id above; ids that would touch stand on two levels."""
    free = [first - 1.0, first - 1.0]
    for id_, anchor, _ in sorted(found.hits, key=lambda hit: (hit[1].date, hit[0])):
        x = float(day_numbers([anchor.date])[0])
        axes.axvline(x, color=RED, linewidth=0.9, linestyle=(0, (3, 2)))
        words = plain(id_, 12)
        level = 0 if x >= free[0] else 1
        if x < free[level]:
            continue  # no room: the table has it
        free[level] = x + (last - first) / 6.4 * 0.065 * (len(words) + 1)
        axes.annotate(words, (x, 1), xycoords=("data", "axes fraction"), xytext=(0, 1 + 8 * level),
                      textcoords="offset points", ha="center", va="bottom", fontsize=6.5, color=RED)  # fmt: skip
