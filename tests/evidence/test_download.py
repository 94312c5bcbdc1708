"""Downloads from a server on this machine: resumed, checked, never half a file under its name."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from refusals import refusing

from groundswell.errors import GroundswellError
from groundswell.evidence import download as module
from groundswell.evidence.download import download, fetch
from groundswell.evidence.sources import SOURCES, source_of
from groundswell.evidence.sources.base import Download

DATA = bytes(range(256)) * 2000
SUM = hashlib.sha256(DATA).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves DATA; the server's `plan` says how each request in turn misbehaves."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append(dict(self.headers))
        plan = server.plan.pop(0) if server.plan else {}
        data, etag = plan.get("data", DATA), plan.get("etag", '"one"')
        start = 0
        asked = self.headers.get("Range", "")
        if asked and self.headers.get("If-Range") == etag and not plan.get("no_range"):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        status = plan.get("status", 206 if start else 200)
        if start >= len(data):
            status = 416
        self.send_response(status)
        body = b"" if status >= 400 else data[start:]
        self.send_header("ETag", etag)
        if plan.get("length", True):
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body[: plan.get("cut", len(body))])
        if "cut" in plan or not plan.get("length", True):
            self.close_connection = True


@pytest.fixture
def server() -> Iterator[Any]:
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.asked, made.plan = [], []
    made.address = f"http://127.0.0.1:{made.server_port}/ged.zip"
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_with_its_checksum_beside_it(server: Any, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = fetch(server.address, tmp_path / "ged.zip", sha256=SUM, progress=lambda *now: seen.append(now))
    assert path.read_bytes() == DATA and names(tmp_path) == ["ged.zip", "ged.zip.sha256"]
    assert (tmp_path / "ged.zip.sha256").read_text() == f"{SUM}  ged.zip\n" and seen[-1] == (len(DATA), len(DATA))
    fetch(server.address, path, sha256=SUM)
    assert len(server.asked) == 1  # what fits its checksum is not fetched again


def test_a_cut_is_resumed_by_range_within_one_call_and_over_two(server: Any, tmp_path: Path, monkeypatch: Any) -> None:
    server.plan = [{"cut": 100_000}]
    assert fetch(server.address, tmp_path / "a", sha256=SUM).read_bytes() == DATA
    assert server.asked[1]["Range"] == "bytes=100000-" and server.asked[1]["If-Range"] == '"one"'
    monkeypatch.setattr(module, "TRIES", 1)
    server.plan = [{"cut": 70_000}]
    with refusing("get-network", "70,000 bytes are kept"):
        fetch(server.address, tmp_path / "b")
    assert not (tmp_path / "b").exists() and (tmp_path / "b.partial").stat().st_size == 70_000
    assert fetch(server.address, tmp_path / "b").read_bytes() == DATA and server.asked[-1]["Range"] == "bytes=70000-"
    assert names(tmp_path) == ["a", "a.sha256", "b", "b.sha256"]


@pytest.mark.parametrize("plan", [{"etag": '"two"'}, {"no_range": True}])
def test_another_file_or_a_server_without_ranges_starts_again(server: Any, tmp_path: Path, plan: Any) -> None:
    server.plan = [{"cut": 70_000, "data": b"old" * 100_000}, plan]
    assert fetch(server.address, tmp_path / "a").read_bytes() == DATA


def test_a_partial_without_a_stamp_or_that_is_too_long_is_not_trusted(server: Any, tmp_path: Path) -> None:
    (tmp_path / "a.partial").write_bytes(b"unknown")
    assert fetch(server.address, tmp_path / "a").read_bytes() == DATA and "Range" not in server.asked[0]
    (tmp_path / "b.partial").write_bytes(DATA + b"more")
    (tmp_path / "b.partial.etag").write_text('"one"')
    assert fetch(server.address, tmp_path / "b").read_bytes() == DATA


def test_a_wrong_checksum_keeps_nothing_and_leaves_what_was_there(server: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"earlier")
    with refusing("get-checksum"):
        fetch(server.address, tmp_path / "a", sha256="0" * 64)
    assert (tmp_path / "a").read_bytes() == b"earlier" and names(tmp_path) == ["a"]


def test_a_server_that_gives_no_length(server: Any, tmp_path: Path) -> None:
    server.plan = [{"length": False}]
    assert fetch(server.address, tmp_path / "a", sha256=SUM).read_bytes() == DATA


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_refusals_of_the_server_are_named(server: Any, tmp_path: Path, status: int) -> None:
    server.plan = [{"status": status}] * 3
    with refusing("get-status", f"status {status}"):
        fetch(server.address, tmp_path / "a")
    assert names(tmp_path) == []


def test_files_beyond_the_limit(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1000)
    for plan in ({}, {"length": False}):
        server.plan = [plan]
        with refusing("get-size", "larger than 1,000 bytes"):
            fetch(server.address, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_file_that_is_shorter_than_said(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_go_on", lambda client, address, headers, part, *_: part.write_bytes(b"abc") + 1)
    with refusing("get-short"):
        fetch(server.address, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_no_server_at_all(tmp_path: Path) -> None:
    with refusing("get-network"):
        fetch("http://127.0.0.1:9/none", tmp_path / "a")


def test_tokens_come_from_the_environment_and_are_written_nowhere(server: Any, tmp_path: Path) -> None:
    made = replace(SOURCES["ucdp-ged"], download=Download(server.address + "?{version}", ("191",), "ged{version}.zip",
                                                          token="GED_TOKEN"))  # fmt: skip
    with refusing("get-token", "GED_TOKEN"):
        download(made, tmp_path, environment={})
    path = download(made, tmp_path / "new", version="19.1", environment={"GED_TOKEN": "tell-nobody"})
    assert path.name == "ged191.zip" and server.asked[-1]["Authorization"] == "Bearer tell-nobody"
    assert not any(b"tell-nobody" in p.read_bytes() for p in (tmp_path / "new").iterdir())
    server.plan = [{"status": 403}]
    with pytest.raises(GroundswellError) as caught:
        download(made, tmp_path, environment={"GED_TOKEN": "tell-nobody"})
    assert "tell-nobody" not in str(caught.value)


def test_what_terms_forbid_is_not_downloaded(tmp_path: Path) -> None:
    for name in ("acled", "mass-mobilization"):
        with refusing("get-terms"):
            download(source_of(name), tmp_path)
    with refusing("get-version", "version '7'"):
        download(source_of("ucdp-ged"), tmp_path, version="7")
    (tmp_path / "file").write_bytes(b"")
    with refusing("get-write"):
        download(source_of("ucdp-ged"), tmp_path / "file")
