"""Small worlds that the laws are tried on, and one way to run them."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Executor
from typing import Any

import numpy as np

import groundswell as gs
from groundswell.engine.record import digest_of
from groundswell.engine.run import run
from groundswell.scenario.schema import Scenario

# Priors under which crowds form, forces act and people are hurt in most replicates of a short run.
LIVELY = {"mobilisation.bar": 0.75, "harm.deaths_per_1000": 2.0, "harm.injuries_per_1000": 20.0, "arrest.rate": 0.05}


def small(case: str = "two-neighbours", days: int = 20, people: int = 600, **values: Any) -> Scenario:
    """A case cut short, with few people, under which things happen."""
    scenario = gs.load(case)
    end = scenario.period.start + dt.timedelta(days=days - 1)
    return scenario.changed(set={"people": people, "period.end": str(end), **LIVELY, **values})


def digest(scenario: Scenario, replicates: int = 6, seed: int = 3, batch: int = 6, executor: Executor | None = None,
           jobs: int = 1) -> str:  # fmt: skip
    """The digest of an ensemble."""
    runs = gs.simulate(scenario, replicates=replicates, seed=seed, batch=batch, executor=executor, jobs=jobs)
    return str(runs.attrs["digest"])


def arrays(scenario: Scenario, replicates: range = range(4), seed: int = 3) -> dict[str, Any]:
    """The recorded arrays of one stack."""
    return run(scenario, seed, replicates)[0]


def one_by_one(scenario: Scenario, replicates: range, seed: int = 3) -> str:
    """The digest of replicates that were each run alone."""
    parts = [arrays(scenario, range(r, r + 1), seed)["digest"] for r in replicates]
    return digest_of(np.concatenate(parts))
