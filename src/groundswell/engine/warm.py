"""Compile the kernels of the engine and of all its mechanisms: tiny worlds with rules, alternatives and rivals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from groundswell.engine.run import run
from groundswell.scenario.schema import Quantity, Scenario

ALTERNATIVES = {"risk_perception": "risk_floor", "influence": "place_influence"}
SOCIETY = ("contagion", "common_shock", "long_memory", "endorsement", "pact", "concession", "office")  # in no tutorial


def compile_all(progress: Callable[[int, int], None] | None = None) -> None:
    """Run two days of the tutorial case: as it is, with alternatives, with those of society, and as its twin."""
    from groundswell.scenario.load import load
    from groundswell.scenario.mean_field import mean_field

    scenario = load("two-neighbours")
    scenario = scenario.changed(set={"people": 200, "period.end": scenario.period.start + dt.timedelta(days=1)})
    for k, case in enumerate(worlds := (scenario, alternative(scenario), society(scenario), mean_field(scenario))):
        run(case, 0, range(2))
        if progress:
            progress(k + 1, len(worlds))


def alternative(scenario: Scenario) -> Scenario:
    """The same case with every mechanism exchanged for its alternative, where it has one."""
    chosen: dict[str, dict[str, Quantity]] = {ALTERNATIVES.get(name, name): {} for name in scenario.mechanism}
    return scenario.model_copy(update={"mechanism": chosen, "prior": {}})


def society(scenario: Scenario) -> Scenario:
    """The same case with the mechanisms of rival explanations on top, and the columns that they need."""
    assert scenario.community is not None
    given = {column: Quantity(value=1.0) for column in ("shock_exposure", "past_violence")}
    community = scenario.community.model_copy(update={"columns": {**scenario.community.columns, **given}})
    mechanisms = {**scenario.mechanism, **{name: {} for name in SOCIETY}}
    return scenario.model_copy(update={"mechanism": mechanisms, "community": community})
