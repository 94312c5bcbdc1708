"""Would a record of this kind tell whether a mechanism was at work, and did it move an outcome as claimed?

A simulated contrast alone says what the model implies, not what happened. So worlds with and without a mechanism are
simulated in pairs, and a record of each is put to two questions: which kind made it (random forest, Pudlo and others
2016), and how large the effect is in worlds that look like it (quantile regression forest, Meinshausen 2006; 90 %).
Supported needs both answers; power and false findings are counted on worlds that neither forest has seen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundswell.engine.run import run
from groundswell.inference.compare import CLEAR
from groundswell.inference.finding import POWER, Finding, Verdict
from groundswell.inference.forest import state_of
from groundswell.inference.simulator import digest
from groundswell.inference.space import Floats, Space, space_of
from groundswell.inference.targets import Target
from groundswell.inference.worlds import Worlds, needed
from groundswell.scenario.schema import Scenario

GATHERING = 1000.0  # guess: persons out in a place on a day that make an event of an export
RICH = ("published counts", "place-week", "place-day")


@dataclass(frozen=True)
class Effect:
    """What is claimed of an outcome: a recorded column, its window of days (both included), sign, smallest effect."""

    outcome: str
    first: dt.date
    last: dt.date
    sign: int
    smallest: float


@dataclass(frozen=True)
class Pairs:
    """Worlds with and without a mechanism, in pairs with the same guesses and chances, as one simulator.

    A row holds the log(1 + outcome) with and without, then the records with and without, each in the order of RICH.
    """

    with_it: Scenario
    without: Scenario
    effect: Effect
    targets: tuple[Target, ...]
    seed: int = 0

    @property
    def space(self) -> Space:
        """No free numbers: all guesses are drawn from their priors."""
        return space_of(self.with_it, ())

    @cached_property
    def scenarios(self) -> tuple[Scenario, Scenario]:
        """Both, recording only what is needed."""
        columns = {*needed(self.targets, self.with_it), "place.turnout", "place.deaths", self.effect.outcome}
        wanted = tuple(sorted(columns))
        cut = {"record": wanted, "record_weekly": ()}
        return self.with_it.model_copy(update=cut), self.without.model_copy(update=cut)

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Numbers in a record of each kind in RICH."""
        places, steps = len(self.with_it.place), self.with_it.period.steps
        return len(self.targets), 2 * places * -(-steps // 7), 2 * places * steps

    @property
    def summaries(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(f"{name} {k}" for name in ("outcome", "with", "without")
                     for k in range(2 if name == "outcome" else sum(self.widths)))  # fmt: skip

    @cached_property
    def fingerprint(self) -> str:
        """Digest of both scenarios, the effect, the targets and the seed."""
        seen = [(t.name, t.variable, t.rows, t.first, t.last, t.summary) for t in self.targets]
        return digest("pairs", *(one.resolved() for one in self.scenarios), self.effect, seen, self.seed)

    def simulate(self, values: Floats, first: int) -> Floats:
        """Rows (n, 2 + 2 records)."""
        kept = [run(one, self.seed, range(first, first + len(values)), {})[0] for one in self.scenarios]
        outcomes = np.stack([self._outcome(one) for one in kept], axis=1)
        records = [self._record(s, k, first) for s, k in zip(self.scenarios, kept, strict=True)]
        return np.concatenate([outcomes, *records], axis=1)

    def _outcome(self, kept: dict[str, NDArray[Any]]) -> Floats:
        period = self.with_it.period
        a, b = ((day - period.start).days // period.days_a_step for day in (self.effect.first, self.effect.last))
        daily = kept[self.effect.outcome][:, a : b + 1]
        made: Floats = np.log1p(daily.reshape(len(daily), -1).sum(axis=1, dtype=np.float64))
        return made

    def _record(self, scenario: Scenario, kept: dict[str, NDArray[Any]], first: int) -> Floats:
        published = Worlds(scenario, self.space, self.targets, self.seed).reduce(kept, first)
        events = np.stack([kept["place.turnout"] >= GATHERING, kept["place.deaths"]], axis=3).astype(np.float64)
        n, steps, places, _ = events.shape
        weeks = np.zeros((n, -(-steps // 7), places, 2))
        for week in range(weeks.shape[1]):
            weeks[:, week] = events[:, 7 * week : 7 * week + 7].sum(axis=1)
        return np.concatenate([published, np.log1p(weeks).reshape(n, -1), np.log1p(events).reshape(n, -1)], axis=1)


class Told(NamedTuple):
    """What one kind of record can tell: `recognised` of worlds with and without; and of unseen worlds with the effect
    the share found (`power`), of those without it the share found all the same (`false`), each of so many.

    `missed`: share of unseen worlds with the effect in which it is contradicted.
    """

    record: str
    recognised: tuple[float, float]
    power: float
    false: float
    missed: float
    present: int
    absent: int


class Answered(NamedTuple):
    """The answer of a record: votes for worlds with the mechanism, 90 % interval of the effect, verdict, why."""

    votes: float
    low: float
    high: float
    verdict: Verdict
    why: tuple[str, ...]


class Judge:
    """Two forests for one kind of record, grown on half of the pairs; a quarter gives power, a quarter error rates."""

    def __init__(self, pairs: Pairs, rows: Floats, kind: int, *, seed: int = 0, trees: int = 200) -> None:
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        self.effect, self.record = pairs.effect, RICH[kind]
        total, start = sum(pairs.widths), sum(pairs.widths[:kind])
        a, b = (rows[:, 2 + k * total + start :][:, : pairs.widths[kind]] for k in (0, 1))
        effects = rows[:, 0] - rows[:, 1]
        half, cut = len(rows) // 2, len(rows) * 3 // 4
        self._effects = effects[:half]
        self._which = RandomForestClassifier(n_estimators=trees, min_samples_leaf=3,
                                             random_state=state_of(seed, "causal/which"))  # fmt: skip
        self._which.fit(np.concatenate([a[:half], b[:half]]), np.repeat([1, 0], half))
        self._size = RandomForestRegressor(n_estimators=trees, min_samples_leaf=5, max_features="sqrt",
                                           random_state=state_of(seed, "causal/size"))  # fmt: skip
        self._size.fit(a[:half], self._effects)
        self._leaves = self._size.apply(a[:half])
        votes = [self._which.predict_proba(side[half:cut])[:, 1] for side in (a, b)]
        self.recognised = float((votes[0] > 0.5).mean()), float((votes[1] <= 0.5).mean())
        self.power: float | None = None
        real = effects * self.effect.sign > self.effect.smallest
        found = [one.verdict == "supported" for one in self.ask(a[half:cut])]
        there = real[half:cut]
        self.power = float(np.mean(np.array(found)[there])) if there.any() else None
        ends = [[one.verdict for one in self.ask(side[cut:])] for side in (a, b)]
        there = real[cut:]
        present = [word for word, yes in zip(ends[0], there, strict=True) if yes]
        absent = [*ends[1], *(word for word, yes in zip(ends[0], there, strict=True) if not yes)]
        self.told = Told(self.record, self.recognised, _share(present, "supported"), _share(absent, "supported"),
                         _share(present, "contradicted"), len(present), len(absent))  # fmt: skip

    def ask(self, records: Floats) -> list[Answered]:
        """The answers of records (n, width)."""
        from groundswell.inference.posterior import weighted_quantile

        votes = self._which.predict_proba(records)[:, 1]
        leaves = self._size.apply(records)
        made = []
        for vote, leaf in zip(votes, leaves, strict=True):
            same = self._leaves == leaf
            weights = (same / np.maximum(same.sum(axis=0), 1)).mean(axis=1)
            low, high = weighted_quantile(self._effects, weights / weights.sum(), (0.05, 0.95))
            made.append(self._answer(float(vote), float(low), float(high)))
        return made

    def _answer(self, vote: float, low: float, high: float) -> Answered:
        rule = Finding(low, high, self.effect.smallest, self.power, self.effect.sign)
        why = [f"only {share:.0%} of the worlds {name} it are recognised ({CLEAR:.0%} needed)"
               for name, share in zip(("with", "without"), self.recognised, strict=True) if share < CLEAR]  # fmt: skip
        if max(vote, 1 - vote) < CLEAR:
            why.append(f"the votes are split: {vote:.0%} for worlds with it")
        verdict: Verdict = rule.verdict
        if vote < 0.5:  # worlds without it: there is no effect to measure, so only power speaks against the claim
            verdict = "contradicted" if self.power is not None and self.power >= POWER else "cannot tell"
            if verdict == "cannot tell":
                why.append("a record like this would seldom show the effect where it is there")
        elif verdict == "cannot tell":
            why.append(rule.why)
        return Answered(vote, low, high, "cannot tell" if why else verdict, tuple(why))


def _share(words: list[Verdict], word: str) -> float:
    return words.count(word) / len(words) if words else float("nan")  # type: ignore[arg-type]
