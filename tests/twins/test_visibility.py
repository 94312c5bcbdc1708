"""Visibility: a smooth threshold in the share of a country on the street."""

from __future__ import annotations

import numpy as np
import pytest
from twins import plain

from groundswell.mechanisms import visibility as kernels


@pytest.mark.parametrize("seed", range(4))
def test_see(seed: int) -> None:
    toy = plain.Toy(seed, replicates=5, countries=51 if seed == 3 else 3)
    population = toy.reals(toy.countries, 1e5, 4e7)
    turnout = toy.counts(toy.countries, 0, 90_000)
    turnout[0, :2], turnout[1, 1] = 0, 1
    internet = toy.reals(toy.places, 0, 1)
    internet[2] = 0
    half, steepness = toy.parameter(1e-4, 0.1), toy.parameter(0.5, 8)
    visibility, media = toy.blank(toy.countries), toy.blank(toy.places)
    kernels.see(turnout, population, toy.country, internet, half, steepness, visibility, media)
    for r in range(toy.replicates):
        for c in range(toy.countries):
            s, n = int(turnout[r, c]) / population[r, c], steepness[r]
            expected = s**n / (s**n + half[r] ** n) if s > 0 else 0.0
            assert visibility[r, c] == pytest.approx(expected, rel=1e-10)
        for p in range(toy.places):
            assert media[r, p] == pytest.approx(visibility[r, toy.country[p]] * internet[r, p], rel=1e-14)


def test_see_at_the_ends() -> None:
    """Nobody in the street, nobody in the country, and powers beyond a float's range."""
    country = np.array([0, 1, 2], "i4")
    turnout, population = np.array([[0, 0, 100]], "i8"), np.array([[100.0, 0.0, 100.0]])
    for half, steepness in ((0.0, 2.0), (0.001, 2.0), (1e-3, 200.0), (0.5, 1e4)):
        visibility, media = plain.garbage((1, 3)), plain.garbage((1, 3))
        kernels.see(
            turnout, population, country, np.ones((1, 3)), np.array([half]), np.array([steepness]), visibility, media
        )
        assert list(visibility[0]) == [0, 0, pytest.approx(1, rel=1e-5)] and np.array_equal(media, visibility)
