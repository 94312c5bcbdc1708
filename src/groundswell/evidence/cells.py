"""Cells of a row as dates, counts and places; what was mended is noted, what cannot be read refuses the row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from groundswell.evidence import places
from groundswell.evidence.reading import RowRefused

FIRST, LAST = dt.date(1900, 1, 1), dt.date(2100, 1, 1)
MOST_NAME = 200  # characters of a date, a country or a place; more is another column, or mischief
MOST = 10_000_000  # persons in one row; more is a slip, or another column
_MONTHS = {name: k for k, name in enumerate(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december"), 1)}  # fmt: skip
_DIGITS = {ord(digit): str(value) for zero in "٠۰" for value, digit in enumerate(chr(ord(zero) + k) for k in range(10))}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})([ T][\d:.,]*Z?)?")
_WORDED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})")
_SLASHED = re.compile(r"(\d{1,4})[/.](\d{1,2})[/.](\d{1,4})")
_COUNT = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")


@dataclass
class Cells:
    """One row: its line and its cells by column (a column that is missing reads as empty), and the repairs made.

    `day_first` says how 03/04/2019 is to be read: True 3 April, False 4 March, None not at all.
    """

    line: int
    held: Mapping[str, str]
    day_first: bool | None = None
    repairs: list[tuple[str, str]] = field(default_factory=list)

    def __getitem__(self, column: str) -> str:
        return self.held.get(column, "")

    def repair(self, kind: str, detail: str) -> None:
        """Note what was mended."""
        self.repairs.append((kind, detail))

    def day(self, column: str) -> dt.date:
        """A date; refuses the row where it is missing, none, or not between 1900 and 2100."""
        text = self[column]
        if not text or len(text) > MOST_NAME:
            raise RowRefused("date missing" if not text else "not a date", f"{column} {text[:40]}".strip())
        found, kind = read_day(text, self.day_first)
        if found is None:
            raise RowRefused(kind, f"{column} {text}")
        if not FIRST <= found < LAST:
            raise RowRefused("date before 1900 or after 2099", f"{column} {text}")
        if kind:
            self.repair(kind, f"{column} {text}")
        return found

    def count(self, column: str, empty: int | None = None) -> int:
        """A whole number of persons from 0 to MOST; an empty cell gives `empty`, or refuses the row."""
        text = self[column]
        if text.isascii() and text.isdigit() and len(text) < 8 and (text[0] != "0" or text == "0"):
            return int(text)  # nearly all of them: no need to look closer
        text = text.translate(_DIGITS)
        if not text and empty is not None:
            return empty
        bare = re.sub(r"\.0+$", "", text)
        if not _COUNT.fullmatch(bare):
            raise RowRefused("number missing" if not text else "not a whole number", f"{column} {text}".strip())
        if len(bare) > 12 or int(bare.replace(",", "")) > MOST:
            raise RowRefused(f"number above {MOST:,}", f"{column} {text}")
        value = int(bare.replace(",", ""))
        if str(value) != self[column]:
            self.repair("number written in another way", f"{column} {self[column]}")
        return value

    def point(self, latitude: str, longitude: str) -> tuple[float, float] | None:
        """Degrees north and east; None where both are empty. Refuses the row where one is no number."""
        texts = (self[latitude], self[longitude])
        if not any(texts):
            return None
        try:
            north, east = (float(text.replace(",", ".")) for text in texts)
        except ValueError:
            raise RowRefused("coordinates not numbers", ", ".join(texts)) from None
        return north, east

    def country(self, name: str) -> str:
        """The key of a country's name; refuses the row where it is missing or too long to be one."""
        if len(name) > MOST_NAME:
            raise RowRefused(f"country longer than {MOST_NAME} characters", name[:40])
        found = places.country_key(name)
        if not found:
            raise RowRefused("country missing", name)
        return found

    def place(self, country: str, name: str, point: tuple[float, float] | None) -> str:
        """The governorate of that name; without accents in a country that has no table; `unplaced` where unknown.

        A point that does not lie in the country refuses a row whose name is unknown; where the name is known it is
        noted, and the name decides.
        """
        if len(name) > MOST_NAME:
            raise RowRefused(f"place longer than {MOST_NAME} characters", name[:40])
        known = place_of(country, name)
        if point is not None and places.outside(country, *point):
            shown = f"{point[0]:g}, {point[1]:g}"
            if known in (places.UNPLACED, places.NATIONAL) or not places.places_of(country):
                raise RowRefused("coordinates outside the country", f"{country} {name}: {shown}")
            swapped = not places.outside(country, point[1], point[0])
            kind = "coordinates in the wrong order" if swapped else "coordinates outside the country"
            self.repair(f"{kind}; the name decides", f"{name}: {shown}")
        if known == places.UNPLACED:
            self.repair("place not known: unplaced" if name else "place not given: unplaced", name)
        elif known == places.flat(name) != name:
            self.repair("accents dropped from a place without a table", name)
        return known


@lru_cache(maxsize=10_000)
def place_of(country: str, name: str) -> str:
    """The place of the table that this name means, `national`, `unplaced`, or the flat name where there is no table."""
    if not name:
        return places.UNPLACED
    if name.casefold() in (places.NATIONAL, country):
        return places.NATIONAL
    if not places.places_of(country):
        return places.flat(name)
    found = places.find(country, name)
    return found.name if found is not None else places.UNPLACED


@lru_cache(maxsize=50_000)
def read_day(text: str, day_first: bool | None) -> tuple[dt.date | None, str]:
    """The date and how it was mended ("" where it can be read in one way only); None and why where it is no date."""
    bare = text.translate(_DIGITS)
    other = "" if bare == text else "date in other digits"
    try:
        if found := _ISO.fullmatch(bare):
            return dt.date(*map(int, found.groups()[:3])), other
        if found := _WORDED.fullmatch(bare):
            month = next(k for name, k in _MONTHS.items() if name.startswith(found[2].casefold()))
            return dt.date(int(found[3]), month, int(found[1])), other
        if found := _SLASHED.fullmatch(bare):
            return _slashed([int(part) for part in found.groups()], day_first)
    except (ValueError, StopIteration):
        pass
    return None, "not a date"


def _slashed(parts: list[int], day_first: bool | None) -> tuple[dt.date | None, str]:
    if parts[0] > 31:
        return dt.date(*parts), "date with strokes"
    if parts[2] < 100:
        return None, "date with a year of two digits"
    day, month = (parts[0], parts[1]) if day_first or parts[0] > 12 else (parts[1], parts[0])
    if day_first is None and parts[0] <= 12 and parts[1] <= 12 and parts[0] != parts[1]:
        return None, "date that can be read in two ways (say which: --day-first or --month-first)"
    return dt.date(parts[2], month, day), "date with strokes"
