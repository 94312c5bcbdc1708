"""Compile the kernels of the engine and of all its mechanisms: one tiny world, and two with the alternatives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from groundswell.engine.run import run
from groundswell.scenario.schema import Quantity, Scenario

ALTERNATIVES = {"risk_perception": "risk_floor", "influence": "place_influence"}


def compile_all(progress: Callable[[int, int], None] | None = None) -> None:
    """Run two days of the tutorial case, as it is, with the alternative mechanisms, and as its mean-field twin."""
    from groundswell.scenario.load import load
    from groundswell.scenario.mean_field import mean_field

    scenario = load("two-neighbours")
    scenario = scenario.changed(set={"people": 200, "period.end": scenario.period.start + dt.timedelta(days=1)})
    for k, case in enumerate((scenario, alternative(scenario), mean_field(scenario))):
        run(case, 0, range(2))
        if progress:
            progress(k + 1, 3)


def alternative(scenario: Scenario) -> Scenario:
    """The same case with every mechanism exchanged for its alternative, where it has one."""
    chosen: dict[str, dict[str, Quantity]] = {ALTERNATIVES.get(name, name): {} for name in scenario.mechanism}
    return scenario.model_copy(update={"mechanism": chosen, "prior": {}})
