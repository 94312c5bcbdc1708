"""Crowd: the weights of active people who are neither held nor dead, to the nearest whole person."""

from __future__ import annotations

import math

import numpy as np
import pytest
from twins import plain

from groundswell.mechanisms import crowd as kernels


def run(toy: plain.Toy, active, weight, population, detained, dead):
    out = toy.blank(toy.communities, "i8"), toy.blank(toy.places, "i8"), toy.blank(toy.countries, "i8")
    kernels.count(active, weight, *toy.decks, toy.place, toy.country, population, detained, dead, *out)
    return out


@pytest.mark.parametrize("seed", range(4))
def test_count(seed: int) -> None:
    toy = plain.Toy(seed)
    population = toy.counts(toy.communities, 1000, 2_000_000)
    detained, dead = toy.counts(toy.communities, 0, 400), toy.counts(toy.communities, 0, 300)
    detained[:, ::3], dead[:, ::4] = 0, 0
    active, weight = toy.reals(toy.persons, 0, 1, "f4"), toy.reals(toy.persons, 0, 9000, "f4")
    active[0] = toy.counts(toy.persons, 0, 1, "f4")[0]
    active[:, toy.rows_of(5)] = 0
    turnout, place_turnout, country_turnout = run(toy, active, weight, population, detained, dead)
    places, countries = np.zeros_like(place_turnout), np.zeros_like(country_turnout)
    near = 0
    for r in range(toy.replicates):
        for c in range(toy.communities):
            people = math.fsum(float(weight[r, i]) * float(active[r, i]) for i in toy.rows_of(c))
            free = 1 - (int(detained[r, c]) + int(dead[r, c])) / int(population[r, c])
            exact = people * free
            near += 0 if turnout[r, c] == math.floor(exact + 0.5) else 1
            assert abs(turnout[r, c] - exact) <= 0.5 + 1e-7 * people  # products may be in single precision
            places[r, toy.place[c]] += turnout[r, c]
            countries[r, toy.country[toy.place[c]]] += turnout[r, c]
    assert near <= 2
    assert np.all(turnout[:, 5] == 0)
    assert np.array_equal(place_turnout, places) and np.array_equal(country_turnout, countries)


def test_count_at_the_ends() -> None:
    """Whole weights, nobody or everybody held, and communities where nobody lives."""
    toy = plain.Toy(8)
    weight = toy.counts(toy.persons, 0, 50, "f4")
    population = np.array(
        [[sum(int(weight[r, i]) for i in toy.rows_of(c)) for c in range(toy.communities)] for r in range(3)], "i8"
    )
    active = np.ones((3, toy.persons), "f4")
    none = np.zeros_like(population)
    assert np.array_equal(run(toy, active, weight, population, none, none)[0], population)
    assert not run(toy, active, weight, population, population, none)[0].any()
    assert not run(toy, active, weight, population, none, population)[0].any()
    halves = run(toy, active / 2, weight, population, none, none)[0]
    assert np.array_equal(halves, (population + 1) // 2)  # a half goes up
    weight[:, toy.rows_of(2)] = 0
    population[:, 2] = 0
    turnout, place_turnout, _ = run(toy, active, weight, population, none, none)
    assert np.array_equal(turnout, population) and np.array_equal(place_turnout, toy.place_sums(population))
