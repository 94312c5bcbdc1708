"""Tables and views: shapes, what is read-only, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.errors import MechanismError
from groundswell.world.tables import Table, Time, View, World
from groundswell.world.ties import ties


def world() -> World:
    """Three replicates of two places in one country, with a tie between the places."""
    country, place = Table("country", ["aria"], 3), Table("place", ["north", "south"], 3)
    place.give("country", 0)
    place.give("population", [[10, 20], [11, 21], [12, 22]])
    place.give("turnout", 5)
    place.give("arrests", 0)
    return World({"country": country, "place": place}, {"road": ties([0, 1], [1, 0], [2.0, 3.0], 2)}, 3)


def view(w: World, replicate: int | None = None, adds: tuple[str, ...] = ("place.deaths",)) -> View:
    buffers = {name: np.zeros((3, 2), dtype="i8") for name in adds}
    return View(w, "probe", ["place.population", "place.country"], ["place.turnout"], buffers, ["road"], replicate)


def refused(attempt) -> str:
    with pytest.raises(MechanismError) as caught:
        attempt()
    (problem,) = caught.value.problems
    assert problem.refusal == "undeclared"
    assert problem.where == "mechanism 'probe'"
    assert "class line" in problem.cure
    return problem.fault


def test_shapes_and_types() -> None:
    w = world()
    assert w["place.country"].shape == (2,) and w["place.country"].dtype == np.int32  # a link: no replicates
    assert w["place.population"].shape == (3, 2) and w["place.population"].dtype == np.float64
    assert w["place.turnout"].dtype == np.int64 and (w["place.turnout"] == 5).all()
    assert "place.turnout" in w and "place.deaths" not in w and "site.value" not in w


def test_a_column_outside_the_vocabulary_cannot_be_given() -> None:
    with pytest.raises(KeyError, match="wealth"):
        world().tables["place"].give("wealth", 1)


def test_values_that_do_not_fit_the_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        world().tables["place"].give("population", [1.0, 2.0, 3.0])


def test_a_view_of_the_stack_and_of_one_replicate() -> None:
    w = world()
    assert view(w).place.population.shape == (3, 2)
    one = view(w, 1)
    np.testing.assert_array_equal(one.place.population, [11, 21])
    assert one.place.country.shape == (2,)
    assert one.add.place.deaths.shape == (2,)


def test_reads_are_read_only_and_writes_reach_the_world() -> None:
    w = world()
    for replicate in (None, 2):
        seen = view(w, replicate)
        for column in (seen.place.population, seen.place.country):
            with pytest.raises(ValueError, match="read-only"):
                column[...] = 1
    view(w, 2).place.turnout[1] = 99
    np.testing.assert_array_equal(w["place.turnout"], [[5, 5], [5, 5], [5, 99]])
    assert w["place.population"].flags.writeable  # only the view is locked


def test_buffers_reach_their_owner() -> None:
    w = world()
    buffer = np.zeros((3, 2), dtype="i8")
    seen = View(w, "probe", [], [], {"place.deaths": buffer}, [], 1)
    seen.add.place.deaths[0] += 7
    np.testing.assert_array_equal(buffer, [[0, 0], [7, 0], [0, 0]])


@pytest.mark.parametrize("replicate", [None, 0])
def test_undeclared_columns_are_refused(replicate: int | None) -> None:
    seen = view(world(), replicate)
    assert "touches place.arrests" in refused(lambda: seen.place.arrests)
    assert "touches place.nonsense" in refused(lambda: seen.place.nonsense)
    assert "touches country.population" in refused(lambda: seen.country.population)
    assert "touches site.value" in refused(lambda: seen.site.value)
    assert "touches place.turnout" in refused(lambda: seen.add.place.turnout)
    assert "touches community.anger" in refused(lambda: seen.add.community.anger)
    assert "touches rail.source" in refused(lambda: seen.tie.rail.source)


def test_ties_are_seen_and_read_only() -> None:
    w = world()
    seen = view(w)
    np.testing.assert_array_equal(seen.tie.road.source, [1, 0])
    with pytest.raises(ValueError, match="read-only"):
        seen.tie.road.amount[0] = 9.0
    assert w.ties["road"].amount.tolist() == [3.0, 2.0]


def test_time_is_that_of_the_world() -> None:
    w = world()
    seen = view(w)
    w.time = Time(4, 18000, 2, 7.0)
    assert seen.time == Time(4, 18000, 2, 7.0)


def test_private_names_are_no_columns() -> None:
    """Copying and debugging ask for such names."""
    seen = view(world())
    for thing in (seen, seen.place, seen.add, seen.tie):
        assert not hasattr(thing, "__deepcopy__")
