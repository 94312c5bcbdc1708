"""A page of events: map, timeline, calendar and coverage by country; one file, offline, without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.reports.page import TEMPLATES, environment
from groundswell.world.events import Events

MOST_COUNTRIES = 6


def write_page(events: Events, folder: Path, *, title: str = "Events", country: str = "") -> Path:
    """Write `index.html` and `figures/` (SVG, PNG and CSV of each figure) under a folder; returns the page.

    Countries stand in the order of the table, the first MOST_COUNTRIES of them; `country` chooses one. Raises
    GroundswellError where there is no event, no such country, or where the folder cannot be written.
    """
    from groundswell.reports.figures_coverage import draw_coverage
    from groundswell.reports.figures_events import draw_calendar, draw_map, draw_timeline, part_of

    found = [str(name) for name in dict.fromkeys(events.columns["country"])]
    if not found:
        raise GroundswellError(Problem("events-none", title, "holds no event", "read a file with events first"))
    if country and country not in found:
        raise GroundswellError(Problem("events-country", f"country '{country}'", "is not in the table",
                                       nearest(country, found)))  # fmt: skip
    shown = [country] if country else found[:MOST_COUNTRIES]
    figures, page = Path(folder) / "figures", Path(folder) / "index.html"
    try:
        figures.mkdir(parents=True, exist_ok=True)
        parts: list[dict[str, Any]] = []
        for number, name in enumerate(shown, 1):
            part = part_of(events, name, number)
            drawings = (draw_map(part, figures), draw_timeline(part, figures), draw_calendar(part, figures),
                        draw_coverage(part, figures))  # fmt: skip
            kept = [one for one in drawings if one is not None]
            parts.append({"id": part.slug, "title": name, "events": len(part.events), "replicates": part.replicates,
                          "drawings": kept, "map": drawings[0] is not None})  # fmt: skip
        page.write_text(_render(title, events, parts, found[len(shown) :] if not country else []), encoding="utf-8")
    except OSError as error:
        raise GroundswellError(Problem("events-write", str(folder), f"cannot be written ({error.strerror or error})",
                                       "choose another folder")) from error  # fmt: skip
    return page


def _render(title: str, events: Events, parts: list[dict[str, Any]], left: list[str]) -> str:
    from markupsafe import Markup

    from groundswell.evidence.sources import SOURCES
    from groundswell.reports.tables import show

    names = [str(name) for name in dict.fromkeys(events.columns["source"])]
    days = events.columns["day"].astype("datetime64[D]")
    return environment().get_template("events.html.j2").render(
        title=title, parts=parts, left=left, sources=[(name, SOURCES.get(name)) for name in names], show=show,
        svg=Markup,
        first=days.min().astype(object), last=days.max().astype(object), total=len(events),
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
    )  # fmt: skip
