"""What pushed anger and fear: how much each mechanism added in a week, net of fading."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.reports.drawing import (
    CYCLE,
    GREY,
    Drawing,
    blank,
    date_axis,
    day_numbers,
    even_limits,
    even_ticks,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.series import QUANTILE_WORDS, Numbers, Runs, quantiles
from groundswell.reports.tables import Cell, Table, listed, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PART_WEEK = " The last days of the period, which are no whole week, are left out."


def draw_pushed(runs: Runs, folder: Path) -> Drawing | None:
    """Stacked bars by week: what each mechanism added to anger and to fear; None where neither was recorded."""
    found = {name: pushed(runs, f"community.{name}") for name in ("anger", "fear")}
    kept: dict[str, Pushed] = {}
    cut = False
    for name, part in found.items():
        if part is not None:
            whole_weeks = runs.whole_weeks(part[1])
            cut = whole_weeks < len(part[1])
            kept[name] = (part[0], part[1][:whole_weeks], part[2][:, :whole_weeks])
    if not kept:
        return None
    used = list(
        dict.fromkeys(m for names, _, values in kept.values() for k, m in enumerate(names) if values[:, :, k].any())
    )
    colours = {name: CYCLE[k % len(CYCLE)] for k, name in enumerate(used)}
    with styled():
        from matplotlib.patches import Patch

        figure = blank(2.5)
        wide = 6.4 if len(kept) == 1 else 2.9
        for k, (name, (names, starts, values)) in enumerate(kept.items()):
            axes = panel(figure, 0.6 + 3.5 * k, 0.42, wide, 1.5)
            axes.set_title(f"Added to {name} a week, net of fading")
            _stack(axes, day_numbers(starts), values.mean(0), [colours.get(m) for m in names])
        figure.legend(
            handles=[Patch(color=colours[m], label=f"mechanism {plain(m, 24)}") for m in used],
            ncols=4,
            loc="upper left",
            bbox_to_anchor=(0.5 / 7.2, 0.99),
            borderaxespad=0,
        )
        rows = [
            (name, m, week, *_mean_and_band(values[:, w, k]))
            for name, (names, starts, values) in kept.items()
            for k, m in enumerate(names)
            for w, week in enumerate(starts)
        ]
        svg = save(figure, "pushed", folder, ("stock", "mechanism", "week", "mean", *QUANTILE_WORDS), rows)
    whole = [
        (name, m, _mean_and_band(values[:, :, k].sum(1)))
        for name, (names, _, values) in kept.items()
        for k, m in enumerate(names)
        if m in used
    ]
    silent = sorted({m for names, _, _ in kept.values() for m in names} - set(used))
    caption = (
        "What each mechanism added to the stocks of anger and fear (population mean, mean of replicates, so that "
        "parts add up), net of the fading it does itself. What a mechanism sets outright is not shown."
    )
    caption += PART_WEEK if cut else ""
    if silent:
        caption += f" Nothing was added by {listed([plain(m) for m in silent])}."
    alt = (
        "Stacked bars by week. Over all whole weeks: "
        + ("; ".join(f"{m} added {show(numbers[0])} to {name}" for name, m, numbers in whole) or "nothing was added")
        + "."
    )
    cells: tuple[tuple[Cell, ...], ...] = tuple((name, m, *numbers) for name, m, numbers in whole)
    tables = (Table("Added over all whole weeks", ("stock", "mechanism", "mean", *QUANTILE_WORDS), cells),)
    return Drawing("pushed", "What pushed anger and fear, net of fading", caption, alt, svg, tables if cells else ())


Pushed = tuple[list[str], "np.ndarray[tuple[int], np.dtype[np.datetime64]]", Numbers]


def pushed(runs: Runs, column: str) -> Pushed | None:
    """Mechanisms, weeks, and what each added to a community column: (replicate, week, mechanism), population means."""
    name = f"pushed.{column}"
    if not runs.has(name):
        return None
    found = runs.data[name]
    adder = next(str(dim) for dim in found.dims if dim not in ("replicate", "week", "community"))
    array = found.transpose("replicate", "week", adder, "community")
    weights = runs.community_population
    total = weights.sum(1, keepdims=True)
    share = weights / np.where(total > 0, total, 1.0)
    values = array.values
    flat = values.reshape(values.shape[0], -1, values.shape[3])
    means = (flat @ share.astype(values.dtype)[:, :, None])[:, :, 0].astype(np.float64)
    names = [str(m) for m in array[adder].values]
    return names, array["week"].values.astype("datetime64[D]"), means.reshape(values.shape[:3])


def _mean_and_band(values: Numbers) -> tuple[float, ...]:
    return (float(values.mean()), *quantiles(values).tolist())


def _stack(axes: Axes, x: Numbers, means: Numbers, colours: list[str | None]) -> None:
    from matplotlib.collections import PolyCollection

    width = float(np.diff(x).min()) * 0.8 if x.size > 1 else 5.0
    up, down = np.zeros(x.size), np.zeros(x.size)
    for k, colour in enumerate(colours):
        if colour is None:
            continue
        base = np.where(means[:, k] >= 0, up, down)
        top = base + means[:, k]
        left, right = x, x + width
        corners = np.stack(
            [np.stack(p, axis=1) for p in ((left, base), (left, top), (right, top), (right, base))], axis=1
        )
        axes.add_collection(PolyCollection(list(corners), facecolors=colour, edgecolors="none"))
        up, down = np.maximum(up, top), np.minimum(down, top)
    axes.axhline(0, color=GREY, linewidth=0.7)
    limits = even_limits(np.stack([up, down]))
    axes.set_ylim(limits)
    ticks = even_ticks(limits)
    axes.set_yticks(ticks, [f"{t:.3g}" for t in ticks])
    date_axis(axes, float(x[0]) - 1, float(x[-1]) + width + 1, most=5)
