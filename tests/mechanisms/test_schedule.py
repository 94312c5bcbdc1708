"""The order of a step: phases, `after`, independence of the order of lines; every refusal of mechanisms/schedule.py."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.errors import MechanismError
from groundswell.mechanisms.base import PHASES, Mechanism, registry
from groundswell.mechanisms.schedule import schedule

pytestmark = pytest.mark.usefixtures("clean_registry")


def made(name: str, phase: str = "act", **keywords: Any) -> Mechanism:
    cls = type(Mechanism)(name, (Mechanism,), {"__module__": __name__, "__qualname__": name}, phase=phase, **keywords)
    return cls()


def names(plan: list[Mechanism]) -> list[str]:
    return [m.name for m in plan]


def problems(
    mechanisms: list[Mechanism], given_columns: Any = (), recorded: Any = ()
) -> list[tuple[str, str, str, str]]:
    with pytest.raises(MechanismError) as caught:
        schedule(mechanisms, given_columns, recorded)
    return [(p.refusal, p.where, p.fault, p.cure) for p in caught.value.problems]


def test_phases_then_after_then_names() -> None:
    parts = [
        made("Zulu", "perceive"),
        made("Alpha", "settle"),
        made("Bravo", "act"),
        made("Able", "act", after="delta"),
        made("Delta", "act", after="bravo"),
        made("Charlie", "decide"),
    ]
    wanted = ["zulu", "charlie", "bravo", "delta", "able", "alpha"]
    for order in itertools.permutations(parts):
        assert names(schedule(order, ())) == wanted


@given(st.permutations(sorted(registry())))
def test_the_order_of_lines_means_nothing(order: list[str]) -> None:
    left_out = {"risk_floor", "place_influence"}  # alternatives
    chosen = [registry()[name]() for name in order if name not in left_out and not registry()[name].twin_of]
    reads = {column for m in chosen for column in m.reads}
    kinds = {kind for m in chosen for kind in m.ties}
    plan = names(schedule(chosen, reads, ties=kinds))
    assert plan == names(schedule(sorted(chosen, key=lambda m: m.name), reads, ties=kinds))
    by_phase = [registry()[name].phase for name in plan]
    assert by_phase == sorted(by_phase, key=PHASES.index)
    for name in plan:
        for earlier in registry()[name].after:
            assert plan.index(earlier) < plan.index(name)


def test_after_a_mechanism_that_is_left_out_means_nothing() -> None:
    made("Bravo")
    assert names(schedule([made("Able", after="bravo")], ())) == ["able"]


def test_after_unknown() -> None:
    assert problems([made("Able", after="crowds")]) == [
        ("after-unknown", "mechanism 'able'", "goes after 'crowds', which is not a mechanism", "did you mean 'crowd'?")
    ]


def test_after_another_phase() -> None:
    ((refusal, where, fault, cure),) = problems([made("Able", after="mobilisation")])
    assert (refusal, where) == ("after-phase", "mechanism 'able'")
    assert fault == "goes after 'mobilisation', which is in another phase" and "perceive, decide, act, settle" in cure


def test_a_circle_of_after() -> None:
    parts = [made("Able", after="charlie"), made("Bravo", after="able"), made("Charlie", after="bravo")]
    ((refusal, where, fault, cure),) = problems(parts)
    assert (refusal, where, cure) == ("after-cycle", "phase act", "drop one `after`")
    circle = fault.removeprefix("goes in a circle: ").split(" after ")
    assert set(circle) == {"able", "bravo", "charlie"} and circle[0] == circle[-1]
    wanted = {"able": "charlie", "bravo": "able", "charlie": "bravo"}
    assert all(wanted[one] == two for one, two in itertools.pairwise(circle))


def test_a_mechanism_after_itself() -> None:
    assert problems([made("Able", after="able")])[0][0] == "after-cycle"


def test_two_writers() -> None:
    parts = [made("Able", writes="place.media"), made("Bravo", writes="place.media")]
    assert problems(parts) == [
        (
            "two-writers",
            "phase act",
            "'able' and 'bravo' both write place.media",
            "leave one out, or order them with `after`",
        )
    ]
    ordered = [made("Able", writes="place.media", after="bravo"), made("Bravo", writes="place.media")]
    assert names(schedule(ordered, ())) == ["bravo", "able"]
    apart = [made("Able", "settle", writes="place.media"), made("Bravo", writes="place.media")]
    assert names(schedule(apart, ())) == ["bravo", "able"]


@pytest.mark.parametrize(("how", "verb"), [("reads", "reads"), ("adds", "adds")])
def test_a_writer_and_a_reader_or_adder(how: str, verb: str) -> None:
    writer = made("Able", writes="community.anger")
    ((refusal, where, fault, cure),) = problems([writer, made("Bravo", **{how: "community.anger"})])
    assert (refusal, where) == ("write-and-read", "phase act")
    assert fault == f"'able' writes community.anger while 'bravo' {verb} it"
    assert cure == "say which goes first: after=\"able\" on 'bravo', or the reverse"
    for keywords, order in (({"after": "able"}, ["able", "bravo"]), ({}, ["bravo", "able"])):
        first = made("Able", writes="community.anger", **({} if keywords else {"after": "bravo"}))
        second = made("Bravo", **{how: "community.anger"}, **keywords)
        assert names(schedule([first, second], ())) == order


def test_precedence_through_a_third() -> None:
    parts = [
        made("Able", writes="community.anger"),
        made("Bravo", after="able"),
        made("Charlie", reads="community.anger", after="bravo"),
    ]
    assert names(schedule(parts, ())) == ["able", "bravo", "charlie"]
    assert problems([parts[0], parts[2]])[0][0] == "write-and-read"  # the link is gone


def test_many_may_add_and_read_one_column() -> None:
    parts = [made(name, reads="community.anger", adds="community.anger") for name in ("Able", "Bravo")]
    assert names(schedule(parts, ())) == ["able", "bravo"]


def test_a_read_that_nobody_feeds() -> None:
    reader = made("Able", "settle", reads="place.turnout community.legitimacy community.fear?")
    one, two = problems([reader], given_columns=())
    assert one == (
        "unfed",
        "mechanism 'able'",
        "reads place.turnout, which nobody writes and nobody gave",
        "add the mechanism crowd, or give the column",
    )
    assert two[2].startswith("reads community.legitimacy") and two[3] == "give the column in the case"
    feeders = [made("Bravo", "settle", adds="community.legitimacy"), made("Charlie", writes="place.turnout")]
    assert names(schedule([reader, *feeders], ())) == ["charlie", "able", "bravo"]
    assert names(schedule([reader], {"place.turnout", "community.legitimacy"})) == ["able"]


def test_a_record_that_nobody_feeds() -> None:
    ((refusal, where, fault, cure),) = problems([made("Able", writes="place.deaths")], {"place.media"}, ["place.death"])
    assert (refusal, where, cure) == ("record-unfed", "record 'place.death'", "did you mean 'place.deaths'?")
    assert fault == "is a column that nobody writes and nobody gave"
    assert names(schedule([made("Able", writes="place.deaths")], {"place.media"}, ["place.deaths", "place.media"]))


def test_all_faults_come_at_once() -> None:
    parts = [
        made("Able", after="crowdz"),
        made("Bravo", "settle", after="charlie"),
        made("Charlie", "settle", after="bravo"),
        made("Delta", writes="place.media"),
        made("Echo", writes="place.media"),
        made("Foxtrot", reads="site.value"),
    ]
    found = {p[0] for p in problems(parts, (), ["place.deaths"])}
    assert found == {"after-unknown", "after-cycle", "two-writers", "unfed", "record-unfed"}


def test_a_kind_of_tie_that_the_case_lacks() -> None:
    able = made("Able", writes="place.media", ties="neighbour")
    assert names(schedule([able], (), ties=["neighbour"])) == ["able"]
    with pytest.raises(MechanismError) as caught:
        schedule([able], (), ties=["neighbor"])
    (problem,) = caught.value.problems
    assert (problem.refusal, problem.where) == ("tie-missing", "mechanism 'able'")
    assert problem.fault == "sees ties of kind 'neighbour', which the case lacks"
    assert problem.cure == "did you mean 'neighbor'?; or add [tie.neighbour]"
