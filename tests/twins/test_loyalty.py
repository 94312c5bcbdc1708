"""Loyalty: sub-units that turn passive or resisting, drawn through the shared twin of the generator."""

from __future__ import annotations

import math

import numpy as np
import pytest
from twins import plain

from groundswell.chance import chance_for
from groundswell.mechanisms import loyalty as kernels


@pytest.mark.parametrize("days", [1.0, 7.0])
@pytest.mark.parametrize("seed", range(3))
def test_waver(seed: int, days: float) -> None:
    toy = plain.Toy(seed, replicates=4)
    toy.unit_place[toy.unit_place == 2] = 1  # a place without units
    strength = toy.reals(toy.units, 0, 3000)
    strength[1] = 0
    severity, coethnic = toy.reals(toy.units, 0, 1), toy.reals(toy.units, 0, 1)
    turnout = toy.counts(toy.places, 0, 40_000)
    arrears, ideology = toy.reals(toy.actors, 0, 1), toy.reals(toy.actors, 0, 1)
    endorsement, population = toy.reals(toy.communities, -1, 1), toy.counts(toy.communities, 0, 90_000)
    population[:, toy.place == 0] = 0
    weights = [toy.parameter(*pair) for pair in ((0, 0.2), (0, 4), (0, 1), (0, 5), (0, 4), (-1, 1), (0, 3), (0, 0.5))]
    weights[0][3] = 0  # neutral
    back, size = toy.parameter(0.01, 0.5), np.array([10.0, 25.9, 800.0, 12.0])
    loyal, passive, resisting = (toy.counts(toy.units, low, 40) for low in (1, 0, 0))
    loyal[:, ::4] = passive[:, ::4] = resisting[:, ::4] = 0  # not yet set up
    passive[3] = resisting[3] = 0
    shirking = np.nan_to_num((passive + resisting) / np.maximum(loyal + passive + resisting, 1))
    loss = toy.blank(toy.countries)
    chance = chance_for(seed, "loyalty", 5, 1)
    was = [column.copy() for column in (loyal, passive, resisting, shirking)]
    kernels.waver(toy.unit_place, toy.unit_actor, strength, severity, coethnic, turnout, toy.country, arrears, ideology,
                  endorsement, toy.place, population, *weights, back, size, days, chance,
                  loyal, passive, resisting, shirking, loss)  # fmt: skip
    for r in range(toy.replicates):
        here = plain.at(chance, r)
        state = [[int(column[r, u]) for column in was[:3]] for u in range(toy.units)]
        state = [[int(size[r]), 0, 0] if not any(s) else s for s in state]
        rate, b1, b2, b3, b4, b5, b6, resist = (w[r] for w in weights)
        men, lost = [0.0] * toy.countries, [0.0] * toy.countries
        for u in range(toy.units):
            p, a = toy.unit_place[u], toy.unit_actor[u]
            mates = [v for v in range(toy.units) if toy.unit_place[v] == p]
            at_hand = sum(strength[r, v] * (1 - was[3][r, v]) for v in mates)
            shares = sum(state[v][1] + state[v][2] for v in mates) / sum(sum(state[v]) for v in mates)
            live = [c for c in range(toy.communities) if toy.place[c] == p]
            people = sum(population[r, c] for c in live)
            said = sum(population[r, c] * endorsement[r, c] for c in live) / people if people else 0.0
            x = b1 * severity[r, u] * coethnic[r, u] + b2 * math.log1p(turnout[r, p] / max(at_hand, 1))
            x += b3 * arrears[r, a] + b4 * shares + b5 * said - b6 * ideology[r, a]
            hazard = rate * math.exp(min(30, x))
            out = resist * hazard + back[r]
            one, two, three = state[u]
            shirk = plain.binomial(here, u, 0, one, 1 - math.exp(-hazard * days))
            leave = plain.binomial(here, u, 1, two, 1 - math.exp(-out * days))
            harder = plain.binomial(here, u, 2, leave, resist * hazard / out)
            after = (one - shirk + leave - harder, two + shirk - leave, three + harder)
            assert (loyal[r, u], passive[r, u], resisting[r, u]) == after
            away = (after[1] + after[2]) / sum(after)
            assert shirking[r, u] == pytest.approx(away, rel=1e-14)
            men[toy.country[p]] += strength[r, u]
            lost[toy.country[p]] += strength[r, u] * away
        for k in range(toy.countries):
            assert loss[r, k] == pytest.approx(lost[k] / men[k] if men[k] else 0.0, rel=1e-12)
    assert not passive[3].any() and (passive[0] > was[1][0]).any()
