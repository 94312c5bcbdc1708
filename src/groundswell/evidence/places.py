"""Names of places: one governorate or province for each of its spellings; nothing finer is kept."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

NATIONAL = "national"  # a whole country, or several of its places
UNPLACED = "unplaced"  # not given, or not known
FILE = Path(__file__).parent / "places.csv"
# West, south, east, north in degrees, a tenth of a degree around the outline in Natural Earth 1:50m (public domain).
BOXES = {
    "iraq": (38.67, 28.96, 48.65, 37.48),
    "iran": (43.92, 25.0, 63.41, 39.88),
    "lebanon": (35.0, 32.97, 36.71, 34.79),
}
_ARTICLES = {"al", "ad", "an", "ar", "as", "ash", "at", "el", "the"}
_UNITS = {"province", "governorate", "muhafazat", "muhafazah", "mohafazat", "ostan", "محافظه", "استان"}
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
                          "ـ": None, "\u200c": " ", "ı": "i", "ø": "o"})  # fmt: skip
_CODE = re.compile("[A-Za-z]{2}[-.][A-Za-z0-9]{2}")
_SILENT = re.compile("[\u0300-\u036f\u064b-\u0652\u0670\u02bb-\u02bf'’‘`´ʼ]")


@dataclass(frozen=True)
class Place:
    """A governorate or province: its name here, ISO 3166-2 code, centre in degrees, population (None: not known)."""

    country: str
    name: str
    iso: str
    latitude: float
    longitude: float
    population: int | None


@lru_cache(maxsize=10_000)
def country_key(name: str) -> str:
    """A country as the event table writes it: `Iran (Islamic Republic of)` is iran, `South Korea` south_korea."""
    bare = _SILENT.sub("", unicodedata.normalize("NFKD", re.sub(r"\(.*?\)", "", name))).casefold()
    return "_".join(re.findall(r"\w+", bare))


def flat(name: str) -> str:
    """A name without accents and double blanks, so that two ways to write it are one place."""
    return " ".join(re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", name)).split())


def words(name: str) -> list[str]:
    """The words of a name without accents, articles, and words for province; Arabic and Persian letters made one."""
    if _CODE.fullmatch(name.strip()):
        return [re.sub(r"\W", "", name).casefold()]
    flat = _SILENT.sub("", unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))).translate(_LETTERS)
    found = re.findall(r"[^\W_]+", flat)
    bare = [w.removeprefix("ال") if len(w) > 4 else w for w in found if w not in _ARTICLES | _UNITS]
    return bare or found


@cache
def places() -> tuple[Place, ...]:
    """All places that are known by name, in the order of the file."""
    return tuple(place for place, _ in _rows())


def places_of(country: str) -> tuple[Place, ...]:
    """Those of one country (its key); empty for a country without a table."""
    return tuple(place for place in places() if place.country == country)


@cache
def _rows() -> tuple[tuple[Place, tuple[str, ...]], ...]:
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    made = []
    for row in csv.DictReader(lines):
        people = int(row["population"]) if row["population"] else None
        place = Place(row["country"], row["name"], row["iso"], float(row["latitude"]), float(row["longitude"]), people)
        spellings = ";".join(row[c] for c in ("name", "iso", "english", "arabic", "persian", "towns")).split(";")
        made.append((place, tuple(s for s in spellings if s)))
    return tuple(made)


@cache
def aliases(country: str) -> dict[str, Place]:
    """Spelling (its words, joined) to place. No spelling stands for two places of one country: a test checks it."""
    return {"".join(words(s)): place for place, spellings in _rows() if place.country == country for s in spellings}


@cache
def _pattern(country: str) -> re.Pattern[str]:
    spellings = {" ".join(words(s)) for place, all_ in _rows() if place.country == country for s in all_}
    kept = sorted((s for s in spellings if len(s) > 2), key=lambda s: (-len(s), s))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, kept))})(?!\w)")


def find(country: str, name: str) -> Place | None:
    """The place that this name or code means in that country (its key); None where it is not known."""
    return aliases(country).get("".join(words(name)))


def find_within(country: str, text: str) -> tuple[Place, ...]:
    """Places named somewhere in a longer text, each once, in the order of the text."""
    known = aliases(country)
    hits = _pattern(country).findall(" ".join(words(text))) if known else []
    return tuple(dict.fromkeys(known[hit.replace(" ", "")] for hit in hits))


def outside(country: str, latitude: float, longitude: float) -> bool:
    """True where a point lies on no globe, or out of the box around a country that has one."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return True
    west, south, east, north = BOXES.get(country, (-180.0, -90.0, 180.0, 90.0))
    return not (west <= longitude <= east and south <= latitude <= north)
