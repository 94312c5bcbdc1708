"""Scenario to world at step 0: rows, links, numbers of each replicate, and synthetic people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import chance_for
from groundswell.errors import Problem, ScenarioError
from groundswell.mechanisms.mean_mobilisation import RISK_NODES
from groundswell.quantiles import NODES, fill_beta, look_up
from groundswell.scenario.numbers import TABLES_OF_ROWS, Given, Numbers, draw
from groundswell.scenario.schema import ByDistribution, ByGroup, Distribution, Scenario
from groundswell.world.fields import CATEGORIES, FIELDS
from groundswell.world.people import TRAITS, Decks, deal, draw_people
from groundswell.world.tables import Table, World
from groundswell.world.ties import ties

EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Layout:
    """What all replicates share: `communities` are (place, identity, class) names, sorted by country and place."""

    communities: tuple[tuple[str, str, str], ...]
    decks: Decks | None

    @property
    def community_names(self) -> list[str]:
        """`place/identity/class` of each community."""
        return ["/".join(parts) for parts in self.communities]


def lay_out(scenario: Scenario) -> Layout:
    """Rows of communities and people, from the numbers as written (shares that are drawn move weights, not rows)."""
    spec = scenario.community
    if spec is None:
        return Layout((), None)
    countries = list(scenario.country)
    places = sorted(scenario.place, key=lambda p: countries.index(scenario.place[p].links.get("country", countries[0])))
    found, sizes = [], []
    class_total = sum(q.value for q in spec.class_share.values())
    for place in places:
        shares = spec.identity_share.get(place, {})
        total = sum(q.value for q in shares.values())
        for identity, share in shares.items():
            for social_class, part in spec.class_share.items():
                size = (
                    scenario.place[place].columns["population"].value * share.value / total * part.value / class_total
                )
                if size >= 0.5:
                    found.append((place, identity, social_class))
                    sizes.append(round(size))
    decks = deal(np.array(sizes, dtype=np.int64), scenario.people) if found and scenario.people else None
    return Layout(tuple(found), decks)


def build(scenario: Scenario, seed: int, replicates: range, given: Given | None = None) -> tuple[World, Numbers]:
    """The world of a stack of replicates at step 0, and the numbers each of them drew, or was given."""
    layout = lay_out(scenario)
    numbers = draw(scenario, seed, replicates, given)
    size = len(replicates)
    tables = {
        name: Table(name, list(getattr(scenario, name)), size) for name in TABLES_OF_ROWS if getattr(scenario, name)
    }
    for table in tables.values():
        _fill_rows(table, scenario, numbers, tables)
    if layout.communities:
        tables["community"] = _communities(scenario, layout, numbers, tables["place"], size)
    if layout.communities and scenario.person:
        _moments(scenario, layout, numbers, tables["community"])
    if layout.decks is not None:
        tables["person"] = _people(scenario, layout, numbers, tables["community"], seed, replicates)
    kinds = {}
    for name, tie in scenario.tie.items():
        source, target = (
            {row: k for k, row in enumerate(tables[t].names)} for t in (tie.source_table, tie.target_table)
        )
        kinds[name] = ties([source[s] for s, _, _ in tie.pairs], [target[t] for _, t, _ in tie.pairs],
                           [amount for _, _, amount in tie.pairs], len(target))  # fmt: skip
    return World(tables, kinds, size), numbers


def _fill_rows(table: Table, scenario: Scenario, numbers: Numbers, tables: dict[str, Table]) -> None:
    rows = getattr(scenario, table.name)
    for column in sorted({c for row in rows.values() for c in row.columns}):
        held = np.zeros((table.replicates, table.rows))
        for k, name in enumerate(table.names):
            path = f"{table.name}.{name}.{column}"
            if path not in numbers:
                raise ScenarioError(
                    Problem(
                        "column-gap",
                        f"{table.name}.{name}",
                        f"has no {column}, which other rows have",
                        "give it for every row of the table",
                    )
                )
            held[:, k] = numbers[path]
        table.give(column, held)
    for link in sorted({c for row in rows.values() for c in row.links}):
        field = FIELDS[f"{table.name}.{link}"]
        options = CATEGORIES.get(field.name) or tables[field.link or ""].names
        codes = [options.index(rows[name].links[link]) for name in table.names]
        table.give(link, codes)


def _communities(scenario: Scenario, layout: Layout, numbers: Numbers, places: Table, size: int) -> Table:
    spec = scenario.community
    assert spec is not None
    table = Table("community", layout.community_names, size)
    row_of = {name: k for k, name in enumerate(places.names)}
    table.give("place", [row_of[place] for place, _, _ in layout.communities])
    classes = {name: numbers[f"community.class_share.{name}"] for name in spec.class_share}
    class_total = sum(classes.values())
    population = np.empty((size, table.rows))
    for c, (place, identity, social_class) in enumerate(layout.communities):
        total = np.zeros(size)
        for name in spec.identity_share[place]:  # in the order of the file: numpy's own sum depends on the stack's size
            total = total + numbers[f"community.identity_share.{place}.{name}"]
        mine = numbers[f"community.identity_share.{place}.{identity}"] / total
        population[:, c] = numbers[f"place.{place}.population"] * mine * classes[social_class] / class_total
    table.give("population", np.maximum(1, np.rint(population)))
    for column, cell in spec.columns.items():
        held = np.empty((size, table.rows))
        for c, names in enumerate(layout.communities):
            group = dict(zip(("place", "identity", "class"), names, strict=True))
            path = f"community.{column}" + (f".{group[cell.by]}" if isinstance(cell, ByGroup) else "")
            held[:, c] = numbers[path]
        table.give(column, held)
    if layout.decks is not None:
        for column in Decks._fields:
            table.give(column, getattr(layout.decks, column))
    return table


def _moments(scenario: Scenario, layout: Layout, numbers: Numbers, communities: Table) -> None:
    """Mean and variance of each trait in each community, as the case's distributions say."""
    for trait, spec in scenario.person.items():
        if trait not in TRAITS:
            continue
        mean, variance = (np.empty((communities.replicates, communities.rows)) for _ in range(2))
        for c, (_, identity, social_class) in enumerate(layout.communities):
            part: Distribution | ByDistribution = spec
            path = f"person.{trait}"
            if isinstance(spec, ByDistribution):
                group = identity if spec.by == "identity" else social_class
                part, path = spec.groups[group], f"{path}.{group}"
            if isinstance(part, Distribution) and part.uniform is not None:
                low, high = numbers[f"{path}.low"], numbers[f"{path}.high"]
                mean[:, c], variance[:, c] = (low + high) / 2, (high - low) ** 2 / 12
            else:
                centre, alike = numbers[f"{path}.mean"], numbers[f"{path}.concentration"]
                mean[:, c], variance[:, c] = centre, centre * (1 - centre) / (alike + 1)  # of a beta distribution
        communities.give(f"mean_{trait}", mean)
        communities.give(f"variance_{trait}", variance)
    if "risk_aversion" in scenario.person:
        _points(scenario, layout, numbers, communities)


def _points(scenario: Scenario, layout: Layout, numbers: Numbers, communities: Table) -> None:
    """Risk aversion of each community at four points of its distribution."""
    tables, table_of = _quantiles(scenario, layout, numbers, communities.replicates, ("risk_aversion",))
    for point, share in enumerate(RISK_NODES, 1):
        found = np.array([[look_up(table, share) for table in stack] for stack in tables])
        communities.give(f"risk_aversion_{point}", np.clip(found[:, table_of[0]], 0.0, 1.0))


def _people(
    scenario: Scenario, layout: Layout, numbers: Numbers, communities: Table, seed: int, replicates: range
) -> Table:
    decks = layout.decks
    assert decks is not None
    table = Table("person", range(decks.people), len(replicates))
    table.give("community", np.concatenate([np.repeat(np.arange(communities.rows), rows)
                                            for rows in (decks.tail_rows, decks.bulk_rows)]))  # fmt: skip
    for column in ("weight", *TRAITS):
        table.give(column, 0.0)
    tables, table_of = _quantiles(scenario, layout, numbers, len(replicates))
    means = np.empty((len(TRAITS), len(replicates), communities.rows))
    draw_people(*decks, communities.columns["population"], table_of, tables,
                chance_for(seed, "people", 0, replicates[0]),
                *(table.columns[column] for column in ("weight", *TRAITS)), means)  # type: ignore[call-arg]  # fmt: skip
    for t, trait in enumerate(TRAITS):
        if trait in scenario.person:
            communities.give(f"mean_{trait}", np.clip(means[t], 0.0, 1.0))
        else:
            del table.columns[trait]
    return table


def _quantiles(
    scenario: Scenario, layout: Layout, numbers: Numbers, size: int, traits: Sequence[str] = TRAITS
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Tables of quantiles (replicates, tables, nodes), and which of them each trait of each community uses."""
    made: list[NDArray[np.float64]] = [np.zeros((size, NODES))]
    table_of = np.zeros((len(traits), len(layout.communities)), dtype=np.int64)
    for t, trait in enumerate(traits):
        spec = scenario.person.get(trait)
        if spec is None:
            continue
        parts: dict[str, Distribution] = spec.groups if isinstance(spec, ByDistribution) else {"": spec}
        numbered = {}
        for group, dist in parts.items():
            numbered[group] = len(made)
            made.append(_table(dist, f"person.{trait}.{group}".rstrip("."), numbers, size))
        for c, (_, identity, social_class) in enumerate(layout.communities):
            by = "" if not isinstance(spec, ByDistribution) else identity if spec.by == "identity" else social_class
            table_of[t, c] = numbered[by]
    return np.ascontiguousarray(np.stack(made, axis=1)), table_of


def _table(dist: Distribution, path: str, numbers: Numbers, size: int) -> NDArray[np.float64]:
    held = np.empty((size, NODES))
    if dist.uniform is not None:
        low, high = numbers[f"{path}.low"], numbers[f"{path}.high"]
        held[:] = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, NODES)
        return held
    mean, spread = numbers[f"{path}.mean"], numbers[f"{path}.concentration"]
    for r in range(size):
        if r and mean[r] == mean[r - 1] and spread[r] == spread[r - 1]:
            held[r] = held[r - 1]
        else:
            fill_beta(mean[r] * spread[r], (1.0 - mean[r]) * spread[r], held[r])
    return held
