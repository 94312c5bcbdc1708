"""From files to events: nothing is dropped in silence, whole files are refused with a cure, memory stays bounded."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evidence_rows import ACLED, ACLED_ROW, GED, GED_ROW, MASS, MASS_ROW, ged, many_ged, table
from hypothesis import given, settings
from hypothesis import strategies as st
from outside_data import outside
from refusals import refusing

import groundswell
from groundswell.errors import GroundswellError
from groundswell.evidence import read as reader
from groundswell.evidence.counts import NEEDED, read_counts
from groundswell.evidence.read import convert, notes_of, read_events
from groundswell.evidence.seen import RECENT, Seen
from groundswell.evidence.sources.mapped import read_map
from groundswell.world.events import COLUMNS, Events


def refusal(data: bytes, **more: Any) -> str:
    with pytest.raises(GroundswellError) as caught:
        read_events(data, **more)
    (problem,) = caught.value.problems
    assert problem.fault and problem.cure
    return f"{problem.refusal}: {problem}"


def balanced(reading: Any) -> bool:
    return reading.rows == reading.events + reading.total("refused") + reading.total("left out")


def test_the_source_is_told_by_its_columns() -> None:
    made = {"ucdp-ged": ged(), "acled": table(ACLED, ACLED_ROW), "mass-mobilization": table(MASS, MASS_ROW)}
    for name, data in made.items():
        events, reading = read_events(data)
        assert reading.source == name and len(events) == 1 and set(events.columns["source"]) == {name}
        assert events.columns["replicate"].tolist() == [-1]
    assert groundswell.read_events is read_events


def test_columns_that_do_not_fit_are_named_with_the_source_that_does() -> None:
    assert "data-columns" in refusal(b"a,b\n1,2\n") and "no known source" in refusal(b"a,b\n1,2\n")
    assert "columns are those of ucdp-ged" in refusal(ged(), kind="acled")
    assert "lacks what ucdp-ged needs: date_end" in refusal(ged().replace(b"date_end", b"date_ende"), kind="ucdp-ged")
    assert "did you mean 'date_ende'" in refusal(ged().replace(b"date_end", b"date_ende"), kind="ucdp-ged")
    assert "data-source" in refusal(ged(), kind="ucdp") and "data-header" in refusal(b"")
    assert "data-header" in refusal(ged().replace(b"date_end", b"date_start"))
    assert "data-encoding" in refusal(ged(), encoding="ebcdic")


def test_a_file_of_which_no_row_can_be_read_is_refused_with_the_commonest_reason() -> None:
    assert "no row of 2 can be read; most often: date missing" in refusal(
        table(GED, GED_ROW | {"date_start": ""}, GED_ROW | {"id": "2", "date_start": ""}))  # fmt: skip


def test_a_file_without_rows_has_no_events() -> None:
    events, reading = read_events(table(GED))
    assert len(events) == 0 and reading.rows == 0 and set(events.columns) == set(COLUMNS)


def test_repeats_are_left_out_or_refused_and_listed() -> None:
    again = GED_ROW | {"best": "5", "high": "5"}
    events, reading = read_events(table(GED, GED_ROW, GED_ROW, again, GED_ROW | {"id": ""}))
    assert len(events) == 1 and balanced(reading) and reading.rows == 4
    facts = reading.facts()
    assert facts["left_out"]["repeats an earlier row in every cell"] == {"count": 1, "examples": ["line 3: 1"]}
    assert facts["refused"]["its id stands in an earlier row with other cells"]["examples"] == ["line 4: 1"]
    assert facts["refused"]["id missing"]["count"] == 1
    assert "line 4 (1)" in reading.text() and json.dumps(facts, default=str)


def test_header_in_capitals_semicolons_and_tags_are_repairs() -> None:
    head, row = ged().decode().splitlines()
    tags = ",".join(["#id", *["#x"] * (len(GED) - 1)])
    odd = f"{head.upper()}\n{tags}\n{row}\n".replace(",", ";").encode("utf-8-sig")
    events, reading = read_events(odd)
    assert len(events) == 1 and reading.rows == 1 and reading.encoding == "utf-8-sig"
    assert {k for _, k in reading.counts} >= {"column names in capitals or with blanks", "cells parted by semicolons"}


def test_encodings_are_guessed_said_and_can_be_given() -> None:
    text = table(ACLED, ACLED_ROW | {"admin1": "ذي قار"}).decode()
    for encoding in ("utf-8", "utf-8-sig", "cp1256"):
        events, reading = read_events(text.encode(encoding))
        assert events.columns["place"].tolist() == ["Dhi Qar"] and reading.encoding == encoding
    assert any("a guess" in kind for _, kind in reading.counts)
    _, given_ = read_events(text.encode("cp1256"), encoding="cp1256")
    assert not any("a guess" in kind for _, kind in given_.counts)
    latin = table(GED, GED_ROW | {"adm_1": "Kairouan", "side_b": "Médenine", "country": "Tunisia", "latitude": "35"})
    assert read_events(latin.decode().encode("latin-1"))[0].columns["target"].tolist() == ["Médenine"]


def test_ragged_rows_are_refused_and_empty_ends_forgiven() -> None:
    data = ged().decode()
    events, reading = read_events((data + data.splitlines()[1] + ",x\n").encode())
    assert len(events) == 1 and "not as many cells as columns" in reading.text() and balanced(reading)
    events, reading = read_events((data.strip() + ",,\n").encode())
    assert len(events) == 1 and "beyond the last column" in reading.text()


def test_convert_equals_read_and_writes_every_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 7)
    rows = [GED_ROW | {"id": str(k), "best": str(k % 5)} for k in range(50)]
    path, out = tmp_path / "in.csv", tmp_path / "events.parquet"
    path.write_bytes(table(GED, *rows))
    reading = convert(path, out)
    events, other = read_events(path)
    back = Events.read(out)
    assert all(np.array_equal(back.columns[name], events.columns[name]) for name in COLUMNS)
    assert {n: c.dtype for n, c in back.columns.items()} == {n: c.dtype for n, c in events.columns.items()}
    with notes_of(out).open(encoding="utf-8") as stream:
        notes = list(csv.DictReader(stream))
    assert len(notes) == sum(reading.counts.values()) == sum(other.counts.values()) == 20
    assert sorted(p.name for p in tmp_path.iterdir()) == ["events.notes.csv", "events.parquet", "in.csv"]


def test_a_failed_conversion_leaves_what_was_there(tmp_path: Path) -> None:
    path, out = tmp_path / "in.csv.gz", tmp_path / "events.parquet"
    out.write_bytes(b"earlier")
    path.write_bytes(gzip.compress(many_ged(40_000))[:-20])
    with refusing("data-archive"):
        convert(path, out)
    assert out.read_bytes() == b"earlier" and sorted(p.name for p in tmp_path.iterdir()) == [
        "events.parquet",
        "in.csv.gz",
    ]
    with refusing("data-write"):
        path.write_bytes(ged())
        convert(path, tmp_path / "none" / "events.parquet")


def test_too_many_places_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_PLACES", 3)
    rows = [GED_ROW | {"id": str(k), "country": "Arvenia", "adm_1": f"place {k}"} for k in range(9)]
    assert "data-places" in refusal(table(GED, *rows))


def test_a_long_list_of_places_is_cut_in_the_text_only() -> None:
    rows = [GED_ROW | {"id": str(k), "country": "Arvenia", "adm_1": f"place {k}"} for k in range(70)]
    _, reading = read_events(table(GED, *rows))
    assert "and 10 places more" in reading.text() and len(reading.facts()["coverage"]) == 70


def test_event_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "no.parquet").write_bytes(b"nothing")
    for name in ("no.parquet", "absent.parquet"):
        with pytest.raises(GroundswellError) as caught:
            Events.read(tmp_path / name)
        assert caught.value.problems[0].refusal == "event-file"


@given(st.lists(st.integers(0, 300), max_size=400))
def test_seen_is_a_set(numbers: list[int]) -> None:
    seen, held = Seen(), set()
    for number in numbers:
        assert seen.add(str(number)) == (number in held)
        held.add(number)


def test_seen_over_several_joined_arrays() -> None:
    seen = Seen()
    assert not any(seen.add(str(k)) for k in range(3 * RECENT + 10))
    assert all(seen.add(str(k)) for k in range(0, 3 * RECENT + 10, 997))


def mutated(base: bytes, choose: Callable[[int], int]) -> bytes:
    """A few bytes, cells or lines of a good file changed, cut, doubled or moved."""
    data = bytearray(base)
    for _ in range(1 + choose(6)):
        kind, at = choose(8), choose(max(len(data), 1))
        if kind == 0:
            data[at : at + 1] = bytes([choose(256)])
        elif kind == 1:
            del data[at : at + 1 + choose(40)]
        elif kind == 2:
            data[at:at] = bytes(data[at : at + choose(60)])
        elif kind == 3:
            data[at:at] = [b'"', b",", b"\n", b"\0", b"\xff\xfe", b"\r", b";", "٣".encode(), b"1e999", b"\x1f\x8b"][
                choose(10)
            ]
        elif kind == 4:
            data = data[:at]
        elif kind == 5:
            lines = data.split(b"\n")
            one, two = choose(len(lines)), choose(len(lines))
            lines[one], lines[two] = lines[two], lines[one]
            data = bytearray(b"\n".join(lines))
        elif kind == 6:
            data = bytearray(bytes(data).replace(b",", b";" if choose(2) else b"\t", 1 + choose(400)))
        else:
            data[at:at] = bytes(choose(256) for _ in range(choose(30)))
    return bytes(data)


BASES = (
    table(GED, GED_ROW, GED_ROW | {"id": "2", "adm_1": "", "where_prec": "6"}, GED_ROW | {"id": "3", "best": "9"}),
    table(ACLED, ACLED_ROW, ACLED_ROW | {"event_id_cnty": "ARV2", "time_precision": "3", "admin1": "ذي قار"}),
    table(MASS, MASS_ROW, MASS_ROW | {"id": "2", "protest": "0"}, MASS_ROW | {"id": "3", "location": "Basra; Najaf"}),
    gzip.compress(ged(), mtime=0),
)


def survives(data: bytes) -> bool:
    """Read or refused: any other error fails the test. True where it was read."""
    try:
        events, reading = read_events(data)
    except GroundswellError as error:
        assert all(p.refusal and p.fault and p.cure for p in error.problems), str(error)
        return False
    assert balanced(reading) and len(events) == reading.events
    assert (events.columns["deaths_low"] <= events.columns["deaths_high"]).all()
    return True


@settings(max_examples=400)
@given(st.sampled_from(BASES), st.data())
def test_a_mutated_file_is_read_or_refused(base: bytes, data: st.DataObject) -> None:
    survives(mutated(base, lambda n: data.draw(st.integers(0, max(n - 1, 0)))))


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", ["(", ")(", "0", ".0", "1,", "al "])
def test_very_long_cells_are_refused_at_once(text: str) -> None:
    quoted = (text * 120_000)[:120_000].replace(",", ".")
    for head, row in ((GED, GED_ROW), (ACLED, ACLED_ROW), (MASS, MASS_ROW)):
        rows = [row | {head[0]: f"{name}!", name: quoted} for name in row if name != head[0]]
        _, reading = read_events(table(head, row, *rows))
        assert balanced(reading) and reading.rows == len(rows) + 1 and reading.total("refused") >= 4


@settings(max_examples=150)
@given(st.data())
def test_a_mutated_table_of_counts_or_column_map_is_read_or_refused(data: st.DataObject) -> None:
    choose = lambda n: data.draw(st.integers(0, max(n - 1, 0)))  # noqa: E731
    line = "national,2019-10-01,2019-10-03,deaths,19,exact,true,a commission,an agency,2019-10-04,https://example.org/"
    counts = "\n".join([",".join(NEEDED), line + "1", line + "2"]).encode()
    column_map = b'schema = 1\ncountry = "arvenia"\nkind = "protest"\n[columns]\nday = "Day"\ndeaths = "Dead"\n'
    for base, read in ((counts, read_counts), (column_map, read_map)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "mutated"
            path.write_bytes(mutated(base, choose))
            with contextlib.suppress(GroundswellError):
                assert read(path) is not None  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_mutated_files() -> None:
    import tracemalloc

    made = np.random.default_rng(20191001)
    choose = lambda n: int(made.integers(max(n, 1)))  # noqa: E731
    read = sum(survives(mutated(BASES[k % 4], choose)) for k in range(100))
    tracemalloc.start()
    for k in range(100_000):
        read += survives(mutated(BASES[k % 4], choose))
        if k == 2_000:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 20_000 < read < 90_000  # both ends are tried
    assert peak - before < 60_000_000  # caches of dates and names have a bound; nothing else stays


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Peak of a process of its own over files of 23 and 190 MB: it grows by little more than 16 bytes a row."""
    import subprocess
    import sys

    head, row = ged().split(b"\n")[:2]
    row = row.replace(b'"Government of Arvenia"', b'"Government of Arvenia' + b" " * 100 + b'"')
    peaks = []
    for rows in (80_000, 640_000):
        path = tmp_path / f"{rows}.csv"
        with path.open("wb") as stream:
            stream.write(head + b"\n")
            for k in range(rows):
                stream.write(row.replace(b'"1"', b'"%d"' % (k + 10), 1) + b"\n")
        code = ("import resource, sys; from pathlib import Path; from groundswell.evidence.read import convert;"
                "r = convert(Path(sys.argv[1]), Path(sys.argv[1] + '.parquet')); assert r.events == int(sys.argv[2]);"
                "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)")  # fmt: skip
        done = subprocess.run([sys.executable, "-c", code, path, str(rows)], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) * 1024)
        path.unlink()
    assert peaks[1] - peaks[0] < 16 * 560_000 + 40_000_000, peaks


def test_the_files_at_hand_are_read_whole() -> None:
    events, reading = read_events(outside("ucdp_ged_iraq/ged_iraq_1989_2018.csv.gz"))
    assert reading.events == 7473 and not reading.total("refused") and events.columns["deaths_best"].sum() == 120_631
    with gzip.open(outside("ucdp_ged_iraq/ged_iraq_daily_governorate.csv.gz"), "rt") as stream:
        rows = [row for row in csv.DictReader(stream) if row["governorate"]]
    daily: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row["date"], row["governorate"]
        daily[key] = daily.get(key, 0) + int(row["best"])
    ours: dict[tuple[str, str], int] = {}
    for day, place, best in zip(*(events.columns[n] for n in ("day", "place", "deaths_best")), strict=True):
        if place not in ("national", "unplaced"):
            ours[str(day), place] = ours.get((str(day), place), 0) + int(best)
    assert ours == daily
    assert read_events(outside("mass_mobilization/mm_case_countries.csv"))[1].events == 365
    assert read_events(outside("ucdp_ged_bangladesh/ged_bangladesh_1989_2018.csv"))[1].events == 601


def test_a_refused_row_does_not_bar_a_good_one_with_its_id() -> None:
    data = table(GED, GED_ROW | {"latitude": "far"}, GED_ROW, GED_ROW | {"best": "3"})
    events, reading = read_events(data)
    assert len(events) == 1 and events.columns["deaths_best"].tolist() == [2]
    refused = reading.facts()["refused"]
    assert refused["its id stands in an earlier row with other cells"]["examples"] == ["line 4: 1"]


def test_days_to_come_are_refused() -> None:
    day = dt.date.today() + dt.timedelta(days=2)
    later = GED_ROW | {"id": "2", "date_start": f"{day}", "date_end": f"{day}"}
    events, reading = read_events(table(GED, GED_ROW, later))
    assert len(events) == 1 and reading.facts()["refused"]["on a day to come"]["count"] == 1
