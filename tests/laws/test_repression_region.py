"""Where repression deters, backfires, or does one after the other: derived first, then swept over the mechanisms.

The derivation is docs/concepts/repression-region.md. `python tests/laws/test_repression_region.py` prints the table.
"""

from __future__ import annotations

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


def turnout(who: Persons, fear: Any, anger: Any) -> Any:
    """Expected share on the street in each cell, by the kernel of the decision (weights so large that luck is nil)."""
    cells, zero, bulk = len(fear), np.zeros((len(fear), 1)), np.array([PEOPLE], "i4")
    nobody = np.zeros((cells, PEOPLE), "f4")
    weights = [np.full(cells, default(f"mobilisation.{name}"))
               for name in ("grievance", "network", "anger", "endorsement", "media", "jail", "term", "bar", "noise")]  # fmt: skip
    active = np.zeros((cells, PEOPLE), "f4")
    start = np.zeros(1, "i4")
    decide(start, start, start, bulk, start, zero + LEGITIMACY, anger, fear, zero, zero, zero + MEDIA, zero + RISK,
           nobody + np.float32(1e12), who.hardship, who.risk_aversion, who.threshold, nobody, nobody, nobody,
           *weights, chance_for(0, "mobilisation"), active)  # fmt: skip
    return active.astype("f8").sum(axis=1)


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


def marginal_risk() -> float:
    """q: felt risk per unit of fear among those at the margin, where nothing has happened."""
    h, r, theta = (column[0].astype("f8") for column in persons(1))
    felt = RISK * (1 + default("mobilisation.jail") * default("mobilisation.term"))
    utility = default("mobilisation.grievance") * h * (1 - LEGITIMACY) - default("mobilisation.network") * theta
    p = 1 / (1 + np.exp(-(utility - r * felt - default("mobilisation.bar")) / default("mobilisation.noise")))
    return float(felt * (p * (1 - p) * r).sum() / (p * (1 - p)).sum())


def ratio(rho: float, steady: bool) -> Any:
    """R(k) of the page, (cells, days)."""
    a_f, a_b, tau_f, tau_b = GRID.T[:, :, None]
    direct, justified = default("anger.direct"), default("anger.justified")
    seen = (direct + (1 - direct) * MEDIA) * (1 - justified)
    first_fear = a_f * rho**2 / (default("fear.half") + rho)
    first_anger = a_b * seen * rho / (default("anger.half") + rho)
    psi, k = default("mobilisation.anger") * first_anger / (marginal_risk() * first_fear), np.arange(1, DAYS + 1)
    if not steady:
        return psi * np.exp((k - 1) * (1 / tau_f - 1 / tau_b))
    f, b = np.exp(-1 / tau_f), np.exp(-1 / tau_b)
    return psi * (1 - b**k) * (1 - f) / ((1 - f**k) * (1 - b))


def derived(rho: float, steady: bool) -> Any:
    """The region of each cell, an index into REGIONS, from the first and the last day: R is monotone."""
    up = ratio(rho, steady)[:, [0, -1]] > 1
    return np.where(up[:, 0], np.where(up[:, 1], 1, 3), np.where(up[:, 1], 2, 0))


def found(rho: float, steady: bool) -> Any:
    """The region of each cell from the signs of all days; -1 where they are in none of the four."""
    signs = simulated(rho, steady)
    region = np.full(len(GRID), -1)
    turns = (np.diff(signs, axis=1) != 0).sum(axis=1)
    for k, (first, last) in enumerate(((-1, -1), (1, 1), (-1, 1), (1, -1))):
        region[(signs[:, 0] == first) & (signs[:, -1] == last) & (turns == (first != last))] = k
    return region


CASES = [(rho, steady) for steady in (False, True) for rho in (1.0, 5.0, 20.0)]


@pytest.mark.parametrize(("rho", "steady"), CASES)
def test_at_least_95_of_100_cells_agree(rho: float, steady: bool) -> None:
    expected, seen = derived(rho, steady), found(rho, steady)
    assert (expected == seen).mean() >= 0.95


def test_every_region_is_in_the_sweep() -> None:
    assert set(np.concatenate([derived(rho, steady) for rho, steady in CASES])) == set(range(4))


def test_the_turn_comes_when_derived() -> None:
    """Where one day of harm deters first and backfires then, the day of the turn is k*, within 2 days in 9 of 10."""
    rho = 5.0
    both = (derived(rho, False) == 2) & (found(rho, False) == 2)
    turn = (ratio(rho, False) > 1).argmax(axis=1)[both]
    seen = (simulated(rho, False) > 0).argmax(axis=1)[both]
    assert both.sum() > 30
    assert (np.abs(turn - seen) <= 2).mean() >= 0.9


def main() -> None:
    """Print the table of the page."""
    for rho, steady in CASES:
        expected, seen = derived(rho, steady), found(rho, steady)
        sizes = ", ".join(f"{name} {int((expected == k).sum())}" for k, name in enumerate(REGIONS))
        print(f"rho {rho:g}, {'steady' if steady else 'one day'}: {(expected == seen).mean():.3f} of {len(GRID)} agree "
              f"({sizes}; in no region {int((seen == -1).sum())})")  # fmt: skip


if __name__ == "__main__":
    main()
