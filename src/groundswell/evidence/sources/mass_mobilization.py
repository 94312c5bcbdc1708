"""Mass Mobilization: protests of 50 or more people against a government, 1990 to March 2020."""

from __future__ import annotations

import datetime as dt
import re

from groundswell.evidence import places
from groundswell.evidence.cells import Cells
from groundswell.evidence.reading import RowLeftOut, RowRefused
from groundswell.evidence.sources.base import Event, Source, event

_PUBLISHER = ("id", "country", "protest", "startday", "startmonth", "startyear", "endday", "endmonth", "endyear",
              "location", "participants", "participants_category")  # fmt: skip
_ISO = ("id", "country", "start_date", "end_date", "location", "participants", "participants_category")

MOST_TEXT = 2_000  # characters of a location that are searched for names; the longest of the source are far below


def row(cells: Cells) -> Event:
    """One protest. `day` is its first day and day_precision the days that follow: it may have gone on through all.

    The source counts no deaths, injuries or arrests; it says only whether there were any.
    """
    if cells["protest"] == "0":
        raise RowLeftOut("country-year without a protest", f"{cells['country']} {cells['year']}")
    start, end = (cells.day(f"{end}_date") if f"{end}_date" in cells.held else _day(cells, end)
                  for end in ("start", "end"))  # fmt: skip
    if end < start:
        raise RowRefused("ends before it starts", f"{start} to {end}")
    country = cells.country(cells["country"])
    return event(day=start, day_precision=(end - start).days, country=country, place=_place(cells, country),
                 kind="protest", actor="challengers", target="government", size=_size(cells))  # fmt: skip


def _day(cells: Cells, end: str) -> dt.date:
    year, month, day = (cells.count(f"{end}{part}") for part in ("year", "month", "day"))
    try:
        found = dt.date(year, month, day)
    except ValueError:
        raise RowRefused("not a date", f"{end} {year}-{month}-{day}") from None
    if not 1900 <= found.year < 2100:
        raise RowRefused("date before 1900 or after 2099", str(found))
    return found


def _place(cells: Cells, country: str) -> str:
    text = cells["location"][:MOST_TEXT]
    if not places.places_of(country):  # free text such as a square or a village: finer than what is kept here
        if text.casefold() not in ("", places.NATIONAL):
            cells.repair("no table of places for this country: national", text)
        return places.NATIONAL
    found = places.find_within(country, text)
    if len(found) > 1 or places.NATIONAL in text.casefold():
        if found:
            cells.repair("several places in one row: national", text)
        return places.NATIONAL
    if not found:
        cells.repair("place not known: unplaced" if text else "place not given: unplaced", text)
        return places.UNPLACED
    if places.find(country, text) is None:
        cells.repair("place found within a longer text", text)
    return found[0].name


def _size(cells: Cells) -> int:
    """The number of participants where it is plain, else the lower end of the category; 0 where neither is given."""
    told = cells["participants"].replace(",", "")
    if told.isascii() and told.isdigit() and len(told) <= 7:
        return int(told)
    digits = re.match(r"\D?(\d{2,7})(?:-|\b)", cells["participants_category"].replace(",", ""))
    if digits is None:
        if told not in ("", "."):
            cells.repair("size given in words only: not known", told)
        return 0
    cells.repair("size read as the lower end of its category", f"{told or 'empty'}, {cells['participants_category']}")
    return int(digits[1])


MASS_MOBILIZATION = Source(
    name="mass-mobilization",
    title="Mass Mobilization Protest Data",
    publisher="David H. Clark (Binghamton University) and Patrick M. Regan, Mass Mobilization Project",
    licence="CC0 1.0, as the Dataverse record of doi:10.7910/DVN/HTTWYL says",
    citation='Clark, David, and Patrick Regan (2016) "Mass Mobilization Protest Data", '
    "https://doi.org/10.7910/DVN/HTTWYL, Harvard Dataverse, V5.",
    how_to_get="Download the CSV from https://doi.org/10.7910/DVN/HTTWYL (the site asks who you are), or export the "
    "publisher's table as CSV.",
    covers="Protests of 50 or more against the government, 162 countries, 1990 to 2020-03.",
    traps="One row may be a day or a campaign of weeks. Most rows of 2019 say only `national`. It says whether people "
    "were killed or arrested, never how many: deaths, injuries and arrests are not counted and read as 0 here.",
    layouts={"publisher's columns": _PUBLISHER, "columns with ISO dates": _ISO},
    key="id",
    counts=("size",),
    row=row,
)
