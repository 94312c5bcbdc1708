"""Common shock: the latent process and who is exposed."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from twins import plain

from groundswell.chance import chance_for
from groundswell.mechanisms import common_shock as kernels


@pytest.mark.parametrize("step", [0, 5])
@pytest.mark.parametrize("seed", range(3))
def test_jolt(seed: int, step: int) -> None:
    toy = plain.Toy(seed, replicates=4)
    dated, exposure = toy.reals(toy.countries, -1, 1), toy.reals(toy.communities, 0, 2)
    sd, memory = toy.parameter(0, 1), toy.parameter(1, 20)
    sd[1] = 0
    latent, common = toy.reals(toy.countries, -1, 1), toy.blank(toy.communities)
    before = latent.copy()
    chance = chance_for(seed, "common_shock", step, 3)
    kernels.jolt(dated, exposure, toy.place, toy.country, sd, memory, 1.0, step, chance, latent, common)
    for r in range(toy.replicates):
        k = math.exp(-1 / memory[r])
        for n in range(toy.countries):
            z = NormalDist().inv_cdf(plain.uniform(plain.at(chance, r), n, 0))
            g = sd[r] * z if step == 0 else k * before[r, n] + sd[r] * math.sqrt(1 - k * k) * z
            assert latent[r, n] == pytest.approx(g, rel=1e-9, abs=1e-12)
        for c in range(toy.communities):
            n = toy.country[toy.place[c]]
            assert common[r, c] == pytest.approx(exposure[r, c] * (dated[r, n] + latent[r, n]), rel=1e-12)
