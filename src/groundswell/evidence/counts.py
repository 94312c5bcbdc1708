"""Published counts: who said which number, for which days, and when it became known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.scenario import tables
from groundswell.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

Qualifier = Literal["exact", "at_least", "more_than", "about", "up_to"]
QUALIFIERS: tuple[str, ...] = get_args(Qualifier)
NEEDED = ("place", "window_start", "window_end", "measure", "value", "qualifier", "cumulative", "reporter",
          "publisher", "published", "url")  # fmt: skip
ABOUT = 0.1  # rule of reading, not a law: "about 100" is read as 90 to 110
NATIONAL = "national"
INFINITE = float("inf")


@dataclass(frozen=True)
class Published:
    """One published number. `window_start` and `window_end` are both included; `value` counts persons, or what
    `measure` says. `cumulative` means: since a campaign began on `window_start`. `published` is None where nobody
    gives the date. `country` is empty in a file of one country, `admin1` where the place is a whole country. `forces`
    says whether members of security forces are counted: yes, no, split or unknown. `line` is that of the file.
    """

    country: str
    place: str
    admin1: str
    window_start: dt.date
    window_end: dt.date
    measure: str
    value: float
    qualifier: str
    cumulative: bool
    forces: str
    reporter: str
    publisher: str
    published: dt.date | None
    url: str
    line: int = 0

    @property
    def days(self) -> int:
        """Length of the window in days."""
        return (self.window_end - self.window_start).days + 1

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest number that the words allow; `about` is read as within a tenth (ABOUT)."""
        return bounds(self.value, self.qualifier)

    def allows(self, low: float, high: float | None = None) -> bool:
        """True where a number (or some number from `low` to `high`) agrees with this count as it is worded."""
        least, most = self.bounds
        return (low if high is None else high) >= least and low <= most


def bounds(value: float, qualifier: str) -> tuple[float, float]:
    """What `qualifier value` allows: exact 9 gives (9, 9), at_least (9, inf), more_than (10, inf), up_to (0, 9)."""
    return {
        "exact": (value, value),
        "at_least": (value, INFINITE),
        "more_than": (value + 1, INFINITE),
        "about": (value * (1 - ABOUT), value * (1 + ABOUT)),
        "up_to": (0.0, value),
    }[qualifier]


@dataclass(frozen=True)
class Counts:
    """Published counts, in the order of their file. Every method gives a new table and leaves this one as it is."""

    rows: tuple[Published, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Published]:
        return iter(self.rows)

    def where(self, wanted: Callable[[Published], bool]) -> Counts:
        """The counts for which `wanted` is true."""
        return Counts(tuple(row for row in self.rows if wanted(row)))

    def about(
        self, measure: str | Iterable[str] = (), place: str = "", country: str = "", reporter: str = ""
    ) -> Counts:
        """Counts of one measure (or several), place, country and reporter; what is left empty is not asked."""
        measures = (measure,) if isinstance(measure, str) else tuple(measure)
        return self.where(
            lambda row: (
                (not measures or row.measure in measures)
                and place in ("", row.place, row.admin1)
                and country in ("", row.country)
                and reporter in ("", row.reporter)
            )
        )

    def known_on(self, day: dt.date) -> Counts:
        """What had been published by the end of that day. A count without a date of publication is never in it."""
        return self.where(lambda row: row.published is not None and row.published <= day)

    def overlapping(self, start: dt.date, end: dt.date) -> Counts:
        """Counts whose window shares a day with start to end (both included)."""
        return self.where(lambda row: row.window_start <= end and row.window_end >= start)

    @property
    def undated(self) -> Counts:
        """Counts without a date of publication: `known_on` leaves them out."""
        return self.where(lambda row: row.published is None)

    @property
    def reporters(self) -> tuple[str, ...]:
        """Who counted, in the order of the file."""
        return tuple(dict.fromkeys(row.reporter for row in self.rows))

    def same_reporter(self, names: Mapping[str, str]) -> Counts:
        """Counts with reporters renamed, where one body stands under several names. Which do is a judgement: say so."""
        return Counts(tuple(replace(row, reporter=names.get(row.reporter, row.reporter)) for row in self.rows))

    def frame(self) -> pd.DataFrame:
        """As a pandas table: one row a count, the columns of Published."""
        import pandas as pd

        made = pd.DataFrame([vars(row) for row in self.rows], columns=list(Published.__dataclass_fields__))
        for column in ("window_start", "window_end", "published"):
            made[column] = pd.to_datetime(made[column]).astype("datetime64[s]")
        return made


def counts_of(scenario: Scenario) -> Counts:
    """The published counts of a case; `country` where it has only one. Raises GroundswellError as read_counts does."""
    country = next(iter(scenario.country)) if len(scenario.country) == 1 else ""
    isos = {name: row.labels.get("iso", "") for name, row in scenario.place.items()}
    found = []
    for n, count in enumerate(scenario.count, 1):
        told = count.model_dump()
        told["forces"] = told.pop("includes_security_forces")
        found.append(Published(country=country, admin1=isos.get(count.place, ""), line=n, **told))
    wrong = [problem for row in found for problem in _faults(row, f"count {row.line}")]
    if wrong:
        raise GroundswellError(wrong)
    return Counts(tuple(found))


def read_counts(path: Path | str) -> Counts:
    """Read a CSV of published counts: a case's counts.csv, or one with the columns country and admin1_iso as well.

    Raises GroundswellError with every fault: a column that is missing, a date, a number, a qualifier that is none, a
    window that ends before it starts, a row that is there twice, a number below 0.
    """
    path = Path(path)
    text = tables.read_text(path, path.name)
    if isinstance(text, Problem):
        raise GroundswellError(text)
    sheet, problems = tables.read_sheet(text, path.name, NEEDED)
    if sheet is None:
        raise GroundswellError(problems)
    found: list[Published] = []
    seen: dict[Published, int] = {}
    for line in sheet.lines:
        row = _row(line, path.name, problems)
        if row is None:
            continue
        bare = replace(row, line=0)
        if bare in seen:
            problems.append(
                Problem("count-twice", tables.place_of(path.name, line.number), f"repeats line {seen[bare]}",
                        "leave one out: a number printed twice is one count")
            )  # fmt: skip
        seen[bare] = line.number
        found.append(row)
    if problems:
        raise GroundswellError(problems)
    return Counts(tuple(found))


def _row(line: tables.Line, file: str, problems: list[Problem]) -> Published | None:
    cells = line.cells
    parsers: dict[str, Callable[[str], Any]] = {
        "window_start": tables.date, "window_end": tables.date, "value": tables.number, "cumulative": tables.truth,
        "published": tables.date,
    }  # fmt: skip
    got: dict[str, Any] = {}
    wrong: list[Problem] = []
    for name in NEEDED:
        where = tables.place_of(file, line.number, name)
        if name not in cells and name != "published":
            wrong.append(Problem("cell-missing", where, "is empty", "fill it in"))
        elif name in cells:
            got[name] = tables.convert(cells[name], parsers.get(name, str), where)
            wrong += [got[name]] if isinstance(got[name], Problem) else []
    if not wrong:
        row = Published(
            country=cells.get("country", ""), admin1=cells.get("admin1_iso", ""), line=line.number,
            forces=cells.get("includes_security_forces", "unknown"), **{"published": None, **got},
        )  # fmt: skip
        wrong = _faults(row, tables.place_of(file, line.number))
    problems += wrong
    return None if wrong else row


def _faults(row: Published, where: str) -> list[Problem]:
    wrong = []
    if row.qualifier not in QUALIFIERS:
        wrong.append(
            Problem("qualifier", where, f"'{row.qualifier}' is no qualifier", nearest(row.qualifier, QUALIFIERS))
        )
    if row.window_end < row.window_start:
        wrong.append(
            Problem("count-window", where, f"ends on {row.window_end}, before it starts on {row.window_start}",
                    "give the first and the last day")
        )  # fmt: skip
    if row.value < 0:
        wrong.append(Problem("count-negative", where, f"{row.value:g} is below 0", "give a number of persons"))
    if row.published is not None and row.published < row.window_start:
        wrong.append(
            Problem("count-early", where, f"was published on {row.published}, before its window starts",
                    "check the year of both dates")
        )  # fmt: skip
    return wrong
