"""Peers made ready on the spot: an environment of its own for each Python one, a compiler for those in C.

Nothing is skipped silently: whoever cannot be made ready is a `Missing` with the reason.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "peers"
COMPILERS = ("cc", "gcc", "clang")


@dataclass(frozen=True)
class Missing:
    """A peer that cannot be run, and why."""

    name: str
    reason: str


def cache() -> Path:
    """Where environments and compiled programs are kept: the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "groundswell" / "peers"


def key(*parts: bytes | str) -> str:
    """Eight hex digits of what a peer is made from, so that a change makes it anew."""
    digest = hashlib.blake2b(digest_size=4)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else part.encode())
    return digest.hexdigest()


def why(said: str) -> str:
    """The line of an installer's or compiler's output that tells most, without addresses and paths."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [line for line in lines if re.match(r"(?i)error\b|.*\berror:", line)] or lines[-1:] or ["it said nothing"]
    told = [line for line in told if not re.search(r"(?i)subprocess-exited|pip's dependency", line)] or told
    line = re.sub(r"(?i)^error:\s*", "", told[-1])
    line = re.sub(r"[a-z+]+://\S+", "(an address)", line)
    return re.sub(r"(?<![\w.])/[\w./+-]+/", "", line)[:240]


def environment(name: str, requirements: Path, folder: Path) -> list[str] | Missing:
    """The command of a Python that has these requirements, installed in a folder of its own if need be."""
    at = folder / f"{name}-{key(requirements.read_bytes(), sys.version)}"
    python = at / ("Scripts" if os.name == "nt" else "bin") / "python"
    if (at / "ready").is_file():
        return [str(python)]
    shutil.rmtree(at, ignore_errors=True)
    ordered = [sys.executable, "-m", "venv", str(at)], [
        str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
        "-r", str(requirements)]  # fmt: skip
    for command in ordered:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=900)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Missing(name, f"does not install: {why(str(error))}")
        if done.returncode:
            return Missing(name, f"does not install: {why(done.stderr or done.stdout)}")
    (at / "ready").touch()
    return [str(python)]


def program(name: str, source: Path, folder: Path) -> list[str] | Missing:
    """The command of a C program, compiled for this machine if need be."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        return Missing(name, f"there is no C compiler (looked for {', '.join(COMPILERS)})")
    made = folder / f"{source.stem}-{key(source.read_bytes(), compiler)}"
    if not made.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        part = made.with_suffix(f".{os.getpid()}")
        command = [compiler, "-O3", "-march=native", "-pthread", str(source), "-o", str(part), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return Missing(name, f"does not compile: {why(done.stderr)}")
        part.rename(made)
    # A shell in between: else the peak of memory that the program reads of itself starts at that of this process.
    return ["sh", "-c", '"$@"; exit $?', "sh", str(made)] if os.name == "posix" else [str(made)]
