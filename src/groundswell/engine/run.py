"""One stack of replicates: the loop over steps that anyone can read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import Chance, chance_for
from groundswell.engine.build import EPOCH, build
from groundswell.engine.record import Recorder
from groundswell.errors import MechanismError, Problem
from groundswell.mechanisms.base import PHASES, Mechanism, find
from groundswell.mechanisms.schedule import schedule
from groundswell.scenario.numbers import Given, Numbers
from groundswell.scenario.schema import Scenario, Shock
from groundswell.world.fields import FIELDS
from groundswell.world.tables import Time, View, World


def run(
    scenario: Scenario, seed: int, replicates: range, given: Given | None = None
) -> tuple[dict[str, NDArray[Any]], dict[str, list[str]]]:
    """Simulate a stack of replicates: what the scenario records, by name (first axis the replicate), who adds to what.

    `given[path]` (replicates,) takes the place of the draw of a guess; all other chances stay as they are.
    Raises MechanismError where a mechanism leaves the range of a column.
    """
    world, numbers = build(scenario, seed, replicates, given)
    plan = [Step(m, world, numbers, seed, replicates) for m in ordered(scenario, world)]
    shocks = Shocks(scenario, world, numbers)
    recorder = Recorder(scenario, world, [step.mechanism for step in plan], replicates)
    for step in range(scenario.period.steps):
        date = scenario.period.start + dt.timedelta(days=step * scenario.period.days_a_step)
        world.time = Time(step, (date - EPOCH).days, date.weekday(), float(scenario.period.days_a_step))
        shocks.apply(step)
        for phase in PHASES:
            now = [part for part in plan if part.mechanism.phase == phase]
            for part in now:
                part.go(step)
            settle_adds(world, now, recorder, step)
        recorder.keep(step)
    return recorder.result(numbers), recorder.adders


def ordered(scenario: Scenario, world: World) -> list[Mechanism]:
    """The scenario's mechanisms in the order they run; columns that are read but stand at 0 are made."""
    chosen = [cls() for cls in find(scenario.mechanism).values()]
    shocked = {shock.field for shock in scenario.shock.values()}
    given = {f"{t.name}.{c}" for t in world.tables.values() for c in t.columns} | shocked
    plan = schedule(chosen, given, (*scenario.record, *scenario.record_weekly), scenario.tie)
    for mechanism in plan:
        for name in (*mechanism.reads, *mechanism.writes, *mechanism.adds):
            table, _, column = name.partition(".")
            if name not in world and table in world.tables:
                world.tables[table].give(column, 0)
    for name in shocked:
        if name not in world:
            world.tables[name.partition(".")[0]].give(name.partition(".")[2], 0)
    return plan


class Step:
    """A mechanism bound to a world: its views, its parameters of each replicate, its buffers and its chance."""

    def __init__(self, mechanism: Mechanism, world: World, numbers: Numbers, seed: int, replicates: range) -> None:
        self.mechanism = mechanism
        self.buffers = {name: np.zeros_like(world[name]) for name in mechanism.adds}
        self.own = not type(mechanism).__module__.startswith("groundswell.mechanisms.")
        self._chance = chance_for(seed, mechanism.name, 0, replicates[0])
        values = {name: numbers[f"{mechanism.name}.{name}"] for name in type(mechanism).model_fields}
        declared = (mechanism.reads, mechanism.writes, self.buffers, mechanism.ties)
        self.calls: list[tuple[Any, View, np.uint64]] = []
        if mechanism.stacked:
            self.calls.append(
                (mechanism.stack(**values), View(world, mechanism.name, *declared), np.uint64(replicates[0]))
            )
            return
        for r, replicate in enumerate(replicates):
            one = mechanism.stack(**{name: float(value[r]) for name, value in values.items()})
            self.calls.append((one, View(world, mechanism.name, *declared, replicate=r), np.uint64(replicate)))

    def go(self, step: int) -> None:
        """Run one step."""
        for mechanism, view, replicate in self.calls:
            mechanism.step(view, Chance(self._chance.key_low, self._chance.key_high, np.uint64(step), replicate))


def settle_adds(world: World, now: list[Step], recorder: Recorder, step: int) -> None:
    """Sum the pushes of a phase in the order of names, note who pushed how much, and check ranges."""
    for part in sorted(now, key=lambda part: part.mechanism.name):
        for name, buffer in part.buffers.items():
            world[name][...] += buffer
            recorder.note(part.mechanism.name, name, buffer, step)
            buffer[...] = 0
    for part in now:
        for name in part.buffers:
            check_range(world, name, "', '".join(sorted(p.mechanism.name for p in now if name in p.buffers)))
        for name in part.mechanism.writes if part.own else ():
            check_range(world, name, part.mechanism.name)


def check_range(world: World, name: str, owner: str) -> None:
    """Raise MechanismError where a column holds a number outside its declared range, or none at all."""
    field, column = FIELDS[name], world[name]
    if not column.size:
        return
    low, high = float(column.min()), float(column.max())
    wrong = low if not (field.low is None or low >= field.low) else high
    if not ((field.low is None or low >= field.low) and (field.high is None or high <= field.high) and low == low):
        raise MechanismError(
            Problem(
                "range",
                f"mechanism '{owner}'",
                f"left {name} at {wrong:g} on step {world.time.step}, outside {field.low}..{field.high} ({field.unit})",
                "limit what it writes or adds",
            )
        )


class Shocks:
    """Dated changes of given columns: set, multiply or add, in the order of names, undone when they end."""

    def __init__(self, scenario: Scenario, world: World, numbers: Numbers) -> None:
        self._world = world
        self._parts = []
        length = scenario.period.days_a_step
        for name, shock in sorted(scenario.shock.items()):
            first = (shock.at - scenario.period.start).days // length
            until = shock.until or scenario.period.end
            last = (until - scenario.period.start).days // length
            kind = "set" if shock.set else "multiply" if shock.multiply else "add"
            rows = shock_rows(scenario, shock, world)
            self._parts.append((first, last, shock.field, kind, rows, numbers[f"shock.{name}.{kind}"][:, None], name))
        self._base = {part[2]: world[part[2]].copy() for part in self._parts}

    def apply(self, step: int) -> None:
        """Set the shocked columns as they stand today, where a shock begins or has ended."""
        if not any(step in (first, last + 1) or step == 0 for first, last, *_ in self._parts):
            return
        for name, base in self._base.items():
            self._world[name][...] = base
        for first, last, field, kind, rows, value, name in self._parts:
            if first <= step <= last:
                column = self._world[field]
                now = column[:, rows]
                column[:, rows] = value if kind == "set" else now * value if kind == "multiply" else now + value
                check_range(self._world, field, f"shock.{name}")


def shock_rows(scenario: Scenario, shock: Shock, world: World) -> NDArray[np.int64]:
    """Row numbers that a shock touches: names, or `identity=`, `class=`, `place=` for communities; none means all."""
    names = world.tables[shock.field.partition(".")[0]].names
    if not shock.rows:
        return np.arange(len(names))
    chosen = []
    for k, name in enumerate(names):
        parts: Mapping[str, str] = dict(zip(("place", "identity", "class"), str(name).split("/"), strict=False))
        if any(
            row == name or ("=" in row and parts.get(row.partition("=")[0]) == row.partition("=")[2])
            for row in shock.rows
        ):
            chosen.append(k)
    return np.array(chosen, dtype=np.int64)
