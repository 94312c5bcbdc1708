"""`groundswell data`: what sources of events there are, and a user's own files made into the event table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from groundswell.cli.shared import Json, bar, say, usage

data = App(
    name="data",
    help="Sources of recorded events: list them, read your own files, show them.\n\n"
    "For example: `groundswell data`, then `groundswell data read my_download.csv --out events.parquet`.",
    help_format="plaintext",
)
Source = Annotated[str, Parameter(help="Which source; `groundswell data` lists them. By default the columns tell.")]


@data.default
def sources(*, as_json: Json = False) -> None:
    """List the sources: what each is, its licence, its citation, how to get it, and what it does not cover.

    For example:

        groundswell data
        groundswell data --json
    """
    from groundswell.evidence.sources import SOURCES

    say(as_json, [source.facts() for source in SOURCES.values()], "\n\n".join(
        f"{source.name}: {source.title}\n  publisher: {source.publisher}\n  licence: {source.licence}\n"
        f"  cite: {source.citation}\n  get it: {source.how_to_get}\n  covers: {source.covers}\n  mind: {source.traps}\n"
        f"  counts: {', '.join(source.counts)}; download: {'yes' if source.download else 'by hand only'}"
        for source in SOURCES.values()
    ) + "\n\nAny other CSV: groundswell data read FILE --columns MAP.toml")  # fmt: skip


@data.command
def read(
    file: Path,
    *,
    source: Source = "",
    columns: Path | None = None,
    out: Path | None = None,
    encoding: str = "",
    day_first: Annotated[bool, Parameter(negative=())] = False,
    month_first: Annotated[bool, Parameter(negative=())] = False,
    as_json: Json = False,
) -> None:
    """Read a CSV (also .csv.gz, or a zip with one CSV), print what was read, mended and refused, and write events.

    Writes OUT (Parquet) and, beside it, OUT's name with .notes.csv: a line for each thing that was done to a row.

    For example:

        groundswell data read ged251-csv.zip --out events.parquet
        groundswell data read export.csv --source acled --out events.parquet
        groundswell data read list.csv --columns list.toml --day-first --out events.parquet

    Parameters
    ----------
    file
        Your own download.
    columns
        A column map in TOML, for a CSV of another layout.
    out
        The file to write; without it the report is printed and nothing is written.
    encoding
        utf-8, utf-8-sig, cp1256 or latin-1; by default it is found.
    day_first
        03/04/2019 is 3 April.
    month_first
        03/04/2019 is 4 March.
    """
    from groundswell.evidence.read import convert, notes_of, read_events

    if day_first and month_first:
        raise SystemExit(usage("give --day-first or --month-first, not both"))
    order = True if day_first else False if month_first else None
    if out is not None and out.suffix != ".parquet":
        raise SystemExit(usage(f"--out {out}: the file is Parquet, so let its name end with .parquet"))
    if out is None:
        _, reading = read_events(file, source, columns=columns or "", encoding=encoding, day_first=order)
        say(as_json, reading.facts(), reading.text())
        return
    with bar("rows") as progress:
        reading = convert(file, out, source, columns=columns or "", encoding=encoding, day_first=order,
                          progress=lambda rows: progress(rows, 0))  # fmt: skip
    facts = {**reading.facts(), "out": str(out), "notes": str(notes_of(out))}
    say(as_json, facts, f"{reading.text()}\n{out} (every note: {notes_of(out)})")


@data.command
def get(
    source: str, *, version: str = "", folder: Path = Path("downloads"), sha256: str = "", as_json: Json = False
) -> None:
    """Download a source's file where its licence and its site allow that; run it again to go on where it stopped.

    For example:

        groundswell data get ucdp-ged
        groundswell data get ucdp-ged --version 19.1 --folder downloads

    Parameters
    ----------
    source
        Which source.
    version
        Which version; by default the newest that is known here.
    folder
        Where to put the file.
    sha256
        The checksum that the file must have; where it has another, nothing is kept.
    """
    from groundswell.evidence.download import download
    from groundswell.evidence.sources import source_of

    chosen = source_of(source)
    with bar("bytes") as progress:
        path = download(chosen, folder, version=version, sha256=sha256, progress=progress)
    say(as_json, {"file": str(path), "licence": chosen.licence, "citation": chosen.citation},
        f"{path}\nlicence: {chosen.licence}\ncite: {chosen.citation}")  # fmt: skip


@data.command
def show(events: Path, *, out: Path = Path("events-page"), country: str = "", as_json: Json = False) -> None:
    """Write a page with a map, a timeline, a calendar and what the source covers; one file, it opens offline.

    For example:

        groundswell data show events.parquet --out page
        groundswell data show out/iraq-2019/events.parquet --country iraq

    Parameters
    ----------
    events
        An event table: of `groundswell data read`, or of a run.
    out
        The folder to write.
    country
        Only this country.
    """
    from groundswell.reports.events_page import write_page
    from groundswell.world.events import Events

    page = write_page(Events.read(events), out, title=events.stem, country=country)
    say(as_json, {"page": str(page)}, str(page))
