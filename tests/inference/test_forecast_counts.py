"""Forecasts of a case's published totals: what was known when, baselines, the nearest histories, refusals."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

import groundswell
from groundswell.errors import GroundswellError
from groundswell.inference import forecast_counts
from groundswell.inference.forecast import BASELINE
from groundswell.inference.forecast_counts import (
    Point,
    baselines,
    continued,
    forecast_totals,
    points_of,
    rate_of,
    rising,
    scored_origins,
    simulated,
)
from groundswell.scenario.schema import Anchor, Count, Scenario, Shock

START = dt.date(2019, 10, 1)


def day(k: int) -> dt.date:
    """The k-th day, 1 the start."""
    return START + dt.timedelta(k - 1)


def count(last: int, value: float, published: int, **more: Any) -> Count:
    given = {"place": "national", "window_start": START, "window_end": day(last), "measure": "deaths",
             "value": value, "cumulative": True, "reporter": "r", "publisher": "p", "published": day(published),
             "url": "u"}  # fmt: skip
    return Count(**(given | more))


@pytest.fixture(scope="module")
def case() -> Scenario:
    """The main case with made-up counts."""
    rows = (count(3, 10, 4), count(10, 40, 12), count(20, 60, 21), count(15, 55, 21), count(30, 90, 31),
            count(40, 100, 45), count(10, 999, 12, place="Basra"), count(9, 999, 9, cumulative=False),
            count(9, 7, 9, measure="injured"))  # fmt: skip
    return groundswell.load("iraq-2019").model_copy(update={"count": rows})


def points(*rows: tuple[int, int, int]) -> tuple[Point, ...]:
    return tuple(Point(day(last), total, day(known)) for last, total, known in rows)


def test_points_are_totals_of_the_whole_country(case: Scenario) -> None:
    made = points_of(case, "deaths", day(31))
    assert [p.total for p in made] == [10, 40, 55, 60, 90, 100]  # by when they were known, then by their day
    with pytest.raises(GroundswellError, match=r"no published national totals of 'cattle'; it counts deaths, injured"):
        points_of(case, "cattle", day(31))


def test_totals_do_not_fall() -> None:
    made = rising(points((10, 40, 12), (20, 30, 21), (15, 50, 22), (20, 45, 23)))
    assert [(p.day, p.total) for p in made] == [(day(10), 40), (day(15), 50), (day(20), 50)]


def test_rates() -> None:
    assert rate_of(points((10, 40, 12), (20, 60, 21)), START) == (2.0, 3.0)
    assert rate_of(points((10, 40, 12)), START) == (4.0, 4.0)


def test_baselines_have_their_means() -> None:
    known = points((10, 40, 12), (20, 60, 21))
    made = baselines(known, START, np.array([1, 5, 15]), 4000, 3)
    assert (made[BASELINE] == 60).all()
    for name, rate in (("linear growth", 2.0), ("negative binomial", 3.0)):
        draws = made[name]
        assert (np.diff(draws, axis=0) >= 0).all()
        assert (draws >= 60).all()
        error = draws.std(1) / 4000**0.5
        assert (np.abs(draws.mean(1) - 60 - rate * np.array([1, 5, 15])) < 4 * error).all()
    mean = 3.0 * 15
    assert made["linear growth"][2].var() == pytest.approx(30, rel=0.1)
    assert made["negative binomial"][2].var() == pytest.approx(mean + mean**2 / 2, rel=0.2)  # gamma of shape 2 totals
    again = baselines(known, START, np.array([1, 5, 15]), 10, 3)
    assert np.array_equal(again["linear growth"], made["linear growth"][:, :10])


def test_origins_are_days_of_publication_and_look_forward() -> None:
    given = points((3, 10, 4), (10, 40, 12), (15, 55, 21), (20, 60, 21), (30, 90, 31), (40, 100, 45))
    made = scored_origins(given, day(31))
    assert [held[-1].day for held, _ in made] == [day(3), day(10), day(20)]
    assert [target.day for _, target in made] == [day(10), day(15), day(30)]
    for held, target in made:
        assert all(p.known < target.known for p in held)
        assert target.known <= day(31)
    assert scored_origins(given, day(11)) == []


def test_nearest_histories_go_on_as_they_went() -> None:
    first = day(1) - dt.timedelta(5)  # the run begins before the campaign
    slopes = np.arange(1, 11)
    deaths = slopes[:, None] * np.arange(1, 41)  # deaths to the end of each day
    known = points((10, 62, 12))
    made = continued(deaths, first, START, known, np.array([1, 4]), 6)
    # in ten days each history has ten slopes: 62 is nearest to 6, then to 7 (60 and 70); a fifth of ten are two
    assert made.tolist() == [[62 + s for s in (6, 7) * 3], [62 + 4 * s for s in (6, 7) * 3]]


def test_a_total_before_the_first_day_of_the_run_takes_nothing_from_its_end() -> None:
    deaths = np.arange(1, 21)[None, :].repeat(5, 0)
    made = continued(deaths, day(8), START, points((5, 30, 6)), np.array([1, 3, 4]), 2)
    assert made.tolist() == [[30, 30], [31, 31], [32, 32]]  # the run's days begin on the eighth


def captured(case: Scenario, known_by: dt.date, monkeypatch: pytest.MonkeyPatch) -> Scenario:
    caught: list[Scenario] = []

    class Runs:
        values = np.ones((2, 4, 3))

        def __class_getitem__(cls, name: str) -> type[Runs]:
            assert name == "unit.deaths"
            return cls

    def simulate(scenario: Scenario, **options: Any) -> type[Runs]:
        caught.append(scenario)
        return Runs

    monkeypatch.setattr(groundswell, "simulate", simulate)
    deaths, first = simulated(case, known_by, 2, 1, None)
    assert deaths.tolist() == [[3, 6, 9, 12]] * 2
    assert first == case.period.start
    return caught[0]


def test_the_simulator_is_not_told_what_was_known_later(case: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    early, late = (captured(case, known_by, monkeypatch) for known_by in (day(5), day(90)))
    assert set(early.shock) < set(late.shock)
    for shock in early.shock.values():
        known = early.anchor[shock.anchor].known_on if shock.anchor else shock.at
        assert known <= day(5)
    assert early.record == ("unit.deaths",)


def test_a_dated_input_without_a_fact_is_known_on_its_day(case: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = case.model_copy(update={"explanation": {}, "shock": {
        "old": Shock(at=day(1), field="country.visibility", add=0.1),
        "coming": Shock(at=day(9), field="country.visibility", add=0.1),
        "called": Shock(at=day(9), field="country.visibility", add=0.1, anchor="X"),
    }, "anchor": {"X": Anchor(**{"date": day(9), "place": "p", "fact": "a day called before", "class": "outside",
                                 "known_on": day(2), "source": "s"})}})  # fmt: skip
    assert set(captured(plain, day(5), monkeypatch).shock) == {"old", "called"}


def test_later_publications_change_nothing(case: Scenario) -> None:
    more = (*case.count, count(35, 5000, 50), count(12, 900, 50), count(20, 80, 60, window_start=day(-9)))
    other = case.model_copy(update={"count": more})
    one, two = (forecast_totals(c, day(31).isoformat(), horizon=9, draws=50, simulate=0) for c in (case, other))
    for name, draws in one.draws.items():
        assert draws.tobytes() == two.draws[name].tobytes()
    assert one.scores == two.scores
    assert one.known == two.known
    assert [p.total for p in one.later] == [100]
    assert {p.total for p in two.later} == {100, 5000, 900}


def test_totals_are_forecast_from_the_last_published_day(case: Scenario) -> None:
    made = forecast_totals(case, day(35).isoformat(), horizon=3, draws=4000, simulate=0)
    growth = made.draws["linear growth"].mean(1)  # five days since the last total, at 3 a day between the last two
    assert growth == pytest.approx([90 + 3 * k for k in (6, 7, 8)], abs=0.4)
    assert set(made.draws) == {BASELINE, "linear growth", "negative binomial"}


def test_scores_of_earlier_totals(case: Scenario) -> None:
    made = forecast_totals(case, day(31).isoformat(), horizon=3, draws=50, simulate=0)
    one = made.scores[0]
    assert one.name == BASELINE
    assert one.crps == pytest.approx(np.mean([40 - 10, 55 - 40, 90 - 60]))
    assert one.against.blocks == 3
    assert "from 3 earlier days of publication" in made.words()[0]
    assert "too few to say" in made.words()[0]
    early = forecast_totals(case, day(5).isoformat(), horizon=3, draws=50, simulate=0)
    assert early.scores == ()
    assert "1 published totals were known" in early.words()[0]


def test_the_simulator_is_one_of_the_forecasters(case: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dt.date] = []

    def runs(scenario: Scenario, known_by: dt.date, replicates: int, seed: int, progress: Any) -> Any:
        told.append(known_by)
        return np.arange(replicates)[:, None] * np.arange(120), scenario.period.start

    monkeypatch.setattr(forecast_counts, "simulated", runs)
    made = forecast_totals(case, day(31).isoformat(), horizon=3, draws=50, simulate=10)
    assert "simulator" in made.draws
    assert [one.name for one in made.scores][-1] == "simulator"
    assert told[0] == day(4)  # blind after the first publication, so that earlier scores are honest
    assert (made.draws["simulator"] >= 90).all()


@pytest.mark.parametrize(
    ("until", "options", "words"),
    [
        ("2019-10-02", {}, "nothing was published by 2019-10-02; the first total is of 2019-10-04"),
        ("soon", {}, "is no date"),
        ("2019-10-31", {"horizon": 0}, "1 to 365 days"),
        ("2019-10-31", {"draws": 2}, "10 to 100,000 draws"),
        ("2019-12-30", {"horizon": 9, "simulate": 5}, "beyond 2019-12-31, the last day of the case"),
    ],
)
def test_refusals(case: Scenario, until: str, options: dict[str, int], words: str) -> None:
    with pytest.raises(GroundswellError, match=words):
        forecast_totals(case, until, **({"simulate": 0} | options))
