"""Simulators whose posteriors are known in closed form."""

from __future__ import annotations

import numpy as np

from groundswell.chance import chance_for, poisson
from groundswell.inference.simulator import Plain
from groundswell.inference.space import Floats, Space, normals
from groundswell.scenario.numbers import Entry
from groundswell.scenario.schema import Prior

SEEN = 10


def _gaussian(values: Floats, first: int) -> Floats:
    noise = normals(chance_for(11, "toy/gaussian"), first, len(values), SEEN)
    data = values[:, :1] + noise
    return np.stack([data.mean(axis=1), data.std(axis=1)], axis=1)


def gaussian() -> Plain:
    """Mean of ten normals of unit variance, prior N(0, 2): posterior N(m 10/(10 + 1/4), 1/(10 + 1/4)). The second
    summary says nothing."""
    entry = Entry("mean", 0.0, "guess", Prior(kind="normal", a=0.0, b=2.0))
    return Plain(Space((entry,)), ("mean", "spread"), _gaussian, "gaussian")


def gaussian_posterior(seen: float) -> tuple[float, float]:
    precision = SEEN + 0.25
    return SEEN * seen / precision, precision**-0.5


def _counts(values: Floats, first: int) -> Floats:
    chance = chance_for(12, "toy/counts")
    made = [
        [poisson(chance, first + i, slot, float(value)) for slot in range(4)] for i, value in enumerate(values[:, 0])
    ]
    total = np.array(made, dtype=float).sum(axis=1)
    return np.stack([np.log1p(total), np.array(made, dtype=float)[:, 0]], axis=1)


def counts() -> Plain:
    """Four Poisson counts with a rate even from 1 to 30: the posterior is a gamma(total + 1, 4) cut to that range."""
    entry = Entry("rate", 10.0, "guess", Prior(kind="uniform", a=1.0, b=30.0))
    return Plain(Space((entry,)), ("log_total", "first"), _counts, "counts")


def _two(values: Floats, first: int) -> Floats:
    noise = normals(chance_for(13, "toy/two"), first, len(values), 3)
    return np.stack([values[:, 0] + 0.3 * noise[:, 0], values[:, 0] ** 2 + 0.3 * noise[:, 1], noise[:, 2]], axis=1)


def half_known() -> Plain:
    """Two numbers, of which the data speak of the first alone."""
    entries = tuple(Entry(name, 0.5, "guess", Prior(kind="uniform", a=0.0, b=1.0), low=0.0, high=1.0)
                    for name in ("known", "unknown"))  # fmt: skip
    return Plain(Space(entries), ("a", "b", "c"), _two, "half")
