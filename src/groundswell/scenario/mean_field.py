"""Scenario to scenario: the mean-field twin, the same equations on averages of communities, without people."""

from __future__ import annotations

from typing import Any

from groundswell.errors import Problem, ScenarioError
from groundswell.mechanisms.base import Mechanism, parameters, registry
from groundswell.scenario.change import fitting
from groundswell.scenario.check import check, raise_if
from groundswell.scenario.schema import Explanation, Scenario


def mean_field(scenario: Scenario) -> Scenario:
    """The twin of a scenario: mechanisms of persons replaced by those on community averages, and no people.

    Each mechanism that declares `twin_of` takes the place of the one it names, with the same numbers, priors and
    draws, so that replicate k of both has the same parameters. Columns of persons are no longer recorded. Raises
    ScenarioError where a mechanism needs persons and has no twin.
    """
    known = registry()
    twins = {cls.twin_of: name for name, cls in sorted(known.items()) if cls.twin_of in scenario.mechanism}
    alone = [name for name in scenario.mechanism if name not in twins and name in known and _needs_people(known[name])]
    if alone:
        raise ScenarioError(
            [Problem("twin-missing", f"mechanism.{name}", "needs persons, and has no twin on averages",
                     "leave it out, or run the scenario with people") for name in alone]
        )  # fmt: skip
    kept = {name: frozenset(parameters(known[twin])) for name, twin in twins.items()}
    mechanism = {}
    for name, numbers in scenario.mechanism.items():
        here = {key: number for key, number in numbers.items() if name not in kept or key in kept[name]}
        mechanism[twins.get(name, name)] = here

    def renamed(values: dict[str, Any]) -> dict[str, Any]:
        moved = {}
        for path, value in values.items():
            head, dot, rest = path.removeprefix("mechanism.").partition(".")
            if head not in kept:
                moved[path] = value
            elif rest in kept[head]:
                moved[f"{twins[head]}{dot}{rest}"] = value
        return moved

    def twin(spec: Explanation) -> Explanation:
        added = {twins.get(name, name): numbers for name, numbers in spec.with_.items()}
        without = tuple(twins.get(name, name) for name in spec.without)
        return spec.model_copy(update={"without": without, "with_": added, "set": renamed(spec.set)})

    made = scenario.model_copy(
        update={
            "people": 0,
            "mechanism": mechanism,
            "prior": renamed(scenario.prior),
            "explanation": {name: twin(spec) for name, spec in scenario.explanation.items()},
            "what_if": {name: change.model_copy(update={"set": renamed(change.set)})
                        for name, change in scenario.what_if.items()},
        }
    )  # fmt: skip
    made = fitting(made)
    raise_if(check(made), "mean field")
    return made


def twin_path(path: str) -> str:
    """The path of a number in the twin: `mobilisation.bar` becomes `mean_mobilisation.bar`, most stay as they are."""
    head, dot, rest = path.partition(".")
    names = {cls.twin_of: name for name, cls in registry().items() if cls.twin_of}
    return f"{names.get(head, head)}{dot}{rest}"


def _needs_people(cls: type[Mechanism]) -> bool:
    return any(column.startswith("person.") for column in (*cls.reads, *cls.writes, *cls.adds))
