"""Killed at random moments and resumed each time, an ensemble has the bytes of one that ran through."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.laws.worlds import small

import groundswell as gs
from groundswell.engine.ensemble import resume

ROOT = Path(__file__).parents[2]
REPLICATES, KILLS = 150, 4
BEGIN = "gs.simulate(small(people=4000), replicates={n}, seed=3, batch=1, jobs=2, store=path)"
GO_ON = "resume(path, jobs=2)"
CODE = """
import sys
import groundswell as gs
from groundswell.engine.ensemble import resume
from tests.laws.worlds import small
path = sys.argv[1]
print("ready", flush=True)
{act}
"""


def finished(path: Path) -> int:
    """How many replicates are marked as done on disk: each has its chunk of the mask."""
    folder = path / "done" / "c"
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_killed_at_random_moments(tmp_path: Path) -> None:
    whole = gs.simulate(small(people=4000), replicates=REPLICATES, seed=3, batch=7)
    path = tmp_path / "runs.zarr"
    chance = random.Random(11)
    done = []
    for _ in range(KILLS):
        begun = (path / "zarr.json").exists() and "groundswell_schema" in (path / "zarr.json").read_text()
        act = GO_ON if begun else BEGIN.format(n=REPLICATES)
        process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", CODE.format(act=act), str(path)], cwd=ROOT,
                                   stdout=subprocess.PIPE, env=os.environ, text=True)  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        enough = finished(path) + chance.randint(1, 25)
        while finished(path) < enough and process.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.05))  # anywhere in the writing of the next ones
        process.kill()
        process.communicate(timeout=60)
        assert process.returncode == -9, "killed while it ran"
        done.append(gs.open_runs(path).sizes["replicate"])
        assert enough <= done[-1] < REPLICATES, "no kill loses a finished replicate"
    assert done == sorted(done)
    last = resume(path, jobs=2)
    assert last.sizes["replicate"] == REPLICATES
    assert last.attrs["digest"] == whole.attrs["digest"]
