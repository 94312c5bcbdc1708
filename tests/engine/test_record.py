"""What is kept: every step, weekly means and sums, drawn guesses, digests."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from groundswell.engine.record import digest_of, digests, weeks
from groundswell.engine.run import run
from groundswell.scenario.schema import Scenario


def test_weeks(small: Scenario) -> None:
    assert weeks(small) == 2
    assert weeks(small.changed(set={"period.end": "2015-03-16"})) == 3
    assert weeks(small.changed(set={"period.end": "2015-03-02"})) == 1


@pytest.fixture(scope="module")
def both(busy: Scenario) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Ten days recorded at each step, and by week: one whole, one of three days."""
    ten = busy.changed(set={"period.end": "2015-03-11"})
    columns = ("place.turnout", "place.deaths", "community.fear", "unit.severity", "community.detained")
    daily = ten.model_copy(update={"record": columns, "record_weekly": ()})
    weekly = ten.model_copy(update={"record": (), "record_weekly": columns})
    return run(daily, 1, range(3))[0], run(weekly, 1, range(3))[0]


def test_flows_are_summed_and_all_else_is_averaged(both: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]) -> None:
    daily, weekly = both
    assert daily["place.deaths"].sum() > 0
    for name, array in weekly.items():
        if name in ("digest", "guess_value") or name.startswith("pushed."):
            continue
        parts = [daily[name][:, :7], daily[name][:, 7:]]
        if name == "place.deaths":
            np.testing.assert_array_equal(array, np.stack([p.sum(axis=1) for p in parts], axis=1))
            assert array.dtype == np.int32
        else:
            mean = np.stack([p.astype(float).mean(axis=1) for p in parts], axis=1)
            np.testing.assert_allclose(array, mean, rtol=1e-6, atol=1e-9)
            assert array.dtype == np.float32


def test_types_and_shapes_of_what_is_kept_daily(both: tuple[dict[str, np.ndarray], dict[str, np.ndarray]]) -> None:
    daily, _ = both
    assert daily["place.turnout"].dtype == np.int32 and daily["place.turnout"].shape == (3, 10, 3)
    assert daily["unit.severity"].dtype == np.float32 and daily["unit.severity"].shape == (3, 10, 3)
    assert daily["pushed.community.fear"].shape == (3, 2, 1, 12)  # weekly, one mechanism
    assert daily["digest"].shape == (3, 16) and daily["digest"].dtype == np.uint8


def test_guesses_are_kept_as_drawn(busy: Scenario) -> None:
    from groundswell.scenario.numbers import draw, guesses

    kept, _ = run(busy, 1, range(2, 4))
    numbers = draw(busy, 1, range(2, 4))
    expected = np.stack([numbers[entry.path] for entry in guesses(busy)], axis=1)
    np.testing.assert_array_equal(kept["guess_value"], expected)
    fixed = run(busy.changed(set={"at_default": True}), 1, range(2))[0]["guess_value"]
    assert (fixed[0] == fixed[1]).all() and fixed.shape == expected.shape


def test_no_guess_and_no_record(small: Scenario) -> None:
    bare = small.changed(drop=list(small.mechanism)).model_copy(update={"record": (), "record_weekly": ()})
    kept, adders = run(bare, 0, range(2))
    assert set(kept) == {"guess_value", "digest"} and adders == {}


def test_a_digest_is_of_names_and_values_in_the_order_of_names() -> None:
    kept = {
        "guess_value": np.zeros((2, 0)),
        "b": np.array([[1, 2], [3, 4]], "i4"),
        "a": np.array([[0.5], [0.25]], "f4"),
    }
    found = digests(kept)
    for r in range(2):
        text = b"a\0" + kept["a"][r].tobytes() + b"b\0" + kept["b"][r].tobytes() + b"guess_value\0"
        assert found[r].tobytes() == hashlib.blake2b(text, digest_size=16).digest()
    assert digests(dict(reversed(kept.items()))).tolist() == found.tolist()
    assert digests({**kept, "digest": found}).tolist() == found.tolist()
    assert digest_of(found) == hashlib.blake2b(found.tobytes(), digest_size=16).hexdigest()
    assert digest_of(found[::-1]) != digest_of(found)


def test_the_digest_sees_every_bit() -> None:
    kept = {"guess_value": np.zeros((1, 1)), "a": np.zeros((1, 5), "f4")}
    before = digests(kept)
    kept["a"][0, 3] = np.nextafter(np.float32(0), np.float32(1))
    assert (digests(kept) != before).any()
