"""Scenario to scenario: under one of its explanations, or with some parts dropped and some values set by path."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from groundswell.errors import Problem, ScenarioError, nearest
from groundswell.mechanisms.base import parameters, registry
from groundswell.scenario.check import LABELS, ROW_TABLES, as_date, check, known_columns, link_columns, raise_if
from groundswell.scenario.communities import given_columns, identities, settable
from groundswell.scenario.numbers import REPORTED, quantities
from groundswell.scenario.schema import ByDistribution, ByGroup, Distribution, Period, Quantity, Scenario

ANALYST = "set by the analyst"
SINGLE = ("period.start", "period.end", "period.step", "people", "at_default")
SHOCK_PARTS = ("set", "multiply", "add", "at", "until")


def under(scenario: Scenario, name: str) -> Scenario:
    """The scenario under one of its explanations: mechanisms left out or added, values set, dated facts withheld.

    A shock whose anchor is of a class that is not given is dropped; one without an anchor is part of the system and
    stays. A recorded column that nothing feeds any more is no longer recorded. Raises ScenarioError.
    """
    where = f"explanation.{name}"
    if name not in scenario.explanation:
        raise ScenarioError(
            Problem(
                "explanation-unknown",
                where,
                "is not an explanation of this scenario",
                nearest(name, scenario.explanation),
            )
        )
    if scenario.chosen:
        raise ScenarioError(
            Problem(
                "explanation-chosen", where, f"comes on top of '{scenario.chosen}'", "start from the scenario as loaded"
            )
        )
    spec = scenario.explanation[name]
    known = registry()
    problems = [
        Problem(
            "explanation-without",
            f"{where}.without",
            f"'{m}' is not a mechanism of this scenario",
            nearest(m, scenario.mechanism),
        )
        for m in spec.without
        if m not in scenario.mechanism
    ]
    problems += [
        Problem(
            "explanation-with",
            f"{where}.with.{m}",
            f"'{m}' is not a mechanism that can be added",
            nearest(m, set(known) - set(spec.without)),
        )
        for m in spec.with_
        if m not in known or m in spec.without
    ]
    given = scenario.anchors_given if spec.anchors is None else spec.anchors
    if "target" in given:
        problems.append(
            Problem(
                "explanation-target",
                f"{where}.anchors",
                "gives facts of class target to a run",
                "give outside, response or both; targets are what a run is held to",
            )
        )
    if problems:
        raise ScenarioError(problems)
    kept = {m: numbers for m, numbers in scenario.mechanism.items() if m not in spec.without}
    for m, numbers in spec.with_.items():
        kept[m] = {**kept.get(m, {}), **numbers}
    shocks = {
        n: s
        for n, s in scenario.shock.items()
        if s.anchor is None or s.anchor not in scenario.anchor or scenario.anchor[s.anchor].anchor_class in given
    }
    update = {"mechanism": kept, "shock": shocks, "chosen": name, "anchors_given": given}
    made = fitting(scenario.model_copy(update=update))
    made = _set_all(made, spec.set, f"set by the explanation '{name}'")
    raise_if(check(made), where)
    return made


def switched_on(scenario: Scenario, names: Iterable[str]) -> Scenario:
    """The scenario with these mechanisms added at their defaults, where it does not name them; not yet checked."""
    added: dict[str, dict[str, Quantity]] = {name: {} for name in names if name not in scenario.mechanism}
    return scenario.model_copy(update={"mechanism": {**scenario.mechanism, **added}})


def what_if_of(scenario: Scenario, name: str) -> Scenario:
    """The scenario changed as one of its what-ifs says. Raises ScenarioError where the name is unknown."""
    if name not in scenario.what_if:
        raise ScenarioError(
            Problem("what-if-unknown", f"what_if.{name}", "is not in this scenario", nearest(name, scenario.what_if))
        )
    change = scenario.what_if[name]
    return changed(scenario, change.drop, change.set)


def changed(scenario: Scenario, drop: Iterable[str] = (), set: Mapping[str, Any] | None = None) -> Scenario:
    """The scenario without some shocks or mechanisms, and with some values set by path.

    `drop` names `shock.x`, `mechanism.x` or a mechanism. `set` maps paths to values; text is read as the number, date
    or truth that belongs there. A number that is set is fixed, where it was a guess. Raises ScenarioError with all
    unknown paths and values that do not fit.
    """
    shocks, mechanisms, problems = dict(scenario.shock), dict(scenario.mechanism), []
    for path in drop:
        kind, dot, name = path.partition(".")
        held: dict[str, Any] = shocks if kind == "shock" and dot else mechanisms
        name = name if dot and kind in ("shock", "mechanism") else path
        if name not in held:
            options = [*(f"shock.{n}" for n in scenario.shock), *(f"mechanism.{n}" for n in scenario.mechanism)]
            problems.append(
                Problem(
                    "drop-unknown",
                    f"drop {path}",
                    "is neither a shock nor a mechanism of this scenario",
                    nearest(path, options),
                )
            )
        held.pop(name, None)
    if problems:
        raise ScenarioError(problems)
    made = scenario.model_copy(update={"shock": shocks, "mechanism": mechanisms})
    made = _set_all(fitting(made) if drop else made, set or {}, ANALYST)
    raise_if(check(made), "changed")
    return made


def fitting(scenario: Scenario) -> Scenario:
    """Without records that nothing feeds any more, and priors of numbers that are gone."""
    known = registry()
    fed = given_columns(scenario)
    for name in scenario.mechanism:
        if name in known:
            fed.update(known[name].writes, known[name].adds)
    paths = quantities(scenario.model_copy(update={"prior": {}}))
    return scenario.model_copy(
        update={
            "record": tuple(c for c in scenario.record if c in fed),
            "record_weekly": tuple(c for c in scenario.record_weekly if c in fed),
            "prior": {path: prior for path, prior in scenario.prior.items() if path in paths},
        }
    )


def _set_all(scenario: Scenario, values: Mapping[str, Any], source: str) -> Scenario:
    problems: list[Problem] = []
    for path, value in values.items():
        try:
            scenario = _Setter(scenario, path, source).set(value)
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return scenario


def paths(scenario: Scenario) -> list[str]:
    """Every path that `changed` may set: all numbers, those with a place but no value yet, and a few single values."""
    found = [*SINGLE, *quantities(scenario)]
    for table in ROW_TABLES:
        found += [f"{table}.{row}.{column}" for row in getattr(scenario, table) for column in known_columns(table)]
    found += [f"shock.{name}.{part}" for name in scenario.shock for part in ("at", "until")]
    if scenario.community is not None:
        found += [f"community.{column}" for column in settable("community") | set(scenario.community.columns)]
    return list(dict.fromkeys(found))


class _Setter:
    """Sets the value at one path."""

    def __init__(self, scenario: Scenario, path: str, source: str) -> None:
        self.scenario, self.path, self.source = scenario, path.removeprefix("mechanism."), source
        self.parts = self.path.split(".")

    def set(self, value: Any) -> Scenario:
        head, parts = self.parts[0], self.parts
        if self.path in SINGLE:
            return self._single(value)
        if head in ROW_TABLES and len(parts) == 3 and parts[1] in getattr(self.scenario, head):
            return self._row(value)
        if head == "shock" and len(parts) == 3 and parts[1] in self.scenario.shock:
            return self._shock(value)
        if head == "reporting" and len(parts) == 3 and parts[1] in self.scenario.reporting and parts[2] in REPORTED:
            made = self.scenario.reporting[parts[1]].model_copy(update={parts[2]: self._number(value)})
            return self._with(reporting={**self.scenario.reporting, parts[1]: made})
        if head == "community" and self.scenario.community is not None and len(parts) > 1:
            return self._community(value)
        if head == "person" and len(parts) > 2 and parts[1] in self.scenario.person:
            return self._person(value)
        if self._is_parameter():
            numbers = {**self.scenario.mechanism[head], parts[1]: self._number(value)}
            return self._with(mechanism={**self.scenario.mechanism, head: numbers})
        raise self._unknown()

    def _is_parameter(self) -> bool:
        head, known = self.parts[0], registry()
        return (
            head in self.scenario.mechanism
            and head in known
            and self.parts[1:] in [[k] for k in parameters(known[head])]
        )

    def _unknown(self) -> ScenarioError:
        options = paths(self.scenario)
        mine = [p for p in options if p.partition(".")[0] == self.parts[0]]
        return ScenarioError(
            Problem(
                "path-unknown",
                f"set {self.path}",
                "is not a path of this scenario",
                nearest(self.path, mine or options),
            )
        )

    def _wrong(self, value: Any, wanted: str) -> ScenarioError:
        text = repr(value)
        return ScenarioError(Problem("change-value", f"set {self.path}", f"{text[:60]} does not fit", f"give {wanted}"))

    def _with(self, **parts: Any) -> Scenario:
        """The scenario with these parts; what is set is no longer drawn from a prior of the same path."""
        prior = {path: p for path, p in self.scenario.prior.items() if not f"{path}.".startswith(f"{self.path}.")}
        return self.scenario.model_copy(update={"prior": prior, **parts})

    def _number(self, value: Any) -> Quantity:
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise self._wrong(value, "a number") from None
        if isinstance(value, Quantity):
            return value
        if isinstance(value, Mapping):
            try:
                return Quantity.model_validate(dict(value))
            except ValidationError as error:
                raise self._wrong(value, f"a number or a guess ({error.errors()[0]['msg']})") from None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
            raise self._wrong(value, "a number")
        try:
            return Quantity(value=float(value), source=self.source)
        except OverflowError:
            raise self._wrong(value, "a smaller number") from None

    def _single(self, value: Any) -> Scenario:
        if self.path == "people":
            number = self._number(value).value
            if number != int(number) or not 0 <= number <= 50_000_000:
                raise self._wrong(value, "a whole number up to 50,000,000")
            return self._with(people=int(number))
        if self.path == "at_default":
            words = {"true": True, "false": False}
            truth = words.get(value.lower()) if isinstance(value, str) else value
            if not isinstance(truth, bool):
                raise self._wrong(value, "true or false")
            return self._with(at_default=truth)
        key = self.parts[1]
        old = self.scenario.period
        new = as_date(value) if key != "step" else value
        if new is None:
            raise self._wrong(value, "a date such as 2019-10-01")
        try:
            period = Period.model_validate({"start": old.start, "end": old.end, "step": old.step, key: new})
        except ValidationError as error:
            wanted = f"a period that ends after it starts, now {old.start} to {old.end}"
            wanted = "day or week" if key == "step" else wanted
            raise self._wrong(value, f"{wanted} ({error.errors()[0]['msg'].removeprefix('Value error, ')})") from None
        return self._with(period=period)

    def _row(self, value: Any) -> Scenario:
        table, name, column = self.parts
        rows = getattr(self.scenario, table)
        row = rows[name]
        if column in settable(table):
            new = row.model_copy(update={"columns": {**row.columns, column: self._number(value)}})
        elif column in link_columns(table) or column in LABELS:
            if not isinstance(value, str) or not 0 < len(value) <= 80:
                raise self._wrong(value, "text of 1 to 80 characters")
            kind = "labels" if column in LABELS else "links"
            new = row.model_copy(update={kind: {**getattr(row, kind), column: value}})
        else:
            raise self._unknown()
        return self._with(**{table: {**rows, name: new}})

    def _shock(self, value: Any) -> Scenario:
        _, name, part = self.parts
        shock = self.scenario.shock[name]
        if part in ("at", "until"):
            day = as_date(value)
            at, until = (day, shock.until) if part == "at" else (shock.at, day)
            if day is None or at is None or (until is not None and until < at):
                raise self._wrong(value, "a date such as 2019-10-01, so that the shock ends after it starts")
            new = shock.model_copy(update={part: day})
        elif part in SHOCK_PARTS and getattr(shock, part) is not None:
            new = shock.model_copy(update={part: self._number(value)})
        else:
            raise self._unknown()
        return self._with(shock={**self.scenario.shock, name: new})

    def _community(self, value: Any) -> Scenario:
        community, parts = self.scenario.community, self.parts
        assert community is not None
        if parts[1] == "identity_share":
            if len(parts) != 4 or parts[2] not in community.identity_share or parts[3] not in identities(community):
                raise self._unknown()
            shares = {**community.identity_share[parts[2]], parts[3]: self._number(value)}
            update: dict[str, Any] = {"identity_share": {**community.identity_share, parts[2]: shares}}
        elif parts[1] == "class_share":
            if len(parts) != 3 or parts[2] not in community.class_share:
                raise self._unknown()
            update = {"class_share": {**community.class_share, parts[2]: self._number(value)}}
        else:
            update = {"columns": {**community.columns, parts[1]: self._column(community.columns.get(parts[1]), value)}}
        return self._with(community=community.model_copy(update=update))

    def _column(self, old: Quantity | ByGroup | None, value: Any) -> Quantity | ByGroup:
        column, group = self.parts[1], self.parts[2:]
        if not group and column in settable("community"):
            number = self._number(value)
            return ByGroup(by=old.by, groups=dict.fromkeys(old.groups, number)) if isinstance(old, ByGroup) else number
        if len(group) == 1 and isinstance(old, ByGroup) and group[0] in old.groups:
            return ByGroup(by=old.by, groups={**old.groups, group[0]: self._number(value)})
        raise self._unknown()

    def _person(self, value: Any) -> Scenario:
        trait, group, part = self.parts[1], self.parts[2:-1], self.parts[-1]
        spec = self.scenario.person[trait]
        if isinstance(spec, ByDistribution):
            if len(group) != 1 or group[0] not in spec.groups:
                raise self._unknown()
            made = self._spread(spec.groups[group[0]], part, value)
            new: Distribution | ByDistribution = ByDistribution(by=spec.by, groups={**spec.groups, group[0]: made})
        elif group:
            raise self._unknown()
        else:
            new = self._spread(spec, part, value)
        return self._with(person={**self.scenario.person, trait: new})

    def _spread(self, old: Distribution, part: str, value: Any) -> Distribution:
        if part in ("mean", "concentration") and old.uniform is None:
            return old.model_copy(update={part: self._number(value)})
        if part in ("low", "high") and old.uniform is not None:
            low, high = old.uniform
            number = self._number(value).value
            low, high = (number, high) if part == "low" else (low, number)
            if low > high:
                raise self._wrong(value, "a range from low to high")
            return old.model_copy(update={"uniform": (low, high)})
        raise self._unknown()
