"""Which mechanism feeds which: a column a phase, full lines for the same day, dashed ones for the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.errors import GroundswellError
from groundswell.mechanisms.base import PHASES, find
from groundswell.mechanisms.schedule import schedule
from groundswell.reports.drawing import BLACK, BLUE, ORANGE, Drawing, blank, panel, plain, save, styled
from groundswell.reports.tables import Table, plural
from groundswell.scenario.communities import given_columns
from groundswell.scenario.coupling import SAME, Arrow, arrows, layers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

    from groundswell.scenario.schema import Scenario

_STEP, _WIDE, _HIGH, _GAP, _ARC = 0.3, 1.22, 0.2, 1.78, 0.4  # inches: rows, boxes, columns, widest arc
_HEADS = ("from", "to", "column", "lag")


def draw_coupling(scenario: Scenario, folder: Path) -> Drawing | None:
    """The coupling graph; None where a mechanism of the scenario is not known here (it came from a user's file)."""
    try:
        chosen = [cls.model_construct() for cls in find(scenario.mechanism).values()]
        ordered = schedule(chosen, given_columns(scenario), ties=scenario.tie)
    except GroundswellError:
        return None
    found = arrows(ordered)
    columns = layers(ordered)
    tallest = max(len(column) for column in columns)
    height = tallest * _STEP
    spot = {
        name: (0.05 + x * _GAP, height - (y + 0.5) * _STEP * tallest / len(column))
        for x, column in enumerate(columns)
        for y, name in enumerate(column)
    }
    with styled():
        figure = blank(height + 0.45)
        axes = panel(figure, 0.05, 0.05, 7.1, height + 0.35)
        axes.set_axis_off()
        axes.set_xlim(0, 7.1)
        axes.set_ylim(0, height + 0.35)
        for n, phase in enumerate(PHASES):
            axes.text(0.05 + n * _GAP, height + 0.15, phase, fontweight="bold", fontsize=8.5)
        pairs = sorted({(a.source, a.target, a.lag) for a in found if a.source != a.target})
        for source, target, lag in pairs:
            _arrow(axes, spot[source], spot[target], same=lag == SAME)
        for name, (x, y) in spot.items():
            axes.text(x + _WIDE / 2, y, plain(name, 20), fontsize=7.2, ha="center", va="center", color=BLACK, zorder=4)
            axes.add_patch(_box(x, y))
        svg = save(figure, "coupling", folder, _HEADS, [tuple(arrow) for arrow in found])
    same = sum(lag == SAME for *_, lag in pairs)
    return Drawing(
        "coupling",
        "Which mechanism feeds which",
        "Columns are the phases of a day from left to right, each from top to bottom in the order of the run. "
        "Blue: what one writes, the other reads on the same day. "
        "Orange, dashed: on the next day. The table names the column behind each line. Lines say what can act on what, "
        "not how much.",
        f"Graph of {plural(len(ordered), 'mechanism')}: {same} pairs feed one another on the same day, "
        f"{len(pairs) - same} on the next.",
        svg,
        (_table(found),),
    )


def _box(x: float, y: float) -> Patch:
    from matplotlib.patches import FancyBboxPatch

    return FancyBboxPatch(
        (x, y - _HIGH / 2),
        _WIDE,
        _HIGH,
        boxstyle="round,pad=0,rounding_size=0.05",
        facecolor="white",
        edgecolor="#8a919b",
        linewidth=0.7,
        zorder=3,
    )


def _arrow(axes: Axes, source: tuple[float, float], target: tuple[float, float], *, same: bool) -> None:
    """From the right side of a box to the left side of one further right; else back, or around on the right."""
    (x, y), (u, v) = source, target
    lift = 0.04 if same else -0.04  # the two kinds part where both join the same boxes
    if u > x:
        start, end, bend = (x + _WIDE, y + lift), (u, v + lift), 0.0
    elif u < x:
        start, end, bend = (x, y + lift), (u + _WIDE, v + lift), 0.0
    else:
        start, end, bend = (x + _WIDE, y + lift), (u + _WIDE, v + lift), 2 * min(_ARC / abs(v - y), 0.25)
        bend = -bend if v < y else bend
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        arrowprops={
            "arrowstyle": "-|>",
            "color": BLUE if same else ORANGE,
            "linewidth": 0.8 if same else 0.6,
            "linestyle": "-" if same else (0, (3, 2)),
            "alpha": 0.75,
            "mutation_scale": 6,
            "shrinkA": 0,
            "shrinkB": 0,
            "connectionstyle": f"arc3,rad={bend}",
        },
        zorder=2 if same else 1,
    )


def _table(found: list[Arrow]) -> Table:
    return Table(f"Who feeds whom: {plural(len(found), 'arrow')}", _HEADS, tuple(tuple(arrow) for arrow in found))
