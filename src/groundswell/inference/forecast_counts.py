"""Forecasts of a case's published total: a dozen numbers, so the baselines are hard to beat, and it says so.

The target is the number of deaths since the campaign began, as published. Only counts published by the day are used,
and only dated facts known by then enter the simulator (a dated input without a fact is known on its first day).
Reporters differ in what they count; their totals are taken as one series, which never falls: where a later one is
lower, the higher stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from groundswell.chance import chance_for, poisson
from groundswell.inference.forecast import BASELINE, Scored, refuse
from groundswell.inference.panel import Integers
from groundswell.inference.panel_draws import gamma
from groundswell.inference.scores import BLOCKS, Contrast, contrast, covered, crps, ignorance, interval_score

if TYPE_CHECKING:
    from groundswell.scenario.schema import Scenario

NEAREST = 0.2  # of simulated histories, those nearest to the last published total; guess: a fifth
SIMULATED = 100


class Point(NamedTuple):
    """A published total: up to which day, how many, and when it became known."""

    day: dt.date
    total: int
    known: dt.date


@dataclass(frozen=True)
class Totals:
    """Draws (horizon day, draw) of a total for each forecaster, with what was known, and scores on earlier points."""

    title: str
    measure: str
    until: dt.date
    known: tuple[Point, ...]
    later: tuple[Point, ...]
    draws: Mapping[str, Integers]
    scores: tuple[Scored, ...]

    def words(self) -> tuple[str, ...]:
        """What can be said of the forecasters."""
        origins = self.scores[0].against.blocks if self.scores else 0
        said = [f"{len(self.known)} published totals were known on {self.until}; from {origins} earlier days of "
                "publication the next total was scored."]  # fmt: skip
        if origins < BLOCKS:
            said[0] += " That is too few to say that any forecaster is better."
        for one in self.scores:
            if one.name != BASELINE:
                said.append(f"{one.name}: CRPS {one.crps:.3g}, last value {self.scores[0].crps:.3g} deaths; "
                            f"{one.against.says}.")  # fmt: skip
        return tuple(said)


def points_of(scenario: Scenario, measure: str, end: dt.date) -> tuple[Point, ...]:
    """The case's published national totals since its first day, by when they became known.

    The first day is that of the totals known on `end`. Raises GroundswellError where there are none by then.
    """
    rows = [
        c for c in scenario.count if c.measure == measure and c.cumulative and c.place == "national" and c.published
    ]
    if not rows:
        known = sorted({c.measure for c in scenario.count})
        raise refuse(
            scenario.name,
            f"has no published national totals of '{measure}'",
            f"it counts {', '.join(known) or 'nothing'}",
        )
    starts = [c.window_start for c in rows if c.published is not None and c.published <= end]
    if not starts:
        first = min(c.published for c in rows if c.published is not None)
        raise refuse("--until", f"nothing was published by {end}; the first total is of {first}", "a later day")
    made = [(c.window_start, Point(c.window_end, int(c.value), c.published)) for c in rows if c.published is not None]
    return tuple(sorted((p for start, p in made if start == min(starts)), key=lambda point: (point.known, point.day)))


def start_of(scenario: Scenario, measure: str, end: dt.date) -> dt.date:
    """The first day of the totals known on `end`."""
    return min(c.window_start for c in scenario.count if c.measure == measure and c.cumulative
               and c.place == "national" and c.published is not None and c.published <= end)  # fmt: skip


def rising(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Totals in the order of their days that do not fall: the highest so far stands."""
    made: list[Point] = []
    for point in sorted(points, key=lambda one: (one.day, one.total)):
        total = max(point.total, made[-1].total if made else 0)
        if made and made[-1].day == point.day:
            made.pop()
        made.append(point._replace(total=total))
    return tuple(made)


def rate_of(known: tuple[Point, ...], start: dt.date) -> tuple[float, float]:
    """Deaths a day between the last two totals, and since the start."""
    last = known[-1]
    before = known[-2] if len(known) > 1 else Point(start - dt.timedelta(1), 0, start)
    late = (last.total - before.total) / max((last.day - before.day).days, 1)
    return late, last.total / max((last.day - start).days + 1, 1)


def baselines(known: tuple[Point, ...], start: dt.date, days: Integers, draws: int, seed: int) -> dict[str, Integers]:
    """Draws of the total so many days after the last published day, for each baseline.

    last value: nobody more; linear growth: Poisson at the rate between the last two totals; negative binomial: the rate
    since the start, times a gamma number of mean 1 whose shape is the number of totals known (few totals, wide).
    """
    last = known[-1]
    late, whole = rate_of(known, start)
    made = {BASELINE: np.full((len(days), draws), last.total, np.int64)}
    for name, rate, shape in (("linear growth", late, 0.0), ("negative binomial", whole, float(len(known)))):
        total = np.empty((len(days), draws), np.int64)
        for d in range(draws):
            where = chance_for(seed, f"forecast totals/{name}/{last.day}", 0, d)
            factor = gamma(where, 0, 1, shape) / shape if shape else 1.0
            held, gone = last.total, 0
            for k, day in enumerate(days):
                held += int(poisson(where, k + 1, 0, rate * factor * max(int(day) - gone, 0)))
                gone = max(gone, int(day))
                total[k, d] = held
        made[name] = total
    return made


def simulated(scenario: Scenario, known_by: dt.date, replicates: int, seed: int, progress: Any) -> Any:
    """Deaths since the start (replicate, day) of the case blind to what was known later, and its first day."""
    import groundswell

    plain = (
        scenario.under(next(iter(scenario.explanation))) if scenario.explanation and not scenario.chosen else scenario
    )
    shocks = {name: shock for name, shock in plain.shock.items()
              if (plain.anchor[shock.anchor].known_on if shock.anchor else shock.at) <= known_by}  # fmt: skip
    plain = plain.model_copy(update={"shock": shocks, "record": ("unit.deaths",), "record_weekly": ()})
    runs = groundswell.simulate(plain, replicates=replicates, seed=seed, progress=progress)
    return runs["unit.deaths"].values.sum(2).cumsum(1), plain.period.start


def continued(
    deaths: Any, first: dt.date, start: dt.date, known: tuple[Point, ...], days: Integers, draws: int
) -> Integers:
    """Draws of the total by the simulated histories nearest to the last published total, each used equally often."""
    last = known[-1]

    def by(day: Any) -> Any:
        """Deaths up to a day after the first of the run; 0 before it."""
        column = deaths[:, np.clip(day, 0, deaths.shape[1] - 1)]
        return np.where(np.asarray(day) < 0, 0, column)

    at = (last.day - first).days
    held = by(at) - by((start - first).days - 1)
    near = np.argsort(np.abs(held - last.total), kind="stable")[: max(2, round(NEAREST * len(held)))]
    more = (by(at + days) - by(np.array([at])))[near]
    made: Integers = last.total + more[np.arange(draws) % len(near)].T.astype(np.int64)
    return made


def forecast_totals(
    scenario: Scenario, until: str, *, horizon: int = 14, measure: str = "deaths", draws: int = 1000, seed: int = 0,
    simulate: int = SIMULATED, progress: Callable[[int, int], None] | None = None,
) -> Totals:  # fmt: skip
    """Forecast a case's published total `horizon` days after `until`, and score each forecaster on earlier totals.

    An earlier total is an origin once it is published; it is scored on the next published one. `simulate` is how many
    histories of the case are simulated (0: none). Raises GroundswellError where nothing was published by `until`.
    """
    try:
        end = dt.date.fromisoformat(until)
    except ValueError:
        raise refuse("--until", f"{until!r} is no date", "write it as 2019-11-05") from None
    if not 1 <= horizon <= 365 or not 10 <= draws <= 100_000:
        raise refuse("--horizon or --draws", f"are {horizon} and {draws}", "1 to 365 days and 10 to 100,000 draws")
    points = points_of(scenario, measure, end)
    known = rising(tuple(point for point in points if point.known <= end))
    start = start_of(scenario, measure, end)
    origins = scored_origins(points, end)
    deaths, first = (None, start)
    if simulate and measure == "deaths":
        if end + dt.timedelta(horizon) > scenario.period.end:
            raise refuse("--horizon", f"{horizon} days after {until} are beyond {scenario.period.end}, the last day of "
                         "the case", "fewer days, or --simulate 0")  # fmt: skip
        deaths, first = simulated(scenario, origins[0][0][-1].known if origins else end, simulate, seed, progress)

    def every(held: tuple[Point, ...], days: Integers) -> dict[str, Integers]:
        made = baselines(held, start, days, draws, seed)
        if deaths is not None:
            made["simulator"] = continued(deaths, first, start, held, days, draws)
        return made

    gap = (end - known[-1].day).days
    made = every(known, np.arange(gap + 1, gap + horizon + 1))
    losses: dict[str, list[tuple[float, ...]]] = {name: [] for name in made}
    for held, target in origins:
        for name, sums in every(held, np.array([(target.day - held[-1].day).days])).items():
            one = (target.total, sums[0])
            losses[name].append(tuple(float(f(*one)) for f in (crps, ignorance, interval_score, covered)))
    later = tuple(point for point in points if point.known > end)
    return Totals(scenario.title, measure, end, known, later, made, _scores(losses, seed) if origins else ())


def scored_origins(points: tuple[Point, ...], end: dt.date) -> list[tuple[tuple[Point, ...], Point]]:
    """What was known on each earlier day of publication, and the next total of a later day, published by `end`."""
    made = []
    for k in range(len(points)):
        if k + 1 < len(points) and points[k + 1].known == points[k].known:
            continue  # the others of that day are known too
        held = rising(points[: k + 1])
        nexts = [p for p in points[k + 1 :] if p.known <= end and p.day > held[-1].day and p.known > points[k].known]
        if nexts and points[k].known <= end:
            made.append((held, nexts[0]))
    return made


def _scores(losses: Mapping[str, list[tuple[float, ...]]], seed: int) -> tuple[Scored, ...]:
    base = [one[0] for one in losses[BASELINE]]
    made = []
    for name, rows in losses.items():
        crps_, ign, mis, held = (float(mean) for mean in np.mean(rows, axis=0))
        against = contrast([row[0] for row in rows], base, seed=seed, name=f"contrast/{name}")
        made.append(Scored(name, crps_, ign, mis, held, crps_, Contrast(*against)))
    return tuple(made)
