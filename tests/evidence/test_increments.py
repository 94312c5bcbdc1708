"""Cumulative totals as increments: sums come back, falls are flagged, what was replaced is named."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outside_data import outside

from groundswell.errors import GroundswellError
from groundswell.evidence.counts import Counts, Published, read_counts
from groundswell.evidence.increments import increments, refuse_falls, series_of

START = dt.date(2019, 10, 1)


def total(day: int, value: float, *, published: int | None = None, qualifier: str = "exact", reporter: str = "un",
          cumulative: bool = True, forces: str = "yes", place: str = "national") -> Published:  # fmt: skip
    end = START + dt.timedelta(days=day)
    printed = START + dt.timedelta(days=day + 1 if published is None else published)
    return Published("iraq", place, "", START, end, "deaths", value, qualifier, cumulative, forces, reporter, "press",
                     printed, "https://example.org", day)  # fmt: skip


@given(st.lists(st.integers(0, 500), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_increments_sum_to_the_totals_in_any_order_of_the_file(steps: list[int], shuffler: object) -> None:
    totals, so_far = [], 0
    for k, step in enumerate(steps):
        so_far += step
        totals.append(total(3 * k, so_far))
    shuffler.shuffle(totals)  # type: ignore[attr-defined]
    made = increments(Counts(tuple(totals)))
    assert [one.value for one in made] == steps
    assert made[0].first == START and sum(one.days for one in made) == 3 * (len(steps) - 1) + 1
    assert all(b.first == a.last + dt.timedelta(days=1) for a, b in pairwise(made))
    assert all(one.low == one.high == one.value and not one.flags for one in made)


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(("exact", "at_least", "more_than", "about", "up_to"))),
                min_size=2, max_size=6))  # fmt: skip
def test_bounds_hold_every_truth_that_the_words_allow(steps: list[tuple[int, str]]) -> None:
    so_far, truth, totals = 0, [], []
    for k, (step, qualifier) in enumerate(steps):  # the true totals are so_far; each is worded truly
        so_far += step
        slack = {"more_than": -1, "at_least": -2, "up_to": 3} if so_far > 3 else {}
        truth.append(so_far)
        totals.append(total(k, so_far + slack.get(qualifier, 0), qualifier=qualifier if so_far > 3 else "exact"))
    made = increments(Counts(tuple(totals)))
    for one, (before, after) in zip(made[1:], pairwise(truth), strict=True):
        assert one.low - 1e-9 <= after - before <= one.high + 1e-9


def test_reporters_places_and_first_days_stay_apart() -> None:
    counts = Counts((total(1, 5), total(2, 9, reporter="agency"), total(3, 7, place="Basra"), total(4, 8),
                     total(5, 50, cumulative=False)))  # fmt: skip
    assert [(s.reporter, s.place, len(s.points)) for s in series_of(counts)] == [
        ("un", "national", 2), ("agency", "national", 1), ("un", "Basra", 1)]  # fmt: skip
    joined = counts.same_reporter({"agency": "un"})
    assert [one.value for one in increments(joined.about(place="national"))] == [5, 4, None]


def test_a_fall_has_no_value_and_is_flagged_or_refused() -> None:
    counts = Counts((total(1, 100), total(2, 90), total(3, 95)))
    made = increments(counts)
    assert [one.value for one in made] == [100, None, 5] and "falls from 100 to 90" in made[1].flags[0]
    with pytest.raises(GroundswellError) as caught:
        refuse_falls(counts)
    (problem,) = caught.value.problems
    assert problem.refusal == "count-falls" and "line 2" in problem.where and "(line 1)" in problem.fault
    refuse_falls(counts.where(lambda row: row.value != 100))


def test_a_later_total_for_the_same_day_replaces_the_earlier_once_it_is_known() -> None:
    counts = Counts((total(4, 304, published=180), total(4, 106, published=5)))
    (made,) = increments(counts)
    assert made.value == 304 and "first given as 106" in made.flags[0]
    (then,) = increments(counts.known_on(START + dt.timedelta(days=30)))
    assert then.value == 106 and not then.flags and then.known == START + dt.timedelta(days=5)


def test_changes_of_definition_and_wording_are_flagged() -> None:
    made = increments(Counts((total(1, 10), total(2, 20, forces="no", qualifier="about"))))
    assert made[1].flags == ("security forces counted: yes, then no", "worded as exact, then about")


def test_increments_of_the_mission_equal_the_windows_it_printed() -> None:
    counts = read_counts(outside("reported_casualties/reported_casualties_2017_2019.csv"))
    made = increments(counts.about("deaths", "national", "Iraq", "UNAMI"))
    printed = counts.about("deaths", "national", "Iraq").where(lambda row: not row.cumulative)
    values = {row.window_end: row.value for row in printed}
    assert [one.value for one in made] == [157, 97, 170]
    assert [values[one.last] for one in made[1:]] == [97, 170]  # 25 Oct to 4 Nov, 5 Nov to 9 Dec: printed apart
    assert made[1].first == dt.date(2019, 10, 10) and made[1].high == float("inf")
