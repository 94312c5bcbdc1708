"""One page for a study: what four commands found, each with its main figure and a link to its own page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.reports.inference_page import LIMITS, Picture, of_choice, of_fit
from groundswell.reports.page import TEMPLATES, environment
from groundswell.reports.tables import Cell, Table

if TYPE_CHECKING:
    from groundswell.inference.compare import Choice
    from groundswell.inference.fit import Fit
    from groundswell.ledger.book import Ledger
    from groundswell.ledger.findings import Finding


@dataclass(frozen=True)
class Stage:
    """What one command found: a question, lines to read first, figures, tables, and its own page (None where it could
    not be asked; a line says why).
    """

    name: str
    title: str
    lines: tuple[str, ...]
    page: Path | None = None
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()


def ran(folder: Path) -> Stage:
    """Of a run's folder: what came out before any fit, what failed, what to ignore; harm first."""
    from groundswell.engine.store import load_runs
    from groundswell.reports.failures import failures, three_lines
    from groundswell.reports.misses import compare
    from groundswell.reports.series import Runs

    runs = Runs(load_runs(folder))
    lines = three_lines(failures(runs), compare(runs)[0], at_default=runs.case.scenario.at_default)
    return Stage("run", "What does the case imply before any fit?", lines, folder / "report" / "index.html")


def fitted(fit: Fit, page: Path) -> Stage:
    """Of a calibration: what was learned and what was not."""
    pictures, tables = of_fit(fit)
    return Stage("calibrate", "What do the data say of its numbers?", fit.lines, page, pictures, tables[:1])


def compared(choice: Choice, lines: tuple[str, ...], page: Path) -> Stage:
    """Of a comparison: which explanation, or that it cannot be told."""
    picture, table = of_choice(choice)
    return Stage("compare", "Which explanation made the data?", lines, page, (picture,), (table,))


def judged(found: list[tuple[Ledger, list[Finding]]], page: Path) -> Stage:
    """Of the ledgers: how many claims have which finding."""
    from groundswell.ledger.findings import WORDS, tally

    counts = [(ledger, tally(some)) for ledger, some in found]
    lines = tuple(
        f"{ledger.title}: of {sum(count.values())} claims {', '.join(f'{n} {word}' for word, n in count.items() if n)}."
        for ledger, count in counts
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (ledger.title, *(count[word] for word in WORDS)) for ledger, count in counts
    )
    note = "A finding speaks of a claim and of the record at hand, never of a person. No account is endorsed."
    table = Table("Claims by finding", ("ledger", *WORDS), rows, note)
    return Stage("claims", "What does the record say of each stated claim?", lines, page, (), (table,))


def write(title: str, stages: tuple[Stage, ...], path: Path, *, command: str, quick: bool) -> Path:
    """Write the page, whole or not at all, and return its path. `quick` puts a watermark over it, on paper too.

    Raises GroundswellError where it cannot be written.
    """
    from markupsafe import Markup

    from groundswell.errors import GroundswellError, Problem

    links = {stage.name: os.path.relpath(stage.page, path.parent) for stage in stages if stage.page is not None}
    made = environment().get_template("study.html.j2").render(
        title=title, stages=stages, links=links, command=command, quick=quick, limits=LIMITS, svg=Markup,
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
    )  # fmt: skip
    part = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(made, encoding="utf-8")
        return part.replace(path)
    except OSError as error:
        raise GroundswellError(Problem("page-write", str(path), f"cannot be written ({error.strerror or error})",
                                       "choose another --out")) from error  # fmt: skip
