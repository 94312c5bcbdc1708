"""From files to counts by place and day: what is counted, what is left out and said so, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from evidence_rows import ACLED, ACLED_ROW, table

from groundswell.errors import GroundswellError
from groundswell.inference.records import counts_of, panel_of_events, read_counts, read_neighbours
from groundswell.world.events import COLUMNS, Events

COUNTS = "date,place,count\n2019-10-01,north,2\n2019-10-03,south,1\n2019-10-03,north,4\n"


def written(folder: Path, text: str | bytes, name: str = "counts.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def events(*rows: tuple[str, str, str, int, int]) -> Events:
    """Rows of day, place, kind, day_precision, replicate."""
    day, place, kind, precision, replicate = zip(*rows, strict=True)
    given = {"day": day, "place": place, "kind": kind, "day_precision": precision, "replicate": replicate}
    return Events({
        name: np.array(given[name] if name in given else ["x" if dtype == "str" else 0] * len(rows),
                       object if dtype == "str" else dtype)
        for name, dtype in COLUMNS.items()
    })  # fmt: skip


def test_counts_by_place_and_day(tmp_path: Path) -> None:
    counts, places, first, notes = read_counts(written(tmp_path, COUNTS))
    assert counts.tolist() == [[2, 0, 4], [0, 0, 1]]
    assert places == ("north", "south")
    assert first == np.datetime64("2019-10-01")
    assert (notes["layout"], notes["rows"]) == ("counts", 3)


def test_rows_without_a_count_are_one_event_each(tmp_path: Path) -> None:
    text = "Date;Place\n2019-10-02;a\n2019-10-01;b\n2019-10-02;a\n"  # capitals, semicolons
    counts, places, _, notes = read_counts(written(tmp_path, text))
    assert places == ("a", "b")
    assert counts.tolist() == [[0, 2], [1, 0]]
    assert notes["layout"] == "events"


def test_an_acled_format_export(tmp_path: Path) -> None:
    rows = [
        ACLED_ROW,
        ACLED_ROW | {"event_id_cnty": "ARV2", "event_date": "27 October 2019", "event_type": "Riots"},
        ACLED_ROW | {"event_id_cnty": "ARV3", "time_precision": "2"},  # known to the week
        ACLED_ROW | {"event_id_cnty": "ARV4", "event_type": "Strategic developments"},
        ACLED_ROW | {"event_id_cnty": "ARV5", "event_date": "someday"},
        ACLED_ROW | {"event_id_cnty": "ARV6", "admin1": ""},
    ]
    path = written(tmp_path, table(ACLED, *rows), "export.csv")
    counts, places, first, notes = read_counts(path)
    assert counts.tolist() == [[1, 0, 1]]
    assert first == np.datetime64("2019-10-25")
    assert len(places) == 1
    assert notes["layout"] == "acled"
    assert notes["rows"] == 6
    assert notes["not_to_the_day"] == 1
    assert notes["not_placed"] == 1
    assert notes["refused"] == 1
    assert notes["kinds"] == ["protest", "riot"]
    counts, _, _, notes = read_counts(path, kinds=("protest",))
    assert counts.tolist() == [[1]]
    with pytest.raises(GroundswellError, match=r"no events of the kind battle.*protest"):
        read_counts(path, kinds=("battle",))


def test_an_event_table_counts_what_is_known_to_the_day(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    events(("2019-10-01", "a", "protest", 0, -1), ("2019-10-02", "a", "riot", 0, -1),
           ("2019-10-03", "b", "protest", 6, -1)).write(path)  # fmt: skip
    counts, places, _, notes = read_counts(path)
    assert counts.tolist() == [[1, 1]]
    assert places == ("a",)
    assert notes["not_to_the_day"] == 1
    assert read_counts(path, kinds=("riot",))[0].tolist() == [[1]]


def test_of_simulated_events_one_replicate_is_the_record(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    events(("2019-10-01", "a", "protest", 0, 0), ("2019-10-01", "a", "protest", 0, 0),
           ("2019-10-02", "a", "protest", 0, 1), ("2019-10-04", "a", "protest", 0, 1)).write(path)  # fmt: skip
    counts, _, _, notes = read_counts(path)
    assert counts.tolist() == [[1, 0, 1]]
    assert notes["replicate"] == 1


def test_places_of_one_name_in_two_countries_are_two(tmp_path: Path) -> None:
    made = events(("2019-10-01", "central", "protest", 0, -1), ("2019-10-02", "central", "protest", 0, -1))
    made.columns["country"][:] = ["north", "south"]
    made.write(tmp_path / "e.parquet")
    counts, places, _, _ = read_counts(tmp_path / "e.parquet")
    assert places == ("central, north", "central, south")
    assert counts.tolist() == [[1, 0], [0, 1]]


def test_nothing_after_the_last_day_is_seen(tmp_path: Path) -> None:
    """Not even that there is a place which is first heard of later."""
    later = "2019-10-04,west,9\n2019-10-05,north,1\n"
    short = read_counts(written(tmp_path, COUNTS, "a.csv"))
    cut = read_counts(written(tmp_path, COUNTS + later, "b.csv"), until="2019-10-03")
    assert np.array_equal(short[0], cut[0])
    assert short[1:3] == cut[1:3]
    quiet = read_counts(written(tmp_path, COUNTS + later, "b.csv"), until="2019-10-04")
    assert quiet[0].shape == (3, 4)
    empty = read_counts(written(tmp_path, COUNTS, "a.csv"), until="2019-10-02")
    assert empty[0].tolist() == [[2, 0]]


@pytest.mark.parametrize("until", ["2019-09-30", "2019-10-04"])
def test_a_day_outside_the_record_is_refused(tmp_path: Path, until: str) -> None:
    with pytest.raises(GroundswellError, match=f"{until} lies outside the record, 2019-10-01 to 2019-10-03"):
        read_counts(written(tmp_path, COUNTS), until=until)


def test_places_wanted_keep_their_order_and_others_are_left_out(tmp_path: Path) -> None:
    counts, places, _, _ = read_counts(written(tmp_path, COUNTS), places=("south", "east"))
    assert places == ("south", "east")
    assert counts.tolist() == [[0, 0, 1], [0, 0, 0]]  # days are those of the whole file


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date,place,count\n2019-10-01,a,1\nsoon,a,1\n", "line 3.*soon"),
        ("date,place\n03/04/2019,a\n", "line 2.*two ways"),
        ("date,place,count\n2019-10-01,a,-1\n", "line 2.*count -1"),
        ("date,place,count\n2019-10-01,a,1.5\n", "line 2.*count 1.5"),
        ("date,place,count\n2019-10-01,,1\n", "line 2.*place"),
        ("date,place,count\n2019-10-01,a\n", "line 2.*cells"),
        ("date,place,count\n", "holds no rows"),
        ("", "is empty"),
        ("when,where\n2019-10-01,a\n", "columns of no known source"),
    ],
)
def test_refused_files(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(GroundswellError, match=words):
        read_counts(written(tmp_path, text))


def test_a_file_without_kinds_has_none_to_choose(tmp_path: Path) -> None:
    with pytest.raises(GroundswellError, match="says nothing of kinds"):
        read_counts(written(tmp_path, COUNTS), kinds=("protest",))


def test_files_that_are_not_there_or_no_tables(tmp_path: Path) -> None:
    with pytest.raises(GroundswellError, match="is not there"):
        read_counts(tmp_path / "nothing.csv")
    with pytest.raises(GroundswellError, match="is not there"):
        read_counts(tmp_path / "nothing.parquet")
    with pytest.raises(GroundswellError, match="no event table"):
        read_counts(written(tmp_path, b"PAR1 not really", "x.parquet"))


def test_counts_of_refuses_what_it_cannot_place() -> None:
    day = np.array(["2019-10-01", "2019-10-05"], "datetime64[D]")
    with pytest.raises(GroundswellError, match="are none"):
        counts_of(day[:0], [])
    with pytest.raises(GroundswellError, match="a day is missing"):
        counts_of(np.array(["NaT"], "datetime64[D]"), ["a"])
    with pytest.raises(GroundswellError, match="none lies in these places"):
        counts_of(day, ["north", "north"], known=("nrth",))
    with pytest.raises(GroundswellError, match="ends after it begins"):
        counts_of(day, ["a", "a"], first="2019-10-09")
    with pytest.raises(GroundswellError, match="ends after it begins"):
        counts_of(
            np.array(["1900-01-01", "2099-01-01"], "datetime64[D]"), list("ab"), known=[f"p{k}" for k in range(500)]
        )


def test_a_panel_of_events_counts_one_kind_known_to_the_day() -> None:
    rows = [("2019-10-01", "a", "protest", 0, -1), ("2019-10-12", "b", "protest", 0, -1),
            ("2019-10-03", "b", "repression", 0, -1), ("2019-10-04", "b", "protest", 6, -1)]  # fmt: skip
    panel = panel_of_events(events(*rows), np.array([[0, 1.0], [1, 0]]), ("a", "b"))
    assert panel.counts.sum(1).tolist() == [1, 1]
    assert panel.counts.shape == (2, 12)
    assert panel.first == np.datetime64("2019-10-01")
    both = panel_of_events(events(*rows), np.array([[0, 1.0], [1, 0]]), ("a", "b"), kinds=("protest", "repression"),
                           first="2019-09-30", last="2019-10-11")  # fmt: skip
    assert both.counts.sum(1).tolist() == [1, 1]
    assert both.counts[1, 3] == 1


def test_neighbours_are_both_ways_and_sum_to_one(tmp_path: Path) -> None:
    text = "# a comment\nsource,target,amount\na,b,3\nb,c,1\nc,elsewhere,7\na,a,2\n"
    weights = read_neighbours(written(tmp_path, text), ("a", "b", "c"))
    assert weights.tolist() == [[0, 1, 0], [0.75, 0, 0.25], [0, 1, 0]]
    plain = read_neighbours(written(tmp_path, "source,target\na,b\nb,c\n"), ("a", "b", "c"))
    assert plain[1].tolist() == [0.5, 0, 0.5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("from,to\na,b\n", "source,target"),
        ("source,target\nx,y\n", "names no two places of the record"),
        ("source,target,amount\na,b,much\n", "much"),
        ("source,target,amount\na,b,-1\n", "-1"),
        ("source,target\n", "names no two places"),
        ("", "is empty"),
    ],
)
def test_refused_neighbours(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(GroundswellError, match=words):
        read_neighbours(written(tmp_path, text), ("a", "b"))
    with pytest.raises(GroundswellError, match="is not there"):
        read_neighbours(tmp_path / "none.csv", ("a", "b"))
