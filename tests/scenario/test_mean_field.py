"""The mean-field twin of a scenario: what is exchanged, what is kept, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from refusals import refusing

import groundswell as gs
from groundswell.engine.build import build
from groundswell.mechanisms.base import parameters, registry
from groundswell.scenario.mean_field import mean_field
from groundswell.scenario.numbers import drawn_as, quantities

CASES = ["two-neighbours", "iraq-2019"]


@pytest.mark.parametrize("case", CASES)
def test_every_explanation_has_a_twin_without_people(case: str) -> None:
    scenario = gs.load(case)
    twin = mean_field(scenario)
    assert twin.people == 0
    for name in scenario.explanation:
        under = twin.under(name)
        assert not [m for m in under.mechanism if any(c.startswith("person.") for c in registry()[m].reads)]
        assert mean_field(scenario.under(name)).mechanism == under.mechanism


@pytest.mark.parametrize("case", CASES)
def test_each_replicate_has_the_parameters_of_its_counterpart(case: str) -> None:
    scenario = gs.load(case)
    _, people = build(scenario.changed(set={"people": 600}), 5, range(2, 5))
    twin = mean_field(scenario)
    _, averages = build(twin, 5, range(2, 5))
    shared = [path for path in quantities(twin) if drawn_as(path) in people]
    assert len(shared) == len(quantities(twin))
    for path in shared:
        np.testing.assert_array_equal(averages[path], people[drawn_as(path)], err_msg=path)


def test_values_that_are_set_move_to_the_twin() -> None:
    scenario = gs.load("two-neighbours").changed(set={"mobilisation.noise": 0.125, "influence.own_ties": 6})
    twin = mean_field(scenario)
    assert twin.mechanism["mean_mobilisation"]["noise"].value == 0.125
    assert "own_ties" not in twin.mechanism["mean_influence"]


def test_a_mechanism_of_persons_without_a_twin_is_refused() -> None:
    scenario = gs.load("two-neighbours")
    kept = {name: numbers for name, numbers in scenario.mechanism.items() if name != "influence"}
    lacking = scenario.model_copy(update={"mechanism": {**kept, "place_influence": {}}})
    with refusing("twin-missing", "mechanism.place_influence", "needs persons", "leave it out"):
        mean_field(lacking)


def test_a_twin_has_the_same_numbers_with_the_same_ranges() -> None:
    pairs = [(cls, registry()[cls.twin_of]) for cls in registry().values() if cls.twin_of]
    assert len(pairs) >= 3
    for twin, original in pairs:
        theirs = parameters(original)
        assert {name: info for name, info in parameters(twin).items()} == {n: theirs[n] for n in parameters(twin)}
