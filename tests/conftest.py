"""What several test files share: small cases, a registry that is put back, and the command line as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(  # the first call of a kernel compiles it; every run of the tests tries the same examples
    "groundswell", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("groundswell")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded, as the command line does

ROOT = Path(__file__).parents[1]


@pytest.fixture
def clean_registry() -> Iterator[None]:
    """Mechanisms and columns that a test defines are forgotten after it."""
    from groundswell.mechanisms import base
    from groundswell.world.fields import FIELDS

    base.registry()
    tables: tuple[dict[Any, Any], ...] = (base.REGISTRY, base._loaded, FIELDS)
    before = [dict(table) for table in tables]
    yield
    for table, held in zip(tables, before, strict=True):
        table.clear()
        table.update(held)


@pytest.fixture(scope="session")
def small() -> Any:
    """The tutorial case with 300 people and two weeks: about a hundredth of a second a replicate."""
    import groundswell

    scenario = groundswell.load("two-neighbours").under("deter_and_anger")
    return scenario.changed(set={"people": 300, "period.end": "2015-03-15"})


@pytest.fixture(scope="session")
def busy() -> Any:
    """Like `small`, but so restless that there are crowds, arrests and harm from the second day."""
    import groundswell

    scenario = groundswell.load("two-neighbours").under("deter_and_anger")
    values = {
        "people": 300,
        "period.end": "2015-03-15",
        "mobilisation.bar": 0.1,
        "arrest.rate": 0.2,
        "harm.deaths_per_1000": 5,
        "harm.injuries_per_1000": 50,
        "actor.guard.doctrine": 0.9,
    }
    made = scenario.changed(set=values)
    return made.model_copy(update={"record_weekly": (*made.record_weekly, "community.anger")})


class Done:
    """What a command left: exit code, and the text of both outputs."""

    def __init__(self, process: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr

    @property
    def json(self) -> Any:
        return json.loads(self.out)  # fails where there is anything but one document


def environment(**more: str) -> dict[str, str]:
    """The environment of a command: this source tree, no colours, wide lines."""
    path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "200", "MPLBACKEND": "agg"} | more


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Done]:
    """Run `groundswell ...` in an empty folder, and return what it left."""

    def run(*arguments: str | Path, **more: str) -> Done:
        line = [sys.executable, "-m", "groundswell", *map(str, arguments)]
        return Done(
            subprocess.run(
                line, cwd=tmp_path, env=environment(**more), capture_output=True, text=True, check=False, timeout=240
            )
        )

    return run
