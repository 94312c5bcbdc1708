"""The study iraq_2019: nothing later enters, reporters are joined, and its quick form ends in marked results."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "studies" / "iraq_2019"


@pytest.fixture(scope="module")
def program() -> Any:
    """The names of the study's program."""
    before = list(sys.path)
    yield runpy.run_path(str(FOLDER / "run.py"))
    sys.path[:] = before


def test_only_the_two_and_nothing_later_is_fitted(program: Any) -> None:
    scenario = program["joined"]("given_responses")
    evidence = program["evidence_of"](scenario)
    until = program["UNTIL"]
    assert all(target.known <= until for target in (*evidence.fitted, *evidence.patterns))
    assert all(target.known > until for target in evidence.later)
    assert {target.name.split(", ")[-1].split(" (")[0] for target in evidence.fitted} == {"UNAMI", "IHCHR"}
    seen = {target.name: target.seen for target in evidence.fitted}
    assert seen["deaths, national, 2019-11-05 to 2019-11-07, UNAMI"] == 269 - 254  # across two names of one body
    late = {name for name, fact in scenario.anchor.items() if fact.known_on > until}
    assert late and not late & {shock.anchor for shock in scenario.shock.values()}


def test_the_baseline_goes_on_at_the_last_known_rate(program: Any) -> None:
    scenario = program["joined"]("given_responses")
    later = [t for t in program["evidence_of"](scenario).later if t.name.startswith("deaths, national, 2019-11-08")]
    draws = np.expm1(program["baseline"](scenario, later, 4000, 0))
    rate = 269 / 38  # UNAMI, 1 October to 7 November
    assert draws.mean(axis=0) == pytest.approx([rate * 22], rel=0.05)  # 8 to 29 November


@pytest.mark.slow
def test_quick_form(program: Any, tmp_path: Path) -> None:
    program["main"](["--quick", "--out", str(tmp_path)])
    made = json.loads((tmp_path / "results_quick.json").read_text())
    assert len(made["numbers"]) == 8 and set(made["later"]["crps"]) == {"fitted", "unfitted", "rate so far"}
    assert np.allclose(np.sum(made["confusion"], axis=1), 1)
    text = (tmp_path / "results_quick.md").read_text()
    assert "not for citing" in text and "**Finding.**" in text and not (tmp_path / "results.md").exists()
    blocks = {path: path.stat().st_mtime_ns for path in tmp_path.glob("work/blocks/*")}
    program["main"](["--quick", "--out", str(tmp_path)])
    assert blocks and {path: path.stat().st_mtime_ns for path in tmp_path.glob("work/blocks/*")} == blocks
    assert json.loads((tmp_path / "results_quick.json").read_text()) == made
    with pytest.raises(SystemExit) as caught:
        program["main"](["--quick", "--out", str(tmp_path), "--seed", "3"])
    assert caught.value.code == 2


def test_results_are_those_of_the_stated_sizes(program: Any) -> None:
    made = json.loads((FOLDER / "results.json").read_text())
    assert made["sizes"] == vars(program["Sizes"]())
    text = (FOLDER / "results.md").read_text()
    assert f"{len(made['learned'])} of {len(made['numbers'])} free numbers are learned" in text
    assert f"**{made['verdict']}**" in text and ("none is called identified" in text) == (made["together"] <= 0.01)
