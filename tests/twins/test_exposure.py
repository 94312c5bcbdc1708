"""Exposure: harm per 1,000 exposed."""

from __future__ import annotations

import pytest
from twins import plain

from groundswell.mechanisms import exposure as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(3))
def test_weigh(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=5)
    turnout, rho = toy.counts(toy.communities, 0, 100_000), toy.blank(toy.communities)
    turnout[:, ::7] = 0
    deaths, injuries, arrests = (toy.counts(toy.communities, 0, high) for high in (20, 300, 1000))
    injury_weight, arrest_weight, bystanders = toy.parameter(0, 1), toy.parameter(0, 1), toy.parameter(1, 5000)
    injury_weight[0], arrest_weight[1] = 0, 0
    kernels.weigh(turnout, deaths, injuries, arrests, injury_weight, arrest_weight, bystanders, days, rho)
    for r in range(toy.replicates):
        for c in range(toy.communities):
            harm = deaths[r, c] + injury_weight[r] * injuries[r, c] + arrest_weight[r] * arrests[r, c]
            assert rho[r, c] == pytest.approx(1000 * harm / days / (turnout[r, c] + bystanders[r]), rel=1e-13)
