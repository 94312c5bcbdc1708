"""From events to a panel: counts by place and day of an event table, a known source's export, or date,place,count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import nearest
from groundswell.evidence.cells import Cells
from groundswell.evidence.places import NATIONAL, UNPLACED
from groundswell.evidence.read import read_events
from groundswell.evidence.reading import RowRefused
from groundswell.evidence.stream import Input, delimiter_of, encoding_of, rows
from groundswell.inference.panel import Floats, Integers, Panel, refuse, rows_to_one
from groundswell.world.events import Events

MOST_CELLS = 20_000_000
Record = tuple[Integers, tuple[str, ...], np.datetime64, dict[str, Any]]


def counts_of(
    days: NDArray[Any], places: Sequence[str] | NDArray[Any], numbers: NDArray[Any] | None = None, *,
    known: Sequence[str] = (), first: str | None = None, last: str | None = None,
) -> tuple[Integers, tuple[str, ...], np.datetime64]:  # fmt: skip
    """Counts (place, day), the places and the first day, from one row an event or a count.

    `known` are the places wanted, in this order (others are left out); by default those seen, in the order of the
    file. `first` and `last` are both included; by default the first and last day seen. Raises GroundswellError where
    nothing is left.
    """
    when = np.asarray(days).astype("datetime64[D]")
    where = np.asarray(places, dtype=object)
    if when.size == 0 or np.isnat(when).any():
        raise refuse("events", "are none, or a day is missing", "give rows with a day each")
    names = tuple(known) if len(known) else tuple(dict.fromkeys(str(name) for name in where))
    start = np.datetime64(first, "D") if first else when.min()
    end = np.datetime64(last, "D") if last else when.max()
    length = int((end - start).astype(int)) + 1
    if length < 1 or length * len(names) > MOST_CELLS:
        raise refuse("days", f"{start} to {end} for {len(names)} places", "a period that ends after it begins")
    number = {name: k for k, name in enumerate(names)}
    row = np.array([number.get(str(name), -1) for name in where])
    column = (when - start).astype(int)
    inside = (row >= 0) & (column >= 0) & (column < length)
    if not inside.any():
        raise refuse("events", "none lies in these places and days", nearest(str(where[0]), names))
    amount = np.ones(when.size, np.int64) if numbers is None else np.asarray(numbers).astype(np.int64)
    counts = np.zeros((len(names), length), np.int64)
    np.add.at(counts, (row[inside], column[inside]), amount[inside])
    return counts, names, start


def panel_of_events(
    events: Events, weights: Floats, places: Sequence[str], *, kinds: Sequence[str] = ("protest",),
    region: Integers | None = None, first: str | None = None, last: str | None = None,
) -> Panel:  # fmt: skip
    """The panel of an event table: events of these kinds, known to the day, one count each.

    `weights` (place, place) in the order of `places`; `region` by default one for all. What is known only to the week
    or month would be a shock that is not there, and is left out.
    """
    columns = events.columns
    chosen = np.isin(columns["kind"], list(kinds)) & (columns["day_precision"] == 0)
    counts, names, start = counts_of(
        columns["day"][chosen], columns["place"][chosen], known=places, first=first, last=last
    )
    where = np.zeros(len(names), np.int64) if region is None else region
    return Panel(counts, names, weights, where, start)


def read_counts(
    path: Path, *, places: Sequence[str] = (), until: str | None = None, kinds: Sequence[str] = ()
) -> Record:  # fmt: skip
    """Counts (place, day), places, the first day and notes, of a file.

    A file is an event table (Parquet), a CSV with date, place and perhaps count, or the export of a source that
    `groundswell data` lists. Of events all kinds are counted, or `kinds` alone; those not known to the day or the place
    are left out. `until` is the last day: nothing after it is looked at, not even names of places. Of simulated events
    the last replicate is the record. Notes: layout, rows, and what was left out. Raises GroundswellError where the
    file cannot be read so, or `until` is no day of it.
    """
    if path.suffix == ".parquet":
        return _of_events(Events.read(path), {"layout": "event table"}, places, until, kinds)
    lines, header = _opened(path)
    if {"date", "place"} <= set(header):
        if kinds:
            raise refuse(path.name, "says nothing of kinds", "leave out --kind, or give an event table")
        return _of_lines(path, lines, header, places, until)
    events, reading = read_events(path)
    notes = {"layout": reading.source, "rows": reading.rows, "refused": reading.total("refused"),
             "left_out": reading.total("left out")}  # fmt: skip
    return _of_events(events, notes, places, until, kinds)


def _of_events(
    events: Events, notes: dict[str, Any], known: Sequence[str], until: str | None, kinds: Sequence[str]
) -> Record:
    columns = events.columns
    have = sorted({str(kind) for kind in columns["kind"]})
    for kind in kinds:
        if kind not in have:
            raise refuse("--kind", f"there are no events of the kind {kind}", nearest(kind, have))
    replicate = int(columns["replicate"].max(initial=-1))
    chosen = columns["replicate"] == replicate
    if kinds:
        chosen &= np.isin(columns["kind"], list(kinds))
    exact = columns["day_precision"] == 0
    placed = ~np.isin(columns["place"], (NATIONAL, UNPLACED))
    left = {"not_to_the_day": int((chosen & ~exact).sum()), "not_placed": int((chosen & exact & ~placed).sum())}
    notes = {"rows": len(events), **notes, "kinds": list(kinds) or have, "replicate": replicate, **left}
    taken = chosen & exact & placed
    where, country = columns["place"][taken].astype(str), columns["country"][taken].astype(str)
    pairs = set(zip(where, country, strict=True))
    if len(pairs) > len(set(where)):  # one name in two countries
        where = np.array([f"{place}, {land}" for place, land in zip(where, country, strict=True)], object)
    return *_until(columns["day"][taken], where, None, known, until), notes


def _of_lines(
    path: Path, lines: Iterator[tuple[int, list[str]]], header: list[str], known: Sequence[str], until: str | None
) -> Record:
    days, where, numbers = [], [], []
    for line, row in lines:
        try:
            if len(row) != len(header):
                raise RowRefused("not as many cells as columns", f"{len(row)} cells, {len(header)} columns")
            cells = Cells(line, dict(zip(header, row, strict=True)))
            days.append(cells.day("date"))
            numbers.append(cells.count("count") if "count" in header else 1)
            if not cells["place"]:
                raise RowRefused("place missing")
            where.append(cells["place"])
        except RowRefused as fault:
            said = " ".join(filter(None, (fault.kind, fault.detail)))
            raise refuse(
                f"{path.name}, line {line}", said, "write 2019-10-25,north,3: a day, a place, a count"
            ) from None
    if not days:
        raise refuse(path.name, "holds no rows", "give a row for each place and day with events")
    notes = {"layout": "counts" if "count" in header else "events", "rows": len(days)}
    made = _until(np.array(days, "datetime64[D]"), np.array(where, object), np.array(numbers), known, until)
    return *made, notes


def _until(
    days: NDArray[Any], where: NDArray[Any], numbers: NDArray[Any] | None, known: Sequence[str], until: str | None
) -> tuple[Integers, tuple[str, ...], np.datetime64]:
    if until is None or not days.size:
        return counts_of(days, where, numbers, known=known)
    try:
        end = np.datetime64(until, "D")
    except ValueError:
        raise refuse("--until", f"{until!r} is no date", "write it as 2019-10-25") from None
    if not days.min() <= end <= days.max():
        raise refuse("--until", f"{until} lies outside the record, {days.min()} to {days.max()}", "a day of the record")
    seen = days <= end
    return counts_of(days[seen], where[seen], None if numbers is None else numbers[seen], known=known, last=until)


def _opened(path: Path) -> tuple[Iterator[tuple[int, list[str]]], list[str]]:
    """Rows of a CSV with their lines, and its column names in small letters."""
    source = Input.of(path)
    encoding = encoding_of(source)
    lines = rows(source, encoding, delimiter_of(source, encoding))
    first = next(lines, None)
    if first is None:
        raise refuse(path.name, "is empty", "give a CSV with a line of column names")
    return lines, [name.removeprefix("\ufeff").casefold().strip() for name in first[1]]


def read_neighbours(path: Path, places: Sequence[str]) -> Floats:
    """Weights (place, place), rows that sum to 1, from a CSV with source, target and perhaps amount, each pair once.

    Lines that begin with # are passed over. Raises GroundswellError where a column is missing, an amount is no number
    above 0, or no pair names two of the places.
    """
    lines, header = _opened(path)
    while header and header[0].startswith("#"):
        header = [name.casefold() for name in next(lines, (0, [""]))[1]]
    if not {"source", "target"} <= set(header):
        raise refuse(path.name, f"has the columns {', '.join(header[:8])}", "source,target[,amount]")
    number = {name: k for k, name in enumerate(places)}
    weights = np.zeros((len(places),) * 2)
    named = ""
    for line, row in lines:
        cells = dict(zip(header, row, strict=False))
        a, b = cells["source"], cells.get("target", "")
        named = named or a
        try:
            amount = float(cells.get("amount") or 1.0)
        except ValueError:
            amount = -1.0
        if not 0 < amount < np.inf:
            raise refuse(f"{path.name}, line {line}", f"the amount {cells['amount']!r} is no number above 0", "write 1")
        if a in number and b in number and a != b:
            weights[number[a], number[b]] = weights[number[b], number[a]] = amount
    if not weights.any():
        raise refuse(path.name, "names no two places of the record", nearest(named, places))
    return rows_to_one(weights)
