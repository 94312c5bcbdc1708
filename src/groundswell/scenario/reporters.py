"""Another model of reporting for a case: the tables [reporting.NAME] of a file of their own, or none."""

from __future__ import annotations

import tomllib
from pathlib import Path

from groundswell.errors import Problem, ScenarioError
from groundswell.scenario.check import check
from groundswell.scenario.load import MOST_TEXT, find_file, placed, syntax
from groundswell.scenario.locate import locate
from groundswell.scenario.parts import Parts
from groundswell.scenario.schema import Reporter, Scenario
from groundswell.scenario.tables import Origins, read_text


def without_reporting(scenario: Scenario) -> Scenario:
    """The case with every model event recorded, on its day, with its count: the identity."""
    return _with(scenario, {})


def with_reporting(scenario: Scenario, file: str | Path, *, case: str = "") -> Scenario:
    """The case with the reporters of a TOML file in place of its own; nothing else of it changes.

    The file holds tables `[reporting.NAME]`, as a scenario does. A name that is no file here is sought beside the
    scenario of `case`. Raises ScenarioError with all faults of the file.
    """
    path = Path(file)
    if case and not path.is_file():
        path = find_file(case).parent / path
    text = read_text(path, path.name, MOST_TEXT)
    if isinstance(text, Problem):
        raise ScenarioError(text)
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScenarioError(syntax(error, path.name)) from None
    reader = Parts(data, Origins(path.name, locate(text)), path.parent)
    reader.unknown(data, ("schema", "reporting"), ())
    made = _with(scenario, reader.reporters())
    problems = [*reader.problems, *(placed(where, problem, reader.origins) for where, problem in check(made))]
    if not problems and not made.reporting:
        problems.append(Problem("reporting-none", path.name, "names no reporter", "write a table [reporting.NAME]"))
    if problems:
        raise ScenarioError(dict.fromkeys(problems))
    return made


def _with(scenario: Scenario, reporters: dict[str, Reporter]) -> Scenario:
    prior = {path: one for path, one in scenario.prior.items() if not path.startswith("reporting.")}
    return scenario.model_copy(update={"reporting": reporters, "prior": prior})
