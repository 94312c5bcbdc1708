"""A golden digest that moved has an entry under "Results change" in CHANGELOG.md (see README.md beside this file)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES = sorted(HERE.glob("*.json"))


def entries(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(place in the file, entry) of each object that has a digest."""
    if isinstance(node, dict):
        if "digest" in node:
            yield where, node
        for key, value in node.items():
            yield from entries(value, f"{where}/{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from entries(value, f"{where}/{number}")


def moved(before: Any, now: Any) -> list[str]:
    """Places whose digest differs from before while the id is the same."""
    old = dict(entries(before))
    found = []
    for where, entry in entries(now):
        was = old.get(where, entry)
        if entry["digest"] != was["digest"] and entry["since"] == was.get("since"):
            found.append(where)
    return found


def explained() -> set[str]:
    """Ids of all entries under "Results change"."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    parts = re.split(r"^#{2,3} ", text, flags=re.M)
    return {
        found for part in parts if part.startswith("Results change") for found in re.findall(r"\*\*(R\d+)\*\*", part)
    }


def committed(path: Path, revision: str) -> Any | None:
    """The file as it stood in that revision; None where git, the revision or the file is missing."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        return None
    shown = subprocess.run(["git", "show", f"{revision}:{path.relative_to(ROOT).as_posix()}"],
                           cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    return json.loads(shown.stdout) if shown.returncode == 0 else None


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_every_digest_names_its_entry(path: Path) -> None:
    found = list(entries(json.loads(path.read_text(encoding="utf-8"))))
    assert found, f"{path.name} holds no digest"
    known = explained()
    for where, entry in found:
        assert entry.get("since") in known, (
            f"{path.name}{where}: since = {entry.get('since')!r} is not an entry under 'Results change' in CHANGELOG.md"
        )


@pytest.mark.parametrize("revision", ["HEAD", "HEAD~1"])
@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_a_moved_digest_has_a_new_entry(path: Path, revision: str) -> None:
    before = committed(path, revision)
    if before is not None:  # without git, or for a new file, there is nothing to compare with
        assert moved(before, json.loads(path.read_text(encoding="utf-8"))) == []


def test_the_guard_sees_a_move() -> None:
    before = {"a": {"digest": "1", "since": "R1"}, "b": [{"digest": "2", "since": "R1"}]}
    assert moved(before, before) == []
    assert moved(before, {"a": {"digest": "9", "since": "R1"}, "b": [{"digest": "2", "since": "R1"}]}) == ["/a"]
    assert moved(before, {"a": {"digest": "9", "since": "R2"}, "b": [{"digest": "3", "since": "R1"}]}) == ["/b/0"]
