"""What reading any table of a case needs: faults gathered with their place, parts of the schema, lines of a CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from groundswell.errors import Problem, nearest
from groundswell.scenario import tables
from groundswell.scenario.locate import Path as Key
from groundswell.scenario.schema import Period, Quantity
from groundswell.scenario.tables import Origins, Sheet

M = TypeVar("M", bound=BaseModel)
QUANTITY_KEYS = ("value", "source", "guess", "range", "log", "prior")


class Reader:
    """Reads parts of one scenario. `problems` are the faults found, `broken` the paths left out because of them.

    `lost` are the tables of which rows are missing because of a fault.
    """

    def __init__(self, data: dict[str, Any], origins: Origins, folder: Path) -> None:
        self.data, self.origins, self.folder = data, origins, folder
        self.problems: list[Problem] = []
        self.broken: set[Key] = set()
        self.lost: set[str] = set()

    # Faults -------------------------------------------------------------------------------------------------------
    def refuse(self, path: Key, problem: Problem) -> None:
        """Note a fault at a path."""
        self.problems.append(replace(problem, where=self.origins.where(path)))
        self.broken.add(path)

    def unknown(self, data: dict[str, Any], known: Iterable[str], path: Key) -> None:
        """Refuse every key that is not known."""
        for key in data:
            if key not in known:
                self.refuse((*path, key), Problem("key-unknown", "", f"'{key}' is not a key here", nearest(key, known)))

    def table(self, data: Any, path: Key) -> dict[str, Any]:
        """The data where it is a table; else it is refused and an empty one is returned."""
        if isinstance(data, dict):
            return data
        self.refuse(path, Problem("value", "", f"is {shown(data)}, not a table", f"write [{'.'.join(path)}]"))
        return {}

    def part(self, model: type[M], data: Any, path: Key) -> M | None:
        """The data as a part of the schema, or None where it was refused."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.faults(error, path, model)
            return None

    def faults(self, error: ValidationError, path: Key, model: type[BaseModel], skip: Iterable[str] = ()) -> None:
        """Refuse what pydantic refuses, in our words."""
        for e in error.errors(include_url=False):
            key = (*path, *(str(part) for part in e["loc"]))
            if key[:1] and key[0] in skip:
                continue
            self.refuse(key, _ours(dict(e), model))

    def quantity(self, data: Any, path: Key) -> Quantity | None:
        """One number; a key that is not known is refused with its nearest match."""
        if not isinstance(data, dict | int | float) or isinstance(data, bool):
            self.refuse(path, Problem("value", "", f"is {shown(data)}, not a number", FORMS["Quantity"]))
            return None
        if isinstance(data, dict):
            if not {"value", "guess"} & set(data):
                close = nearest(next(iter(data)), QUANTITY_KEYS) if data else 'write { value = 3, source = "..." }'
                self.refuse(path, Problem("value", "", "has neither value nor guess", close))
                return None
            self.unknown(data, QUANTITY_KEYS, path)
            data = {key: value for key, value in data.items() if key in QUANTITY_KEYS}
        return self.part(Quantity, data, path)

    def named(self, name: str, path: Key) -> bool:
        """Whether a row or group may be called so: dots, slashes and = part the names of paths and communities."""
        if name and len(name) <= 80 and name == name.strip() and not set(name) & set("./=\n\t"):
            return True
        self.lost.add(path[0])
        cure = "use 1 to 80 characters, without . / or ="
        self.refuse(path, Problem("row-name", "", f"'{name[:100]}' cannot be a name", cure))
        return False

    # CSV ----------------------------------------------------------------------------------------------------------
    def sheet(self, name: Any, path: Key, needed: Iterable[str] = ()) -> Sheet | None:
        """A CSV of the case folder, or None where it was refused."""
        sheet = self._sheet(name, path, needed)
        if sheet is None or path in self.broken:
            self.lost.add(path[0])
        return sheet

    def _sheet(self, name: Any, path: Key, needed: Iterable[str]) -> Sheet | None:
        if not isinstance(name, str):
            self.refuse(
                path, Problem("value", "", f"is {shown(name)}, not a file name", "write the name of a CSV file")
            )
            return None
        file = tables.inside(self.folder, name)
        if file is None:
            self.refuse(
                path,
                Problem(
                    "path-escape",
                    "",
                    f"the path '{name}' leads out of the case folder",
                    "put the file in the case folder and give its name",
                ),
            )
            return None
        text = tables.read_text(file, name)
        if isinstance(text, Problem):
            where = text.where if text.refusal == "encoding" else self.origins.where(path)
            self.problems.append(replace(text, where=where, fault=f"the file {name} {text.fault}"))
            self.broken.add(path)
            return None
        sheet, problems = tables.read_sheet(text, name, needed)
        self.problems += problems
        if problems:
            self.broken.add(path)
        return sheet

    def columns(self, sheet: Sheet, known: Iterable[str]) -> None:
        """Refuse every column that is not known, once."""
        for column in sheet.header:
            if column not in known:
                self.problems.append(
                    Problem(
                        "column-unknown",
                        tables.place_of(sheet.file, sheet.header_line, column),
                        f"'{column}' is not a column here",
                        nearest(column, known),
                    )
                )

    def records(self, key: str, model: type[M], extra: tuple[str, ...] = ()) -> list[tuple[dict[str, str], M, int]]:
        """Each line of the CSV that the top-level key names, as a part of the schema."""
        if key not in self.data:
            return []
        kinds = {info.alias or name: info for name, info in model.model_fields.items()}
        needed = (*extra, *(name for name, info in kinds.items() if info.is_required()))
        sheet = self.sheet(self.data[key], (key,), needed)
        if sheet is None:
            return []
        self.columns(sheet, (*extra, *kinds))
        found = []
        for n, line in enumerate(sheet.lines):
            base = (model.__name__.lower(), line.cells.get("id", str(n)) if extra else str(n))
            self.origins.cells.setdefault(base, (sheet.file, line.number, ""))
            values: dict[str, Any] = {}
            for column, text in line.cells.items():
                if column not in kinds:
                    continue
                where = tables.place_of(sheet.file, line.number, column)
                got = tables.convert(text, parser(kinds[column].annotation), where)
                if isinstance(got, Problem):
                    self.problems.append(got)
                else:
                    values[column] = got
                self.origins.cells.setdefault((*base, column), (sheet.file, line.number, column))
            lacking = [column for column in needed if column not in line.cells]
            for column in lacking:
                self.problems.append(
                    Problem("cell-missing", tables.place_of(sheet.file, line.number, column), "is empty", "fill it in")
                )
            if lacking or len(values) < len(set(line.cells) & set(kinds)):
                continue
            made = self.part(model, values, base)
            if made is not None:
                found.append((line.cells, made, line.number))
        return found


def shown(value: Any) -> str:
    """A value in an error message, cut short."""
    text = "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def parser(annotation: Any) -> Any:
    """How a CSV cell of that type is read."""
    parts = [annotation, *get_args(annotation)]
    if dt.date in parts or any(dt.date in get_args(part) for part in parts):
        return tables.date
    if float in parts:
        return tables.number
    return tables.truth if bool in parts else str


def _ours(e: dict[str, Any], model: type[BaseModel]) -> Problem:
    kind, value = e["type"], e.get("input")
    name = str(e["loc"][-1]) if e["loc"] else ""
    known = [info.alias or key for key, info in model.model_fields.items()]
    if kind == "extra_forbidden":
        return Problem("key-unknown", "", f"'{name}' is not a key here", nearest(name, known))
    if kind == "missing":
        example = f" = {_EXAMPLES[name]}" if name in _EXAMPLES else ""
        return Problem("key-missing", "", "is missing", f"give {name}{example}")
    if kind == "value_error":
        text = str(e["ctx"]["error"])
        if model is Period:
            return Problem("period-empty", "", text, "give the first and the last day")
        return Problem("value", "", text, FORMS.get(model.__name__, "see the keys of this table"))
    if kind == "less_than_equal" and name == "people":
        return Problem(
            "too-large", "", f"is {shown(value)}, more than 50,000,000", "simulate fewer: each stands for many"
        )
    options = _options(model, name)
    cure = _CURES.get(kind, "see the keys of this table")
    cure = nearest(str(value), options) if options and kind == "literal_error" else cure
    return Problem("value", "", f"is {shown(value)}: {e['msg'][:1].lower()}{e['msg'][1:]}", cure)


_EXAMPLES = {"title": '"what this is about"', "period": "{ start = 2019-09-01, end = 2019-12-31 }", "at": "2019-10-01",
             "field": '"place.internet"', "source_table": '"place"', "target_table": '"place"'}  # fmt: skip
FORMS = {
    "Quantity": 'a number is 3, { value = 3, source = "..." } or { guess = 3, range = [1, 9] }',
    "Prior": "a prior is { uniform = [1, 9] }, or loguniform, normal or beta with two numbers",
    "Distribution": "a trait is { mean = 0.5, concentration = 4 } or { uniform = [0, 1] }",
    "Shock": "say once what is done, and give the last day, included, as until",
}

_CURES = {
    "float_type": "write a number without quotes",
    "int_type": "write a whole number without quotes",
    "date_type": "write a date without quotes, such as 2019-10-01",
    "string_type": "write text in double quotes",
    "tuple_type": 'write a list: ["one", "two"]',
    "dict_type": "write a table: { name = ... }",
    "model_type": "write a table: { name = ... }",
    "bool_type": "write true or false",
    "string_too_long": "make it shorter",
    "finite_number": "write a finite number",
    "greater_than_equal": "write a number of 0 or more",
}


def _options(model: type[BaseModel], name: str) -> tuple[str, ...]:
    for key, info in model.model_fields.items():
        if key == name and get_origin(info.annotation) is Literal:
            return tuple(str(option) for option in get_args(info.annotation))
    return ()
