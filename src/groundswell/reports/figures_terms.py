"""What drives the decision to turn out: its terms by community group, with deaths beside them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from groundswell.reports.drawing import (
    BLACK,
    CYCLE,
    GREY,
    Drawing,
    blank,
    count_axis,
    date_axis,
    day_numbers,
    even_limits,
    even_ticks,
    fan,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.figures_outcomes import Track, track
from groundswell.reports.figures_pushed import PART_WEEK
from groundswell.reports.series import QUANTILE_WORDS, Numbers, Runs, Series, quantiles, weighted
from groundswell.reports.tables import Cell, Table, listed, show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TERMS = ("grievance", "network", "anger", "endorsement", "media", "risk", "cost")
PUSHES = ("contagion", "common_shock", "pact", "efficacy")  # of rival mechanisms: drawn, dotted, where they act
_COLOURS = dict(zip(TERMS, (CYCLE[0], CYCLE[1], CYCLE[4], CYCLE[2], CYCLE[5], CYCLE[3], CYCLE[7]), strict=True))
_COLOURS |= dict(zip(PUSHES, (CYCLE[1], CYCLE[0], CYCLE[5], CYCLE[2]), strict=True))
MOST_PANELS, MOST_WEEKS = 24, 20
BAR = "mobilisation.bar"
_DEATHS = 1.35  # inches for the panel of deaths


def draw_terms(runs: Runs, folder: Path) -> Drawing | None:
    """One panel a group (identity and class), one line a term, deaths below; None where no term was recorded."""
    found = {term: series for term in (*TERMS, *PUSHES)
             if (series := runs.series(f"community.term_{term}")) is not None
             and (term in TERMS or np.any(series.values))}  # fmt: skip
    if not found:
        return None
    weights, groups = runs.group_weights(), runs.groups()
    bands = {term: quantiles(weighted(series.values, weights)) for term, series in found.items()}
    starts = next(iter(found.values())).starts
    weeks = runs.whole_weeks(starts) if runs.case.scenario.period.days_a_step == 1 else len(starts)
    cut, starts = weeks < len(starts), starts[:weeks]
    bands = {term: band[:, :weeks] for term, band in bands.items()}
    bar = bar_of(runs)
    whole = _sum_medians(found, weights, bar)[:weeks]
    sum_name = "sum" if bar is None else "sum minus bar"
    beside = track(runs, "place.deaths")
    missing = [term for term in TERMS if term not in found]
    with styled():
        from matplotlib.lines import Line2D

        shown = groups[:MOST_PANELS]
        classes = len(dict.fromkeys(c for _, c in groups))
        across = min(classes, 4) if classes > 1 else min(len(groups), 3)
        down = -(-len(shown) // across)
        tall = 1.3 if across > 1 else 2.2
        figure = blank(0.75 + down * (tall + 0.36) + (_DEATHS if beside else 0))
        total = float(figure.get_size_inches()[1])
        wide = (6.45 - 0.2 * (across - 1)) / across
        x = day_numbers(starts)
        edges = np.append(x, x[-1] + next(iter(found.values())).days[weeks - 1])
        medians = np.stack([band[2][:, : len(shown)] for band in bands.values()])
        limits = even_limits(np.concatenate([medians, whole[None, :, : len(shown)] - medians.sum(0)]))
        for k, group in enumerate(shown):
            row, column = divmod(k, across)
            axes = panel(
                figure, 0.55 + column * (wide + 0.2), total - 0.42 - (row + 1) * (tall + 0.36) + 0.1, wide, tall
            )
            axes.set_title(plain(", ".join(part for part in group if part), 30))
            axes.axhline(0, color=GREY, linewidth=0.7)
            for term, band in bands.items():
                _steps(axes, edges, band[2][:, k], color=_COLOURS[term], linewidth=1.3, linestyle=_style(term))
            _steps(axes, edges, whole[:, k], color=BLACK, linewidth=1.5, linestyle=(0, (4, 1.5)))
            axes.set_ylim(limits)
            ticks = even_ticks(limits)
            if column == 0:
                axes.set_ylabel("utility", labelpad=2)
            axes.set_yticks(ticks, [f"{t:g}" for t in ticks] if column == 0 else [""] * len(ticks))
            date_axis(axes, float(edges[0]), float(edges[-1]), most=4 if across < 4 else 3)
            if row < down - 1 and k + across < len(shown):
                axes.set_xticklabels([])
        looks = [(term, _COLOURS[term], _style(term)) for term in bands]
        keys = [Line2D([], [], color=colour, linewidth=1.6, linestyle=style, label=term.replace("_", " "))
                for term, colour, style in looks]  # fmt: skip
        keys.append(Line2D([], [], color=BLACK, linewidth=1.5, linestyle=(0, (4, 1.5)), label=sum_name))
        if beside is not None:
            _deaths(figure, beside, float(edges[0]), float(edges[-1]))
        figure.legend(
            handles=keys,
            ncols=5 if len(keys) <= 10 else 6,
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
        "population) and week: the average resident. Medians of replicates; medians do not add up. "
        "Above zero a term speaks for turning out, below zero against. "
    )
    if bar is None:
        caption += "No bar is among the numbers of the case: the dashed line is the sum of the terms."
    else:
        caption += (
            "Dashed: the sum of the terms minus the bar of the decision; at zero, someone with just these terms would "
            "turn out every second day."
        )
    caption += (
        " Those who turn out are in the tail of each group, far from its mean, so these means do not explain turnout."
    )
    if beside is not None:
        caption += " Below: deaths a day, all places."
    caption += PART_WEEK if cut else ""
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
        "terms", "Terms of the decision, average resident", caption, alt, svg, (_terms_table(bands, groups, starts),)
    )


def _style(term: str) -> Literal["dotted", "solid"]:
    return "dotted" if term in PUSHES else "solid"


def bar_of(runs: Runs) -> Numbers | None:
    """The bar of the decision in each replicate, as drawn or fixed; None where the case has no such number."""
    number = next((n for n in runs.case.numbers if n.path == BAR), None)
    if number is None and BAR not in runs.guess_values:
        return None
    return runs.drawn(BAR, 0.0 if number is None else number.value)


def _sum_medians(found: dict[str, Series], weights: Numbers, bar: Numbers | None) -> Numbers:
    """Medians of the sum of all recorded terms, less the bar, (week, group)."""
    whole = weighted(np.sum([series.values for series in found.values()], axis=0), weights)
    return np.asarray(np.median(whole if bar is None else whole - bar[:, None, None], axis=0))


def _steps(axes: Axes, edges: Numbers, values: Numbers, **look: Any) -> None:
    """Weekly means hold for their week: a level a week, no slope between two."""
    axes.plot(edges, np.append(values, values[-1]), drawstyle="steps-post", **look)


def _deaths(figure: Figure, found: Track, first: float, last: float) -> None:
    axes = panel(figure, 0.55, 0.35, 6.45, _DEATHS - 0.62)
    axes.set_title("Deaths a day, all places (median, 50 % and 90 % of replicates)", fontsize=7.5, fontweight="normal")
    fan(axes, found.x, found.band)
    count_axis(axes, float(found.band[4].max()), log=True, few=True)
    date_axis(axes, first, last)


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
