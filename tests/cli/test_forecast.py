"""`groundswell forecast` as a process: files, the same bytes, errors in one line with code 2."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from evidence_rows import ACLED, ACLED_ROW, table

RNG = np.random.default_rng(3)
ROWS = [(f"2019-{1 + d // 28:02d}-{1 + d % 28:02d}", place, int(n)) for d in range(140)
        for place, n in zip(("north", "south", "west"), RNG.poisson((0.5, 2.0, 1.0)), strict=True) if n]  # fmt: skip
ASKED = ("--until", "2019-04-10", "--horizon", "5", "--draws", "30", "--origins", "3")


def written(folder: Path, rows: list[tuple[str, str, int]] = ROWS, name: str = "counts.csv") -> str:
    lines = ["date,place,count", *(",".join(map(str, row)) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "neighbours.csv").write_text("source,target\nnorth,south\nsouth,west\n", encoding="utf-8")
    return name


def digests(folder: Path) -> dict[str, str]:
    """By name, of all files but the page, which names its own command."""
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".html"}  # fmt: skip


def test_a_table_is_forecast(command: Callable[..., Any], tmp_path: Path) -> None:
    done = command("forecast", written(tmp_path), *ASKED, "--neighbours", "neighbours.csv", "--json")
    assert done.code == 0, done.err
    facts = done.json  # strict JSON: fails where a number is none
    assert "NaN" not in done.out
    names = ["last value", "linear growth", "autoregression", "twin"]
    assert [row["forecaster"] for row in facts["scores"]] == names
    assert facts["scores"][0]["origins"] == 3
    assert facts["notes"]["layout"] == "counts"
    assert facts["page"] == "out/forecast-counts/index.html"
    assert {"index.html", "scores.csv", "draws_twin.parquet"} <= {
        p.name for p in (tmp_path / "out/forecast-counts").iterdir()
    }
    draws = pd.read_parquet(tmp_path / facts["files"][0])
    assert draws.place.cat.categories.tolist() == list(dict.fromkeys(place for _, place, _ in ROWS))  # file order
    assert str(draws.date.min().date()) == "2019-04-11"
    # what the page says it was made by makes the same again, under another number of threads
    before = digests(tmp_path / "out")
    page = (tmp_path / facts["page"]).read_text(encoding="utf-8")
    said = page.split("Made by <code>")[1].split("</code>")[0]
    again = command(*shlex.split(said)[1:], "--out", "again", OPENBLAS_NUM_THREADS="2", OMP_NUM_THREADS="2",
                    NUMBA_NUM_THREADS="2")  # fmt: skip
    assert again.code == 0, again.err
    assert digests(tmp_path / "again") == {name.removeprefix("forecast-counts/"): of for name, of in before.items()}
    assert again.out.splitlines()[-1] == "again/index.html"


def test_the_future_of_a_file_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither more events later, nor a place that is first heard of later."""
    from groundswell.cli.forecast import forecast

    monkeypatch.chdir(tmp_path)
    later = [(day, place, 500) for day, place, _ in ROWS if day > "2019-04-10"] + [("2019-04-11", "a new place", 9)]
    known = [row for row in ROWS if row[0] <= "2019-04-10"]
    for name, rows in (("one.csv", ROWS), ("two.csv", known + later)):
        forecast(written(tmp_path, rows, name), until="2019-04-10", horizon=5, draws=30, origins=2,
                 neighbours=Path("neighbours.csv"), out=tmp_path / name.removesuffix(".csv"))  # fmt: skip
    assert len(digests(tmp_path / "one")) > 6
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_an_acled_format_export_is_forecast_by_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from groundswell.cli.forecast import forecast

    monkeypatch.chdir(tmp_path)
    rows = [ACLED_ROW | {"event_id_cnty": f"ARV{d}{kind}", "event_date": str(np.datetime64("2019-01-01") + d),
                         "event_type": kind, "admin1": ("Thi-Qar", "Basra")[d % 2], "latitude": "", "longitude": ""}
            for d in range(80) for kind in ("Protests", "Riots")]  # fmt: skip
    (tmp_path / "export.csv").write_bytes(table(ACLED, *rows))
    forecast("export.csv", until="2019-03-15", horizon=3, draws=20, origins=2, kind=("protest",), as_json=True)
    facts = json.loads(capsys.readouterr().out)
    assert facts["notes"]["kinds"] == ["protest"]
    assert facts["notes"]["rows"] == 160
    text = (tmp_path / facts["page"]).read_text(encoding="utf-8")
    assert "--kind=protest" in text and "2 places, 74 days up to 2019-03-15" in text


def test_a_case_is_forecast_by_its_published_totals(command: Callable[..., Any], tmp_path: Path) -> None:
    done = command("forecast", "iraq-2019", "--until", "2019-11-11", "--horizon", "16", "--draws", "50",
                   "--simulate", "0", "--json")  # fmt: skip
    assert done.code == 0, done.err
    assert [row["forecaster"] for row in done.json["scores"]] == ["last value", "linear growth", "negative binomial"]
    assert "too few to say" in done.json["words"][0]
    draws = pd.read_parquet(tmp_path / done.json["files"][1])
    assert list(draws.columns) == ["date", "draw", "outcome"]
    assert len(draws) == 16 * 50
    assert draws.outcome.min() >= 319  # what was published by then does not fall
    page = (tmp_path / done.json["page"]).read_text(encoding="utf-8")
    assert "--simulate=0" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.csv", "--until", "2019-04-10"), "none.csv: is not there"),
        (("counts.csv", "--until", "2021-01-01"), "2021-01-01 lies outside the record"),
        (("counts.csv", "--until", "soon"), "'soon' is no date"),
        (("counts.csv", *ASKED, "--neighbours", "none.csv"), "none.csv: is not there"),
        (("counts.csv", "--until", "2019-04-10", "--horizon", "0"), "1 to 365 days"),
        (("broken.csv", "--until", "2019-04-10"), "broken.csv, line 2"),
        (("no-such-case", "--until", "2019-04-10"), "no-such-case"),
        (("iraq-2019", "--until", "2019-10-01"), "nothing was published by 2019-10-01"),
        (("two-neighbours", "--until", "2019-10-01"), "no published national totals"),
        (("counts.csv",), "--until"),
    ],
)
def test_errors_end_with_code_2_and_write_nothing(
    command: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    written(tmp_path)
    (tmp_path / "broken.csv").write_text("date,place,count\n2019-04-10,north,few\n", encoding="utf-8")
    done = command("forecast", *words)
    assert done.code == 2, done.out + done.err
    assert said in done.err + done.out
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()
