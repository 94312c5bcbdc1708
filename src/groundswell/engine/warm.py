"""Compile the kernels of the engine and of all its mechanisms: tiny worlds with rules, alternatives and rivals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from groundswell.engine.run import run
from groundswell.scenario.schema import Quantity, Row, Scenario, Tie

ALTERNATIVES = {"risk_perception": "risk_floor", "influence": "place_influence"}
SOCIETY = ("contagion", "common_shock", "long_memory", "endorsement", "pact", "concession", "office")  # in no tutorial

MONEY = ("revenue", "leakage", "patron_budget", "patronage", "pay", "capability", "home_capacity", "loyalty")


def compile_all(progress: Callable[[int, int], None] | None = None) -> None:
    """Run two days of the tutorial case: as it is, with alternatives, with rivals, and as its twin on averages."""
    from groundswell.scenario.load import load
    from groundswell.scenario.mean_field import mean_field

    scenario = load("two-neighbours")
    scenario = scenario.changed(set={"people": 200, "period.end": scenario.period.start + dt.timedelta(days=1)})
    worlds = (scenario, alternative(scenario), society(scenario), money(scenario), mean_field(scenario))
    for k, case in enumerate(worlds):
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


def money(scenario: Scenario) -> Scenario:
    """The same case with loyalty and money on top: a patron abroad is added, and the first force is its client."""
    client = next(iter(scenario.actor))
    given = {"oil_price": 60.0, "usual_oil_price": 70.0, "oil_exports": 1.0, "usual_oil_exports": 2.0, "leak": 0.2}
    earns = {column: Quantity(value=value) for column, value in given.items()}
    nothing = dict.fromkeys(("patron_share", "host_pay"), Quantity(value=0.0))
    paid = {"patron_share": Quantity(value=0.6), "host_pay": Quantity(value=1.0)}
    none = {column: Quantity(value=0.0) for column in given}
    actors = {}
    for name, row in scenario.actor.items():
        actors[name] = row.model_copy(
            update={"columns": {**row.columns, **none, **(paid if name == client else nothing)}}
        )
    held = dict.fromkeys(scenario.actor[client].columns, Quantity(value=0.0))
    links = {"kind": "patron", "country": list(scenario.country)[-1]}
    actors["patron"] = Row(columns={**held, **earns, **nothing}, links=links)
    tie = Tie(source_table="actor", target_table="actor", pairs=(("patron", client, 1.0),))
    chosen = {**scenario.mechanism, **{name: {} for name in MONEY}}
    return scenario.model_copy(update={"actor": actors, "mechanism": chosen, "tie": {**scenario.tie, "client": tie}})
