"""Data of others that are not part of the project: tests that need a file skip, with the reason, where it is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "data"


def outside(name: str) -> Path:
    """The file of that name beside the repository; skips the test where it is not there."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"needs {name} in a folder ../shared/data beside the repository; it is not passed on with it")
    return path
