"""What is conserved and what stays within its range, after every step."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from tests.laws.worlds import small

from groundswell.engine.build import EPOCH, build
from groundswell.engine.record import Recorder
from groundswell.engine.run import Shocks, Step, check_range, ordered, settle_adds
from groundswell.mechanisms.base import PHASES
from groundswell.world.fields import FIELDS
from groundswell.world.tables import Time, World


def days(case: str, **values: object):
    """The world after each step of a small run, from the same parts as the engine's loop."""
    scenario = small(case, people=1500, **values)
    replicates = range(3)
    world, numbers = build(scenario, 5, replicates)
    plan = [Step(m, world, numbers, 5, replicates) for m in ordered(scenario, world)]
    shocks = Shocks(scenario, world, numbers)
    recorder = Recorder(scenario, world, [step.mechanism for step in plan], replicates)
    for step in range(scenario.period.steps):
        date = scenario.period.start + dt.timedelta(days=step)
        world.time = Time(step, (date - EPOCH).days, date.weekday(), 1.0)
        shocks.apply(step)
        for phase in PHASES:
            now = [part for part in plan if part.mechanism.phase == phase]
            for part in now:
                part.go(step)
            settle_adds(world, now, recorder, step)
        yield world


def by_place(world: World, column: str) -> np.ndarray:
    out = np.zeros((world.replicates, world.tables["place"].rows))
    table = column.partition(".")[0]
    np.add.at(out, (slice(None), world[f"{table}.place"]), world[column])
    return out


@pytest.mark.parametrize("case", ["two-neighbours", "iraq-2019"])
def test_people_are_conserved_and_ranges_hold(case: str) -> None:
    dead_before = 0
    total_deaths = total_arrests = 0
    for world in days(case):
        for name, field in FIELDS.items():
            if name in world and not field.link:
                check_range(world, name, "law")
        population = world["community.population"]
        turnout, detained, dead = (world[f"community.{c}"] for c in ("turnout", "detained", "dead"))
        harmed = world["community.deaths"] + world["community.injuries"] + world["community.arrests"]
        assert (turnout <= population).all()
        assert (detained + dead <= population).all()
        assert (harmed <= turnout).all(), "nobody is arrested, hurt or killed twice on one day"
        assert np.array_equal(dead - dead_before, world["community.deaths"])
        dead_before = dead.copy()
        for count in ("deaths", "injuries"):
            assert np.array_equal(by_place(world, f"community.{count}"), world[f"place.{count}"])
            assert np.array_equal(by_place(world, f"unit.{count}"), world[f"place.{count}"])
        assert np.array_equal(by_place(world, "community.arrests"), world["place.arrests"])
        assert np.array_equal(by_place(world, "community.turnout"), world["place.turnout"])
        assert world["country.turnout"].sum() == world["place.turnout"].sum()
        assert (world["unit.deployed"] <= world["unit.strength"]).all()
        total_deaths += world["place.deaths"].sum()
        total_arrests += world["place.arrests"].sum()
    assert total_deaths > 0 and total_arrests > 0


@pytest.mark.parametrize("case", ["two-neighbours", "iraq-2019"])
def test_weights_add_up_to_the_population(case: str) -> None:
    world, _ = build(small(case, people=3000), 1, range(3))
    weights = np.zeros_like(world["community.population"], dtype=float)
    np.add.at(weights, (slice(None), world["person.community"]), world["person.weight"].astype(float))
    np.testing.assert_allclose(weights, world["community.population"], rtol=1e-5)
    np.testing.assert_allclose(by_place(world, "community.population"), world["place.population"], atol=20)
