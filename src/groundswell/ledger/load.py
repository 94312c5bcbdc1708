"""A ledger from its folder: ledger.toml, claims.csv, tests.toml and, where there are any, facts.csv and counts.csv."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.evidence.counts import Counts, counts_of, read_counts
from groundswell.ledger import book
from groundswell.ledger.book import SCHEMA, Claim, Fact, Ledger, Tests
from groundswell.scenario import tables
from groundswell.scenario.catalogue import copy_folder
from groundswell.scenario.load import find_file, load
from groundswell.scenario.locate import locate
from groundswell.scenario.reader import Reader
from groundswell.scenario.schema import Part
from groundswell.scenario.tables import Line, Origins, place_of

MODELS: dict[str, type[Part]] = {
    "date": book.DateTest,
    "event": book.EventTest,
    "quantity": book.QuantityTest,
    "order": book.OrderTest,
    "contradiction": book.ContradictionTest,
    "moved": book.MovedTest,
    "causal": book.CausalTest,
    "untestable": book.UntestableTest,
    "unsourced": book.UnsourcedTest,
}
# Verdicts of law, which no ledger reaches; killings, displacement and damage are facts that can be tested.
LEGAL = re.compile(
    r"\b(genocid\w*|(ethnic|sectarian) cleansing|war crimes?|crimes? against humanity|terroris[mt]s?|murder(ed|s)?)\b",
    re.IGNORECASE,
)
CLAIM_COLUMNS = ("id", "paragraph", "speaker", "said_on", "type", "paraphrase")
FACT_COLUMNS = ("id", "date", "place", "fact", "reporter", "publisher", "url")


def ledgers_of(case: str | Path) -> list[Ledger]:
    """The ledgers of a case, in the alphabetical order of their folders; or the one in a folder with a ledger.toml.

    Counts of the case are at hand to its ledgers too. Raises GroundswellError with every fault, by file and line.
    """
    folder = Path(case)
    if (folder / "ledger.toml").is_file():
        return [read_ledger(folder)]
    file = find_file(case)
    folders = sorted(path.parent for path in (file.parent / "ledgers").glob("*/ledger.toml"))
    if not folders:
        cure = "start one with `groundswell new --ledger FOLDER`, and keep it in the case as ledgers/NAME"
        raise GroundswellError(Problem("ledger-missing", str(case), "has no ledger", cure))
    more = counts_of(load(file))
    return [read_ledger(one, more) for one in folders]


def new_ledger(folder: Path) -> Path:
    """Copy a small made-up ledger to a new folder, and return it. Raises ScenarioError where the folder exists."""
    return copy_folder(Path(__file__).parent / "template", folder)


def read_ledger(folder: Path, more: Counts | None = None) -> Ledger:
    """One ledger. `more` are counts of a case that its quantity tests may use. Raises GroundswellError."""
    problems: list[Problem] = []
    head = _head(folder, problems)
    claims = _claims(folder, problems)
    facts = _facts(folder, problems)
    counts = more or Counts(())
    if (folder / "counts.csv").is_file():
        try:
            counts = Counts((*read_counts(folder / "counts.csv"), *counts))
        except GroundswellError as error:
            problems += error.problems
    broken = any(p.refusal.startswith(("csv", "file", "encoding", "cell")) for p in problems)
    wrong: list[Problem] = []
    tests = _tests(folder, claims, facts, counts, wrong)
    follow = ("claim-unknown", "fact-unknown", "count-unknown") if broken else ()  # what a broken table brings about
    problems += [problem for problem in wrong if problem.refusal not in follow]
    if problems:
        raise GroundswellError([replace(p, where=f"{folder.name}/{p.where}") for p in dict.fromkeys(problems)])
    return Ledger(folder.name, **head, folder=folder, claims=claims, facts=facts, counts=counts, tests=tests)


def _toml(folder: Path, name: str, problems: list[Problem]) -> tuple[dict[str, Any], Origins]:
    origins = Origins(name)
    text = tables.read_text(folder / name, name)
    if isinstance(text, Problem):
        problems.append(text)
        return {}, origins
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problems.append(Problem("toml-syntax", name, f"is not TOML: {error}", "mend that line, or the one before it"))
        return {}, origins
    origins.lines = locate(text)
    number = data.pop("schema", None)
    if number != SCHEMA or isinstance(number, bool):
        newer = isinstance(number, int) and number > SCHEMA
        cure = "upgrade groundswell" if newer else f"write schema = {SCHEMA} on the first line"
        problems.append(Problem("schema-number", origins.where(("schema",)), f"is {number!r}, not {SCHEMA}", cure))
    return data, origins


def _head(folder: Path, problems: list[Problem]) -> dict[str, str]:
    data, origins = _toml(folder, "ledger.toml", problems)
    known = ("title", "account", "note")
    for key, value in data.items():
        if key not in known:
            problems.append(Problem("key-unknown", origins.where((key,)), f"'{key}' is not a key here",
                                    nearest(key, known)))  # fmt: skip
        elif not isinstance(value, str):
            problems.append(Problem("value", origins.where((key,)), "is not text", "write text in double quotes"))
    for key in ("title", "account"):
        if not data.get(key):
            problems.append(Problem("key-missing", f"ledger.toml: {key}", "is missing", f'write {key} = "..."'))
    return {key: str(data.get(key, "")) for key in known}


def _sheet(folder: Path, name: str, needed: Iterable[str], problems: list[Problem]) -> tuple[Line, ...]:
    text = tables.read_text(folder / name, name)
    if isinstance(text, Problem):
        problems.append(text)
        return ()
    sheet, wrong = tables.read_sheet(text, name, needed)
    problems += wrong
    if sheet is None:
        return ()
    known = {*needed, "until", "published", "source", "note", "country"}
    for column in sheet.header:
        if column not in known:
            problems.append(Problem("csv-column", place_of(name, sheet.header_line), f"'{column}' is not a column here",
                                    nearest(column, known)))  # fmt: skip
    return sheet.lines


def _once(name: str, line: Line, seen: set[str], needed: Iterable[str], problems: list[Problem]) -> bool:
    empty = [column for column in needed if column not in line.cells]
    problems += [Problem("cell-missing", place_of(name, line.number, c), "is empty", "fill it in") for c in empty]
    key = line.cells.get("id", "")
    if key in seen:
        problems.append(Problem("row-twice", place_of(name, line.number, "id"), f"'{key}' is in the table twice",
                                "give each row an id of its own"))  # fmt: skip
    seen.add(key)
    return not empty


def _claims(folder: Path, problems: list[Problem]) -> tuple[Claim, ...]:
    found, seen, types = [], set[str](), get_args(book.ClaimType)
    for line in _sheet(folder, "claims.csv", CLAIM_COLUMNS, problems):
        if not _once("claims.csv", line, seen, ("id", "speaker", "type", "paraphrase"), problems):
            continue
        cells = {column: line.cells.get(column, "") for column in (*CLAIM_COLUMNS, "source")}
        if cells["type"] not in types:
            problems.append(Problem("claim-type", place_of("claims.csv", line.number, "type"),
                                    f"'{cells['type']}' is no type", nearest(cells["type"], types)))  # fmt: skip
        found.append(Claim(**cells, line=line.number))
    return tuple(found)


def _facts(folder: Path, problems: list[Problem]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    seen = set[str]()
    if not (folder / "facts.csv").is_file():
        return found
    for line in _sheet(folder, "facts.csv", FACT_COLUMNS, problems):
        if not _once("facts.csv", line, seen, FACT_COLUMNS, problems):
            continue
        days: dict[str, dt.date | None] = {"published": None}
        for column in ("date", "until", "published"):
            if column in line.cells:
                day = tables.convert(line.cells[column], tables.date, place_of("facts.csv", line.number, column))
                problems += [day] if isinstance(day, Problem) else []
                days[column] = None if isinstance(day, Problem) else day
        first = days.get("date")
        if first is None:
            continue
        last = days.get("until") or first
        if last < first:
            where = place_of("facts.csv", line.number)
            problems.append(
                Problem("fact-window", where, f"ends on {last}, before it starts", "give first and last day")
            )
        c = line.cells
        found[c["id"]] = Fact(c["id"], first, last, c["place"], c["fact"], c["reporter"], c["publisher"],
                              days["published"], c["url"], line.number)  # fmt: skip
    return found


def _tests(
    folder: Path, claims: tuple[Claim, ...], facts: dict[str, Fact], counts: Counts, problems: list[Problem]
) -> Tests:
    data, origins = _toml(folder, "tests.toml", problems)
    reader = Reader(data, origins, folder)
    reader.unknown(data, MODELS, ())
    known = {claim.id: claim for claim in claims}
    made: dict[str, tuple[Any, ...]] = {}
    for kind, model in MODELS.items():
        rows: Any = data.get(kind, [])
        if not isinstance(rows, list):
            reader.refuse((kind,), Problem("value", "", "is not a list of tests", f"write [[{kind}]]"))
            continue
        parts: list[Any] = []
        for n, row in enumerate(rows):
            path = (kind, str(n))
            part: Any = reader.part(model, row, path)
            if part is None:
                continue
            parts.append(part)
            _named(reader, path, part, known, facts)
            _counted(reader, path, part, counts)
            if kind not in ("untestable", "contradiction", "causal", "unsourced"):
                _lawful(reader, path, known.get(part.claim))
        made[kind] = tuple(parts)
    problems += reader.problems
    return Tests(**made)


def _named(reader: Reader, path: tuple[str, ...], part: Any, claims: dict[str, Claim], facts: dict[str, Fact]) -> None:
    """Refuse a test that names a claim or fact which is not there."""
    given = {"claims": part.claims} if hasattr(part, "claims") else {"claim": (part.claim,)}
    if getattr(part, "other", None):
        given["other"] = (part.other,)
    for key, ids in given.items():
        for one in ids:
            if one not in claims:
                reader.refuse((*path, key), Problem("claim-unknown", "", f"'{one}' is no claim of claims.csv",
                                                    nearest(one, claims)))  # fmt: skip
    for key in ("facts", "agrees", "disagrees", "first", "then"):
        for one in getattr(part, key, ()):
            if one not in facts:
                reader.refuse((*path, key), Problem("fact-unknown", "", f"'{one}' is no fact of facts.csv",
                                                    nearest(one, facts)))  # fmt: skip


def _counted(reader: Reader, path: tuple[str, ...], part: Any, counts: Counts) -> None:
    """Refuse a test against counts of a measure or place that no count has: a slip would hide what speaks."""
    if not len(counts):
        return
    known = {"measures": {row.measure for row in counts}, "place": {row.place for row in counts}}
    for key in ("counts", "here", "there"):
        chosen = getattr(part, key, None)
        if chosen is None:
            continue
        asked = [("measures", name) for name in chosen.measures] + [("place", chosen.place)] * bool(chosen.place)
        for what, name in asked:
            if name not in known[what]:
                cure = f"{nearest(name, known[what])}; where none is at hand, use [[unsourced]]"
                reader.refuse((*path, key), Problem("count-unknown", "", f"no count has '{name}' under {what}", cure))


def _lawful(reader: Reader, path: tuple[str, ...], claim: Claim | None) -> None:
    """Refuse a test whose finding would read as a verdict of law."""
    word = LEGAL.search(claim.paraphrase) if claim else None
    if claim and word:
        cure = "split the claim: test the killings or displacement apart, and call the verdict untestable"
        reader.refuse((*path, "claim"), Problem("legal-term", "", f"{claim.id} says '{word.group()}', a verdict of law",
                                                cure))  # fmt: skip
