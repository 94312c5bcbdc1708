"""Forecasts by rolling origin: nothing ahead is seen, scores are those of their definitions, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from groundswell.errors import GroundswellError
from groundswell.inference import scores
from groundswell.inference.forecast import BASELINE, LEAST, Forecast, Scored, cut, forecast, write_draws
from groundswell.inference.forecasters import FORECASTERS, Record, last_value
from groundswell.inference.scores import Contrast

FIRST = np.datetime64("2019-01-01")
RNG = np.random.default_rng(5)
COUNTS = RNG.poisson(2.0, (3, 120)).astype("i8")
PLACES = ("a", "b", "c")
UNTIL = "2019-04-10"  # day 100


class Spy:
    """A forecaster that keeps what it was shown and always says the same."""

    def __init__(self, says: int = 1) -> None:
        self.says = says
        self.seen: list[Record] = []

    def __call__(self, record: Record, horizon: int, draws: int, seed: int) -> Any:
        self.seen.append(record)
        return np.full((len(record.places), horizon, draws), self.says)


def made(counts: Any = COUNTS, **options: Any) -> Forecast:
    asked = {"horizon": 7, "draws": 40, "origins": 4} | options
    return forecast(counts, PLACES, FIRST, UNTIL, **asked)


def test_each_origin_sees_its_past_alone() -> None:
    spy = Spy()
    found = made(forecasters={BASELINE: spy})
    lengths = [100 - 7 * k for k in (4, 3, 2, 1)]
    assert [record.counts.shape[1] for record in spy.seen] == [*lengths, 100]
    assert [str(day) for day in found.origins] == [str(FIRST + n - 1) for n in lengths]
    for record, n in zip(spy.seen, [*lengths, 100], strict=True):
        assert np.array_equal(record.counts, COUNTS[:, :n])
        assert record.last == FIRST + n - 1
    assert str(found.days[0]) == "2019-04-11"
    assert len(found.days) == 7


def test_the_future_changes_nothing() -> None:
    other = COUNTS.copy()
    other[:, 100:] = 999
    one, two = made(), made(other)
    for name, draws in one.draws.items():
        assert draws.tobytes() == two.draws[name].tobytes()
    assert one.scores == two.scores
    assert np.array_equal(made(COUNTS[:, :100]).draws["twin"], one.draws["twin"])


def test_earlier_scores_do_not_see_the_last_days() -> None:
    """The last horizon is scored by the last origin alone: changing it leaves what earlier ones said."""
    other = COUNTS.copy()
    other[:, 93:100] += 50
    spies = Spy(), Spy()
    for counts, spy in zip((COUNTS, other), spies, strict=True):
        made(counts, forecasters={BASELINE: spy})
    for one, two in zip(spies[0].seen[:4], spies[1].seen[:4], strict=True):
        assert np.array_equal(one.counts, two.counts)
    earlier = [
        forecast(c[:, :93], PLACES, FIRST, "2019-04-03", horizon=7, draws=40, origins=3) for c in (COUNTS, other)
    ]
    assert earlier[0].scores == earlier[1].scores


def test_scores_are_those_of_their_definitions() -> None:
    found = made(forecasters={BASELINE: Spy(1), "other": Spy(2)})
    truth = np.stack([COUNTS[:, n : n + 7].sum(1) for n in (72, 79, 86, 93)])
    for name, says in ((BASELINE, 7), ("other", 14)):
        one, sums = found.score(name), np.full((4, 3, 40), says)
        assert one.crps == pytest.approx(np.abs(truth - says).mean())  # of draws that are all alike: the absolute error
        assert one.ign == pytest.approx(scores.ignorance(truth, sums).mean())
        assert one.mis == pytest.approx((40 * np.abs(truth - says)).mean())
        assert one.coverage == pytest.approx((truth == says).mean())
        assert one.total == pytest.approx(np.abs(truth.sum(1) - 3 * says).mean())
    gap = found.score("other").against
    assert gap.difference == pytest.approx(found.score("other").crps - found.score(BASELINE).crps)
    assert gap.blocks == 4
    assert found.score(BASELINE).against.difference == 0
    assert found.best == ("other" if gap.difference < 0 else BASELINE)


def test_the_forecaster_that_knows_the_law_wins() -> None:
    def knows(record: Record, horizon: int, draws: int, seed: int) -> Any:
        return np.random.default_rng(seed).poisson(2.0, (3, horizon, draws))

    def raves(record: Record, horizon: int, draws: int, seed: int) -> Any:
        return knows(record, horizon, draws, seed) + 5

    counts = np.random.default_rng(1).poisson(2.0, (3, 400)).astype("i8")
    found = forecast(counts, PLACES, FIRST, str(FIRST + 399), horizon=7, draws=200, origins=40,
                     forecasters={BASELINE: last_value, "knows": knows, "raves": raves})  # fmt: skip
    assert found.best == "knows"
    assert found.score("knows").against.says == "wins"
    assert found.score("knows").coverage == pytest.approx(0.95, abs=0.06)
    words = found.words()
    assert words[0].startswith("raves loses to the last value")  # losses first
    assert words[1].startswith("knows beats the last value")


def test_few_origins_say_so() -> None:
    assert "too few forecasts for a standard error" in " ".join(made(origins=3).words())


def test_a_short_record_is_forecast_and_not_scored() -> None:
    found = forecast(COUNTS, PLACES, FIRST, str(FIRST + LEAST + 5), horizon=7, draws=20)
    assert found.scores == ()
    assert found.origins == ()
    assert found.best == BASELINE
    assert "too short to score" in found.words()[0]


def test_the_bootstrap_needs_a_year() -> None:
    assert "bootstrap" not in made().draws
    long = RNG.poisson(1.0, (3, 420)).astype("i8")
    found = forecast(long, PLACES, FIRST, str(FIRST + 399), horizon=3, draws=20, origins=2,
                     forecasters={name: FORECASTERS[name] for name in (BASELINE, "bootstrap")})  # fmt: skip
    assert set(found.draws) == {BASELINE, "bootstrap"}


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    made(forecasters={BASELINE: Spy(), "other": Spy()}, progress=lambda *n: told.append(n))
    assert told == [(k, 10) for k in range(1, 11)]


def test_draws_as_a_table_and_as_files(tmp_path: Path) -> None:
    found = made()
    paths = write_draws(found, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in paths)
    table = pd.read_parquet(tmp_path / "out" / "draws_last_value.parquet")
    assert list(table.columns) == ["date", "place", "draw", "outcome"]
    assert len(table) == 3 * 7 * 40
    one = table[(table.place == "b") & (table.date == "2019-04-12")]
    assert one.outcome.tolist() == found.draws[BASELINE][1, 1].tolist()
    assert one.draw.tolist() == list(range(40))
    rows = pd.read_csv(tmp_path / "out" / "scores.csv")
    assert rows.forecaster.tolist() == list(found.draws)
    assert rows.crps.tolist() == pytest.approx([score.crps for score in found.scores])


def test_a_row_of_scores_holds_no_number_that_is_none() -> None:
    one = Scored("x", 1.0, 2.0, 3.0, 0.9, 4.0, Contrast(0.1, float("nan"), 1))
    assert one.row()["standard_error"] is None
    assert one.row()["says"] == "too few forecasts for a standard error"


def test_cut() -> None:
    assert cut(COUNTS, FIRST, "2019-01-01").shape == (3, 1)
    assert cut(COUNTS, FIRST, str(FIRST + 119)).shape == (3, 120)


@pytest.mark.parametrize(
    ("until", "options", "words"),
    [
        ("2019-05-01", {}, "lies outside the record, 2019-01-01 to 2019-04-30"),
        ("2018-12-31", {}, "lies outside the record"),
        ("next week", {}, "is no date; write it as"),
        (UNTIL, {"horizon": 0}, "1 to 365 days"),
        (UNTIL, {"horizon": 400}, "1 to 365 days"),
        (UNTIL, {"draws": 3}, "10 to 100,000 draws"),
        ("2019-01-13", {}, "at least 14 days before it"),
    ],
)
def test_refusals(until: str, options: dict[str, int], words: str) -> None:
    with pytest.raises(GroundswellError, match=words):
        forecast(COUNTS, PLACES, FIRST, until, **options)  # type: ignore[arg-type]
