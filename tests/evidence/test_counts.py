"""Published counts: read with every fault named, known from their day of publication on, worded as they are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outside_data import outside

import groundswell
from groundswell.errors import GroundswellError
from groundswell.evidence.counts import NEEDED, QUALIFIERS, Counts, bounds, counts_of, read_counts

HEAD = ",".join(NEEDED)
GOOD = "national,2019-10-01,2019-10-03,deaths,19,exact,true,a commission,an agency,2019-10-04,https://example.org/1"


def written(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "counts.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


def test_a_row_has_every_fact_and_its_line(tmp_path: Path) -> None:
    (row,) = read_counts(written(tmp_path, "# a comment", GOOD))
    assert (row.place, row.value, row.qualifier, row.cumulative, row.line) == ("national", 19, "exact", True, 3)
    assert row.window_start == dt.date(2019, 10, 1) and row.published == dt.date(2019, 10, 4) and row.days == 3
    assert (row.country, row.admin1, row.forces) == ("", "", "unknown")


@pytest.mark.parametrize(
    ("refusal", "old", "new", "word"),
    [
        ("qualifier", "exact", "at_lest", "did you mean 'at_least'"),
        ("count-window", "2019-10-03", "2019-09-30", "before it starts"),
        ("count-negative", ",19,", ",-19,", "below 0"),
        ("count-early", "2019-10-04", "2018-10-04", "before its window starts"),
        ("csv-date", "2019-10-03", "3 Oct 2019", "not a date"),
        ("csv-number", ",19,", ",nineteen,", "not a number"),
        ("csv-truth", "true", "maybe", "neither"),
        ("cell-missing", "a commission", "", "column reporter"),
        ("csv-ragged", "exact", "exact,exact", "cells"),
    ],
)
def test_a_fault_is_named_with_line_and_cure(tmp_path: Path, refusal: str, old: str, new: str, word: str) -> None:
    with pytest.raises(GroundswellError) as caught:
        read_counts(written(tmp_path, GOOD.replace("/1", "/0"), GOOD.replace(old, new, 1)))
    (problem,) = caught.value.problems
    assert (
        problem.refusal == refusal and word in str(problem) and "counts.csv, line 3" in problem.where and problem.cure
    )


def test_a_row_that_is_there_twice_and_a_missing_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GroundswellError, match="repeats line 2.*count-twice"):
        read_counts(written(tmp_path, GOOD, GOOD))
    with pytest.raises(GroundswellError, match="lacks the column 'url'"):
        read_counts(written(tmp_path, head=HEAD.removesuffix(",url")))
    with pytest.raises(GroundswellError, match="file-missing"):
        read_counts(tmp_path / "none.csv")


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(GroundswellError) as caught:
        read_counts(written(tmp_path, GOOD.replace("exact", "?"), GOOD.replace(",19,", ",x,")))
    assert {p.refusal for p in caught.value.problems} == {"qualifier", "csv-number"}


def test_known_from_the_day_of_publication_on(tmp_path: Path) -> None:
    undated = GOOD.replace("2019-10-04", "").replace("/1", "/2")
    counts = read_counts(written(tmp_path, GOOD, undated))
    assert len(counts.known_on(dt.date(2019, 10, 3))) == 0
    assert counts.known_on(dt.date(2019, 10, 4)).rows == counts.rows[:1]
    assert len(counts.known_on(dt.date(2100, 1, 1))) == 1 and counts.undated.rows == counts.rows[1:]


def test_words_as_bounds() -> None:
    inf = float("inf")
    assert [bounds(9, q) for q in QUALIFIERS] == [(9, 9), (9, inf), (10, inf), (8.1, 9.9), (0, 9)]


@given(st.integers(1, 10_000), st.sampled_from(QUALIFIERS))
def test_a_number_agrees_with_itself_but_for_more_than(value: int, qualifier: str) -> None:
    low, high = bounds(value, qualifier)
    assert 0 <= low <= high and (low <= value <= high) == (qualifier != "more_than")


def test_allows_numbers_and_spans(tmp_path: Path) -> None:
    (row,) = read_counts(written(tmp_path, GOOD.replace("exact", "more_than")))
    assert not row.allows(19) and row.allows(20) and row.allows(5, 21) and not row.allows(5, 10)


def test_the_counts_of_a_case_equal_those_of_its_file() -> None:
    case = groundswell.load("iraq-2019")
    file = Path(groundswell.__file__).parent / "cases" / "iraq_2019" / "counts.csv"
    ours, read = counts_of(case), read_counts(file)
    assert len(ours) == len(read) > 50
    for a, b in zip(ours, read, strict=True):
        assert {k: v for k, v in vars(a).items() if k not in ("line", "country", "admin1")} == {
            k: v for k, v in vars(b).items() if k not in ("line", "country", "admin1")
        }
    assert {row.country for row in ours} == {"iraq"}
    assert ours.about(place="Baghdad").rows == ours.about(place="IQ-BG").rows != ()


def test_the_transcribed_file_is_read_whole() -> None:
    counts = read_counts(outside("reported_casualties/reported_casualties_2017_2019.csv"))
    assert len(counts) == 97 and {row.country for row in counts} == {"Iraq", "Iran"} and len(counts.undated) == 1
    un = counts.about("deaths", "national", "Iraq").where(lambda row: row.reporter.startswith("UNAMI"))
    assert [row.value for row in un if row.cumulative] == [157, 254, 269, 354, 424]
    assert [row.value for row in un.known_on(dt.date(2019, 11, 8)) if row.cumulative] == [157, 254, 269]
    frame = counts.frame()
    assert len(frame) == 97 and frame["published"].isna().sum() == 1


def test_cuts_leave_the_table_as_it_is(tmp_path: Path) -> None:
    counts = read_counts(written(tmp_path, GOOD, GOOD.replace("deaths", "injured")))
    assert len(counts.about(["deaths", "injured"])) == 2 and len(counts.about("injured", reporter="nobody")) == 0
    assert len(counts.overlapping(dt.date(2019, 10, 3), dt.date(2019, 12, 1))) == 2
    assert len(counts.overlapping(dt.date(2019, 10, 4), dt.date(2019, 12, 1))) == 0
    assert counts.same_reporter({"a commission": "another"}).reporters == ("another",)
    assert counts.reporters == ("a commission",) and isinstance(counts, Counts)
