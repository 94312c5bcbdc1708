"""Place influence: the share of the whole place that is on the street."""

from __future__ import annotations

import numpy as np
import pytest
from twins import plain

from groundswell.mechanisms import place_influence as kernels


@pytest.mark.parametrize("seed", range(3))
def test_look_around(seed: int) -> None:
    toy = plain.Toy(seed)
    turnout, population = toy.counts(toy.places, 0, 60_000), toy.reals(toy.places, 10_000, 900_000)
    turnout[0, 0], population[0, 1], turnout[0, 1] = 0, 0, 0
    population[1, 2], turnout[1, 2] = 5, 50
    population[2, 3], turnout[2, 3] = 0, 4
    influence = toy.blank(toy.persons, "f4")
    kernels.look_around(turnout, population, toy.community, toy.place, influence)
    for r in range(toy.replicates):
        for i in range(toy.persons):
            p = toy.place[toy.community[i]]
            share = min(1.0, int(turnout[r, p]) / population[r, p]) if population[r, p] > 0 else 0.0
            assert influence[r, i] == np.float32(share)
