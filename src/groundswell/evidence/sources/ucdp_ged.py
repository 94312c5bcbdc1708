"""UCDP Georeferenced Event Dataset: deadly events of organised violence, one a row."""

from __future__ import annotations

import re

from groundswell.evidence import places
from groundswell.evidence.cells import Cells
from groundswell.evidence.reading import RowRefused
from groundswell.evidence.sources.base import Download, Event, Source, event

KINDS = {"1": "state_based", "2": "non_state", "3": "one_sided"}
_NEEDED = ("id", "type_of_violence", "side_a", "side_b", "date_start", "date_end", "where_prec", "adm_1", "latitude",
           "longitude", "country", "low", "best", "high")  # fmt: skip
NATIONWIDE = 6  # where_prec: 6 means only the country is known, 7 international waters or airspace


def row(cells: Cells) -> Event:
    """One event. `date_start` to `date_end` is the span in which it happened, `best` the deaths of all sides.

    Where `low <= best <= high` does not hold, the span is widened to hold `best`, and noted.
    """
    kind = KINDS.get(cells["type_of_violence"])
    if kind is None:
        raise RowRefused("type_of_violence is none of 1, 2, 3", cells["type_of_violence"])
    start, end = cells.day("date_start"), cells.day("date_end")
    if end < start:
        raise RowRefused("ends before it starts", f"{start} to {end}")
    country = cells.country(cells["country"])
    precise = cells.count("where_prec", empty=NATIONWIDE)
    point = cells.point("latitude", "longitude")
    if precise >= NATIONWIDE and not cells["adm_1"]:
        place = places.NATIONAL if precise == NATIONWIDE else places.UNPLACED
    else:
        place = cells.place(country, re.sub(r"\s+", " ", cells["adm_1"]), point)
    low, best, high = (cells.count(column) for column in ("low", "best", "high"))
    if not low <= best <= high:
        cells.repair("low, best and high out of order; the span holds all", f"{low}, {best}, {high}")
        low, high = min(low, best, high), max(low, best, high)
    return event(day=start, day_precision=(end - start).days, country=country, place=place, kind=kind,
                 actor=cells["side_a"], target=cells["side_b"], deaths_low=low, deaths_best=best,
                 deaths_high=high)  # fmt: skip


UCDP_GED = Source(
    name="ucdp-ged",
    title="UCDP Georeferenced Event Dataset (GED)",
    publisher="Uppsala Conflict Data Program, Department of Peace and Conflict Research, Uppsala University",
    licence="CC BY 4.0",
    citation="Sundberg, Ralph, and Erik Melander (2013) Introducing the UCDP Georeferenced Event Dataset. Journal of "
    "Peace Research 50(4): 523-532; and the codebook of the version you use.",
    how_to_get="Download the CSV from https://ucdp.uu.se/downloads/ and read the zip as it is, or "
    "`groundswell data get ucdp-ged`.",
    covers="Deadly events, all countries from 1989. Only dyads with 25 or more deaths in a year, and only identified, "
    "organised actors: unarmed protest is not in it, and small repression is missing.",
    traps="An event that lasted days or weeks stands on its first day, with its length as day_precision. Versions "
    "change earlier years: never mix two.",
    # The columns read here bear the same names from 17.1 to 25.1; later versions add relid, gwnoa and others.
    layouts={"columns of 17.1 to 25.1": _NEEDED},
    key="id",
    counts=("deaths",),
    row=row,
    download=Download(
        address="https://ucdp.uu.se/downloads/ged/ged{version}-csv.zip",
        versions=("251", "241", "231", "221", "211", "201", "191"),
        file="ged{version}-csv.zip",
    ),
)
