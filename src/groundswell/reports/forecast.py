"""The page of a forecast: first what the scores say, then one fan for each forecaster, the scores, the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.inference.forecast import Forecast, Scored
from groundswell.inference.forecast_counts import Totals
from groundswell.reports.drawing import (
    BLACK,
    WIDTH,
    Drawing,
    blank,
    count_axis,
    date_axis,
    day_numbers,
    fan,
    panel,
    plain,
    save,
    styled,
)
from groundswell.reports.page import TEMPLATES
from groundswell.reports.tables import Table

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SHOWN = 60  # days of the past in a figure
LIMITS = (
    "A forecast of counts as they are recorded: what nobody reports is not in it.",
    "Called days, curfews and shutdowns that are not in the past of the record are in no forecast.",
    "Scores of the past are those of quiet and of loud times as they fell; a few days make most of a mean.",
    "No place, person or gathering is ranked; places stand in the order of the file.",
)
NOTE = (
    "CRPS, IGN and MIS: lower is better. Coverage: share of 95 % intervals that held. The contrast is the mean CRPS "
    "less that of the last value, with a standard error over origins."
)


def table_of(scores: Sequence[Scored]) -> Table:
    """Scores as a table."""
    rows = tuple((one.name, one.crps, one.ign, one.mis, one.coverage, one.against.difference, one.against.error
                  if np.isfinite(one.against.error) else None, one.against.blocks, one.against.says)
                 for one in scores)  # fmt: skip
    heads = ("forecaster", "CRPS", "IGN", "MIS", "coverage", "less last value", "standard error", "origins", "says")
    return Table("Scores over rolling origins", heads, rows, NOTE)


def write_page(made: Forecast, title: str, command: str, folder: Path) -> Path:
    """`index.html` and `figures/` under `folder`: the sum over places, a fan for each forecaster. Returns the page."""
    past = made.record.counts.sum(0)[-SHOWN:]
    days = made.record.last - np.arange(len(past))[::-1]
    fans = {name: draws.sum(0) for name, draws in made.draws.items()}
    drawn = _draw("total", "All places together, by day", "events a day", (days, past), made.days, fans, (), folder)
    meta = (f"{len(made.record.places)} places, {made.record.counts.shape[1]} days up to {made.record.last}; "
            f"{made.horizon} days ahead")  # fmt: skip
    return _write(title, meta, made.words(), drawn, table_of(made.scores), command, folder)


def write_totals(made: Totals, command: str, folder: Path) -> Path:
    """`index.html` and `figures/` under `folder` for a case's published total. Returns the page."""
    horizon = next(iter(made.draws.values())).shape[0]
    days = np.datetime64(made.until, "D") + np.arange(1, horizon + 1)
    known = (np.array([p.day for p in made.known], "datetime64[D]"), np.array([p.total for p in made.known]))
    later = [p for p in made.later if np.datetime64(p.day, "D") <= days[-1]]
    name = f"Published {made.measure} since the start"
    drawn = _draw("total", name, made.measure, known, days, made.draws, later, folder)
    meta = f"counts published by {made.until}; {horizon} days ahead"
    return _write(made.title, meta, made.words(), drawn, table_of(made.scores), command, folder)


def _draw(
    name: str, title: str, unit: str, past: tuple[NDArray[Any], NDArray[Any]], days: NDArray[Any],
    fans: Mapping[str, NDArray[Any]], later: Sequence[Any], folder: Path,
) -> Drawing:  # fmt: skip
    home = folder / "figures"
    home.mkdir(parents=True, exist_ok=True)
    bands = {key: np.quantile(draws, QUANTILES, axis=1) for key, draws in fans.items()}
    top = max([float(past[1].max()), *(float(band.max()) for band in bands.values()), *(p.total for p in later)])
    height, gap = 1.25, 0.5
    first, last = day_numbers(past[0])[0], day_numbers(days)[-1]
    with styled():
        figure = blank(len(bands) * (height + gap) + 0.3)
        for k, (key, band) in enumerate(bands.items()):
            axes = panel(figure, 0.6, (len(bands) - 1 - k) * (height + gap) + 0.4, WIDTH - 0.75, height)
            fan(axes, day_numbers(days), band)
            axes.plot(day_numbers(past[0]), past[1], color=BLACK, linewidth=1, marker="o", markersize=2)
            if later:
                axes.plot(day_numbers([p.day for p in later]), [p.total for p in later], "o", color=BLACK,
                          markerfacecolor="white", markersize=3)  # fmt: skip
            axes.set_title(plain(f"{key}, {unit}"))
            count_axis(axes, top, log=False)
            date_axis(axes, first, last)
        rows = [[key, str(day), *band[:, k]] for key, band in bands.items() for k, day in enumerate(days)]
        svg = save(figure, name, home, ["forecaster", "date", *(f"q{q:g}" for q in QUANTILES)], rows)
    middle = "; ".join(f"{key}: median {band[2, -1]:.0f} on the last day, 90 % {band[0, -1]:.0f} to {band[4, -1]:.0f}"
                       for key, band in bands.items())  # fmt: skip
    caption = "Black: what was known. Blue: median, 50 and 90 % of the draws of each forecaster."
    caption += " White dots: published later, not seen by any forecaster." if later else ""
    return Drawing(name, title, caption, f"Fan charts. {middle}.", svg, ())


def _write(
    title: str, meta: str, words: Sequence[str], drawing: Drawing, table: Table, command: str, folder: Path
) -> Path:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    style = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))
    text = environment.get_template("forecast.html.j2").render(
        title=title,
        meta=meta,
        words=words,
        drawings=[drawing],
        table=table,
        limits=LIMITS,
        command=command,
        style=style,
        svg=Markup,
    )
    page, part = folder / "index.html", folder / "index.partial"
    part.write_text(text, encoding="utf-8")
    return part.replace(page)
