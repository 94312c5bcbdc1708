"""Any CSV through a column map: a small TOML file that says which column is what."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.evidence.cells import Cells
from groundswell.evidence.reading import RowRefused
from groundswell.evidence.sources.base import Event, Source, event

SCHEMA = 1
FIXED = ("source", "country", "kind", "actor", "target")
COUNTS = ("size", "arrests", "injuries", "deaths", "deaths_low", "deaths_high")
COLUMNS = ("day", "end", "country", "place", "kind", "actor", "target", "latitude", "longitude", "id", *COUNTS)
KEYS = ("schema", "title", "licence", "citation", "day_first", *FIXED, "columns", "kinds")


def read_map(path: Path | str) -> Source:
    """The source that a column map describes. Raises GroundswellError with every fault of the map."""
    path = Path(path)
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise GroundswellError(
            Problem("map-file", path.name, f"cannot be read ({error})", "give a TOML file in UTF-8")
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise GroundswellError(Problem("map-file", path.name, f"is not TOML: {error}", "mend that line")) from error
    problems = list(_faults(told, path.name))
    if problems:
        raise GroundswellError(problems)
    return _source(told, path.stem)


def _faults(told: dict[str, Any], file: str) -> list[Problem]:
    found = [Problem("map-key", f"{file}: {key}", "is not a key of a column map", nearest(key, KEYS))
             for key in told if key not in KEYS]  # fmt: skip
    if told.get("schema") != SCHEMA:
        found.append(Problem("map-schema", file, f"lacks the line schema = {SCHEMA}", f"write schema = {SCHEMA}"))
    columns, kinds = told.get("columns"), told.get("kinds", {})
    for name, table in (("columns", columns), ("kinds", kinds)):
        if not isinstance(table, dict) or not all(isinstance(value, str) and value for value in table.values()):
            cure = f'write [{name}] with lines such as {"day" if name == "columns" else "march"} = "text"'
            return [*found, Problem("map-columns", f"{file}: {name}", "is no table of texts", cure)]
    assert isinstance(columns, dict)
    found += [Problem("map-columns", f"{file}: columns.{key}", "is not a column of events", nearest(key, COLUMNS))
              for key in columns if key not in COLUMNS]  # fmt: skip
    found += [Problem("map-columns", f"{file}: {key}", "is not text", "write text in double quotes")
              for key in (*FIXED, "title", "licence", "citation")
              if not isinstance(told.get(key, ""), str)]  # fmt: skip
    if not isinstance(told.get("day_first", True), bool):
        found.append(Problem("map-columns", f"{file}: day_first", "is neither true nor false", "write true or false"))
    for need in ("day", "country", "kind"):
        if need not in columns and not (need != "day" and told.get(need)):
            cure = f'say which column it is: {need} = "..." under [columns]' + (
                "" if need == "day" else f', or {need} = "..." above it where it is always the same'
            )
            found.append(Problem("map-columns", file, f"does not say the {need} of an event", cure))
    if ("latitude" in columns) != ("longitude" in columns):
        found.append(Problem("map-columns", file, "has one coordinate only", "give latitude and longitude, or neither"))
    return found


def _source(told: dict[str, Any], stem: str) -> Source:
    columns: dict[str, str] = {name: column.casefold().strip() for name, column in told["columns"].items()}
    kinds = {word.casefold(): kind for word, kind in told.get("kinds", {}).items()}

    def row(cells: Cells) -> Event:
        return _row(cells, told, columns, kinds)

    name = told.get("source") or stem
    return Source(
        name=name, title=told.get("title", name), publisher="as the column map says",
        licence=told.get("licence", "not stated in the column map"),
        citation=told.get("citation", "not stated in the column map"), how_to_get="your own file", covers="", traps="",
        layouts={"column map": tuple(dict.fromkeys(columns.values()))}, key=columns.get("id", ""),
        counts=tuple(dict.fromkeys(name.partition("_")[0] for name in COUNTS if name in columns)), row=row,
    )  # fmt: skip


def _row(cells: Cells, told: dict[str, Any], columns: dict[str, str], kinds: dict[str, str]) -> Event:
    if "day_first" in told:
        cells.day_first = told["day_first"]

    def text(name: str) -> str:
        given = cells[columns[name]] if name in columns else ""
        return given or str(told.get(name, ""))

    start = cells.day(columns["day"])
    end = cells.day(columns["end"]) if "end" in columns and cells[columns["end"]] else start
    if end < start:
        raise RowRefused("ends before it starts", f"{start} to {end}")
    country = cells.country(text("country"))
    kind = kinds.get(text("kind").casefold(), "" if kinds and "kind" in columns else text("kind"))
    if not kind:
        raise RowRefused("kind not in the map", text("kind"))
    point = cells.point(columns["latitude"], columns["longitude"]) if "latitude" in columns else None
    place = cells.place(country, text("place"), point)
    return event(day=start, day_precision=(end - start) // dt.timedelta(days=1), country=country, place=place,
                 kind=kind, actor=text("actor"), target=text("target"), **_numbers(cells, columns))  # fmt: skip


def _numbers(cells: Cells, columns: dict[str, str]) -> dict[str, int]:
    given = {name: cells.count(columns[name], empty=0) for name in COUNTS if name in columns}
    made = {name: given.get(name, 0) for name in ("size", "arrests", "injuries")}
    best = given.get("deaths", max(given.get("deaths_low", 0), 0))
    low, high = given.get("deaths_low", best), given.get("deaths_high", best)
    if not low <= best <= high:
        cells.repair("deaths out of order; the span holds all", f"{low}, {best}, {high}")
        low, high = min(low, best, high), max(low, best, high)
    return made | {"deaths_low": low, "deaths_best": best, "deaths_high": high}
