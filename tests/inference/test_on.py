"""Fitted on the mean-field twin: the same work as on people, with the same guarantees."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import groundswell
from groundswell.errors import GroundswellError
from groundswell.inference.smc import SMC, smc
from groundswell.inference.targets import from_counts
from groundswell.inference.work import Work
from groundswell.inference.worlds import Worlds, worlds_of
from groundswell.scenario.mean_field import mean_field, twin_path

UNTIL = dt.date(2019, 11, 10)
PATHS = ("mobilisation.bar", "arrest.rate")
LINE = ["calibrate", "iraq-2019", "--explanation", "given_responses", "--until", "2019-11-10", "--on", "mean-field",
        "--particles", "400", "--generations", "1", "--free", PATHS[0], "--free", PATHS[1], "--json"]  # fmt: skip


def iraq() -> Any:
    return groundswell.load("iraq-2019").under("given_responses")


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return worlds_of(iraq(), PATHS, from_counts(iraq(), UNTIL).fitted, seed=2, on="mean-field")


def test_it_is_the_twin_that_runs(worlds: Worlds) -> None:
    assert worlds.scenario.people == 0
    assert worlds.space.names == ("mean_mobilisation.bar", "arrest.rate")
    named_as_there = worlds_of(iraq(), worlds.space.names, worlds.targets, seed=2, on="mean-field")
    assert named_as_there.fingerprint == worlds.fingerprint
    again = worlds_of(mean_field(iraq()), worlds.space.names, worlds.targets, seed=2)
    assert again.fingerprint == worlds.fingerprint
    values = worlds.space.values(np.zeros((3, 2)))
    assert worlds.simulate(values, 0).tobytes() == again.simulate(values, 0).tobytes()
    people = worlds_of(iraq(), PATHS, worlds.targets, seed=2, people=400)
    assert people.fingerprint != worlds.fingerprint
    with pytest.raises(GroundswellError, match="free-path"):
        worlds_of(iraq(), ["influence.own_ties"], worlds.targets, on="mean-field")


def test_paths_of_the_twin() -> None:
    assert twin_path("mobilisation.bar") == twin_path("mean_mobilisation.bar") == "mean_mobilisation.bar"
    assert twin_path("harm.reach") == "harm.reach"


def test_any_worker_and_any_batch_give_the_same_bytes(worlds: Worlds) -> None:
    seen = from_counts(iraq(), UNTIL).observed()
    method = SMC(particles=60, generations=1)

    def run(work: Work) -> tuple[bytes, bytes]:
        found = smc(worlds, seen, method=method, seed=5, work=work)
        return found.z.tobytes(), found.summaries.tobytes()

    one = run(Work(jobs=1))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert run(Work(jobs=3, batch=7)) == run(Work(executor=processes)) == one


def test_killed_and_resumed_the_numbers_are_those_of_a_whole_fit(command: Callable[..., Any], tmp_path: Path) -> None:
    blocks = tmp_path / "killed" / "blocks"
    code = "import sys; from groundswell.cli import main; sys.exit(main())"
    process = subprocess.Popen([sys.executable, "-c", code, *LINE, "--out", str(blocks.parent)],
                               env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    deadline = time.monotonic() + 120
    while len(list(blocks.glob("*.npz"))) < 2 and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "killed while it ran"
    held = {path.name: path.read_bytes() for path in blocks.glob("*.npz")}
    assert 2 <= len(held) < 11  # 400 of the prior, 200 of a generation, 200 checks, in blocks of 64
    resumed = command(*LINE, "--out", str(blocks.parent))
    assert resumed.code == 0, resumed.err
    assert all((blocks / name).read_bytes() == data for name, data in held.items()), "finished work ran again"
    whole = command(*LINE, "--out", str(tmp_path / "whole"), "--jobs", "1")
    assert json.loads(whole.out)["numbers"] == resumed.json["numbers"]
    assert json.loads(whole.out)["lines"] == resumed.json["lines"]


def test_compare_runs_on_the_twin(command: Callable[..., Any], tmp_path: Path) -> None:
    line = ["compare", "iraq-2019", "--until", "2019-11-10", "--on", "mean-field", "--size", "10", "--json"]
    done = command(*line)
    assert done.code == 0, done.err
    assert Path(done.json["out"]).name == "iraq-2019-compared-mean-field"
    assert "--on mean-field" in (tmp_path / done.json["report"]).read_text()
