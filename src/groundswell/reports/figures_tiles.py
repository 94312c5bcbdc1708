"""Places week by week as small tiles (or circles), in file order; no place is ever ranked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.reports.drawing import BLACK, GREY, Drawing, blank, panel, save, styled
from groundswell.reports.series import Numbers, Runs, Series, quantiles
from groundswell.reports.tables import Cell, Table, percent, show

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GREENS = ("#eef0f2", "#f4ee8c", "#c2df23", "#5ec962", "#1f9e89", "#2d708e", "#453781")  # viridis, light to dark
_REDS = ("#eef0f2", "#fed395", "#fa7f5e", "#d3436e", "#822681", "#2c115f")  # magma, light to dark
# Lower limits of the classes above 0; they are the same in every report, so that two can be compared.
DECADES = (0.0, 0.01, 0.1, 1.0, 10.0, 100.0)  # persons per 1,000 residents
SHARES = (0.0, 0.1, 0.25, 0.5, 0.75)  # of replicates
LUCK = (
    "Places have the same rules and mostly the same guesses; differences between tiles are mostly luck of the draws. "
)
MOST_BLOCKS = 24
NOTE = (
    "Tiles stand for governorates or other places of the case, placed for reading; their size, neighbours and edges "
    "are no map and take no position on any boundary. Places stand in the order of the file, never ranked."
)


@dataclass(frozen=True)
class Spots:
    """Where each place is drawn: corners (place, corner, 2) in units of one tile, y downwards, and the extent."""

    corners: Numbers
    wide: float
    high: float
    kind: str


@dataclass(frozen=True)
class Blocks:
    """Blocks of weeks: first days, quantiles (5, block, place), and the share of replicates above 0 (block, place).

    `weeks` is the length of a block, `cut` True where a last shorter one was left out.
    """

    starts: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    band: Numbers
    above: Numbers
    weeks: int
    cut: bool


def spots(runs: Runs) -> Spots:
    """Tiles from the labels `tile` ("col,row"); else circles by population at lon and lat; else file order."""
    case = runs.case
    cells = [_tile(case.label(place, "tile")) for place in case.places]
    if all(cell is not None for cell in cells) and len(set(cells)) == len(cells):
        return _squares([cell for cell in cells if cell is not None], "tiles")
    areas = case.areas[-len(case.places) :]
    points = [(a.longitude, -a.latitude) for a in areas if a.longitude is not None and a.latitude is not None]
    if len(points) == len(areas) and len(areas) > 1:
        return _circles(np.array(points, dtype=np.float64), runs.place_population.mean(0))
    across = int(np.ceil(np.sqrt(len(areas))))
    return _squares([(k % across, k // across) for k in range(len(areas))], "tiles in file order")


def _tile(label: str) -> tuple[int, int] | None:
    column, _, row = label.partition(",")
    try:
        return int(column), int(row)
    except ValueError:
        return None


def _squares(cells: list[tuple[int, int]], kind: str) -> Spots:
    at = np.array(cells, dtype=np.float64)
    at -= at.min(0)
    square = np.array([(0.03, 0.03), (0.97, 0.03), (0.97, 0.97), (0.03, 0.97)])
    wide, high = (float(v) for v in at.max(0) + 1)
    return Spots(at[:, None, :] + square, wide, high, kind)


def _circles(points: Numbers, population: Numbers) -> Spots:
    """Areas in proportion to population; a degree of longitude is shrunk by the cosine of the middle latitude."""
    points = points * np.array([np.cos(np.deg2rad(float(points[:, 1].mean()))), 1.0])
    span = max(float(np.ptp(points, axis=0).max()), 1e-9)
    at = (points - points.min(0)) / span * 5.0
    radius = 0.15 + 0.75 * np.sqrt(population / max(float(population.max()), 1e-9))
    at = at - (at - radius[:, None]).min(0)
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    wide, high = (float(v) for v in (at + radius[:, None]).max(0))
    return Spots(at[:, None, :] + radius[:, None, None] * ring, wide, high, "circles, area by population")


def blocks(runs: Runs, name: str, *, per_thousand: bool) -> Blocks | None:
    """Weekly numbers by place: means a day per 1,000 residents, or sums; weeks are joined where there are many."""
    series = runs.series(name)
    if series is None or not runs.case.places:
        return None
    a_week = max(1, round(7 / float(series.days[0])))
    weeks = -(-series.values.shape[1] // a_week)
    joined = -(-weeks // MOST_BLOCKS)
    size = a_week * joined
    cuts = np.arange(0, series.values.shape[1], size)
    values = _by_block(series, cuts, mean=per_thousand)
    if per_thousand:
        values = 1000.0 * values / np.maximum(runs.place_population, 1e-9)[:, None, :]
    last = series.days[cuts[-1] :].sum()
    cut = bool(len(cuts) > 1 and last < 7 * joined)
    if cut:
        cuts, values = cuts[:-1], values[:, :-1]
    return Blocks(series.starts[cuts], quantiles(values), (values > 0).mean(0), joined, cut)


def _by_block(series: Series, cuts: np.ndarray[tuple[int], np.dtype[np.int64]], *, mean: bool) -> Numbers:
    if not mean:
        return np.asarray(np.add.reduceat(series.values, cuts, axis=1))
    days = series.days if not series.flow else np.ones_like(series.days)
    total = np.add.reduceat(series.values * days[None, :, None], cuts, axis=1)
    return np.asarray(total / np.add.reduceat(series.days, cuts)[None, :, None])


def draw_tiles(runs: Runs, name: str, folder: Path) -> Drawing | None:
    """By week: median turnout per 1,000 residents, or how often anyone dies; None where it was not recorded."""
    turnout = name == "place.turnout"
    found = blocks(runs, name, per_thousand=turnout)
    if found is None:
        return None
    where = spots(runs)
    span = "a week" if found.weeks == 1 else f"a block of {found.weeks} weeks"
    what = (
        f"persons on the street a day per 1,000 residents, mean of {span}"
        if turnout
        else f"share of replicates with any death in {span}"
    )
    file = "tiles_turnout" if turnout else "tiles_deaths"
    colours = _GREENS if turnout else _REDS
    breaks = DECADES if turnout else SHARES
    shown = found.band[2] if turnout else found.above
    with styled():
        figure = _figure(runs, found.starts, shown, where, (breaks, colours), percents=not turnout)
        rows = [
            (place, runs.case.label(place, "iso"), start, *found.band[:, b, p].tolist(), float(found.above[b, p]))
            for p, place in enumerate(runs.case.places)
            for b, start in enumerate(found.starts)
        ]
        svg = save(
            figure, file, folder, ("place", "iso", "from", "p05", "p25", "median", "p75", "p95", "share_above_0"), rows
        )
    title = "Turnout by place and week (scale set by prior)" if turnout else "Any death, by place and week"
    caption = f"{'Median of replicates: ' if turnout else ''}{what}. Drawn as {where.kind}. "
    caption = caption[0].upper() + caption[1:] + LUCK
    if turnout:
        caption += "Classes are fixed decades, the same in every report. "
    if found.cut:
        caption += "The last days of the period, which fill no whole block, are left out. "
    alt = (
        f"{len(found.starts)} small tile grids, one for each block of time, of {len(runs.case.places)} places: {what}. "
        f"The greatest is {show(float(shown.max())) if turnout else percent(float(shown.max()))}."
    )
    return Drawing(
        file,
        title,
        caption + NOTE,
        alt,
        svg,
        (_table(runs, found.starts, shown, f"Median {what}" if turnout else what, percents=not turnout),),
    )


def _figure(
    runs: Runs,
    starts: np.ndarray[tuple[int], np.dtype[np.datetime64]],
    shown: Numbers,
    where: Spots,
    classes: tuple[tuple[float, ...], tuple[str, ...]],
    *,
    percents: bool,
) -> Figure:
    from matplotlib.collections import PolyCollection

    breaks, colours = classes
    number = len(starts) + 1  # the first panel is the key of places
    across = min((6, 7), key=lambda a: -number % a)  # whichever leaves fewer gaps in the last row
    down = -(-number // across)
    step_x, step_y = where.wide + 0.9, where.high + 1.5
    scale = 6.9 / (across * step_x - 0.9)
    figure = blank(down * step_y * scale + 0.42)
    height = float(figure.get_size_inches()[1])
    axes = panel(figure, 0.15, 0.05, 6.9, height - 0.45)
    axes.set_axis_off()
    axes.set_xlim(0, 6.9 / scale)
    axes.set_ylim((height - 0.45) / scale, 0)
    shapes, fills = [], []
    for k in range(number):
        row, column = divmod(k, across)
        offset = np.array([column * step_x, row * step_y + 1.25])
        title = "key" if k == 0 else show(starts[k - 1].astype(object)).rpartition(" ")[0]
        axes.text(offset[0], offset[1] - 0.25, title, fontsize=7.5, va="bottom", color=GREY if k == 0 else BLACK)
        shapes += list(where.corners + offset)
        fills += (
            ["white"] * len(where.corners)
            if k == 0
            else [
                colours[int(np.searchsorted(breaks, value, side="right")) if value > 0 else 0] for value in shown[k - 1]
            ]
        )
    for place, corners in zip(runs.case.places, where.corners, strict=True):
        x, y = corners.mean(0) + np.array([0.0, 1.25])
        axes.text(x, y, runs.case.short(place), fontsize=5.5, ha="center", va="center")
    axes.add_collection(PolyCollection(shapes, facecolors=fills, edgecolors="#b4bac2", linewidths=0.4))
    _legend(figure, breaks, colours, percents=percents)
    return figure


def _legend(figure: Figure, breaks: tuple[float, ...], colours: tuple[str, ...], *, percents: bool) -> None:
    from matplotlib.patches import Patch

    edges = [percent(value) if percents else show(value) for value in breaks[1:]]
    names = ["0", f"up to {edges[0]}", *(f"{a} to {b}" for a, b in pairwise(edges)), f"{edges[-1]} and more"]
    keys = [
        Patch(facecolor=colour, edgecolor="#b4bac2", linewidth=0.5, label=name)
        for colour, name in zip(colours, names, strict=False)
    ]
    figure.legend(
        handles=keys,
        ncols=7,
        loc="upper left",
        bbox_to_anchor=(0.012, 0.998),
        borderaxespad=0,
        columnspacing=1.0,
        handlelength=1.2,
        handletextpad=0.4,
        fontsize=7.5,
    )


def _table(
    runs: Runs,
    starts: np.ndarray[tuple[int], np.dtype[np.datetime64]],
    shown: Numbers,
    what: str,
    *,
    percents: bool,
) -> Table:
    heads = [show(start.astype(object)).rpartition(" ")[0] for start in starts]
    rows: list[tuple[Cell, ...]] = [
        (runs.case.short(place), place, *(percent(float(v)) if percents else float(v) for v in shown[:, p]))
        for p, place in enumerate(runs.case.places)
    ]
    return Table(
        f"{what[0].upper()}{what[1:]}, by first day",
        ("label", "place", *heads),
        tuple(rows),
        "Places in file order. The CSV file has the bands as well.",
    )
