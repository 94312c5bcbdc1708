"""The case behind a dataset of runs: its scenario, its areas in file order, and what in it is a guess."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import GroundswellError, Problem, StoreError
from groundswell.reports.tables import listed, percent, plural
from groundswell.scenario.schema import Count, Distribution, Prior, Quantity, Row, Scenario

if TYPE_CHECKING:
    import xarray as xr

KINDS = {
    "community.identity_share": "identity shares",
    "community.class_share": "class shares",
    "unit": "forces",
    "actor": "forces",
    "community": "legitimacy and other columns of communities",
    "person": "traits of persons",
    "shock": "sizes of dated shocks",
    "place": "numbers of places",
    "country": "numbers of the country",
    "site": "numbers of sites",
}

MECHANISM = "parameters of mechanisms"


@dataclass(frozen=True)
class Guess:
    """A number of the scenario: `prior` is set where it is drawn."""

    path: str
    value: float
    source: str
    prior: Prior | None
    unit: str = ""

    @property
    def is_guess(self) -> bool:
        """True for all that is drawn, and for fixed numbers whose source says that they are guesses."""
        return self.prior is not None or self.source.casefold().startswith("guess")

    @property
    def range(self) -> str:
        """How it is drawn, in words."""
        if self.prior is None:
            return "fixed, not drawn"
        a, b = f"{self.prior.a:g}", f"{self.prior.b:g}"
        return {
            "uniform": f"{a} to {b}",
            "loguniform": f"{a} to {b}, even in the logarithm",
            "normal": f"normal, mean {a}, sd {b}",
            "beta": f"beta({a}, {b})",
        }[self.prior.kind]


@dataclass(frozen=True)
class Area:
    """Something counted: a place, a country, or all places together; `rows` are positions on the place axis."""

    name: str
    rows: tuple[int, ...]
    iso: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Case:
    """The scenario of a dataset of runs and the order of its rows. Raises StoreError where the scenario is missing."""

    def __init__(self, data: xr.Dataset) -> None:
        self.scenario = scenario_of(data)
        coords = data.coords
        self.places = [str(name) for name in coords["place"].values] if "place" in coords else list(self.scenario.place)

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """All places together first, then countries where there are several, then places in file order."""
        countries: dict[str, list[int]] = {}
        for k, name in enumerate(self.places):
            country = self._row(name).links.get("country", "")
            countries.setdefault(country, []).append(k)
        found = [Area("national" if len(countries) < 2 else "all countries", tuple(range(len(self.places))))]
        if len(countries) > 1:
            found += [Area(name or "no country given", tuple(rows)) for name, rows in countries.items()]
        for k, name in enumerate(self.places):
            row = self._row(name)
            lat, lon = row.columns.get("latitude"), row.columns.get("longitude")
            found.append(Area(name, (k,), row.labels.get("iso", ""), _value(lat), _value(lon)))
        return tuple(found)

    def area_of(self, count: Count) -> Area | None:
        """The area a published count speaks of: `national`, a country, or a place; None where it is neither."""
        wanted = "all countries" if count.place == "national" and self.areas[0].name != "national" else count.place
        return next((area for area in self.areas if area.name == wanted), None)

    def is_national(self, area: Area) -> bool:
        """True for the area of all places."""
        return area is self.areas[0]

    def _row(self, place: str) -> Row:
        return self.scenario.place.get(place, Row())

    def label(self, place: str, name: str) -> str:
        """A label of a place (`iso`, `tile`), empty where it has none."""
        return self._row(place).labels.get(name, "")

    def short(self, place: str) -> str:
        """The end of the place's ISO code, else the first three letters of its name."""
        iso = self.label(place, "iso")
        return iso.rpartition("-")[2] if iso else place[:3]

    @cached_property
    def numbers(self) -> tuple[Guess, ...]:
        """Every number of the scenario, mechanism parameters included."""
        from groundswell.scenario.numbers import quantities

        try:
            entries = quantities(self.scenario)
        except GroundswellError:  # a mechanism of the user's that is not loaded here: take what the file itself gives
            return tuple(_plain_numbers(self.scenario))
        return tuple(Guess(e.path, e.value, e.source, e.prior, e.unit) for e in entries.values())

    @cached_property
    def guesses(self) -> tuple[Guess, ...]:
        """The numbers that are guesses, drawn or fixed, by path."""
        return tuple(sorted((n for n in self.numbers if n.is_guess), key=lambda n: n.path))

    @cached_property
    def drawn(self) -> tuple[Guess, ...]:
        """The guesses that were drawn from a range, by path; none of them at default."""
        return () if self.scenario.at_default else tuple(n for n in self.guesses if n.prior is not None)

    @property
    def guessed(self) -> str:
        """`N of M numbers are guesses (P %), K of them drawn`."""
        share = percent(len(self.guesses) / max(len(self.numbers), 1))
        return (
            f"{len(self.guesses):,} of {len(self.numbers):,} numbers are guesses ({share}), "
            f"{len(self.drawn):,} of them drawn"
        )

    @property
    def explanation(self) -> str:
        """Title of the explanation the runs stand under, empty where there is none."""
        chosen = self.scenario.chosen
        return (self.scenario.explanation[chosen].title or chosen) if chosen in self.scenario.explanation else chosen

    @property
    def given_responses(self) -> bool:
        """True where a dated response to events, known only later, is an input of these runs."""
        if "response" not in self.scenario.anchors_given:
            return False
        anchors = (self.scenario.anchor.get(shock.anchor or "") for shock in self.scenario.shock.values())
        return any(anchor is not None and anchor.anchor_class == "response" for anchor in anchors)

    def what_it_is(self) -> tuple[str, ...]:
        """What the model is and is not, in three lines."""
        present = {_kind(guess.path) for guess in self.guesses}
        kinds = [kind for kind in dict.fromkeys((*KINDS.values(), "pay", MECHANISM)) if kind in present]
        facts = "real dates and counts" if self.scenario.count else "no published counts to be held to"
        first = f"A described system with {facts}; " + (
            f"{self.guessed}: {listed(kinds)}."
            if kinds
            else f"no number is marked as a guess (0 of {plural(len(self.numbers), 'number')})."
        )
        drawn = (
            "Run at default: guesses stand at their default values, so bands show chance only, not what is unknown."
            if self.scenario.at_default
            else "An uncalibrated prior predictive: each guess is drawn from its stated range, one draw a replicate; "
            "nothing is fitted."
        )
        return (
            first,
            drawn + " It gives no verdict on any claim.",
            "Aggregates and synthetic people only: no real person is in it. "
            "Places, tiles and boundaries serve reading and take no position.",
        )


def _value(cell: Quantity | None) -> float | None:
    return None if cell is None else cell.value


def scenario_of(data: xr.Dataset) -> Scenario:
    """The scenario in a dataset's attributes; raises StoreError where it is missing, ScenarioError where unreadable."""
    text = data.attrs.get("scenario")
    if not isinstance(text, str):
        raise StoreError(
            Problem(
                "runs-scenario",
                "runs",
                "carry no scenario in their attributes",
                "open them with groundswell, or keep the attributes when you select from them",
            )
        )
    from groundswell.scenario.load import from_resolved

    return from_resolved(text)


def _kind(path: str) -> str:
    if path.endswith((".pay", ".paymaster", ".wage")):
        return "pay"
    head = path.partition(".")[0]
    return KINDS.get(".".join(path.split(".")[:2])) or KINDS.get(head) or MECHANISM


def _plain_numbers(scenario: Scenario) -> list[Guess]:
    """The numbers that stand in the file itself, found by walking it; mechanism defaults are not among them."""
    found: list[Guess] = []

    def walk(path: str, item: Any) -> None:
        if isinstance(item, Quantity):
            found.append(Guess(path, item.value, item.source, scenario.prior.get(path, item.prior)))
        elif isinstance(item, dict):
            for key, part in item.items():
                walk(f"{path}.{key}".lstrip("."), part)
        elif isinstance(item, Row):
            walk(path, item.columns)
        elif isinstance(item, Distribution):
            walk(path, {"mean": item.mean, "concentration": item.concentration})
        elif hasattr(item, "groups"):
            walk(path, item.groups)

    for table in ("country", "place", "actor", "unit", "site", "person"):
        walk(table, getattr(scenario, table))
    walk("", scenario.mechanism)
    if scenario.community is not None:
        shares = {"identity_share": scenario.community.identity_share, "class_share": scenario.community.class_share}
        walk("community", {**shares, **scenario.community.columns})
    walk("shock", {name: {"set": s.set, "multiply": s.multiply, "add": s.add} for name, s in scenario.shock.items()})
    return found


def as_days(values: NDArray[Any]) -> NDArray[np.datetime64]:
    """Dates as datetime64[D]."""
    return np.asarray(values).astype("datetime64[D]")
