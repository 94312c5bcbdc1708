"""Which guesses go with deaths: rank correlation of what was drawn with whether, and how many, people die."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from groundswell.reports.grouped import drawn_quantities
from groundswell.reports.series import Numbers, Runs
from groundswell.reports.summary import totals
from groundswell.reports.tables import plural

FEWEST = 20  # below this a rank correlation is hardly more than noise: its 95 % interval is wider than +-0.45
SHOWN = 10


@dataclass(frozen=True)
class Influence:
    """Spearman's rank correlations of what was drawn, over replicates.

    `any_death` is with whether a replicate has any death at all (0 or 1), over `replicates`; `given_any` with the
    number of deaths among the `with_deaths` replicates that have some; `turnout` with total turnout. A column is nan
    where it cannot be computed. `paths` stand in order of the stronger of the first two, each against its own limit.
    """

    paths: tuple[str, ...]
    any_death: Numbers
    given_any: Numbers
    turnout: Numbers
    replicates: int
    with_deaths: int

    @property
    def tests(self) -> int:
        """How many correlations were looked at."""
        return max(sum(int((~np.isnan(column)).sum()) for column in (self.any_death, self.given_any)), 1)

    def limit(self, replicates: int) -> float:
        """Chance passes it in one table of 20 (Bonferroni over all correlations looked at); normal approximation."""
        return float(NormalDist().inv_cdf(1 - 0.025 / self.tests) / np.sqrt(max(replicates - 1, 1)))

    @property
    def limits(self) -> tuple[float, float]:
        """The limit for any death at all, and for deaths given any."""
        return self.limit(self.replicates), self.limit(self.with_deaths)

    @property
    def beyond(self) -> NDArray[np.bool_]:
        """Which quantities pass the limit in at least one of the two."""
        first, second = self.limits
        return np.asarray((np.abs(self.any_death) > first) | (np.abs(self.given_any) > second))

    def lines(self) -> list[str]:
        """What may be read from it, in sentences."""
        number = int(self.beyond.sum())
        few = f"{number} of {plural(len(self.paths), 'drawn quantity', 'drawn quantities')}"
        line = (
            f"{few} {'goes' if number == 1 else 'go'} with deaths beyond what chance gives "
            f"(limits that take into account how many were looked at); the other {len(self.paths) - number} "
            "cannot be told from noise, and their order says nothing."
        )
        left = []
        if np.isnan(self.any_death).all():
            left.append("All replicates have deaths, so nothing can go with having any.")
        if np.isnan(self.given_any).all():
            left.append(
                f"Only {plural(self.with_deaths, 'replicate')} with deaths, or all with equally many: too few to ask "
                "what goes with more."
            )
        return [
            line,
            *left,
            "Guesses of single places are joined: strengths to one quantity for each force, identity shares to one for "
            "each identity. A rank correlation sees what rises or falls throughout; it misses an effect that first "
            "rises and then falls, and effects of two guesses together.",
        ]


def influence(runs: Runs) -> Influence | str:
    """The correlations, or a sentence that says why there are none."""
    if runs.case.scenario.at_default:
        return "The runs stand at default values, so no guess was drawn and none can be seen to matter."
    drawn = drawn_quantities(runs)
    if not drawn:
        return "The drawn values of guesses were not stored with these runs."
    deaths = _total(runs, "place.deaths")
    if deaths is None:
        return "Deaths were not recorded: add place.deaths to `record` in the scenario."
    if runs.replicates < FEWEST:
        return f"With {plural(runs.replicates, 'replicate')} a rank correlation is noise; run at least {FEWEST}."
    if np.ptp(deaths) == 0:
        return "Total deaths are the same in all replicates, so nothing correlates with them."
    values = np.stack(list(drawn.values()))
    some = deaths > 0
    turnout = _total(runs, "place.turnout")
    with_any = _rank_correlations(values, some.astype(np.float64))
    given_any = _rank_correlations(values[:, some], deaths[some])
    with_turnout = np.full(len(values), np.nan) if turnout is None else _rank_correlations(values, turnout)
    number = int(some.sum())
    strength = np.fmax(np.abs(with_any) * np.sqrt(runs.replicates - 1), np.abs(given_any) * np.sqrt(max(number - 1, 1)))
    if np.isnan(strength).all():
        return f"Only {plural(number, 'replicate')} with deaths and none without: too few to ask what goes with more."
    order = np.argsort(-np.nan_to_num(strength), kind="stable")
    names = np.array(list(drawn), dtype=object)
    return Influence(
        tuple(str(name) for name in names[order]),
        with_any[order],
        given_any[order],
        with_turnout[order],
        runs.replicates,
        number,
    )


def _total(runs: Runs, name: str) -> Numbers | None:
    series, values = runs.series(name), runs.national(name)
    return None if series is None or values is None else totals(values, series, runs.unit(name))[0]


def _rank_correlations(rows: Numbers, values: Numbers) -> Numbers:
    """Spearman's correlation of each row with the values; nan where there are too few or one side does not vary."""
    if values.size < FEWEST or np.ptp(values) == 0:
        return np.full(len(rows), np.nan)
    left = np.stack([ranks(row) for row in rows])
    left -= left.mean(1, keepdims=True)
    right = ranks(values)
    right -= right.mean()
    size = np.sqrt((left**2).sum(1) * (right**2).sum())
    return np.asarray(np.where(size > 0, left @ right / np.where(size > 0, size, 1.0), np.nan))


def ranks(values: NDArray[np.float64]) -> Numbers:
    """Ranks from 1; ties share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts).astype(np.float64)
    mean_rank: Numbers = (last - (counts - 1) / 2)[inverse]
    return mean_rank
