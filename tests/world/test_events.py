"""The event table: its columns, cuts by day, and Parquet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from groundswell.errors import GroundswellError
from groundswell.world.events import COLUMNS, Events, Writer


def events(days: list[str]) -> Events:
    made = {
        name: np.full(len(days), "x", object) if kind == "str" else np.arange(len(days)).astype(kind)
        for name, kind in COLUMNS.items()
    }
    return Events({**made, "day": np.array(days, dtype="datetime64[D]")})


DAYS = ["2019-10-01", "2019-10-02", "2019-10-02", "2019-10-05"]


def test_since_and_until_include_their_day() -> None:
    made = events(DAYS)
    assert len(made) == 4
    assert made.since("2019-10-02").columns["size"].tolist() == [1, 2, 3]
    assert made.until(dt.date(2019, 10, 2)).columns["size"].tolist() == [0, 1, 2]
    assert made.since(dt.date(2019, 10, 2)).until("2019-10-04").columns["size"].tolist() == [1, 2]
    assert len(made.since("2020-01-01")) == 0
    assert len(made) == 4  # nothing was changed


def test_columns_are_all_there_and_no_others() -> None:
    columns = dict(events(DAYS).columns)
    missing = {name: column for name, column in columns.items() if name != "kind"}
    for wrong, word in ((missing, "kind"), ({**columns, "colour": columns["kind"]}, "colour")):
        with pytest.raises(GroundswellError) as caught:
            Events(wrong)
        (problem,) = caught.value.problems
        assert problem.refusal == "event-columns" and word in problem.fault and "deaths_best" in problem.cure


def test_frame() -> None:
    frame = events(DAYS).frame()
    assert list(frame.columns) == list(COLUMNS) and len(frame) == 4
    assert frame["kind"].dtype == "category"


@pytest.mark.parametrize("days", [DAYS, []])
def test_parquet_round_trip(tmp_path: Path, days: list[str]) -> None:
    made = events(days)
    made.write(tmp_path / "events.parquet")
    table = pq.read_table(tmp_path / "events.parquet")
    assert table.column_names == list(COLUMNS)
    for name, kind in COLUMNS.items():
        back = table[name].to_numpy() if kind != "str" else table[name].to_pylist()
        assert list(back) == list(made.columns[name]), name
        wanted = "dictionary<values=string" if kind == "str" else {"i4": "int32", "i8": "int64"}.get(kind, "date32")
        assert str(table.schema.field(name).type).startswith(wanted), name
    assert [path.name for path in tmp_path.iterdir()] == ["events.parquet"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "events.parquet"
    events(DAYS).write(path)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="No space"):
        events(DAYS[:1]).write(path)
    assert path.read_bytes() == before


def test_read_gives_back_what_was_written_whole_or_in_parts(tmp_path: Path) -> None:
    made = events(DAYS)
    made.columns["place"][1] = "hill"
    made.write(tmp_path / "whole.parquet")
    with Writer(tmp_path / "parts.parquet") as writer:
        for part in (
            made.where(np.array([True, True, False, False])),
            made.where(np.array([False, False, True, True])),
        ):
            writer.add(part)
    for name in ("whole.parquet", "parts.parquet"):
        back = Events.read(tmp_path / name)
        assert {n: c.dtype for n, c in back.columns.items()} == {n: c.dtype for n, c in made.columns.items()}
        assert all((back.columns[n] == made.columns[n]).all() for n in COLUMNS)
    none = made.where(np.zeros(4, bool))
    none.write(tmp_path / "none.parquet")
    assert len(Events.read(tmp_path / "none.parquet")) == 0
    assert len(Events.joined([made, none, made])) == 8


def test_files_that_hold_no_event_table(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    made = events(DAYS).frame()
    for wrong in (made.assign(size="many"), made.assign(day="soon"), made.drop(columns="kind")):
        wrong.to_parquet(path)
        with pytest.raises(GroundswellError) as caught:
            Events.read(path)
        assert caught.value.problems[0].refusal in ("event-file", "event-columns")
    good = tmp_path / "good.parquet"
    events(DAYS).write(good)
    for cut in (0, 4, 200, good.stat().st_size - 3):
        path.write_bytes(good.read_bytes()[:cut])
        with pytest.raises(GroundswellError, match="event-file"):
            Events.read(path)
