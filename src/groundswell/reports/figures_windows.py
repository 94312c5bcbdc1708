"""Counts whose window does not begin with the curve: one row each, per day, on the model's average of those days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groundswell.reports.drawing import BLUE, LIGHT, MIDDLE, count_axis_across, plain
from groundswell.reports.markers import Looks, measure_of, point
from groundswell.reports.misses import Comparison
from groundswell.reports.tables import window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW, MOST = 0.27, 24  # inches a row: two lines of small text; rows at most


def height_of(windows: tuple[Comparison, ...]) -> float:
    """Inches the rows need, without title and axis; 0 where there are none."""
    return ROW * min(len(windows), MOST)


def draw_windows(axes: Axes, windows: tuple[Comparison, ...], noun: str, looks: Looks) -> None:
    """Boxes (90 and 50 %), a bar at the median and the published number, in the order of the file."""
    shown = windows[:MOST]
    axes.set_title(f"Counts of other windows: {noun} per day, published and model, logarithmic axis", x=-0.5)
    highest, names = 0.0, []
    for row, item in enumerate(shown):
        low, quarter, middle, three, high = (value / item.days for value in item.band)
        for left, right, colour in ((low, high, LIGHT), (quarter, three, MIDDLE)):
            axes.plot([left, right], [row, row], color=colour, linewidth=8, solid_capstyle="butt")
        axes.plot([middle, middle], [row - 0.32, row + 0.32], color=BLUE, linewidth=1.6)
        published = item.count.value / item.days
        point(axes, published, row, item, looks, across=True)
        highest = max(highest, high, published)
        days = window(item.count.window_start, item.count.window_end)
        names.append(f"{measure_of(item.count)}, {days}\n{plain(item.count.reporter, 80)}")
    axes.set_yticks(range(len(shown)), names, fontsize=6.5, linespacing=1.05)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_ylim(len(shown) - 0.4, -0.6)
    count_axis_across(axes, highest)
