"""What reading a file did: rows, repairs, refusals and their lines, coverage. Nothing is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

PRINTED = 60  # places in the text of a report
SHOWN = 5  # examples of each kind that are kept; all of them go to the sink
What = Literal["repaired", "refused", "left out", "doubtful"]


class Note(NamedTuple):
    """One thing done to one row: its line, what was done (`doubtful`: kept, in doubt), the kind, and the detail."""

    line: int
    what: What
    kind: str
    detail: str


class RowRefused(Exception):
    """A row that cannot become an event: `kind` is why, `detail` what stood there."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


class RowLeftOut(RowRefused):
    """A row that is no event by its own words, such as a country-year without a protest."""


@dataclass
class Reading:
    """The reading report: `rows` = `events` + refused + left out. `sink` is given every note as it is made."""

    source: str
    file: str
    encoding: str = ""
    columns: str = ""
    rows: int = 0
    events: int = 0
    counts: Counter[tuple[What, str]] = field(default_factory=Counter)
    examples: dict[tuple[What, str], list[Note]] = field(default_factory=dict)
    covered: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    sink: Callable[[Note], None] | None = None

    def note(self, line: int, what: What, kind: str, detail: str = "") -> None:
        """Count, keep as an example, and hand on."""
        made = Note(line, what, kind, detail[:200])
        self.counts[what, kind] += 1
        kept = self.examples.setdefault((what, kind), [])
        if len(kept) < SHOWN:
            kept.append(made)
        if self.sink is not None:
            self.sink(made)

    def add(self, country: str, place: str, day: Any) -> None:
        """An event was read there, on that day."""
        self.events += 1
        held = self.covered.setdefault((country, place), [day, day, 0])
        held[0], held[1], held[2] = min(held[0], day), max(held[1], day), held[2] + 1

    def total(self, what: What) -> int:
        """How many notes of that sort: each refused or left out row has one, a repaired row one for each repair."""
        return sum(count for (kind, _), count in self.counts.items() if kind == what)

    def facts(self) -> dict[str, Any]:
        """For JSON. Places are in the order in which the file first names them."""
        return {
            "source": self.source,
            "file": self.file,
            "encoding": self.encoding,
            "columns": self.columns,
            "rows": self.rows,
            "events": self.events,
            "repaired": self._kinds("repaired"),
            "refused": self._kinds("refused"),
            "left_out": self._kinds("left out"),
            "doubtful": self._kinds("doubtful"),
            "coverage": [
                {"country": country, "place": place, "first": first, "last": last, "events": count}
                for (country, place), (first, last, count) in self.covered.items()
            ],
        }

    def _kinds(self, what: What) -> dict[str, Any]:
        return {
            kind: {"count": count, "examples": [f"line {n.line}: {n.detail}" for n in self.examples[what, kind]]}
            for (sort, kind), count in self.counts.items()
            if sort == what
        }

    def text(self) -> str:
        """The report as lines."""
        lines = [f"{self.file}, read as {self.source} ({self.columns}), {self.encoding}",
                 f"{_many(self.rows, 'row')}: {_many(self.events, 'event')}, {self.total('refused'):,} refused, "
                 f"{self.total('left out'):,} left out; {_many(self.total('repaired'), 'repair')}"]  # fmt: skip
        for (what, kind), count in self.counts.items():
            shown = [f"line {n.line}" + (f" ({n.detail})" if n.detail else "") for n in self.examples[what, kind][:3]]
            more = ", ..." if count > len(shown) else ""
            lines.append(f"  {what}: {kind}: {count:,} ({', '.join(shown)}{more})")
        if self.covered:
            lines.append("covers, in the order of the file:")
        for (country, place), (first, last, count) in list(self.covered.items())[:PRINTED]:
            lines.append(f"  {country} {place}: {_many(count, 'event')}, {first} to {last}")
        if len(self.covered) > PRINTED:
            lines.append(f"  and {len(self.covered) - PRINTED:,} places more; --json has all")
        return "\n".join(lines)


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
