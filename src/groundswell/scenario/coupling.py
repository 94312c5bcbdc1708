"""The coupling graph: which mechanism feeds which, through which column, on the same day or the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from groundswell.mechanisms.base import PHASES, Mechanism, find
from groundswell.mechanisms.schedule import schedule
from groundswell.scenario.communities import given_columns
from groundswell.scenario.schema import Scenario

SAME, NEXT = "same day", "next day"


class Arrow(NamedTuple):
    """`source` writes or adds to `column`, `target` reads it: what it reads was made on the `lag` before."""

    source: str
    target: str
    column: str
    lag: str


def coupling(scenario: Scenario) -> list[Arrow]:
    """All arrows of a scenario, in the order in which its mechanisms run. Raises MechanismError as `explain` does."""
    chosen = [cls.model_construct() for cls in find(scenario.mechanism).values()]
    return arrows(schedule(chosen, given_columns(scenario), ties=scenario.tie))


def arrows(ordered: Sequence[Mechanism]) -> list[Arrow]:
    """All arrows among mechanisms in the order they run.

    A column that is written is there for whoever runs later on the day. What is added is summed at the end of a
    phase, so it is there from the next phase on. All else is seen on the next day: in a longer step, in the next step.
    A mechanism that reads what it changes feeds itself, on the next day.
    """
    found = []
    for n, one in enumerate(ordered):
        for column in (*one.writes, *one.adds):
            for m, two in enumerate(ordered):
                if column not in two.reads:
                    continue
                later = m > n if column in one.writes else PHASES.index(two.phase) > PHASES.index(one.phase)
                found.append(Arrow(one.name, two.name, column, SAME if later else NEXT))
    return found


def layers(ordered: Sequence[Mechanism]) -> list[list[str]]:
    """The mechanisms of each phase, in the order in which they run: all same-day arrows then point on or down."""
    return [[m.name for m in ordered if m.phase == phase] for phase in PHASES]
