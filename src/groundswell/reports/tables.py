"""Plain tables: what stands behind a figure, in a CSV file and on the page."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Cell = str | float | int | dt.date | None


@dataclass(frozen=True)
class Link:
    """A reference on the page; `url` is empty where the address is no web address."""

    text: str
    url: str


@dataclass(frozen=True)
class Table:
    """A table of the page: `title`, column heads, rows of cells. `shorten` rows at most are shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | Link, ...], ...]
    note: str = ""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers (and are set flush right)."""
        return tuple(
            any(isinstance(row[k], int | float) for row in self.rows)
            and not any(isinstance(row[k], str | Link) and row[k] not in ("", DASH) for row in self.rows)
            for k in range(len(self.columns))
        )

    @property
    def dated(self) -> tuple[bool, ...]:
        """Which columns hold dates or single words (and are not broken over lines)."""
        return tuple(
            all(
                cell is None or isinstance(cell, dt.date) or (isinstance(cell, str) and len(cell) <= _SHORT)
                for cell in (row[k] for row in self.rows)
            )
            for k in range(len(self.columns))
        )

    def shown(self) -> list[list[str | Link]]:
        """The rows as text."""
        return [[cell if isinstance(cell, Link) else show(cell) for cell in row] for row in self.rows]


DASH = "–"
_SHORT = 24
ROWS_ON_PAGE = 130


def show(value: Cell) -> str:
    """A number with three significant digits or as a whole, with commas; a date as 1 Oct 2019; nothing as a dash."""
    if value is None:
        return DASH
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date):
        return f"{value.day} {value:%b %Y}"
    if not math.isfinite(value):
        return DASH if math.isnan(value) else ("no bound" if value > 0 else "below any bound")
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    if 1e-6 <= abs(value) < 1e-3:
        return f"{value:.9f}".rstrip("0")
    return f"{value:.3g}"


def window(start: dt.date, end: dt.date) -> str:
    """`1 – 9 Oct 2019`, as short as two dates can be."""
    if start == end:
        return show(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} – {show(end)}"
    return f"{start.day} {start:%b}{'' if start.year == end.year else f' {start.year}'} – {show(end)}"


def qualified(value: float, qualifier: str) -> str:
    """`at least 157`; an exact number stands alone."""
    return show(value) if qualifier in ("", "exact") else f"{qualifier.replace('_', ' ')} {show(value)}"


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as CSV text: UTF-8, comma, header line, ISO dates, numbers in full."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_raw(cell) for cell in row] for row in rows)
    return stream.getvalue()


def _raw(cell: object) -> object:
    if isinstance(cell, float):
        return f"{cell:.10g}"
    if isinstance(cell, Link):
        return cell.url or cell.text
    return "" if cell is None else cell


def thinned(title: str, columns: Sequence[str], rows: Sequence[tuple[Cell | Link, ...]]) -> Table:
    """At most ROWS_ON_PAGE rows, evenly spaced, with a note where some were left out; the CSV has all."""
    every = -(-len(rows) // ROWS_ON_PAGE)
    note = f"Every {every}th row of {len(rows):,}; the CSV file has all." if every > 1 else ""
    return Table(title, tuple(columns), tuple(rows[:: max(every, 1)]), note)


def web_link(text: str, url: str) -> Link:
    """A link where the address starts with http:// or https://, else its text only."""
    return Link(text, url if url.startswith(("https://", "http://")) else "")


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def plural(number: int, one: str, many: str = "") -> str:
    """`1 count`, `2 counts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """`12 %`; `under 1 %` where it is small but not nothing, `over 99 %` likewise."""
    if 0 < share < 0.01:
        return "under 1\u00a0%"
    if 0.99 < share < 1:
        return "over 99\u00a0%"
    return f"{100 * share:.0f}\u00a0%"
