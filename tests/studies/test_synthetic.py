"""The study synthetic: richness is nested, its summaries see what they should, and its quick form ends in results."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "studies" / "synthetic"


@pytest.fixture(scope="module")
def program() -> Any:
    """The names of the study's program."""
    before = list(sys.path)
    yield runpy.run_path(str(FOLDER / "run.py"))
    sys.path[:] = before


def record(program: Any, turnout: Any) -> dict[str, Any]:
    return {name: turnout if name == "place.turnout" else np.zeros_like(turnout) for name in program["COLUMNS"]}


def test_richness_is_nested_and_bare_sees_no_turnout(program: Any) -> None:
    columns = [("deaths, national", 0, False), ("turnout, week 1", 1, True), ("deaths, week 1", 1, False),
               ("turnout by day: x", 2, True), ("deaths by day: x", 2, False)]  # fmt: skip
    seen = program["chosen"](columns)
    one, two, three = (set(seen[name]) for name in program["RICHNESS"])
    assert one == {0} and one < two < three and seen[program["BARE"]] == [0, 2, 4]


def test_a_record_by_week_does_not_see_the_day(program: Any) -> None:
    turnout = np.zeros((2, 28, 3))
    turnout[0, 8, 1] = turnout[1, 12, 1] = 50  # two days of one week
    week = program["by_week"](record(program, turnout))
    assert all(values[0] == values[1] for values in week.values())
    day = program["by_day"](record(program, turnout))
    assert day["turnout, first day of place 2"].tolist() == [8, 12]


def test_following_shows_at_its_lag(program: Any) -> None:
    lead = np.abs(np.sin(np.arange(60) ** 1.5)) * 100
    turnout = np.stack([lead, np.roll(lead, 2)], axis=1)[None]
    found = program["by_day"](record(program, turnout))
    lags = {lag: found[f"turnout by day: follow after {lag}"][0] for lag in program["LAGS"]}
    assert max(lags, key=lambda lag: lags[lag]) == 2


@pytest.mark.slow
def test_quick_form(program: Any, tmp_path: Path) -> None:
    program["main"](["--quick", "--out", str(tmp_path)])
    made = json.loads((tmp_path / "results_quick.json").read_text())
    assert set(made["diagonal"]) == {*program["RICHNESS"], program["BARE"]}
    assert all(np.allclose(np.sum(one, axis=1), 1) for one in made["confusion"].values())
    assert "not for citing" in (tmp_path / "results_quick.md").read_text()
    assert (tmp_path / "what_can_be_told_quick.svg").read_text().startswith("<?xml")


def test_results_and_figure_are_those_of_the_stated_sizes(program: Any) -> None:
    made = json.loads((FOLDER / "results.json").read_text())
    assert made["sizes"] == vars(program["Sizes"]())
    text, figure = (FOLDER / "results.md").read_text(), (FOLDER / "what_can_be_told.svg").read_text()
    for level in (*program["RICHNESS"], program["BARE"]):
        told = sum(share >= 0.7 for share in made["diagonal"][level])
        assert f"- **{level[0].upper() + level[1:]}**: {told} of 5 explanations can be told" in text
    assert all(name in figure for name in (*program["RIVALS"], *program["FREE"], *program["RICHNESS"]))
