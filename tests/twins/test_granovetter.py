"""Granovetter: counting thresholds anew at each step. By the same author as the kernels."""

from __future__ import annotations

import random
from statistics import NormalDist

import numpy as np
import pytest
from twins import plain

from groundswell.canon import granovetter as kernels
from groundswell.chance import chance_for


@pytest.mark.parametrize("seed", range(20))
def test_cascade(seed: int) -> None:
    rng = random.Random(seed)
    people = rng.randrange(1, 200)
    thresholds = [rng.choice((rng.randrange(people), rng.gauss(people / 4, people / 8))) for _ in range(people)]
    acting = np.zeros(30, np.int64)
    rose = kernels.cascade(np.sort(np.array(thresholds, float)), acting)
    now, path = 0, []
    for _ in range(30):
        now = sum(theta <= now for theta in thresholds)
        path.append(now)
    assert list(acting) == path
    assert rose == sum(b > a for a, b in zip([0, *path], path, strict=False))


def test_draw_thresholds() -> None:
    out = np.empty(50)
    chance = chance_for(4, "canon/granovetter", 0, 3)
    kernels.draw_thresholds(25.0, 12.0, chance, out)
    exact = [NormalDist(25, 12).inv_cdf(plain.uniform(chance, i, 0)) for i in range(50)]
    assert list(out) == pytest.approx(exact, rel=1e-12)
