"""A page about one published model: what was checked, figures, a table; one file that loads nothing from elsewhere."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.canon.base import Text
from groundswell.reports.drawing import inline, rounded
from groundswell.reports.page import TEMPLATES as SHARED
from groundswell.reports.tables import Cell, Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Picture:
    """A figure of the page: inline SVG, title, caption, and a text for who cannot see it."""

    title: str
    caption: str
    alt: str
    svg: str


@dataclass(frozen=True)
class Page:
    """What stands on a page, in this order: model and command, what was checked, pictures, tables."""

    text: Text
    equations: str
    command: str
    digest: str
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    lines: tuple[str, ...] = field(default=())


def svg_of(figure: Figure, name: str) -> str:
    """The figure as an SVG element, with ids that start with `name`; the same bytes every time."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.StringIO()
    nothing: dict[str, Any] = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    vector: Any = FigureCanvasSVG(figure)  # not typed
    vector.print_svg(stream, metadata=nothing)
    return inline(rounded(stream.getvalue()), name)


def table_of(title: str, frame: pd.DataFrame, note: str = "") -> Table:
    """A pandas table with blanks for underscores in its heads, and a last row of means where it has several rows."""
    rows = [tuple(_cell(value) for value in row) for row in frame.itertuples(index=False)]
    if len(rows) > 1 and "replicate" in frame:
        means = frame.drop(columns="replicate").astype(float).mean()
        rows.append(("mean", *(_cell(float(means[name])) for name in frame.columns if name != "replicate")))
        rows = [(str(row[0]), *row[1:]) for row in rows]
    return Table(title, tuple(str(name).replace("_", " ") for name in frame.columns), tuple(rows), note)


def _cell(value: Any) -> Cell:
    if value is None or value != value:
        return None
    return value.item() if hasattr(value, "item") else value  # type: ignore[no-any-return]


def options_of(rules: Any) -> Table:
    """A table of all options of a model and their values here."""
    rows = tuple((part.name.replace("_", " "), _shown(getattr(rules, part.name))) for part in fields(rules))
    return Table("Options of this run", ("option", "value"), rows)


def _shown(value: Any) -> str:
    return "yes" if value is True else "no" if value is False else "–" if value is None else f"{value}"


def write(page: Page, path: Path) -> Path:
    """Write the page and return its path; folders on the way are made, an existing file is replaced."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    style = (SHARED / "style.css").read_text(encoding="utf-8")
    made = environment.get_template("page.html.j2").render(page=page, style=Markup(style), svg=Markup)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made, encoding="utf-8")
    return path
