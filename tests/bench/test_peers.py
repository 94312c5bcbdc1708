"""The bench of peers: what cannot be made ready is told, statistics decide whether times are, docs equal the record."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "bench"))
pages, peer_tables, peer_tools, peers, scaling = (
    importlib.import_module(name) for name in ("pages", "peer_tables", "peer_tools", "peers", "scaling")
)
sys.path.remove(str(ROOT / "bench"))
needs_compiler = pytest.mark.skipif(not any(map(shutil.which, peer_tools.COMPILERS)), reason="there is no C compiler")


def fake(tmp_path: Path, body: str, kind: str = "c", **changes: Any) -> Any:
    """A peer that is a small shell program, put where a compiler would put it."""
    (tmp_path / "fake.sh").write_text(f"#!/bin/sh\n{body}\n")
    (tmp_path / "fake.sh").chmod(0o755)
    return replace(peers.PEERS[2], name="Fake", kind=kind, plan=((10, 1, 2),) * 3, **changes)


def test_what_does_not_install_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the printed tables; and no half-made environment counts as ready."""
    (tmp_path / "none.txt").write_text(f"nowhere @ file://{tmp_path}/nowhere-1.0-py3-none-any.whl\n")
    monkeypatch.setattr(peers, "HERE", tmp_path)
    peer = replace(peers.PEERS[0], name="Nowhere", requirements="none.txt")
    line = peers.run((40,), True, tmp_path / "made", (peer,))
    assert line["rows"] == [] and [one["name"] for one in line["missing"]] == ["Nowhere"]
    reason = line["missing"][0]["reason"]
    assert reason.startswith("does not install: ") and str(tmp_path) not in reason and "://" not in reason
    assert f"- Nowhere: {reason}." in peer_tables.tables(line)
    assert not list((tmp_path / "made").rglob("ready"))


def test_no_compiler_and_bad_source_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.c").write_text("int main(void) { return nothing; }\n")
    if any(map(shutil.which, peer_tools.COMPILERS)):
        made = peer_tools.program("Bad", tmp_path / "bad.c", tmp_path)
        assert isinstance(made, peer_tools.Missing) and made.reason.startswith("does not compile: ")
        assert "nothing" in made.reason and str(tmp_path) not in made.reason
    monkeypatch.setattr(shutil, "which", lambda name: None)
    made = peer_tools.program("Bad", tmp_path / "bad.c", tmp_path)
    assert made == peer_tools.Missing("Bad", "there is no C compiler (looked for cc, gcc, clang)")


def test_who_fails_while_running_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    peer = fake(tmp_path, "echo 'MemoryError: no room' >&2; exit 3")
    monkeypatch.setattr(peers, "ready", lambda peer, folder: [str(tmp_path / "fake.sh")])
    line = peers.run((40,), False, tmp_path, (peer,))
    assert line["rows"] == [] and line["missing"] == [
        {"name": "Fake", "reason": "fails at 40 x 40: MemoryError: no room"}
    ]
    monkeypatch.setattr(peers, "PATIENCE", 0.5)
    for body, reason in (
        ("kill -9 $$", "was stopped by signal 9 at 40 x 40"),
        ("exec sleep 60", "takes more than 0.5"),
    ):
        fake(tmp_path, body)
        (lost,) = peers.run((40,), False, tmp_path, (peer,))["missing"]
        assert lost["name"] == "Fake" and lost["reason"].startswith(reason)


def test_what_is_finished_is_kept_when_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: Any) -> Any:
        yield row(rate=7e6)
        raise KeyboardInterrupt

    monkeypatch.setattr(peers, "measured", stopped)
    line = peers.run((40,), False, tmp_path, ())
    assert [one["rate"] for one in line["rows"]] == [7e6]
    assert "stopped by the user" in peer_tables.tables(line)


def row(**changes: Any) -> dict[str, Any]:
    base = {"name": "groundswell", "table": "sequential", "size": 200, "threads": 1, "steps": 10, "warmup": 1,
            "runs": 2, "version": "1", "active": 0.03, "jailed": 0.25, "setup": 0.1, "peak_mb": 5.0, "rate": 9e6,
            "wall_rate": 9e6, "digests": [], "differs": "", "ours": 9e6}  # fmt: skip
    return base | changes


def line_of(*rows: dict[str, Any], missing: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    return {"date": "2000-01-01", "quick": False, "python": "3", "machine": "m", "rows": list(rows),
            "missing": list(missing), "same_for_any_threads": None}  # fmt: skip


def test_other_statistics_hide_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer with twice as many active is found, and its rate is nowhere in the tables."""
    spread = [{"active": 0.030 + 0.0001 * k, "jailed": 0.25} for k in range(16)]
    assert peers.differs({"active": 0.0305, "jailed": 0.25}, 2, spread) == ""
    assert peers.differs({"active": 0.06, "jailed": 0.25}, 2, spread).startswith("mean active 0.0600, of the reference")
    assert peers.differs({"active": 0.0305, "jailed": 0.2}, 2, spread).startswith("mean jailed 0.2000")
    said = {"seconds": 0.001, "setup": 0, "agents": 1234, "steps": 10, "active": 0.06, "jailed": 0.25, "peak_mb": 1}
    peer = fake(tmp_path, f"echo '{json.dumps(said)}'")
    found = peers.measure(peer, [str(tmp_path / "fake.sh")], 200, (10, 1, 2), spread)
    assert found["rate"] == pytest.approx(12_340_000) and found["differs"]
    text = peer_tables.tables(line_of(row(), found | {"ours": 9e6}))
    assert "not told: mean active 0.0600" in text and "12.3 M" not in text
    assert peers.comparable(found) is None
    assert peer_tables.find(line_of(found), "sequential", "Fake", 200) is None


def test_without_a_reference_no_time_is_told() -> None:
    made = peers.references({}, "sequential", 200, (10, 1, 2))
    assert made == []


def test_targets_are_met_missed_or_not_measured() -> None:
    mesa, vector = row(name="Mesa", rate=10e3), row(name="C, vector scans", rate=20e6)
    text = peer_tables.tables(line_of(row(), mesa, vector, missing=({"name": "AMBER", "reason": "gone"},)))
    lines = {part.split(" | ")[0].strip("| "): part for part in text.splitlines() if part.startswith("| ")}
    assert lines["in order, times Mesa at 200 x 200"].endswith("| 600 | 900 | met |")
    assert lines["in order, times vector C at 200 x 200"].endswith("| 0.6 | 0.45 | missed |")
    assert lines["at once, times AMBER at 200 x 200"].endswith("| 15 | - | not measured |")
    assert "- AMBER: gone." in text


def test_threads_that_change_a_result_are_found() -> None:
    pair = [row(table="synchronous", digests=["a"]),
            row(table="synchronous", name="groundswell, 2 threads", threads=2, digests=["a"])]  # fmt: skip
    assert peers.same_for_any_threads(pair) is True
    assert peers.same_for_any_threads([pair[0], pair[1] | {"digests": ["b"]}]) is False
    assert peers.same_for_any_threads(pair[:1]) is None
    assert "| NO |" in peer_tables.tables(line_of(*pair) | {"same_for_any_threads": False})


@needs_compiler
@pytest.mark.parametrize("table", ["sequential", "synchronous"])
def test_ours_and_the_reference_agree(table: str, tmp_path: Path) -> None:
    """The variant's statistics over 16 seeds of the C program, on a small torus; the rates come along."""
    chosen = tuple(p for p in peers.PEERS if p.table == table and p.kind != "python" and p.threads == 1)
    commands = {p: peers.ready(p, tmp_path) for p in chosen}
    reference = peers.references(commands, table, 40, (600, 50, 4))
    assert len(reference) == peers.SEEDS
    for peer, command in commands.items():
        found = peers.measure(peer, command, 40, (600, 50, 1), reference)
        assert found["differs"] == "" and found["rate"] > 0 and 0 < found["peak_mb"] < 1000, found
    wrong = {"active": 2 * found["active"], "jailed": found["jailed"]}
    assert peers.differs(wrong, 1, reference)


def test_pages_are_made_from_the_last_line(tmp_path: Path) -> None:
    page, kept = tmp_path / "page.md", tmp_path / "kept.jsonl"
    first, last = pages.marks("peers")
    page.write_text(f"before\n{first}\nold\n{last}\nafter\n")
    kept.write_text('{"a": 1}\n{"a": 2}\n')
    assert pages.last_line(kept) == {"a": 2}
    pages.put(page, "peers", "new")
    assert (
        pages.part(page, "peers") == "new" and page.read_text().startswith("before") and "old" not in page.read_text()
    )
    with pytest.raises(SystemExit, match="has no part"):
        pages.put(page, "scaling", "x")
    with pytest.raises(SystemExit, match="nothing is recorded"):
        pages.last_line(tmp_path / "none.jsonl")


def test_docs_say_what_is_recorded() -> None:
    """docs/speed.md holds the tables of the last line of bench/peers.jsonl and of bench/scaling.jsonl."""
    for name, tables in (("peers", peer_tables.tables), ("scaling", scaling.tables)):
        line = pages.last_line(ROOT / "bench" / f"{name}.jsonl")
        assert pages.part(ROOT / "docs" / "speed.md", name) == tables(line).strip(), (
            f"run python bench/{name}.py --docs"
        )


def test_wrong_words_are_refused() -> None:
    for words, fault in ((["--sizes", "9"], "at least 15"), (["--only", "NetLogo"], "no peer's name begins so")):
        done = subprocess.run(
            [sys.executable, str(ROOT / "bench" / "peers.py"), *words], capture_output=True, text=True
        )
        assert done.returncode == 2 and fault in done.stderr and "Traceback" not in done.stderr
