"""Lang and De Sterck: the equation in many small steps. By the same author as the kernel."""

from __future__ import annotations

import random

import numpy as np
import pytest

from groundswell.canon import lang_de_sterck as kernels


def walk(share: float, seen: float, beta: float, c1: float, c2: float, times: list[float]) -> list[float]:
    """Euler's method with 4,000 steps between two times."""
    now, path = 0.0, []
    for until in times:
        dt = (until - now) / 4000
        for _ in range(4000):
            share += dt * ((c1 * (1 - share) if share > seen else 0) - (c2 * share if share < beta else 0))
        now = until
        path.append(share)
    return path


@pytest.mark.parametrize("seed", range(40))
def test_follow(seed: int) -> None:
    rng = random.Random(seed)
    seen, beta, start = (round(rng.uniform(0.02, 0.98), 3) for _ in range(3))
    c1, c2 = rng.uniform(0.2, 2), rng.uniform(0.2, 2)
    times = [0.3, 0.9, 1.7, 3.0]
    path = np.empty(4)
    kernels.follow(start, seen, beta, c1, c2, np.array(times), path)
    if min(abs(start - seen), abs(start - beta), abs(c1 / (c1 + c2) - seen), abs(c1 / (c1 + c2) - beta)) > 0.01:
        assert list(path) == pytest.approx(walk(start, seen, beta, c1, c2, times), abs=2e-3)
