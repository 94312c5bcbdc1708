"""The page of ledgers: closed to the outside, escaped, every claim with its evidence; then in a real browser."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reports.test_page import Page

from groundswell.errors import GroundswellError
from groundswell.ledger.findings import findings
from groundswell.ledger.load import ledgers_of, new_ledger
from groundswell.reports.ledger import write_page
from groundswell.reports.ledger.page import linked

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def written(source: str | Path, out: Path) -> Path:
    return write_page([(book, findings(book)) for book in ledgers_of(source)], out)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written("iraq-2019", tmp_path_factory.mktemp("ledgers"))


@pytest.fixture(scope="module")
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_every_claim_stands_on_the_page_with_its_finding(text: str) -> None:
    read = Page(text.replace("<script>", "<style>").replace("</script>", "</style>"))
    shown = {one["id"]: one["data-finding"] for one in read.all("li") if "claim" in one.get("class", "")}
    assert shown == {f"{book.name}-{one.claim.id}": one.finding
                     for book in ledgers_of("iraq-2019") for one in findings(book)}  # fmt: skip


def test_every_address_of_evidence_is_a_link_inside_its_claim(text: str) -> None:
    items = dict(re.findall(r'<li class="claim" id="([^"]+)"(.*?)</details></li>', text, re.S))
    for book in ledgers_of("iraq-2019"):
        for one in findings(book):
            for e in one.evidence:
                if e.url.startswith("http"):
                    assert f'href="{e.url.replace("&", "&amp;")}"' in items[f"{book.name}-{one.claim.id}"], e.url


def test_links_inside_the_page_lead_somewhere_and_ids_are_one_of_a_kind(text: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_the_page_loads_nothing_and_runs_its_own_script_alone(text: str) -> None:
    assert not re.search(r"(?:src|action)=|@import|url\((?!#|&quot;#)|<iframe|<object|<embed", text)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;" in text or f"script-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text and "connect-src" not in text


def test_figures_have_a_text_a_table_and_files(page: Path, text: str) -> None:
    for name in ("dates", "numbers", "contradictions"):
        for book in ("essay", "rival"):
            for ending in ("svg", "png", "csv"):
                assert (page.parent / "figures" / f"{book}_{name}.{ending}").stat().st_size > 100
            assert f'id="figure-{book}_{name}"' in text
    with (page.parent / "figures" / "essay_dates.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["claim"].startswith("C78")]
    assert {row["days from the claimed"] for row in rows} == {"-30"}  # 27 November for 27 December
    with (page.parent / "figures" / "essay_numbers.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["claim"].startswith("C30")]
    assert rows and all(float(row["of the claimed"]) < 0.4 for row in rows)


def test_same_ledgers_same_bytes(page: Path, tmp_path: Path) -> None:
    again = written("iraq-2019", tmp_path)
    assert again.read_bytes() == page.read_bytes()


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    folder = new_ledger(tmp_path / "mine")
    claims = (folder / "claims.csv").read_text(encoding="utf-8")
    bad = "<script>alert(1)</script>\u202e&amp;' onload=x"
    (folder / "claims.csv").write_text(claims.replace("The square was occupied on 3 March", bad), encoding="utf-8")
    facts = (folder / "facts.csv").read_text(encoding="utf-8")
    (folder / "facts.csv").write_text(
        facts.replace("https://example.org/square", "javascript:alert(2)").replace("the square is", "<img src=x> is"),
        encoding="utf-8",
    )
    made = written(folder, tmp_path / "out").read_text(encoding="utf-8")
    assert made.count("<script>") == 1 and "<img" not in made and 'href="javascript' not in made
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in made and "javascript:alert(2)" in made


def test_a_ledger_without_figures_or_claims_has_a_page(tmp_path: Path) -> None:
    folder = new_ledger(tmp_path / "bare")
    (folder / "tests.toml").write_text("schema = 1\n", encoding="utf-8")
    made = written(folder, tmp_path / "out").read_text(encoding="utf-8")
    assert "<figure" not in made and made.count('data-finding="not checked"') == 5


def test_ids_become_links_and_parts_of_words_do_not() -> None:
    got = linked("C3 and C30 <b> AC3 C3a", {"C3": "x-C3", "C30": "x-C30"})
    assert str(got) == '<a href="#x-C3">C3</a> and <a href="#x-C30">C30</a> &lt;b&gt; AC3 C3a'


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(GroundswellError, match="cannot be written"):
        written("iraq-2019", tmp_path / "taken")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def opened(browser: Any, page: Path, anchor: str = "", **settings: Any) -> Any:
    """The page in a browser that refuses every request but for the file itself."""
    view = browser.new_context(**settings).new_page()
    view.asked = []
    view.faults = []
    view.on("request", lambda request: view.asked.append(request.url))
    view.on("console", lambda message: view.faults.append(message.text))
    view.on("pageerror", lambda fault: view.faults.append(str(fault)))
    view.goto(page.as_uri() + anchor)
    return view


@pytest.mark.browser
def test_filters_search_and_links_in_a_browser(browser: Any, page: Path) -> None:
    view = opened(browser, page)
    total = view.locator(".claim").count()
    assert view.locator("#count").inner_text() == f"{total} of {total} claims shown"
    view.select_option("select[name=finding]", "contradicted")
    view.select_option("select[name=ledger]", "essay")
    shown = view.locator(".claim:visible")
    assert 0 < shown.count() < 20
    assert set(shown.evaluate_all("all => all.map(one => one.dataset.finding)")) == {"contradicted"}
    view.fill("input[name=words]", "consulate 28")
    assert view.locator(".claim:visible").evaluate_all("all => all.map(one => one.id)") == ["essay-C69"]
    view.fill("input[name=words]", "no such words at all")
    assert view.get_by_text("No claim of this ledger passes the filter.").first.is_visible()
    view.click("button[type=reset]")
    view.wait_for_function(f"document.getElementById('count').textContent.startsWith('{total} of')")
    evidence = view.locator("#essay-C78 table")
    assert not evidence.is_visible()
    view.click("#essay-C78 summary")  # one click to the evidence
    assert evidence.is_visible() and evidence.locator("a[href^=http]").count() == 3
    view.evaluate("location.hash = '#rival-R60'")
    view.wait_for_function("document.querySelector('#rival-R60 details').open")
    assert view.asked == [page.as_uri()] and view.faults == []


@pytest.mark.browser
def test_without_scripts_all_is_there_but_the_filters(browser: Any, page: Path) -> None:
    view = opened(browser, page, java_script_enabled=False)
    assert not view.locator("#filters").is_visible()
    assert view.locator("#essay-C30").is_visible()
    view.click("#essay-C30 summary")
    assert view.locator("#essay-C30 table").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1100])
def test_it_fits_phone_and_desk_and_axe_finds_nothing_serious(browser: Any, page: Path, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    view = opened(browser, page, "#essay-C69", viewport={"width": width, "height": 800})
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    wrong = Axe().run(view).response["violations"]
    assert [(one["id"], one["impact"]) for one in wrong if one["impact"] in ("serious", "critical")] == []


@pytest.mark.browser
def test_on_paper_every_claim_is_open(browser: Any, page: Path) -> None:
    view = opened(browser, page)
    view.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert view.locator(".claim details[open]").count() == view.locator(".claim").count()
    view.emulate_media(media="print")
    assert not view.locator("#filters").is_visible() and view.locator("#essay-C78 table").is_visible()
    view.evaluate("dispatchEvent(new Event('afterprint'))")
    assert view.locator(".claim details[open]").count() == 0
