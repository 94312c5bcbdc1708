"""A page that sets the prior predictives of rival explanations side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.errors import GroundswellError, Problem
from groundswell.inference.rivals import APART, Pair, Rival, pairs
from groundswell.reports.drawing import (
    BLACK,
    blank,
    count_axis,
    date_axis,
    day_numbers,
    fan,
    fan_keys,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.page import TEMPLATES, environment
from groundswell.reports.series import quantiles
from groundswell.reports.tables import Cell, Table, show

if TYPE_CHECKING:
    from groundswell.scenario.schema import Scenario

HARM = ("deaths", "injured", "arrested")


def write_page(scenario: Scenario, rivals: list[Rival], out: Path, *, replicates: int, seed: int) -> Path:
    """Write `index.html`, `figures/` and `rivals.csv` under a folder; returns the page.

    Raises GroundswellError where the folder cannot be written.
    """
    from markupsafe import Markup

    figures, page = Path(out) / "figures", Path(out) / "index.html"
    try:
        figures.mkdir(parents=True, exist_ok=True)
        found = pairs(rivals)
        turnout = _fans(scenario, rivals, "turnout", False, figures)
        drawings = [("Turnout: persons on the street a day, log axis", turnout),
                    ("Deaths since the start, log axis", _fans(scenario, rivals, "deaths", True, figures)),
                    ("Which pairs could be told apart", _matrix(rivals, found, figures))]  # fmt: skip
        page.write_text(environment().get_template("rivals.html.j2").render(
            title=scenario.title, drawings=[(name, Markup(svg)) for name, svg in drawings],
            tables=[_outcomes(rivals), _pairs(found)], alike=[p for p in found if p.at_hand[1] < APART], all=found,
            apart=APART, replicates=replicates, seed=seed, rivals=rivals, totals=len(rivals[0].at_hand),
            style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        ), encoding="utf-8")  # fmt: skip
    except OSError as error:
        raise GroundswellError(Problem("rivals-write", str(out), f"cannot be written ({error.strerror or error})",
                                       "choose another folder")) from error  # fmt: skip
    return page


def as_facts(rivals: list[Rival]) -> dict[str, Any]:
    """The outcomes and pairs as plain data."""
    return {
        "rivals": [{"name": r.name, "title": r.title, "guesses": r.guesses, **_middle(r)} for r in rivals],
        "pairs": [
            {"first": p.first, "second": p.second, "at_hand": p.at_hand[0], "at_hand_order": round(p.at_hand[1], 3),
             "by_place_and_day": p.beyond[0], "by_place_and_day_order": round(p.beyond[1], 3)} for p in pairs(rivals)
        ],
    }  # fmt: skip


def _middle(rival: Rival) -> dict[str, list[float]]:
    totals = {name: values.sum(1) for name, values in rival.daily.items()}
    return {name: [float(q) for q in np.quantile(values, (0.05, 0.5, 0.95))] for name, values in totals.items()}


def _outcomes(rivals: list[Rival]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for rival in rivals:
        cells = [f"{show(round(low))} / {show(round(mid))} / {show(round(high))}"
                 for low, mid, high in (_middle(rival)[name] for name in ("turnout", *HARM))]  # fmt: skip
        rows.append((rival.name, *cells, rival.guesses))
    return Table("Sums over the period: 5 % / median / 95 % of replicates",
                 ("explanation", "person-days on the street", *HARM, "guesses drawn"), tuple(rows))  # fmt: skip


def _pairs(found: list[Pair]) -> Table:
    rows = [
        (p.first, p.second, p.at_hand[0], round(p.at_hand[1], 2), p.beyond[0], round(p.beyond[1], 2)) for p in found
    ]
    return Table("How often the best observable puts two replicates in order (0.5 is luck)",
                 ("one", "other", "of published totals", "orders", "of turnout by place and day", "orders "),
                 tuple(rows))  # fmt: skip


def _fans(scenario: Scenario, rivals: list[Rival], what: str, running: bool, folder: Path) -> str:
    columns, rows_of = 2, -(-len(rivals) // 2)
    days = day_numbers([scenario.period.start])[0] + np.arange(rivals[0].daily[what].shape[1], dtype=np.float64)
    bands = [quantiles(values.cumsum(1) if running else values) for values in (r.daily[what] for r in rivals)]
    highest = max(float(band[4].max()) for band in bands)
    table: list[tuple[object, ...]] = []
    with styled():
        figure = blank(0.55 + 1.65 * rows_of)
        for k, (rival, band) in enumerate(zip(rivals, bands, strict=True)):
            axes = panel(figure, 0.6 + (k % columns) * 3.4, 0.46 + 1.65 * (rows_of - 1 - k // columns), 2.9, 0.98)
            axes.set_title(plain(rival.name))
            fan(axes, days, band)
            points = _points(scenario, what) if running else []
            axes.plot([x for x, _ in points], [y for _, y in points], "o", color=BLACK, markersize=2.5)
            count_axis(axes, max([highest, *(y for _, y in points)]), log=True, few=True)
            date_axis(axes, float(days[0]), float(days[-1]), most=4)
            table += [(rival.name, int(day), *column) for day, column in zip(days, band.T.tolist(), strict=True)]
        figure.legend(handles=fan_keys(), ncols=3, loc="upper left", bbox_to_anchor=(0.08, 0.995), borderaxespad=0)
        return save(figure, f"rivals-{what}", folder, ("explanation", "day", "q5", "q25", "q50", "q75", "q95"), table)


def _points(scenario: Scenario, measure: str) -> list[tuple[float, float]]:
    return [(float(day_numbers([c.window_end])[0]), c.value) for c in scenario.count
            if c.measure == measure and c.place == "national" and c.cumulative]  # fmt: skip


def _matrix(rivals: list[Rival], found: list[Pair], folder: Path) -> str:
    names = [rival.name for rival in rivals]
    with styled():
        side = 0.42 * len(names)
        figure = blank(side + 1.75)
        for k, (title, kind) in enumerate((("published totals", "at_hand"), ("turnout by place and day", "beyond"))):
            grid = np.full((len(names), len(names)), np.nan)
            for p in found:
                grid[names.index(p.second), names.index(p.first)] = getattr(p, kind)[1]
            axes = panel(figure, 1.25 + k * 3.3, 1.3, side, side)
            axes.imshow(grid, vmin=0.5, vmax=1.0, cmap="Blues")
            axes.grid(visible=False)
            axes.set_title(title)
            axes.set_xticks(range(len(names)), names, rotation=60, ha="right")
            axes.set_yticks(range(len(names)), names if k == 0 else [""] * len(names))
            for (y, x), value in np.ndenumerate(grid):
                if value == value:
                    axes.text(x, y, f"{value:.2f}", ha="center", va="center", fontsize=7,
                              color="white" if value > 0.8 else BLACK)  # fmt: skip
        rows = [(p.first, p.second, p.at_hand[0], p.at_hand[1], p.beyond[0], p.beyond[1]) for p in found]
        return save(
            figure, "rivals-pairs", folder, ("one", "other", "at_hand", "orders", "by_place_and_day", "orders2"), rows
        )
