"""The numbers: quantiles equal the dataset's, misses are right on cases made by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import xarray as xr
from reports.fake import fake_runs, fake_scenario

from groundswell.reports import summary, write_report
from groundswell.reports.figures_harm import cumulative
from groundswell.reports.figures_pushed import pushed
from groundswell.reports.grouped import drawn_quantities
from groundswell.reports.influence import Influence, influence, ranks
from groundswell.reports.misses import compare, findings, is_soft
from groundswell.reports.series import Runs
from groundswell.reports.summary import COLUMNS
from groundswell.reports.tables import percent, qualified, show, window
from groundswell.reports.timing import timing, timing_lines

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}


@pytest.fixture(scope="module")
def runs() -> xr.Dataset:
    return fake_runs(40)


@pytest.fixture(scope="module")
def table(runs: xr.Dataset) -> pd.DataFrame:
    return summary(runs)


def pick(table: pd.DataFrame, measure: str, place: str, span: str, date: str = "") -> pd.Series:
    rows = table[(table.measure == measure) & (table.place == place) & (table.span == span)]
    if date:
        rows = rows[rows.date == pd.Timestamp(date)]
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize("measure", ["place.deaths", "place.turnout"])
def test_summary_of_a_day_equals_the_quantiles_of_the_dataset(
    runs: xr.Dataset, table: pd.DataFrame, measure: str
) -> None:
    day = runs[measure].sel(time="2019-10-05")
    for place, values in (("national", day.sum("place")), ("Baghdad", day.sel(place="Baghdad"))):
        row = pick(table, measure, place, "day", "2019-10-05")
        assert row["mean"] == pytest.approx(float(values.mean()))
        for name, q in QUANTILES.items():
            assert row[name] == pytest.approx(float(np.quantile(values.values, q)))


def test_totals_are_sums_of_flows_and_person_days_of_persons(runs: xr.Dataset, table: pd.DataFrame) -> None:
    dead, out = (runs[name].sum(("time", "place")).values for name in ("place.deaths", "place.turnout"))
    row = pick(table, "place.deaths", "national", "total")
    assert row["median"] == pytest.approx(np.median(dead)) and row["unit"] == "persons"
    row = pick(table, "place.turnout", "national", "total")
    assert row["p95"] == pytest.approx(np.quantile(out, 0.95)) and row["unit"] == "person-days"


def test_communities_are_averaged_by_population_as_drawn(runs: xr.Dataset, table: pd.DataFrame) -> None:
    drawn = {str(p): runs["guess_value"].values[:, k] for k, p in enumerate(runs["guess"].values)}
    here = np.flatnonzero(runs["community_place"].values == "Basra")
    weights = []
    for c in here:
        identity, group = str(runs["community_identity"].values[c]), str(runs["community_class"].values[c])
        weights.append(drawn[f"community.identity_share.Basra.{identity}"] * drawn[f"community.class_share.{group}"])
    share = np.stack(weights, axis=1)
    share /= share.sum(1, keepdims=True)
    week = runs["community.anger"].isel(week=5).values[:, here]
    row = pick(table, "community.anger", "Basra", "week", str(runs["week"].values[5])[:10])
    assert row["median"] == pytest.approx(np.median((week * share).sum(1)))


def test_summary_opens_in_pandas_with_places_in_file_order_and_coordinates(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_csv(tmp_path / "summary.csv", index=False)
    back = pd.read_csv(tmp_path / "summary.csv", parse_dates=["date"])
    assert tuple(back.columns) == COLUMNS and len(back) == len(table)
    places = list(dict.fromkeys(back[back.measure == "place.deaths"].place))
    assert places[0] == "national" and places[1:] == list(fake_scenario().place)
    row = back[(back.place == "Basra") & (back.span == "total")].iloc[0]
    assert (row.iso, row.latitude, row.longitude) == ("IQ-BA", 30.5, 47.8)
    assert back[back.place == "national"].latitude.isna().all()
    assert not table[table.span != "total"].date.isna().any()
    keys = table[["measure", "place", "span", "date"]]
    assert not keys.duplicated().any()


def count(start: str, end: str, value: float, **more: Any) -> dict[str, Any]:
    return {"place": "national", "window_start": start, "window_end": end, "measure": "deaths", "value": value,
            "cumulative": False, "reporter": "r", "publisher": "p", "url": "https://a.example/"} | more  # fmt: skip


def by_hand(counts: list[dict[str, Any]], deaths: np.ndarray[Any, Any], **more: Any) -> Runs:
    """Runs of one or two places whose deaths a day are given, (replicate, day, place)."""
    places = deaths.shape[2]
    end = (dt.date(2019, 9, 1) + dt.timedelta(days=deaths.shape[1] - 1)).isoformat()
    scenario = fake_scenario(places, end=end, count=counts, **more)
    data = fake_runs(deaths.shape[0], scenario)
    data["place.deaths"] = (("replicate", "time", "place"), deaths)
    return Runs(data)


def test_position_share_and_ratio_are_right_on_a_case_made_by_hand() -> None:
    deaths = np.zeros((21, 10, 2))
    deaths[:, 2, 0] = np.arange(21)  # 0 to 20 on 3 September in the first place
    deaths[:, 3, 1] = 10
    days = "2019-09-03", "2019-09-04"
    listed = [count(*days, 20), count(*days, 30), count(*days, 10.5), count(*days, 10.5, qualifier="at_least"),
              count(*days, 40, qualifier="up_to"), count("2019-09-03", "2019-09-03", 5, place="Al-Anbar")]  # fmt: skip
    compared, left = compare(by_hand(listed, deaths))
    assert not left
    assert [item.position for item in compared] == ["inside", "above", "below", "below", "above", "inside"]
    assert compared[0].band == pytest.approx((11, 15, 20, 25, 29))
    assert [item.share_below for item in compared] == pytest.approx([10 / 21, 20 / 21, 1 / 21, 1 / 21, 1, 5 / 21])
    assert [is_soft(item) for item in compared] == [False, False, False, True, True, False]
    assert compared[0].ratio == pytest.approx(29 / 11)
    assert compared[5].ratio == pytest.approx(19)


def test_a_count_that_cannot_be_compared_says_why() -> None:
    odd = [count("2019-08-30", "2019-09-02", 1), count("2019-09-01", "2019-10-02", 1),
           count("2019-09-01", "2019-09-02", 1, measure="police_deaths"),
           count("2019-09-01", "2019-09-02", 1, place="a bridge")]  # fmt: skip
    compared, left = compare(by_hand(odd, np.zeros((3, 10, 1))))
    assert not compared
    reasons = [reason for _, reason in left]
    assert reasons[0] == reasons[1] == "the window leaves the period of the runs"
    assert reasons[2:] == ["the model has no such measure", "the place is not one of the case"]


def test_sentences_count_what_lies_outside_and_never_hide_it() -> None:
    deaths = np.tile(np.arange(101.0)[:, None, None], (1, 10, 1))
    some = [count("2019-09-01", "2019-09-01", value, cumulative=True) for value in (50, 60, 98, 2)]
    cut = by_hand(some, deaths)
    lines = " ".join(findings(cut, compare(cut)[0]))
    assert "2 of 4 published national cumulative counts lie inside the 90 % band" in lines
    assert "1 above it" in lines and "1 below it" in lines
    assert "weak evidence" in lines and "19 times the 5 % value" in lines
    nothing = by_hand([count("2019-09-01", "2019-09-02", 7)], np.zeros((5, 10, 1)))
    lines = " ".join(findings(nothing, compare(nothing)[0]))
    assert "0 of 1 published national count" in lines and "nearly all replicates give 0" in lines


def test_weekly_steps_share_a_window_by_days() -> None:
    scenario = fake_scenario(1, step="week", end="2019-09-21", count=[count("2019-09-06", "2019-09-08", 3)])
    data = fake_runs(4, scenario)
    data["place.deaths"] = (
        ("replicate", "time", "place"),
        np.tile(np.array([7.0, 14.0, 0.0])[None, :, None], (4, 1, 1)),
    )
    compared, _ = compare(Runs(data))  # two days of the first week at 1 a day, one of the second at 2
    assert compared[0].band[2] == pytest.approx(4.0)


def test_cumulative_starts_with_the_first_cumulative_window_and_keeps_others_apart() -> None:
    deaths = np.ones((5, 30, 1))
    listed = [
        count("2019-09-10", "2019-09-12", 3, cumulative=True),
        count("2019-09-10", "2019-09-20", 9, cumulative=True),
        count("2019-09-15", "2019-09-16", 2),
        count("2019-09-15", "2019-09-18", 4, cumulative=True),
    ]
    cut = by_hand(listed, deaths)
    found = cumulative(cut, "place.deaths", compare(cut)[0])
    assert found is not None and str(found.start) == "2019-09-10"
    assert found.band[2][0] == 1 and found.band[2][-1] == 21
    assert (len(found.points), len(found.windows)) == (2, 2)


def test_timing_finds_the_deadliest_week_of_each_replicate() -> None:
    deaths = np.zeros((4, 60, 1))
    deaths[:3, 31:34, 0] = 5  # 2 to 4 October
    anchors = {"T": {"date": "2019-10-03", "place": "national", "fact": "f", "class": "target",
                     "known_on": "2019-10-03", "source": "s"}}  # fmt: skip
    found = timing(by_hand([], deaths, anchor=anchors, shock={}))
    assert found is not None
    assert found.without_deaths == 1 and found.hits[0][2] == 1.0 and found.any_hit == 1.0
    assert found.by_chance == pytest.approx(7 / 54)
    words = " ".join(timing_lines(found))
    assert "in 100\u00a0% of replicates, more often than the 13\u00a0%" in words and "1 replicate without" in words
    assert "lie in October in 100\u00a0% of the 3 replicates with deaths" in words and "would be luck" in words
    early = np.zeros((4, 60, 1))
    early[:, 5, 0] = 1
    words = " ".join(timing_lines(timing(by_hand([], early, anchor=anchors, shock={}))))
    assert "Missed: 3 Oct (national)" in words and "no better than" in words and "cuts them off" not in words


def test_a_pile_up_at_the_end_is_said_to_be_one() -> None:
    growing = np.tile(np.arange(60.0)[None, :, None], (4, 1, 1))
    cut = by_hand([], growing, shock={}, anchor={})
    cut.data["place.turnout"] = (("replicate", "time", "place"), growing)
    words = " ".join(timing_lines(timing(cut)))
    assert "because crowds grow until the end (turnout is highest there in 100" in words
    cut.data["place.turnout"] = (("replicate", "time", "place"), growing[:, ::-1])
    words = " ".join(timing_lines(timing(Runs(cut.data))))
    assert "cuts them off" in words and "because crowds grow" not in words


def test_rank_correlations_equal_those_of_scipy(runs: xr.Dataset) -> None:
    dead = runs["place.deaths"].where(runs["replicate"] % 3 > 0, 0)
    cut = Runs(runs.assign({"place.deaths": dead}))
    found = influence(cut)
    assert isinstance(found, Influence) and (found.replicates, found.with_deaths) == (40, 26)
    deaths = dead.sum(("time", "place")).values
    turnout = runs["place.turnout"].sum(("time", "place")).values
    drawn, some = drawn_quantities(cut), deaths > 0
    for k in (0, 3, -1):
        values = drawn[found.paths[k]]
        assert found.any_death[k] == pytest.approx(scipy.stats.spearmanr(values, some).statistic)
        assert found.given_any[k] == pytest.approx(scipy.stats.spearmanr(values[some], deaths[some]).statistic)
        assert found.turnout[k] == pytest.approx(scipy.stats.spearmanr(values, turnout).statistic)
    size = np.maximum(np.abs(found.any_death) * np.sqrt(39), np.abs(found.given_any) * np.sqrt(25))
    assert np.all(np.diff(size) <= 1e-12)
    strict = scipy.stats.norm.ppf(1 - 0.025 / (2 * len(found.paths)))
    assert found.limits == pytest.approx((strict / np.sqrt(39), strict / np.sqrt(25)))
    other = int((~found.beyond).sum())
    assert f"the other {other} cannot be told from noise" in found.lines()[0]
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_guesses_of_single_places_are_joined_and_never_named(runs: xr.Dataset) -> None:
    drawn = drawn_quantities(Runs(runs))
    assert not [name for name in drawn for place in fake_scenario().place if place in name]
    raw = {str(p): runs["guess_value"].values[:, k] for k, p in enumerate(runs["guess"].values)}
    strengths = [v for p, v in raw.items() if p.startswith("unit.")]
    np.testing.assert_allclose(drawn["strength of police, sum of all units"], np.sum(strengths, axis=0))
    people = np.array([row.columns["population"].value for row in fake_scenario().place.values()])
    shares = np.stack([raw[f"community.identity_share.{p}.first"] for p in fake_scenario().place], axis=1)
    np.testing.assert_allclose(drawn["identity share of first, mean of all places"], shares @ people / people.sum())
    assert "mobilisation.noise" in drawn


def test_influence_says_why_there_is_none(runs: xr.Dataset) -> None:
    said = influence(Runs(fake_runs(10, fake_scenario(1))))
    assert isinstance(said, str) and "10 replicates" in said
    said = influence(Runs(runs.drop_vars("place.deaths")))
    assert isinstance(said, str) and "place.deaths" in said
    said = influence(Runs(runs.assign({"place.deaths": runs["place.deaths"] * 0})))
    assert isinstance(said, str) and "same in all replicates" in said


def test_pushes_are_population_means(runs: xr.Dataset) -> None:
    cut = Runs(runs)
    found = pushed(cut, "community.anger")
    assert found is not None
    weights = cut.community_population
    share = weights / weights.sum(1, keepdims=True)
    by_hand = np.einsum("rwmc,rc->rwm", runs["pushed.community.anger"].values.astype(float), share)
    np.testing.assert_allclose(found[2], by_hand, rtol=1e-4, atol=1e-6)


def test_figures_csv_equals_the_quantiles(runs: xr.Dataset, tmp_path: Path) -> None:
    folder = write_report(runs, tmp_path).parent / "figures"
    back = pd.read_csv(folder / "turnout.csv")
    national = runs["place.turnout"].sum("place").values
    np.testing.assert_allclose(back["95 %"], np.quantile(national, 0.95, axis=0))
    assert back["date"][0] == "2019-09-01" and len(back) == 122
    tiles = pd.read_csv(folder / "tiles_deaths.csv")
    week = runs["place.deaths"].isel(time=slice(28, 35)).sum("time")
    row = tiles[(tiles.place == "Dhi Qar") & (tiles["from"] == "2019-09-29")].iloc[0]
    here = week.sel(place="Dhi Qar").values
    assert row["median"] == np.median(here) and row["share_above_0"] == pytest.approx((here > 0).mean())
    assert tiles["from"].max() == "2019-12-22"  # the last three days are no whole week


def test_words_for_numbers() -> None:
    assert [show(v) for v in (None, 0.0, 1234.0, 12.345, 0.00123, 123.4)] == [
        "–",
        "0",
        "1,234",
        "12.3",
        "0.00123",
        "123",
    ]
    assert [percent(v) for v in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        "0\u00a0%", "under 1\u00a0%", "50\u00a0%", "over 99\u00a0%", "100\u00a0%"]  # fmt: skip
    assert qualified(157, "at_least") == "at least 157" and qualified(3, "exact") == "3"
    first = dt.date(2019, 10, 1)
    assert window(first, first) == "1 Oct 2019"
    assert window(first, dt.date(2019, 10, 9)) == "1 – 9 Oct 2019"
    assert window(first, dt.date(2020, 1, 2)) == "1 Oct 2019 – 2 Jan 2020"
