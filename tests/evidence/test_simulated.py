"""Simulated results as events: crowds and harm by place and day, from what was recorded at every step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import groundswell
from groundswell.evidence.simulated import events_of
from groundswell.scenario.schema import Scenario

DAILY = ("place.turnout", "place.arrests", "unit.deaths", "unit.injuries")


def simulated(scenario: Scenario, record: tuple[str, ...], weekly: tuple[str, ...] = ()) -> Any:
    return groundswell.simulate(
        scenario.model_copy(update={"record": record, "record_weekly": weekly}), replicates=3, seed=1
    )


def test_one_event_a_crowd_and_one_a_unit_with_harm(busy: Scenario) -> None:
    runs = simulated(busy, DAILY)
    events = events_of(runs).columns
    protest, repression = events["kind"] == "protest", events["kind"] == "repression"
    assert protest.sum() == (runs["place.turnout"].values > 0).sum() > 0
    assert events["size"][protest].sum() == runs["place.turnout"].values.sum()
    assert events["arrests"].sum() == runs["place.arrests"].values.sum() > 0
    harmed = runs["unit.deaths"].values + runs["unit.injuries"].values
    assert repression.sum() == (harmed > 0).sum() > 0
    assert events["deaths_best"].sum() == runs["unit.deaths"].values.sum()
    assert events["injuries"].sum() == runs["unit.injuries"].values.sum()
    assert set(events["actor"][repression]) == {"guard"} and set(events["country"]) == {"arvenia"}
    for k in np.flatnonzero(repression)[:5]:
        at = runs.sel(replicate=events["replicate"][k], time=events["day"][k], unit=f"guard@{events['place'][k]}")
        assert int(at["unit.deaths"]) == events["deaths_best"][k]


def test_what_was_kept_by_week_only_is_left_out(busy: Scenario) -> None:
    whole = events_of(simulated(busy, DAILY)).columns
    some = events_of(simulated(busy, ("place.turnout",), ("place.arrests", "unit.deaths"))).columns
    assert (some["kind"] == "protest").all() and some["arrests"].sum() == 0
    np.testing.assert_array_equal(some["size"], whole["size"][whole["kind"] == "protest"])


@pytest.mark.parametrize("record", [(), ("country.visibility",)])
def test_nothing_recorded_gives_no_events(busy: Scenario, record: tuple[str, ...]) -> None:
    assert len(events_of(simulated(busy, record))) == 0
