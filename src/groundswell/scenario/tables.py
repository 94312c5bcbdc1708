"""CSV files of a case: UTF-8, commas, one header line, ISO dates; lines that start with # are comments."""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundswell.errors import Problem, nearest
from groundswell.scenario.locate import Path as Key

MOST_BYTES = 20_000_000
MOST_LINES = 200_000
SUFFIXES = ("low", "high", "log", "source")


@dataclass
class Origins:
    """Where paths of one scenario were written: lines of its TOML file, and cells of its CSV files."""

    file: str
    lines: dict[Key, int] = field(default_factory=dict)
    cells: dict[Key, tuple[str, int, str]] = field(default_factory=dict)

    def where(self, path: Key) -> str:
        """`file.toml:14: key`, or `file.csv, line 3, column x`; the nearest ancestor that was found gives the line."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.cells:
                return place_of(*self.cells[path[:length]])
            if path[:length] in self.lines:
                return f"{self.file}:{self.lines[path[:length]]}: {'.'.join(path)}"
        return f"{self.file}: {'.'.join(path)}" if path else self.file


def place_of(file: str, line: int, column: str = "") -> str:
    """`places.csv, line 3, column population`."""
    return f"{file}, line {line}" + (f", column {column}" if column else "")


@dataclass(frozen=True)
class Line:
    """One line of a CSV: its number in the file (from 1) and its cells that are not empty, by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A CSV as read: `header` its columns, `header_line` the number of that line."""

    file: str
    header: tuple[str, ...]
    header_line: int
    lines: tuple[Line, ...]


def inside(folder: Path, name: str) -> Path | None:
    """The file of that relative name, or None where it is absolute or leads out of the folder (links followed)."""
    if not name or "\0" in name or "\\" in name or Path(name).is_absolute() or ".." in Path(name).parts:
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


def read_text(path: Path, shown: str, most: int = MOST_BYTES) -> str | Problem:
    """The text of a file (UTF-8, with or without a byte order mark), or what is wrong with it."""
    try:
        if path.stat().st_size > most:
            return Problem("file-size", shown, f"is larger than {most // 1_000_000} MB", "leave rows out")
        raw = path.read_bytes()
    except OSError as error:
        found = [p.name for p in path.parent.iterdir() if p.is_file()] if path.parent.is_dir() else []
        fault = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        return Problem("file-missing", shown, fault, f"check the name; {nearest(path.name, found)}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return Problem("encoding", f"{shown}, line {line}", "is not UTF-8 text", "save the file as UTF-8")


def read_sheet(text: str, file: str, needed: Iterable[str] = ()) -> tuple[Sheet | None, list[Problem]]:
    """The lines of a CSV text, and what is wrong with them. No sheet where the header cannot be used."""
    problems: list[Problem] = []
    parsed = list(_cells(text, file, problems))
    if not parsed:
        cure = f"begin with a line of column names{_such_as(needed)}"
        return None, [*problems, Problem("csv-header", file, "has no header line", cure)]
    number, header = parsed[0]
    where = place_of(file, number)
    for column in sorted({c for c in header if header.count(c) > 1 or not c}):
        fault = f"has the column '{column}' twice" if column else "has a column without a name"
        problems.append(Problem("csv-header", where, fault, "give each column its own name"))
    for column in needed:
        if column not in header:
            cure = "part columns by commas" if ";" in header[0] or "\t" in header[0] else f"{nearest(column, header)}"
            problems.append(Problem("csv-column", where, f"lacks the column '{column}'", cure))
    if problems and any(p.refusal in ("csv-header", "csv-column") for p in problems):
        return None, problems
    if len(parsed) > MOST_LINES:
        return None, [*problems, Problem("file-size", file, f"has more than {MOST_LINES} lines", "leave rows out")]
    lines = []
    for number, cells in parsed[1:]:
        if len(cells) != len(header):
            problems.append(
                Problem(
                    "csv-ragged",
                    place_of(file, number),
                    f"has {len(cells)} cells where the header has {len(header)}",
                    "put text that holds a comma in double quotes",
                )
            )
            continue
        lines.append(Line(number, {c: cell for c, cell in zip(header, cells, strict=True) if cell}))
    return Sheet(file, tuple(header), parsed[0][0], tuple(lines)), problems


def _such_as(needed: Iterable[str]) -> str:
    names = ",".join(needed)
    return f", here {names}" if names else ""


def _cells(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(re.split("\r\n|\r|\n", text), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            row = next(csv.reader([line], strict=True))
        except (csv.Error, StopIteration) as error:
            problems.append(
                Problem(
                    "csv-quotes",
                    place_of(file, number),
                    f"cannot be parted into cells ({error})",
                    "close each double quote on its own line, and double it inside a text",
                )
            )
            continue
        yield number, [cell.strip() for cell in row]


def number(text: str) -> float:
    """A plain decimal number; raises ValueError for anything else, also for nan and inf."""
    if not re.fullmatch(r"[+-]?([0-9][0-9_]*\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        raise ValueError(f"'{text}' is not a number")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is too large")
    return value


def date(text: str) -> dt.date:
    """A date as 2019-10-01; raises ValueError for anything else."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"'{text}' is not a date")
    return dt.date.fromisoformat(text)


def truth(text: str) -> bool:
    """true, yes or 1; false, no or 0; raises ValueError for anything else."""
    if text.lower() not in ("true", "yes", "1", "false", "no", "0"):
        raise ValueError(f"'{text}' is neither true nor false")
    return text.lower() in ("true", "yes", "1")


_CURES: dict[Callable[[str], Any], str] = {
    number: "write a number such as 0.4 or 1200, with a point and without blanks or commas",
    date: "write year-month-day, such as 2019-10-01",
    truth: "write true or false",
}


def convert(text: str, parse: Callable[[str], Any], where: str) -> Any | Problem:
    """The parsed cell, or what is wrong with it."""
    try:
        return parse(text)
    except ValueError as error:
        fault = str(error) if "'" in str(error) else f"'{text}': {error}"
        if parse is date:
            return Problem("csv-date", where, fault, _CURES[parse])
        if parse is truth:
            return Problem("csv-truth", where, fault, _CURES[parse])
        return Problem("csv-number", where, fault, _CURES[parse])


def quantity(
    cells: dict[str, str], column: str, where: Callable[[str], str], prefix: str | None = None
) -> tuple[Any, list[Problem]]:
    """The column's number with its `_low`, `_high`, `_log` and `_source`, as a scenario file would write it.

    `prefix` takes the place of `column_` in the names of those four.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    prefix = f"{column}_" if prefix is None else prefix
    parsers: tuple[tuple[str, Callable[[str], Any]], ...]
    parsers = (("", number), ("low", number), ("high", number), ("log", truth))
    for suffix, parse in parsers:
        name = f"{prefix}{suffix}" if suffix else column
        if name in cells:
            got = convert(cells[name], parse, where(name))
            problems += [got] if isinstance(got, Problem) else []
            found[suffix] = got
    if problems:
        return None, problems
    source = cells.get(f"{prefix}source", cells.get("source", ""))
    if "" not in found or ("low" in found) != ("high" in found):
        lacking = column if "" not in found else f"{prefix}high" if "low" in found else f"{prefix}low"
        cure = f"give {column}, {prefix}low and {prefix}high"
        return None, [Problem("csv-range", where(column), f"has a part of a guess, but no {lacking}", cure)]
    if "low" in found:
        span = [found["low"], found["high"]]
        return {"guess": found[""], "range": span, "log": found.get("log", False), "source": source}, []
    return {"value": found[""], "source": source}, []
