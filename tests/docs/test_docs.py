"""Every command and every Python block of the documentation runs, in an empty folder, in the order of its page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(p for p in DOCS.rglob("*.md") if p.name != "index.md")]
RUN = ("sh", "python")
SECONDS = 240
OPENING = "After this page you can "


class Block(NamedTuple):
    """A fenced block: first line of its text, language, text, and why it is not run ("" where it is)."""

    line: int
    language: str
    text: str
    reason: str


def blocks(page: str) -> list[Block]:
    """Fenced blocks of a page. A comment `<!-- no-run: reason -->` right before a block keeps it from being run."""
    found: list[Block] = []
    fence, language, reason, start = "", "", "", 0
    body: list[str] = []
    for number, line in enumerate(page.splitlines(), 1):
        opening = re.match(r"^(`{3,})\s*(\w*)", line)
        if fence:
            if line.startswith(fence) and not line.strip("` "):
                found.append(Block(start, language, "\n".join(body) + "\n", reason))
                fence, reason = "", ""
            else:
                body.append(line)
        elif opening:
            fence, language, start, body = opening[1], opening[2], number + 1, []
        elif line.strip():
            marker = re.fullmatch(r"<!-- no-run: (.+) -->", line.strip())
            reason = marker[1] if marker else ""
    assert not fence, f"the block that starts in line {start} has no end"
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_markers_are_understood() -> None:
    page = "text\n```sh\necho 1\n```\n<!-- no-run: needs a key -->\n```python\nx\n```\n\n```toml\na = 1\n```\n"
    assert [(b.language, b.reason) for b in blocks(page)] == [("sh", ""), ("python", "needs a key"), ("toml", "")]


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_blocks_run(path: Path, tmp_path: Path) -> None:
    tools = Path(sys.executable).parent  # the environment's own commands come first
    environment = os.environ | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "MPLBACKEND": "agg",
        "COLUMNS": "120",
    }
    for example in path.parent.glob("*.py"):  # a page may use the examples that lie beside it
        shutil.copy(example, tmp_path)
    for block in blocks(path.read_text(encoding="utf-8")):
        if block.language not in RUN or block.reason:
            continue
        command = (
            ["bash", "-euo", "pipefail", "-c", block.text]
            if block.language == "sh"
            else [sys.executable, "-c", block.text]
        )
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )
        said = f"{name(path)}:{block.line} ended with {done.returncode}\n{block.text}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, said


@pytest.mark.parametrize("path", [p for p in PAGES if p.is_relative_to(DOCS)], ids=name)
def test_page_says_what_it_is_for(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert lines[0].startswith("# ")
    assert lines[1].startswith(OPENING), f"the first line under the title starts with {OPENING!r}"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^(`{3,}).*?^\1", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", link):
            assert (path.parent / link.partition("#")[0]).exists(), f"{name(path)}: {link}"
