"""What the model is held against: numbers over windows of days and areas, each known on a day, fitted or held out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from groundswell.errors import GroundswellError, Problem, ScenarioError
from groundswell.evidence.counts import NATIONAL, Counts, counts_of
from groundswell.evidence.increments import increments
from groundswell.evidence.sources import SOURCES
from groundswell.inference.space import Floats
from groundswell.scenario.change import fitting
from groundswell.scenario.schema import Scenario
from groundswell.world.events import Events

# What a published measure is held against; the model knows deaths and injuries by the forces only.
VARIABLES = {"deaths": "place.deaths", "protester_deaths": "place.deaths", "injured": "place.injuries",
             "injuries": "place.injuries", "arrested": "place.arrests", "arrests": "place.arrests"}  # fmt: skip
CROWDS = "crowds"  # of place-days with a crowd: an event table counts events, a model persons
HARM = ("place.deaths", "place.injuries", "place.arrests")
Day = dt.date


@dataclass(frozen=True)
class Target:
    """A number seen over a window of days (both included) and some places: `rows` are places in file order.

    `variable` is a column of places, summed, or `crowds`, the place-days on which there was one. A summary is
    log(1 + number). `known` is the day on which it was published. `words` says how it was worded, `reporter` who said
    it. `dated` says whether the window is that of publication, as of a toll up to a day, or of the events.
    """

    name: str
    variable: str
    rows: tuple[int, ...]
    first: Day
    last: Day
    seen: float
    known: Day
    words: str = ""
    reporter: str = ""
    dated: Literal["published", "happened"] = "published"

    @property
    def summary(self) -> float:
        """log(1 + number seen)."""
        return float(np.log1p(self.seen))


@dataclass(frozen=True)
class Evidence:
    """Targets to fit, patterns known by then that are not fitted, and later ones; and what was left out, with why."""

    fitted: tuple[Target, ...]
    patterns: tuple[Target, ...]
    later: tuple[Target, ...]
    until: Day
    left: tuple[str, ...] = ()

    def observed(self, targets: Sequence[Target] | None = None) -> Floats:
        """Summaries (s,) of the fitted targets, or of others."""
        return np.array([target.summary for target in (self.fitted if targets is None else targets)])


def from_counts(
    scenario: Scenario, until: Day, *, reporters: Sequence[str] = (), horizon: Day | None = None
) -> Evidence:
    """Published counts of a case: the country's increments and windows known by `until` are fitted, those of single
    places known by then are patterns not fitted, and what was published after is held out.

    Cumulative totals become increments of one reporter at a time, so that a total does not count twice. An increment
    is known when its later total is. Later targets come from totals on both sides of `until`, and end by `horizon`.
    """
    counts = counts_of(scenario)
    if reporters:
        unknown = [name for name in reporters if name not in counts.reporters]
        if unknown:
            cure = f"known are: {', '.join(counts.reporters)}"
            raise GroundswellError([Problem("reporter-unknown", n, "reports nothing here", cure) for n in unknown])
        counts = counts.where(lambda row: row.reporter in reporters)
    end = min(horizon or scenario.period.end, scenario.period.end)
    left: list[str] = [f"{row.measure} of {row.reporter}: no day of publication" for row in counts.undated]
    now = list(_targets(scenario, counts.known_on(until), left))
    known = {(target.name, target.known) for target in now}
    later = [target for target in _targets(scenario, counts.known_on(Day.max), [])
             if target.known > until and target.last <= end and (target.name, target.known) not in known]  # fmt: skip
    places = range(len(scenario.place))
    fitted = [target for target in now if target.rows == tuple(places)]
    return _checked(Evidence(tuple(fitted), tuple(t for t in now if t not in fitted), tuple(later), until,
                             tuple(dict.fromkeys(left))))  # fmt: skip


def _targets(scenario: Scenario, counts: Counts, left: list[str]) -> list[Target]:
    made = []
    for inc in increments(counts):
        if inc.value is None or inc.known is None:
            left.append(f"{inc.measure} of {inc.reporter}, {inc.first} to {inc.last}: {'; '.join(inc.flags)}")
            continue
        made.append((inc.place, inc.measure, inc.reporter, inc.first, inc.last, inc.value, inc.known,
                     inc.after.qualifier))  # fmt: skip
    made += [(row.place, row.measure, row.reporter, row.window_start, row.window_end, row.value, row.published,
              row.qualifier) for row in counts if not row.cumulative and row.published is not None]  # fmt: skip
    found = []
    places = list(scenario.place)
    for place, measure, reporter, first, last, value, known, words in made:
        variable = VARIABLES.get(measure)
        rows = tuple(range(len(places))) if place == NATIONAL else (places.index(place),) if place in places else None
        inside = scenario.period.start <= first and last <= scenario.period.end
        if variable is None or rows is None or not inside:
            why = "no such measure" if variable is None else "no such place" if rows is None else "outside the period"
            left.append(f"{measure}, {place}, {first} to {last}, {reporter}: {why} in the model")
            continue
        name = f"{measure}, {place}, {first} to {last}, {reporter}"
        found.append(Target(name, variable, rows, first, last, float(value), known, words, reporter))
    twice: dict[str, int] = {}
    for k, target in enumerate(found):
        twice[target.name] = twice.get(target.name, 0) + 1
        if twice[target.name] > 1:
            found[k] = replace(target, name=f"{target.name} ({twice[target.name]})")
    return found


def from_events(scenario: Scenario, events: Events, until: Day, *, measure: str = "deaths", days: int = 7,
                horizon: Day | None = None) -> Evidence:  # fmt: skip
    """Events by place and day: the country's totals of each week and each place's total until `until` are fitted.

    `measure` is deaths, injuries, arrests or crowds (place-days with an event). An event is taken as known on its day,
    which its source may not have been: `until` then means the day of the event. Weeks after `until` are held out;
    each place's first half against its whole is the pattern not fitted.
    """
    columns = {"deaths": "deaths_best", "injuries": "injuries", "arrests": "arrests", CROWDS: ""}
    if measure not in columns:
        raise GroundswellError(Problem("measure", measure, "is none that events and the model share",
                                       f"known are: {', '.join(columns)}"))  # fmt: skip
    _countable(events, measure)
    places, start = list(scenario.place), scenario.period.start
    end = min(horizon or scenario.period.end, scenario.period.end)
    known_end = min(until, end)
    grid = np.zeros((len(places), (end - start).days + 1))
    at = {name: k for k, name in enumerate(places)}
    outside = 0
    day = events.columns["day"].astype("datetime64[D]").astype(np.int64) - (start - Day(1970, 1, 1)).days
    weight = np.ones(len(events)) if measure == CROWDS else events.columns[columns[measure]].astype(np.float64)
    for place, d, w in zip(events.columns["place"], day, weight, strict=True):
        if place in at and 0 <= d < grid.shape[1]:
            grid[at[place], d] += w
        else:
            outside += 1
    if outside == len(events):
        what = f"{places[0]}, ..., {places[-1]}, {start} to {end}"
        raise GroundswellError(Problem("events-elsewhere", "events", f"none of {len(events)} lies in a place and on a "
                                       f"day of the case ({what})", "give events of these"))  # fmt: skip
    if measure == CROWDS:
        grid = (grid > 0).astype(np.float64)
    variable = CROWDS if measure == CROWDS else f"place.{measure}"
    every = tuple(range(len(places)))
    sources = sorted(set(map(str, events.columns["source"])))
    reporter = sources[0] if len(sources) == 1 else ""  # a sum over several says nothing of who left out what

    def target(name: str, rows: tuple[int, ...], first: Day, last: Day) -> Target:
        a, b = (first - start).days, (last - start).days + 1
        seen = float(grid[list(rows), a:b].sum())
        text = f"{measure}, {name}, {first} to {last}"
        return Target(text, variable, rows, first, last, seen, last, reporter=reporter, dated="happened")

    weeks = [start + dt.timedelta(k) for k in range(0, (end - start).days + 1, days)]
    spans = [(first, min(first + dt.timedelta(days - 1), end)) for first in weeks]
    middle = start + dt.timedelta((known_end - start).days // 2)
    fitted = [target(NATIONAL, every, a, b) for a, b in spans if b <= known_end]
    fitted += [target(name, (k,), start, known_end) for k, name in enumerate(places)]
    patterns = [target(name, (k,), start, middle) for k, name in enumerate(places)]
    later = [target(NATIONAL, every, a, b) for a, b in spans if a > known_end]
    left = (f"{len(events) - outside} of {len(events)} events lie in the places and days of the case.",)
    return _checked(Evidence(tuple(fitted), tuple(patterns), tuple(later), until, left))


def _countable(events: Events, measure: str) -> None:
    """Refuse events of several replicates, and a measure that a source does not count: nobody counted is not none."""
    many = np.unique(events.columns["replicate"])
    if len(many) > 1:
        raise GroundswellError(Problem("events-replicates", "events", f"hold {len(many)} replicates of a run",
                                       "give those of one: a run with --replicates 1"))  # fmt: skip
    for name in sorted(set(map(str, events.columns["source"]))):
        source = SOURCES.get(name)
        if source is not None and measure != CROWDS and measure not in source.counts:
            raise GroundswellError(Problem("measure-uncounted", name, f"counts no {measure}",
                                           f"it counts: {', '.join((*source.counts, CROWDS))}"))  # fmt: skip


def _checked(evidence: Evidence) -> Evidence:
    if not evidence.fitted:
        raise GroundswellError(Problem("nothing-known", f"--until {evidence.until}", "leaves nothing to fit",
                                       "give a later day, or --events where the case has no counts"))  # fmt: skip
    late = [target.name for target in (*evidence.fitted, *evidence.patterns) if target.known > evidence.until]
    if late:
        raise GroundswellError([Problem("known-later", name, f"was not known on {evidence.until}", "leave it out")
                                for name in late])  # fmt: skip
    return evidence


def refuse_later(scenario: Scenario, until: Day) -> None:
    """Raise ScenarioError where the case is given a dated fact, up to `until`, that became known only after."""
    late = []
    for name, shock in scenario.shock.items():
        anchor = scenario.anchor.get(shock.anchor or "")
        if anchor is not None and shock.at <= until < anchor.known_on:
            fault = f"rests on {shock.anchor}, known on {anchor.known_on}, after {until}"
            cure = f"take an explanation that is not given it, drop it, or fit --until {anchor.known_on}"
            late.append(Problem("known-later", f"shock.{name}", fault, cure))
    if late:
        raise ScenarioError(late)


def without_later(scenario: Scenario, until: Day) -> Scenario:
    """The case without dated facts that became known after a day: what is scored after it must not be told of them."""
    late = {name for name, anchor in scenario.anchor.items() if anchor.known_on > until}
    kept = {name: shock for name, shock in scenario.shock.items() if shock.anchor not in late}
    return fitting(scenario.model_copy(update={"shock": kept}))
