"""The simulator of a case: guesses set a replicate, runs in stacked batches, outputs reduced to summaries at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from groundswell.engine.run import run
from groundswell.errors import GroundswellError, Problem
from groundswell.inference.record import Record
from groundswell.inference.simulator import digest
from groundswell.inference.space import Floats, Space, space_of
from groundswell.inference.targets import CROWDS, HARM, Target
from groundswell.inference.work import Work
from groundswell.mechanisms.base import load_file, loaded_hash
from groundswell.scenario.change import fitting
from groundswell.scenario.mean_field import mean_field, twin_path
from groundswell.scenario.numbers import guesses
from groundswell.scenario.schema import Scenario

On = Literal["people", "mean-field"]  # what a case is run on: synthetic people, or averages of communities


@dataclass(frozen=True)
class Worlds:
    """A case as a simulator: `scenario` is recorded and run no further than its targets need (see `worlds_of`).

    Simulation number n is replicate n of `seed`: guesses that are not free are drawn as in any run, from the address
    of the replicate, so that what is inferred holds over them.
    """

    scenario: Scenario
    space: Space
    targets: tuple[Target, ...]
    seed: int = 0
    with_files: tuple[str, ...] = ()

    @property
    def summaries(self) -> tuple[str, ...]:
        """Names of the targets."""
        return tuple(target.name for target in self.targets)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the case, the free numbers, the targets' windows, the seed and the user's mechanism files."""
        windows = [(t.name, t.variable, t.rows, t.first, t.last, t.reporter, t.dated) for t in self.targets]
        return digest(self.scenario.resolved(), self.space.names, windows, self.seed,
                      [loaded_hash(name) for name in self.with_files])  # fmt: skip

    def simulate(self, values: Floats, first: int) -> Floats:
        """Summaries (n, s): log(1 + number) of each target."""
        for name in self.with_files:
            load_file(name)
        return self.reduce(self.kept(values, first), first)

    def kept(self, values: Floats, first: int) -> dict[str, NDArray[Any]]:
        """Recorded arrays (n, steps, places) by name."""
        given = {path: np.ascontiguousarray(values[:, j]) for j, path in enumerate(self.space.names)}
        return run(self.scenario, self.seed, range(first, first + len(values)), given)[0]

    def reduce(self, kept: dict[str, NDArray[Any]], first: int) -> Floats:
        """Summaries (n, s) of recorded arrays of simulations first, first + 1, ...: of what is reported of them."""
        made = np.empty((len(kept["guess_value"]), len(self.targets)))
        length = self.scenario.period.days_a_step
        seen = Record(self.scenario, kept, self.seed, first)
        for j, target in enumerate(self.targets):
            daily = seen.daily(target)
            a, b = ((day - self.scenario.period.start).days // length for day in (target.first, target.last))
            made[:, j] = np.log1p(daily[:, a : b + 1][:, :, list(target.rows)].sum(axis=(1, 2), dtype=np.float64))
        return made


def worlds_of(
    scenario: Scenario, paths: Sequence[str], targets: Sequence[Target], *, seed: int = 0, people: int | None = None,
    most_free: int = 8, with_files: Sequence[str | Path] = (), on: On = "people",
) -> Worlds:  # fmt: skip
    """The simulator of a case for some targets: it records only what they need and ends with the last of them.

    `people` is the calibration size; by default that of the case. With `on` "mean-field" it is the case's twin that
    runs, without people; `paths` may then be named as in the case or as in its twin. Raises GroundswellError for
    targets outside the period, where a mechanism has no twin, and as `space_of` does.
    """
    if on == "mean-field":
        scenario, paths = mean_field(scenario), [twin_path(path) for path in paths]
    if not targets:
        raise GroundswellError(Problem("targets-none", scenario.name, "has nothing to be held against",
                                       "give published counts or events"))  # fmt: skip
    cut = scenario.model_copy(update={"record": needed(targets, scenario), "record_weekly": ()})
    end = _end(scenario, max(target.last for target in targets))
    changes: dict[str, Any] = {} if end == scenario.period.end else {"period.end": end}
    if people is not None and scenario.people:
        changes["people"] = people
    cut = cut.changed(set=changes) if changes else cut
    files = tuple(str(Path(name).resolve()) for name in with_files)
    return Worlds(cut, space_of(cut, paths, most=most_free), tuple(targets), seed, files)


def needed(targets: Sequence[Target], scenario: Scenario) -> tuple[str, ...]:
    """The columns that targets are read from, and the internet where a reporter loses records without it."""
    found = {"place.turnout" if target.variable == CROWDS else target.variable for target in targets}
    if any("shutdown" in reporter.model_fields_set for reporter in scenario.reporting.values()):
        found.update(fitting(scenario.model_copy(update={"record": ("place.internet",)})).record)
    return tuple(sorted(found))


def _end(scenario: Scenario, last: dt.date) -> dt.date:
    length = scenario.period.days_a_step
    steps = (last - scenario.period.start).days // length + 1
    return min(scenario.period.end, scenario.period.start + dt.timedelta(steps * length - 1))


def outcome_targets(scenario: Scenario) -> tuple[Target, ...]:
    """Turnout, deaths, injuries and arrests of the whole case: harm stands beside turnout. They are not seen.

    What nothing in the case feeds is left out.
    """
    fed = fitting(scenario.model_copy(update={"record": ("place.turnout", *HARM)})).record
    rows = tuple(range(len(scenario.place)))
    start, end = scenario.period.start, scenario.period.end
    return tuple(Target(name.removeprefix("place."), name, rows, start, end, float("nan"), end) for name in fed)


@dataclass(frozen=True)
class Screen:
    """A simulator that gives all guesses as they were drawn, and then the summaries: nothing is free."""

    worlds: Worlds

    @property
    def space(self) -> Space:
        """No free numbers."""
        return self.worlds.space

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The guesses, in the order of the first columns."""
        return tuple(entry.path for entry in guesses(self.worlds.scenario))

    @property
    def summaries(self) -> tuple[str, ...]:
        """Paths of the guesses, then names of the targets."""
        return (*self.paths, *self.worlds.summaries)

    @property
    def fingerprint(self) -> str:
        """That of the worlds."""
        return digest("screen", self.worlds.fingerprint)

    def simulate(self, values: Floats, first: int) -> Floats:
        """Guesses and summaries (n, guesses + s)."""
        kept = self.worlds.kept(values, first)
        return np.concatenate([kept["guess_value"], self.worlds.reduce(kept, first)], axis=1)


def screened(worlds: Worlds, work: Work, *, size: int = 320, most: int = 8) -> tuple[tuple[str, ...], Floats]:
    """The guesses on which the summaries depend most, in the order of the case, and the share (guesses,) of each.

    All guesses are drawn from their priors in `size` runs; nothing observed is looked at. The share is the mean squared
    rank correlation with the summaries; chance alone gives about 1 / (size - 1). `worlds` has no free numbers.
    """
    screen = Screen(worlds)
    table = work.table(screen, np.zeros((size, 0)), 0, "screen")
    count = len(screen.paths)
    a, b = _ranks(table[:, :count]), _ranks(table[:, count:])
    share = ((a.T @ b / size) ** 2).mean(axis=1)
    order = np.argsort(-share, kind="stable")[:most]
    return tuple(screen.paths[k] for k in sorted(order)), share


def _ranks(table: Floats) -> Floats:
    order = np.argsort(np.argsort(table, axis=0, kind="stable"), axis=0, kind="stable").astype(np.float64)
    spread = table.std(axis=0) > 0
    made: Floats = np.where(spread, (order - order.mean(axis=0)) / np.maximum(order.std(axis=0), 1e-12), 0.0)
    return made
