"""What a scenario must satisfy before it runs. Every fault comes with the path of the key it lies at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from groundswell.errors import MechanismError, Problem, ScenarioError, nearest
from groundswell.mechanisms.base import Mechanism, parameters, registry
from groundswell.mechanisms.schedule import schedule
from groundswell.scenario.communities import (
    Found,
    cells,
    check_communities,
    check_traits,
    given_columns,
    identities,
    settable,
)
from groundswell.scenario.locate import Path
from groundswell.scenario.numbers import Entry, quantities
from groundswell.scenario.schema import Prior, Scenario, Shock
from groundswell.world.fields import CATEGORIES, FIELDS

ROW_TABLES = ("country", "place", "actor", "unit", "site")
LABELS = ("iso", "owner", "paymaster", "note", "tile")
MOST_STEPS = 40_000
NEEDED = {"place": ("country",), "unit": ("actor", "place"), "site": ("place",)}


def check(scenario: Scenario) -> list[Found]:
    """All faults of the scenario as it stands; its explanations and what-ifs are not tried here."""
    if scenario.period.steps > MOST_STEPS:
        return [
            (
                ("period",),
                Problem(
                    "too-large",
                    "",
                    f"has {scenario.period.steps} steps, more than {MOST_STEPS}",
                    'shorten it, or use step = "week"',
                ),
            )
        ]
    return [
        *_links(scenario),
        *check_communities(scenario),
        *check_traits(scenario),
        *_ties(scenario),
        *_counts(scenario),
        *_shocks(scenario),
        *_mechanisms(scenario),
        *_ranges(scenario),
        *_records(scenario),
        *_plan(scenario),
    ]


def raise_if(found: Iterable[Found], owner: str) -> None:
    """Raise ScenarioError with all faults, each at `owner: key`."""
    problems = [
        replace(p, where=": ".join(part for part in (owner, ".".join(path), p.where) if part)) for path, p in found
    ]
    if problems:
        raise ScenarioError(dict.fromkeys(problems))


def link_columns(table: str) -> set[str]:
    """The columns of a table that hold names: of rows elsewhere, or of a category."""
    return {f.column for name, f in FIELDS.items() if f.table == table and (f.link or name in CATEGORIES)}


def known_columns(table: str) -> set[str]:
    """Everything a row of the table may say."""
    return settable(table) | link_columns(table) | set(LABELS)


def key_of(path: str) -> Path:
    """Where the number of that path stands in a scenario file."""
    parts = tuple(path.split("."))
    if parts[0] == "community" and len(parts) > 1 and parts[1] not in ("identity_share", "class_share"):
        return ("community", "columns", *parts[1:])
    if parts[0] in (*ROW_TABLES, "community", "person", "shock", "reporting"):
        return parts
    return ("mechanism", *parts)


def _links(scenario: Scenario) -> Iterator[Found]:
    for table in ROW_TABLES:
        rows = getattr(scenario, table)
        used = {column for row in rows.values() for column in row.links} | set(NEEDED.get(table, ()))
        for name, row in rows.items():
            for column, other in row.links.items():
                category = CATEGORIES.get(f"{table}.{column}")
                target = FIELDS[f"{table}.{column}"].link
                if category is not None and other not in category:
                    yield (
                        (table, name, column),
                        Problem(
                            "category-unknown", "", f"'{other}' is not a {column} of {table}", nearest(other, category)
                        ),
                    )
                elif target is not None and other not in getattr(scenario, target):
                    yield (
                        (table, name, column),
                        Problem(
                            "link-unknown",
                            "",
                            f"there is no {target} '{other}'",
                            nearest(other, getattr(scenario, target)),
                        ),
                    )
            for column in sorted(used - set(row.links)):
                yield (
                    (table, name, column),
                    Problem("key-missing", "", "is missing", f"name it, as other rows of {table} do or must"),
                )
            for column in sorted({c for other in rows.values() for c in other.columns} - set(row.columns)):
                yield (
                    (table, name, column),
                    Problem(
                        "column-gap", "", "is missing, while other rows have it", f"give it for every row of {table}"
                    ),
                )


def _rows(scenario: Scenario, table: str) -> Collection[str]:
    return [cell.name for cell in cells(scenario)] if table == "community" else getattr(scenario, table)


def _ties(scenario: Scenario) -> Iterator[Found]:
    for kind, tie in scenario.tie.items():
        seen: set[tuple[str, str]] = set()
        tables = []
        for end in ("source_table", "target_table"):
            table = getattr(tie, end)
            if table not in (*ROW_TABLES, "community"):
                yield (
                    ("tie", kind, end),
                    Problem(
                        "table-unknown",
                        "",
                        f"'{table}' is not a table with named rows",
                        nearest(table, (*ROW_TABLES, "community")),
                    ),
                )
            else:
                tables.append((table, _rows(scenario, table)))
        for n, (source, target, _) in enumerate(tie.pairs):
            path = ("tie", kind, "pairs", str(n))
            for (table, rows), name in zip(tables, (source, target), strict=False) if len(tables) == 2 else ():
                if name not in rows:
                    yield path, Problem("link-unknown", "", f"there is no {table} '{name}'", nearest(name, rows))
            if (source, target) in seen:
                yield (
                    path,
                    Problem("row-twice", "", f"gives the tie from '{source}' to '{target}' twice", "leave one out"),
                )
            seen.add((source, target))


def _counts(scenario: Scenario) -> Iterator[Found]:
    for n, count in enumerate(scenario.count):
        if count.window_end < count.window_start:
            yield (
                ("count", str(n)),
                Problem(
                    "count-window",
                    "",
                    f"ends on {count.window_end}, before it starts on {count.window_start}",
                    "give the first and the last day",
                ),
            )


def _shocks(scenario: Scenario) -> Iterator[Found]:
    for name, shock in scenario.shock.items():
        path = ("shock", name)
        table = shock.field.partition(".")[0]
        if shock.field not in FIELDS:
            yield (
                (*path, "field"),
                Problem("shock-column", "", f"'{shock.field}' is not a column", nearest(shock.field, FIELDS)),
            )
        elif table == "person" or shock.field.partition(".")[2] not in settable(table):
            yield (
                (*path, "field"),
                Problem(
                    "shock-column",
                    "",
                    f"{shock.field} is fixed when the world is built, or is a column of single persons",
                    "act on a number of another table",
                ),
            )
        else:
            yield from _shock_rows(scenario, shock, path)
            for writer, cls in sorted(_present(scenario).items()):
                if shock.field in (*cls.writes, *cls.adds):
                    yield (
                        (*path, "field"),
                        Problem(
                            "shock-written",
                            "",
                            f"{shock.field} is written by the mechanism '{writer}', and a shock puts a column back",
                            "act on a column that is given and that no mechanism writes or adds to",
                        ),
                    )
        if shock.anchor is None:
            continue
        if shock.anchor not in scenario.anchor:
            yield (
                (*path, "anchor"),
                Problem(
                    "anchor-unknown", "", f"there is no anchor '{shock.anchor}'", nearest(shock.anchor, scenario.anchor)
                ),
            )
        elif scenario.anchor[shock.anchor].anchor_class == "target":
            yield (
                (*path, "anchor"),
                Problem(
                    "anchor-target",
                    "",
                    f"the anchor '{shock.anchor}' is a target, and one anchor cannot be input and target",
                    "drop the shock, or class the anchor anew and hold no run to it",
                ),
            )


def _shock_rows(scenario: Scenario, shock: Shock, path: Path) -> Iterator[Found]:
    table = shock.field.partition(".")[0]
    known = _rows(scenario, table)
    community = scenario.community
    if not known and not shock.rows:
        yield (
            (*path, "field"),
            Problem("shock-rows", "", f"the table {table} has no rows", "give it rows, or drop the shock"),
        )
    for row in shock.rows:
        kind, equals, name = row.partition("=")
        options = known
        if table == "community" and equals and community is not None:
            options = {
                "identity": identities(community),
                "class": list(community.class_share),
                "place": list(scenario.place),
            }.get(kind, ())
            if not options:
                yield (
                    (*path, "rows"),
                    Problem(
                        "shock-rows",
                        "",
                        f"'{row}' chooses by '{kind}'",
                        "choose by identity=..., class=... or place=...",
                    ),
                )
                continue
        if (name if options is not known else row) not in options:
            yield (
                (*path, "rows"),
                Problem(
                    "shock-rows",
                    "",
                    f"'{row}' is no row of {table}",
                    nearest(name if options is not known else row, options),
                ),
            )


def _mechanisms(scenario: Scenario) -> Iterator[Found]:
    known = registry()
    for name, numbers in scenario.mechanism.items():
        path = ("mechanism", name)
        if name not in known:
            yield path, Problem("mechanism-unknown", "", f"'{name}' is not a mechanism", nearest(name, known))
            continue
        if known[name].daily and scenario.period.step != "day":
            yield (
                path,
                Problem("daily-step", "", "needs steps of a day", 'write step = "day", or leave the mechanism out'),
            )
        try:
            limits = parameters(known[name])
        except MechanismError as error:
            yield from ((path, Problem(p.refusal, p.where, p.fault, p.cure)) for p in error.problems)
            continue
        for key in numbers:
            if key not in limits:
                cure = nearest(key, limits) if limits else "it has none: write {}"
                yield (*path, key), Problem("parameter-unknown", "", f"'{key}' is not a parameter of {name}", cure)


def _present(scenario: Scenario) -> dict[str, type[Mechanism]]:
    return {name: cls for name, cls in registry().items() if name in scenario.mechanism}


def _ranges(scenario: Scenario) -> Iterator[Found]:
    present = _present(scenario)
    kept = {name: numbers for name, numbers in scenario.mechanism.items() if name in present}
    try:
        found = quantities(scenario.model_copy(update={"prior": {}, "mechanism": kept}))
    except MechanismError:
        return  # told by _mechanisms
    for path, entry in found.items():
        yield from _outside(key_of(path), entry, [("", entry.value)])
        if entry.prior is not None:
            yield from _outside(key_of(path), entry, _ends(entry.prior))
    for path, prior in scenario.prior.items():
        if path not in found:
            yield (
                ("prior", path),
                Problem("prior-path", "", f"'{path}' names no number of this scenario", nearest(path, found)),
            )
        else:
            yield from _outside(("prior", path), found[path], _ends(prior))


def _ends(prior: Prior) -> list[tuple[str, float]]:
    ends = (prior.a, prior.b) if prior.kind in ("uniform", "loguniform") else ()
    return [("the range reaches ", end) for end in ends]


def _outside(path: Path, entry: Entry, values: list[tuple[str, float]]) -> Iterator[Found]:
    for words, value in values:
        low = entry.low is not None and value < entry.low
        if not low and not (entry.high is not None and value > entry.high):
            continue
        span = f"{entry.low:g} or more" if entry.high is None else f"{entry.low or 0:g} to {entry.high:g}"
        cure = f"give a number of {span}"
        if entry.high == 1 and 1 < value <= 100:
            cure += f": a share, so perhaps {value / 100:g}"
        fault = f"{words}{value:g}, {'below' if low else 'above'} the limits of {entry.path}, {span}"
        if path[0] in ("mechanism", "prior"):
            yield path, Problem("parameter-range", "", fault, cure)
        else:
            yield path, Problem("range", "", fault + (f" ({entry.unit})" if entry.unit else ""), cure)


def _records(scenario: Scenario) -> Iterator[Found]:
    seen: set[str] = set()
    given = {table: settable(table) for table in {f.table for f in FIELDS.values()}}
    good = [name for name, f in FIELDS.items()
            if (f.table != "person" and f.column in given[f.table]) or name == "community.population"]  # fmt: skip
    for key in ("record", "record_weekly"):
        for n, column in enumerate(getattr(scenario, key)):
            path = (key, str(n))
            if column.startswith("person."):
                yield (
                    path,
                    Problem(
                        "record-person",
                        "",
                        f"'{column}' is of single persons, and only aggregates are kept",
                        "record a column of community or place",
                    ),
                )
            elif column not in good:
                yield (
                    path,
                    Problem(
                        "record-unknown", "", f"'{column}' is not a column that can be kept", nearest(column, good)
                    ),
                )
            if column in seen:
                yield (
                    path,
                    Problem(
                        "record-twice", "", f"'{column}' is listed twice", "list it once, in record or in record_weekly"
                    ),
                )
            seen.add(column)


def _plan(scenario: Scenario) -> Iterator[Found]:
    present = _present(scenario)
    if len(present) < len(scenario.mechanism):
        return  # an unknown name would leave reads unfed that are not
    recorded = [c for c in (*scenario.record, *scenario.record_weekly) if c in FIELDS and not c.startswith("person.")]
    try:
        schedule([cls.model_construct() for cls in present.values()], given_columns(scenario), recorded, scenario.tie)
    except MechanismError as error:
        for p in error.problems:
            kind, _, name = p.where.partition(" '")
            path = ("mechanism", name[:-1]) if kind == "mechanism" else ("record",) if kind == "record" else ()
            yield path, Problem(p.refusal, "" if kind == "mechanism" else p.where, p.fault, p.cure)


def as_date(value: object) -> dt.date | None:
    """A date, or text such as 2019-10-01; None for anything else."""
    if isinstance(value, dt.datetime):
        return None
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
