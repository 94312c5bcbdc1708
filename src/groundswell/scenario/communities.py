"""Communities are place x identity x class: their cells at default shares, what may be said of them, what they give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from groundswell.errors import Problem, nearest
from groundswell.mechanisms.base import registry
from groundswell.scenario.locate import Path
from groundswell.scenario.schema import ByDistribution, ByGroup, Community, Quantity, Scenario
from groundswell.world.fields import CATEGORIES, FIELDS
from groundswell.world.people import TRAITS

Found = tuple[Path, Problem]
SMALLEST_CELL = 1_000  # persons: nothing is said of fewer
MOST_CELLS = 100_000
LEAST_SHAPE = 0.2  # of a beta distribution: what quantiles.fill_beta holds with small error
MEANS = {trait: f"community.mean_{trait}" for trait in TRAITS}
POINTS = {f"community.risk_aversion_{point}" for point in range(1, 5)}
VARIANCES = {trait: f"community.variance_{trait}" for trait in TRAITS}
BUILT = frozenset(
    ("community.population", "person.weight", *MEANS.values(), *VARIANCES.values(), *POINTS)
)  # set when the world is built


class Cell(NamedTuple):
    """One community and its residents at the default shares."""

    place: str
    identity: str
    class_: str
    population: float

    @property
    def name(self) -> str:
        """`place/identity/class`."""
        return f"{self.place}/{self.identity}/{self.class_}"


def scaled(shares: Mapping[str, Quantity]) -> dict[str, float]:
    """Default shares scaled to sum to 1, without those that are 0; empty where nothing is above 0."""
    total = sum(q.value for q in shares.values() if q.value > 0)
    return {name: q.value / total for name, q in shares.items() if q.value > 0}


def identities(community: Community) -> list[str]:
    """All identities, in the order of the file."""
    return list(dict.fromkeys(name for shares in community.identity_share.values() for name in shares))


def cells(scenario: Scenario) -> list[Cell]:
    """The communities in the order of the file; a share of exactly 0 makes none."""
    if scenario.community is None:
        return []
    classes = scaled(scenario.community.class_share)
    found = []
    for place, shares in scenario.community.identity_share.items():
        row = scenario.place.get(place)
        if row is None or "population" not in row.columns:
            continue
        people = row.columns["population"].value
        found += [
            Cell(place, identity, class_, people * a * b)
            for identity, a in scaled(shares).items()
            for class_, b in classes.items()
        ]
    return found


def given_columns(scenario: Scenario) -> set[str]:
    """The columns that the case sets, or that are built from it: what no mechanism needs to write."""
    given = {shock.field for shock in scenario.shock.values()}
    for table in ("country", "place", "actor", "unit", "site"):
        for row in getattr(scenario, table).values():
            given.update(f"{table}.{column}" for column in (*row.columns, *row.links))
    if scenario.community is not None:
        given.update(f"community.{column}" for column in scenario.community.columns)
        given |= {"community.place", "community.population"}
        given.update(table[trait] for trait in scenario.person for table in (MEANS, VARIANCES) if trait in table)
        given.update(POINTS if "risk_aversion" in scenario.person else ())
        if scenario.people:
            given.update(name for name, f in FIELDS.items() if f.link and f.table in ("community", "person"))
            given.add("person.weight")
            given.update(f"person.{trait}" for trait in scenario.person)
    return given


def settable(table: str) -> set[str]:
    """The columns of a table for which a case may give numbers."""
    if table == "person":
        return set(TRAITS)
    return {
        f.column
        for name, f in FIELDS.items()
        if f.table == table and not f.link and name not in CATEGORIES and name not in BUILT
    }


def _averaged(scenario: Scenario) -> bool:
    """Whether a mechanism needs only the means of traits, so that no people are needed."""
    known = registry()
    read = {column for name in scenario.mechanism if name in known for column in known[name].reads}
    return not read.isdisjoint(VARIANCES.values())


def check_communities(scenario: Scenario) -> Iterator[Found]:
    """Shares that cover every place, groups that exist, and cells that are not too small."""
    community = scenario.community
    if community is None:
        for trait in scenario.person:
            yield (
                ("person", trait),
                Problem("people-nowhere", "", "is a trait of people who live nowhere", "give [community]"),
            )
        if scenario.people and not scenario.person:
            yield ("people",), Problem("people-nowhere", "", "live nowhere", "give [community], or people = 0")
        return
    if scenario.person and not scenario.people and not _averaged(scenario):
        yield (
            ("people",),
            Problem("people-none", "", "are 0, while [person] says how they differ", "write people = 10_000"),
        )
    yield from _shares(scenario, community)
    groups = {"identity": identities(community), "class": list(community.class_share), "place": list(scenario.place)}
    for column, cell in community.columns.items():
        path = ("community", "columns", column)
        yield from _known(path, "community", column)
        if isinstance(cell, ByGroup):
            yield from _covered(path, cell.by, cell.groups, groups[cell.by])
    for trait, spec in scenario.person.items():
        yield from _known(("person", trait), "person", trait)
        if isinstance(spec, ByDistribution):
            yield from _covered(("person", trait), spec.by, spec.groups, groups[spec.by])
    yield from _small(scenario)


def _known(path: Path, table: str, column: str) -> Iterator[Found]:
    if column not in settable(table):
        yield (
            path,
            Problem(
                "column-unknown",
                "",
                f"'{column}' is not a column that a case may set for a {table}",
                nearest(column, settable(table)),
            ),
        )


def _covered(path: Path, by: str, groups: Iterable[str], known: list[str]) -> Iterator[Found]:
    for group in groups:
        if group not in known:
            yield (*path, group), Problem("group-unknown", "", f"there is no {by} '{group}'", nearest(group, known))
    lacking = [name for name in known if name not in groups]
    if lacking:
        yield (
            path,
            Problem(
                "group-missing",
                "",
                f"says nothing of the {by} {', '.join(lacking[:6])}",
                "give one number for each, or one plain number for all",
            ),
        )


def _shares(scenario: Scenario, community: Community) -> Iterator[Found]:
    base = ("community", "identity_share")
    for place, shares in community.identity_share.items():
        if place not in scenario.place:
            yield (
                (*base, place),
                Problem("link-unknown", "", f"there is no place '{place}'", nearest(place, scenario.place)),
            )
        elif not scaled(shares):
            yield (*base, place), Problem("share-sum", "", "no identity has a share above 0", "give at least one")
    for place, row in scenario.place.items():
        if place not in community.identity_share:
            yield base, Problem("share-cover", "", f"says nothing of the place '{place}'", "give its identity shares")
        if "population" not in row.columns:
            yield (
                ("place", place, "population"),
                Problem("key-missing", "", "is missing, while the place has communities", "give its residents"),
            )
    if not scaled(community.class_share):
        yield (
            ("community", "class_share"),
            Problem("share-sum", "", "no class has a share above 0", "give at least one"),
        )


def _small(scenario: Scenario) -> Iterator[Found]:
    community = scenario.community
    assert community is not None
    many = sum(len(shares) for shares in community.identity_share.values()) * len(community.class_share)
    if many > MOST_CELLS:
        yield (
            ("community",),
            Problem("too-large", "", f"makes {many} communities, more than {MOST_CELLS}", "use fewer groups"),
        )
        return
    for cell in cells(scenario):
        if cell.population < SMALLEST_CELL:
            yield (
                ("community", "identity_share", cell.place, cell.identity),
                Problem(
                    "small-cell",
                    "",
                    f"the community {cell.name} has {cell.population:.0f} persons, fewer than {SMALLEST_CELL:,}",
                    "merge it with another class or identity, or set its share to 0",
                ),
            )


def check_traits(scenario: Scenario) -> Iterator[Found]:
    """Beta distributions whose shapes may fall below what the quantile tables hold (see quantiles.fill_beta)."""
    for trait, spec in scenario.person.items():
        parts = spec.groups.items() if isinstance(spec, ByDistribution) else [("", spec)]
        for group, dist in parts:
            if dist.mean is None or dist.concentration is None:
                continue
            (low, high), (least, _) = _span(dist.mean), _span(dist.concentration)
            shape = least * min(low, 1 - high)
            if shape < LEAST_SHAPE:
                path = ("person", trait, group) if group else ("person", trait)
                fault = f"allows a beta distribution with a shape of {shape:.2g}, below {LEAST_SHAPE}"
                cure = "keep mean x concentration and (1 - mean) x concentration above it, over all of their ranges"
                yield path, Problem("trait-shape", "", fault, cure)


def _span(number: Quantity) -> tuple[float, float]:
    """Least and largest value that a guess is drawn at, for ranges; else the value."""
    prior = number.prior
    ranged = prior is not None and prior.kind in ("uniform", "loguniform")
    return (prior.a, prior.b) if prior is not None and ranged else (number.value, number.value)
