"""`groundswell canon` as a process: what it prints, its pages, and how it refuses."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import environment

MODELS = {
    "granovetter": ["--persons", "50", "--replicates", "2"],
    "epstein": ["--size", "20", "--vision", "5", "--steps", "150", "--replicates", "2"],
    "epstein-groups": ["--size", "16", "--steps", "60", "--replicates", "2"],
    "lang-de-sterck": ["--starts", "5"],
    "hawkes": ["--span", "200", "--replicates", "2"],
    "sharpness": ["--steps", "60", "--replicates", "1"],
}


def test_help(command: Callable[..., Any]) -> None:
    shown = command("canon", "--help")
    assert shown.code == 0 and all(name in shown.out for name in MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_help_of_a_model(command: Callable[..., Any], name: str) -> None:
    shown = command("canon", name, "--help")
    assert shown.code == 0 and not shown.err
    assert "--json" in shown.out and "--out" in shown.out and "For example:" in shown.out
    assert f"  groundswell canon {name}" in shown.out


HEAVY = ("numba", "pandas", "xarray", "matplotlib", "scipy", "zarr", "pyarrow", "pydantic", "jinja2")


@pytest.mark.parametrize("arguments", [["canon", "--help"], ["canon", "epstein", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        f"import sys\nsys.argv = ['groundswell', *{arguments!r}]\nfrom groundswell.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.rstrip().endswith("HEAVY []"), done.stdout[-300:] + done.stderr


@pytest.mark.parametrize("name", MODELS)
def test_a_model_prints_and_writes(command: Callable[..., Any], tmp_path: Path, name: str) -> None:
    facts = command("canon", name, *MODELS[name], "--json", "--out", "new/page.html").json
    assert len(facts["digest"]) == 32
    if name in ("epstein", "lang-de-sterck"):  # each process takes seconds to import what it needs
        text = command("canon", name, *MODELS[name])
        assert text.code == 0 and f"digest {facts['digest']}" in text.out and not text.err
    assert facts["rows"] and facts["verified"] and facts["not_verified"] and facts["source"]
    assert facts["command"].startswith(f"groundswell canon {name}")
    page = (tmp_path / "new" / "page.html").read_text(encoding="utf-8")
    assert facts["digest"] in page and "What was not" in page and "<svg" in page
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page), "the page asks for something outside"
    assert "<script" not in page and "font-family: DejaVu" not in page


def test_the_page_is_the_same_again(command: Callable[..., Any], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        command("canon", "epstein", *MODELS["epstein"], "--out", f"{folder}/x.html")
    first, second = ((tmp_path / folder / "x.html").read_text(encoding="utf-8") for folder in ("a", "b"))
    assert first.replace("a/x.html", "b/x.html") == second
    assert "step by step" in first.lower() and "data:image/png" in first


def test_rows_of_epstein(command: Callable[..., Any]) -> None:
    facts = command("canon", "epstein", "--police", "0.04", "--steps", "300", "--replicates", "3", "--json").json
    assert [row["replicate"] for row in facts["rows"]] == [0, 1, 2]
    wanted = {"outbursts", "mean_wait", "mean_duration", "mean_size", "peak", "mean_active"}
    assert all(wanted <= set(row) for row in facts["rows"]) and facts["mean"]["outbursts"] > 5
    quiet = command("canon", "epstein", "--risk", "ratio", "--steps", "50", "--replicates", "1", "--json").json
    assert quiet["rows"][0]["mean_wait"] is None and quiet["rules"]["risk"] == "ratio"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["epstein", "--police", "2"], "police: is 2"),
        (["granovetter", "--replicates", "0"], "replicates: is 0"),
    ],
)
def test_refusals(command: Callable[..., Any], arguments: list[str], fault: str) -> None:
    done = command("canon", *arguments)
    assert done.code != 0 and fault in done.out + done.err and "Traceback" not in done.err
