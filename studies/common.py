"""What the studies share: where the data lie, results as a small JSON file, and a page in Markdown."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # small arrays: BLAS threads cost more than they give
    os.environ.setdefault(name, "1")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


def arguments(text: str, folder: Path, words: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of every study: --quick, --out, --data, --seed."""
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--quick", action="store_true", help="small settings, in seconds; not for citing")
    parser.add_argument("--out", type=Path, default=folder, help="where results.json and results.md are written")
    parser.add_argument("--data", type=Path, default=SHARED, help="the folder that holds the data sets")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(words)


def needed(path: Path) -> Path:
    """The file, or an end with a clear word (code 2) where it is not there."""
    if not path.exists():
        print(f"{path}: not there; get the data set that README.md names, or say where: --data FOLDER", file=sys.stderr)
        raise SystemExit(2)
    return path


def write(out: Path, results: dict[str, Any], lines: Sequence[str], quick: bool) -> None:
    """results.json and results.md (results_quick.* where quick), each replaced only when whole."""
    out.mkdir(parents=True, exist_ok=True)
    stem = "results_quick" if quick else "results"
    mark = ["", "**Quick settings: not for citing.**"] if quick else []
    text = "\n".join([lines[0], *mark, *lines[1:]]).rstrip() + "\n"
    for name, content in ((f"{stem}.json", json.dumps(results, indent=1) + "\n"), (f"{stem}.md", text)):
        part = out / (name + ".partial")
        part.write_text(content, encoding="utf-8")
        part.replace(out / name)
    print(text)


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """A Markdown table; floats with three digits."""

    def show(cell: Any) -> str:
        return "–" if cell is None else f"{cell:.3g}" if isinstance(cell, float) else str(cell)

    made = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return [*made, *("| " + " | ".join(show(cell) for cell in row) + " |" for row in rows)]


def told(done: int, total: int) -> None:
    """Progress on standard error."""
    print(f"\r{done} of {total}", end="" if done < total else "\n", file=sys.stderr, flush=True)


def kept_work(asked: argparse.Namespace, home: Path, request: dict[str, Any], *, total: int) -> Any:
    """Work that keeps finished simulations in out/studies/NAME, or in the folder `work` of another --out.

    `home` is the folder of the study. The same settings go on where they stopped; others are refused.
    """
    from groundswell.inference.work import Work

    name = home.name + ("_quick" if asked.quick else "")
    folder = ROOT / "out" / "studies" / name if asked.out == home else asked.out / "work"
    return Work(folder, {"study": name, "seed": asked.seed, **request}, total=total,
                progress=lambda status: told(status.done, status.total))  # fmt: skip


@contextmanager
def refusals() -> Iterator[None]:
    """What the library refuses is printed without a traceback, and ends with code 2."""
    from groundswell.errors import GroundswellError

    try:
        yield
    except GroundswellError as error:
        print("\n".join(f"error: {problem}" for problem in error.problems), file=sys.stderr)
        raise SystemExit(2) from None
