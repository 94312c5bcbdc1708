"""What reporters record of simulated worlds, before it is summed to summaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.evidence.reporting import Reporting
from groundswell.inference.targets import CROWDS, Target
from groundswell.scenario.numbers import guesses
from groundswell.scenario.schema import Scenario


class Record:
    """Recorded arrays of simulations first, first + 1, ... of a case, and what each of its reporters says of them.

    Numbers of a reporter that the case does not name are taken as they happened. Each reporter's chances are addressed
    by the number of the simulation: a row has the same bits alone or in a batch.
    """

    def __init__(self, scenario: Scenario, kept: Mapping[str, NDArray[Any]], seed: int, first: int) -> None:
        self._scenario, self._kept, self._seed, self._first = scenario, kept, seed, first
        self._made: dict[tuple[str, str], dict[str, NDArray[np.int64]]] = {}

    def daily(self, target: Target) -> NDArray[Any]:
        """What the target's reporter says by step and place, (n, steps, places)."""
        name = reporter_of(self._scenario, target)
        if not name:
            return self._kept["place.turnout"] > 0 if target.variable == CROWDS else self._kept[target.variable]
        key = (target.variable, target.dated)
        if key not in self._made:
            self._made[key] = self._said(*key)
        return self._made[key][name]

    def _said(self, variable: str, dated: str) -> dict[str, NDArray[np.int64]]:
        drawn = {entry.path: self._kept["guess_value"][:, k] for k, entry in enumerate(guesses(self._scenario))
                 if entry.path.startswith("reporting.")}  # fmt: skip
        reporting = Reporting.from_numbers(self._scenario, drawn)
        internet = self._kept.get("place.internet")
        if variable == CROWDS:
            return reporting.crowds(self._kept["place.turnout"], internet, self._seed, self._first)
        reporting = reporting.undelayed() if dated == "happened" else reporting
        measure = variable.removeprefix("place.")
        return reporting.counts(measure, self._kept[variable], internet, self._seed, self._first)


def reporter_of(scenario: Scenario, target: Target) -> str:
    """The case's reporter behind a target, by its name or its title; empty where the case names none such."""
    if not target.reporter or target.reporter in scenario.reporting:
        return target.reporter
    return next((name for name, one in scenario.reporting.items() if one.title == target.reporter), "")
