"""One row of each source as one event: made-up rows in the published columns, and what refuses or mends them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from evidence_rows import ACLED, ACLED_ROW, GED, GED_ROW, MASS, MASS_ROW, table
from refusals import refusing

from groundswell.errors import GroundswellError
from groundswell.evidence.read import read_events
from groundswell.evidence.sources.mapped import read_map

LAYOUT = {"ged": (GED, GED_ROW), "acled": (ACLED, ACLED_ROW), "mass": (MASS, MASS_ROW)}


def one(source: str, **changes: str) -> tuple[dict[str, Any], set[str]]:
    """The event of one row with changes, and the kinds of notes."""
    head, row = LAYOUT[source]
    events, reading = read_events(table(head, row | changes))
    return {name: column[0] for name, column in events.columns.items()}, {kind for _, kind in reading.counts}


def refused(source: str, **changes: str) -> str:
    """Why a row is refused or left out (a good one stands beside it)."""
    head, row = LAYOUT[source]
    key = head[0]
    _, reading = read_events(table(head, row, row | {key: "other"} | changes))
    ((what, kind),) = [k for k in reading.counts if k[0] in ("refused", "left out")]
    assert reading.events == 1
    return f"{what}: {kind}"


def day(event: dict[str, Any]) -> dt.date:
    return event["day"].astype(object)  # type: ignore[no-any-return]


def test_ged() -> None:
    made, notes = one("ged")
    assert (made["kind"], made["place"], made["country"]) == ("state_based", "Basra", "iraq") and not notes
    assert (made["deaths_low"], made["deaths_best"], made["deaths_high"]) == (1, 2, 3)
    assert day(made) == dt.date(2017, 3, 1) and made["day_precision"] == 1 and made["replicate"] == -1
    assert one("ged", where_prec="6", adm_1="")[0]["place"] == "national"
    assert one("ged", where_prec="7", adm_1="")[0]["place"] == "unplaced"
    widened, notes = one("ged", best="9")
    assert (widened["deaths_low"], widened["deaths_best"], widened["deaths_high"]) == (1, 9, 9)
    assert notes == {"low, best and high out of order; the span holds all"}
    assert "1, 2, 3" in refused("ged", type_of_violence="4") and "ends before" in refused("ged", date_end="2016-01-01")
    assert "country missing" in refused("ged", country="") and "number missing" in refused("ged", low="")


def test_cut_and_published_columns_of_ged_read_alike() -> None:
    whole, _ = read_events(table(GED, GED_ROW))
    cut, _ = read_events(table([name for name in GED if name in GED_ROW], GED_ROW))
    assert all((whole.columns[name] == cut.columns[name]).all() for name in whole.columns)


def test_acled() -> None:
    made, notes = one("acled")
    assert (made["kind"], made["place"], made["size"]) == ("protest", "Dhi Qar", 300)
    assert day(made) == dt.date(2019, 10, 25) and notes == {"size read from words"}
    week, _ = one("acled", time_precision="2")
    assert day(week) == dt.date(2019, 10, 22) and week["day_precision"] == 6
    month, _ = one("acled", time_precision="3")
    assert day(month) == dt.date(2019, 10, 1) and month["day_precision"] == 30
    assert (
        one("acled", tags="crowd size=hundreds")[0]["size"] == 0 and one("acled", fatalities="4")[0]["deaths_high"] == 4
    )
    assert refused("acled", event_type="Strategic developments").startswith("left out: strategic development")
    assert "event_type not known" in refused("acled", event_type="Parade") and "1, 2, 3" in refused(
        "acled", time_precision="9"
    )


def test_mass_mobilization() -> None:
    made, notes = one("mass")
    assert (made["kind"], made["place"], made["size"], made["target"]) == ("protest", "Baghdad", 100, "government")
    assert day(made) == dt.date(2019, 10, 1) and made["day_precision"] == 5
    assert notes == {"size read as the lower end of its category", "place found within a longer text"}
    assert one("mass", location="Baghdad; Basra; national")[0]["place"] == "national"
    assert one("mass", location="elsewhere")[0]["place"] == "unplaced"
    assert one("mass", location="a village", country="Kenya")[0]["place"] == "national"
    assert one("mass", participants="1,500")[0]["size"] == 1500
    assert one("mass", participants="thousands", participants_category="")[0]["size"] == 0
    assert refused("mass", protest="0", startday="", startmonth="").startswith("left out: country-year")
    assert "not a date" in refused("mass", startmonth="2", startday="30")


MAP = 'schema = 1\ncountry = "arvenia"\nkind = "protest"\n[columns]\nday = "Day"\nplace = "Where"\ndeaths = "Dead"\n'


def mapped(folder: Path, text: str, data: str) -> Any:
    (folder / "map.toml").write_text(text, encoding="utf-8")
    return read_events(data.encode(), columns=folder / "map.toml")


def test_any_csv_through_a_column_map(tmp_path: Path) -> None:
    events, reading = mapped(tmp_path, MAP, "Day,Where,Dead\n2019-10-01,Hill,3\n2019-10-01,Hill,3\n2019-10-02,,\n")
    assert events.columns["place"].tolist() == ["Hill", "Hill", "unplaced"] and reading.source == "map"
    assert events.columns["deaths_high"].tolist() == [3, 3, 0]
    assert reading.counts["doubtful", "repeats an earlier row in every cell; kept, as rows have no id"] == 1
    more = (
        MAP.replace('kind = "protest"', "day_first = true")
        + 'kind = "What"\nend = "End"\ndeaths_low = "Low"\n[kinds]\nmarch = "protest"\n'
    )
    events, reading = mapped(
        tmp_path, more, "Day,Where,Dead,What,End,Low\n03/04/2019,Hill,2,March,05/04/2019,3\n03/04/2019,Hill,2,?,,\n"
    )
    assert events.columns["kind"].tolist() == ["protest"] and events.columns["day_precision"].tolist() == [2]
    assert (events.columns["deaths_low"][0], events.columns["deaths_high"][0]) == (2, 3)
    assert ("refused", "kind not in the map") in reading.counts


@pytest.mark.parametrize(
    ("refusal", "old", "new", "word"),
    [
        ("map-schema", "schema = 1", "schema = 2", "schema = 1"),
        ("map-key", "schema = 1", "schema = 1\ncolour = 1", "colour"),
        ("map-columns", 'day = "Day"\n', "", "does not say the day"),
        ("map-columns", 'country = "arvenia"\n', "", "does not say the country"),
        ("map-columns", 'deaths = "Dead"', 'deths = "Dead"', "did you mean 'deaths'"),
        ("map-columns", 'deaths = "Dead"', "deaths = 1", "no table of texts"),
        ("map-columns", 'deaths = "Dead"', 'latitude = "Dead"', "one coordinate only"),
        ("map-columns", 'kind = "protest"', "kind = 3", "is not text"),
        ("map-columns", "schema = 1", 'schema = 1\nday_first = "yes"', "neither true nor false"),
        ("map-file", "schema = 1", "schema = ", "is not TOML"),
    ],
)
def test_faults_of_a_map(tmp_path: Path, refusal: str, old: str, new: str, word: str) -> None:
    (tmp_path / "map.toml").write_text(MAP.replace(old, new))
    with pytest.raises(GroundswellError) as caught:
        read_map(tmp_path / "map.toml")
    assert {p.refusal for p in caught.value.problems} == {refusal} and word in str(caught.value)
    assert all(p.cure for p in caught.value.problems)


def test_a_map_whose_columns_are_not_in_the_file(tmp_path: Path) -> None:
    with refusing("data-columns", "lacks what map needs: dead"):
        mapped(tmp_path, MAP, "Day,Where\n2019-10-01,Hill\n")
