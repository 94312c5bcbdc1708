"""The tables of a scenario file and its CSV files as frozen parts of a Scenario; faults are gathered, not raised."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from pydantic import ValidationError

from groundswell.errors import Problem, nearest
from groundswell.scenario import tables
from groundswell.scenario.check import LABELS, ROW_TABLES, known_columns, link_columns
from groundswell.scenario.communities import settable
from groundswell.scenario.groups import Groups
from groundswell.scenario.locate import Path as Key
from groundswell.scenario.numbers import REPORTED
from groundswell.scenario.reader import FORMS, M, shown
from groundswell.scenario.schema import (
    Anchor,
    Change,
    Count,
    Explanation,
    Period,
    Prior,
    Quantity,
    Reporter,
    Row,
    Scenario,
    Shock,
    Tie,
)

TOP = ("schema", "title", "version", "data_cut", "note", "period", "people", "record", "record_weekly", "anchors",
       "counts", "country", "place", "community", "person", "actor", "unit", "site", "tie", "shock", "mechanism",
       "prior", "explanation", "what_if", "reporting")  # fmt: skip
PLAIN = ("title", "version", "data_cut", "note", "people", "record", "record_weekly")
_BLANK = {"title": "", "period": Period(start=dt.date(2000, 1, 1), end=dt.date(2000, 1, 1))}


class Parts(Groups):
    """Reads one scenario, table by table."""

    def scenario(self, name: str) -> Scenario:
        """The scenario; what is at fault is left out of it, or replaced by something neutral."""
        self.unknown(self.data, TOP, ())
        made: dict[str, Any] = {key: self.data[key] for key in PLAIN if key in self.data}
        period = self.part(Period, self.data.get("period"), ("period",)) if "period" in self.data else None
        made |= {"period": period or _BLANK["period"]} if "period" in self.data else {}
        made |= {table: self.rows(table) for table in ROW_TABLES}
        made |= {
            "community": self.community(),
            "person": self.persons(),
            "tie": self.ties(),
            "anchor": self.anchors(),
            "count": self.counts(),
            "shock": self.shocks(),
            "reporting": self.reporters(),
            "mechanism": self.mechanisms(),
            "prior": self.priors(),
            "explanation": self.explanations(),
            "what_if": self.parts("what_if", Change),
        }
        told = {path[0] for path in self.broken if len(path) == 1}
        for key in ("country", "mechanism"):
            if key not in self.data:
                self.refuse((key,), Problem("key-missing", "", "is missing", f"write a table [{key}]"))
        try:
            return Scenario.model_validate({"name": name, **made})
        except ValidationError as error:
            wrong = {str(e["loc"][0]) for e in error.errors()}
            self.faults(error, (), Scenario, skip=told)
            kept = {key: value for key, value in made.items() if key not in wrong}
            blank = {key: value for key, value in _BLANK.items() if key in wrong}
            return Scenario.model_validate({"name": name[:80], **kept, **blank})

    # Rows ---------------------------------------------------------------------------------------------------------
    def rows(self, table: str) -> dict[str, Row]:
        """One table of rows, inline or from its CSV or both."""
        data = self.table(self.data.get(table, {}), (table,))
        found: dict[str, Row] = {}
        if isinstance(data.get("file"), str):
            found |= self._rows_of_file(table, data["file"])
        for name, cells in data.items():
            path = (table, name)
            if (name == "file" and isinstance(cells, str)) or not self.named(name, path):
                continue
            if name in found:
                self.refuse(path, Problem("row-twice", "", f"'{name}' is in the CSV too", "leave one out"))
                continue
            found[name] = self._row(table, self.table(cells, path), path)
        return found

    def _row(self, table: str, cells: dict[str, Any], path: Key) -> Row:
        columns: dict[str, Quantity] = {}
        words: dict[str, dict[str, str]] = {"links": {}, "labels": {}}
        source = cells.get("source", "")
        for key, value in cells.items():
            here = (*path, key)
            if key in link_columns(table) or key in (*LABELS, "source"):
                if not isinstance(value, str) or not 0 < len(value) <= 400:
                    self.refuse(
                        here, Problem("value", "", f"is {shown(value)}, not text", "write text in double quotes")
                    )
                elif key != "source":
                    words["labels" if key in LABELS else "links"][key] = value
            elif key not in settable(table):
                self.refuse(
                    here,
                    Problem(
                        "column-unknown", "", f"'{key}' is not a column of {table}", nearest(key, known_columns(table))
                    ),
                )
            else:
                number = self.quantity(value, here)
                if number is not None:
                    unsourced = not number.source and isinstance(source, str)
                    columns[key] = number.model_copy(update={"source": source}) if unsourced else number
        return Row(columns=columns, links=words["links"], labels=words["labels"])

    def _rows_of_file(self, table: str, file: str) -> dict[str, Row]:
        sheet = self.sheet(file, (table, "file"), ("actor", "place") if table == "unit" else ("name",))
        if sheet is None:
            return {}
        numbers = sorted(settable(table))
        suffixed = {f"{column}_{suffix}" for column in numbers for suffix in tables.SUFFIXES}
        self.columns(sheet, [*known_columns(table), *suffixed, "name", "source"])
        found: dict[str, Row] = {}
        for line in sheet.lines:
            cells = line.cells
            name = cells.get("name", f"{cells.get('actor', '')}@{cells.get('place', '')}" if table == "unit" else "")
            path = (table, name)
            where = (sheet.file, line.number)
            if name in found:
                self.problems.append(
                    Problem("row-twice", tables.place_of(*where), f"'{name}' is in the table twice", "leave one out")
                )
                continue
            self.origins.cells[path] = (*where, "")
            for column in cells:
                self.origins.cells[(*path, column)] = (*where, column)
            if self.named(name, path):
                plain: dict[str, Any] = {
                    c: cells[c] for c in (*LABELS, "source", *sorted(link_columns(table))) if c in cells
                }
                found[name] = self._row(table, plain | self._numbers(numbers, cells, path), path)
        return found

    def _numbers(self, columns: list[str], cells: dict[str, str], path: Key) -> dict[str, Any]:
        found = {}
        for column in columns:
            if any(part in cells for part in (column, *(f"{column}_{suffix}" for suffix in tables.SUFFIXES))):
                file, line, _ = self.origins.cells[path]
                value, problems = tables.quantity(cells, column, partial(tables.place_of, file, line))
                self.problems += problems
                if problems:
                    self.broken.add((*path, column))
                else:
                    found[column] = value
        return found

    # The rest -----------------------------------------------------------------------------------------------------
    def parts(self, key: str, model: type[M]) -> dict[str, M]:
        """A table of parts of one kind, such as `[what_if]`."""
        found = {}
        for name, data in self.table(self.data.get(key, {}), (key,)).items():
            made = self.part(model, self.table(data, (key, name)), (key, name))
            if made is not None and self.named(name, (key, name)):
                found[name] = made
        return found

    def priors(self) -> dict[str, Prior]:
        """`[prior]`: how the number of a path is drawn."""
        found = {}
        for path, data in self.table(self.data.get("prior", {}), ("prior",)).items():
            if not isinstance(data, dict) or len(data) != 1 or not isinstance(next(iter(data.values())), list):
                self.refuse(("prior", path), Problem("value", "", f"is {shown(data)}, not a prior", FORMS["Prior"]))
            elif (made := self.part(Prior, data, ("prior", path))) is not None:
                found[path] = made
        return found

    def ties(self) -> dict[str, Tie]:
        """`[tie.kind]`: pairs inline or from a CSV; `symmetric` makes each count both ways."""
        found = {}
        for kind, data in self.table(self.data.get("tie", {}), ("tie",)).items():
            path = ("tie", kind)
            data = self.table(data, path)
            self.unknown(data, ("file", "pairs", "source_table", "target_table", "symmetric", "source"), path)
            both = data.get("symmetric", False)
            if not isinstance(both, bool) or (both and data.get("source_table") != data.get("target_table")):
                self.refuse(
                    (*path, "symmetric"),
                    Problem(
                        "tie-symmetric",
                        "",
                        "needs true or false, and true needs both ends in one table",
                        "leave it out, or name one table twice",
                    ),
                )
                continue
            pairs = self._pairs(data["file"], path) if "file" in data else data.get("pairs", [])
            if both and isinstance(pairs, list):
                whole = [p for p in pairs if isinstance(p, list) and len(p) == 3]
                for n, (source, target, _) in enumerate(w for w in whole if w[0] != w[1]):
                    origin = self.origins.cells.get((*path, "pairs", str(whole.index([source, target, _]))))
                    if origin:
                        self.origins.cells[(*path, "pairs", str(len(pairs) + n))] = origin
                pairs = [*pairs, *([target, source, amount] for source, target, amount in whole if source != target)]
            kept = {key: data[key] for key in ("source_table", "target_table", "source") if key in data}
            made = self.part(Tie, {**kept, "pairs": pairs}, path)
            if made is not None and self.named(kind, path):
                found[kind] = made
        return found

    def _pairs(self, file: Any, path: Key) -> list[Any]:
        sheet = self.sheet(file, (*path, "file"), ("source", "target", "amount"))
        if sheet is None:
            return []
        self.columns(sheet, ("source", "target", "amount"))
        found: list[Any] = []
        for line in sheet.lines:
            where = tables.place_of(sheet.file, line.number, "amount")
            amount = tables.convert(line.cells.get("amount", ""), tables.number, where)
            if isinstance(amount, Problem):
                self.problems.append(amount)
                continue
            self.origins.cells[(*path, "pairs", str(len(found)))] = (sheet.file, line.number, "")
            found.append([line.cells.get("source", ""), line.cells.get("target", ""), amount])
        return found

    def anchors(self) -> dict[str, Anchor]:
        """The dated facts of the CSV that `anchors` names, by id."""
        found: dict[str, Anchor] = {}
        for cells, anchor, line in self.records("anchors", Anchor, ("id",)):
            if cells["id"] in found:
                self.problems.append(
                    Problem(
                        "row-twice",
                        tables.place_of(str(self.data["anchors"]), line, "id"),
                        f"'{cells['id']}' is in the table twice",
                        "leave one out",
                    )
                )
            elif self.named(cells["id"], ("anchor", cells["id"])):
                found[cells["id"]] = anchor
        return found

    def counts(self) -> tuple[Count, ...]:
        """The published counts of the CSV that `counts` names."""
        return tuple(count for _, count, _ in self.records("counts", Count))

    def shocks(self) -> dict[str, Shock]:
        """`[shock.name]`."""
        found = {}
        for name, data in self.table(self.data.get("shock", {}), ("shock",)).items():
            path = ("shock", name)
            kept = dict(self.table(data, path))
            for key in ("set", "multiply", "add"):
                if key in kept:
                    kept[key] = self.quantity(kept[key], (*path, key)) or Quantity(value=0)
            made = self.part(Shock, kept, path)
            if made is not None and self.named(name, path):
                found[name] = made
        return found

    def reporters(self) -> dict[str, Reporter]:
        """`[reporting.name]`: what a reporter records."""
        found = {}
        for name, data in self.table(self.data.get("reporting", {}), ("reporting",)).items():
            path = ("reporting", name)
            kept = dict(self.table(data, path))
            for key in REPORTED:
                if key in kept:
                    kept[key] = self.quantity(kept[key], (*path, key)) or Quantity(value=0)
            made = self.part(Reporter, kept, path)
            if made is not None and self.named(name, path):
                found[name] = made
        return found

    def mechanisms(self) -> dict[str, dict[str, Quantity]]:
        """`[mechanism]`: name to parameters that the case sets."""
        data = self.table(self.data.get("mechanism", {}), ("mechanism",))
        return {
            name: self.numbers(numbers, ("mechanism", name))
            for name, numbers in data.items()
            if self.named(name, ("mechanism", name))
        }

    def explanations(self) -> dict[str, Explanation]:
        """`[explanation.name]`."""
        found = {}
        for name, data in self.table(self.data.get("explanation", {}), ("explanation",)).items():
            path = ("explanation", name)
            kept = dict(self.table(data, path))
            self.unknown(kept, ("title", "anchors", "without", "with", "set"), path)
            kept = {key: value for key, value in kept.items() if key in ("title", "anchors", "without", "with", "set")}
            if "with" in kept:
                added = self.table(kept["with"], (*path, "with"))
                kept["with"] = {m: self.numbers(numbers, (*path, "with", m)) for m, numbers in added.items()}
            made = self.part(Explanation, kept, path)
            if made is not None and self.named(name, path):
                found[name] = made
        return found
