"""Ensembles: any executor, any batch, dead workers, reruns, and mechanisms from a user's file or entry point."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

import groundswell
from groundswell.engine.ensemble import LARGEST_BATCH, batch_size, cores
from groundswell.engine.store import open_runs
from groundswell.errors import GroundswellError, MechanismError, StoreError
from groundswell.mechanisms import base
from groundswell.mechanisms.base import REGISTRY, load_file, registry
from groundswell.scenario.schema import Scenario

BACKFIRE = Path(__file__).parents[2] / "docs" / "how-to" / "backfire.py"


class Inline(Executor):
    """Runs at once, in this thread; the n-th call (from 0) dies, and so do all after it."""

    def __init__(self, dies_at: int = 10**9, at_submit: bool = False) -> None:
        self.calls, self.dies_at, self.at_submit = 0, dies_at, at_submit

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.calls += 1
        if self.calls > self.dies_at:
            if self.at_submit:
                raise BrokenProcessPool("a child process terminated abruptly")
            future.set_exception(BrokenProcessPool("a child process terminated abruptly"))
            return future
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture(scope="module")
def digest(busy: Scenario) -> str:
    return str(groundswell.simulate(busy, replicates=6, seed=3, executor=Inline()).attrs["digest"])


@pytest.fixture(scope="module")
def spawned() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("batch", [1, 2, 4, 6, 64])
def test_any_batch_gives_the_same_bytes(busy: Scenario, digest: str, batch: int) -> None:
    assert groundswell.simulate(busy, replicates=6, seed=3, batch=batch, jobs=2).attrs["digest"] == digest


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_any_number_of_jobs_gives_the_same_bytes(busy: Scenario, digest: str, jobs: int) -> None:
    assert groundswell.simulate(busy, replicates=6, seed=3, batch=1, jobs=jobs).attrs["digest"] == digest


def test_threads_of_the_caller(busy: Scenario, digest: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert groundswell.simulate(busy, replicates=6, seed=3, batch=1, executor=pool).attrs["digest"] == digest
        assert pool.submit(lambda: 1).result() == 1  # still the caller's


def test_processes(busy: Scenario, digest: str, spawned: ProcessPoolExecutor, tmp_path: Path) -> None:
    store = tmp_path / "runs.zarr"
    made = groundswell.simulate(busy, replicates=6, seed=3, batch=2, executor=spawned, store=store)
    assert made.attrs["digest"] == digest
    group = zarr.open_group(store, mode="r+")
    group["done"][2:4] = 0
    assert groundswell.resume(store, executor=spawned).attrs["digest"] == digest
    assert groundswell.rerun(store, executor=spawned).attrs["digest"] == digest


def test_another_seed_gives_other_bytes(busy: Scenario, digest: str) -> None:
    assert groundswell.simulate(busy, replicates=6, seed=4).attrs["digest"] != digest


def test_progress_counts_up_to_the_total(busy: Scenario) -> None:
    calls: list[tuple[int, int]] = []
    groundswell.simulate(busy, replicates=5, batch=2, jobs=2, progress=lambda *at: calls.append(at))
    assert calls[0] == (0, 5) and calls[-1] == (5, 5)
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


def test_batches_fit_the_cache_and_leave_no_worker_idle(busy: Scenario) -> None:
    assert cores() >= 1
    assert batch_size(busy, 200, 2) == 50 <= LARGEST_BATCH
    assert batch_size(busy, 10, 4) == 3
    assert batch_size(busy, 1, 8) == 1
    assert batch_size(busy.model_copy(update={"people": 10_000_000}), 200, 2) == 1
    assert batch_size(busy.model_copy(update={"people": 0}), 200, 1) == 50


@pytest.mark.parametrize(
    "wrong", [{"replicates": 0}, {"replicates": -3}, {"jobs": 0}, {"jobs": -1}, {"batch": 0}, {"replicates": 10**20}]
)
def test_sizes_out_of_bounds_are_refused(busy: Scenario, tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(StoreError) as caught:
        groundswell.simulate(busy, **{"replicates": 2, "store": tmp_path / "runs.zarr", **wrong})  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    assert problem.refusal == problem.where == next(iter(wrong)) and problem.cure == "ask for 1 to 1,000,000"
    assert list(tmp_path.iterdir()) == []


def test_rerun_of_everything_and_of_one(busy: Scenario, digest: str) -> None:
    runs = groundswell.simulate(busy, replicates=6, seed=3)
    assert groundswell.rerun(runs).attrs["digest"] == digest
    one = groundswell.rerun(runs, replicate=4)
    assert one["replicate"].values.tolist() == [4]
    for name in one.data_vars:
        np.testing.assert_array_equal(one[name][0], runs[name][4])


@pytest.mark.parametrize("replicate", [-1, 6])
def test_rerun_of_a_replicate_that_is_not_there(busy: Scenario, replicate: int) -> None:
    runs = groundswell.simulate(busy, replicates=6, seed=3)
    with pytest.raises(StoreError, match=rf"replicate: {replicate} is not one of 6; count from 0 to 5 \[replicate\]"):
        groundswell.rerun(runs, replicate=replicate)


def done(store: Path) -> list[int]:
    return open_runs(store)["replicate"].values.tolist()


@pytest.mark.parametrize("at_submit", [False, True])
@pytest.mark.parametrize("dies_at", [1, 3, 5])
def test_a_broken_pool_loses_nothing_that_finished(
    busy: Scenario, digest: str, tmp_path: Path, dies_at: int, at_submit: bool
) -> None:
    """Whether the pool breaks under a batch that is waited for or one that is handed in."""
    store = tmp_path / "runs.zarr"
    with pytest.raises(StoreError) as caught:
        groundswell.simulate(
            busy, replicates=6, seed=3, batch=1, jobs=8, store=store, executor=Inline(dies_at, at_submit)
        )
    (problem,) = caught.value.problems
    assert problem.refusal == "worker-died" and problem.where == "a worker process" and problem.fault == "died"
    assert f"groundswell run --resume {tmp_path}" in problem.cure
    assert done(store) == list(range(dies_at))
    assert groundswell.resume(store, executor=Inline()).attrs["digest"] == digest


def test_a_mechanism_that_fails_keeps_what_finished(busy: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "fails.py"
    path.write_text(
        "from groundswell import Mechanism\n"
        "class Fails(Mechanism, phase='settle', adds='community.anger'):\n"
        "    def step(self, world, chance):\n"
        "        world.add.community.anger[:] = -1 if chance.replicate == 2 else 1\n"
    )
    store = tmp_path / "runs.zarr"
    scenario = busy.model_copy(update={"mechanism": {**busy.mechanism, "fails": {}}})
    with pytest.raises(MechanismError, match=r"mechanism 'anger', 'fails': left community.anger at -.* on step 0"):
        groundswell.simulate(scenario, replicates=5, batch=1, jobs=4, store=store, executor=Inline(), with_files=[path])
    assert done(store) == [0, 1, 3, 4]


DIES = """
import os
from groundswell import Mechanism

class Dies(Mechanism, phase="settle", reads="place.turnout"):
    def step(self, world, chance):
        if chance.replicate == 3 and world.time.step == 5 and os.path.exists(os.environ["GROUNDSWELL_TEST_DIES"]):
            os._exit(9)
"""


def test_a_worker_that_dies(
    busy: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clean_registry: None
) -> None:
    """A mechanism ends its process: what finished is on disk, and the rest can be run."""
    file, trap, store = tmp_path / "dies.py", tmp_path / "trap", tmp_path / "out" / "runs.zarr"
    file.write_text(DIES)
    trap.touch()
    monkeypatch.setenv("GROUNDSWELL_TEST_DIES", str(trap))
    scenario = busy.model_copy(update={"mechanism": {**busy.mechanism, "dies": {}}})
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool, pytest.raises(StoreError) as caught:
        groundswell.simulate(
            scenario, replicates=6, seed=3, batch=1, jobs=1, store=store, executor=pool, with_files=[file]
        )
    (problem,) = caught.value.problems
    assert problem.refusal == "worker-died" and f"groundswell run --resume {store.parent}" in problem.cure
    assert done(store) == [0, 1, 2]
    trap.unlink()
    runs = groundswell.resume(store)
    assert done(store) == list(range(6))
    assert (
        runs.attrs["digest"] == groundswell.simulate(scenario, replicates=6, seed=3, with_files=[file]).attrs["digest"]
    )


def with_backfire(scenario: Scenario) -> Scenario:
    mechanism = {**scenario.mechanism, "backfire": {}}
    return scenario.model_copy(update={"mechanism": mechanism}).changed(set={"backfire.heard": 0.1})


def attributed(runs: Any, plain: Any) -> None:
    """The pushes of backfire are told apart, and they make a difference."""
    pushed = runs["pushed.community.anger"]
    assert pushed["adder_community.anger"].values.tolist() == ["anger", "backfire"]
    share = pushed.sel({"adder_community.anger": "backfire"})
    assert float(share.min()) >= 0.0 and float(share.max()) > 0.0
    assert plain["pushed.community.anger"]["adder_community.anger"].values.tolist() == ["anger"]
    assert float(runs["community.anger"].mean()) > float(plain["community.anger"].mean())
    quiet = runs["place.arrests"].sum("time") == 0
    for place in runs["place"].values:
        none = quiet.sel(place=place).values
        here = share.isel(community=runs["community_place"].values == place)
        assert float(abs(here[none]).sum()) == 0.0  # no arrests, nothing to hear of


@pytest.fixture
def forgotten(clean_registry: None) -> Iterator[None]:
    yield
    for name in [n for n in sys.modules if n.startswith(("groundswell_user_backfire", "backfire_package"))]:
        del sys.modules[name]
    registry.cache_clear()


def test_a_users_file(busy: Scenario, spawned: ProcessPoolExecutor, tmp_path: Path, forgotten: None) -> None:
    assert load_file(BACKFIRE) == ["backfire"]
    scenario, store = with_backfire(busy), tmp_path / "runs.zarr"
    runs = groundswell.simulate(scenario, replicates=6, seed=3, batch=2, with_files=[BACKFIRE], store=store)
    attributed(runs, groundswell.simulate(busy, replicates=6, seed=3))
    assert runs.attrs["with_files"] == [str(BACKFIRE.resolve())]
    for batch, executor in ((1, None), (6, None), (2, spawned)):
        again = groundswell.simulate(
            scenario, replicates=6, seed=3, batch=batch, with_files=[str(BACKFIRE)], executor=executor
        )
        assert again.attrs["digest"] == runs.attrs["digest"]
    REGISTRY.pop("backfire")  # as in a new process: rerun and resume read the file again
    base._loaded.clear()
    assert groundswell.rerun(store).attrs["digest"] == runs.attrs["digest"]


def test_a_users_file_that_changed_is_not_resumed(busy: Scenario, tmp_path: Path, forgotten: None) -> None:
    """Replicates of two texts of one mechanism would be mixed."""
    file, store = tmp_path / "backfire.py", tmp_path / "runs.zarr"
    file.write_text(BACKFIRE.read_text())
    load_file(file)
    groundswell.simulate(with_backfire(busy), replicates=2, batch=1, with_files=[file], store=store)
    zarr.open_group(store, mode="r+")["done"][1] = 0
    text = file.read_text()
    file.write_text(text.replace("1.0 - anger[c]", "2.0 - anger[c]"))
    with pytest.raises(StoreError, match=r"another text of a mechanism file.*\[store-other-code\]"):
        groundswell.resume(store)
    file.write_text(text)
    groundswell.resume(store)
    assert done(store) == [0, 1]
    file.unlink()
    with pytest.raises(GroundswellError, match=r"is not a Python file.*\[with-file\]"):
        groundswell.resume(store)


def test_an_entry_point(busy: Scenario, monkeypatch: pytest.MonkeyPatch, forgotten: None) -> None:
    spec = importlib.util.spec_from_file_location("backfire_package", BACKFIRE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "backfire_package", module)

    class Point:
        name, value = "backfire", "backfire_package"

        def load(self) -> Any:
            spec.loader.exec_module(module)  # type: ignore[union-attr]
            return module

    points = lambda *, group: [Point()] if group == "groundswell.mechanisms" else []  # noqa: E731
    monkeypatch.setattr(importlib.metadata, "entry_points", points)
    registry.cache_clear()
    assert registry()["backfire"].__module__ == "backfire_package"
    runs = groundswell.simulate(with_backfire(busy), replicates=6, seed=3)
    attributed(runs, groundswell.simulate(busy, replicates=6, seed=3))
    assert runs.attrs["with_files"] == []


def test_backfire_stops_at_one(forgotten: None) -> None:
    from groundswell.chance import chance_for

    load_file(BACKFIRE)
    module = sys.modules[REGISTRY["backfire"].__module__]
    kernel = module.hear_and_resent
    place, anger, added = np.zeros(4, "i4"), np.array([0.0, 0.5, 1.0, 3.0]), np.zeros(4)
    kernel(place, anger, np.array([10**6]), 1.0, 0.5, chance_for(0, "backfire"), added)
    assert added.tolist() == [0.5, 0.25, 0.0, 0.0]
    added[:] = 0
    kernel(place, anger, np.array([0]), 1.0, 0.5, chance_for(0, "backfire"), added)
    assert added.tolist() == [0.0] * 4
    assert module.__file__ is not None and Path(module.__file__).samefile(BACKFIRE)


def test_a_users_file_edited_while_the_run_goes_on(busy: Scenario, tmp_path: Path, clean_registry: None) -> None:
    """The run stops; it does not mix two mechanisms in one ensemble."""
    file = tmp_path / "waits_for_it.py"
    text = (Path(__file__).parents[2] / "docs" / "how-to" / "backfire.py").read_text()
    file.write_text(text)
    scenario = busy.model_copy(update={"mechanism": {**busy.mechanism, "backfire": {}}})

    def edit(done: int, total: int) -> None:
        if done:
            file.write_text(text + "\n# edited\n")

    with pytest.raises(StoreError) as caught:
        groundswell.simulate(scenario, replicates=8, batch=1, jobs=1, with_files=[file], progress=edit)
    (problem,) = caught.value.problems
    assert problem.refusal == "with-changed" and problem.fault == "was edited while the run went on"
