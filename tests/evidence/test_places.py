"""Names of places: one place a spelling, codes, accents, Arabic and Persian letters, longer texts, points."""

from __future__ import annotations

import csv
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outside_data import outside as file_outside

from groundswell.evidence.places import (
    BOXES,
    _rows,
    country_key,
    find,
    find_within,
    outside,
    places,
    places_of,
    words,
)  # fmt: skip


def test_no_spelling_stands_for_two_places_of_one_country() -> None:
    held: dict[tuple[str, str], str] = {}
    for place, spellings in _rows():
        for spelling in spellings:
            key = place.country, "".join(words(spelling))
            assert key[1] and held.setdefault(key, place.name) == place.name, spelling


def test_all_units_are_there_with_a_code_and_inside_their_country() -> None:
    assert [len(places_of(c)) for c in ("iraq", "iran", "lebanon", "arvenia")] == [18, 31, 8, 0]
    assert len({place.iso for place in places()}) == 57
    assert not [p.name for p in places() if outside(p.country, p.latitude, p.longitude)]


@pytest.mark.parametrize(
    ("country", "spelling", "name"),
    [
        ("iraq", "At-Ta'mim province", "Kirkuk"), ("iraq", "Şalāḩ ad Dīn province", "Salah al-Din"),
        ("iraq", "محافظة ذي قار", "Dhi Qar"), ("iraq", "كركوك", "Kirkuk"), ("iraq", "کرکوک", "Kirkuk"),
        ("iraq", "IQ-NI", "Ninawa"), ("iraq", "THI-QAR", "Dhi Qar"), ("iraq", "Halabja", "Sulaymaniyah"),
        ("iran", "استان تهران", "Tehran"), ("iran", "طهران", "Tehran"), ("iran", "IR-10", "Esfahan"),
        ("iran", "سیستان و بلوچستان", "Sistan and Baluchestan"),
        ("iran", "Sistan va Baluchestan", "Sistan and Baluchestan"),
        ("iran", "خراسان\u200cرضوی", "Razavi Khorasan"), ("lebanon", "Liban-Nord", "North Lebanon"),
        ("lebanon", "عكار", "Akkar"), ("lebanon", "LB-BH", "Baalbek-Hermel"), ("lebanon", "El Nabatieh", "Nabatieh"),
    ],
)  # fmt: skip
def test_spellings(country: str, spelling: str, name: str) -> None:
    found = find(country, spelling)
    assert found is not None and found.name == name


def test_unknown_names_are_not_guessed() -> None:
    assert find("iraq", "Tehran") is None and find("iraq", "Bagdada") is None and find("arvenia", "Baghdad") is None
    assert find("iraq", "") is None and find_within("arvenia", "Baghdad") == ()


def test_places_within_a_text_stand_in_its_order_and_as_whole_words() -> None:
    assert [p.name for p in find_within("iraq", "from Mosul to central Baghdad, and Mosul again")] == [
        "Ninawa",
        "Baghdad",
    ]
    assert find_within("iran", "the Qomish of nowhere") == ()


@pytest.mark.parametrize(
    ("name", "key"),
    [("Iran (Islamic Republic of)", "iran"), ("South Korea", "south_korea"), (" IRAQ ", "iraq"), ("", ""),
     ("Türkiye", "turkiye")],
)  # fmt: skip
def test_country_key(name: str, key: str) -> None:
    assert country_key(name) == key


@given(st.text(max_size=40), st.sampled_from(sorted(BOXES)))
def test_any_text_is_a_place_or_none(text: str, country: str) -> None:
    assert find(country, text) is None or find(country, text) in places_of(country)
    assert set(find_within(country, text)) <= set(places_of(country))


def test_points() -> None:
    assert not outside("iraq", 33.3, 44.4) and outside("iraq", 44.4, 33.3) and outside("arvenia", 91, 0)
    assert outside("iraq", float("nan"), 44) and not outside("arvenia", -90, 180)


def test_names_of_a_real_file_agree_with_its_codes() -> None:
    with gzip.open(file_outside("ucdp_ged_iraq/ged_iraq_1989_2018.csv.gz"), "rt", encoding="utf-8") as stream:
        named = [(row["adm_1"], row["governorate_iso"]) for row in csv.DictReader(stream) if row["adm_1"]]
    assert len(named) > 7000
    assert {name for name, iso in named if getattr(find("iraq", name), "iso", "") != iso} == set()
