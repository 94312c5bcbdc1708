"""Granovetter 1978: who joins once enough others have, by a threshold of one's own.

A person with threshold theta acts at step t + 1 if at least theta persons act at step t. With F(x) the share of persons
whose threshold is at most x persons, the number who act follows

    n(t + 1) = N F(n(t)),   n(0) = 0,

and rests where n = N F(n): the smallest such n is where it ends. Crowds that differ in one person can end far apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from groundswell.canon.base import Text, finished, refuse, side_by_side, within
from groundswell.chance import chance_for, normal
from groundswell.compiled import kernel

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

FORMS = ("uniform", "missing-link", "normal")

TEXT = Text(
    title="Granovetter 1978",
    source='Granovetter 1978, "Threshold models of collective behavior", American Journal of Sociology 83, 1420-1443.',
    verified=(
        "Nothing was compared with the paper itself, whose text could not be read. The rule and the example of "
        "thresholds 0..99 with and without its one missing link are as commonly told.",
        "Against arithmetic: thresholds 0..N-1 end with all N; with 1 replaced by 2 they end with one person.",
    ),
    not_verified=(
        "The paper's wording of the rule (at least as many, or a share) and its figures.",
        "Its example of normal thresholds with mean 25, where the end jumps near a standard deviation of 12.2, is as "
        "recalled; we give our own numbers for it.",
    ),
)


@dataclass(frozen=True)
class Rules:
    """Who has which threshold.

    Parameters
    ----------
    thresholds
        uniform: 0, 1, .., N - 1. missing-link: the same, but for a second 2 instead of the 1. normal: drawn.
    persons
        N.
    mean
        Of normal thresholds, in persons.
    sd
        Of normal thresholds, in persons.
    """

    thresholds: Literal["uniform", "missing-link", "normal"] = "uniform"
    persons: int = 100
    mean: float = 25.0
    sd: float = 12.2

    def __post_init__(self) -> None:
        """Raises GroundswellError where a value is off its limits."""
        within(self, persons=(1, 10_000_000), mean=(-1e9, 1e9), sd=(0, 1e9))
        if self.thresholds not in FORMS:
            refuse("thresholds", f"cannot be {self.thresholds!r}", f"one of {', '.join(FORMS)}")


DEFAULT = Rules()


@kernel
def draw_thresholds(mean, sd, chance, threshold):
    """Normal thresholds: mean + sd times a standard normal of row i, slot 0. Who is at 0 or below moves first."""
    for i in range(threshold.size):
        threshold[i] = mean + sd * normal(chance, i, 0)


@kernel
def cascade(ordered, acting):
    """n(0) = 0, n(t + 1) = how many of the sorted thresholds `ordered` (persons,) are at most n(t).

    Fills `acting` (steps,) with n(1), n(2), ... and keeps the last value once it rests. Returns the steps in which the
    number still rose.
    """
    count = 0
    rose = 0
    for t in range(acting.size):
        before = count
        while count < ordered.size and ordered[count] <= before:
            count += 1
        acting[t] = count
        rose += count > before
    return rose


def thresholds(rules: Rules, seed: int = 0, replicate: int = 0) -> NDArray[np.float64]:
    """The thresholds of one replicate in persons, sorted, shape (persons,)."""
    if rules.thresholds == "normal":
        made = np.empty(rules.persons)
        draw_thresholds(rules.mean, rules.sd, chance_for(seed, "canon/granovetter", 0, replicate), made)
        return np.sort(made)
    made = np.arange(rules.persons, dtype=np.float64)
    if rules.thresholds == "missing-link" and rules.persons > 1:
        made[1] = 2.0
    return np.sort(made)


def simulate(rules: Rules = DEFAULT, *, replicates: int = 1, seed: int = 0, jobs: int | None = None) -> xr.Dataset:
    """Run until nobody joins: `acting` (replicate, step), persons, up to one step after the slowest replicate's last.

    Only normal thresholds differ between replicates; their address is "canon/granovetter", row = person.
    """

    def one(replicate: int) -> NDArray[np.int64]:
        ordered = thresholds(rules, seed, replicate)
        acting = np.zeros(64, np.int64)
        while cascade(ordered, acting) == acting.size:
            acting = np.zeros(2 * acting.size, np.int64)
        return acting

    made = side_by_side(replicates, one, jobs)
    longest = max(len(run) for run in made)
    acting = np.array([np.concatenate([run, np.full(longest - len(run), run[-1])]) for run in made])
    steps = 1 + int(np.max(np.count_nonzero(np.diff(acting, axis=1, prepend=0), axis=1)))
    return finished("granovetter", seed, rules,
                    {"acting": (("replicate", "step"), acting[:, :steps], "persons who act")},
                    {"step": np.arange(1, steps + 1)})  # fmt: skip


def summary(runs: xr.Dataset) -> pd.DataFrame:
    """One row a replicate: first movers, how many act in the end, and the steps in which the number rose."""
    import pandas as pd

    acting = runs["acting"].values
    rises = np.count_nonzero(np.diff(acting, axis=1, prepend=0), axis=1)
    return pd.DataFrame({"replicate": np.arange(len(acting)), "first_movers": acting[:, 0], "acting": acting[:, -1],
                         "steps": rises})  # fmt: skip


def resting(mean: float, sd: float) -> float:
    """Where very many persons with normal thresholds end, as a share: the smallest r with r = F(100 r).

    `mean` and `sd` are in persons of a hundred. Found by iterating r = F(100 r) from 0.
    """
    from statistics import NormalDist

    if sd == 0:
        return 1.0 if mean <= 0 else 0.0
    spread = NormalDist(mean, sd)
    share = 0.0
    for _ in range(100_000):
        after = spread.cdf(100.0 * share)
        if after - share < 1e-12:
            break
        share = after
    return share
