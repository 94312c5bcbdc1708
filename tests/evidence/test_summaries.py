"""Summaries against plain loops over the rows, on recorded and on simulated events."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import refusing

import groundswell
from groundswell.evidence import summaries
from groundswell.evidence.simulated import events_of
from groundswell.evidence.sources.base import event
from groundswell.world.events import COLUMNS, Events

START = dt.date(2019, 10, 1)  # a Tuesday
PLACES = ("hill", "marsh", "port")


def table(rows: list[tuple[int, int, str, int]]) -> Events:
    """Events of (replicate, day, place, deaths)."""
    made = [event(country="arvenia", kind="protest", actor="a", target="b", source="made up", place=place,
                  day=START + dt.timedelta(days=day), deaths_low=n, deaths_best=n, deaths_high=2 * n)
            | {"replicate": replicate} for replicate, day, place, n in rows]  # fmt: skip
    return Events({name: np.array([row[name] for row in made], dtype=object if kind == "str" else kind)
                   for name, kind in COLUMNS.items()})  # fmt: skip


ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.sampled_from(PLACES), st.integers(0, 9)),
                min_size=1, max_size=40)  # fmt: skip


@given(ROWS, st.sampled_from(["day", "week"]), st.sampled_from(["events", "deaths_best"]))
def test_counts_equal_a_loop_over_the_rows(rows: list[tuple[int, int, str, int]], step: Any, what: str) -> None:
    found = summaries.by_place(table(rows), what, step=step, places=PLACES)
    assert found.dims == ("replicate", "place", "time") and list(found["place"].values) == list(PLACES)
    expected: dict[tuple[int, str, np.datetime64], int] = {}
    for replicate, day, place, n in rows:
        when = START + dt.timedelta(days=day)
        when -= dt.timedelta(days=when.weekday() if step == "week" else 0)
        key = replicate, place, np.datetime64(when, "s")
        expected[key] = expected.get(key, 0) + (1 if what == "events" else n)
    assert int(found.sum()) == sum(expected.values())
    for (replicate, place, when), n in expected.items():
        assert int(found.sel(replicate=replicate, place=place, time=when)) == n


@given(ROWS, st.integers(1, 3))
def test_spells_equal_a_loop_over_the_rows(rows: list[tuple[int, int, str, int]], at_least: int) -> None:
    found = summaries.spells(table(rows), places=PLACES, at_least=at_least)
    for row in found.to_dict("records"):
        days = [day for replicate, day, place, _ in rows if (replicate, place) == (row["replicate"], row["place"])]
        full = sorted({day for day in days if days.count(day) >= at_least})
        assert row["total"] == len(days) and row["days"] == len(full)
        if not full:
            assert str(row["first"]) == str(row["peak_day"]) == "NaT" and row["peak"] == row["duration"] == 0
            continue
        assert row["first"].date() == START + dt.timedelta(days=full[0])
        assert row["last"].date() == START + dt.timedelta(days=full[-1]) and row["duration"] == full[-1] - full[0] + 1
        most = max(days.count(day) for day in days)
        first_peak = min(day for day in days if days.count(day) == most)
        assert row["peak"] == most and row["peak_day"].date() == START + dt.timedelta(days=first_peak)


@given(ROWS)
def test_lags_reach_and_shares(rows: list[tuple[int, int, str, int]]) -> None:
    events = table(rows)
    found = summaries.lags(events, places=PLACES)
    for replicate in found["replicate"].values:
        first = {p: min((d for r, d, q, _ in rows if (r, q) == (replicate, p)), default=np.nan) for p in PLACES}
        for a in PLACES:
            for b in PLACES:
                lag = float(found.sel(replicate=replicate, place=a, other=b))
                assert np.array_equal(lag, first[b] - first[a], equal_nan=True)
    spread = summaries.reach(events, places=PLACES)
    last = spread.groupby("replicate").last()
    for replicate, row in last.iterrows():
        there = {place for r, _, place, _ in rows if r == replicate}
        assert row["places_so_far"] == len(there) and row["share"] == pytest.approx(len(there) / 3)
    assert (spread["places"] <= spread["places_so_far"]).all()
    killed = summaries.deaths(events, places=PLACES)
    assert killed["best"].sum() == sum(n for *_, n in rows) and (killed["high"] == 2 * killed["best"]).all()
    for _, group in killed.groupby("replicate"):
        assert group["share"].isna().all() if not group["best"].sum() else group["share"].sum() == pytest.approx(1)


def test_places_keep_the_order_given_or_that_of_the_table() -> None:
    events = table([(-1, 0, "port", 1), (-1, 1, "hill", 0), (-1, 1, "hill", 9)])
    assert list(summaries.by_place(events)["place"].values) == ["port", "hill"]
    made = summaries.by_place(events, places=("marsh", "hill"))
    assert list(made["place"].values) == ["marsh", "hill"] and made.attrs["left_out"] == 1
    assert made.sel(place="marsh").sum() == 0
    weeks = summaries.weekly(events, places=PLACES)
    assert weeks.shape == (1, 3) and weeks.index[0].weekday() == 0 and weeks["hill"].iloc[0] == 2


def test_windows_and_empty_tables() -> None:
    events = table([(-1, 5, "port", 1)])
    made = summaries.by_place(events, start=START, end=START + dt.timedelta(days=9))
    assert made.shape == (1, 1, 10) and int(made.values.argmax()) == 5
    none = events.where(np.zeros(1, bool))
    assert (
        summaries.by_place(none, places=PLACES).shape == (0, 3, 0) and len(summaries.spells(none, places=PLACES)) == 0
    )
    assert len(summaries.coverage(none)) == len(summaries.reach(none)) == len(summaries.deaths(none)) == 0
    with refusing("summary-what", "did you mean 'deaths_best'"):
        summaries.by_place(events, "deaths_bst")


def test_coverage_tells_where_a_source_is_silent() -> None:
    found = summaries.coverage(table([(-1, 0, "port", 0), (-1, 70, "hill", 0), (-1, 71, "hill", 0)]), places=PLACES)
    rows = {row["place"]: row for row in found.to_dict("records")}
    assert list(rows) == list(PLACES)
    assert rows["hill"]["events"] == 2 and rows["hill"]["months"] == 1 and rows["hill"]["silent"] == 2
    assert rows["marsh"]["events"] == 0 and rows["marsh"]["silent"] == 3 and str(rows["marsh"]["first"]) == "NaT"


def test_simulated_events_give_the_recorded_numbers(busy: Any) -> None:
    record = ("place.turnout", "place.arrests", "unit.deaths", "unit.injuries")
    runs = groundswell.simulate(busy.model_copy(update={"record": record, "record_weekly": ()}), replicates=3, seed=1)
    events = events_of(runs)
    made = summaries.by_place(events, "size", places=[str(p) for p in runs["place"].values],
                              start=runs["time"].values[0].astype("datetime64[D]").astype(object),
                              end=runs["time"].values[-1].astype("datetime64[D]").astype(object))  # fmt: skip
    assert np.array_equal(made.values, runs["place.turnout"].transpose("replicate", "place", "time").values)
    killed = summaries.deaths(events)
    assert killed["best"].sum() == int(runs["unit.deaths"].sum()) > 0
