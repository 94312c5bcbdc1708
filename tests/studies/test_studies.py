"""Every study runs in its quick form, from anywhere, and says what it is; what it needs may be absent."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from outside_data import FOLDER, outside

STUDIES = Path(__file__).parents[2] / "studies"
NEEDS = {
    "power": (),
    "findings": (),
    "iraq_2003_2018": ("ucdp_ged_iraq/ged_iraq_1989_2018.csv.gz",),
    "us_protest_2017_2018": ("count_love_us/count_love_events_2017_2018.csv.gz", "count_love_us/places.csv"),
    "responses": ("mass_mobilization/mm_training_countries.csv", "mass_mobilization/mm_case_countries.csv"),
}
FINDINGS = ("supported", "contradicted", "cannot tell")


def script(study: str) -> Path:
    return STUDIES / study / "run.py"


def started(study: str, folder: Path, data: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(script(study)), "--quick", "--out", str(folder / "out"), "--data", str(data), *more]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=280)


def quick(study: str, folder: Path) -> dict[str, Any]:
    """The results of a quick run; the page beside them is marked."""
    for name in NEEDS[study]:
        outside(name)
    done = started(study, folder, FOLDER)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["results_quick.json", "results_quick.md"]
    page = (folder / "out" / "results_quick.md").read_text(encoding="utf-8")
    assert page.startswith("# ")
    assert "**Quick settings: not for citing.**" in page
    assert not re.search(r"\bnan\b", page)
    return json.loads((folder / "out" / "results_quick.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def module(study: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    import importlib.util

    monkeypatch.syspath_prepend(str(STUDIES))
    spec = importlib.util.spec_from_file_location(f"study_{study}", script(study))
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("study", NEEDS)
def test_a_study_says_what_was_decided_and_what_came_of_it(study: str) -> None:
    folder = script(study).parent
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "Specified before" in readme and f"python studies/{study}/run.py" in readme
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results["command"] == f"python studies/{study}/run.py"
    assert "Quick settings" not in (folder / "results.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("study", [name for name, files in NEEDS.items() if files])
def test_without_its_data_a_study_ends_with_one_line(study: str, tmp_path: Path) -> None:
    done = started(study, tmp_path, tmp_path / "nowhere")
    assert done.returncode == 2
    assert "not there" in done.stderr and "--data" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_power(tmp_path: Path) -> None:
    results = quick("power", tmp_path)
    assert len(results["pairs"]) == 4 and len(results["places"]) == 6
    assert all(0 <= cell["rate"] <= 1 and cell["of"] == 6 for cell in results["pairs"] + results["places"])


def test_findings(tmp_path: Path) -> None:
    results = quick("findings", tmp_path)
    assert [row["records"] for row in results["rows"]] == [4, 4]
    assert all(sum(row[word] for word in FINDINGS) == pytest.approx(1.0) for row in results["rows"])
    assert results["false_findings"] <= 0.25


@pytest.mark.parametrize(("study", "page"), [("power", "contagion-or-shock.md"), ("findings", "contagion-or-shock.md")])
def test_a_page_quotes_rows_of_the_results(study: str, page: str) -> None:
    text = (STUDIES.parent / "docs" / "concepts" / page).read_text(encoding="utf-8")
    results = (STUDIES / study / "results.md").read_text(encoding="utf-8").splitlines()
    quoted = text.split(f"`python studies/{study}/run.py`")[1].split("\n## ")[0]
    rows = [line for line in quoted.splitlines() if line.startswith("| ")]
    assert len(rows) >= 4
    assert [row for row in rows if row not in results] == []


@pytest.mark.parametrize("study", ["iraq_2003_2018", "us_protest_2017_2018"])
def test_intervals_of_the_results_agree_with_their_ratios(study: str) -> None:
    results = json.loads((script(study).parent / "results.json").read_text(encoding="utf-8"))
    for one in results["fits"]:
        assert one["low"] <= one["contagion"] <= one["high"]
        assert (one["low"] > 0) == (one["ratio"] > 2.7055)
    for one in results.get("topics", ()):
        assert (one["low"] > 0) == (one["p"] < 0.05)


@pytest.mark.slow
def test_iraq(tmp_path: Path) -> None:
    results = quick("iraq_2003_2018", tmp_path)
    assert results["finding"] in FINDINGS
    assert len(results["fits"]) == 6
    for one in results["fits"]:
        assert one["low"] <= one["contagion"] <= one["high"]
        assert (one["low"] > 0) == (one["ratio"] > 2.7055)
    assert results["events_kept"] <= results["events_in_period"]


@pytest.mark.slow
def test_protest_in_the_united_states(tmp_path: Path) -> None:
    results = quick("us_protest_2017_2018", tmp_path)
    assert results["finding"] in FINDINGS
    assert [one["effects"] for one in results["fits"]] == ["constant", "day", "region-day", "day", "day"]
    assert len(results["topics"]) == 2 and all(one["holm"] >= one["p"] for one in results["topics"])


def test_responses(tmp_path: Path) -> None:
    results = quick("responses", tmp_path)
    assert set(results["responses"]) == {"crowd_dispersal", "killings"}
    for one in results["responses"].values():
        base, *models = one["crossed"]
        assert base["brier"] == pytest.approx(one["share"] * (1 - one["share"]), abs=0.05)
        for row in models:
            assert row["log_less_base"] == pytest.approx(row["log"] - base["log"])
            assert row["log_says"] in ("beats", "loses to", "no difference seen")
        assert set(one["held_out"][1]["log_less_base"]) == {"Iran", "Iraq", "Lebanon"}


def test_responses_never_learn_from_the_country_that_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    run = module("responses", monkeypatch)
    country = np.repeat(["a", "b", "c"], (4, 3, 5))
    x, y = np.arange(12.0)[:, None], np.arange(12)
    seen: list[tuple[set[float], set[float]]] = []

    def learn(x_: Any, y_: Any, new: Any) -> Any:
        seen.append((set(x_[:, 0]), set(new[:, 0])))
        return np.full(len(new), y_.mean())

    made = run.crossed(x, y, country, learn)
    assert all(not learnt & judged for learnt, judged in seen)
    assert set.union(*(judged for _, judged in seen)) == set(x[:, 0])
    assert made[:4] == pytest.approx(np.full(4, y[4:].mean()))
    changed = np.where(country == "b", 99, y)
    assert run.crossed(x, changed, country, learn)[country == "b"] == pytest.approx(made[country == "b"])


def test_responses_read_sizes_and_the_days_before(monkeypatch: pytest.MonkeyPatch) -> None:
    run = module("responses", monkeypatch)
    assert run.size_of("1,500", "") == pytest.approx(np.log10(1500))
    assert run.size_of("100s", "100-999") == 2
    assert run.size_of("", ">10000") == 4
    assert np.isnan(run.size_of("many", ""))
    rows = pd.DataFrame({
        "country": ["a", "a", "b", "a"], "start_date": ["2019-01-01", "2019-01-20", "2019-01-21", "2019-02-15"],
        "participants": ["5", "many", "", "50"], "participants_category": "", "year": 2019, "protester_violence": 0,
        "demands": ["land farm issue", "police brutality|land farm issue", "", "price increases, tax policy"],
        "location": ["National ", "x", "y", "z"],
    })  # fmt: skip
    made, names = run.traits(rows)
    column = dict(zip(names, made.T, strict=True))
    assert np.expm1(column["protests in the 30 days before"]) == pytest.approx([0, 1, 0, 1])
    assert column["country-wide"].tolist() == [1, 0, 0, 0]
    assert column["land farm issue"].tolist() == [1, 1, 0, 0]
    assert column["price increases, tax policy"].tolist() == [0, 0, 0, 1]
    assert column["size not known"].tolist() == [0, 1, 1, 0]
    assert not np.isnan(made).any()


def test_responses_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    run = module("responses", monkeypatch)
    assert [run.verdict(mean, 1.0) for mean in (-2.1, -1.9, 1.9, 2.1)] == [
        "beats", "no difference seen", "no difference seen", "loses to"]  # fmt: skip
    country = np.repeat(["p", "q"], 4)
    y = np.array([1, 0, 1, 0, 1, 1, 0, 0])
    chances = {
        run.BASE: np.full(8, 0.5),
        "sure": 0.1 + 0.8 * y,
        "half": np.where(country == "p", 0.1 + 0.8 * y, 0.9 - 0.8 * y),
    }
    rows = {one["model"]: one for one in run.held_out(y, country, chances)}
    assert rows["sure"]["says"] == "better" and rows["half"]["says"] == "mixed" and rows[run.BASE]["says"] == ""
    assert rows["sure"]["log_less_base"]["p"] == pytest.approx(np.log(0.5 / 0.9))
    crossed = {one["model"]: one for one in run.scored(y, country, chances)}
    assert crossed["sure"]["brier"] == pytest.approx(0.01)
    assert crossed[run.BASE]["log"] == pytest.approx(np.log(2))


def test_great_circles(monkeypatch: pytest.MonkeyPatch) -> None:
    run = module("us_protest_2017_2018", monkeypatch)
    made = run.kilometres([0.0, 0.0, 90.0], [0.0, 180.0, 0.0])
    assert made[0] == pytest.approx([0, np.pi * 6371, np.pi * 6371 / 2])
    assert made == pytest.approx(made.T)
