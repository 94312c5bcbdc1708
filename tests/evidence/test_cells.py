"""Dates, counts and points of a cell: read, mended and noted, or refused; never guessed in silence."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.evidence.cells import FIRST, LAST, MOST, Cells
from groundswell.evidence.reading import RowRefused


def cells(day_first: bool | None = None, **held: str) -> Cells:
    return Cells(7, held, day_first)


@pytest.mark.parametrize(
    ("text", "day_first", "day", "repairs"),
    [
        ("2019-10-01", None, dt.date(2019, 10, 1), 0), ("2019-10-1", None, dt.date(2019, 10, 1), 0),
        ("2019-10-01 00:00:00.000", None, dt.date(2019, 10, 1), 0), ("1 October 2019", None, dt.date(2019, 10, 1), 0),
        ("25-Oct-2019", None, dt.date(2019, 10, 25), 0), ("25/10/2019", None, dt.date(2019, 10, 25), 1),
        ("03/04/2019", True, dt.date(2019, 4, 3), 1), ("03/04/2019", False, dt.date(2019, 3, 4), 1),
        ("٢٠١٩-١٠-٠١", None, dt.date(2019, 10, 1), 1), ("۲۰۱۹/۱۰/۰۱", None, dt.date(2019, 10, 1), 1),
        ("05/05/2019", None, dt.date(2019, 5, 5), 1),
    ],
)  # fmt: skip
def test_dates(text: str, day_first: bool | None, day: dt.date, repairs: int) -> None:
    row = cells(day_first, day=text)
    assert row.day("day") == day and len(row.repairs) == repairs


@pytest.mark.parametrize(
    ("text", "word"),
    [("", "missing"), ("03/04/2019", "two ways"), ("2019-02-30", "not a date"), ("1/2/19", "two digits"),
     ("yesterday", "not a date"), ("1 Smarch 2019", "not a date"), ("0001-01-01", "before 1900"),
     ("9999-01-01", "after 2099"), ("13/13/2019", "not a date"), ("20191001", "not a date")],
)  # fmt: skip
def test_dates_that_are_none_refuse_the_row(text: str, word: str) -> None:
    with pytest.raises(RowRefused) as caught:
        cells(day=text).day("day")
    assert word in caught.value.kind


@given(st.dates(FIRST, LAST - dt.timedelta(days=1)))
def test_every_way_to_write_a_day_gives_it_back(day: dt.date) -> None:
    for text, first in ((day.isoformat(), None), (f"{day:%d/%m/%Y}", True), (f"{day:%m/%d/%Y}", False),
                        (f"{day:%Y/%m/%d}", None), (f"{day.day} {day:%B %Y}", None),
                        (f"{day:%d-%b-%Y}", None)):  # fmt: skip
        assert cells(first, day=text).day("day") == day


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("12", 12), ("12.0", 12), ("1,200", 1200), ("١٢", 12)])
def test_counts(text: str, value: int) -> None:
    row = cells(n=text)
    assert row.count("n") == value and bool(row.repairs) == (text != str(value))


@pytest.mark.parametrize("text", ["-1", "1.5", "many", "1e3", "nan", "1,20", str(MOST + 1), "9" * 400, "inf", "²"])
def test_counts_that_are_none_refuse_the_row(text: str) -> None:
    with pytest.raises(RowRefused):
        cells(n=text).count("n")


def test_empty_counts() -> None:
    assert cells(n="").count("n", empty=0) == 0
    with pytest.raises(RowRefused, match="missing"):
        cells().count("n")


def test_a_point_out_of_the_country_is_noted_where_the_name_is_known_and_refused_else() -> None:
    row = cells(lat="44.4", lon="33.3")
    assert row.place("iraq", "Baghdad", row.point("lat", "lon")) == "Baghdad"
    assert row.repairs == [("coordinates in the wrong order; the name decides", "Baghdad: 44.4, 33.3")]
    row = cells(lat="10", lon="10")
    assert row.place("iraq", "Basra", row.point("lat", "lon")) == "Basra" and "outside" in row.repairs[0][0]
    for country, name in (("iraq", "Nowhere"), ("arvenia", "Hill")):
        row = cells(lat="99", lon="10")
        with pytest.raises(RowRefused, match="outside"):
            row.place(country, name, row.point("lat", "lon"))
    with pytest.raises(RowRefused, match="not numbers"):
        cells(lat="x", lon="1").point("lat", "lon")


def test_places_without_a_table_lose_their_accents_and_say_so() -> None:
    row = cells()
    assert row.place("bangladesh", "Barisāl Division", None) == row.place("bangladesh", "Barisal  Division", None)
    assert (
        len(row.repairs) == 2
        and row.place("iraq", "", None) == "unplaced"
        and row.place("iraq", "Iraq", None) == "national"
    )
