"""The page: well formed, closed to the outside, with a text for every picture, in file order, and escaped."""

from __future__ import annotations

import csv
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest
import xarray as xr
from reports.fake import PLACES, fake_runs, fake_scenario

from groundswell.errors import StoreError
from groundswell.reports import write_report

VOID = {"meta", "link", "br", "img", "input", "hr", "path", "use", "rect", "circle", "line", "polygon"}


class Page(HTMLParser):
    """Checks that tags nest, and keeps tags with their attributes, ids, text and headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report")
    assert write_report(fake_runs(30), made) == made / "report" / "index.html"
    return made / "report"


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page((folder / "index.html").read_text(encoding="utf-8"))


def written(runs: xr.Dataset, folder: Path) -> Page:
    return Page(write_report(runs, folder).read_text(encoding="utf-8"))


def test_tags_nest_and_ids_are_used_once(page: Page) -> None:
    assert page.open == []
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1


def test_links_inside_the_page_have_a_target(page: Page, folder: Path) -> None:
    ids = {attrs["id"] for _, attrs in page.tags if "id" in attrs}
    used = {attrs["href"] for _, attrs in page.tags if attrs.get("href", "").startswith("#")}
    used |= {"#" + found for found in re.findall(r"url\(#([^)]+)\)", (folder / "index.html").read_text("utf-8"))}
    assert used and {name.removeprefix("#") for name in used} <= ids


def test_nothing_is_fetched_from_outside(page: Page, folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "iframe", "img", "object", "embed", "video", "audio", "base", "form"}
    assert "@import" not in text and not re.search(r"url\((?!#)", text)
    for tag, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs)
        assert "src" not in attrs
        target = attrs.get("href", "")
        assert tag == "a" or target in ("", "data:,") or target.startswith("#"), (tag, target)
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_each_figure_has_an_alt_text_a_caption_and_its_files(page: Page, folder: Path) -> None:
    names = [attrs["id"].removeprefix("figure-") for attrs in page.all("figure")]
    assert {"cumulative_deaths", "misses", "turnout", "terms", "pushed", "tiles_turnout", "influence"} <= set(names)
    pictures = [attrs for attrs in page.all("div") if attrs.get("role") == "img"]
    assert len(pictures) == len(names) == len(page.all("figcaption")) == len(page.all("svg"))
    assert all(len(attrs["aria-label"]) > 40 for attrs in pictures)
    for name in names:
        for end in ("svg", "png", "csv"):
            assert (folder / "figures" / f"{name}.{end}").stat().st_size > 50
        with (folder / "figures" / f"{name}.csv").open(newline="") as file:
            rows = list(csv.reader(file))
        assert len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}


def test_each_figure_but_the_summary_of_misses_has_a_table_behind_it(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    for figure in re.findall(r"<figure id=.*?</figure>", text, flags=re.S):
        name = re.match(r'<figure id="figure-([^"]+)"', figure)
        assert name and ("<details>" in figure or name[1] == "misses"), name
    assert "Published national counts" in text


def test_what_the_model_is_comes_before_all_else(page: Page) -> None:
    start = page.text[:1200]
    for words in (
        "A described system with real dates and counts",
        "are guesses (",
        "uncalibrated prior predictive",
        "no verdict on any claim",
        "synthetic people only",
        "take no position",
        "given what happened",
    ):
        assert words in start, words
    assert "scale set by prior" in page.text


def test_default_runs_and_runs_without_responses_say_so(tmp_path: Path) -> None:
    fixed = written(fake_runs(25, fake_scenario(2, at_default=True)), tmp_path / "a")
    assert "bands show chance only" in fixed.text and "no guess was drawn" in fixed.text
    assert "uncalibrated prior predictive" not in fixed.text
    blind = written(fake_runs(25, fake_scenario(2, chosen="", anchors_given=["outside"])), tmp_path / "b")
    assert "given what happened" not in blind.text.lower().replace("explanation: given what happened", "")


def test_user_text_is_escaped_everywhere(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>"
    scenario = fake_scenario(2, title=bad, note=f'"><img src=x onerror=alert(1)>{bad}')
    counts = [
        {**c.model_dump(mode="json"), "reporter": bad + "$x^2$", "url": "javascript:alert(1)"} for c in scenario.count
    ]
    anchor = {"X": {"date": "2019-10-02", "place": bad, "fact": bad, "class": "target", "known_on": "2019-10-02",
                    "source": "data:text/html,x"}}  # fmt: skip
    scenario = fake_scenario(2, title=bad, note=scenario.note, count=counts, anchor=anchor, shock={})
    page = written(fake_runs(25, scenario), tmp_path)
    assert not page.all("script") and not page.all("img")
    assert bad in page.text
    assert not any(a.get("href", "").startswith(("javascript:", "data:text")) for _, a in page.tags)


def test_places_stand_in_file_order_and_are_never_ranked(folder: Path, tmp_path: Path) -> None:
    names = [place[0] for place in PLACES]
    for name in ("tiles_turnout", "tiles_deaths"):
        with (folder / "figures" / f"{name}.csv").open(newline="") as file:
            assert list(dict.fromkeys(row["place"] for row in csv.DictReader(file))) == names
    text = (folder / "index.html").read_text(encoding="utf-8")
    table = text[text.index("Share of replicates with any death in a week, by") :]
    spots = [table.index(f'<td class="d">{name}</td>') for name in names]
    assert spots == sorted(spots)


def test_the_same_runs_give_the_same_bytes_in_two_threads_at_once(folder: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda name: write_report(fake_runs(30), tmp_path / name).parent, ("a", "b")))
    for path in sorted(folder.rglob("*")):
        for again in made if path.is_file() else []:
            assert path.read_bytes() == (again / path.relative_to(folder)).read_bytes(), path.name


def test_runs_without_a_scenario_are_refused(tmp_path: Path) -> None:
    bare = fake_runs(2, fake_scenario(1))
    bare.attrs = {}
    with pytest.raises(StoreError, match="runs-scenario"):
        write_report(bare, tmp_path)


ODD = {
    "one place": lambda: fake_runs(25, fake_scenario(1)),
    "no tiles, several places": lambda: fake_runs(5, fake_scenario(4, tiles=False)),
    "weekly steps": lambda: fake_runs(25, fake_scenario(3, step="week", end="2019-12-28")),
    "one replicate": lambda: fake_runs(1, fake_scenario(3)),
    "no published counts": lambda: fake_runs(5, fake_scenario(3, counts=False, anchor={}, shock={})),
    "one day": lambda: fake_runs(5, fake_scenario(2, end="2019-09-01", counts=False)),
    "three years": lambda: fake_runs(3, fake_scenario(2, end="2022-08-31")),
    "no deaths": lambda: fake_runs(25, fake_scenario(3)).assign({"place.deaths": lambda d: d["place.deaths"] * 0}),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_runs_still_give_a_whole_page(name: str, tmp_path: Path) -> None:
    page = written(ODD[name](), tmp_path)
    assert page.open == [] and page.all("figure")
    said = {"one replicate": "One replicate: the bands are a single line", "no deaths": "No replicate has a death",
            "no published counts": "names no published counts", "no tiles, several places": "circles"}  # fmt: skip
    assert said.get(name, "Provenance") in page.text


GONE = {
    "deaths": ("place.deaths", "guess_value"),
    "turnout and injuries": ("place.turnout", "place.injuries"),
    "stocks and their pushes": ("community.anger", "community.fear", "pushed.community.anger", "pushed.community.fear"),
    "arrests, visibility, a term": ("place.arrests", "country.visibility", "community.term_risk"),
    "all": tuple(str(name) for name in fake_runs(2, fake_scenario(1)).data_vars),
}


@pytest.mark.parametrize("name", GONE)
def test_what_was_not_recorded_is_said_with_how_to_record_it(name: str, tmp_path: Path) -> None:
    page = written(fake_runs(3, fake_scenario(2), drop=GONE[name]), tmp_path)
    assert page.open == []
    for gone in GONE[name]:
        if gone.startswith("place.") or gone in ("community.anger", "community.fear"):
            assert f'Add "{gone}" to `record' in page.text


def test_a_page_of_many_replicates_stays_small(tmp_path: Path) -> None:
    assert write_report(fake_runs(60), tmp_path).stat().st_size < 3_000_000
