"""Mechanisms written from the ODD+D protocol alone, by someone who had not seen the code, against the code itself.

`from_protocol.py` was written from the text that `groundswell odd iraq-2019 --explanation mixed` prints, and nothing
else. Here the case runs, and on two days of five each of these mechanisms gets the columns as they stand, in the code
and in the protocol's version, with the same random numbers.
"""

from __future__ import annotations

import datetime as dt
from statistics import NormalDist
from typing import Any

import numpy as np
from twins import from_protocol, from_protocol_settle, plain

import groundswell as gs
from groundswell.engine.build import EPOCH, build
from groundswell.engine.run import Shocks, Step, ordered
from groundswell.mechanisms.base import PHASES
from groundswell.world.tables import Time

SEED, REPLICATES, STEPS = 3, range(1), 122
EVERY = 5  # of so many days one is compared: the plain version is slow
WRITTEN = {name: getattr(module, name) for module in (from_protocol, from_protocol_settle) for name in dir(module)
           if not name.startswith("_") and callable(getattr(module, name))}  # fmt: skip
NAMES = sorted(WRITTEN)


def _draw(chance: plain.Address) -> Any:
    def draw(kind: str, row: int, slot: int, *given: float) -> float:
        if kind == "binomial":
            return plain.binomial(chance, row, slot, int(given[0]), given[1])
        u = plain.uniform(chance, row, slot)
        return u if kind == "uniform" else NormalDist().inv_cdf(u)

    return draw


def _ties(world: Any) -> dict[str, dict[str, list[float]]]:
    found = {}
    for kind, held in world.ties.items():
        target = np.repeat(np.arange(len(held.offset) - 1), np.diff(held.offset))
        found[kind] = {"source": held.source.tolist(), "target": target.tolist(), "amount": held.amount.tolist(),
                       "offset": held.offset.tolist()}  # fmt: skip
    return found


def _seen(world: Any, names: Any, r: int) -> dict[str, list[Any]]:
    return {name: (column if (column := world[name]).ndim == 1 else column[r]).tolist() for name in names}


def _compared(explanation: str) -> dict[str, int]:
    """Days on which each mechanism did something, after each of them was held against the protocol's version."""
    scenario = gs.load("iraq-2019").under(explanation).changed(set={"people": 2000})
    world, numbers = build(scenario, SEED, REPLICATES)
    plan = [Step(m, world, numbers, SEED, REPLICATES) for m in ordered(scenario, world)]
    shocks, busy = Shocks(scenario, world, numbers), dict.fromkeys(NAMES, 0)
    for step in range(STEPS):
        date = scenario.period.start + dt.timedelta(days=step)
        world.time = Time(step, (date - EPOCH).days, date.weekday(), 1.0)
        shocks.apply(step)
        for phase in PHASES:
            now = [part for part in plan if part.mechanism.phase == phase]
            for part in now:
                name, parts = part.mechanism.name, part.mechanism
                before = [_seen(world, {*parts.reads, *parts.writes}, r) for r in REPLICATES]
                part.go(step)
                if name not in NAMES or step % EVERY > 1:
                    continue
                for r in REPLICATES:
                    given = {key: float(numbers[f"{name}.{key}"][r]) for key in type(parts).model_fields}
                    chance = plain.address(SEED, name, step, r)
                    made = WRITTEN[name](before[r], given, step, 1.0, _ties(world), _draw(chance))
                    after = _seen(world, parts.writes, r) | {k: v[r].tolist() for k, v in part.buffers.items()}
                    assert set(made) == set(after), (name, step)
                    for column, values in after.items():
                        where = f"{name}: {column} on day {step}, replicate {r}"
                        np.testing.assert_allclose(made[column], values, rtol=1e-9, atol=1e-12, err_msg=where)
                        busy[name] += bool(np.any(values))
            for part in sorted(now, key=lambda part: part.mechanism.name):
                for column, buffer in part.buffers.items():
                    world[column][...] += buffer
                    buffer[...] = 0
    return busy


def test_the_protocol_says_all_that_the_code_does() -> None:
    busy = {name: 0 for name in NAMES}
    for explanation in ("mixed", "given_responses"):
        for name, days in _compared(explanation).items():
            busy[name] += days
    # under neither does relief leak, so of that one only its zeros were compared
    assert [name for name in NAMES if not busy[name]] == ["leakage"]
