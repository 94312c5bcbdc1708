"""The coupling graph: whole, with the right lag, and laid out without losing anyone."""

from __future__ import annotations

from groundswell.mechanisms.base import PHASES, find
from groundswell.mechanisms.schedule import schedule
from groundswell.scenario.communities import given_columns
from groundswell.scenario.coupling import NEXT, SAME, Arrow, coupling, layers
from groundswell.scenario.explain import explain, plan
from groundswell.scenario.load import load


def test_arrows_of_the_shipped_case() -> None:
    found = coupling(load("iraq-2019").under("overstretch"))
    assert len(set(found)) == len(found)
    for arrow in (
        Arrow("revenue", "patron_budget", "actor.revenue", SAME),
        Arrow("patron_budget", "patronage", "actor.spent_abroad", SAME),
        Arrow("patronage", "pay", "actor.income", SAME),
        Arrow("pay", "loyalty", "actor.arrears", SAME),
        Arrow("loyalty", "repression", "unit.shirking", NEXT),
        Arrow("capability", "patron_budget", "actor.capability_loss", NEXT),
        Arrow("crowd", "repression", "place.turnout", SAME),
        Arrow("crowd", "risk_perception", "place.turnout", NEXT),
        Arrow("anger", "mobilisation", "community.anger", NEXT),
        Arrow("anger", "anger", "community.anger", NEXT),  # added at the end of the phase in which it is read
    ):
        assert arrow in found, arrow


def test_every_read_that_a_mechanism_feeds_has_its_arrow() -> None:
    scenario = load("two-neighbours").under("deter_and_anger")
    kinds = find(scenario.mechanism)
    wanted = {(a, b, c) for a, one in kinds.items() for c in (*one.writes, *one.adds)
              for b, two in kinds.items() if c in two.reads}  # fmt: skip
    assert wanted and {arrow[:3] for arrow in coupling(scenario)} == wanted


def test_same_day_arrows_point_on_or_down() -> None:
    scenario = load("iraq-2019").under("overstretch")
    chosen = [cls.model_construct() for cls in find(scenario.mechanism).values()]
    made = layers(schedule(chosen, given_columns(scenario), ties=scenario.tie))
    assert sorted(name for names in made for name in names) == sorted(scenario.mechanism)
    spot = {name: (x, y) for x, names in enumerate(made) for y, name in enumerate(names)}
    assert len(made) == len(PHASES)
    assert all(spot[a.source] < spot[a.target] for a in coupling(scenario) if a.lag == SAME)


def test_explain_tells_it() -> None:
    scenario = load("iraq-2019").under("overstretch")
    text = explain(scenario)
    assert "  loyalty -> repression: unit.shirking*" in text and "  pay -> loyalty: actor.arrears\n" in text
    assert {"source": "pay", "target": "loyalty", "column": "actor.arrears", "lag": "same day"} in plan(scenario)[
        "coupling"
    ]
