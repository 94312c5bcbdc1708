"""`groundswell data` as a process: lists, reads, shows; errors are one line with code 2 and nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence_rows import ged, table

from groundswell.world.events import Events


def test_sources_are_listed_with_licence_and_citation(command: Callable[..., Any]) -> None:
    found = command("data", "--json").json
    assert [source["name"] for source in found] == ["acled", "mass-mobilization", "ucdp-ged"]
    assert all(source[key] for source in found for key in ("licence", "citation", "how_to_get", "covers", "traps"))
    assert [bool(source["download"]) for source in found] == [False, False, True]
    text = command("data")
    assert text.code == 0 and "CC BY 4.0" in text.out and "by hand only" in text.out


def test_read_and_show(command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(ged())
    done = command("data", "read", "in.csv", "--source", "ucdp-ged", "--out", "events.parquet", "--json")
    facts = done.json
    assert facts["events"] == 1 and facts["out"] == "events.parquet" and facts["notes"] == "events.notes.csv"
    assert len(Events.read(tmp_path / "events.parquet")) == 1
    shown = command("data", "show", "events.parquet", "--out", "page")
    assert shown.code == 0 and (tmp_path / "page" / "index.html").exists()
    assert "1 row: 1 event, 0 refused" in command("data", "read", "in.csv").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("read", "none.csv"), "data-file"),
        (("read", "in.csv", "--source", "gad"), "data-source"),
        (("read", "in.csv", "--out", "events.csv"), "end with .parquet"),
        (("read", "in.csv", "--day-first", "--month-first"), "not both"),
        (("read", "in.csv", "--columns", "none.toml"), "map-file"),
        (("show", "in.csv"), "event-file"),
        (("get", "acled"), "get-terms"),
    ],
)
def test_errors_end_with_code_2(command: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "in.csv").write_bytes(ged())
    done = command("data", *words)
    assert done.code == 2 and said in done.err and "Traceback" not in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


def test_a_file_without_a_readable_row_writes_nothing(command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(ged(date_start="soon"))
    done = command("data", "read", "in.csv", "--out", "events.parquet")
    assert done.code == 2 and "data-nothing" in done.err and [p.name for p in tmp_path.iterdir()] == ["in.csv"]
    (tmp_path / "in.csv").write_bytes(table(["a"], {"a": "1"}))
    assert "data-columns" in command("data", "read", "in.csv").err
