"""Granovetter 1978: the full cascade, the one missing link, and where normal thresholds end."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.canon import granovetter as model
from groundswell.errors import GroundswellError


@pytest.mark.parametrize("persons", [1, 2, 3, 100, 5000])
def test_uniform_thresholds_give_the_full_cascade(persons: int) -> None:
    runs = model.simulate(model.Rules("uniform", persons))
    assert list(runs["acting"].values[0]) == [*range(1, persons + 1), persons]


@pytest.mark.parametrize("persons", [2, 3, 100, 5000])
def test_one_missing_link_leaves_one(persons: int) -> None:
    found = model.summary(model.simulate(model.Rules("missing-link", persons)))
    assert found["acting"].tolist() == [1] and found["steps"].tolist() == [1]


def test_normal_thresholds_jump() -> None:
    """Where the end jumps: between standard deviations of 12.2 and 12.3 (the paper is recalled as near 12.2)."""
    assert model.resting(25, 12.2) == pytest.approx(0.0548, abs=0.0005)
    assert model.resting(25, 12.3) > 0.99
    assert model.resting(25, 80) == pytest.approx(0.723, abs=0.001)
    assert model.resting(25, 0) == 0 and model.resting(0, 0) == 1


def test_many_drawn_persons_end_where_the_curve_says() -> None:
    persons = 200_000
    for sd in (0.08, 0.11, 0.16, 0.4):
        rules = model.Rules("normal", persons, 0.25 * persons, sd * persons)
        ends = model.summary(model.simulate(rules, replicates=3))["acting"] / persons
        assert np.allclose(ends, model.resting(25, 100 * sd), atol=0.01)


def test_refusals() -> None:
    with pytest.raises(GroundswellError, match="persons: is 0"):
        model.Rules(persons=0)
    with pytest.raises(GroundswellError, match="thresholds: cannot be 'even'"):
        model.Rules("even")  # type: ignore[arg-type]
    with pytest.raises(GroundswellError, match="replicates: is 0"):
        model.simulate(replicates=0)
    with pytest.raises(GroundswellError, match="jobs: is 0"):
        model.simulate(jobs=0)
