"""From a user's own file to the event table, chunk by chunk: `read_events` in memory, `convert` from file to file."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.evidence.cells import Cells
from groundswell.evidence.reading import Note, Reading, RowLeftOut, RowRefused
from groundswell.evidence.seen import Seen
from groundswell.evidence.sources import SOURCES, source_of
from groundswell.evidence.sources.base import Source
from groundswell.evidence.sources.mapped import read_map
from groundswell.evidence.stream import ENCODINGS, Input, delimiter_of, encoding_of, rows
from groundswell.world.events import COLUMNS, Events, Writer

CHUNK = 20_000  # rows held at a time
MOST_PLACES = 10_000
MOST_TEXT = 200
Progress = Callable[[int], None]


def read_events(
    source: Path | str | bytes, kind: str = "", *, columns: Path | str = "", encoding: str = "",
    day_first: bool | None = None,
) -> tuple[Events, Reading]:  # fmt: skip
    """The events of a file (CSV, .csv.gz, .zip with one CSV, or its bytes), and what reading it did.

    `kind` names the source (`groundswell data` lists them); by default the columns tell. `columns` is a column map in
    TOML for any other CSV. `encoding` is one of ENCODINGS; by default it is found. `day_first` says how 03/04/2019 is
    to be read. Raises GroundswellError where the file as a whole cannot be read; single rows are refused in the report.
    """
    made, reading = _begin(Input.of(source), kind, columns, encoding)
    return Events.joined(list(_chunks(made, reading, day_first, None))), reading


def convert(
    source: Path | str, out: Path, kind: str = "", *, columns: Path | str = "", encoding: str = "",
    day_first: bool | None = None, progress: Progress | None = None,
) -> Reading:  # fmt: skip
    """Read a file and write `out` (Parquet), and every note on a row to a CSV beside it, `<out>.notes.csv`.

    Memory does not grow with the file but for 16 bytes a row, by which repeats are found. Neither file is there under
    its name before both are whole. Raises as read_events does.
    """
    made, reading = _begin(Input.of(Path(source)), kind, columns, encoding)
    notes = notes_of(out)
    parts = out.with_name(out.name + ".partial"), notes.with_name(notes.name + ".partial")
    try:
        with parts[1].open("w", encoding="utf-8", newline="") as stream, Writer(parts[0]) as writer:
            lines = csv.writer(stream, lineterminator="\n")
            lines.writerow(Note._fields)
            reading.sink = lines.writerow
            for chunk in _chunks(made, reading, day_first, progress):
                writer.add(chunk)
        parts[1].replace(notes)
        parts[0].replace(out)
    except OSError as error:
        raise GroundswellError(
            Problem("data-write", str(out), f"cannot be written ({error.strerror or error})", "choose another place")
        ) from error
    finally:
        reading.sink = None
        for part in parts:
            part.unlink(missing_ok=True)
    return reading


def notes_of(out: Path) -> Path:
    """Where the notes on a converted file lie: `events.parquet` has `events.notes.csv`."""
    return out.with_name(f"{out.stem}.notes.csv")


class _Made:
    """A file that was opened: which source, its columns and how it is written."""

    def __init__(self, source: Input, chosen: Source, header: list[str], encoding: str, delimiter: str) -> None:
        self.input, self.source, self.header = source, chosen, header
        self.encoding, self.delimiter = encoding, delimiter


def _begin(source: Input, kind: str, columns: Path | str, encoding: str) -> tuple[_Made, Reading]:
    if encoding and encoding not in ENCODINGS:
        raise GroundswellError(
            Problem("data-encoding", f"encoding '{encoding}'", "is not known", nearest(encoding, ENCODINGS))
        )
    given = encoding or encoding_of(source)
    delimiter = delimiter_of(source, given)
    first = next(rows(source, given, delimiter), None)
    if first is None:
        raise GroundswellError(
            Problem("data-header", source.name, "is empty", "give a CSV with a line of column names")
        )
    header = [name.removeprefix("\ufeff").casefold().strip() for name in first[1]]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise GroundswellError(
            Problem("data-header", f"{source.name}, line {first[0]}", f"has the column '{twice[0]}' twice",
                    "give each column its own name")
        )  # fmt: skip
    chosen, layout = _chosen(source.name, header, read_map(columns) if columns else None, kind)
    reading = Reading(chosen.name, source.name, given, layout)
    if header != first[1]:
        reading.note(first[0], "repaired", "column names in capitals or with blanks", "")
    if not encoding and given in ("cp1256", "latin-1"):
        reading.note(1, "repaired", f"not UTF-8: read as {given}, a guess (say which: --encoding)", "")
    if delimiter != ",":
        reading.note(first[0], "repaired", "cells parted by " + {";": "semicolons", "\t": "tabulators"}[delimiter], "")
    return _Made(source, chosen, header, given, delimiter), reading


def _chosen(file: str, header: list[str], mapped: Source | None, kind: str) -> tuple[Source, str]:
    asked = [mapped] if mapped else [source_of(kind)] if kind else list(SOURCES.values())
    fits = [(len(needed), source, name) for source in asked for name, needed in source.layouts.items()
            if set(needed) <= set(header)]  # fmt: skip
    if fits:
        _, source, name = max(fits, key=lambda fit: fit[0])
        return source, name
    if len(asked) > 1:
        raise GroundswellError(
            Problem("data-columns", file, "has the columns of no known source",
                    "say which it is (--source), or give a column map (--columns); known are: " + ", ".join(SOURCES))
        )  # fmt: skip
    needed = min(asked[0].layouts.values(), key=lambda names: len(set(names) - set(header)))
    lacking = [name for name in needed if name not in header]
    others = [s.name for s in SOURCES.values() if any(set(n) <= set(header) for n in s.layouts.values())]
    cure = f"its columns are those of {others[0]}" if others and not mapped else nearest(lacking[0], header)
    raise GroundswellError(
        Problem("data-columns", file, f"lacks what {asked[0].name} needs: {', '.join(lacking)}", cure)
    )


def _chunks(made: _Made, reading: Reading, day_first: bool | None, progress: Progress | None) -> Iterator[Events]:
    held: list[dict[str, Any]] = []
    reader = _Rows(made, reading, day_first)
    source = rows(made.input, made.encoding, made.delimiter)
    next(source)
    for line, cells in source:
        found = reader.event(line, cells)
        if found is not None:
            held.append(found)
        if len(held) == CHUNK:
            yield _table(held)
            held = []
        if progress is not None and reading.rows % CHUNK == 0:
            progress(reading.rows)
    if reading.rows and not reading.events and reading.total("refused"):
        (_, why), _ = max(((key, n) for key, n in reading.counts.items() if key[0] == "refused"), key=lambda kv: kv[1])
        example = reading.examples["refused", why][0]
        raise GroundswellError(
            Problem("data-nothing", f"{made.input.name}, line {example.line}", f"no row of {reading.rows:,} can be "
                    f"read; most often: {why} ({example.detail})", "check that the columns hold what their names say")
        )  # fmt: skip
    yield _table(held)


class _Rows:
    """Turns rows into events, and notes whatever is done to one."""

    def __init__(self, made: _Made, reading: Reading, day_first: bool | None) -> None:
        self.made, self.reading, self.day_first = made, reading, day_first
        self.seen, self.keys = Seen(), Seen()

    def event(self, line: int, row: list[str]) -> dict[str, Any] | None:
        """The event of a row, or None where it was refused or left out."""
        if row[0].startswith("#") and self.reading.rows == 0:
            self.reading.note(line, "repaired", "a second line of tags after the column names, passed over", row[0])
            return None
        self.reading.rows += 1
        try:
            cells = Cells(line, self._cells(line, row), self.day_first)
            self._repeats(line, row, cells)
            found = self.made.source.row(cells)
            found["source"] = self.made.source.name
            if found["day"] > dt.date.today():
                raise RowRefused("on a day to come", str(found["day"]))
            for name in ("country", "place", "kind", "actor", "target"):
                if len(found[name]) > MOST_TEXT:
                    raise RowRefused(f"text longer than {MOST_TEXT} characters", f"{name} {found[name][:40]}...")
        except RowLeftOut as out:
            self.reading.note(line, "left out", out.kind, out.detail)
            return None
        except RowRefused as refused:
            self.reading.note(line, "refused", refused.kind, refused.detail)
            return None
        key = self.made.source.key
        if key and self.keys.add(cells[key]):  # only rows that became events count: a bad one does not bar a good one
            self.reading.note(line, "refused", f"its {key} stands in an earlier row with other cells", cells[key])
            return None
        for repair, detail in cells.repairs:
            self.reading.note(line, "repaired", repair, detail)
        self.reading.add(found["country"], found["place"], found["day"])
        if len(self.reading.covered) > MOST_PLACES:
            raise GroundswellError(
                Problem("data-places", f"{self.made.input.name}, line {line}", f"has more than {MOST_PLACES:,} places",
                        "check which column holds the place; places are governorates, not addresses")
            )  # fmt: skip
        return found

    def _cells(self, line: int, row: list[str]) -> dict[str, str]:
        more = len(row) - len(self.made.header)
        if more and (more < 0 or any(row[-more:])):
            raise RowRefused("not as many cells as columns", f"{len(row)} cells, {len(self.made.header)} columns")
        if more:
            self.reading.note(line, "repaired", "empty cells beyond the last column", "")
        return dict(zip(self.made.header, row, strict=False))

    def _repeats(self, line: int, row: list[str], cells: Cells) -> None:
        key = self.made.source.key
        again = self.seen.add("\x1f".join(row))
        if again and key:
            raise RowLeftOut("repeats an earlier row in every cell", cells[key])
        if again:
            self.reading.note(line, "doubtful", "repeats an earlier row in every cell; kept, as rows have no id", "")
        if key and not cells[key]:
            raise RowRefused(f"{key} missing", "")


def _table(held: list[dict[str, Any]]) -> Events:
    return Events({
        name: np.array([row[name] for row in held], dtype=object if kind == "str" else kind)
        for name, kind in COLUMNS.items()
    })  # fmt: skip
