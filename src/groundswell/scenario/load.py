"""From a case folder to a frozen Scenario; every fault is found at once, each with file, line, fault and cure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from groundswell.errors import GroundswellError, MechanismError, Problem, ScenarioError, nearest
from groundswell.mechanisms.base import load_file
from groundswell.scenario.change import changed, switched_on, under
from groundswell.scenario.check import check
from groundswell.scenario.locate import Path as Key
from groundswell.scenario.locate import locate
from groundswell.scenario.parts import Parts
from groundswell.scenario.schema import SCHEMA, Scenario
from groundswell.scenario.tables import Origins, read_text

MOST_TEXT = 5_000_000
# What follows from a fault that is told already would only bury it: where rows were lost, and where a column was.
_AFTER_LOST_ROWS = {"link-unknown", "shock-rows", "share-cover", "share-sum", "group-unknown", "group-missing",
                    "anchor-unknown", "key-missing", "people-nowhere"}  # fmt: skip
_HIDES_NO_COLUMN = {"unfed", "record-unfed", "range", "parameter-range", "parameter-unknown", "prior-path", "row-twice",
                    "record-unknown", "record-person", "record-twice", "link-unknown", "category-unknown", "small-cell",
                    "anchor-unknown", "anchor-target", "daily-step", "shock-rows", "count-window", "group-unknown",
                    "group-missing", "two-writers", "write-and-read", "after-unknown", "after-phase",
                    "after-cycle"}  # fmt: skip


def load(source: str | Path, *, with_files: Sequence[str | Path] = ()) -> Scenario:
    """The scenario of a case name, a folder with scenario.toml, or a .toml file.

    `with_files` are Python files with mechanisms; they are run first, and what they define is switched on with its
    defaults where the scenario does not name it. Raises ScenarioError with all faults at once: of the text, of the
    tables, of the mechanisms, and of each explanation and what-if.
    """
    problems: list[Problem] = []
    brought: list[str] = []
    for name in with_files:
        try:
            brought += load_file(name)
        except MechanismError as error:
            problems += error.problems
    path = find_file(source)
    text = read_text(path, path.name, MOST_TEXT)
    if isinstance(text, Problem):
        raise ScenarioError([*problems, text])
    name = (path.parent.name if path.name == "scenario.toml" else path.stem) or "scenario"
    if problems:
        raise ScenarioError(problems)
    return parse(text, file=path.name, folder=path.parent, name=name, brought=brought)


def parse(
    text: str,
    *,
    file: str = "scenario.toml",
    folder: Path | None = None,
    name: str = "scenario",
    brought: Sequence[str] = (),
) -> Scenario:
    """The scenario of a TOML text; CSV files are sought in `folder`, mechanisms `brought` are added at their defaults.

    Raises ScenarioError with all faults at once.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScenarioError(syntax(error, file)) from None
    if data.get("schema") != SCHEMA or isinstance(data["schema"], bool):
        raise ScenarioError(_wrong_schema(data.get("schema"), Origins(file, locate(text)).where(("schema",))))
    reader = Parts(data, Origins(file, locate(text)), folder or Path())
    scenario = switched_on(reader.scenario(name), brought)
    found = [(path, p) for path, p in check(scenario) if not _told(path, reader.broken)]
    if reader.lost:
        found = [(path, p) for path, p in found if p.refusal not in _AFTER_LOST_ROWS]
    problems = [*reader.problems, *(placed(path, p, reader.origins) for path, p in found)]
    if any(p.refusal not in _HIDES_NO_COLUMN for p in problems):
        problems = [p for p in problems if p.refusal not in ("unfed", "record-unfed")]
    if not problems:
        problems = list(_rivals(scenario, reader.origins))
    if problems:
        raise ScenarioError(dict.fromkeys(problems))
    return scenario


def from_resolved(text: str) -> Scenario:
    """The scenario that `Scenario.resolved()` wrote, equal to the one it was written from.

    Its mechanisms are not looked up, so that old results open where a user's file is not at hand. Raises
    ScenarioError where the text is no such JSON or was written for another schema.
    """
    import json

    where = "resolved scenario"
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScenarioError(Problem("resolved", where, f"is not JSON: {error}", "pass what resolved() wrote")) from None
    number = data.get("schema") if isinstance(data, dict) else None
    if number != SCHEMA or isinstance(number, bool):
        raise ScenarioError(_wrong_schema(number, where))
    try:
        return Scenario.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise ScenarioError(
            Problem(
                "resolved",
                f"{where}: {'.'.join(map(str, first['loc']))}",
                first["msg"],
                "pass what resolved() wrote, unchanged",
            )
        ) from None


def cases() -> dict[str, Path]:
    """The cases in the package: name to folder."""
    import groundswell.cases as package

    folders = sorted(p for root in package.__path__ for p in Path(root).iterdir())
    return {p.name: p for p in folders if (p / "scenario.toml").is_file()}


def find_file(source: str | Path) -> Path:
    """The scenario file of a case name, folder or file; raises ScenarioError where there is none."""
    text = str(source)
    name = text.replace("-", "_")
    if isinstance(source, str) and name in cases():
        return cases()[name] / "scenario.toml"
    path = Path(text)
    try:
        if path.is_dir():
            if (path / "scenario.toml").is_file():
                return path / "scenario.toml"
            raise ScenarioError(
                Problem("file-missing", text, "is a folder without scenario.toml", "name a case folder")
            )
        if path.is_file():
            return path
    except (OSError, ValueError):
        pass  # a name that no file can have
    if path.suffix == ".toml" or len(path.parts) > 1:
        raise ScenarioError(Problem("file-missing", text, "is not there", "check the path"))
    raise ScenarioError(Problem("case-unknown", text, "is neither a case, a folder nor a file", nearest(name, cases())))


def syntax(error: Exception, file: str) -> Problem:
    """What is wrong with a text that is no TOML, and in which line."""
    if isinstance(error, RecursionError):
        return Problem("toml-syntax", file, "is nested too deeply", "write fewer brackets inside one another")
    words, _, at = str(error).partition(" (at ")
    line = at.partition(",")[0].removeprefix("line ")
    where = f"{file}:{line}" if line.isdigit() else file
    fault = f"is not TOML: {words[:1].lower()}{words[1:]}" + ("" if line.isdigit() or not at else f" (at {at}")
    return Problem("toml-syntax", where, fault, "mend that line, or the one before it; text goes in double quotes")


def _wrong_schema(number: Any, where: str) -> Problem:
    if number is None:
        return Problem("schema-number", where, "is missing", f"write schema = {SCHEMA} on the first line")
    if isinstance(number, int) and not isinstance(number, bool) and number > SCHEMA:
        return Problem(
            "schema-number",
            where,
            f"is {number}, while this version of groundswell reads {SCHEMA}",
            "upgrade groundswell",
        )
    return Problem(
        "schema-number",
        where,
        f"is {number!r}, while this version of groundswell reads {SCHEMA}",
        f"upgrade the file: see CHANGELOG.md, then write schema = {SCHEMA}",
    )


def _told(path: Key, broken: set[Key]) -> bool:
    return any(b[: len(path)] == path for b in broken) if path else False


def placed(path: Key, problem: Problem, origins: Origins) -> Problem:
    """The problem, with where in the file it stands."""
    where = origins.where(path)
    return replace(problem, where=f"{where}: {problem.where}" if problem.where else where)


def _rivals(scenario: Scenario, origins: Origins) -> Iterator[Problem]:
    """Faults of explanations and what-ifs: each is tried on the scenario."""
    for name in scenario.explanation:
        yield from _tried(("explanation", name), origins, lambda name=name: under(scenario, name))
    for name, change in scenario.what_if.items():
        yield from _tried(("what_if", name), origins, lambda change=change: changed(scenario, change.drop, change.set))


def _tried(path: Key, origins: Origins, attempt: Any) -> Iterator[Problem]:
    try:
        attempt()
    except GroundswellError as error:
        for p in error.problems:
            key, _, rest = p.where.partition(": ")
            if key.startswith(".".join(path)):
                yield placed(tuple(key.split(".")), replace(p, where=rest), origins)
            else:
                yield placed(path, p, origins)
