"""Reporting: which model events would have been recorded, by whom, and when that was published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import Chance, at, binomial, chance_for, log, uniform
from groundswell.compiled import kernel
from groundswell.errors import GroundswellError, Problem
from groundswell.scenario.load import from_resolved
from groundswell.scenario.numbers import REPORTED
from groundswell.scenario.schema import Scenario
from groundswell.world.events import Events

if TYPE_CHECKING:
    import xarray as xr

MEASURES = {"deaths": ("place.deaths", "unit.deaths"), "injuries": ("place.injuries", "unit.injuries"),
            "arrests": ("place.arrests", "")}  # fmt: skip
DEFAULT = {key: 0.0 if key in ("half_size", "shutdown", "delay") else 1.0 for key in REPORTED}


@dataclass(frozen=True)
class Seen:
    """One reporter's numbers: `values[key]` has shape (replicates,) or (1,), keys as in `scenario.Reporter`."""

    name: str
    values: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    within: str = ""

    def __getitem__(self, key: str) -> NDArray[np.float64]:
        return self.values[key] if key in self.values else np.full(1, DEFAULT[key])


@dataclass(frozen=True)
class Reporting:
    """The reporters of a case. Without any, every model event counts as recorded, on its day, with its count.

    Real reporters miss events, small ones and those in a shutdown more often (Weidmann 2016, disputed in part by
    Hollenbach and Pierskalla 2017), and define death and injury differently (docs/concepts/glossary.md). The form is
    of the project: what is recorded of a count is binomial, so errors of one reporter on different days are
    independent, which is less scatter than real ones have.
    """

    reporters: tuple[Seen, ...] = ()

    @classmethod
    def of(cls, runs: xr.Dataset) -> Reporting:
        """The reporters of the case that made these runs, with the numbers that each replicate drew."""
        scenario = from_resolved(runs.attrs["scenario"])
        drawn: dict[str, NDArray[np.float64]] = {}
        if "guess_value" in runs:
            guesses = runs["guess_value"].transpose("replicate", "guess")
            drawn = {str(path): guesses.values[:, k] for k, path in enumerate(runs["guess"].values)}
        return cls.from_numbers(scenario, drawn)

    @classmethod
    def from_numbers(cls, scenario: Scenario, drawn: Mapping[str, NDArray[np.float64]]) -> Reporting:
        """The reporters of a scenario; `drawn[path]` (replicates,) takes the place of a number as written.

        Raises GroundswellError where a reporter is within one that is not there, or within itself.
        """
        found: dict[str, Seen] = {}
        left = dict(scenario.reporting)
        while left:
            ready = [name for name, r in left.items() if r.within is None or r.within in found]
            if not ready:
                name, others = next(iter(left)), ", ".join(sorted(set(scenario.reporting) - {next(iter(left))}))
                fault = f"'{left[name].within}' is no other reporter, or stands within this one"
                cure = f"name one of {others}, not in a circle" if others else "leave it out"
                raise GroundswellError(Problem("reporter-within", f"reporting.{name}.within", fault, cure))
            for name in ready:
                reporter = left.pop(name)
                values = {key: drawn.get(f"reporting.{name}.{key}", np.array([getattr(reporter, key).value]))
                          for key in REPORTED if key in reporter.model_fields_set}  # fmt: skip
                found[name] = Seen(name, values, reporter.within or "")
        return cls(tuple(found.values()))

    def counts(self, measure: str, happened: NDArray[Any], internet: NDArray[Any] | None, seed: int,
               first: int = 0) -> dict[str, NDArray[np.int64]]:  # fmt: skip
        """Reporter to counts by day of publication, (replicates, days, places), of what happened in that shape.

        `measure` is deaths, injuries or arrests; `internet` the working share, same shape, or None where it works.
        What would be published after the last day is left out. Addressed by (seed, reporter and measure, replicate,
        day x place), so that replicate k is the same alone or in a batch; `first` is the first replicate's number.
        """
        happened = np.ascontiguousarray(happened, dtype=np.int64)
        if not self.reporters:
            return {"": happened}
        on = np.ones(happened.shape) if internet is None else np.asarray(internet, dtype=np.float64)
        known: dict[str, NDArray[np.int64]] = {}
        day_of: dict[str, NDArray[np.int64]] = {}
        for seen in self.reporters:
            chance = chance_for(seed, f"reporting/{seen.name}/{measure}", 0, first)
            kept = np.zeros_like(happened)
            thin(day_of.get(seen.within, happened), _wide(seen[measure], happened), _wide(seen["shutdown"], happened),
                 on, chance, kept)  # fmt: skip
            day_of[seen.name] = kept
            known[seen.name] = np.zeros_like(happened)
            publish(kept, _wide(seen["delay"], happened), chance, known[seen.name])
        return known

    def crowds(self, turnout: NDArray[Any], internet: NDArray[Any] | None, seed: int,
               first: int = 0) -> dict[str, NDArray[np.int64]]:  # fmt: skip
        """Reporter to whether a crowd is recorded (1 or 0) of turnout (replicates, days, places), in persons.

        Addressed as `counts` is, with the measure `crowds`; delays do not move a crowd.
        """
        turnout = np.ascontiguousarray(turnout, dtype=np.int64)
        if not self.reporters:
            return {"": (turnout > 0).astype(np.int64)}
        on = np.ones(turnout.shape) if internet is None else np.asarray(internet, dtype=np.float64)
        found: dict[str, NDArray[np.int64]] = {}
        for seen in self.reporters:
            chance = chance_for(seed, f"reporting/{seen.name}/crowds", 0, first)
            there = np.where(found[seen.within] > 0, turnout, 0) if seen.within else turnout
            found[seen.name] = np.zeros_like(turnout)
            thin_crowds(there, _wide(seen["crowds"], turnout), _wide(seen["half_size"], turnout),
                        _wide(seen["shutdown"], turnout), on, chance, found[seen.name])  # fmt: skip
        return found

    def undelayed(self) -> Reporting:
        """The same reporters, who publish at once: for what is dated by when it happened."""
        at_once = {"delay": np.zeros(1)}
        return Reporting(tuple(Seen(one.name, {**one.values, **at_once}, one.within) for one in self.reporters))

    def filter(self, events: Events, chance: Chance) -> Events:
        """The events that are recorded, once for each reporter, who stands in `source`, with what it counts of them.

        Without reporters, all of them. Each event is addressed by its day, place, kind and actor. Shutdowns and
        delays are left to `counts`: an event table holds neither.
        """
        if not self.reporters or not len(events):
            return events
        columns = events.columns
        rows = np.array([_row(*key) for key in zip(columns["place"], columns["kind"], columns["actor"], strict=True)])
        days = columns["day"].astype("i8")
        parts: list[Events] = []
        made: dict[str, dict[str, NDArray[Any]]] = {}
        for k, seen in enumerate(self.reporters):
            counts = dict(made.get(seen.within, columns))
            replicate = np.maximum(columns["replicate"], 0)
            for slot, key in enumerate(("deaths", "injuries", "arrests")):
                names = ("deaths_low", "deaths_best", "deaths_high") if key == "deaths" else (key,)
                kept = np.zeros(len(events), np.int64)
                thin_events(counts[names[-1]].astype(np.int64), _each(seen[key], replicate), rows, days, replicate,
                            chance, np.int64(8 * k + slot), kept)  # fmt: skip
                counts |= dict.fromkeys(names, kept)
            size = columns["size"].astype(np.float64)
            half = _each(seen["half_size"], replicate)
            share = _each(seen["crowds"], replicate) * np.where(half > 0, size / np.maximum(size + half, 1e-9), 1.0)
            there, one = np.zeros(len(events), np.int64), np.ones(len(events), np.int64)
            thin_events(one, share, rows, days, replicate, chance, np.int64(8 * k + 7), there)
            crowd = np.where((there > 0) & (counts["size"] > 0), columns["size"], 0)
            made[seen.name] = {**counts, "size": crowd}
            kept_at = (crowd > 0) | (counts["deaths_high"] > 0) | (counts["injuries"] > 0) | (counts["arrests"] > 0)
            source = np.full(len(events), seen.name, object)
            parts.append(Events({**made[seen.name], "source": source}).where(kept_at))
        return Events({name: np.concatenate([part.columns[name] for part in parts]) for name in columns})

    def describe(self) -> str:
        """One sentence for the report."""
        if not self.reporters:
            return "Reporting is the identity: every model event counts as recorded, on its day, with its count."
        names = ", ".join(
            f"{seen.name} (within {seen.within})" if seen.within else seen.name for seen in self.reporters
        )
        return f"Model events are recorded by {names}, each with its own chances, losses in shutdowns and delays."


def recorded(runs: xr.Dataset) -> dict[str, dict[str, NDArray[np.int64]]]:
    """Measure to reporter to counts by day of publication and place (replicates, days, places), for a case's runs.

    Needs place.deaths, place.injuries or place.arrests at every step; loss in shutdowns needs place.internet there too.
    """
    reporting, seed = Reporting.of(runs), int(runs.attrs["seed"])
    daily = {name for name in runs.data_vars if runs[name].dims[1:2] == ("time",)}
    internet = runs["place.internet"].values if "place.internet" in daily else None
    found = {}
    for measure, (column, _) in MEASURES.items():
        if column in daily:
            first = int(runs["replicate"].values[0]) if runs.sizes["replicate"] else 0
            found[measure] = reporting.counts(measure, runs[column].values, internet, seed, first)
    return found


def _wide(values: NDArray[np.float64], like: NDArray[Any]) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.broadcast_to(values, (like.shape[0],)))


def _each(values: NDArray[np.float64], replicate: NDArray[Any]) -> NDArray[np.float64]:
    return np.full(len(replicate), values[0]) if len(values) == 1 else values[replicate]


def _row(*key: str) -> int:
    return int.from_bytes(hashlib.blake2b(json.dumps(key).encode(), digest_size=4).digest(), "little")


@kernel
def thin(counts, share, shutdown, internet, chance, out):
    """out[r, t, p] = Binomial(counts[r, t, p], share[r] (1 - shutdown[r] (1 - internet[r, t, p]))).

    Drawn at row t x places + p, slot 0.
    """
    for r in range(counts.shape[0]):
        luck = at(chance, r)
        for t in range(counts.shape[1]):
            for p in range(counts.shape[2]):
                q = share[r] * (1.0 - shutdown[r] * (1.0 - internet[r, t, p]))
                out[r, t, p] = binomial(luck, t * counts.shape[2] + p, 0, counts[r, t, p], q)


@kernel
def thin_crowds(turnout, share, half, shutdown, internet, chance, out):
    """out[r, t, p] = 1 with the chance share[r] n / (n + half[r]) (1 - shutdown[r] (1 - internet[r, t, p])).

    n is turnout[r, t, p]. Drawn at row t x places + p, slot 0.
    """
    for r in range(turnout.shape[0]):
        luck = at(chance, r)
        for t in range(turnout.shape[1]):
            for p in range(turnout.shape[2]):
                n = float(turnout[r, t, p])
                if n > 0.0:
                    q = share[r] * n / (n + half[r]) * (1.0 - shutdown[r] * (1.0 - internet[r, t, p]))
                    out[r, t, p] = uniform(luck, t * turnout.shape[2] + p, 0) < q


@kernel
def publish(counts, delay, chance, out):
    """Each day's count of a place appears together, d days later: out[r, t + d, p] += counts[r, t, p].

    d is geometric from 0 with mean delay[r]: floor(log u / log(delay / (1 + delay))), u at row t x places + p, slot 1.
    What appears after the last day is lost.
    """
    days = counts.shape[1]
    for r in range(counts.shape[0]):
        luck = at(chance, r)
        for t in range(days):
            for p in range(counts.shape[2]):
                if counts[r, t, p] == 0:
                    continue
                d = 0
                if delay[r] > 0.0:
                    u = uniform(luck, t * counts.shape[2] + p, 1)
                    d = int(min(log(u) / log(delay[r] / (1.0 + delay[r])), float(days)))
                if t + d < days:
                    out[r, t + d, p] += counts[r, t, p]


@kernel
def thin_events(counts, share, row, day, replicate, chance, slot, out):
    """out[e] = Binomial(counts[e], share[e]), drawn at (row[e], step day[e], replicate[e], slot)."""
    for e in range(counts.size):
        luck = Chance(chance.key_low, chance.key_high, np.uint64(day[e]), np.uint64(replicate[e]))
        out[e] = binomial(luck, row[e], slot, counts[e], share[e])
