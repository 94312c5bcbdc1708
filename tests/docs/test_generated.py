"""The pages of docs/mechanisms/ are those that the code writes."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_pages_of_mechanisms_are_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "generate.py"))["pages"]()
    kept = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "mechanisms").glob("*.md")}
    assert sorted(kept) == sorted(made), "run: python docs/generate.py"
    stale = [name for name in made if made[name] != kept[name]]
    assert stale == [], "run: python docs/generate.py"


def test_page_shows_the_example_as_it_is() -> None:
    shown = (DOCS / "how-to" / "add-a-mechanism.md").read_text(encoding="utf-8")
    assert (DOCS / "how-to" / "backfire.py").read_text(encoding="utf-8") in shown
