"""Which rival made the data? A forest trained on simulations, its confusion matrix, and "cannot tell" where true.

Model choice by random forest after Pudlo and others 2016 (Bioinformatics 32, 859-866). Posterior weights of models
from approximate methods are not to be trusted on their own; the confusion matrix on worlds held out says how far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import GroundswellError, Problem
from groundswell.inference.checks import Misfit, misfit
from groundswell.inference.forest import state_of
from groundswell.inference.simulator import Simulator
from groundswell.inference.smc import prior_table, spread
from groundswell.inference.space import Floats
from groundswell.inference.work import Work

CLEAR = 0.7  # least share of a rival's own worlds that must be named rightly (science, E2)
WINDOWS = 8  # guess: fewer windows that share no day give no standard error worth printing


@dataclass(frozen=True)
class Choice:
    """`confusion[i, j]` is the share of held-out worlds of rival i called j; `votes` (rivals,) those of the data."""

    names: tuple[str, ...]
    confusion: Floats
    votes: Floats
    misfits: tuple[Misfit, ...]
    simulations: int

    @property
    def best(self) -> str:
        """The rival with the most votes."""
        return self.names[int(np.argmax(self.votes))]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it cannot be told; empty where it can."""
        made = [f"only {self.confusion[k, k]:.0%} of the worlds of {name} are recognised (at least {CLEAR:.0%} needed)"
                for k, name in enumerate(self.names) if self.confusion[k, k] < CLEAR]  # fmt: skip
        if not any(one.inside for one in self.misfits):
            made.append("the observed numbers lie outside what any of the rivals can give")
        elif not self.misfits[int(np.argmax(self.votes))].inside:
            made.append(f"the observed numbers lie outside what {self.best} can give")
        if self.votes.max() < CLEAR:
            made.append(f"the votes are split: {self.votes.max():.0%} for {self.best}")
        return tuple(made)

    @property
    def verdict(self) -> str:
        """The name of the rival, or `cannot tell`."""
        return "cannot tell" if self.reasons else self.best


def compare(rivals: Mapping[str, Simulator], observed: Floats, *, size: int = 600, seed: int = 0, trees: int = 300,
            work: Work | None = None) -> Choice:  # fmt: skip
    """Simulate `size` worlds of each rival at its prior, train on two thirds, test on one, and ask about the data.

    All rivals have the same summaries. Raises GroundswellError for fewer than two, or other summaries.
    """
    names = tuple(rivals)
    if len(names) < 2 or len({rival.summaries for rival in rivals.values()}) != 1:
        raise GroundswellError(Problem("rivals", ", ".join(names) or "no rival", "cannot be compared",
                                       "give two rivals or more, with the same summaries"))  # fmt: skip
    work = work or Work()
    tables = [prior_table(rival, size, work, seed, name=f"rival-{k}").summaries
              for k, rival in enumerate(rivals.values())]  # fmt: skip
    forest, scale, confusion = recognised(tables, seed=seed, trees=trees)
    votes = forest.predict_proba((observed / scale)[None, :])[0]
    summaries = next(iter(rivals.values())).summaries
    return Choice(names, confusion, votes, tuple(misfit(summaries, table, observed) for table in tables),
                  size * len(names))  # fmt: skip


def recognised(tables: Sequence[Floats], *, seed: int = 0, trees: int = 300) -> tuple[Any, Floats, Floats]:
    """Train on two thirds of each rival's worlds (n, s), test on the rest.

    Returns the forest, the scale (s,) by which summaries are divided, and the confusion matrix: row i the worlds of
    rival i, column j the share of them called j.
    """
    from sklearn.ensemble import RandomForestClassifier

    scale = spread(np.concatenate(tables))
    size = len(tables[0])
    cut = size * 2 // 3
    kind: NDArray[np.int64] = np.repeat(np.arange(len(tables)), cut)
    forest = RandomForestClassifier(n_estimators=trees, min_samples_leaf=3, random_state=state_of(seed, "compare"))
    forest.fit(np.concatenate([table[:cut] for table in tables]) / scale, kind)
    confusion = np.stack([np.bincount(forest.predict(table[cut:] / scale), minlength=len(tables)) / (size - cut)
                          for table in tables])  # fmt: skip
    return forest, scale, confusion


@dataclass(frozen=True)
class HeldOut:
    """Scores of one rival on numbers held out: mean of -log density and CRPS, both of log(1 + number)."""

    name: str
    log_score: float
    crps: float


def held_out(name: str, draws: Floats, weights: Floats, seen: Floats) -> HeldOut:
    """Score draws (n, t) with weights (n,) on log(1 + number) seen (t,); the density is that of a normal."""
    mean = weights @ draws
    sd = np.maximum(np.sqrt(weights @ (draws - mean) ** 2), 1e-3)
    log_score = 0.5 * ((seen - mean) / sd) ** 2 + np.log(sd) + 0.5 * np.log(2 * np.pi)
    first = weights @ np.abs(draws - seen)
    second = np.empty_like(first)
    for j in range(draws.shape[1]):
        order = np.argsort(draws[:, j], kind="stable")
        x, w = draws[order, j], weights[order]
        before = np.cumsum(w) - w
        second[j] = 2 * float((w * x * before).sum() - (w * (1 - before - w) * x).sum())
    return HeldOut(name, float(log_score.mean()), float((first - 0.5 * second).mean()))


def enough(windows: list[tuple[int, int]]) -> bool:
    """True where at least WINDOWS of the windows (first and last day) share no day with one another."""
    count, last = 0, -(10**9)
    for a, b in sorted(windows, key=lambda window: window[1]):
        if a > last:
            count, last = count + 1, b
    return count >= WINDOWS
