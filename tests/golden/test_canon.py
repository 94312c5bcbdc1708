"""Golden digests of the published models: small runs give the bytes they gave before.

`python tests/golden/test_canon.py` prints what they are now; tests/golden/README.md says how to move one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from groundswell.canon import epstein, epstein_groups, granovetter, hawkes, lang_de_sterck

FILE = Path(__file__).with_name("canon.json")
SMALL = epstein.Rules(size=20, vision=5.0)
RUNS: dict[str, Callable[[], Any]] = {
    "granovetter normal": lambda: granovetter.simulate(granovetter.Rules("normal"), replicates=3, seed=7),
    "epstein": lambda: epstein.simulate(SMALL, steps=200, replicates=2, seed=7, shown=(0, 200)),
    "epstein smooth": lambda: epstein.simulate(replace(SMALL, risk="smooth", sharpness=6.0), steps=200, seed=7),
    "epstein diamond, jailed block, officers stay": lambda: epstein.simulate(
        replace(SMALL, shape="diamond", own_cell=False, jailed_block=True, police_follow=False), steps=200, seed=7
    ),
    "epstein-groups": lambda: epstein_groups.simulate(epstein_groups.Rules(size=20), steps=100, replicates=2, seed=7),
    "lang-de-sterck": lambda: lang_de_sterck.simulate(),
    "hawkes": lambda: hawkes.simulate(span=100.0, replicates=2, seed=7),
}
SUMS = ("acting", "active", "jailed", "killed", "stream")


def made(name: str) -> dict[str, object]:
    """Digest and sums of a golden run."""
    runs = RUNS[name]()
    return {"digest": runs.attrs["digest"], **{key: int(runs[key].sum()) for key in SUMS if key in runs}}


@pytest.mark.parametrize("name", RUNS)
def test_golden(name: str) -> None:
    kept = json.loads(FILE.read_text())[name]
    assert made(name) == {key: value for key, value in kept.items() if key != "since"}


if __name__ == "__main__":
    print(json.dumps({name: {**made(name), "since": "R2"} for name in RUNS}, indent=2))
