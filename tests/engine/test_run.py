"""The loop over steps: phases, pushes, ranges, shocks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from groundswell.engine.build import build
from groundswell.engine.run import Shocks, ordered, run, shock_rows
from groundswell.errors import MechanismError
from groundswell.mechanisms.base import Mechanism, param
from groundswell.scenario.schema import Quantity, Scenario, Shock

SEEN: list[Any] = []


def define(name: str, step: Any, **keywords: Any) -> type[Mechanism]:
    body = {"__module__": __name__, "__qualname__": name, "step": step}
    return type(Mechanism)(name, (Mechanism,), body, **keywords)


def with_mechanism(scenario: Scenario, *names: str, **update: Any) -> Scenario:
    return scenario.model_copy(update={"mechanism": {**scenario.mechanism, **{n: {} for n in names}}, **update})


def shocked(scenario: Scenario, *shocks: Shock) -> Scenario:
    return scenario.model_copy(update={"shock": {f"s{k}": shock for k, shock in enumerate(shocks)}})


def test_a_step_sees_its_time_its_parameters_and_its_address(small: Scenario, clean_registry: None) -> None:
    SEEN.clear()

    class Watcher(Mechanism, phase="settle", reads="place.turnout", daily=True):
        pace: float = param(0.5, source="guess; test", range=(0, 1))

        def step(self, world: Any, chance: Any) -> None:
            SEEN.append((world.time, self.pace, tuple(map(int, chance)), world.place.turnout.shape))

    run(with_mechanism(small, "watcher"), 3, range(4, 6))
    assert len(SEEN) == 2 * small.period.steps
    days = [entry[0].day for entry in SEEN[::2]]
    assert days == [(small.period.start + dt.timedelta(days=k) - dt.date(1970, 1, 1)).days for k in range(14)]
    assert [entry[0].weekday for entry in SEEN[::2]] == [0, 1, 2, 3, 4, 5, 6] * 2
    assert {entry[0].days for entry in SEEN} == {1.0}
    assert all(isinstance(entry[1], float) for entry in SEEN)
    assert len({entry[1] for entry in SEEN}) == 2  # a guess, drawn once a replicate
    assert {entry[2][3] for entry in SEEN} == {4, 5} and {entry[3] for entry in SEEN} == {(3,)}
    assert [entry[2][2] for entry in SEEN[::2]] == list(range(14))


def test_steps_of_a_week(small: Scenario, clean_registry: None) -> None:
    SEEN.clear()
    define("Watcher", lambda self, world, chance: SEEN.append(world.time), phase="settle", adds="community.anger")
    weekly = small.changed(drop=list(small.mechanism)).changed(set={"period.step": "week"})
    kept, _ = run(
        weekly.model_copy(update={"mechanism": {"watcher": {}}, "record_weekly": ("community.anger",)}), 0, range(1)
    )
    assert [time.days for time in SEEN] == [7.0, 7.0] and SEEN[1].day - SEEN[0].day == 7
    assert kept["community.anger"].shape == (1, 2, 12)


def push(value: float) -> Any:
    def step(self: Any, world: Any, chance: Any) -> None:
        world.add.community.anger[:] += value

    return step


def test_pushes_are_summed_and_attributed(busy: Scenario, clean_registry: None) -> None:
    define("Able", push(0.25), phase="settle", adds="community.anger")
    define("Zulu", push(0.5), phase="perceive", adds="community.anger")
    plain, _ = run(busy, 0, range(2))
    kept, adders = run(with_mechanism(busy, "able", "zulu"), 0, range(2))
    assert adders["community.anger"] == ["able", "anger", "zulu"]
    pushed = kept["pushed.community.anger"]
    assert pushed.shape == (2, 2, 3, 12)
    np.testing.assert_allclose(pushed[:, :, 0], 7 * 0.25, rtol=1e-6)
    np.testing.assert_allclose(pushed[:, :, 2], 7 * 0.5, rtol=1e-6)
    assert (kept["community.anger"] > plain["community.anger"]).all()


def test_what_was_pushed_is_what_changed(busy: Scenario) -> None:
    """The stock at the end of each day is the sum of all pushes so far."""
    daily = busy.model_copy(update={"record": ("community.anger",), "record_weekly": ()})
    kept, _ = run(daily, 0, range(3))
    assert kept["community.anger"].max() > 0
    last = kept["community.anger"][:, [6, 13]]
    np.testing.assert_allclose(kept["pushed.community.anger"].sum(axis=2).cumsum(axis=1), last, rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.5, "left community.anger at -0.5 on step 0, outside 0..None"),
        (np.nan, "left community.anger at nan on step 0"),
    ],
)
def test_a_push_that_leaves_the_range_is_named(small: Scenario, clean_registry: None, value: float, text: str) -> None:
    define("Able", push(value), phase="settle", adds="community.anger")
    with pytest.raises(MechanismError) as caught:
        run(with_mechanism(small, "able"), 0, range(1))
    (problem,) = caught.value.problems
    assert problem.refusal == "range" and problem.where == "mechanism 'able', 'anger'"  # both add to it
    assert problem.fault.startswith(text) and problem.cure


def test_a_write_that_leaves_the_range_is_named(small: Scenario, clean_registry: None) -> None:
    def step(self: Any, world: Any, chance: Any) -> None:
        world.site.value[...] = -1

    define("Able", step, phase="settle", writes="site.value")
    sites = {"square": small.unit["guard@Varn"].model_copy(update={"columns": {}, "links": {"place": "Varn"}})}
    with pytest.raises(MechanismError, match=r"mechanism 'able': left site.value at -1 on step 0"):
        run(with_mechanism(small, "able", site=sites), 0, range(1))


def test_an_undeclared_column_ends_the_run(small: Scenario, clean_registry: None) -> None:
    define("Able", lambda self, world, chance: world.place.deaths, phase="settle", reads="place.turnout")
    with pytest.raises(MechanismError, match=r"mechanism 'able': touches place.deaths.*\[undeclared\]"):
        run(with_mechanism(small, "able"), 0, range(1))


def test_columns_that_nothing_feeds_stand_at_zero(small: Scenario) -> None:
    without = small.changed(drop=["fear", "anger", "arrest", "calendar"])
    world, _ = build(without, 0, range(2))
    ordered(without, world)
    for name in ("community.fear", "community.detained", "community.day_cost"):
        assert (world[name] == 0).all()


FIRST = dt.date(2015, 3, 2)


def course(scenario: Scenario, *shocks: Shock, column: str = "place.internet", row: int = 0) -> list[float]:
    """The column on each day, with no mechanism at work."""
    bare = shocked(scenario, *shocks)
    world, numbers = build(bare, 0, range(1))
    ordered(bare, world)
    applied = Shocks(bare, world, numbers)
    days = []
    for step in range(bare.period.steps):
        applied.apply(step)
        days.append(round(float(world[column][0, row]), 9))
    return days


def shock(first: int, last: int | None, **what: Any) -> Shock:
    until = None if last is None else FIRST + dt.timedelta(days=last)
    made = {k: Quantity(value=v) if k in ("set", "multiply", "add") else v for k, v in what.items()}
    return Shock(at=FIRST + dt.timedelta(days=first), until=until, field=made.pop("field", "place.internet"), **made)


def test_a_shock_lasts_through_its_last_day(small: Scenario) -> None:
    assert course(small, shock(3, 5, set=0.2)) == [1.0] * 3 + [0.2] * 3 + [1.0] * 8
    assert course(small, shock(12, None, set=0.2)) == [1.0] * 12 + [0.2] * 2
    assert course(small, shock(4, 4, multiply=0.5)) == [1.0] * 4 + [0.5] + [1.0] * 9


def test_a_shock_before_or_after_the_period(small: Scenario) -> None:
    assert course(small, shock(-9, 2, set=0.2)) == [0.2] * 3 + [1.0] * 11
    assert course(small, shock(-9, -1, set=0.2)) == [1.0] * 14
    assert course(small, shock(14, 20, set=0.2)) == [1.0] * 14
    assert course(small, shock(-5, 40, set=0.2)) == [0.2] * 14


def test_shocks_that_overlap_come_in_the_order_of_their_names(small: Scenario) -> None:
    both = course(small, shock(2, 6, set=0.8), shock(4, 9, multiply=0.5))
    assert both == [1.0] * 2 + [0.8] * 2 + [0.4] * 3 + [0.5] * 3 + [1.0] * 4
    assert course(small, shock(2, 2, add=-0.5), shock(2, 2, multiply=0.5))[2] == 0.25


def test_a_shock_touches_its_rows(small: Scenario) -> None:
    world, _ = build(small, 0, range(1))
    names = world.tables["community"].names

    def chosen(*rows: str) -> set[str]:
        found = shock_rows(small, shock(0, 1, field="community.holy_day", rows=rows, set=1), world)
        return {names[k] for k in found}

    assert chosen() == set(names)
    assert chosen("identity=hill") == {n for n in names if "/hill/" in n}
    assert chosen("class=poor", "place=Mirn") == {n for n in names if n.endswith("/poor") or n.startswith("Mirn/")}
    assert chosen("Varn/hill/poor") == {"Varn/hill/poor"}
    days = course(small, shock(1, 1, rows=("Varn",), set=0.0), row=world.tables["place"].names.index("Mirn"))
    assert days == [1.0] * 14


def test_a_shock_makes_a_column_that_nobody_gave(small: Scenario) -> None:
    assert course(small, shock(1, 2, field="community.endorsement", set=0.5), column="community.endorsement") == [
        0.0, 0.5, 0.5, *[0.0] * 11
    ]  # fmt: skip


def test_a_shock_that_leaves_the_range_is_named(small: Scenario) -> None:
    with pytest.raises(MechanismError) as caught:
        run(shocked(small, shock(3, 5, multiply=1.5)), 0, range(1))
    (problem,) = caught.value.problems
    assert problem.refusal == "range" and "shock.s0" in problem.where
    assert "place.internet at 1.5" in problem.fault and "outside 0..1" in problem.fault
