"""The guesses whose draws go with deaths: with any death at all, and with more of them where there are some."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from groundswell.reports.drawing import BLUE, GREY, PALE, RED, Drawing, blank, panel, plain, save, styled
from groundswell.reports.influence import SHOWN, Influence
from groundswell.reports.tables import Cell, Table, show

_COLUMNS = ("quantity", "any_death", "limit_any_death", "deaths_given_any", "limit_deaths_given_any", "turnout")


def draw_influence(found: Influence, folder: Path) -> Drawing:
    """Rank correlations; grey is what chance gives, and hollow markers lie inside it."""
    number = min(SHOWN, len(found.paths))
    first, second = found.limits
    parts = [
        (f"any death at all ({found.replicates} replicates)", found.any_death, first, RED),
        (f"deaths, given any ({found.with_deaths} replicates)", found.given_any, second, BLUE),
    ]
    parts = [part for part in parts if not np.isnan(part[1]).all()]
    with styled():
        figure = blank(0.75 + 0.22 * number)
        for k, (words, values, limit, colour) in enumerate(parts):
            axes = panel(figure, 2.9 + 2.2 * k, 0.35, 1.95, 0.22 * number)
            axes.set_title(words, fontsize=7.5)
            axes.axvspan(-limit, limit, color=PALE, linewidth=0)
            axes.axvline(0, color=GREY, linewidth=0.7)
            axes.grid(visible=False)
            for row in range(number):
                value = float(values[row])
                face = colour if abs(value) > limit else "white"
                axes.plot([value], [row], "o", color=colour, markerfacecolor=face, markersize=4.5)
            names = [plain(path, 52) for path in found.paths[:number]] if k == 0 else [""] * number
            axes.set_yticks(range(number), names, fontsize=7)
            axes.set_ylim(number - 0.4, -0.6)
            axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
            axes.set_xlim(-1, 1)
        columns = (found.any_death, found.given_any, found.turnout)
        rows = [
            (name, any_, first, given, second, turnout)
            for name, any_, given, turnout in zip(found.paths, *(c.tolist() for c in columns), strict=True)
        ]
        svg = save(figure, "influence", folder, _COLUMNS, rows)
    other = len(found.paths) - int(found.beyond.sum())
    strongest = (
        f"{found.paths[0]} ({_words(found.any_death[0])} with any death, {_words(found.given_any[0])} given any)"
    )
    return Drawing(
        "influence",
        "Guesses that go with deaths",
        "Spearman rank correlation over replicates of what was drawn with having any death at all, and with the number "
        f"of deaths among replicates that have some. Grey: what chance gives the greatest of all {found.tests} "
        f"correlations, ±{first:.2f} and ±{second:.2f}; markers inside it are hollow. {len(found.paths) - other} of "
        f"{len(found.paths)} pass; the other {other} cannot be told from noise. At most {SHOWN} are shown. "
        "A correlation over replicates is no effect of a policy.",
        f"Dot chart of rank correlations of {number} drawn quantities; strongest: {strongest}.",
        svg,
        (_table(found, number),),
    )


def _words(value: float) -> str:
    return "not computed" if np.isnan(value) else show(float(value))


def _table(found: Influence, number: int) -> Table:
    def cell(value: float) -> Cell:
        return None if np.isnan(value) else round(float(value), 3)

    rows: list[tuple[Cell, ...]] = [
        (
            found.paths[k],
            cell(found.any_death[k]),
            cell(found.given_any[k]),
            cell(found.turnout[k]),
            "yes" if found.beyond[k] else "no",
        )
        for k in range(number)
    ]
    return Table(
        "Rank correlations",
        ("quantity", "with any death", "with deaths, given any", "with turnout", "deaths beyond noise"),
        tuple(rows),
        "Beyond noise: outside the grey of the figure in at least one panel. The CSV file has all quantities.",
    )
