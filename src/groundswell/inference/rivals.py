"""Where rival explanations differ before any fit, and whether data at hand could tell them apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from groundswell.engine.ensemble import simulate
from groundswell.errors import Problem, ScenarioError, nearest
from groundswell.scenario.change import fitting
from groundswell.scenario.numbers import guesses
from groundswell.scenario.schema import Scenario

Series = NDArray[np.float64]
APART = 0.7  # of pairs of replicates in the right order: the same bar as for telling models apart (science of the case)
COLUMNS = {"deaths": "place.deaths", "injured": "place.injuries", "arrested": "place.arrests"}
NEEDED = ("place.turnout", *COLUMNS.values())


@dataclass(frozen=True)
class Rival:
    """One explanation, simulated: daily totals and what could be seen of each replicate.

    `daily` holds turnout, deaths, injured and arrested over all places (replicates, days). `at_hand` holds numbers
    that published counts give (replicates,), `beyond` those that would take turnout by place and day.
    """

    name: str
    title: str
    guesses: int
    daily: dict[str, Series]
    at_hand: dict[str, Series] = field(default_factory=dict)
    beyond: dict[str, Series] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Two rivals, and the observable of each kind that orders their replicates best, with how often it does."""

    first: str
    second: str
    at_hand: tuple[str, float]
    beyond: tuple[str, float]


def prior_predictives(
    scenario: Scenario,
    *,
    names: tuple[str, ...] = (),
    replicates: int = 100,
    seed: int = 0,
    people: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Rival]:
    """Simulate every explanation of a case (or those named) with the same seed, and so the same draws of guesses.

    Raises ScenarioError where the case has no such explanation, or fewer than two.
    """
    chosen = names or tuple(scenario.explanation)
    known = scenario.explanation
    wrong = [Problem("explanation-unknown", f"explanation.{name}", "is not one of this case", nearest(name, known))
             for name in chosen if name not in known]  # fmt: skip
    if wrong or len(chosen) < 2:
        raise ScenarioError(wrong or Problem("rivals", scenario.name, "has fewer than two explanations to set side by "
                                             "side", "add [explanation.name] to the case"))  # fmt: skip
    found = []
    for k, name in enumerate(chosen):
        rival = fitting(scenario.under(name).model_copy(update={"record": NEEDED, "record_weekly": ()}))
        if people is not None:
            rival = rival.changed(set={"people": people})
        found.append(_simulated(rival, name, replicates, seed))
        if progress:
            progress(k + 1, len(chosen))
    return found


def pairs(rivals: list[Rival]) -> list[Pair]:
    """Every two rivals, in their order."""
    return [
        Pair(one.name, two.name, best(one.at_hand, two.at_hand), best(one.beyond, two.beyond))
        for one, two in combinations(rivals, 2)
    ]


def best(one: dict[str, Series], two: dict[str, Series]) -> tuple[str, float]:
    """The observable that orders two sets of replicates most often, and how often: 0.5 is by luck alone."""
    found = [(name, ordering(one[name], two[name])) for name in one if name in two]
    return max(found, key=lambda pair: pair[1], default=("none", 0.5))


def ordering(one: Series, two: Series) -> float:
    """The chance that a replicate of one lies on its side of a replicate of the other (AUC, at least 0.5)."""
    above = (one[:, None] > two[None, :]).mean() + 0.5 * (one[:, None] == two[None, :]).mean()
    return float(max(above, 1 - above))


def _simulated(rival: Scenario, name: str, replicates: int, seed: int) -> Rival:
    runs = simulate(rival, replicates=replicates, seed=seed)
    places = {measure: runs[column].values.astype(np.float64) for measure, column in COLUMNS.items() if column in runs}
    crowd = runs["place.turnout"].values.astype(np.float64)
    daily = {"turnout": crowd.sum(2), **{measure: values.sum(2) for measure, values in places.items()}}
    title = rival.explanation[name].title or name
    return Rival(name, title, len(guesses(rival)), daily, _published(rival, daily), by_place(crowd))


def _published(rival: Scenario, daily: dict[str, Series]) -> dict[str, Series]:
    """Totals on the days for which someone published a national total; every model event counts as recorded."""
    found = {}
    for count in rival.count:
        day = (count.window_end - rival.period.start) // dt.timedelta(days=1)
        if count.place == "national" and count.cumulative and count.measure in daily and 0 <= day < rival.period.steps:
            first = max(0, (count.window_start - rival.period.start) // dt.timedelta(days=1))
            found[f"{count.measure} by {count.window_end}"] = daily[count.measure][:, first : day + 1].sum(1)
    return found


def by_place(crowd: Series) -> dict[str, Series]:
    """What turnout by place and day (replicates, days, places) would show: observables (replicates,) by name."""
    total = crowd.sum((1, 2))
    share = crowd.sum(1) / np.maximum(total, 1)[:, None]
    day = np.arange(crowd.shape[1])
    active = crowd > 0.1 * crowd.max(1, keepdims=True)
    first = np.where(active.any(1), active.argmax(1), crowd.shape[1])
    centre = (crowd * day[None, :, None]).sum(1) / np.maximum(crowd.sum(1), 1)
    level = np.log1p(crowd)
    same = correlation(level, level, 0)
    return {
        "people on the street, all days": total,
        "people on the street, most in a day": crowd.sum(2).max(1),
        "spread over places (entropy)": -(share * np.log(np.maximum(share, 1e-300))).sum(1),
        "days between places' first days (sd)": first.std(1),
        "days between places' middles (sd)": centre.std(1),
        "places move together, same day": same,
        "places follow others, three days later": correlation(level, level, 3) - same,
    }


def correlation(lead: Series, follow: Series, lag: int) -> Series:
    """Mean over places of the correlation of a place with the mean of the others, `lag` days earlier."""
    days = lead.shape[1]
    if days <= lag + 2 or lead.shape[2] < 2:
        return np.zeros(len(lead))
    others = (lead.sum(2, keepdims=True) - lead) / (lead.shape[2] - 1)
    a, b = others[:, : days - lag], follow[:, lag:]
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    scale = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.asarray(np.where(scale > 0, (a * b).sum(1) / np.maximum(scale, 1e-300), 0.0).mean(1))
