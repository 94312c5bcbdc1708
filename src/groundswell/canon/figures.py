"""Figures of the published models, in the style of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.canon import granovetter, hawkes, lang_de_sterck, outbursts
from groundswell.canon.page import Picture, svg_of
from groundswell.reports.drawing import BLACK, BLUE, CYCLE, GREEN, GREY, ORANGE, PALE, RED, SKY, blank, panel, styled

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

CELLS = {"nobody": "#ffffff", "jailed": "#c9ced6", "quiet": "#9dc6e0", "active": RED, "police": BLACK}
GROUPS = {"nobody": "#ffffff", "first group": "#9dc6e0", "second group": "#f3d08a", "peacekeeper": BLACK,
          "jailed": GREY, "first group, active": BLUE, "second group, active": RED}  # fmt: skip


def states(grids: NDArray[Any], titles: list[str], colours: dict[str, str]) -> Figure:
    """Small multiples of grids (frames, rows, columns) whose values number the entries of `colours`."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    across, side = 4, 1.68
    down = -(-len(grids) // across)
    figure = blank(down * (side + 0.28) + 0.45)
    top = figure.get_size_inches()[1]
    for k, grid in enumerate(grids):
        axes = panel(figure, 0.1 + (k % across) * (side + 0.1), top - (k // across + 1) * (side + 0.28), side, side)
        axes.imshow(grid, cmap=ListedColormap(list(colours.values())), vmin=-0.5, vmax=len(colours) - 0.5,
                    interpolation="none")  # fmt: skip
        axes.set_title(titles[k], pad=3)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(False)
        for spine in axes.spines.values():
            spine.set_visible(True)
            spine.set_edgecolor(PALE)
    figure.legend(handles=[Patch(facecolor=c, edgecolor=GREY, linewidth=0.4, label=n) for n, c in colours.items()],
                  loc="lower left", ncols=min(len(colours), 5), bbox_to_anchor=(0.01, 0.0))  # fmt: skip
    return figure


def epstein_course(runs: xr.Dataset) -> Picture:
    """Active persons over time, and how long it was quiet between outbursts."""
    active = runs["active"].values
    steps = min(active.shape[1], 1000)
    gaps = np.concatenate([outbursts.waits(one) for one in active])
    with styled():
        figure = blank(2.4)
        axes = panel(figure, 0.5, 0.45, 3.9, 1.65)
        axes.plot(np.arange(1, steps + 1), active[0, :steps], color=RED, linewidth=0.8)
        axes.axhline(outbursts.OUTBURST, color=GREY, linewidth=0.7, linestyle=":")
        axes.set_xlim(0, steps)
        axes.set_ylim(0)
        axes.set_xlabel("step")
        axes.set_title("Active persons, replicate 0")
        side = panel(figure, 4.95, 0.45, 2.1, 1.65)
        if gaps.size:
            longest = int(np.quantile(gaps, 0.99)) + 2
            side.hist(gaps, bins=list(range(0, longest + 1, max(1, longest // 40))), color=BLUE)
        side.set_xlabel("steps")
        side.set_title("Quiet between two outbursts")
        svg = svg_of(figure, "course")
    return Picture(
        "Outbursts",
        f"Left: the dotted line is the bar of an outburst, {outbursts.OUTBURST} active. Right: {gaps.size:,} waits of "
        "all replicates, from the end of an outburst to the start of the next.",
        f"A line of active persons over {steps} steps, and a histogram of {gaps.size} waiting times.",
        svg,
    )


def epstein_steps(runs: xr.Dataset) -> Picture:
    """The torus at the steps in `shown`, replicate 0."""
    shown = [int(step) for step in runs["shown"].values]
    active = runs["active"].values[0]
    titles = [f"step {t}: {active[t - 1] if t else 0} active" for t in shown]
    with styled():
        svg = svg_of(states(runs["grid"].values[0], titles, CELLS), "steps")
    return Picture(
        "Step by step",
        "The torus at the end of these steps, replicate 0. A cell shows the police if there is any, else an active "
        "person, else a quiet one, else a jailed one.",
        "Small pictures of the grid: " + "; ".join(titles) + ".",
        svg,
    )


def groups_course(runs: xr.Dataset) -> Picture:
    """The size of both groups over time, all replicates."""
    longest = int(runs["extinct"].values.max()) or runs.sizes["step"]
    if (runs["extinct"].values == 0).any():
        longest = runs.sizes["step"]
    with styled():
        figure = blank(2.4)
        axes = panel(figure, 0.55, 0.45, 6.4, 1.65)
        for r in range(min(runs.sizes["replicate"], 20)):
            end = int(runs["extinct"].values[r]) or runs.sizes["step"]
            for name, colour in (("first", BLUE), ("second", ORANGE)):
                axes.plot(np.arange(1, end + 1), runs[name].values[r, :end], color=colour, linewidth=0.7, alpha=0.7)
        axes.set_xlim(0, longest)
        axes.set_ylim(0)
        axes.set_xlabel("step")
        axes.set_title("Persons of the first (blue) and second (orange) group")
        svg = svg_of(figure, "groups")
    return Picture("Two groups", "A line ends where a group is extinct. At most 20 replicates are drawn.",
                   "Lines of group sizes over steps.", svg)  # fmt: skip


def groups_steps(runs: xr.Dataset) -> Picture:
    """The torus at the steps in `shown`, replicate 0."""
    code = np.zeros(256, np.uint8)
    code[[1, 2, 3, 5, 6, 9, 10]] = [1, 2, 3, 4, 4, 5, 6]
    shown = [int(step) for step in runs["shown"].values]
    sizes = [runs[name].values[0] for name in ("first", "second")]
    titles = [f"step {t}" + (f": {sizes[0][t - 1]} / {sizes[1][t - 1]}" if t else "") for t in shown]
    with styled():
        svg = svg_of(states(code[runs["grid"].values[0]], titles, GROUPS), "steps")
    return Picture("Step by step", "The torus at the end of these steps, replicate 0, with the sizes of both groups.",
                   "Small pictures of the grid: " + "; ".join(titles) + ".", svg)  # fmt: skip


def cascade(runs: xr.Dataset, rules: granovetter.Rules, seed: int) -> Picture:
    """The share with thresholds so low against the number who act, and the steps taken on it."""
    most = rules.persons
    ordered = granovetter.thresholds(rules, seed, 0)
    acting = runs["acting"].values[0]
    with styled():
        figure = blank(3.1)
        axes = panel(figure, 0.55, 0.45, 2.7, 2.35)
        x = np.arange(most + 1)
        axes.plot(x, np.searchsorted(ordered, x, side="right"), color=BLUE, drawstyle="steps-post")
        axes.plot([0, most], [0, most], color=GREY, linewidth=0.7)
        path = [0, *acting]
        axes.plot(np.repeat(path[:-1], 2), [path[0], *np.repeat(path[1:-1], 2), path[-1]], color=RED, linewidth=0.8)
        axes.set_xlabel("act now")
        axes.set_title("Act next")
        side = panel(figure, 4.0, 0.45, 3.0, 2.35)
        for one in runs["acting"].values[:50]:
            side.plot(np.arange(len(one) + 1), [0, *one], color=RED, linewidth=0.8, alpha=0.6)
        side.set_ylim(0, most * 1.02)
        side.set_xlabel("step")
        side.set_title("Persons who act")
        svg = svg_of(figure, "cascade")
    return Picture(
        "The cascade",
        "Left, replicate 0: blue, how many have a threshold of at most so many; red, the steps taken; it rests where "
        "blue meets the grey line. Right: at most 50 replicates.",
        f"Steps of a cascade among {most} persons that ends with {int(acting[-1])}.",
        svg,
    )


def normal_ends() -> Picture:
    """Where many persons with normal thresholds of mean 25 of a hundred end, by their standard deviation."""
    sds = np.linspace(1, 60, 237)
    ends = [100 * granovetter.resting(25.0, float(sd)) for sd in sds]
    with styled():
        figure = blank(2.2)
        axes = panel(figure, 0.55, 0.45, 6.4, 1.5)
        axes.plot(sds, ends, color=BLUE)
        axes.set_ylim(0, 105)
        axes.set_xlabel("standard deviation of thresholds, in percent of persons (mean 25)")
        axes.set_title("Percent who act in the end")
        svg = svg_of(figure, "ends")
    return Picture(
        "A small difference that decides",
        "Many persons with normal thresholds: between a standard deviation of 12.2 and 12.3 the end jumps from 5 to "
        "100 percent.",
        "A line that jumps near 12.25 and falls slowly after.",
        svg,
    )


def flow(runs: xr.Dataset, rules: lang_de_sterck.Rules) -> Picture:
    """Shares over time, and the region of every pair of visibility and balance."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    colours = [PALE, SKY, ORANGE, RED]
    grid = np.linspace(0.005, 0.995, 100)
    code = [[_region_number(a, rules.beta, c) for a in grid] for c in grid]
    with styled():
        figure = blank(3.3)
        axes = panel(figure, 0.5, 0.45, 3.0, 2.5)
        for path, first in zip(runs["share"].values, runs["start"].values, strict=True):
            axes.plot([0, *runs["time"].values], [first, *path], color=BLUE, linewidth=0.7)
        for y, style in ((rules.seen, "--"), (rules.beta, ":")):
            axes.axhline(y, color=GREY, linewidth=0.8, linestyle=style)
        axes.set_ylim(0, 1)
        axes.set_xlim(0, float(runs["time"].values[-1]))
        axes.set_xlabel("time")
        axes.set_title("Share in revolt")
        side = panel(figure, 4.1, 0.9, 2.9, 2.05)
        side.imshow(code, origin="lower", extent=(0, 1, 0, 1), aspect="auto", cmap=ListedColormap(colours),
                    vmin=-0.5, vmax=3.5, interpolation="none")  # fmt: skip
        side.plot([rules.alpha], [rules.balance], "o", color=BLACK, markersize=4)
        side.set_xlabel("visibility alpha")
        side.set_title(f"Region, by c* = c1 / (c1 + c2); beta {rules.beta:g}")
        side.grid(False)
        figure.legend(handles=[Patch(color=c, label=n) for c, n in zip(colours, lang_de_sterck.REGIONS, strict=True)],
                      loc="lower right", ncols=2, bbox_to_anchor=(0.99, 0.0))  # fmt: skip
        svg = svg_of(figure, "flow")
    return Picture(
        f"The region: {lang_de_sterck.region(rules)}",
        "Left: dashed, seen above; dotted, policed below. Right: the dot is this run; more visible protest moves it to "
        "the right.",
        f"Paths of the share from {runs.sizes['replicate']} starts, and a map of regions.",
        svg,
    )


def _region_number(alpha: float, beta: float, balance: float) -> int:
    there = lang_de_sterck.Rules(float(alpha), beta, float(balance), float(1.0 - balance))
    return lang_de_sterck.REGIONS.index(lang_de_sterck.region(there))


def events(runs: xr.Dataset, rules: hawkes.Rules) -> Picture:
    """Events of the first replicate in time bins, and its rates from the true numbers."""
    kept = runs["stream"].values[0] >= 0
    time, stream = runs["time"].values[0][kept], runs["stream"].values[0][kept]
    span = min(float(runs.attrs["span"]), 100.0 / rules.decay)
    with styled():
        figure = blank(0.5 + 1.15 * min(rules.streams, 4))
        top = figure.get_size_inches()[1]
        for j in range(min(rules.streams, 4)):
            axes = panel(figure, 0.5, top - 1.15 * (j + 1) + 0.12, 6.5, 0.72)
            axes.hist(
                time[(stream == j) & (time < span)], bins=list(np.linspace(0, span, 101)), color=CYCLE[j % len(CYCLE)]
            )
            axes.set_xlim(0, span)
            axes.set_title(f"Events of stream {j}")
        axes.set_xlabel("time")
        svg = svg_of(figure, "events")
    return Picture("Events", "The first part of replicate 0, in a hundred bins.", "Counts of events over time.", svg)


def recovered(summary: Any, rules: hawkes.Rules) -> Picture:
    """Fitted numbers of each replicate against the true ones."""
    true = {"background": rules.background, "own": rules.own, "cross": rules.cross, "decay": rules.decay}
    with styled():
        figure = blank(1.9)
        for k, (name, value) in enumerate(true.items()):
            axes = panel(figure, 0.45 + 1.75 * k, 0.35, 1.2, 1.25)
            axes.plot(summary[name], summary["replicate"], "o", color=BLUE, markersize=3)
            axes.axvline(value, color=GREEN, linewidth=1.2)
            axes.set_yticks([])
            axes.set_title(name)
        svg = svg_of(figure, "recovered")
    return Picture("Fitted against true", "A dot is the fit to one replicate (mean over streams), the line the truth.",
                   "Four panels of fitted numbers about their true values.", svg)  # fmt: skip
