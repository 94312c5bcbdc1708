"""The vocabulary: declared once, with unit, meaning and source."""

from __future__ import annotations

import pytest

from groundswell.errors import MechanismError
from groundswell.world.fields import CATEGORIES, FIELDS, TABLES, field, lookup


def only(caught) -> tuple[str, str, str, str]:
    (p,) = caught.value.problems
    return p.refusal, p.where, p.fault, p.cure


@pytest.mark.parametrize("name", FIELDS)
def test_each_column_is_whole(name: str) -> None:
    f = FIELDS[name]
    assert f.name == name == f"{f.table}.{f.column}"
    assert f.table in TABLES and f.dtype in ("f8", "f4", "i8", "i4", "u1")
    assert f.unit and f.doc and f.source
    assert f.low is None or f.high is None or f.low < f.high
    assert f.link is None or (f.link in TABLES and f.dtype == "i4")
    assert not (f.is_flow and f.dtype.startswith("f"))


def test_categories_are_columns() -> None:
    assert set(CATEGORIES) <= set(FIELDS)


@pytest.mark.parametrize("name", ["town.size", "place", "place.", "place.two words", ".x", "place.a.b"])
def test_names_outside_the_form_are_refused(name: str) -> None:
    with pytest.raises(MechanismError) as caught:
        field(name, "f8", unit="1", doc="d", source="s")
    refusal, where, _, cure = only(caught)
    assert refusal == "field-name" and name in where and "tables are country, place" in cure
    assert name not in FIELDS


def test_a_column_is_declared_once(clean_registry: None) -> None:
    made = field("country.press_freedom", "f8", unit="share", doc="d", source="s", low=0, high=1)
    assert field("country.press_freedom", "f8", unit="share", doc="d", source="s", low=0, high=1) == made
    with pytest.raises(MechanismError) as caught:
        field("country.press_freedom", "f8", unit="share", doc="d", source="s", low=0, high=2)
    assert only(caught) == (
        "field-twice",
        "field 'country.press_freedom'",
        "is declared already, differently",
        "use the declared one or choose another name",
    )
    assert FIELDS["country.press_freedom"] == made


def test_lookup_names_the_nearest() -> None:
    assert lookup("place.turnout", "here").unit == "persons"
    with pytest.raises(MechanismError) as caught:
        lookup("place.turnuot", "mechanism 'm'")
    assert only(caught) == (
        "field-unknown",
        "mechanism 'm'",
        "'place.turnuot' is not a declared column",
        "did you mean 'place.turnout'?",
    )
