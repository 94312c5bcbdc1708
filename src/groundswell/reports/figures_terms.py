"""What drives the decision to turn out: its terms by community group, and what pushed anger and fear."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.reports.drawing import (
    BLACK,
    CYCLE,
    GREY,
    Drawing,
    blank,
    date_axis,
    day_numbers,
    nice_ticks,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.series import QUANTILE_WORDS, Numbers, Runs, Series, quantiles, weighted
from groundswell.reports.tables import Cell, Table, listed, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TERMS = ("grievance", "network", "anger", "endorsement", "media", "risk", "cost")
_COLOURS = dict(zip(TERMS, (CYCLE[0], CYCLE[1], CYCLE[4], CYCLE[2], CYCLE[5], CYCLE[3], CYCLE[7]), strict=True))
MOST_PANELS, MOST_WEEKS = 24, 20


def draw_terms(runs: Runs, folder: Path) -> Drawing | None:
    """Small multiples, one panel a group (identity and class), one line a term; None where no term was recorded."""
    found = {term: series for term in TERMS if (series := runs.series(f"community.term_{term}")) is not None}
    if not found:
        return None
    weights, groups = runs.group_weights(), runs.groups()
    bands = {term: quantiles(weighted(series.values, weights)) for term, series in found.items()}
    starts = next(iter(found.values())).starts
    whole = _sum_medians(found, weights)
    missing = [term for term in TERMS if term not in found]
    with styled():
        from matplotlib.lines import Line2D

        shown = groups[:MOST_PANELS]
        classes = len(dict.fromkeys(c for _, c in groups))
        across = min(classes, 4) if classes > 1 else min(len(groups), 3)
        down = -(-len(shown) // across)
        tall = 1.3 if across > 1 else 2.2
        figure = blank(0.75 + down * (tall + 0.36))
        total = float(figure.get_size_inches()[1])
        wide = (6.45 - 0.2 * (across - 1)) / across
        x = day_numbers(starts)
        limits = _limits(np.stack([band[2][:, : len(shown)] for band in bands.values()]))
        for k, group in enumerate(shown):
            row, column = divmod(k, across)
            axes = panel(
                figure, 0.55 + column * (wide + 0.2), total - 0.42 - (row + 1) * (tall + 0.36) + 0.1, wide, tall
            )
            axes.set_title(plain(", ".join(part for part in group if part), 30))
            axes.axhline(0, color=GREY, linewidth=0.7)
            for term, band in bands.items():
                axes.plot(x, band[2][:, k], color=_COLOURS[term], linewidth=1.3, marker="." if x.size == 1 else "")
            axes.plot(x, whole[:, k], color=BLACK, linewidth=1.5, linestyle=(0, (4, 1.5)))
            axes.set_ylim(limits)
            ticks = _ticks(limits)
            axes.set_yticks(ticks, [f"{t:g}" for t in ticks] if column == 0 else [""] * len(ticks))
            date_axis(axes, float(x[0]), max(float(x[-1]), float(x[0]) + 1), most=4 if across < 4 else 3)
            if row < down - 1 and k + across < len(shown):
                axes.set_xticklabels([])
        keys = [Line2D([], [], color=_COLOURS[term], linewidth=1.6, label=term) for term in bands]
        keys.append(Line2D([], [], color=BLACK, linewidth=1.5, linestyle=(0, (4, 1.5)), label="sum"))
        figure.legend(
            handles=keys,
            ncols=8,
            loc="upper left",
            bbox_to_anchor=(0.45 / 7.2, 1 - 0.04 / total),
            borderaxespad=0,
            columnspacing=1.1,
            handlelength=1.5,
            handletextpad=0.5,
        )
        svg = save(
            figure,
            "terms",
            folder,
            ("identity", "class", "week", "term", *QUANTILE_WORDS),
            _rows(bands, groups, starts),
        )
    caption = (
        "Mean of each term of the decision to turn out, by community group (identity and class, all places by "
        "population) and week; medians of replicates. Above zero a term speaks for turning out, below zero against."
    )
    if missing:
        caption += f" Not recorded: {listed(missing)}."
    if len(groups) > MOST_PANELS:
        caption += f" The first {MOST_PANELS} of {len(groups)} groups; the CSV file has all."
    middle = {term: float(np.median(band[2])) for term, band in bands.items()}
    alt = (
        "Line charts of utility terms by group. Median over groups and weeks: "
        + ", ".join(f"{term} {show(value)}" for term, value in middle.items())
        + "."
    )
    return Drawing(
        "terms", "Terms of the decision by group and week", caption, alt, svg, (_terms_table(bands, groups, starts),)
    )


def _sum_medians(found: dict[str, Series], weights: Numbers) -> Numbers:
    """Medians of the sum of all recorded terms, (week, group)."""
    whole = np.sum([series.values for series in found.values()], axis=0)
    return np.asarray(np.median(weighted(whole, weights), axis=0))


def _limits(values: Numbers) -> tuple[float, float]:
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    total = values.sum(0)
    low, high = min(low, float(total.min())), max(high, float(total.max()))
    pad = 0.06 * max(high - low, 1e-6)
    return low - pad, high + pad


def _ticks(limits: tuple[float, float]) -> list[float]:
    low, high = limits
    step = nice_ticks(max(high - low, 1e-6), 4)[1]
    return [k * step for k in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def _rows(
    bands: dict[str, Numbers], groups: list[tuple[str, str]], starts: np.ndarray[tuple[int], np.dtype[np.datetime64]]
) -> list[tuple[object, ...]]:
    return [
        (*group, week, term, *band[:, w, g].tolist())
        for g, group in enumerate(groups)
        for term, band in bands.items()
        for w, week in enumerate(starts)
    ]


def _terms_table(
    bands: dict[str, Numbers], groups: list[tuple[str, str]], starts: np.ndarray[tuple[int], np.dtype[np.datetime64]]
) -> Table:
    every = -(-len(starts) // MOST_WEEKS)
    weeks = range(0, len(starts), every)
    rows: list[tuple[Cell, ...]] = [
        (*group, term, *(float(band[2, w, g]) for w in weeks))
        for g, group in enumerate(groups)
        for term, band in bands.items()
    ]
    heads = [_week(starts[w]) for w in weeks]
    note = (
        f"Every {every}th week; the CSV file has all, with bands."
        if every > 1
        else "The CSV file has the bands as well."
    )
    return Table("Median of each term, by week", ("identity", "class", "term", *heads), tuple(rows), note)


def _week(day: np.datetime64) -> str:
    day_: dt.date = day.astype(object)
    return show(day_).rpartition(" ")[0]


def draw_pushed(runs: Runs, folder: Path) -> Drawing | None:
    """Stacked bars by week: what each mechanism added to anger and to fear; None where neither was recorded."""
    found = {name: pushed(runs, f"community.{name}") for name in ("anger", "fear")}
    kept = {name: part for name, part in found.items() if part is not None}
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
            axes.set_title(f"Added to {name} a week")
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
    if silent:
        caption += f" Nothing was added by {listed([plain(m) for m in silent])}."
    alt = (
        "Stacked bars by week. Over the whole period: "
        + ("; ".join(f"{m} added {show(numbers[0])} to {name}" for name, m, numbers in whole) or "nothing was added")
        + "."
    )
    cells: tuple[tuple[Cell, ...], ...] = tuple((name, m, *numbers) for name, m, numbers in whole)
    tables = (Table("Added over the whole period", ("stock", "mechanism", "mean", *QUANTILE_WORDS), cells),)
    return Drawing("pushed", "What pushed anger and fear", caption, alt, svg, tables if cells else ())


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
    limits = _limits(np.stack([up, down]))
    axes.set_ylim(limits)
    ticks = _ticks(limits)
    axes.set_yticks(ticks, [f"{t:.3g}" for t in ticks])
    date_axis(axes, float(x[0]) - 1, float(x[-1]) + width + 1, most=5)
