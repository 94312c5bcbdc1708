"""Drawn guesses, with those of single places joined: no place is named or ranked by what its guesses go with."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from groundswell.reports.series import Numbers, Runs
from groundswell.scenario.schema import ByGroup

_ADDS_UP = ("strength", "population", "personnel", "capacity")


def drawn_quantities(runs: Runs) -> dict[str, Numbers]:
    """What was drawn, each (replicate,), by a name; those of single places are one quantity for all places.

    Strengths of units are summed by force, populations over places; identity shares and all other numbers of places
    are means over places by population; numbers of sites are plain means. Quantities that do not vary are left out.
    """
    found: dict[str, list[tuple[Numbers, Numbers | float]]] = {}
    adds: set[str] = set()
    for path, values in runs.guess_values.items():
        name, place, sums = _group(runs, path)
        weight = _weight(runs, place) if place else 1.0
        found.setdefault(name, []).append((values, weight))
        if sums:
            adds.add(name)
    joined = {name: _join(parts, sums=name in adds) for name, parts in found.items()}
    return {name: values for name, values in joined.items() if np.ptp(values) > 0}


def _join(parts: list[tuple[Numbers, Numbers | float]], *, sums: bool) -> Numbers:
    values = np.stack([part for part, _ in parts])
    if len(parts) == 1:
        return np.asarray(values[0])
    if sums:
        return np.asarray(values.sum(0))
    weights = np.stack([np.broadcast_to(np.asarray(w, dtype=np.float64), values[0].shape) for _, w in parts])
    return np.asarray((values * weights).sum(0) / weights.sum(0))


def _weight(runs: Runs, place: str) -> Numbers | float:
    """Residents of the place as drawn; 1 where it is none of the case."""
    if place not in runs.case.places:
        return 1.0
    column: Numbers = runs.place_population[:, runs.case.places.index(place)]
    return column


def _group(runs: Runs, path: str) -> tuple[str, str, bool]:
    """The name of the quantity, the place it speaks of (or nothing), and whether its parts are summed."""
    scenario = runs.case.scenario
    head, _, rest = path.partition(".")
    row, _, column = rest.rpartition(".")
    if head == "unit":
        known = scenario.unit.get(row)
        links = {} if known is None else known.links
        force = links.get("actor") or row.partition("@")[0]
        place = links.get("place") or row.partition("@")[2]
        sums = column in _ADDS_UP
        return f"{column} of {force}, {'sum' if sums else 'mean'} of all units", "" if sums else place, sums
    if head == "place":
        sums = column in _ADDS_UP
        return f"place {column}, {'sum' if sums else 'mean'} of all places", "" if sums else row, sums
    if head == "site":
        return f"site {column}, mean of all sites", "", False
    if path.startswith("community.identity_share."):
        place, identity = _first_of(scenario.community.identity_share if scenario.community else (), path, 2)
        return f"identity share of {identity}, mean of all places", place, False
    if head == "community" and scenario.community is not None:
        name = rest.partition(".")[0]
        spec = scenario.community.columns.get(name)
        if isinstance(spec, ByGroup) and spec.by == "place":
            return f"community.{name}, mean of all places", rest.partition(".")[2], False
    return path, "", False


def _first_of(names: Iterable[str], path: str, parts: int) -> tuple[str, str]:
    """Splits `a.b.PLACE.NAME` after one of the known names, which may hold dots themselves."""
    rest = path.split(".", parts)[parts]
    known = [name for name in names if rest.startswith(f"{name}.")]
    place = max(known, key=len) if known else rest.rpartition(".")[0]
    return place, rest[len(place) + 1 :]
