"""What this machine can do at most, on one thread, in the units the engine's work is made of: bytes, gathers, draws.

All rates are per second of processor time, best of several runs: other work on the machine disturbs them little.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from groundswell.chance import Chance, chance_for, logistic, uniform
from groundswell.compiled import kernel

TRIAD_BYTES = 24  # of an element: two read, one written, what the cache reads before it writes not counted


@kernel
def triad(a, b, c):
    """a = b + 3 c, element by element."""
    for i in range(a.size):
        a[i] = b[i] + 3.0 * c[i]


@kernel
def gather(table, count):
    """The sum of `count` entries of `table` (a power of two long) at places that no prefetcher can guess.

    A place does not depend on what was read before, so that many reads are under way at once.
    """
    total = 0.0
    mask = table.size - 1
    at = np.uint64(1)
    for _ in range(count):
        at = at * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
        total += table[np.int64(at >> np.uint64(33)) & mask]
    return total


@kernel
def draws(chance, out):
    """A logistic function of a uniform number with an address in each entry of `out`: one decision each."""
    for i in range(out.size):
        out[i] = logistic(uniform(chance, i, 0))


def best(call: Callable[[], Any], times: int = 5) -> float:
    """The shortest processor time of several calls, in seconds; the first call, which compiles, does not count."""
    call()
    found = []
    for _ in range(times):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found)


def gathers_a_second(entries: int, count: int = 4_000_000) -> float:
    """Independent random reads of four bytes from a table of at least `entries`, a second."""
    table = np.ones(1 << max(4, (entries - 1).bit_length()), np.float32)
    return count / best(lambda: gather(table, count))


def measured(quick: bool = False) -> dict[str, float]:
    """triad [GB/s], gathers from a table that no cache holds [M/s], decisions [M/s]."""
    n = (1 << 22) if quick else (1 << 26)
    arrays = [np.full(n, float(k)) for k in range(3)]
    speed = TRIAD_BYTES * n / best(lambda: triad(*arrays), 4)
    chance: Chance = chance_for(0, "limits")
    out = np.empty(4096)  # stays in the nearest cache

    def decide() -> None:
        for _ in range(250):
            draws(chance, out)

    return {
        "triad_gb": speed / 1e9,
        "gathers_m": gathers_a_second(1 << (24 if quick else 28)) / 1e6,
        "decisions_m": 250 * out.size / best(decide) / 1e6,
    }
