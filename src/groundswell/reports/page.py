"""The page: one file that opens offline, without scripts and without any outside request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.reports.tables import Link, show

if TYPE_CHECKING:
    import xarray as xr
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def write_report(runs: xr.Dataset, folder: Path) -> Path:
    """Write `report/index.html` and `report/figures/` (SVG, PNG and CSV of each figure) under `folder`.

    Returns the path of the page. Existing files of these names are replaced. Raises StoreError where the runs carry no
    scenario.
    """
    from groundswell.reports.failures import three_lines
    from groundswell.reports.sections import context_of, sections
    from groundswell.reports.series import Runs

    cut = Runs(runs)
    home = Path(folder) / "report"
    figures = home / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    context = context_of(cut, figures)
    parts = sections(context)
    three = three_lines(context.found, context.compared, at_default=cut.case.scenario.at_default)
    page = home / "index.html"
    page.write_text(_render(cut, parts, three), encoding="utf-8")
    return page


def environment(*, escape: bool = True) -> Environment:
    """The templates of reports; `escape` is for pages, where the text of users must not be markup."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.tests["link"] = lambda cell: isinstance(cell, Link)
    return made


def _render(cut: Any, parts: list[Any], outcome: tuple[str, ...]) -> str:
    from markupsafe import Markup

    case = cut.case
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            title=case.scenario.title,
            note=case.scenario.note,
            explanation=case.explanation,
            given=case.given_responses,
            three=case.what_it_is(),
            outcome=outcome,
            sections=parts,
            replicates=cut.replicates,
            period=case.scenario.period,
            style=Markup(style),
            svg=Markup,
            show=show,
        )
    )
