"""One claimed effect: worlds with and without a mechanism, how large its effect is, and whether data could show it.

The effect of a world is log(1 + outcome) with the mechanism less that without it, all other chances the same; in a
world without the mechanism it is 0. Half of the made-up worlds have the mechanism. What data say of the effect is the
interval of a quantile regression forest (Meinshausen 2006, JMLR 7, 983-999) from the summaries of a world to its
effect: the posterior where both kinds of world are as likely beforehand. The same forest is asked about worlds it has
not seen, and so gives the power and the rate of false findings of the whole rule (science brief, A3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.inference.finding import Finding, Measure, Verdict
from groundswell.inference.forest import state_of
from groundswell.inference.posterior import weighted_quantile
from groundswell.inference.rivals import by_place
from groundswell.inference.simulator import digest
from groundswell.inference.space import Floats, Space
from groundswell.inference.worlds import Worlds

RECORDS = ("published counts", "events by place and week", "events by place and day")
HELD = 200  # worlds of known truth that the forest has not seen: a rate of 5 % then has an error of 1.5 points
_WEEK = 7
_HAZARD = "country.resignation_hazard"


@dataclass(frozen=True)
class Arm:
    """A case with or without the mechanism, as a simulator of what each kind of record would show, and the outcome.

    `rows` are the places whose `measure` is summed. A resignation is measured by its mean daily hazard while in office.
    """

    worlds: Worlds
    measure: Measure
    rows: tuple[int, ...]

    @property
    def space(self) -> Space:
        """No number is free: all guesses are drawn as in any run."""
        return self.worlds.space

    @cached_property
    def recorded(self) -> Worlds:
        """The worlds with all columns recorded that the richer records and the outcome are made of."""
        columns = {*self.worlds.scenario.record, "place.turnout", "place.deaths", "place.injuries", "place.arrests"}
        columns |= {_HAZARD} if self.measure == "resignation" else set()
        scenario = self.worlds.scenario.model_copy(update={"record": tuple(sorted(columns))})
        return replace(self.worlds, scenario=scenario)

    @cached_property
    def widths(self) -> tuple[int, int, int]:
        """How many numbers each of RECORDS has; a richer record holds those before it too."""
        days, places = self.worlds.scenario.period.steps, len(self.worlds.scenario.place)
        weeks = -(-days // _WEEK)
        return len(self.worlds.targets), 2 * (weeks + places) + 7, 2 * days + 7

    @property
    def summaries(self) -> tuple[str, ...]:
        """Names of what `simulate` gives: summaries of each kind of record, then the outcome."""
        made = [f"{kind} {k}" for kind, width in zip(RECORDS, self.widths, strict=True) for k in range(width)]
        return (*made, "outcome")

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the worlds, the outcome and its places."""
        return digest(self.recorded.fingerprint, self.measure, self.rows)

    def simulate(self, values: Floats, first: int) -> Floats:
        """Summaries (n, s) of worlds first, first + 1, ...: log(1 + number), and the outcome on the same scale."""
        kept = self.recorded.kept(values, first)
        crowd, deaths = (kept[f"place.{name}"].astype(np.float64) for name in ("turnout", "deaths"))
        weekly = [_weeks(part) for part in (crowd, deaths)]
        parts = [self.worlds.reduce(kept, first)]
        parts += [np.log1p(part.sum(axis)) for part in weekly for axis in (1, 2)]
        parts += [np.stack(list(by_place(weekly[0]).values()), axis=1)]
        parts += [np.log1p(part.sum(2)) for part in (crowd, deaths)]
        parts += [np.stack(list(by_place(crowd).values()), axis=1), self._outcome(kept)[:, None]]
        return np.concatenate(parts, axis=1)

    def _outcome(self, kept: dict[str, NDArray[Any]]) -> Floats:
        if self.measure == "resignation":
            hazard = kept[_HAZARD].sum(2)
            made: Floats = np.log(hazard.sum(1) / np.maximum((hazard > 0).sum(1), 1) + 1e-12)
            return made
        total: Floats = np.log1p(kept[f"place.{self.measure}"][:, :, list(self.rows)].sum((1, 2), dtype=np.float64))
        return total


def _weeks(daily: Floats) -> Floats:
    """Sums over blocks of seven days (n, weeks, places) of daily numbers (n, days, places); the last may be shorter."""
    starts = np.arange(0, daily.shape[1], _WEEK)
    return np.add.reduceat(daily, starts, axis=1)


@dataclass(frozen=True)
class Judged:
    """What one kind of record can say: the interval of the effect where there are data, and error rates of the rule.

    `power` is the share of unseen worlds with an effect of the smallest interesting size or more that end as supported,
    of `large` such worlds (None where there is none); `false_support` of those without the mechanism that do, and
    `false_denial` of those with a large effect that would end as contradicted.
    """

    record: str
    power: float | None
    large: int
    false_support: float
    false_denial: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Effect:
    """The answer on one claimed effect: the finding from the record at hand, and what each kind of record could say."""

    finding: Finding
    records: tuple[Judged, ...]
    prior: tuple[float, float, float]  # 5, 50 and 95 % of the effect in worlds that have the mechanism
    worlds: int
    outside: str = ""  # why the data lie outside what the worlds can give, if they do

    @property
    def verdict(self) -> Verdict:
        """As the finding says, but nothing can be told from data that no world can give."""
        return "cannot tell" if self.outside else self.finding.verdict


def judge(
    present: Floats, absent: Floats, widths: Sequence[int], observed: Floats, *, smallest: float, sign: int, seed: int,
    name: str, outside: str = "",
) -> Effect:  # fmt: skip
    """Judge an effect from tables of `Arm.simulate` of the same worlds with and without the mechanism (n, s).

    `observed` (widths[0],) are the published counts. The last HELD / 2 worlds of each table, or a fifth where that is
    fewer, are kept from the forest and give the rates.
    """
    size, effect = len(present), present[:, -1] - absent[:, -1]
    test = max(1, min(HELD // 2, size // 5))
    learn = np.arange(size - test)
    truth = np.concatenate([effect[-test:], np.zeros(test)])
    made, end = [], 0
    for kind, width in zip(RECORDS, widths, strict=True):
        end += width
        rows = np.concatenate([present[learn, :end], absent[learn, :end]])
        forest = _Forest(rows, np.concatenate([effect[learn], np.zeros(len(learn))]), seed, f"causal/{name}/{kind}")
        unseen = forest.intervals(np.concatenate([present[-test:, :end], absent[-test:, :end]]))
        judged = _rates(kind, unseen, truth, smallest, sign)
        if kind == RECORDS[0]:
            low, high = forest.intervals(observed[None, :])[0]
            judged = replace(judged, low=float(low), high=float(high))
        made.append(judged)
    low, middle, high = np.quantile(effect, (0.05, 0.5, 0.95))
    at_hand = made[0]
    finding = Finding(at_hand.low or 0.0, at_hand.high or 0.0, smallest, at_hand.power, sign)
    return Effect(finding, tuple(made), (float(low), float(middle), float(high)), 2 * size, outside)


def _rates(kind: str, intervals: Floats, truth: Floats, smallest: float, sign: int) -> Judged:
    large = sign * truth >= smallest
    supported = np.array([Finding(a, b, smallest, None, sign).verdict == "supported" for a, b in intervals])
    power = float(supported[large].mean()) if large.any() else None
    denied = np.array([Finding(a, b, smallest, power, sign).verdict == "contradicted" for a, b in intervals])
    return Judged(kind, power, int(large.sum()), float(supported[truth == 0].mean()),
                  float(denied[large].mean()) if large.any() else 0.0)  # fmt: skip


class _Forest:
    """A quantile regression forest of the effect on summaries; the same rows and seed give the same intervals."""

    def __init__(self, summaries: Floats, effect: Floats, seed: int, name: str) -> None:
        from sklearn.ensemble import RandomForestRegressor

        self._effect = effect
        self._forest = RandomForestRegressor(n_estimators=200, min_samples_leaf=5, max_features=1 / 3,
                                             random_state=state_of(seed, name))  # fmt: skip
        self._leaves = self._forest.fit(summaries, effect).apply(summaries)

    def intervals(self, summaries: Floats) -> Floats:
        """The 5 and 95 % quantiles of the effect at summaries (n, s), (n, 2)."""
        made = np.empty((len(summaries), 2))
        for row, leaves in enumerate(self._forest.apply(summaries)):
            same = self._leaves == leaves
            weights = (same / np.maximum(same.sum(axis=0), 1)).mean(axis=1)
            made[row] = weighted_quantile(self._effect, weights / weights.sum(), (0.05, 0.95))
        return made
