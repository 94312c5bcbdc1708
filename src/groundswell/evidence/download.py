"""Getting a file where licence and source allow: resumable, checked, and never half a file under its final name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.evidence.sources.base import Download, Source

if TYPE_CHECKING:
    import httpx

Progress = Callable[[int, int], None]
MOST = 5_000_000_000  # bytes
TRIES = 3
SECONDS = 30.0


def download(
    source: Source, folder: Path, *, version: str = "", sha256: str = "", environment: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Path:  # fmt: skip
    """Fetch the source's file into a folder and return its path.

    What an earlier call left unfinished (`<file>.partial`) is continued by Range where the server still has the same
    file, by its ETag or date; else it starts again. The file gets its name only when it is whole, by its length, and,
    where `sha256` is given, is the one meant. Beside it `<file>.sha256` has its checksum. Raises GroundswellError
    where the source may not be downloaded, for a missing token, and for whatever the server or the disk refuses.
    """
    allowed = _allowed(source)
    chosen = version.replace(".", "") or allowed.versions[0]
    if chosen not in allowed.versions:
        raise GroundswellError(Problem("get-version", f"{source.name} version '{version}'", "is not known",
                                       nearest(chosen, allowed.versions)))  # fmt: skip
    headers = _token(allowed, os.environ if environment is None else environment)
    target = Path(folder) / allowed.file.format(version=chosen)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return fetch(allowed.address.format(version=chosen), target, headers=headers, sha256=sha256, progress=progress)
    except OSError as error:
        raise GroundswellError(Problem("get-write", str(target), f"cannot be written ({error.strerror or error})",
                                       "choose another folder")) from error  # fmt: skip


def _allowed(source: Source) -> Download:
    if source.download is None:
        raise GroundswellError(Problem("get-terms", source.name, "is not downloaded for you: its terms or its site do "
                                       "not allow it", source.how_to_get))  # fmt: skip
    return source.download


def _token(allowed: Download, environment: Mapping[str, str]) -> dict[str, str]:
    if not allowed.token:
        return {}
    token = environment.get(allowed.token, "").strip()
    if not token:
        raise GroundswellError(Problem("get-token", allowed.token, "is not set in the environment",
                                       "put the publisher's token there; it is never written down"))  # fmt: skip
    return {allowed.header: f"Bearer {token}" if allowed.header == "Authorization" else token}


def fetch(
    address: str, target: Path, *, headers: Mapping[str, str] | None = None, sha256: str = "",
    progress: Progress | None = None,
) -> Path:  # fmt: skip
    """Fetch one address to `target`, as `download` says. A file that is there already and fits `sha256` is kept."""
    import httpx

    if target.exists() and sha256 and _sum(target) == sha256.casefold():
        return target
    part, mark = target.with_name(target.name + ".partial"), target.with_name(target.name + ".partial.etag")
    with httpx.Client(follow_redirects=True, timeout=SECONDS) as client:
        for turn in range(1, TRIES + 1):
            try:
                whole = _go_on(client, address, dict(headers or {}), part, mark, progress)
                break
            except httpx.HTTPError as error:
                if turn == TRIES:
                    raise GroundswellError(_cut(address, part, error)) from error
    if whole >= 0 and part.stat().st_size != whole:
        raise GroundswellError(Problem("get-short", target.name, f"is {part.stat().st_size:,} bytes long, but "
                                       f"should be {whole:,}", "run the same command again"))  # fmt: skip
    found = _sum(part)
    if sha256 and found != sha256.casefold():
        part.unlink()
        mark.unlink(missing_ok=True)
        raise GroundswellError(Problem("get-checksum", target.name, f"has the checksum {found}, not {sha256}",
                                       "the file changed or was damaged on the way; nothing is kept"))  # fmt: skip
    target.with_name(target.name + ".sha256").write_text(f"{found}  {target.name}\n", encoding="utf-8")
    part.replace(target)
    mark.unlink(missing_ok=True)
    return target


def _go_on(client: httpx.Client, address: str, headers: dict[str, str], part: Path, mark: Path,
           progress: Progress | None) -> int:  # fmt: skip
    """Fetch what is missing; gives the length of the whole file, -1 where the server does not say."""
    so_far = part.stat().st_size if part.exists() else 0
    stamp = mark.read_text(encoding="utf-8") if mark.exists() else ""
    # without a stamp to compare, nobody knows whether the rest belongs to the same file
    ask = {"Range": f"bytes={so_far}-", "If-Range": stamp} if so_far and stamp else {}
    with client.stream("GET", address, headers={**headers, **ask, "Accept-Encoding": "identity"}) as answer:
        if answer.status_code == 416:  # nothing is left after what we have, or it is longer than the file
            part.unlink(missing_ok=True)
            raise _refetch(answer)
        if answer.status_code not in (200, 206):
            raise GroundswellError(_status(address, answer.status_code))
        if answer.status_code == 200:
            so_far = 0
        left = answer.headers.get("Content-Length")
        whole = so_far + int(left) if left is not None and left.isdigit() else -1
        if whole > MOST:
            raise GroundswellError(Problem("get-size", address, f"is larger than {MOST:,} bytes", "get it by hand"))
        mark.write_text(_stamp(answer), encoding="utf-8")
        with part.open("ab" if so_far else "wb") as out:
            for block in answer.iter_raw():  # as it comes: what arrived before a cut is kept
                out.write(block)
                so_far += len(block)
                if so_far > MOST:
                    raise GroundswellError(
                        Problem("get-size", address, f"is larger than {MOST:,} bytes", "get it by hand")
                    )
                if progress is not None:
                    progress(so_far, max(whole, 0))
    return whole


def _refetch(answer: httpx.Response) -> httpx.HTTPError:
    import httpx

    return httpx.RemoteProtocolError("the file changed meanwhile", request=answer.request)


def _stamp(answer: httpx.Response) -> str:
    etag = answer.headers.get("ETag", "")
    return "" if etag.startswith("W/") else etag or answer.headers.get("Last-Modified", "")


def _status(address: str, status: int) -> Problem:
    cure = {401: "check the token", 403: "check the token, or get it by hand", 404: "the publisher moved it: get it by "
            "hand", 429: "wait a while"}.get(status, "try again later")  # fmt: skip
    return Problem("get-status", address, f"answers with status {status}", cure)


def _cut(address: str, part: Path, error: Exception) -> Problem:
    had = part.stat().st_size if part.exists() else 0
    kept = f"; {had:,} bytes are kept" if had else ""
    why = str(error) or type(error).__name__
    return Problem("get-network", address, f"cannot be fetched ({why}){kept}",
                   "run the same command again: it goes on from there" if had else "check the connection")  # fmt: skip


def _sum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
