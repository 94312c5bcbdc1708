"""groundswell.quantiles against sums of the Beta density and scipy."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest
from scipy import special
from twins import plain

from groundswell import quantiles as kernels
from groundswell.chance import chance_for

SHAPES = [
    (0.2, 0.2),
    (0.2, 5.0),
    (3.0, 0.2),
    (0.5, 0.5),
    (1.0, 1.0),
    (2.0, 5.0),
    (1.0, 3.0),
    (30.0, 2.0),
    (0.2, 60.0),
    (80.0, 120.0),
]
LEVELS = [1 / 8192, *(k / 1024 for k in range(1, 1024)), 1 - 1 / 8192]


def quantiles(a: float, b: float) -> list[float]:
    """Trapezium rule in z = log(x / (1 - x)) on a fine grid, inverted by straight lines in z."""
    step, mode = math.sqrt(1 / a + 1 / b) / 500, math.log(a / b)
    zs, logs = [], []
    for k in range(-150_000, 150_000):
        z = mode + step * k
        rest = math.log1p(math.exp(-abs(z)))
        value = -a * (rest + max(-z, 0)) - b * (rest + max(z, 0))
        if value > -a * math.log1p(b / a) - b * math.log1p(a / b) - 40:
            zs.append(z)
            logs.append(value)
    top = max(logs)
    density = [math.exp(value - top) for value in logs]
    reached = [0.0]
    for left, right in itertools.pairwise(density):
        reached.append(reached[-1] + (left + right) * step / 2)
    made, i = [], 0
    for level in LEVELS:
        goal = level * reached[-1]
        while reached[i + 1] < goal:
            i += 1
        z = zs[i] + step * (goal - reached[i]) / (reached[i + 1] - reached[i])
        made.append(1 / (1 + math.exp(-z)))
    return made


def documented_error(a: float, b: float) -> float:
    return 5e-5 if min(a, b) >= 1 else 2e-4 if min(a, b) >= 0.5 else 5e-4


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_fill_beta(a: float, b: float) -> None:
    table = plain.garbage((kernels.NODES,))
    kernels.fill_beta(a, b, table)
    assert len(LEVELS) == kernels.NODES
    np.testing.assert_allclose(table, quantiles(a, b), rtol=0, atol=documented_error(a, b) + 5e-6)
    np.testing.assert_allclose(table, special.betaincinv(a, b, LEVELS), rtol=0, atol=documented_error(a, b))
    assert np.all(np.diff(table) >= 0) and table[0] >= 0 and table[-1] <= 1


def test_fill_beta_of_any_shape() -> None:
    rng = random.Random(14)
    for i in range(60):
        a, b = 10 ** rng.uniform(math.log10(0.2), 3), 10 ** rng.uniform(math.log10(0.2), 3)
        table = plain.garbage((kernels.NODES,))
        kernels.fill_beta(a, b, table)
        exact, most = special.betaincinv(a, b, LEVELS), documented_error(a, b)
        np.testing.assert_allclose(table, exact, rtol=0, atol=most, err_msg=f"{i}: {a}, {b}")


@pytest.mark.parametrize(("a", "b"), [(5e3, 5e3), (1e5, 3e4), (1e6, 1e6), (0.2, 1e5), (1e5, 0.2)])
def test_fill_beta_of_narrow_shapes(a: float, b: float) -> None:
    table = plain.garbage((kernels.NODES,))
    kernels.fill_beta(a, b, table)
    np.testing.assert_allclose(table, special.betaincinv(a, b, LEVELS), rtol=0, atol=documented_error(a, b))


def look_up(table: list[float], u: float) -> float:
    place = u * 1024
    node = math.floor(place)
    return table[node] + (place - node) * (table[node + 1] - table[node])


def test_look_up() -> None:
    rng = random.Random(2)
    for r in range(3):
        table = plain.reals(rng, (kernels.NODES,), 0, 1)
        if r:
            table.sort()
        us = [0.0, 0.5, 1 / 1024, 1023 / 1024, 1 - 2.0**-53, 2.0**-53, *(rng.random() for _ in range(500))]
        for u in us:
            assert kernels.look_up(table, u) == pytest.approx(look_up(list(table), u), rel=1e-12, abs=1e-15)
        for node in range(1024):
            assert kernels.look_up(table, node / 1024) == table[node]


def test_fill_uniforms() -> None:
    chance, replicates = chance_for(6, "prior/x.y"), [0, 7, 3, 2**31]
    made = plain.garbage((len(replicates),))
    kernels.fill_uniforms(chance, np.array(replicates, dtype=np.int64), made)
    assert list(made) == [plain.uniform(plain.at(chance, r), 0, 0) for r in replicates]


@pytest.mark.parametrize("kind", range(4))
def test_fill_quantiles(kind: int) -> None:
    rng = random.Random(kind)
    u = np.array([2.0**-53, 1e-9, 0.5, 1 - 1e-9, *(rng.random() for _ in range(200))])
    table = np.sort(plain.reals(rng, (kernels.NODES,), 0, 1))
    for a, b in ((0.5, 2.5), (3.0, 40.0), (1e-4, 1e-3)):
        made = plain.garbage((len(u),))
        kernels.fill_quantiles(kind, a, b, u, table, made)
        exact = {
            0: lambda q, a=a, b=b: a + (b - a) * q,
            1: lambda q, a=a, b=b: a * (b / a) ** q,
            2: lambda q, a=a, b=b: a + b * float(special.ndtri(q)),
            3: lambda q: look_up(list(table), q),
        }[kind]
        np.testing.assert_allclose(made, [exact(q) for q in u], rtol=1e-12, atol=1e-15)
