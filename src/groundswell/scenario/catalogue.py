"""The cases that ship with the package: listed by name, and copied to start one of your own."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from groundswell.errors import Problem, ScenarioError
from groundswell.scenario.load import cases, find_file


def list_cases() -> list[dict[str, str]]:
    """Name (with hyphens), title and folder of each case, in alphabetical order."""
    found = []
    for name, folder in sorted(cases().items()):
        text = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
        found.append({"name": name.replace("_", "-"), "title": text.get("title", ""), "folder": str(folder)})
    return found


def copy_case(template: str, folder: Path) -> Path:
    """Copy a case's files to a new folder. Raises ScenarioError where the folder exists or the template does not."""
    return copy_folder(find_file(template).parent, folder)


def copy_folder(source: Path, folder: Path) -> Path:
    """Copy a folder's files to a new one. Raises ScenarioError where that exists or cannot be written."""
    try:
        if folder.exists():
            raise ScenarioError(
                Problem("new-exists", str(folder), "exists already", "choose a folder that does not exist")
            )
    except OSError as error:
        raise ScenarioError(_unwritable(folder, error)) from error
    try:
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "expected.json"))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ScenarioError(_unwritable(folder, error)) from error
    return folder


def _unwritable(folder: Path, error: OSError) -> Problem:
    return Problem("new-write", str(folder), f"cannot be written: {error.strerror or error}", "choose another folder")
