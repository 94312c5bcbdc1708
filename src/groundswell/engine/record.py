"""What is kept of a stack of replicates: columns at every step, weekly means or sums, and who pushed what."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.mechanisms.base import Mechanism
from groundswell.scenario.numbers import Numbers
from groundswell.scenario.schema import Scenario
from groundswell.world.fields import FIELDS
from groundswell.world.tables import World

KEPT_AS = {"f8": "f4", "f4": "f4", "i8": "i4", "i4": "i4", "u1": "u1"}
ATTRIBUTED = ("community", "actor")


def weeks(scenario: Scenario) -> int:
    """How many blocks of seven days the period touches, from its first day."""
    return -(-scenario.period.steps * scenario.period.days_a_step // 7)


class Recorder:
    """Arrays of what the scenario records: (replicates, steps or weeks, rows), float32 or int32."""

    def __init__(self, scenario: Scenario, world: World, plan: Sequence[Mechanism], replicates: range) -> None:
        self._world = world
        self._length = scenario.period.days_a_step
        size, steps = len(replicates), scenario.period.steps
        self._daily = {name: np.zeros((size, steps, world[name].shape[-1]), KEPT_AS[FIELDS[name].dtype])
                       for name in scenario.record}  # fmt: skip
        self._weekly = {
            name: np.zeros((size, weeks(scenario), world[name].shape[-1])) for name in scenario.record_weekly
        }
        self._in_week = np.bincount(np.arange(steps) * self._length // 7, minlength=weeks(scenario))
        self._pushed = {}
        self.adders: dict[str, list[str]] = {}
        for name in (*scenario.record, *scenario.record_weekly):
            adders = sorted(m.name for m in plan if name in m.adds)
            if adders and name.partition(".")[0] in ATTRIBUTED:
                self.adders[name] = adders
                self._pushed[name] = np.zeros((size, weeks(scenario), len(adders), world[name].shape[-1]), "f4")

    def keep(self, step: int) -> None:
        """Record the state at the end of a step."""
        for name, array in self._daily.items():
            array[:, step] = self._world[name]
        week = step * self._length // 7
        for name, array in self._weekly.items():
            array[:, week] += self._world[name]

    def note(self, mechanism: str, name: str, pushed: NDArray[Any], step: int) -> None:
        """Add what a mechanism pushed to the sum of its week."""
        if name in self._pushed:
            self._pushed[name][:, step * self._length // 7, self.adders[name].index(mechanism)] += pushed

    def result(self, numbers: Numbers) -> dict[str, NDArray[Any]]:
        """Everything kept, by name, with the drawn guesses and one digest a replicate (replicates, 16) of uint8."""
        kept: dict[str, NDArray[Any]] = dict(self._daily)
        for name, array in self._weekly.items():
            flow = FIELDS[name].is_flow
            kept[name] = array.astype("i4") if flow else (array / self._in_week[:, None]).astype("f4")
        kept |= {f"pushed.{name}": array for name, array in self._pushed.items()}
        drawn = [numbers[path] for path in numbers.drawn]
        kept["guess_value"] = np.stack(drawn, axis=1) if drawn else np.zeros((numbers.replicates, 0))
        kept["digest"] = digests(kept)
        return kept


def digests(kept: dict[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """One BLAKE2b digest a replicate, of its recorded arrays in the order of names (never of files)."""
    count = len(kept["guess_value"])
    out = np.zeros((count, 16), np.uint8)
    for r in range(count):
        hashed = hashlib.blake2b(digest_size=16)
        for name in sorted(kept):
            if name != "digest":
                hashed.update(name.encode() + b"\0" + np.ascontiguousarray(kept[name][r]).data)
        out[r] = np.frombuffer(hashed.digest(), np.uint8)
    return out


def digest_of(parts: NDArray[np.uint8]) -> str:
    """The digest of an ensemble, from those of its replicates in order: 32 hex digits."""
    return hashlib.blake2b(np.ascontiguousarray(parts).tobytes(), digest_size=16).hexdigest()
