"""Arrest: binomial arrests and releases, drawn through the shared twin of the generator."""

from __future__ import annotations

import math

import numpy as np
import pytest
from twins import plain

from groundswell.chance import chance_for
from groundswell.mechanisms import arrest as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(4))
def test_detain(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=4)
    turnout = toy.counts(toy.communities, 0, [30, 900, 50_000, 2_000_000][seed])
    turnout[:, ::6] = 0
    turnout[1, toy.place == 1] = 0
    crowd, deployed = toy.place_sums(turnout), toy.reals(toy.places, 0, 3000)
    deployed[:, 3] = 0
    before = toy.counts(toy.communities, 0, 500)
    before[:, ::5] = 0
    rate, term = toy.parameter(0, 0.5), toy.parameter(0.5, 30)
    rate[0], term[2] = 0, 1e-4
    chance = chance_for(seed, "arrest", 40, 7)
    arrests, detained, sums = toy.blank(toy.communities, "i8"), before.copy(), toy.blank(toy.places, "i8")
    kernels.detain(toy.place, turnout, crowd, deployed, rate, term, days, chance, arrests, detained, sums)
    for r in range(toy.replicates):
        here = plain.at(chance, r)
        for c in range(toy.communities):
            p, probability = toy.place[c], 0.0
            if crowd[r, p] > 0:
                probability = 1 - math.exp(-rate[r] * deployed[r, p] / int(crowd[r, p]) * days)
            taken = plain.binomial(here, c, 0, int(turnout[r, c]), probability)
            freed = plain.binomial(here, c, 1, int(before[r, c]), 1 - math.exp(-days / term[r]))
            assert arrests[r, c] == taken
            assert detained[r, c] == before[r, c] + taken - freed
    assert np.array_equal(sums, toy.place_sums(arrests))
    assert not arrests[0].any()
