"""Simulations in blocks over any executor, each block committed to a folder: what is finished is never run again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from groundswell.compiled import source_hash
from groundswell.engine.ensemble import cores
from groundswell.errors import Problem, StoreError
from groundswell.inference.simulator import Simulator
from groundswell.inference.space import Floats

BATCH = 64
Block = tuple[Floats, int]  # values (n, k), and the number of the first simulation


@dataclass(frozen=True)
class Status:
    """How far it is: simulations done of a total, seconds so far, and a line about the best fit."""

    done: int
    total: int
    seconds: float
    line: str = ""

    @property
    def remaining(self) -> float:
        """Seconds that the rest will take at the pace so far; infinite before the first block is done."""
        return self.seconds / self.done * (self.total - self.done) if self.done else float("inf")


Progress = Callable[[Status], None]


class Work:
    """Runs blocks of simulations. With a folder, finished blocks are kept there and read instead of run again.

    The same request in the same folder goes on where it stopped, after kill -9 too, and gives the same bytes as a run
    that was never stopped; another request in that folder is refused. `executor` is any concurrent.futures one, by
    default threads, as many as `jobs`; results do not depend on it, nor on `batch`, the simulations in a block.
    """

    def __init__(self, folder: Path | str | None = None, request: dict[str, Any] | None = None, *,
                 executor: Executor | None = None, jobs: int | None = None, batch: int = BATCH,
                 total: int = 0, progress: Progress | None = None) -> None:  # fmt: skip
        self.folder = None if folder is None else Path(folder)
        self._executor, self.jobs, self.batch = executor, jobs or cores(), batch
        self.total, self._progress = total, progress
        self.done, self.line, self._start = 0, "", time.perf_counter()
        if self.folder is not None:
            begin(self.folder, request or {})

    def table(self, simulator: Simulator, values: Floats, first: int, name: str) -> Floats:
        """Summaries (n, s) at values (n, k); row i is simulation number first + i."""
        size = self.batch
        blocks = [(values[k : k + size], first + k) for k in range(0, len(values), size)]
        made = self.blocks(simulator, blocks, name)
        return np.concatenate(made) if made else np.zeros((0, len(simulator.summaries)))

    def blocks(self, simulator: Simulator, blocks: Sequence[Block], name: str) -> list[Floats]:
        """Summaries of each block, in order. Raises StoreError where a worker died or a result cannot be kept."""
        found: dict[int, Floats] = {}
        for k, block in enumerate(blocks):
            held = self._kept(name, k, block)
            if held is not None:
                found[k] = held
                self._told(len(held))
        with self._pool() as pool:
            waiting: dict[Future[Floats], int] = {}
            queue = iter([k for k in range(len(blocks)) if k not in found])
            try:
                for k in queue:
                    waiting[pool.submit(simulator.simulate, *blocks[k])] = k
                    if len(waiting) >= 2 * self.jobs:
                        self._collect(waiting, found, blocks, name)
                while waiting:
                    self._collect(waiting, found, blocks, name)
            except BrokenExecutor as error:
                cure = (
                    "finished blocks are kept: ask for the same again" if self.folder else "give a folder to keep work"
                )
                raise StoreError(Problem("worker-died", "a worker process", "died", cure)) from error
            finally:
                for future in waiting:
                    future.cancel()
        return [found[k] for k in range(len(blocks))]

    def say(self, line: str) -> None:
        """Show a line about the fit so far."""
        self.line = line
        self._told(0)

    def _collect(self, waiting: dict[Future[Floats], int], found: dict[int, Floats], blocks: Sequence[Block],
                 name: str) -> None:  # fmt: skip
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        failed: BaseException | None = None
        for future in sorted(finished, key=lambda one: waiting[one]):
            k = waiting.pop(future)
            error = future.exception()
            if error is not None:
                failed = error
                continue
            found[k] = future.result()
            self._keep(name, k, blocks[k], found[k])
            self._told(len(found[k]))
        if failed is not None:
            raise failed

    def _told(self, more: int) -> None:
        self.done += more
        if self._progress:
            total = max(self.total, self.done)
            self._progress(Status(self.done, total, time.perf_counter() - self._start, self.line))

    def _path(self, name: str, k: int) -> Path | None:
        return None if self.folder is None else self.folder / "blocks" / f"{name}-{k:05d}.npz"

    def _kept(self, name: str, k: int, block: Block) -> Floats | None:
        path = self._path(name, k)
        if path is None or not path.exists():
            return None
        try:
            with path.open("rb") as stream, np.load(stream) as held:
                same = int(held["first"]) == block[1] and np.array_equal(held["values"], block[0])
                return np.asarray(held["summaries"]) if same else None
        except (
            OSError,
            ValueError,
            KeyError,
            EOFError,
            BadZipFile,
        ):  # half a file cannot be there under its name: run it again
            return None

    def _keep(self, name: str, k: int, block: Block, summaries: Floats) -> None:
        path = self._path(name, k)
        if path is None:
            return
        part = path.with_suffix(".partial")
        try:
            path.parent.mkdir(exist_ok=True)
            with part.open("wb") as stream:
                np.savez(stream, values=block[0], first=block[1], summaries=summaries)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        except OSError as error:
            raise _cannot(path, error) from error

    @contextmanager
    def _pool(self) -> Iterator[Executor]:
        if self._executor is not None:
            yield self._executor
            return
        pool = ThreadPoolExecutor(max_workers=self.jobs)
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def begin(folder: Path, request: dict[str, Any]) -> None:
    """Take a folder for a request, or find it taken for the same one, by the same code.

    Raises StoreError where it was begun with another request, holds files of something else, or cannot be written.
    """
    held = folder / "request.json"
    text = json.dumps({**request, "source_hash": source_hash()}, indent=1, sort_keys=True, default=str)
    try:
        if held.exists():
            before, now = json.loads(held.read_text(encoding="utf-8")), json.loads(text)
            if before != now:
                moved = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
                cure = "ask for the same again to finish it, choose another --out, or remove the folder"
                fault = f"was begun with another {', '.join(moved)}"
                raise StoreError(Problem("work-other", str(folder), fault, cure))
            return
        if folder.exists() and any(folder.iterdir()):
            raise StoreError(Problem("work-foreign", str(folder), "holds files of something else",
                                     "choose another --out"))  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        commit(held, text.encode())
    except (OSError, ValueError) as error:
        raise _cannot(folder, error) from error


def commit(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".partial")
    with part.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _cannot(path: Path, error: Exception) -> StoreError:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return StoreError(Problem("work-write", str(path), f"cannot be read or written: {text}",
                              "make room or choose another --out; finished blocks are kept"))  # fmt: skip
