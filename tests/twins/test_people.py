"""groundswell.world.people: weights, stratified thresholds, traits and their means."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from twins import plain
from twins.test_quantiles import look_up

from groundswell.chance import chance_for
from groundswell.world import people as kernels

TAIL_SHARE = 0.1


def draw_trait(table, chance, first: int, rows: int, slot: int, low: float, span: float, shuffled: bool) -> list[float]:
    draws = [plain.two_uniforms(chance, first + j, slot) for j in range(rows)]
    stratum = list(range(rows))
    if shuffled:
        for j in range(rows - 1, 0, -1):
            other = math.floor(draws[j][1] * (j + 1))
            stratum[j], stratum[other] = stratum[other], stratum[j]
    assert sorted(stratum) == list(range(rows))
    return [look_up(table, low + span * (stratum[j] + draws[j][0]) / rows) for j in range(rows)]


@pytest.mark.parametrize("shuffled", [False, True])
def test_draw_trait(shuffled: bool) -> None:
    rng = random.Random(6)
    for r, (first, rows) in enumerate([(0, 1), (0, 2), (5, 4), (7, 61), (3, 80), (64, 53)]):
        table = np.sort(plain.reals(rng, (1025,), 0, 1))
        for slot, low, span in ((0, 0.0, 1.0), (2, 0.0, 0.1), (4, 0.1, 0.9)):
            chance = chance_for(r, "traits", 0, r)
            out, order = plain.garbage((150,), "f4"), plain.garbage((rows + 2,), "i8")
            kernels.draw_trait(table, chance, first, rows, slot, low, span, shuffled, order, out)
            expected = draw_trait(list(table), chance, first, rows, slot, low, span, shuffled)
            np.testing.assert_allclose(out[first : first + rows], expected, rtol=1e-6, atol=1e-9)
            assert np.all(out[:first] == -77) and np.all(out[first + rows :] == -77)


@pytest.mark.parametrize("seed", range(4))
def test_draw_people(seed: int) -> None:
    toy = plain.Toy(seed, replicates=1 + 2 * (seed % 2))
    rng, tables_number = toy.rng, 7
    population = toy.counts(toy.communities, 1000, 3_000_000)
    table_of = plain.counts(rng, (5, toy.communities), 0, tables_number - 1, "i4")
    tables = np.sort(plain.reals(rng, (toy.replicates, tables_number, 1025), 0, 1), axis=2)
    chance = chance_for(seed, "people", 0, 2)
    columns = [toy.blank(toy.persons, "f4") for _ in range(6)]
    means = plain.garbage((5, toy.replicates, toy.communities))
    kernels.draw_people(*toy.decks, population, table_of, tables, chance, *columns, means)
    weight, traits = columns[0], columns[1:]
    for r in range(toy.replicates):
        lists, here = [list(map(float, table)) for table in tables[r]], plain.at(chance, r)
        for c in range(toy.communities):
            sums, weights = [0.0] * 5, 0.0
            for deck in (0, 1):
                first, rows = int(toy.decks[2 * deck][c]), int(toy.decks[2 * deck + 1][c])
                w = (TAIL_SHARE, 1 - TAIL_SHARE)[deck] * int(population[r, c]) / rows
                assert weight[r, first : first + rows] == pytest.approx([w] * rows, rel=1e-6)
                weights += w * rows
                for trait in range(5):
                    low, span = ((0.0, TAIL_SHARE), (TAIL_SHARE, 1 - TAIL_SHARE))[deck] if trait == 2 else (0.0, 1.0)
                    values = draw_trait(lists[table_of[trait, c]], here, first, rows, trait, low, span, trait != 2)
                    assert traits[trait][r, first : first + rows] == pytest.approx(values, rel=1e-6, abs=1e-9)
                    sums[trait] += w * sum(values)
            assert weights == pytest.approx(int(population[r, c]), rel=1e-12)
            assert means[:, r, c] == pytest.approx([value / weights for value in sums], rel=1e-6)


def test_draw_people_where_nobody_lives() -> None:
    """Weights are 0; the docs do not say what a mean over no weight is, but a share it must be."""
    toy = plain.Toy(11)
    population = np.zeros((toy.replicates, toy.communities), "i8")
    tables = np.sort(plain.reals(toy.rng, (toy.replicates, 1, 1025), 0, 1), axis=2)
    columns = [toy.blank(toy.persons, "f4") for _ in range(6)]
    means = plain.garbage((5, toy.replicates, toy.communities))
    table_of = np.zeros((5, toy.communities), "i4")
    kernels.draw_people(*toy.decks, population, table_of, tables, chance_for(1, "people"), *columns, means)
    assert not columns[0].any()
    assert all(np.all((column >= 0) & (column <= 1)) for column in columns[1:])
    assert np.all((means >= 0) & (means <= 1))


def test_weighted_sum() -> None:
    rng = random.Random(5)
    for types in (("f4", "f4"), ("f8", "f8")):
        weight, value = plain.reals(rng, (211,), 0, 5000, types[0]), plain.reals(rng, (211,), -1, 1, types[1])
        for first in (0, 1, 2, 50, 101):
            for rows in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 50, 53, 110):
                parts = [0.0] * 4
                for i in range(rows):
                    parts[i % 4] += float(weight[first + i]) * float(value[first + i])
                sizes = sum(abs(float(weight[first + i]) * float(value[first + i])) for i in range(rows))
                got = kernels.weighted_sum(weight, value, first, rows)
                assert got == pytest.approx(sum(parts), rel=0, abs=1e-7 * sizes if types[0] == "f4" else 1e-14 * sizes)
