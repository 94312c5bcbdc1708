"""The mean field in plain Python: averages over groups, nodes of quadrature one by one, counts with luck.

By the same author as the kernels, written from their docstrings.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from twins import plain

from groundswell.chance import chance_for
from groundswell.mechanisms import mean_crowd, mean_influence, mean_mobilisation


@pytest.mark.parametrize("seed", range(3))
def test_watch_means(seed: int) -> None:
    kernels = mean_influence
    toy = plain.Toy(seed)
    share, population = toy.reals(toy.communities, 0, 1), toy.counts(toy.communities, 0, 90_000)
    population[:, toy.place == 2] = 0
    internet, across, far = toy.reals(toy.places, 0, 1), toy.parameter(0, 1), toy.parameter(0, 1)
    out = toy.blank(toy.communities)
    kernels.watch_means(share, population, toy.place, toy.country, internet, across, far, out)

    def mean(r: int, chosen: list[int]) -> float:
        people = sum(int(population[r, c]) for c in chosen)
        return math.fsum(share[r, c] * population[r, c] for c in chosen) / people if people else 0.0

    for r in range(toy.replicates):
        for c in range(toy.communities):
            here = [d for d in range(toy.communities) if toy.place[d] == toy.place[c]]
            wide = [d for d in range(toy.communities) if toy.country[toy.place[d]] == toy.country[toy.place[c]]]
            away = min(far[r] * internet[r, toy.place[c]], 1 - across[r])
            x = (1 - across[r] - away) * share[r, c] + across[r] * mean(r, here) + away * mean(r, wide)
            assert out[r, c] == pytest.approx(x, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_count_means(seed: int) -> None:
    kernels = mean_crowd
    toy = plain.Toy(seed)
    share, population = toy.reals(toy.communities, 0, 1), toy.counts(toy.communities, 100, 90_000)
    share[0] = 1.0
    detained, dead = toy.counts(toy.communities, 0, 40), toy.counts(toy.communities, 0, 90)
    out = toy.blank(toy.communities, "i8"), toy.blank(toy.places, "i8"), toy.blank(toy.countries, "i8")
    chance = chance_for(seed, "x", 3, 5)
    kernels.count_means(share, toy.place, toy.country, population, detained, dead, chance, *out)
    turnout, places, countries = out
    for r in range(toy.replicates):
        for c in range(toy.communities):
            free = max(0, int(population[r, c] - detained[r, c] - dead[r, c]))
            luck = plain.uniform(plain.at(chance, r), c, 0)
            assert turnout[r, c] == min(free, math.floor(free * float(share[r, c]) + luck))
        for k in range(toy.countries):
            assert countries[r, k] == places[r, toy.country == k].sum()
    assert np.array_equal(places, toy.place_sums(turnout))


TRAITS = ("hardship", "risk_aversion", "threshold", "media_reach", "adherence")
WEIGHTS = ("grievance", "network", "anger", "endorsement", "media", "jail", "term")
TERMS = ("grievance", "network", "anger", "endorsement", "media", "risk", "cost")


def drawn(toy: plain.Toy) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Community columns, place columns and parameters."""
    c = {name: toy.reals(toy.communities, 0, 1) for name in ("influence", "legitimacy", "anger", "fear")}
    c |= {"endorsement": toy.reals(toy.communities, -1, 1), "day_cost": toy.reals(toy.communities, -0.3, 0.3)}
    c |= {f"mean_{trait}": toy.reals(toy.communities, 0, 1) for trait in TRAITS}
    places = {"media": toy.reals(toy.places, 0, 1), "arrest_risk": toy.reals(toy.places, 0, 1)}
    return c, places, {name: toy.parameter(0, 1.5) for name in WEIGHTS}


@pytest.mark.parametrize("seed", range(3))
def test_mean_terms(seed: int) -> None:
    kernels = mean_mobilisation
    toy = plain.Toy(seed)
    c, p, w = drawn(toy)
    out = [toy.blank(toy.communities) for _ in TERMS]
    first = ("influence", "legitimacy", "anger", "fear", "endorsement", "day_cost")
    kernels.mean_terms(toy.place, *(c[name] for name in first), p["media"], p["arrest_risk"],
                       *(c[f"mean_{t}"] for t in TRAITS), *w.values(), *out)  # fmt: skip
    for r in range(toy.replicates):
        for k in range(toy.communities):
            place = toy.place[k]
            at = {name: float(column[r, k]) for name, column in c.items()}
            v = {name: float(value[r]) for name, value in w.items()}
            felt = (1 + at["fear"]) * p["arrest_risk"][r, place] * (1 + v["jail"] * v["term"])
            terms = [
                v["grievance"] * at["mean_hardship"] * (1 - at["legitimacy"]),
                v["network"] * (at["influence"] - at["mean_threshold"]),
                v["anger"] * at["anger"],
                v["endorsement"] * at["mean_adherence"] * at["endorsement"],
                v["media"] * at["mean_media_reach"] * p["media"][r, place],
                -at["mean_risk_aversion"] * felt,
                -at["day_cost"],
            ]
            assert [column[r, k] for column in out] == pytest.approx(terms, rel=1e-12)


@pytest.mark.parametrize("noise", [0.0, 0.15])
@pytest.mark.parametrize("seed", range(3))
def test_decide_means(seed: int, noise: float) -> None:
    kernels = mean_mobilisation
    toy = plain.Toy(seed)
    c, p, w = drawn(toy)
    variances = [toy.reals(toy.communities, 0, 0.08) for _ in range(4)]  # hardship, threshold, media reach, adherence
    averse = [toy.reals(toy.communities, 0, 1) for _ in range(4)]
    terms = [toy.reals(toy.communities, -1, 1) for _ in range(6)]  # all but risk
    bar, out = toy.parameter(-1, 1), toy.blank(toy.communities)
    kernels.decide_means(toy.place, c["legitimacy"], c["fear"], c["endorsement"], p["media"], p["arrest_risk"],
                         *variances, *averse, *terms, w["grievance"], w["network"], w["endorsement"], w["media"],
                         w["jail"], w["term"], bar, np.full(toy.replicates, noise), out)  # fmt: skip
    for r in range(toy.replicates):
        v = {name: float(value[r]) for name, value in w.items()}
        for k in range(toy.communities):
            place = toy.place[k]
            felt = (1 + c["fear"][r, k]) * p["arrest_risk"][r, place] * (1 + v["jail"] * v["term"])
            factors = (v["grievance"] * (1 - c["legitimacy"][r, k]), v["network"], v["media"] * p["media"][r, place],
                       v["endorsement"] * c["endorsement"][r, k])  # fmt: skip
            spread = math.sqrt(math.fsum(f * f * float(x[r, k]) for f, x in zip(factors, variances, strict=True)))
            mean = math.fsum(float(term[r, k]) for term in terms)
            total = 0.0
            for weigh, averse_here in zip(kernels.RISK_WEIGHTS, averse, strict=True):
                for often, z in zip(kernels.WEIGHTS, kernels.NODES, strict=True):
                    gain = mean + spread * z - felt * float(averse_here[r, k]) - float(bar[r])
                    acts = plain.logistic(gain / noise) if noise else float(gain > 0)
                    total += weigh * often * acts
            assert out[r, k] == pytest.approx(min(1.0, total), rel=1e-10, abs=1e-14)
