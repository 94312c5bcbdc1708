"""Where a source has something and where it has nothing: a grid of places by month or year, and its table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from groundswell.evidence import summaries
from groundswell.reports.drawing import BLUE, PALE, Drawing, blank, panel, plain, save, styled
from groundswell.reports.figures_events import Part
from groundswell.reports.tables import Table

MOST_MONTHS, MOST_ROWS, ROW = 60, 60, 0.15
NOTHING = (
    "No record is not proof that nothing happened: reporters may not have been there, or the source leaves it out."
)


def draw_coverage(part: Part, folder: Path) -> Drawing:
    """One row a place, in file order; a filled cell has an event in that month (or year, where the span is long)."""
    days = part.events.columns["day"].astype("datetime64[M]").astype(np.int64)
    first, last = int(days.min()), int(days.max())
    yearly = last - first >= MOST_MONTHS
    unit = 12 if yearly else 1
    cells = days // unit - first // unit
    shown = part.places[:MOST_ROWS]
    width = last // unit - first // unit + 1
    grid = np.zeros((len(part.places), width), dtype=np.int64)
    row = {place: k for k, place in enumerate(part.places)}
    np.add.at(grid, (np.array([row[str(place)] for place in part.events.columns["place"]]), cells), 1)
    name = f"{part.slug}_coverage"
    with styled():
        figure = blank(0.75 + ROW * len(shown))
        axes = panel(figure, 1.75, 0.4, 5.25, ROW * len(shown))
        _fill(axes, grid[: len(shown)] > 0)
        axes.set_yticks(range(len(shown)), [plain(place, 30) for place in shown], fontsize=6.5)
        every = -(-width // 10)
        ticks = list(range(0, width, every))
        axes.set_xticks(ticks, [_label(first // unit + t, yearly=yearly) for t in ticks], fontsize=7)
        heads = ("place", "from", "events")
        rows = [(place, _label(first // unit + c, yearly=yearly), int(grid[r, c]))
                for r, place in enumerate(part.places) for c in range(width)]  # fmt: skip
        svg = save(figure, name, folder, heads, rows)
    span = "year" if yearly else "month"
    caption = f"Filled: a {span} with an event. Empty: nothing there in this table. {NOTHING} Places in file order."
    if len(part.places) > MOST_ROWS:
        caption += f" The first {MOST_ROWS} of {len(part.places)} places; the CSV file has all."
    return Drawing(
        name, "What the table covers", caption, f"Grid of {len(shown)} places by {span}.", svg, (_table(part),)
    )


def _table(part: Part) -> Table:
    found = summaries.coverage(part.events, places=part.places)
    rows: list[tuple[Any, ...]] = []
    for one in found.to_dict("records"):
        some = one["events"] > 0
        first, last = ((np.datetime64(one[end], "D").astype(object) if some else None) for end in ("first", "last"))
        rows.append(
            (one["source"], one["place"], int(one["events"]), first, last, int(one["months"]), int(one["silent"]))
        )
    heads = ("source", "place", "events", "first", "last", "months with an event", "months without")
    return Table("Coverage by source and place", heads, tuple(rows), f"Places in file order. {NOTHING}")


def _fill(axes: Any, some: Any) -> None:
    from matplotlib.collections import PolyCollection

    square = np.array([(-0.45, -0.4), (0.45, -0.4), (0.45, 0.4), (-0.45, 0.4)])
    at = [(r, c) for r in range(some.shape[0]) for c in range(some.shape[1])]
    fills = [BLUE if some[r, c] else PALE for r, c in at]
    axes.add_collection(PolyCollection([square + np.array([c, r]) for r, c in at], facecolors=fills, edgecolors="none"))
    axes.set_xlim(-0.6, some.shape[1] - 0.4)
    axes.set_ylim(some.shape[0] - 0.4, -0.6)
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)


def _label(number: int, *, yearly: bool) -> str:
    if yearly:
        return str(number + 1970)
    return f"{number // 12 + 1970}-{number % 12 + 1:02d}"
