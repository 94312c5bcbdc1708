"""The page of events: one file, escaped, offline, places in file order; the same for recorded and simulated events."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evidence_rows import ACLED, ACLED_ROW, GED, GED_ROW, table

import groundswell
from groundswell.errors import GroundswellError
from groundswell.evidence.read import read_events
from groundswell.evidence.simulated import events_of
from groundswell.reports.events_page import write_page
from groundswell.reports.figures_coverage import draw_coverage
from groundswell.reports.figures_events import draw_calendar, draw_map, draw_timeline, part_of
from groundswell.world.events import COLUMNS, Events

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def recorded(country: str = "Iraq", days: int = 40) -> Events:
    names = ("Baghdad", "Basra", "Dhi Qar", "")
    rows = [ACLED_ROW | {"event_id_cnty": f"ARV{k}", "country": country, "admin1": names[k % 4], "latitude": "",
                         "longitude": "", "event_date": f"2019-{10 + k // 30:02d}-{1 + k % 30:02d}",
                         "fatalities": str(k % 3)}
            for k in range(days)]  # fmt: skip
    return read_events(table(ACLED, *rows))[0]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield write_page(recorded(), tmp_path_factory.mktemp("page"), title="A made-up table")


def test_one_page_with_four_figures_and_nothing_from_outside(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("<figure") == 4 and "<script" not in text and "ACLED export" in text
    assert not re.search(r'(src|href)="(?!#|figures/|data:)', text)
    assert sorted(p.name for p in (page.parent / "figures").glob("*.csv")) == [
        f"iraq_1_{name}.csv" for name in ("calendar", "coverage", "map", "timeline")]  # fmt: skip
    assert all((page.parent / name).exists() for name in re.findall(r'href="(figures/[^"]+)"', text))
    assert "takes a position on any boundary" in text and "take no position on any" in text


def test_places_stand_in_file_order_and_deaths_beside_events(page: Path) -> None:
    lines = (page.parent / "figures" / "iraq_1_map.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "number,place,iso,population,events,deaths" and len(lines) == 19
    assert [line.split(",")[1] for line in lines[1:4]] == ["Al-Anbar", "Erbil", "Basra"]
    assert lines[3].split(",")[-2:] == ["10", "10"]
    assert all("deaths" in (page.parent / "figures" / f"iraq_1_{n}.csv").read_text().splitlines()[0]
               for n in ("map", "timeline", "calendar"))  # fmt: skip


def test_numbers_of_the_figures_sum_to_the_table(tmp_path: Path) -> None:
    events = recorded(days=55)
    part = part_of(events, "iraq")
    for draw in (draw_map, draw_timeline, draw_calendar, draw_coverage):
        assert draw(part, tmp_path) is not None
    for name, column, expected in (("timeline", 1, 55), ("calendar", 3, 55), ("coverage", 2, 55), ("map", 4, 42)):
        rows = (tmp_path / f"iraq_1_{name}.csv").read_text(encoding="utf-8").splitlines()[1:]
        assert sum(float(row.split(",")[column]) for row in rows) == expected, name  # 13 of 55 are not placed


def test_the_same_bytes_again(tmp_path: Path) -> None:
    one, two = (write_page(recorded(), tmp_path / name, title="t").read_bytes() for name in "ab")
    assert one == two


def test_text_of_a_file_is_escaped_and_names_no_path(tmp_path: Path) -> None:
    events = recorded("../../<script>alert(1)</script>")
    columns = dict(events.columns)
    for name in ("country", "place", "source"):
        columns[name] = np.full(len(events), "../<b onclick='x'>&", object)
    text = write_page(Events(columns), tmp_path / "p", title="<i>t</i>").read_text(encoding="utf-8")
    assert "<b onclick" not in text and "<i>t" not in text and "no map" in text
    assert {p.name for p in (tmp_path / "p").iterdir()} == {"index.html", "figures"}
    assert all(p.name.startswith("_b_onclick_x_") for p in (tmp_path / "p" / "figures").iterdir())


def test_long_tables_several_countries_and_one_event(tmp_path: Path) -> None:
    rows = [GED_ROW | {"id": str(k), "country": ("Iraq", "Lebanon", "Arvenia")[k % 3], "latitude": "", "longitude": "",
                       "adm_1": ("Kirkuk", "Akkar", "Hill")[k % 3], "date_start": f"{1990 + k}-05-01",
                       "date_end": f"{1990 + k}-05-03"} for k in range(28)]  # fmt: skip
    events = read_events(table(GED, *rows))[0]
    text = write_page(events, tmp_path / "many").read_text(encoding="utf-8")
    assert text.count("<section") == 3 and text.count("<figure") == 11 and "stands on its first" in text
    only = write_page(events, tmp_path / "one", country="arvenia").read_text(encoding="utf-8")
    assert only.count("<section") == 1
    one = events.where(np.arange(len(events)) == 0)
    assert write_page(one, tmp_path / "single").exists()


def test_simulated_events_have_the_same_page(busy: Any, tmp_path: Path) -> None:
    record = ("place.turnout", "place.arrests", "unit.deaths", "unit.injuries")
    runs = groundswell.simulate(busy.model_copy(update={"record": record, "record_weekly": ()}), replicates=3, seed=1)
    text = write_page(events_of(runs), tmp_path).read_text(encoding="utf-8")
    assert "mean of 3 replicates" in text and "events of a model, not of a record" in text


def test_refusals(tmp_path: Path) -> None:
    events = recorded()
    none = Events({name: events.columns[name][:0] for name in COLUMNS})
    (tmp_path / "file").write_bytes(b"")
    for refusal, table_, folder, country in (
        ("events-none", none, "a", ""), ("events-country", events, "a", "irak"), ("events-write", events, "file", ""),
    ):  # fmt: skip
        with pytest.raises(GroundswellError) as caught:
            write_page(table_, tmp_path / folder, country=country)
        assert caught.value.problems[0].refusal == refusal


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium")
def test_no_serious_finding_of_axe_and_no_outside_request(page: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            context = browser.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True)
            tab = context.new_page()
            asked: list[str] = []
            tab.on("request", lambda request: asked.append(request.url))
            tab.goto(page.as_uri())
            found = Axe().run(tab).response["violations"]
            wide = tab.evaluate("document.documentElement.scrollWidth")
        finally:
            browser.close()
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    assert all(url.startswith(("file:", "data:")) for url in asked) and wide <= 400
