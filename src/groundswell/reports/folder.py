"""A run's folder: runs.zarr, events.parquet, summary.csv and report/; made, finished later, compared."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.chance import chance_for
from groundswell.engine.ensemble import check_sizes, resume, simulate
from groundswell.engine.record import digest_of
from groundswell.engine.store import load_runs, open_runs
from groundswell.errors import Problem, StoreError
from groundswell.scenario.schema import Scenario

if TYPE_CHECKING:
    import xarray as xr

PARTS = ("runs.zarr", "events.parquet", "summary.csv", "report")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """What `groundswell run` was asked for."""

    folder: Path
    scenario: Scenario
    replicates: int
    seed: int
    jobs: int | None
    with_files: tuple[Path, ...]
    command: str
    force: bool


def make(task: Task, progress: Progress | None = None) -> dict[str, Any]:
    """Run an ensemble into a folder and write everything. Raises StoreError where the folder holds results already."""
    start = time.perf_counter()
    check_sizes(replicates=task.replicates, jobs=task.jobs)
    try:
        clear(task.folder, task.force)
        task.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(Problem("folder-make", str(task.folder), f"cannot be made or cleared: {error.strerror}",
                                 "choose another --out")) from error  # fmt: skip
    simulate(task.scenario, replicates=task.replicates, seed=task.seed, store=task.folder / "runs.zarr", jobs=task.jobs,
             with_files=task.with_files, command=task.command, progress=progress)  # fmt: skip
    return _outcome(task.folder, start)


def clear(folder: Path, force: bool) -> None:
    """Delete an earlier run's files, and no others, if `force` is set. Raises StoreError where some are in the way."""
    there = [name for name in PARTS if (folder / name).exists()]
    ours = (folder / "runs.zarr" / "zarr.json").is_file()
    if there and not (ours and force):
        cure = (
            f", replace it with --force, or finish it with --resume {folder}" if ours else ": it was not made by a run"
        )
        raise StoreError(Problem("folder-exists", str(folder), f"holds {', '.join(there)} already",
                                 f"choose another --out{cure}"))  # fmt: skip
    for name in ("runs.zarr", "report/figures"):
        if (folder / name).exists():
            shutil.rmtree(folder / name)
    for name in ("events.parquet", "summary.csv", "report/index.html"):
        (folder / name).unlink(missing_ok=True)


def finish(folder: Path, jobs: int | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Run what an interrupted run still lacks, and write everything."""
    start = time.perf_counter()
    resume(folder / "runs.zarr", jobs=jobs, progress=progress)
    return _outcome(folder, start)


def _outcome(folder: Path, start: float) -> dict[str, Any]:
    page = write(folder)
    attrs = open_runs(folder).attrs
    return {"out": str(folder), "report": str(page), "digest": attrs["digest"], "replicates": attrs["replicates"],
            "seed": attrs["seed"], "explanation": attrs["explanation"], "command": attrs["command"],
            "seconds": round(time.perf_counter() - start, 2)}  # fmt: skip


def write(folder: Path) -> Path:
    """Write events.parquet, summary.csv and the report of a folder's results, and return the page."""
    from groundswell.evidence.reporting import Reporting
    from groundswell.evidence.simulated import events_of
    from groundswell.reports import summary, write_report

    runs = load_runs(folder)
    if not runs.sizes["replicate"]:
        fault = f"holds none of {runs.attrs['replicates']} replicates"
        cure = f"finish it first: groundswell run --resume {folder}"
        raise StoreError(Problem("store-unfinished", str(folder), fault, cure))
    recorded = Reporting.of(runs).filter(events_of(runs), chance_for(int(runs.attrs["seed"]), "reporting"))
    try:
        recorded.write(folder / "events.parquet")
        summary(runs).to_csv(folder / "summary.partial", index=False)
        (folder / "summary.partial").replace(folder / "summary.csv")
        return write_report(runs, folder)
    except OSError as error:
        raise StoreError(Problem("report-write", str(folder), f"cannot be written: {error.strerror or error}",
                                 f"make room, then `groundswell report {folder}`")) from error  # fmt: skip


def check_kept(folder: Path, replicate: int | None) -> None:
    """Raise StoreError where the folder lacks replicates that a comparison needs: all of them, or one."""
    kept = open_runs(folder)
    total, there = int(kept.attrs["replicates"]), set(kept["replicate"].values.tolist())
    wanted = set(range(total)) if replicate is None else {replicate} & set(range(total))
    if not wanted <= there:
        raise StoreError(Problem("store-unfinished", str(folder), f"holds {len(there)} of {total} replicates",
                                 f"finish it first: groundswell run --resume {folder}"))  # fmt: skip


def compare(folder: Path, made: xr.Dataset, replicate: int | None) -> dict[str, Any]:
    """Whether remade results have the digest of those in the folder and, where not, what else is not as it was."""
    kept = load_runs(folder)
    chosen = kept["digest"].values if replicate is None else kept["digest"].sel(replicate=[replicate]).values
    again = made["digest"].values
    same = bool(np.array_equal(chosen, again))
    names = {"source_hash": "the code", "with_hashes": "a mechanism file", "versions": "the version of a library"}
    moved = [what for name, what in names.items() if kept.attrs[name] != made.attrs[name]]
    return {"same": same, "digest": digest_of(again), "recorded_digest": digest_of(chosen), "replicate": replicate,
            "changed_since": moved}  # fmt: skip
