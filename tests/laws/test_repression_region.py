"""Where repression deters, backfires, or does one after the other: derived first, then swept over the mechanisms.

The derivation is docs/concepts/repression-region.md. `python tests/laws/test_repression_region.py` prints the table.
"""

from __future__ import annotations

import functools
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

from groundswell.chance import chance_for
from groundswell.mechanisms.anger import enrage
from groundswell.mechanisms.base import parameters, registry
from groundswell.mechanisms.fear import frighten
from groundswell.mechanisms.mobilisation import decide

DAYS, PEOPLE = 42, 300
RISK, LEGITIMACY, MEDIA = 0.5, 0.4, 0.2  # held fixed: P, L and what is seen of the country
REGIONS = ("deters", "backfires", "deters then backfires", "backfires then deters")
GRID = np.array(
    list(product(np.geomspace(0.01, 1, 6), np.geomspace(0.01, 1, 6), (2, 4, 7, 10), (3, 7, 15, 30, 60)))
)  # aF, aB, tauF, tauB


def default(path: str) -> float:
    name, key = path.split(".")
    return float(parameters(registry()[name])[key]["default"])


class Persons(NamedTuple):
    """Traits of one community, shape (cells, people): the same people in each cell."""

    hardship: Any
    risk_aversion: Any
    threshold: Any


def persons(cells: int) -> Persons:
    rng = np.random.default_rng(0)
    drawn = (rng.beta(3, 3, PEOPLE), (np.arange(PEOPLE) + 0.5) / PEOPLE, rng.beta(2.4, 3.6, PEOPLE))
    return Persons(*(np.tile(column.astype("f4"), (cells, 1)) for column in drawn))


def turnout(who: Persons, fear: Any, anger: Any, legitimacy: float | Any = LEGITIMACY, cost: float | Any = 0.0) -> Any:
    """Expected share on the street in each cell, by the kernel of the decision (weights so large that luck is nil)."""
    cells, zero, bulk = len(fear), np.zeros((len(fear), 1)), np.array([PEOPLE], "i4")
    nobody = np.zeros((cells, PEOPLE), "f4")
    names = ("grievance", "network", "anger", "endorsement", "media", "jail", "term", "bar", "noise")
    weights = [np.full(cells, default(f"mobilisation.{name}")) for name in names]
    active = np.zeros((cells, PEOPLE), "f4")
    start = np.zeros(1, "i4")
    decide(start, start, start, bulk, start, zero + legitimacy, anger, fear, zero, zero + cost, zero + MEDIA,
           zero + RISK, nobody + np.float32(1e12),
           who.hardship, who.risk_aversion, who.threshold, nobody, nobody, nobody,
           *weights, chance_for(0, "mobilisation"), active)  # fmt: skip
    return active.astype("f8").sum(axis=1)


@functools.cache
def simulated(rho: float, steady: bool) -> Any:
    """Sign of turnout with less without repression, (cells, days)."""
    a_f, a_b, tau_f, tau_b = GRID.T.copy()
    cells = len(GRID)
    who, fear, anger = persons(cells), np.zeros((cells, 1)), np.zeros((cells, 1))
    one, plain, signs = np.ones(cells), turnout(persons(cells), fear, anger), []
    for day in range(DAYS):
        harm = np.full((cells, 1), rho if steady or day == 0 else 0.0)
        more_fear, more_anger = np.zeros((cells, 1)), np.zeros((cells, 1))
        frighten(fear, harm, a_f, one * default("fear.half"), tau_f, 1.0, more_fear)
        enrage(anger, harm, np.zeros(1, "i4"), np.full((cells, 1), MEDIA), a_b, one * default("anger.half"), tau_b,
               one * default("anger.direct"), one * default("anger.justified"), 1.0, more_anger)  # fmt: skip
        fear, anger = fear + more_fear, anger + more_anger
        signs.append(np.sign(turnout(who, fear, anger) - plain))
    return np.stack(signs, axis=1)


class Margin(NamedTuple):
    """Where nothing has happened: risk aversion r, chance p to be out, and felt risk per unit of r and of fear."""

    r: Any
    p: Any
    felt: float


def margin() -> Margin:
    h, r, theta = (column[0].astype("f8") for column in persons(1))
    felt = RISK * (1 + default("mobilisation.jail") * default("mobilisation.term"))
    utility = default("mobilisation.grievance") * h * (1 - LEGITIMACY) - default("mobilisation.network") * theta
    bar, noise = default("mobilisation.bar"), default("mobilisation.noise")
    return Margin(r, 1 / (1 + np.exp(-(utility - r * felt - bar) / noise)), felt)


def stocks(rho: float, steady: bool) -> tuple[Any, Any]:
    """F(k) and w B(k) in closed form, (cells, days) each."""
    a_f, a_b, tau_f, tau_b = GRID.T[:, :, None]
    direct, justified = default("anger.direct"), default("anger.justified")
    seen = (direct + (1 - direct) * MEDIA) * (1 - justified)
    fear = a_f * rho**2 / (default("fear.half") + rho)
    anger = default("mobilisation.anger") * a_b * seen * rho / (default("anger.half") + rho)
    k, f, b = np.arange(1, DAYS + 1), np.exp(-1 / tau_f), np.exp(-1 / tau_b)
    if steady:
        return fear * (1 - f**k) / (1 - f), anger * (1 - b**k) / (1 - b)
    return fear * f ** (k - 1), anger * b ** (k - 1)


def small(rho: float, steady: bool) -> Any:
    """Sign of turnout to first order: of w B - q F, (cells, days)."""
    (fear, anger), (r, p, felt) = stocks(rho, steady), margin()
    return np.sign(anger - felt * (p * (1 - p) * r).sum() / (p * (1 - p)).sum() * fear)


def large(rho: float, steady: bool) -> Any:
    """Sign of turnout where stocks may be large and crowds are small: of w B - K(F), (cells, days)."""
    (fear, anger), (r, p, felt), noise = stocks(rho, steady), margin(), default("mobilisation.noise")
    left = np.exp(-fear[..., None] * r * felt / noise) @ (p / p.sum())
    return np.sign(anger + noise * np.log(left))


def region_of(signs: Any) -> Any:
    """The region of each cell, an index into REGIONS, from the signs of all days; -1 where it is none of the four."""
    region = np.full(len(signs), -1)
    turns = (np.diff(signs, axis=1) != 0).sum(axis=1)
    for k, (first, last) in enumerate(((-1, -1), (1, 1), (-1, 1), (1, -1))):
        region[(signs[:, 0] == first) & (signs[:, -1] == last) & (turns == (first != last))] = k
    return region


CASES = [(rho, steady) for steady in (False, True) for rho in (1.0, 5.0, 20.0)]


def agreement(form: Any, rho: float, steady: bool) -> float:
    return float((region_of(form(rho, steady)) == region_of(simulated(rho, steady))).mean())


@pytest.mark.parametrize("rho", [1.0, 5.0, 20.0])
def test_at_least_95_of_100_cells_agree_after_one_day(rho: float) -> None:
    assert agreement(small, rho, False) >= 0.95


@pytest.mark.parametrize(("rho", "steady"), CASES)
def test_at_least_95_of_100_cells_agree_where_stocks_are_large(rho: float, steady: bool) -> None:
    assert agreement(large, rho, steady) >= 0.95


def test_every_region_is_in_the_sweep() -> None:
    assert set(np.concatenate([region_of(small(rho, steady)) for rho, steady in CASES])) == set(range(4))


def test_the_turn_comes_when_derived() -> None:
    """Where one day of harm deters first and backfires then, the turn is at k*, within 2 days in 9 cells of 10."""
    derived, seen = small(5.0, False), simulated(5.0, False)
    both = (region_of(derived) == 2) & (region_of(seen) == 2)
    assert both.sum() > 30
    off = (derived > 0).argmax(axis=1)[both] - (seen > 0).argmax(axis=1)[both]
    assert (np.abs(off) <= 2).mean() >= 0.9


def main() -> None:
    """Print the table of the page."""
    for rho, steady in CASES:
        sizes = np.bincount(region_of(simulated(rho, steady)) + 1, minlength=5)
        parts = ", ".join(f"{name} {n}" for name, n in zip(("none", *REGIONS), sizes, strict=True))
        print(f"rho {rho:g}, {'steady' if steady else 'one day'}: first order {agreement(small, rho, steady):.3f}, "
              f"large stocks {agreement(large, rho, steady):.3f} of {len(GRID)} agree; seen: {parts}")  # fmt: skip


if __name__ == "__main__":
    main()
