"""The page of a sensitivity analysis: elementary effects, indices with their intervals, and tables of both."""

from __future__ import annotations

import numpy as np

from groundswell.inference.sensitivity import SEED, Indices, Screening, Sensitivity
from groundswell.reports.drawing import BLUE, GREY, ORANGE, RED, blank, panel, plain, styled
from groundswell.reports.inference_page import Picture, svg_of
from groundswell.reports.tables import Table

SCALE = "Outcomes are log(1 + number) over all places and the whole period."


def of_sensitivity(found: Sensitivity) -> tuple[tuple[Picture, ...], tuple[Table, ...]]:
    """Figures and tables. Inputs stand in the order of the case: nothing is ranked."""
    pictures = (indices_picture(found.indices), screen_picture(found.screening, found.indices.names))
    return pictures, (indices_table(found.indices), screen_table(found.screening, found.indices.names))


def indices_picture(found: Indices) -> Picture:
    """First and total indices of each input on each outcome, as bars with intervals."""
    count, height = len(found.names), 0.2 * len(found.names) + 0.5
    with styled():
        figure = blank(0.6 + len(found.outcomes) * (height + 0.35))
        y = np.arange(count)[::-1].astype(float)
        for k, outcome in enumerate(found.outcomes):
            bottom = 0.45 + (len(found.outcomes) - 1 - k) * (height + 0.35)
            axes = panel(figure, 2.6, bottom, 4.4, height - 0.1)
            for label, values, errors, colour, shift in (
                ("total, with interactions", found.total[:, k], found.total_error[:, k], BLUE, 0.2),
                ("alone", found.first[:, k], found.first_error[:, k], ORANGE, -0.2),
            ):
                there = np.isfinite(values)
                axes.barh((y + shift)[there], values[there], height=0.36, color=colour, label=label)
                axes.errorbar(values[there], (y + shift)[there], xerr=errors[there], fmt="none", ecolor=GREY,
                              elinewidth=0.9)  # fmt: skip
            axes.axvline(0, color=GREY, linewidth=0.6)
            axes.set_xlim(-0.15, 1.15)
            axes.set_yticks(list(y), [plain(name, 42) for name in found.names])
            axes.set_title(outcome)
            if k == 0:
                figure.legend(*axes.get_legend_handles_labels(), loc="upper right", ncols=2)
        axes.set_xlabel("share of the variance of the outcome")
        svg = svg_of(figure, "indices")
    return Picture(
        "Sobol indices",
        f"Share of the variance of each outcome that goes with an input alone, and with all its interactions; lines "
        f"are bootstrap 95 % intervals over {found.base} base points. The input `{SEED}` is chance alone. {SCALE}",
        f"Bars of {count} inputs on {len(found.outcomes)} outcomes; the first table has the same numbers.",
        svg,
    )


def screen_picture(found: Screening, chosen: tuple[str, ...]) -> Picture:
    """mu* against sigma of every input, a panel an outcome."""
    with styled():
        figure = blank(0.5 + 2.3 * ((len(found.outcomes) + 1) // 2))
        for k, outcome in enumerate(found.outcomes):
            bottom = 0.5 + 2.3 * ((len(found.outcomes) + 1) // 2 - 1 - k // 2)
            axes = panel(figure, 0.65 + 3.45 * (k % 2), bottom, 2.75, 1.55)
            for j, name in enumerate(found.names):
                colour = RED if name == SEED else BLUE if name in chosen else GREY
                axes.errorbar(found.star[j, k], found.sigma[j, k], xerr=found.star_error[j, k], fmt="o",
                              color=colour, markersize=3, elinewidth=0.6)  # fmt: skip
            far = float(max((found.star[:, k] + found.star_error[:, k]).max(), found.sigma[:, k].max(), 1e-9)) * 1.08
            axes.plot([0, far], [0, far], color=GREY, linewidth=0.6, linestyle=":")
            axes.set_xlim(0, far)
            axes.set_ylim(0, far)
            axes.set_title(outcome)
            axes.set_xlabel("mean absolute effect, mu*")
            axes.set_ylabel("spread of effects, sigma")
        svg = svg_of(figure, "screen")
    return Picture(
        "Screen",
        "Elementary effects of every input. Right: it moves the outcome; high: by how much depends on the others, or "
        f"on chance. Blue went on to Sobol indices, red is the seed, dotted where both are equal. Lines are bootstrap "
        f"95 % intervals over {found.trajectories} trajectories.",
        f"Points of {len(found.names)} inputs; the second table has the same numbers.",
        svg,
    )


def indices_table(found: Indices) -> Table:
    """One row an input and outcome."""
    tables = (found.first, found.first_error, found.total, found.total_error)
    rows: list[tuple[str | float, ...]] = []
    for k, outcome in enumerate(found.outcomes):
        rows += [(name, outcome, *(float(table[j, k]) for table in tables)) for j, name in enumerate(found.names)]
    heads = ("input", "outcome", "alone", "+-", "total", "+-")
    return Table("Sobol indices with Monte Carlo error", heads, tuple(rows),
                 "+- is the half-width of a 95 % interval. A total index is what would stay of the variance, on "
                 "average, if all other inputs were known; totals may add up to more than 1.")  # fmt: skip


def screen_table(found: Screening, chosen: tuple[str, ...]) -> Table:
    """One row an input, in the order of the case."""
    heads = ("input", *(f"mu*, {name}" for name in found.outcomes), *(f"sigma, {name}" for name in found.outcomes),
             "went on")  # fmt: skip
    rows = tuple((name, *map(float, found.star[j]), *map(float, found.sigma[j]), "yes" if name in chosen else "")
                 for j, name in enumerate(found.names))  # fmt: skip
    return Table("Elementary effects", heads, rows,
                 f"Change of an outcome as an input goes from 12.5 to 87.5 % of its prior. {SCALE}")  # fmt: skip
