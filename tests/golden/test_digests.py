"""Golden digests: the cases as they ship, with few people, give the bytes they gave before.

`python tests/golden/test_digests.py` prints what they are now; tests/golden/README.md says how to move one.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import groundswell as gs

FILE = Path(__file__).with_name("digests.json")
ASKED = {
    "two-neighbours": {"case": "two-neighbours", "explanation": "deter_and_anger", "people": 1000},
    "iraq-2019 blind": {"case": "iraq-2019", "explanation": "blind", "people": 3000},
    "iraq-2019 given responses": {"case": "iraq-2019", "explanation": "given_responses", "people": 3000},
}


def made(name: str) -> dict[str, object]:
    """Digest and sums of four replicates of a golden case."""
    asked = ASKED[name]
    scenario = gs.load(str(asked["case"])).under(str(asked["explanation"])).changed(set={"people": asked["people"]})
    runs = gs.simulate(scenario, replicates=4, seed=2019)
    sums = {
        kind: [int(n) for n in runs[f"place.{kind}"].sum(("time", "place"))]
        for kind in ("deaths", "injuries", "arrests")
    }
    return {"digest": runs.attrs["digest"], **sums}


@pytest.mark.parametrize("name", ASKED)
def test_golden(name: str) -> None:
    kept = json.loads(FILE.read_text())[name]
    now = made(name)
    assert now == {key: value for key, value in kept.items() if key != "since"}


if __name__ == "__main__":
    print(json.dumps({name: {**made(name), "since": "R1"} for name in ASKED}, indent=2))
