"""The guesses whose draws move total deaths most, with their effect on turnout beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from groundswell.reports.drawing import BLUE, GREY, PALE, RED, Drawing, blank, panel, plain, save, styled
from groundswell.reports.influence import SHOWN, Influence
from groundswell.reports.tables import Table, show


def draw_influence(found: Influence, folder: Path) -> Drawing:
    """Rank correlations with rough 95 % intervals; the grey band is what pure chance gives."""
    number = min(SHOWN, len(found.paths))
    noise = found.noise
    parts = [("total deaths", found.deaths, RED)]
    if not np.isnan(found.turnout).all():
        parts.append(("total turnout", found.turnout, BLUE))
    with styled():
        figure = blank(0.75 + 0.22 * number)
        for k, (words, values, colour) in enumerate(parts):
            axes = panel(figure, 2.75 + 2.25 * k, 0.35, 2.0, 0.22 * number)
            axes.set_title(f"with {words}")
            axes.axvspan(-noise, noise, color=PALE, linewidth=0)
            axes.axvline(0, color=GREY, linewidth=0.7)
            axes.grid(visible=False)
            for row in range(number):
                value = float(values[row])
                axes.plot([max(value - noise, -1), min(value + noise, 1)], [row, row], color=colour, linewidth=1.1)
                axes.plot([value], [row], "o", color=colour, markersize=4.5)
            names = [plain(path, 46) for path in found.paths[:number]] if k == 0 else [""] * number
            axes.set_yticks(range(number), names, fontsize=7)
            axes.set_ylim(number - 0.4, -0.6)
            axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
            axes.set_xlim(-1, 1)
        rows = list(
            zip(found.paths, found.deaths.tolist(), found.turnout.tolist(), [noise] * len(found.paths), strict=True)
        )
        svg = save(figure, "influence", folder, ("guess", "with_deaths", "with_turnout", "half_width_95"), rows)
    strongest = f"{found.paths[0]} ({show(float(found.deaths[0]))})"
    return Drawing(
        "influence",
        "Guesses that move total deaths most",
        "Spearman rank correlation of each guess's draws with the totals of the replicates, with a rough 95 % Monte "
        f"Carlo interval (±1.96/√(n − 1) = ±{noise:.2f}). Grey: what pure chance gives. A correlation over replicates "
        "is no effect of a policy; turnout stands beside deaths so that neither is read alone.",
        f"Dot chart of rank correlations of {number} guesses; strongest with deaths: {strongest}.",
        svg,
        (
            Table(
                "Rank correlations",
                ("guess", "with deaths", "with turnout", "beyond noise"),
                tuple(
                    (p, round(d, 3), None if np.isnan(t) else round(t, 3), "yes" if abs(d) > noise else "no")
                    for p, d, t, _ in rows[:number]
                ),
                "The CSV file has all guesses.",
            ),
        ),
    )
