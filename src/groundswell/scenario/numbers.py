"""Every number of a scenario by its path: value, source, and how a guess is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import chance_for
from groundswell.errors import Problem, ScenarioError, nearest
from groundswell.mechanisms.base import find, parameters, registry
from groundswell.quantiles import NODES, fill_beta, fill_quantiles, fill_uniforms
from groundswell.scenario.schema import ByDistribution, ByGroup, Distribution, Prior, Quantity, Scenario
from groundswell.world.fields import FIELDS

REPORTED: dict[str, tuple[str, float | None, str]] = {
    "deaths": ("probability", 1.0, "that a death is recorded"),
    "injuries": ("probability", 1.0, "that an injury is recorded"),
    "arrests": ("probability", 1.0, "that an arrest is recorded"),
    "crowds": ("probability", 1.0, "that a very large crowd is recorded"),
    "half_size": ("persons", None, "size at which a crowd is recorded half as often"),
    "shutdown": ("share", 1.0, "of records lost where the internet is off"),
    "delay": ("days", None, "mean time to publication"),
}
KINDS = ("uniform", "loguniform", "normal", "beta")  # of a prior, as `fill_quantiles` numbers them
TABLES_OF_ROWS = ("country", "place", "actor", "unit", "site")


@dataclass(frozen=True)
class Entry:
    """One number: `prior` is set where it is a guess, `low` and `high` are inclusive limits."""

    path: str
    value: float
    source: str
    prior: Prior | None
    unit: str = ""
    low: float | None = None
    high: float | None = None
    doc: str = ""


def quantities(scenario: Scenario) -> dict[str, Entry]:
    """All numbers of the scenario by path: table cells, shares, traits, shocks and mechanism parameters.

    Raises ScenarioError where `[prior]` names a path that does not exist.
    """
    parts = (_tables, _communities, _traits, _shocks, _reporters, _mechanisms)
    found = {entry.path: entry for part in parts for entry in part(scenario)}
    for path, prior in scenario.prior.items():
        if path not in found:
            raise ScenarioError(
                Problem("prior-path", f"prior.{path}", "names no number of this scenario", nearest(path, found))
            )
        found[path] = _replace(found[path], prior)
    return found


def guesses(scenario: Scenario) -> tuple[Entry, ...]:
    """The numbers that are guesses, by path in alphabetical order."""
    return tuple(entry for _, entry in sorted(quantities(scenario).items()) if entry.prior is not None)


class Numbers:
    """The numbers of a stack of replicates: `numbers[path]` has shape (replicates,), float64."""

    def __init__(self, values: dict[str, NDArray[np.float64]], drawn: tuple[str, ...], replicates: int) -> None:
        self._values = values
        self.drawn = drawn
        self.replicates = replicates

    def __getitem__(self, path: str) -> NDArray[np.float64]:
        return self._values[path]

    def __contains__(self, path: str) -> bool:
        return path in self._values


Given = Mapping[str, NDArray[np.float64]]  # path to one value a replicate, (replicates,)


def draw(scenario: Scenario, seed: int, replicates: Sequence[int], given: Given | None = None) -> Numbers:
    """Each guess drawn once a replicate, from its own address; all else, and all at default, as written.

    `given` guesses are taken as they are: `given[path]` has shape (replicates,). See `check_given`.
    """
    given = given or {}
    numbered, shares = np.array(replicates, dtype=np.int64), np.empty(len(replicates))
    values: dict[str, NDArray[np.float64]] = {}
    drawn = []
    for path, entry in sorted(quantities(scenario).items()):
        values[path] = np.full(len(replicates), entry.value)
        if entry.prior is None:
            continue
        drawn.append(path)
        if path in given:
            values[path][:] = given[path]
        elif not scenario.at_default:
            fill_uniforms(chance_for(seed, f"prior/{drawn_as(path)}"), numbered, shares)
            values[path][:] = quantiles(entry, shares)
    return Numbers(values, tuple(drawn), len(replicates))


def check_given(scenario: Scenario, given: Given, replicates: int) -> None:
    """Raise ScenarioError where `given` names no guess, or lacks one finite value a replicate within its limits."""
    known = {entry.path: entry for entry in guesses(scenario)}
    wrong = []
    for path, values in given.items():
        held = np.asarray(values, dtype=np.float64)
        if path not in known:
            wrong.append(Problem("given-path", path, "is no guess of this case", nearest(path, known)))
        elif held.shape != (replicates,):
            fault = f"has shape {held.shape} for {replicates} replicates"
            wrong.append(Problem("given-shape", path, fault, "give one value a replicate"))
        elif not _within(held, known[path]):
            fault = f"leaves its limits {known[path].low} to {known[path].high}, or is no number"
            wrong.append(Problem("given-range", path, fault, "give finite values within them"))
    if wrong:
        raise ScenarioError(wrong)


def _within(held: NDArray[np.float64], entry: Entry) -> bool:
    low = -np.inf if entry.low is None else entry.low
    high = np.inf if entry.high is None else entry.high
    return bool(np.all(np.isfinite(held) & (held >= low) & (held <= high)))


def quantiles(entry: Entry, u: NDArray[np.float64]) -> NDArray[np.float64]:
    """The guess at probabilities u (n,) of its prior, 0 < u < 1, moved to its limits where it would leave them."""
    assert entry.prior is not None
    kind, a, b = KINDS.index(entry.prior.kind), float(entry.prior.a), float(entry.prior.b)
    table, made = np.zeros(NODES), np.empty(len(u))
    if KINDS[kind] == "beta":
        fill_beta(a, b, table)
    fill_quantiles(kind, a, b, np.ascontiguousarray(u), table, made)
    low = -np.inf if entry.low is None else entry.low
    high = np.inf if entry.high is None else entry.high
    return np.minimum(np.maximum(made, low), high)


def _reporters(scenario: Scenario) -> Iterator[Entry]:
    for name, reporter in scenario.reporting.items():
        for key, (unit, high, doc) in REPORTED.items():
            number = getattr(reporter, key)
            if key in reporter.model_fields_set:
                yield _entry(f"reporting.{name}.{key}", number, unit=unit, low=0.0, high=high, doc=doc)


def drawn_as(path: str) -> str:
    """The path whose address a guess is drawn from: its own, or that of the mechanism which its own is a twin of."""
    head, dot, rest = path.partition(".")
    twin = registry()[head].twin_of if head in registry() else ""
    return f"{twin or head}{dot}{rest}"


def _replace(entry: Entry, prior: Prior | None) -> Entry:
    source = entry.source if entry.source.startswith("guess") else f"guess; {entry.source}".rstrip("; ")
    return Entry(entry.path, entry.value, source, prior, entry.unit, entry.low, entry.high, entry.doc)


def _entry(path: str, number: Quantity, field: str = "", **more: Any) -> Entry:
    if field in FIELDS:
        f = FIELDS[field]
        more = {"unit": f.unit, "low": f.low, "high": f.high, "doc": f.doc} | more
    return Entry(path, number.value, number.source, number.prior, **more)


def _tables(scenario: Scenario) -> Iterator[Entry]:
    for table in TABLES_OF_ROWS:
        for name, row in getattr(scenario, table).items():
            for column, number in row.columns.items():
                yield _entry(f"{table}.{name}.{column}", number, f"{table}.{column}")


def _communities(scenario: Scenario) -> Iterator[Entry]:
    if scenario.community is None:
        return
    share: dict[str, Any] = {"unit": "share", "low": 0.0, "high": 1.0}
    for place, shares in scenario.community.identity_share.items():
        for identity, number in shares.items():
            yield _entry(
                f"community.identity_share.{place}.{identity}", number, **share, doc="of the place's residents"
            )
    for name, number in scenario.community.class_share.items():
        yield _entry(f"community.class_share.{name}", number, **share, doc="of all residents")
    for column, cell in scenario.community.columns.items():
        if isinstance(cell, ByGroup):
            for group, number in cell.groups.items():
                yield _entry(f"community.{column}.{group}", number, f"community.{column}")
        else:
            yield _entry(f"community.{column}", cell, f"community.{column}")


def _traits(scenario: Scenario) -> Iterator[Entry]:
    for trait, spec in scenario.person.items():
        parts = spec.groups.items() if isinstance(spec, ByDistribution) else [("", spec)]
        for group, dist in parts:
            path = f"person.{trait}.{group}".rstrip(".")
            yield from _trait(path, trait, dist)


def _trait(path: str, trait: str, dist: Distribution) -> Iterator[Entry]:
    doc = FIELDS[f"person.{trait}"].doc if f"person.{trait}" in FIELDS else ""
    if dist.uniform is not None:
        for part, value in zip(("low", "high"), dist.uniform, strict=True):
            yield Entry(f"{path}.{part}", value, dist.source, None, "share", 0.0, 1.0, doc)
        return
    assert dist.mean is not None and dist.concentration is not None
    mean = dist.mean if dist.mean.source else dist.mean.model_copy(update={"source": dist.source})
    spread = dist.concentration
    spread = spread if spread.source else spread.model_copy(update={"source": dist.source})
    yield _entry(f"{path}.mean", mean, unit="share", low=0.001, high=0.999, doc=f"mean of {trait}: {doc}")
    yield _entry(
        f"{path}.concentration", spread, unit="a + b", low=0.1, high=1e4, doc=f"of {trait}: larger is more alike"
    )


def _shocks(scenario: Scenario) -> Iterator[Entry]:
    for name, shock in scenario.shock.items():
        for part in ("set", "multiply", "add"):
            number = getattr(shock, part)
            if number is not None:
                low_high: dict[str, Any] = {} if part == "set" else {"low": None, "high": None}
                yield _entry(f"shock.{name}.{part}", number, shock.field, **low_high)


def _mechanisms(scenario: Scenario) -> Iterator[Entry]:
    for name, cls in find(scenario.mechanism).items():
        for key, info in parameters(cls).items():
            path, limits = f"{name}.{key}", {k: info[k] for k in ("unit", "low", "high", "doc")}
            given = scenario.mechanism[name].get(key)
            if given is not None:
                yield _entry(path, given, **limits)
                continue
            prior = None
            if info["range"] is not None:
                a, b = info["range"]
                prior = Prior(kind="loguniform" if info["log"] else "uniform", a=a, b=b)
            yield Entry(path, float(info["default"]), info["source"], prior, **limits)
