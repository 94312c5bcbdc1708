"""The results folder: layout, provenance, a mask to resume by, and every refusal of engine/store.py."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr
from zarr.storage import LocalStore

import groundswell
from groundswell.compiled import source_hash
from groundswell.engine import store as module
from groundswell.engine.store import Request, Store, load_runs, open_runs, request_of
from groundswell.errors import StoreError
from groundswell.scenario.load import from_resolved
from groundswell.scenario.schema import Scenario

SIZE = 6  # replicates, in batches of two


@pytest.fixture(scope="module")
def kept(busy: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "runs.zarr"
    groundswell.simulate(busy, replicates=SIZE, seed=2, batch=2, store=folder, command="groundswell run x")
    return folder


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    import shutil

    shutil.copytree(kept, tmp_path / "runs.zarr")
    return tmp_path / "runs.zarr"


def refused(attempt: Any, *words: str) -> str:
    with pytest.raises(StoreError) as caught:
        attempt()
    (p,) = caught.value.problems
    assert p.fault and p.cure and p.where
    for word in words:
        assert word in str(p), str(p)
    return p.refusal


def set_attributes(path: Path, **values: Any) -> None:
    zarr.open_group(path, mode="r+").attrs.update(values)


def forget(path: Path, *replicates: int) -> None:
    """Mark replicates as not done, and spoil what is stored of them."""
    group = zarr.open_group(path, mode="r+")
    for r in replicates:
        group["done"][r] = 0
        group["place.turnout"][r] = -7
        group["digest"][r] = 0
    group.attrs["digest"] = ""


def test_dimensions_and_labels(kept: Path, busy: Scenario) -> None:
    runs = open_runs(kept)
    assert runs.sizes["replicate"] == SIZE and runs.sizes["time"] == 14 and runs.sizes["week"] == 2
    assert runs["place.turnout"].dims == ("replicate", "time", "place")
    assert runs["community.fear"].dims == ("replicate", "week", "community")
    assert runs["pushed.community.fear"].dims == ("replicate", "week", "adder_community.fear", "community")
    assert runs["pushed.community.anger"].coords["adder_community.anger"].values.tolist() == ["anger"]
    assert runs["guess_value"].dims == ("replicate", "guess")
    assert str(runs["time"].values[0])[:10] == "2015-03-02" and str(runs["time"].values[-1])[:10] == "2015-03-15"
    assert [str(day)[:10] for day in runs["week"].values] == ["2015-03-02", "2015-03-09"]
    assert runs["place"].values.tolist() == list(busy.place) and runs["replicate"].values.tolist() == list(range(SIZE))
    for part, index in (("place", 0), ("identity", 1), ("class", 2)):
        labels = runs[f"community_{part}"].values.tolist()
        assert labels == [name.split("/")[index] for name in runs["community"].values.tolist()]
    assert runs["unit_place"].values.tolist() == [name.partition("@")[2] for name in runs["unit"].values.tolist()]
    assert runs["place.turnout"].attrs["units"] == "persons" and runs["place.turnout"].attrs["long_name"]
    assert "done" not in runs


def test_plain_xarray_reads_it_too(kept: Path) -> None:
    plain = xr.open_zarr(kept, consolidated=False)
    np.testing.assert_array_equal(plain["place.turnout"], open_runs(kept)["place.turnout"])


def test_a_runs_folder_opens_as_its_zarr(kept: Path) -> None:
    assert open_runs(kept.parent).attrs == open_runs(str(kept)).attrs


def test_provenance(kept: Path, busy: Scenario) -> None:
    attrs = open_runs(kept).attrs
    assert from_resolved(attrs["scenario"]) == busy
    assert (attrs["seed"], attrs["replicates"], attrs["batch"], attrs["command"]) == (2, SIZE, 2, "groundswell run x")
    assert attrs["source_hash"] == source_hash() and len(attrs["digest"]) == 32
    assert attrs["explanation"] == "deter_and_anger" and attrs["created"].startswith("20")
    assert {"python", "groundswell", "numpy", "numba", "zarr"} <= set(json.loads(attrs["versions"]))
    request = request_of(dict(attrs), kept)
    assert request == Request(busy, 2, SIZE, 2, (), (), "groundswell run x")


@pytest.mark.parametrize("holes", [(0,), (5,), (1, 4), (2, 3), tuple(range(SIZE))])
def test_resume_fills_the_holes(copy: Path, kept: Path, holes: tuple[int, ...]) -> None:
    forget(copy, *holes)
    left = open_runs(copy)
    assert left["replicate"].values.tolist() == [r for r in range(SIZE) if r not in holes]
    calls: list[tuple[int, int]] = []
    again = groundswell.resume(copy, progress=lambda done, total: calls.append((done, total)))
    wanted = open_runs(kept)
    assert again.attrs["digest"] == wanted.attrs["digest"]
    for name in wanted.data_vars:
        np.testing.assert_array_equal(again[name], wanted[name])
    batches = {r // 2 for r in holes}
    assert calls[0] == (SIZE - 2 * len(batches), SIZE) and calls[-1] == (SIZE, SIZE)


def test_missing_are_whole_batches(copy: Path) -> None:
    forget(copy, 1, 4, 5)
    assert Store.resume(copy).missing() == [range(0, 2), range(4, 6)]


def test_resume_of_a_finished_run_does_nothing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_runs(copy).attrs["digest"]
    monkeypatch.setattr(Store, "write", lambda *_: pytest.fail("nothing was left to write"))
    assert groundswell.resume(copy).attrs["digest"] == before


def test_the_last_batch_may_be_short(busy: Scenario, tmp_path: Path, kept: Path) -> None:
    runs = groundswell.simulate(busy, replicates=5, seed=2, batch=3, store=tmp_path / "runs.zarr")
    np.testing.assert_array_equal(runs["digest"], open_runs(kept)["digest"][:5])


def test_other_code_is_refused(copy: Path) -> None:
    set_attributes(copy, source_hash="0" * 16)
    assert refused(lambda: groundswell.resume(copy), "another version of the code") == "store-other-code"
    assert open_runs(copy).sizes["replicate"] == SIZE  # reading and remaking stay possible
    assert groundswell.rerun(copy, replicate=1).sizes["replicate"] == 1


@pytest.mark.parametrize("schema", [0, 2, "1"])
def test_another_schema_is_refused(copy: Path, schema: Any) -> None:
    set_attributes(copy, groundswell_schema=schema)
    for attempt in (groundswell.resume, open_runs, groundswell.rerun):
        assert (
            refused(lambda attempt=attempt: attempt(copy), f"schema {schema}", "version of groundswell")
            == "store-schema"
        )


@pytest.mark.parametrize("attempt", [groundswell.resume, open_runs, groundswell.rerun])
def test_what_holds_no_results(tmp_path: Path, attempt: Any) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "note.txt").write_text("text")
    file = tmp_path / "file"
    file.write_text("text")
    foreign = tmp_path / "foreign"
    zarr.create_group(foreign)
    spoiled = tmp_path / "spoiled"
    spoiled.mkdir()
    (spoiled / "zarr.json").write_text("{ not json")
    for path in (tmp_path / "nowhere", plain, file, foreign, spoiled):
        assert refused(lambda path=path: attempt(path), "holds no groundswell results", str(path)) == "store-missing"
    assert sorted(p.name for p in tmp_path.rglob("*")) == [
        "file",
        "foreign",
        "note.txt",
        "plain",
        "spoiled",
        *["zarr.json"] * 2,
    ]


def test_an_existing_folder_is_not_written_over(copy: Path, busy: Scenario) -> None:
    before = sorted((p, p.stat().st_mtime_ns) for p in copy.rglob("*"))
    attempt = lambda: groundswell.simulate(busy, replicates=1, store=copy)  # noqa: E731
    assert refused(attempt, "exists already", "choose another --out") == "store-exists"
    assert sorted((p, p.stat().st_mtime_ns) for p in copy.rglob("*")) == before


def test_a_folder_that_cannot_be_made(busy: Scenario, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    attempt = lambda: groundswell.simulate(busy, replicates=1, store=tmp_path / "file" / "runs.zarr")  # noqa: E731
    assert refused(attempt, "cannot be written", "make room") == "store-write"


class Disk:
    """A disk that takes so many more files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
        self.room, write = room, LocalStore.set

        async def limited(store: LocalStore, key: str, value: Any) -> None:
            self.room -= 1
            if self.room < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            await write(store, key, value)

        monkeypatch.setattr(LocalStore, "set", limited)


@pytest.mark.parametrize("room", [55, 70, 90, 100])
def test_a_full_disk(kept: Path, busy: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    path = tmp_path / "out dir" / "runs.zarr"
    disk = Disk(monkeypatch, room)
    attempt = lambda: groundswell.simulate(busy, replicates=SIZE, seed=2, batch=2, store=path, jobs=1)  # noqa: E731
    words = ("No space left on device", "make room", f"groundswell run --resume '{path.parent}'")
    assert refused(attempt, *words) == "store-write"
    assert open_runs(path).sizes.get("replicate", 0) < SIZE
    disk.room = 0
    assert refused(lambda: groundswell.resume(path), "No space left") == "store-write"
    disk.room = 10_000
    assert groundswell.resume(path).attrs["digest"] == open_runs(kept).attrs["digest"]
    for name, array in open_runs(kept).data_vars.items():
        np.testing.assert_array_equal(open_runs(path)[name], array)


@pytest.mark.parametrize("room", [0, 1, 7, 20])
def test_a_disk_that_is_full_at_the_start(
    busy: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    """A folder whose layout is not complete is no results folder."""
    path = tmp_path / "runs.zarr"
    disk = Disk(monkeypatch, room)
    assert refused(lambda: groundswell.simulate(busy, replicates=2, store=path), "No space left") == "store-write"
    disk.room = 10_000
    for attempt in (groundswell.resume, open_runs):
        assert refused(lambda attempt=attempt: attempt(path)) == "store-missing"


def test_a_full_disk_without_a_store(busy: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary folder is gone: the cure does not promise that anything was kept."""
    Disk(monkeypatch, 55)
    assert refused(lambda: groundswell.simulate(busy, replicates=2), "nothing was kept", "store=") == "store-write"


def test_how_to_resume_names_what_works(tmp_path: Path) -> None:
    assert module.how_to_resume(Path("out/a b/runs.zarr")) == "resume with `groundswell run --resume 'out/a b'`"
    assert module.how_to_resume(Path("out/other.zarr")) == "resume with `groundswell.resume('out/other.zarr')`"


def test_results_of_an_unfinished_run_are_readable(copy: Path) -> None:
    forget(copy, *range(SIZE))
    runs = open_runs(copy)
    assert runs.sizes["replicate"] == 0 and runs.attrs["digest"] == ""


def test_a_damaged_part_is_named(kept: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "runs.zarr"
    shutil.copytree(kept, damaged)
    chunk = next(path for path in sorted((damaged / "place.turnout" / "c").rglob("*")) if path.is_file())
    chunk.write_bytes(b"not a chunk")
    with pytest.raises(StoreError) as caught:
        load_runs(damaged)
    (problem,) = caught.value.problems
    assert problem.refusal == "store-damaged" and problem.where == str(damaged)


def test_a_store_without_its_mask_holds_no_results(kept: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "runs.zarr"
    shutil.copytree(kept, damaged)
    shutil.rmtree(damaged / "done")
    with pytest.raises(StoreError, match="store-missing"):
        open_runs(damaged)
