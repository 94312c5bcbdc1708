"""`groundswell study` as a process, on a tiny tutorial case: four parts, one page, resumed, refused, watermarked."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import groundswell
from groundswell.evidence.simulated import events_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LINE = ["study", "two-neighbours", "--explanation", "deter_and_anger", "--events", "seen.parquet",
        "--measure", "crowds", "--until", "2015-03-15", "--set", "period.end=2015-03-15", "--people", "150",
        "--replicates", "4", "--particles", "40", "--generations", "1", "--size", "20", "--free", "mobilisation.bar",
        "--free", "mobilisation.network", "--out", "made", "--quick", "--json"]  # fmt: skip


def call(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "groundswell", *words]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False, timeout=240)


@pytest.fixture(scope="module")
def home(busy: Any, tmp_path_factory: Any) -> Path:
    """A folder with the events of one world and a study of them."""
    folder: Path = tmp_path_factory.mktemp("study")
    recorded = busy.model_copy(update={"record": (*busy.record, "unit.deaths", "unit.injuries")})
    events_of(groundswell.simulate(recorded, replicates=1, seed=77)).write(folder / "seen.parquet")
    done = call(folder, *LINE)
    assert done.returncode == 0, done.stderr
    (folder / "first.json").write_text(done.stdout)
    (folder / "first.txt").write_text(done.stderr)
    return folder


def test_four_parts_and_one_page(home: Path) -> None:
    facts = json.loads((home / "first.json").read_text())
    assert list(facts["findings"]) == ["run", "calibrate", "compare", "claims"] and facts["quick"]
    assert facts["run"]["replicates"] == 4 and len(facts["calibrate"]["numbers"]) == 2
    assert facts["compare"]["rivals"] == ["deter_only", "deter_and_anger"]
    assert "no ledger" in facts["findings"]["claims"][0]
    text = (home / "made" / "index.html").read_text()
    for lines in facts["findings"].values():
        assert lines[0].replace("'", "&#39;") in text
    for link in ("run/report/index.html", "calibrate/index.html", "compare/index.html"):
        assert f'href="{link}"' in text and (home / "made" / link).exists()
    assert "http" not in text.replace("http-equiv", "")
    stages = [line for line in (home / "first.txt").read_text().splitlines() if " of 4: " in line]
    assert [line.split()[3] for line in stages] == ["run", "calibrate", "compare", "claims"]


def test_the_same_command_goes_on_and_gives_the_same(home: Path) -> None:
    blocks = sorted((home / "made").glob("*/blocks/*.npz"))
    before, page = [path.stat().st_mtime_ns for path in blocks], (home / "made" / "index.html").read_text()
    (home / "made" / "index.html").unlink()
    blocks[0].unlink()  # as if stopped before it
    again = call(home, *LINE)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["findings"] == json.loads((home / "first.json").read_text())["findings"]
    assert (home / "made" / "index.html").read_text() == page
    assert [path.stat().st_mtime_ns for path in blocks[1:]] == before[1:] and blocks[0].exists()


def test_another_request_in_the_folder_is_refused(home: Path) -> None:
    other = call(home, *LINE, "--seed", "5")
    assert other.returncode == 2 and "work-other" in other.stderr and "Traceback" not in other.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "error:"),
        (("two-neighbours", "--until", "soon"), "[until]"),
        (("two-neighbours",), "nothing-known"),
    ],
)
def test_errors_end_with_code_2(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = call(tmp_path, "study", *words)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium")
def test_watermark_shows_on_screen_and_paper_and_axe_finds_nothing_serious(home: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            tab = browser.new_context(viewport={"width": 390, "height": 800}, bypass_csp=True).new_page()
            for page in ("index.html", "calibrate/index.html"):
                tab.goto((home / "made" / page).as_uri())
                found = Axe().run(tab).response["violations"]
                wide = tab.evaluate("document.documentElement.scrollWidth")
                assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == [] and wide <= 400
                for media in ("print", "screen"):  # back to the screen for the next page
                    tab.emulate_media(media=media)
                    mark = tab.locator(".watermark")
                    said = mark.evaluate("e => getComputedStyle(e, '::before').content")
                    assert mark.is_visible() and said == '"quick, not for citing"'
                    assert mark.evaluate("e => getComputedStyle(e).position") == "fixed"  # on every sheet
        finally:
            browser.close()
