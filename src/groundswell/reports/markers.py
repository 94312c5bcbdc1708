"""How published counts are drawn and named: one marker for each reporter, hollow where security forces are counted."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from groundswell.reports.drawing import BLACK, BLUE, CYCLE, plain
from groundswell.reports.misses import LOWER_BOUNDS, UPPER_BOUNDS, Comparison
from groundswell.scenario.schema import Count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKERS = ("o", "s", "D", "P", "X", "v", "h", "*")
_REPORTER_COLOURS = tuple(colour for colour in CYCLE if colour != BLUE)
_CARET_UP, _CARET_DOWN = 6, 7  # matplotlib's numbers of markers whose tip is the point
HOLLOW = "hollow: security forces are counted too"
Looks = dict[str, tuple[str, str]]


def reporters(compared: tuple[Comparison, ...]) -> Looks:
    """A marker and a colour for each reporter, the same in all figures, in the order of the file."""
    names = list(dict.fromkeys(item.count.reporter for item in compared))
    return {
        name: (MARKERS[k % len(MARKERS)], _REPORTER_COLOURS[k % len(_REPORTER_COLOURS)]) for k, name in enumerate(names)
    }


def measure_of(count: Count) -> str:
    """The measure as the count itself names it."""
    return count.measure.replace("_", " ")


def wrapped(text: str, width: int) -> str:
    """A name over as many lines as it needs; nothing is cut but what is longer than any name should be."""
    return "\n".join(textwrap.wrap(plain(text, 240), width)) or " "


def edge(item: Comparison, colour: str) -> dict[str, Any]:
    """How a marker is filled: hollow where the count includes security forces, which a model death does not."""
    if item.includes_forces:
        return {"markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 1.3}
    return {"markeredgecolor": BLACK, "markeredgewidth": 0.5}


def point(axes: Axes, x: float, y: float, item: Comparison, looks: Looks, *, across: bool = False) -> None:
    """A marker at a published number, with a small caret beside it where the number is a bound.

    `across` is True where numbers lie along x.
    """
    from matplotlib.transforms import offset_copy

    marker, colour = looks[item.count.reporter]
    axes.plot([x], [y], marker=marker, color=colour, markersize=5, **edge(item, colour), zorder=5, clip_on=False)
    up, down = item.count.qualifier in LOWER_BOUNDS, item.count.qualifier in UPPER_BOUNDS
    if not (up or down):
        return
    sign = 1 if up else -1
    dx, dy = (8.0 * sign, 0.0) if across else (0.0, 8.0 * sign)
    caret = (5 if up else 4) if across else (_CARET_UP if up else _CARET_DOWN)
    moved = offset_copy(axes.transData, fig=axes.figure, x=dx, y=dy, units="points")  # type: ignore[arg-type]
    axes.plot([x], [y], marker=caret, color=BLACK, markersize=3.5, transform=moved, zorder=5, clip_on=False)


def reporter_keys(shown: list[str], looks: Looks, width: int, *, hollow: bool) -> list[Any]:
    """Legend handles of reporters, whole names, and of what a hollow marker means."""
    from matplotlib.lines import Line2D

    keys = [
        Line2D([], [], linestyle="", marker=looks[name][0], color=looks[name][1], markersize=5, markeredgecolor=BLACK,
               markeredgewidth=0.5, label=wrapped(name, width))
        for name in shown
    ]  # fmt: skip
    if hollow:
        keys.append(Line2D([], [], linestyle="", marker="o", color=BLACK, markerfacecolor="white", markersize=5,
                           markeredgewidth=1.3, label=wrapped(HOLLOW, width)))  # fmt: skip
    return keys
