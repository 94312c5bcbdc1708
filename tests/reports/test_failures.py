"""What fails is computed, said first, and said in plain words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reports.fake import fake_runs, fake_scenario

from groundswell.reports.case import Case
from groundswell.reports.failures import Failures, empty_bands, failure_lines, failures, rises_and_falls, three_lines
from groundswell.reports.figures_misses import draw_misses
from groundswell.reports.figures_terms import bar_of
from groundswell.reports.misses import compare
from groundswell.reports.sections import context_of, sections
from groundswell.reports.series import Runs

DAYS = 90


def count(end: str, value: float, reporter: str, **more: Any) -> dict[str, Any]:
    return {"place": "national", "window_start": "2019-09-01", "window_end": end, "measure": "deaths", "value": value,
            "cumulative": True, "reporter": reporter, "publisher": "p", "url": "https://a.example/"} | more  # fmt: skip


def by_hand(deaths: np.ndarray[Any, Any], turnout: np.ndarray[Any, Any], counts: list[dict[str, Any]]) -> Runs:
    """Runs of one place with deaths and turnout a day given, (replicate, day)."""
    end = (dt.date(2019, 9, 1) + dt.timedelta(days=DAYS - 1)).isoformat()
    data = fake_runs(len(deaths), fake_scenario(1, end=end, count=counts, anchor={}, shock={}))
    data["place.deaths"] = (("replicate", "time", "place"), deaths[:, :, None])
    data["place.turnout"] = (("replicate", "time", "place"), turnout[:, :, None])
    return Runs(data)


def made() -> Runs:
    deaths, turnout = np.zeros((10, DAYS)), np.full((10, DAYS), 100.0)
    deaths[5:8, 20], deaths[8:, 20] = 100, 6_000
    turnout[0, 40:60] = 1_000  # one wave that ends
    turnout[1, 40:] = 1_000  # one that never does
    turnout[2, 50], turnout[3, 50] = 300_000, 1_000_000  # a sixth, and more than half, of 1,771,656 on a single day
    last = "2019-11-20"
    counts = [
        count("2019-10-01", 900, "a"),
        count(last, 150, "a"),
        count(last, 50, "b"),
        count(last, 7, "c", place="x"),
    ]
    return by_hand(deaths, turnout, counts)


def test_the_shares_are_right_on_a_case_made_by_hand() -> None:
    found = failures(made())
    assert (found.no_death, found.many, found.near) == (0.5, 0.2, 0.3)
    assert found.reference is not None and found.reference.value == 150  # the last of its reporter, the greatest of all
    assert (found.risen, found.waves, found.of_what) == (4, 3, "turnout")
    assert (found.tenth, found.half, found.unquiet) == (0.2, 0.1, 0.0)


def test_a_wave_rises_and_then_falls_below_half_its_peak() -> None:
    day = np.arange(120.0)
    rows = np.stack([np.full(120, 3.0), 1 + day, np.where((day > 60) & (day < 80), 60.0, 1.0), 200 - day, 0 * day])
    risen, fallen = rises_and_falls(rows, 7, 30)
    assert risen.tolist() == [0, 1, 1, 0, 0] and fallen.tolist() == [0, 0, 1, 0, 0]


def test_failures_come_first_and_coverage_last() -> None:
    runs = made()
    compared, _ = compare(runs)
    lines = failure_lines(failures(runs), compared)
    assert lines[0].startswith("50\u00a0% of replicates have no death at all") and "more than 5,000" in lines[0]
    assert "30\u00a0% come within a factor of three" in lines[0] and "150, a," in lines[0]
    assert "3 of 10 replicates rise to five times" in lines[1] and "In most replicates nothing" in lines[1]
    flat = by_hand(np.zeros((4, DAYS)), np.full((4, DAYS), 50.0), [])
    lines = failure_lines(failures(flat), ())
    assert "0 of 4 replicates rise" in lines[1] and lines[1].endswith("Nothing in this run starts or ends a wave.")


def test_bands_that_start_at_0_are_called_empty() -> None:
    compared, _ = compare(made())
    said = empty_bands(compared)
    assert said == [
        "All counts lie inside the band because the band excludes almost nothing: for 3 of them it starts at 0, for 0 "
        "more its upper end is 100 times its lower end or more."
    ]
    assert all(item.empty for item in compared) and empty_bands(()) == []


def test_three_sentences_say_what_came_out_what_failed_and_what_to_ignore() -> None:
    runs = made()
    three = three_lines(failures(runs), compare(runs)[0], at_default=False)
    assert [line.split(":")[0] for line in three] == ["What came out", "What failed", "What to ignore"]
    assert "none at all in 50" in three[0] and "3 of 10 have a wave" in three[1] and "of 3 inside, 3 have" in three[2]
    none = Failures(5, None, None, None, None, None, None, None, "", None, None, None)
    assert "not recorded" in three_lines(none, (), at_default=True)[0]


def test_the_section_of_misses_opens_with_failures(tmp_path: Path) -> None:
    part = next(p for p in sections(context_of(made(), tmp_path)) if p.id == "misses")
    assert "no death at all" in part.findings[0] and "inside the 90 % band" in part.findings[-1]


def test_fixed_numbers_called_guesses_are_counted_as_guesses() -> None:
    scenario = fake_scenario(1, country={"arvenia": {"columns": {"population": {"value": 5, "source": "guess; zero"}}}})
    plain, case = Case(fake_runs(2, fake_scenario(1))), Case(fake_runs(2, scenario))
    assert len(case.guesses) == len(plain.guesses) + 1 and len(case.drawn) == len(plain.drawn)
    assert f"{len(case.guesses)} of {len(case.numbers)} numbers are guesses" in case.guessed
    assert case.guessed.endswith(f"{len(case.drawn)} of them drawn") and case.guessed in case.what_it_is()[0]


@pytest.mark.parametrize(("said", "measure", "hollow"), [("yes", "deaths", True), ("no", "deaths", False),
                         ("injured only", "deaths", False), ("injured only", "injured", True),
                         ("unknown", "deaths", False)])  # fmt: skip
def test_counts_that_include_security_forces_are_hollow(said: str, measure: str, hollow: bool) -> None:
    listed = [count("2019-10-01", 3, "a", measure=measure, includes_security_forces=said)]
    compared, _ = compare(Runs(fake_runs(3, fake_scenario(1, count=listed))))
    assert compared[0].includes_forces is hollow


def test_measures_keep_their_names_and_whole_reporters(tmp_path: Path) -> None:
    name = "the commission of reporters with a rather long name"
    listed = [count("2019-10-01", 3, name, measure="protester_deaths", includes_security_forces="split")]
    context = context_of(Runs(fake_runs(3, fake_scenario(1, count=listed))), tmp_path)
    drawn = draw_misses(context.compared, tmp_path)
    assert drawn is not None and "protester deaths" in drawn.svg and name in drawn.svg
    part = next(p for p in sections(context) if p.id == "misses")
    assert part.tables[0].rows[0][:2] == ("protester deaths", "split")
    assert "security forces included" in part.tables[0].columns


def test_the_bar_is_as_drawn_or_as_written() -> None:
    fixed = Runs(fake_runs(3, fake_scenario(1, mechanism={"mobilisation": {"bar": 1.5}})))
    assert bar_of(fixed) is not None and bar_of(fixed).tolist() == [1.5] * 3  # type: ignore[union-attr]
    drawn = Runs(fake_runs(3, fake_scenario(1)))
    assert bar_of(drawn).tolist() == drawn.guess_values["mobilisation.bar"].tolist()  # type: ignore[union-attr]
