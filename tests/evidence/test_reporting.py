"""Reporting: the identity, what is lost, who is within whom, what is published when, and who shares which luck."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pytest
from refusals import refusing

import groundswell as gs
from groundswell.chance import chance_for
from groundswell.evidence.reporting import Reporting, Seen, recorded
from groundswell.evidence.simulated import events_of
from groundswell.scenario.load import cases, from_resolved

TWO = {
    "claimed": {"deaths": 0.9, "injuries": 0.5, "crowds": 0.4, "half_size": 2000.0},
    "verified": {"deaths": 0.6, "shutdown": 0.5, "delay": 4.0, "within": "claimed"},
}


def reporting(**changes: dict[str, Any]) -> Reporting:
    found = []
    for name, spec in {**TWO, **changes}.items():
        values = {key: np.array([value]) for key, value in spec.items() if key != "within"}
        found.append(Seen(name, values, spec.get("within", "")))
    return Reporting(tuple(found))


def many() -> np.ndarray[Any, Any]:
    return np.full((3, 40, 5), 50)


def test_without_reporters_all_is_recorded() -> None:
    happened = many()
    np.testing.assert_array_equal(Reporting().counts("deaths", happened, None, 1)[""], happened)
    assert "identity" in Reporting().describe()


def test_shares_are_kept_and_the_verified_lie_within_the_claimed() -> None:
    happened = np.full((2, 400, 5), 50)
    known = reporting(verified={"deaths": 0.6, "within": "claimed"}).counts("deaths", happened, None, 7)
    claimed, verified = known["claimed"], known["verified"]
    assert (verified <= claimed).all() and (claimed <= happened).all()
    n = happened.sum()
    assert claimed.sum() / n == pytest.approx(0.9, abs=5 * np.sqrt(0.9 * 0.1 / n))
    assert verified.sum() / n == pytest.approx(0.54, abs=5 * np.sqrt(0.54 * 0.46 / n))


def test_a_shutdown_loses_records() -> None:
    happened, off = many(), np.zeros(many().shape)
    seen = Reporting((Seen("one", {"deaths": np.array([0.8]), "shutdown": np.array([1.0])}),))
    assert seen.counts("deaths", happened, off, 7)["one"].sum() == 0
    assert seen.counts("deaths", happened, off + 1, 7)["one"].sum() > 0


def test_a_delay_moves_counts_later_and_past_the_end_they_are_lost() -> None:
    happened = np.zeros((200, 60, 1), int)
    happened[:, 0] = 10
    late = Reporting((Seen("one", {"delay": np.array([5.0])}),)).counts("deaths", happened, None, 3)["one"]
    assert late.sum() == happened.sum()
    days = (late.sum(axis=(0, 2)) * np.arange(60)).sum() / late.sum()
    assert days == pytest.approx(5.0, abs=5 * np.sqrt(5 * 6 / 200))
    short = Reporting((Seen("one", {"delay": np.array([5.0])}),)).counts("deaths", happened[:, :3], None, 3)["one"]
    np.testing.assert_array_equal(short, late[:, :3])  # later days change nothing earlier
    assert short.sum() < happened.sum()


def test_a_replicate_alone_is_that_of_the_batch() -> None:
    happened = many()
    whole = reporting().counts("deaths", happened, None, 5)
    alone = reporting().counts("deaths", happened[2:], None, 5, first=2)
    for name in TWO:
        np.testing.assert_array_equal(alone[name], whole[name][2:])


def test_events_are_recorded_once_for_each_reporter(busy: gs.Scenario) -> None:
    runs = gs.simulate(busy, replicates=3, seed=1)
    events = events_of(runs)
    chance = chance_for(1, "reporting")
    kept = reporting().filter(events, chance)
    names = set(kept.columns["source"])
    assert names == {"claimed", "verified"}
    crowds = {name: (kept.where(kept.columns["source"] == name).columns["size"] > 0).sum() for name in names}
    assert 0 < crowds["verified"] <= crowds["claimed"] < (events.columns["size"] > 0).sum()
    total = {name: kept.where(kept.columns["source"] == name).columns["deaths_best"].sum() for name in names}
    assert total["verified"] <= total["claimed"] <= events.columns["deaths_best"].sum()
    order = np.argsort(events.columns["place"].astype(str), kind="stable")
    turned = type(events)({name: column[order] for name, column in events.columns.items()})
    again = reporting().filter(turned, chance)
    assert sorted(map(tuple, kept.frame().astype(str).to_numpy())) == sorted(
        map(tuple, again.frame().astype(str).to_numpy())
    )


def case(**reporters: Any) -> gs.Scenario:
    from groundswell.scenario.schema import Reporter

    scenario = gs.load("two-neighbours").changed(set={"people": 400, "period.end": "2015-04-01"})
    return scenario.model_copy(update={"reporting": {n: Reporter.model_validate(r) for n, r in reporters.items()}})


def test_the_numbers_of_a_case_are_drawn_once_a_replicate() -> None:
    scenario = case(press={"deaths": {"guess": 0.5, "range": [0.2, 0.9]}})
    runs = gs.simulate(scenario, replicates=4, seed=2)
    (seen,) = Reporting.of(runs).reporters
    assert len(set(seen["deaths"].tolist())) == 4
    assert ((seen["deaths"] >= 0.2) & (seen["deaths"] <= 0.9)).all()
    known = recorded(runs)["deaths"]["press"]
    assert known.shape == runs["place.deaths"].shape and (known <= runs["place.deaths"].values).all()
    fixed = scenario.changed(set={"reporting.press.deaths": 0.25})
    assert Reporting.from_numbers(fixed, {}).reporters[0]["deaths"].tolist() == [0.25]


def test_reporters_in_a_circle_are_refused() -> None:
    scenario = case(one={"within": "two"}, two={"within": "one"})
    with refusing("reporter-within", "reporting.one.within", "not in a circle"):
        Reporting.from_numbers(scenario, {})


def test_a_file_may_name_reporters(tmp_path: Any) -> None:
    text = (cases()["two_neighbours"] / "scenario.toml").read_text(encoding="utf-8")
    folder = tmp_path / "mine"
    shutil.copytree(cases()["two_neighbours"], folder)
    more = '\n[reporting.press]\ndeaths = { guess = 0.5, range = [0.2, 0.9], source = "none" }\ndelay = 2\n'
    (folder / "scenario.toml").write_text(text + more, encoding="utf-8")
    scenario = gs.load(folder)
    assert scenario.reporting["press"].delay.value == 2
    assert from_resolved(scenario.resolved()) == scenario
    (folder / "scenario.toml").write_text(text + more.replace("deaths", "death"), encoding="utf-8")
    with pytest.raises(gs.ScenarioError, match=r"death.*did you mean 'deaths'"):
        gs.load(folder)


def test_crowds_are_recorded_by_size_and_within_what_another_records() -> None:
    turnout = np.zeros((2, 400, 5), int)
    turnout[:, :, 1:] = 2000
    off = np.ones(turnout.shape)
    off[:, :, 4] = 0.0
    known = reporting(verified={"crowds": 0.5, "shutdown": 1.0, "within": "claimed"}).crowds(turnout, off, 7)
    claimed, verified = known["claimed"], known["verified"]
    n = claimed[:, :, 1:].size
    assert claimed[:, :, 1:].mean() == pytest.approx(0.4 * 0.5, abs=5 * np.sqrt(0.2 * 0.8 / n))  # half: 2000 of 4000
    assert verified[:, :, 1:4].sum() / claimed[:, :, 1:4].sum() == pytest.approx(0.5, abs=0.08)
    assert verified[:, :, 4].sum() == 0 and claimed[:, :, 0].sum() == 0 and (verified <= claimed).all()
    alone = reporting().crowds(turnout[1:], off[1:], 7, first=1)["claimed"]
    np.testing.assert_array_equal(alone[0], claimed[1])
    np.testing.assert_array_equal(Reporting().crowds(turnout, None, 7)[""], (turnout > 0).astype(int))


def test_who_publishes_at_once_keeps_all_else() -> None:
    at_once = reporting().undelayed()
    assert [one["delay"].tolist() for one in at_once.reporters] == [[0.0], [0.0]]
    assert at_once.reporters[1]["deaths"].tolist() == [0.6] and at_once.reporters[1].within == "claimed"
