"""The results store: one Zarr folder an ensemble, laid out before the first run, one writer, a mask to resume by."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import shlex
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.compiled import source_hash
from groundswell.engine.build import lay_out
from groundswell.engine.record import digest_of, weeks
from groundswell.errors import Problem, StoreError
from groundswell.mechanisms.base import load_file, loaded_hash
from groundswell.scenario.numbers import guesses
from groundswell.scenario.schema import SCHEMA, Scenario
from groundswell.world.fields import FIELDS

if TYPE_CHECKING:
    import xarray as xr

STATIC = {"digest": ("byte",), "guess_value": ("guess",)}


@dataclass(frozen=True)
class Request:
    """Which ensemble: the same request gives the same digest. `with_files` are the user's mechanism files."""

    scenario: Scenario
    seed: int
    replicates: int
    batch: int
    with_files: tuple[str, ...] = ()
    with_hashes: tuple[str, ...] = ()
    command: str = ""
    parameters: tuple[tuple[str, tuple[float, ...]], ...] = ()  # guesses that were given: path, one value a replicate

    def given(self, replicates: range) -> dict[str, NDArray[np.float64]]:
        """The guesses given to some of the replicates."""
        return {path: np.array(values[replicates.start : replicates.stop]) for path, values in self.parameters}


def coordinates(request: Request) -> dict[str, tuple[tuple[str, ...], Any, dict[str, str]]]:
    """Labels of all dimensions: name to (dimensions, values, attributes)."""
    scenario = request.scenario
    start, length = scenario.period.start, scenario.period.days_a_step
    since = {"units": f"days since {start.isoformat()}", "calendar": "proleptic_gregorian"}
    layout = lay_out(scenario)
    made: dict[str, tuple[tuple[str, ...], Any, dict[str, str]]] = {
        "replicate": (("replicate",), np.arange(request.replicates), {}),
        "time": (("time",), np.arange(scenario.period.steps) * length, since),
        "week": (("week",), np.arange(weeks(scenario)) * 7, since),
        "guess": (("guess",), [entry.path for entry in guesses(scenario)], {}),
    }
    for table in ("country", "place", "actor", "unit", "site"):
        rows = getattr(scenario, table)
        if rows:
            made[table] = ((table,), list(rows), {})
    if layout.communities:
        made["community"] = (("community",), layout.community_names, {})
        for k, part in enumerate(("place", "identity", "class")):
            made[f"community_{part}"] = (("community",), [names[k] for names in layout.communities], {})
    for link in ("actor", "place"):
        if scenario.unit:
            made[f"unit_{link}"] = (("unit",), [row.links[link] for row in scenario.unit.values()], {})
    return made


def dimensions(name: str, length: int, scenario: Scenario) -> tuple[str, ...]:
    """The dimensions of a recorded array but for the first, which is the replicate."""
    if name in STATIC:
        return STATIC[name]
    weekly = name.startswith("pushed.") or name in scenario.record_weekly
    table = name.removeprefix("pushed.").partition(".")[0]
    time = "week" if weekly else "time"
    return (time, f"adder_{name.removeprefix('pushed.')}", table) if length == 4 else (time, table)


class Store:
    """A results folder that is being written, by one process; readers may open it at any time."""

    def __init__(self, path: Path, group: Any, request: Request) -> None:
        self.path, self._group, self.request = path, group, request

    @classmethod
    def create(cls, path: Path, request: Request) -> Store:
        """Make the folder and write what does not depend on results. Raises StoreError where it cannot be made."""
        import zarr

        if path.exists():
            raise StoreError(Problem("store-exists", str(path), "exists already", "choose another --out, or remove it"))
        try:
            group = zarr.create_group(path)
            for name, (dims, values, attributes) in coordinates(request).items():
                _coordinate(group, name, dims, values, attributes)
            done = group.create_array("done", shape=(request.replicates,), chunks=(request.batch,), dtype="u1",
                                      fill_value=0, dimension_names=["replicate"])  # fmt: skip
            done[:] = 0
            group.attrs.update(provenance(request))  # last: without it the folder holds no results
        except OSError as error:
            raise _cannot_write(path, error) from error
        return cls(path, group, request)

    @classmethod
    def resume(cls, path: Path) -> Store:
        """Open a folder to finish it. Raises StoreError where it is not one, or was made by other code."""
        group = _open(path, "r+")
        attrs = dict(group.attrs)
        request = request_of(attrs, path)
        if attrs["source_hash"] != source_hash():
            raise StoreError(Problem("store-other-code", str(path), "was begun by another version of the code",
                                     "finish it with that version, or start a new --out"))  # fmt: skip
        if [loaded_hash(name) for name in request.with_files] != attrs["with_hashes"]:
            raise StoreError(Problem("store-other-code", str(path), "was begun with another text of a mechanism file",
                                     "put the file back as it was, or start a new --out"))  # fmt: skip
        return cls(path, group, request)

    def missing(self) -> list[range]:
        """The batches with replicates not yet on disk, as ranges."""
        done, size, total = self._group["done"][:], self.request.batch, self.request.replicates
        parts = [range(first, min(first + size, total)) for first in range(0, total, size)]
        return [part for part in parts if not done[part.start : part.stop].all()]

    def write(self, replicates: range, kept: dict[str, NDArray[Any]], adders: dict[str, list[str]]) -> None:
        """Put a finished batch in its region, and only then mark it as done."""
        try:
            for name, array in kept.items():
                if name not in self._group:
                    self._make(name, array, adders)
                self._group[name][replicates.start : replicates.stop] = array
            self._group["done"][replicates.start : replicates.stop] = 1
        except OSError as error:
            raise _cannot_write(self.path, error) from error

    def _make(self, name: str, array: NDArray[Any], adders: dict[str, list[str]]) -> None:
        dims = dimensions(name, array.ndim, self.request.scenario)
        bare = name.removeprefix("pushed.")
        if array.ndim == 4 and dims[1] not in self._group:
            _coordinate(self._group, dims[1], (dims[1],), adders[bare], {})
        field = FIELDS.get(bare)
        attributes = {"units": field.unit, "long_name": field.doc} if field else {}
        shape = (self.request.replicates, *array.shape[1:])
        self._group.create_array(name, shape=shape, chunks=(self.request.batch, *(max(1, n) for n in array.shape[1:])),
                                 dtype=array.dtype, dimension_names=["replicate", *dims], attributes=attributes,
                                 fill_value=0)  # fmt: skip

    def finish(self) -> str:
        """Write the digest of the whole ensemble and return it."""
        digest = digest_of(self._group["digest"][:])
        self._group.attrs["digest"] = digest
        return digest


def _coordinate(group: Any, name: str, dims: tuple[str, ...], values: Any, attributes: dict[str, str]) -> None:
    held = np.asarray(values)
    text = held.dtype.kind in "UO" or (held.size == 0 and name not in ("replicate", "time", "week"))
    array = group.create_array(name, shape=held.shape, chunks=(max(1, held.size),), dimension_names=list(dims),
                               dtype="string" if text else held.dtype, attributes=attributes)  # fmt: skip
    array[:] = held.astype(object) if text else held


def how_to_resume(path: Path) -> str:
    """What finishes an interrupted run whose store is at `path`: a command, or a call for a store by another name."""
    if path.name == "runs.zarr":
        return f"resume with `groundswell run --resume {shlex.quote(str(path.parent))}`"
    return f"resume with `groundswell.resume({str(path)!r})`"


def _cannot_write(path: Path, error: OSError) -> StoreError:
    cure = f"make room or choose another --out; finished batches are kept, {how_to_resume(path)}"
    return StoreError(Problem("store-write", str(path), f"cannot be written: {error.strerror or error}", cure))


def _open(path: Path, mode: Any) -> Any:
    import zarr

    try:
        group = zarr.open_group(path, mode=mode)
        if group.attrs.get("groundswell_schema") is None or "done" not in group:
            raise KeyError("groundswell_schema")
    except (FileNotFoundError, KeyError, ValueError, OSError) as error:
        raise StoreError(Problem("store-missing", str(path), "holds no groundswell results",
                                 "pass the folder that `groundswell run` wrote")) from error  # fmt: skip
    return group


def provenance(request: Request) -> dict[str, Any]:
    """Everything needed to remake the results: the resolved scenario, seed, versions, source hash and command."""
    names = ("groundswell", "numpy", "numba", "zarr", "xarray", "pydantic")
    return {
        "groundswell_schema": SCHEMA, "title": request.scenario.title, "scenario": request.scenario.resolved(),
        "seed": request.seed, "replicates": request.replicates, "batch": request.batch,
        "with_files": list(request.with_files), "with_hashes": list(request.with_hashes),
        "parameters": {path: list(values) for path, values in request.parameters},
        "command": request.command, "explanation": request.scenario.chosen,
        "source_hash": source_hash(), "digest": "",
        "versions": json.dumps({"python": platform.python_version(), **{name: _version(name) for name in names}}),
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    }  # fmt: skip


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def request_of(attrs: dict[str, Any], path: Path | str) -> Request:
    """The request that a store answers. Raises StoreError where its schema is another one."""
    if attrs.get("groundswell_schema") != SCHEMA:
        raise StoreError(
            Problem(
                "store-schema",
                str(path),
                f"has schema {attrs.get('groundswell_schema')}, not {SCHEMA}",
                "read it with the version of groundswell that wrote it",
            )
        )
    from groundswell.scenario.load import from_resolved

    for name in attrs["with_files"]:
        load_file(name)
    files = tuple(attrs["with_files"])
    return Request(from_resolved(attrs["scenario"]), attrs["seed"], attrs["replicates"], attrs["batch"], files,
                   tuple(map(loaded_hash, files)), attrs["command"],
                   tuple((path, tuple(values)) for path, values in attrs.get("parameters", {}).items()))  # fmt: skip


def open_runs(path: str | Path) -> xr.Dataset:
    """The results in a folder (a run's folder or its `runs.zarr`) as a Dataset, read lazily.

    Replicates that are not finished are left out. Raises StoreError where the folder holds no results.
    """
    import xarray as xr

    path = Path(path)
    path = path / "runs.zarr" if os.path.exists(path / "runs.zarr") else path  # false for what no file can be named
    group = _open(path, "r")
    if group.attrs["groundswell_schema"] != SCHEMA:
        request_of(dict(group.attrs), path)
    opened = xr.open_zarr(path, consolidated=False, chunks=None)
    labels = [name for name in opened.data_vars if name.startswith(("community_", "unit_"))]
    done = opened["done"].values.astype(bool)
    opened = opened.drop_vars("done").set_coords(labels)
    chosen: xr.Dataset = opened if done.all() else opened.isel(replicate=np.flatnonzero(done))
    return chosen


def load_runs(path: str | Path) -> xr.Dataset:
    """As `open_runs`, but read at once. Raises StoreError also where a part of it cannot be read."""
    opened = open_runs(path)
    try:
        return opened.load()
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise StoreError(Problem("store-damaged", str(path), f"cannot be read: {type(error).__name__}: {error}",
                                 "run it again, or put back a copy")) from error  # fmt: skip
