"""groundswell: make a written account of political conflict executable, and test it against the record."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from groundswell.chance import (
        Chance,
        at,
        binomial,
        choose,
        exp,
        exponential,
        log,
        logistic,
        normal,
        poisson,
        power,
        uniform,
    )  # fmt: skip
    from groundswell.compiled import kernel
    from groundswell.engine.ensemble import rerun, resume, simulate
    from groundswell.engine.store import open_runs
    from groundswell.errors import GroundswellError, MechanismError, ScenarioError, StoreError
    from groundswell.evidence.counts import read_counts
    from groundswell.evidence.read import read_events
    from groundswell.mechanisms.base import Mechanism, param
    from groundswell.reports import report
    from groundswell.scenario.load import load
    from groundswell.scenario.schema import Scenario
    from groundswell.world.fields import field

_WHERE = {
    "chance": "Chance at binomial choose exp exponential log logistic normal poisson power uniform",
    "compiled": "kernel",
    "engine.ensemble": "rerun resume simulate",
    "engine.store": "open_runs",
    "evidence.counts": "read_counts",
    "evidence.read": "read_events",
    "errors": "GroundswellError MechanismError ScenarioError StoreError",
    "mechanisms.base": "Mechanism param",
    "reports": "report",
    "scenario.load": "load",
    "scenario.schema": "Scenario",
    "world.fields": "field",
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names.split()}
__all__ = [
    "Chance", "GroundswellError", "Mechanism", "MechanismError", "Scenario", "ScenarioError", "StoreError", "at",
    "binomial", "choose", "exp", "exponential", "field", "kernel", "load", "log", "logistic", "normal", "open_runs",
    "param", "poisson", "power", "read_counts",
    "read_events", "report", "rerun", "resume", "simulate", "uniform",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'groundswell' has no attribute '{name}'")
    return getattr(import_module(f"groundswell.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
