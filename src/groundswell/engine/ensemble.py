"""Many replicates over any concurrent.futures executor: batches of stacked worlds, one writer, resumable."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from groundswell.engine.build import lay_out
from groundswell.engine.run import run
from groundswell.engine.store import Request, Store, how_to_resume, open_runs, request_of
from groundswell.errors import Problem, StoreError
from groundswell.mechanisms.base import load_file, loaded_hash
from groundswell.scenario.numbers import check_given
from groundswell.scenario.schema import Scenario

if TYPE_CHECKING:
    import xarray as xr

STACKED_PEOPLE = 400_000  # of a batch at most, where one world is smaller: less dispatch and fewer, larger writes
LARGEST_BATCH = 64
MOST = 1_000_000
Progress = Callable[[int, int], None]


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def batch_size(scenario: Scenario, replicates: int, jobs: int) -> int:
    """Replicates stacked in one world: as many as fit the cache, and about equally many batches for each worker."""
    decks = lay_out(scenario).decks
    fits = min(LARGEST_BATCH, max(1, STACKED_PEOPLE // (decks.people if decks else 1)))
    rounds = -(-replicates // (fits * jobs))
    return max(1, -(-replicates // (rounds * jobs)))


def simulate(
    scenario: Scenario,
    *,
    replicates: int = 100,
    seed: int = 0,
    parameters: Mapping[str, ArrayLike] | None = None,
    store: str | Path | None = None,
    executor: Executor | None = None,
    jobs: int | None = None,
    batch: int | None = None,
    with_files: Sequence[str | Path] = (),
    command: str = "",
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run an ensemble and return its results: dims replicate, time, week and those of the tables recorded.

    The numbers are the same for any `executor` (any concurrent.futures one), number of `jobs` (threads of the default
    executor) and `batch` (replicates stacked in one world). With `store`, results go to that Zarr folder as they
    finish; else they are held in memory. `with_files` are Python files with mechanisms of your own: they are run.
    `parameters` gives guesses instead of drawing them: path to one value a replicate.
    `progress(done, total)` is called as batches finish. Raises ScenarioError, MechanismError or StoreError.
    """
    check_sizes(replicates=replicates, jobs=jobs, batch=batch)
    given = {path: np.asarray(values, dtype=np.float64) for path, values in (parameters or {}).items()}
    files = tuple(str(Path(name).resolve()) for name in with_files)
    for name in files:
        load_file(name)
    check_given(scenario, given, replicates)
    size = batch or batch_size(scenario, replicates, jobs or cores())
    request = Request(scenario, seed, replicates, size, files, tuple(map(loaded_hash, files)), command,
                      tuple((path, tuple(values.tolist())) for path, values in sorted(given.items())))  # fmt: skip
    if store is not None:
        _fill(Store.create(Path(store), request), executor, jobs, progress)
        return open_runs(store)
    with TemporaryDirectory(prefix="groundswell-") as folder:
        path = Path(folder) / "runs.zarr"
        try:
            _fill(Store.create(path, request), executor, jobs, progress)
        except StoreError as error:
            cure = "nothing was kept: give `store=` a folder, and a run can be resumed"
            raise StoreError([replace(p, cure=cure) for p in error.problems]) from error
        return open_runs(path).load()


def check_sizes(**numbers: int | None) -> None:
    """Raise StoreError where a number that counts something (replicates, jobs, batch) is not 1 to a million."""
    wrong = [Problem(name, name, f"is {number}", f"ask for 1 to {MOST:,}")
             for name, number in numbers.items() if number is not None and not 1 <= number <= MOST]  # fmt: skip
    if wrong:
        raise StoreError(wrong)


def resume(store: str | Path, *, executor: Executor | None = None, jobs: int | None = None,
           progress: Progress | None = None) -> xr.Dataset:  # fmt: skip
    """Finish an interrupted ensemble: only replicates that are not on disk are run."""
    check_sizes(jobs=jobs)
    _fill(Store.resume(Path(store)), executor, jobs, progress)
    return open_runs(store)


def rerun(runs: xr.Dataset | str | Path, *, replicate: int | None = None, executor: Executor | None = None,
          jobs: int | None = None, progress: Progress | None = None) -> xr.Dataset:  # fmt: skip
    """Remake results from their own provenance: all of them, or one replicate alone (by number).

    The same code gives the same bytes; compare `attrs["digest"]`. Mechanism files of the user's are read again.
    """
    opened = open_runs(runs) if isinstance(runs, str | Path) else runs
    request = request_of(dict(opened.attrs), "results")
    if replicate is None:
        return simulate(
            request.scenario,
            replicates=request.replicates,
            seed=request.seed,
            parameters=dict(request.parameters),
            executor=executor,
            jobs=jobs,
            with_files=request.with_files,
            command=request.command,
            progress=progress,
        )
    if not 0 <= replicate < request.replicates:
        raise StoreError(Problem("replicate", "replicate", f"{replicate} is not one of {request.replicates}",
                                 f"count from 0 to {request.replicates - 1}"))  # fmt: skip
    with TemporaryDirectory(prefix="groundswell-") as folder:
        path = Path(folder) / "runs.zarr"
        made = Store.create(path, replace(request, batch=1))
        made.write(range(replicate, replicate + 1), *run_batch(request, range(replicate, replicate + 1)))
        return open_runs(path).load()


def run_batch(request: Request, replicates: range) -> tuple[dict[str, NDArray[Any]], dict[str, list[str]]]:
    """One batch, as a worker runs it: recorded arrays, and who adds to which column."""
    for name, digest in zip(request.with_files, request.with_hashes, strict=True):
        load_file(name)
        if loaded_hash(name) != digest:
            raise StoreError(Problem("with-changed", name, "was edited while the run went on", "start the run again"))
    return run(request.scenario, request.seed, replicates, request.given(replicates))


def _fill(store: Store, executor: Executor | None, jobs: int | None, progress: Progress | None) -> None:
    todo = store.missing()
    total = store.request.replicates
    done = total - sum(len(part) for part in todo)
    if progress:
        progress(done, total)
    with _executor(executor, jobs) as pool:
        waiting: dict[Future[Any], range] = {}
        queue = iter(todo)
        try:
            for part in queue:
                waiting[pool.submit(run_batch, store.request, part)] = part
                if len(waiting) >= 2 * (jobs or cores()):  # few in flight: memory stays small
                    done += _collect(store, waiting)
                    if progress:
                        progress(done, total)
            while waiting:
                done += _collect(store, waiting)
                if progress:
                    progress(done, total)
        except BaseException as error:
            _let_go(store, waiting, keep=not isinstance(error, StoreError))
            if isinstance(error, BrokenExecutor):
                cure = f"finished batches are kept: {how_to_resume(store.path)}"
                raise StoreError(Problem("worker-died", "a worker process", "died", cure)) from error
            raise
    store.finish()


def _collect(store: Store, waiting: dict[Future[Any], range]) -> int:
    """Write the batches that have finished, and then raise what another one raised."""
    finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
    count = 0
    failed: list[BaseException] = []
    for future in finished:
        part = waiting.pop(future)
        error = future.exception()
        if error is not None:
            failed.append(error)
            continue
        store.write(part, *future.result())
        count += len(part)
    if failed:
        raise failed[0]
    return count


def _let_go(store: Store, waiting: dict[Future[Any], range], keep: bool) -> None:
    """Cancel what has not begun; wait for what has, a batch of seconds, and keep it."""
    begun = {future: part for future, part in waiting.items() if not future.cancel()}
    for future, part in begun.items():
        if keep and future.exception() is None:
            store.write(part, *future.result())


@contextmanager
def _executor(executor: Executor | None, jobs: int | None) -> Iterator[Executor]:
    if executor is not None:
        yield executor
        return
    pool = ThreadPoolExecutor(max_workers=jobs or cores())
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
