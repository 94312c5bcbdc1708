"""ACLED: political violence, protests and riots by day. Its terms forbid passing rows on: users bring their export."""

from __future__ import annotations

import calendar
import datetime as dt

from groundswell.evidence.cells import Cells
from groundswell.evidence.reading import RowLeftOut, RowRefused
from groundswell.evidence.sources.base import Event, Source, event

KINDS = {
    "protests": "protest",
    "riots": "riot",
    "battles": "battle",
    "explosions/remote violence": "explosion",
    "violence against civilians": "violence_against_civilians",
}
LEFT_OUT = "strategic developments"
WEEK, MONTH = 2, 3


def row(cells: Cells) -> Event:
    """One event. A time precision of 2 is read as three days either way, of 3 as the whole month of the date.

    Both are readings of the codebook's words "week" and "month", not numbers that the source gives. Fatalities are one
    number; it stands for low, best and high.
    """
    told = cells["event_type"].casefold()
    if told == LEFT_OUT:
        raise RowLeftOut("strategic development, by the source's own words no violence or protest", "")
    kind = KINDS.get(told)
    if kind is None:
        raise RowRefused("event_type not known", cells["event_type"])
    country = cells.country(cells["country"])
    day, precise = cells.day("event_date"), cells.count("time_precision", empty=1)
    length = 0
    if precise == WEEK:
        day, length = day - dt.timedelta(days=3), 6
    elif precise == MONTH:
        length = calendar.monthrange(day.year, day.month)[1] - 1
        day = day.replace(day=1)
    elif precise != 1:
        raise RowRefused("time_precision is none of 1, 2, 3", cells["time_precision"])
    place = cells.place(country, cells["admin1"], cells.point("latitude", "longitude"))
    deaths = cells.count("fatalities")
    return event(day=day, day_precision=length, country=country, place=place, kind=kind, actor=cells["actor1"],
                 target=cells["actor2"], size=_size(cells), deaths_low=deaths, deaths_best=deaths,
                 deaths_high=deaths)  # fmt: skip


def _size(cells: Cells) -> int:
    """The plain number in `crowd size=...`; words such as "hundreds" are left at 0, not known."""
    for tag in cells["tags"].split(";"):
        name, _, value = tag.strip().partition("=")
        words = value.replace(",", "").removeprefix("about ").removeprefix("around ").split()
        if name == "crowd size" and words and words[0].isascii() and words[0].isdigit() and len(words[0]) < 8:
            if words[0] != value:
                cells.repair("size read from words", value)
            return int(words[0])
    return 0


ACLED = Source(
    name="acled",
    title="ACLED export",
    publisher="Armed Conflict Location & Event Data (ACLED)",
    licence="ACLED's own terms: free after registration for many uses, rows may not be passed on. Read "
    "https://acleddata.com before use.",
    citation="As ACLED's attribution policy asks, with the date of your export; Raleigh, Clionadh, et al. (2010) "
    "Introducing ACLED. Journal of Peace Research 47(5): 651-660.",
    how_to_get="Register with ACLED, export a CSV with the data export tool, and read it here. It is not downloaded "
    "for you, and nothing of it is kept in this package.",
    covers="By day and place; the first year differs by country (Iraq, Iran and Lebanon: 2016). Protest without "
    "deaths is in it.",
    traps="Fatalities are the reports' lower figures. A dyadic export has each event twice: repeated ids are refused. "
    "Coverage grew over the years, so more events may mean more reporters.",
    layouts={
        "columns of the export": (
            "event_id_cnty", "event_date", "time_precision", "event_type", "actor1", "actor2", "country", "admin1",
            "latitude", "longitude", "fatalities",
        ),
    },
    key="event_id_cnty",
    counts=("size", "deaths"),
    row=row,
)  # fmt: skip
