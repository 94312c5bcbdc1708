"""Recorded lines and the parts of documentation pages that are made from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def last_line(path: Path) -> dict[str, Any]:
    """The last JSON line of a file; ends the program with a sentence where there is none."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    if not lines:
        raise SystemExit(f"{path.name}: nothing is recorded yet; measure with --record first")
    made: dict[str, Any] = json.loads(lines[-1])
    return made


def marks(name: str) -> tuple[str, str]:
    """What stands before and after the part of a page with this name."""
    return f"<!-- made by bench/{name}.py --docs -->", f"<!-- end of bench/{name}.py -->"


def part(page: Path, name: str) -> str:
    """The text between the marks of `name`."""
    first, last = marks(name)
    return page.read_text(encoding="utf-8").partition(first)[2].partition(last)[0].strip()


def put(page: Path, name: str, text: str) -> None:
    """Replace the text between the marks of `name`; ends the program where the page has no such marks."""
    first, last = marks(name)
    before, found, rest = page.read_text(encoding="utf-8").partition(first)
    _, closed, after = rest.partition(last)
    if not (found and closed):
        raise SystemExit(f"{page.name}: has no part of bench/{name}.py")
    page.write_text(f"{before}{first}\n\n{text.strip()}\n\n{last}{after}", encoding="utf-8")
