"""The rules: each way a test can end, and what must hold of all of them."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.evidence.counts import Counts, Published
from groundswell.ledger import book, rules
from groundswell.ledger.book import Fact

DAY = dt.date(2019, 11, 1)


def fact(first: int, last: int | None = None, reporter: str = "one", name: str = "F") -> Fact:
    days = [DAY + dt.timedelta(days=n) for n in (first, first if last is None else last)]
    return Fact(name, *days, "Najaf", "something", reporter, "paper", None, "address")


def count(value: float, qualifier: str = "exact", place: str = "Najaf", reporter: str = "one") -> Published:
    return Published(
        "", place, "", DAY, DAY, "deaths", value, qualifier, False, "no", reporter, "paper", None, "address"
    )


def date_test(first: int, last: int | None = None, slack: int = 0) -> book.DateTest:
    days = [DAY + dt.timedelta(days=n) for n in (first, first if last is None else last)]
    return book.DateTest(claim="C", claimed=days[0], until=days[1], facts=("F",), slack=slack)


@pytest.mark.parametrize(
    ("claimed", "facts", "says", "flags"),
    [
        (date_test(0), [fact(0)], "supported", ("single source",)),
        (date_test(0), [fact(0), fact(0, reporter="two")], "supported", ()),
        (date_test(30), [fact(0), fact(0, reporter="two")], "contradicted", ()),
        (date_test(0), [fact(0), fact(1, reporter="two")], "cannot tell", ()),
        (date_test(2, 5), [fact(4)], "supported", ("single source",)),
        (date_test(1, slack=1), [fact(0)], "supported", ("single source",)),
        (date_test(2, slack=1), [fact(0)], "contradicted", ("single source",)),
    ],
)
def test_dates(claimed: book.DateTest, facts: list[Fact], says: str, flags: tuple[str, ...]) -> None:
    part = rules.dated(claimed, facts)
    assert (part.says, part.flags) == (says, flags)
    assert len(part.evidence) == len(facts)


def test_how_far_the_nearest_record_is() -> None:
    assert "30 days away" in rules.dated(date_test(30), [fact(0), fact(-9)]).reason
    assert "1 day away" in rules.dated(date_test(-1), [fact(0, 4)]).reason


@pytest.mark.parametrize(
    ("first", "then", "says"),
    [
        ([fact(0)], [fact(1)], "supported"),
        ([fact(0)], [fact(0)], "cannot tell"),
        ([fact(7)], [fact(0)], "contradicted"),
        ([fact(0), fact(2, reporter="two")], [fact(1)], "cannot tell"),
        ([fact(0, 3)], [fact(3, 9)], "cannot tell"),
        ([fact(9), fact(8, reporter="two")], [fact(0, 7)], "contradicted"),
    ],
)
def test_orders(first: list[Fact], then: list[Fact], says: str) -> None:
    part = rules.ordered(book.OrderTest(claim="C", first=("F",), then=("G",)), first, then)
    assert part.says == says
    assert ("effect before cause" in part.flags) == (says == "contradicted")


def quantity(value: float, qualifier: str = "exact", **more: object) -> book.QuantityTest:
    chosen = book.Chosen(measures=("deaths",), place="Najaf")
    return book.QuantityTest.model_validate(
        {"claim": "C", "value": value, "qualifier": qualifier, "definition": "the dead", "counts": chosen, **more}
    )


SINGLE_DIFFERS = ("single source", "definition differs")


@pytest.mark.parametrize(
    ("test", "rows", "says", "flags"),
    [
        (quantity(100), [count(95)], "supported", ("single source",)),
        (quantity(100), [count(95), count(104, reporter="two")], "supported", ()),
        (quantity(100), [count(80)], "cannot tell", ()),
        (quantity(100), [count(70), count(60, reporter="two")], "contradicted", ()),
        (quantity(100), [count(95), count(60, reporter="two")], "cannot tell", ()),
        (quantity(100), [count(60, "at_least")], "cannot tell", ()),
        (quantity(100), [count(200, "at_least")], "contradicted", ("single source",)),
        (quantity(100, "at_least"), [count(500)], "supported", ("single source",)),
        (quantity(100, "up_to"), [count(500)], "contradicted", ("single source",)),
        (quantity(100), [], "cannot tell", ()),
        (quantity(100), [count(100, place="Basra")], "cannot tell", ()),
        (
            quantity(100, differs="counts the hurt"),
            [count(100)],
            "cannot tell",
            ("single source", "definition differs"),
        ),
    ],
)
def test_quantities(test: book.QuantityTest, rows: list[Published], says: str, flags: tuple[str, ...]) -> None:
    part = rules.counted(test, Counts(tuple(rows)))
    assert (part.says, part.flags) == (says, flags)


def test_a_moved_figure() -> None:
    sides = {
        side: book.Chosen(measures=("deaths",), place=place)
        for side, place in (("here", "Najaf"), ("there", "Dhi Qar"))
    }
    test = book.MovedTest(claim="C", value=28, other="D", **sides)
    part = rules.moved(test, Counts((count(6), count(1, reporter="two"), count(29, place="Dhi Qar"))))
    assert (part.says, part.flags) == ("contradicted", ("double-counted? (D)",))
    assert rules.moved(test, Counts((count(28), count(29, place="Dhi Qar")))).says == "supported"
    assert rules.moved(test, Counts((count(6), count(90, place="Dhi Qar")))).flags == ("single source",)


numbers = st.floats(0, 1e6)


@given(numbers, numbers, numbers, numbers, st.floats(0, 1), st.floats(0, 1))
def test_a_count_takes_one_stand_and_keeps_it_when_both_sides_grow(
    a: float, b: float, c: float, d: float, tolerance: float, margin: float
) -> None:
    claim, counted = sorted((a, b)), sorted((c, d))
    stand = rules.stands(*claim, *counted, tolerance, margin)
    inside = counted[0] <= claim[1] and claim[0] <= counted[1]
    assert not (stand == "disagrees" and inside)
    if stand == "agrees":
        assert rules.stands(*claim, *counted, tolerance + 0.1, margin) == "agrees"
    if stand == "disagrees":
        assert rules.stands(*claim, *counted, 0, 0) == "disagrees"
    wide = rules.stands(*claim, counted[0], math.inf, tolerance, margin)
    assert wide != "agrees" or claim[1] == math.inf


@given(st.lists(st.sampled_from(["agrees", "disagrees", "silent"])))
def test_what_stands_say_together(found: list[rules.Stand]) -> None:
    says = rules.of_stands(found)
    assert (says == "supported") == ("agrees" in found and "disagrees" not in found)
    assert (says == "contradicted") == ("disagrees" in found and "agrees" not in found)


def test_the_folder_of_a_ledger_is_no_part_of_a_rule() -> None:
    assert "Path" not in Path(rules.__file__).read_text(encoding="utf-8")


def test_events_and_their_two_sides() -> None:
    assert rules.happened([fact(0)], []).says == "supported"
    assert rules.happened([], [fact(0), fact(0, reporter="two")]).says == "contradicted"
    assert rules.happened([fact(0)], [fact(0, reporter="two")]).says == "cannot tell"
    with pytest.raises(ValueError, match="no fact, or one on both sides"):
        book.EventTest(claim="C", agrees=("F",), disagrees=("F",))


def test_counts_are_chosen_by_their_window_and_never_from_who_claims() -> None:
    early, late = count(5, reporter="one"), count(9, reporter="two")
    wanted = book.Chosen(measures=("deaths",), without=("one",))
    assert [row.value for row in rules.choose(wanted, Counts((early, late)))] == [9]
    later = book.Chosen(measures=("deaths",), ends_after=DAY + dt.timedelta(days=1))
    assert len(rules.choose(later, Counts((early, late)))) == 0
