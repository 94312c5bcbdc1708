"""Model choice: rivals that differ are told apart, twins and data from elsewhere are not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from inference import toys

from groundswell.errors import GroundswellError
from groundswell.inference.compare import compare
from groundswell.inference.simulator import Plain
from groundswell.inference.space import Floats


def _shifted(values: Floats, first: int) -> Floats:
    made = toys.half_known().function(values, first + 50_000)
    made[:, 2] += 4.0
    return made


def rivals(same: bool) -> dict[str, Plain]:
    one = toys.half_known()
    other = dataclasses.replace(one, function=_again if same else _shifted, name="other")
    return {"one": one, "other": other}


def _again(values: Floats, first: int) -> Floats:
    return toys.half_known().function(values, first + 50_000)


def test_rivals_that_differ_are_told_apart() -> None:
    choice = compare(rivals(same=False), np.array([0.5, 0.25, 4.1]), size=300, trees=60)
    assert choice.verdict == "other"
    assert choice.confusion.sum(axis=1) == pytest.approx([1, 1])
    assert np.diag(choice.confusion).min() > 0.9


def test_twins_cannot_be_told_apart() -> None:
    choice = compare(rivals(same=True), np.array([0.5, 0.25, 0.0]), size=300, trees=60)
    assert choice.verdict == "cannot tell"
    assert any("recognised" in why for why in choice.reasons)


def test_data_outside_all_rivals_give_no_verdict() -> None:
    choice = compare(rivals(same=False), np.array([0.5, 0.25, 30.0]), size=300, trees=60)
    assert choice.verdict == "cannot tell"
    assert any("outside" in why for why in choice.reasons)


def test_wrong_rivals_are_refused() -> None:
    with pytest.raises(GroundswellError, match="rivals"):
        compare({"one": toys.gaussian()}, np.zeros(2))
    with pytest.raises(GroundswellError, match="same summaries"):
        compare({"one": toys.gaussian(), "two": toys.counts()}, np.zeros(2))


def test_what_was_not_fitted_is_taken_from_the_nearest_worlds() -> None:
    choice = compare(rivals(same=False), np.array([0.5, 0.25]), size=300, trees=20)
    assert {name: rows.shape for name, rows in choice.given.items()} == {"one": (50, 1), "other": (50, 1)}
    assert abs(choice.given["one"].mean()) < 0.6 and abs(choice.given["other"].mean() - 4) < 0.6
