"""The page of a forecast: losses first, figures with their numbers, escaped, offline; then in a real browser."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from groundswell.inference.forecast import BASELINE, Forecast, Scored
from groundswell.inference.forecast_counts import Point, Totals
from groundswell.inference.forecasters import Record
from groundswell.inference.scores import Contrast
from groundswell.reports.forecast import LIMITS, table_of, write_page, write_totals

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SCORES = (
    Scored(BASELINE, 1.5, 2.0, 9.0, 0.9, 3.0, Contrast(0.0, 0.0, 8)),
    Scored("good", 1.0, 1.5, 6.0, 0.95, 2.0, Contrast(-0.5, 0.1, 8)),
    Scored("bad", 2.5, 3.0, 20.0, 0.5, 6.0, Contrast(1.0, 0.2, 8)),
)


def a_forecast(scores: tuple[Scored, ...] = SCORES) -> Forecast:
    counts = np.arange(240).reshape(3, 80) % 5
    record = Record(counts, ("north", "south", "west"), np.zeros((3, 3)), np.datetime64("2019-06-30"))
    draws = {
        name: np.arange(3 * 6 * 20).reshape(3, 6, 20) % (9 + k) for k, name in enumerate((BASELINE, "good", "bad"))
    }
    return Forecast(record, 6, draws, scores, ())


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(a_forecast(), "<events> & more", "groundswell forecast x.csv", tmp_path_factory.mktemp("page"))


def test_losses_stand_first(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = re.findall(r"<li>(.*?)</li>", text)
    assert lines[0] == "bad loses to the last value (CRPS 2.5 against 1.5)"
    assert lines[1] == "good beats the last value (CRPS 1 against 1.5)"
    assert [line for line in LIMITS if line in text] == list(LIMITS)
    assert "3 places, 80 days up to 2019-06-30; 6 days ahead" in text
    assert "<code>groundswell forecast x.csv</code>" in text


def test_one_file_escaped_and_offline(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "&lt;events&gt; &amp; more" in text
    assert "<events>" not in text
    assert "<script" not in text
    assert not re.search(r'(src|href)="(?!#|figures/|data:)', text)
    assert [p.name for p in page.parent.rglob("*.partial")] == []


def test_the_figure_holds_the_quantiles_of_the_sum_over_places(page: Path) -> None:
    rows = pd.read_csv(page.parent / "figures" / "total.csv")
    assert len(rows) == 3 * 6
    draws = a_forecast().draws["good"].sum(0)
    one = rows[(rows.forecaster == "good") & (rows.date == "2019-07-02")].iloc[0]
    assert one["q0.5"] == pytest.approx(np.quantile(draws[1], 0.5))
    assert one["q0.95"] == pytest.approx(np.quantile(draws[1], 0.95))


def test_the_table_of_scores() -> None:
    made = table_of(SCORES)
    assert [row[0] for row in made.rows] == [BASELINE, "good", "bad"]
    assert made.rows[2][-1] == "loses"
    few = table_of([Scored("x", 1.0, 1.0, 1.0, 1.0, 1.0, Contrast(0.1, float("nan"), 1))])
    assert few.rows[0][6] is None
    assert few.rows[0][-1] == "too few forecasts for a standard error"


def test_without_scores_the_page_says_why(tmp_path: Path) -> None:
    text = write_page(a_forecast(()), "t", "c", tmp_path).read_text(encoding="utf-8")
    assert "too short to score anything" in text


def test_totals_show_what_was_published_later_within_the_horizon(tmp_path: Path) -> None:
    def point(day: int, total: int) -> Point:
        return Point(dt.date(2019, 11, day), total, dt.date(2019, 11, day))

    draws = {name: np.full((5, 20), 50) + np.arange(20) for name in (BASELINE, "linear growth")}
    known, later = (point(2, 30), point(9, 50)), (point(12, 777), point(25, 888))
    few = (Scored(BASELINE, 1.5, 2.0, 9.0, 0.9, 3.0, Contrast(0.0, 0.0, 2)),)
    made = Totals("A case", "deaths", dt.date(2019, 11, 10), known, later, draws, few)
    text = write_totals(made, "groundswell forecast case", tmp_path).read_text(encoding="utf-8")
    assert "White dots: published later, not seen by any forecaster." in text
    assert "counts published by 2019-11-10; 5 days ahead" in text
    assert "2 published totals were known on 2019-11-10" in text
    rows = pd.read_csv(tmp_path / "figures" / "total.csv")
    assert rows.date.unique().tolist() == [f"2019-11-{d}" for d in range(11, 16)]


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_no_serious_finding_of_axe_and_no_outside_request(page: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            context = browser.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True)
            view = context.new_page()
            asked: list[str] = []
            view.on("request", lambda request: asked.append(request.url))
            view.goto(page.as_uri())
            found: Any = Axe().run(view)
            serious = [v["id"] for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
            assert serious == []
            assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        finally:
            browser.close()
