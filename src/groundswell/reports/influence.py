"""Which guesses move the result: rank correlation of each guess's draws with what the replicates gave."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from groundswell.reports.series import Numbers, Runs
from groundswell.reports.summary import totals
from groundswell.reports.tables import plural

FEWEST = 20  # below this a rank correlation is hardly more than noise: its 95 % interval is wider than +-0.45
SHOWN = 10


@dataclass(frozen=True)
class Influence:
    """Spearman's rank correlation of each guess with total deaths and total turnout over `replicates`.

    `paths` are in order of the strength of the correlation with deaths, strongest first; `noise` is 1.96/sqrt(n - 1),
    the half-width of a rough 95 % interval. `turnout` is nan where turnout was not recorded or does not vary.
    """

    paths: tuple[str, ...]
    deaths: Numbers
    turnout: Numbers
    replicates: int

    @property
    def noise(self) -> float:
        """Half-width of a rough 95 % interval."""
        return float(1.96 / np.sqrt(self.replicates - 1))

    @property
    def strict(self) -> float:
        """The same limit for the greatest of all these correlations (Bonferroni): chance passes it in 1 table of 20."""
        return float(NormalDist().inv_cdf(1 - 0.025 / max(len(self.paths), 1)) / np.sqrt(self.replicates - 1))

    @property
    def beyond(self) -> int:
        """How many correlations with deaths lie outside the noise."""
        return int(np.sum(np.abs(self.deaths) > self.noise))

    def lines(self) -> list[str]:
        """What may be read from it, in sentences."""
        by_luck = 0.05 * len(self.paths)
        line = (
            f"{self.beyond} of {plural(len(self.paths), 'drawn guess', 'drawn guesses')} correlate with total deaths "
            f"beyond ±{self.noise:.2f}, the rough 95 % interval of pure chance with {self.replicates} replicates; "
            f"about {by_luck:.0f} would do so by luck alone."
        )
        shown = np.abs(self.deaths[:SHOWN]) > self.strict
        line += (
            f" Of the {shown.size} shown, {int(shown.sum())} pass ±{self.strict:.2f}, a limit that takes into account "
            "how many were looked at."
        )
        if shown.sum() * 2 < shown.size:
            line += " Most of what is shown cannot be told from noise, and its order says nothing."
        return [line]


def influence(runs: Runs) -> Influence | str:
    """The correlations, or a sentence that says why there are none."""
    if runs.case.scenario.at_default:
        return "The runs stand at default values, so no guess was drawn and none can be seen to matter."
    drawn = {path: values for path, values in runs.guess_values.items() if np.ptp(values) > 0}
    if not drawn:
        return "The drawn values of guesses were not stored with these runs."
    deaths = _total(runs, "place.deaths")
    if deaths is None:
        return "Deaths were not recorded: add place.deaths to `record` in the scenario."
    if runs.replicates < FEWEST:
        return f"With {plural(runs.replicates, 'replicate')} a rank correlation is noise; run at least {FEWEST}."
    if np.ptp(deaths) == 0:
        return "Total deaths are the same in all replicates, so nothing correlates with them."
    turnout = _total(runs, "place.turnout")
    paths = np.array(list(drawn))
    table = np.stack([ranks(values) for values in drawn.values()])
    with_deaths = _correlate(table, ranks(deaths))
    with_turnout = (
        _correlate(table, ranks(turnout))
        if turnout is not None and np.ptp(turnout) > 0
        else np.full(len(paths), np.nan)
    )
    order = np.argsort(-np.abs(with_deaths), kind="stable")
    return Influence(tuple(str(p) for p in paths[order]), with_deaths[order], with_turnout[order], runs.replicates)


def _total(runs: Runs, name: str) -> Numbers | None:
    series, values = runs.series(name), runs.national(name)
    return None if series is None or values is None else totals(values, series, runs.unit(name))[0]


def ranks(values: NDArray[np.float64]) -> Numbers:
    """Ranks from 1; ties share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts).astype(np.float64)
    mean_rank: Numbers = (last - (counts - 1) / 2)[inverse]
    return mean_rank


def _correlate(rows: Numbers, values: Numbers) -> Numbers:
    """Pearson's correlation of each row with the values; none of them is constant."""
    left = rows - rows.mean(1, keepdims=True)
    right = values - values.mean()
    return np.asarray((left @ right) / np.sqrt((left**2).sum(1) * (right**2).sum()))
