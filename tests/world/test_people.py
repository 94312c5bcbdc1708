"""Decks of people: rows, weights, strata and means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.chance import chance_for
from groundswell.quantiles import NODES
from groundswell.world.people import TAIL_SHARE, Decks, deal, draw_people, weighted_sum


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=30), st.integers(1, 30_000))
def test_decks_cover_the_rows_once(population: list[int], people: int) -> None:
    decks = deal(np.array(population, dtype=np.int64), people)
    rows = np.concatenate(
        [np.arange(f, f + n) for f, n in zip(decks.tail_first, decks.tail_rows, strict=True)]
        + [np.arange(f, f + n) for f, n in zip(decks.bulk_first, decks.bulk_rows, strict=True)]
    )
    np.testing.assert_array_equal(rows, np.arange(decks.people))
    assert decks.tail_rows.min() >= 4 and decks.bulk_rows.min() >= 4


@given(st.lists(st.integers(100_000, 10**7), min_size=1, max_size=9))
def test_about_as_many_people_as_asked_for(population: list[int]) -> None:
    assert deal(np.array(population, dtype=np.int64), 50_000).people == pytest.approx(50_000, rel=0.01)


def drawn(decks: Decks, population: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
    size = (population.shape[0], decks.people)
    tables = np.broadcast_to(np.linspace(0, 1, NODES), (population.shape[0], 1, NODES)).copy()
    people = {name: np.zeros(size, dtype="f4") for name in ("weight", "h", "r", "theta", "m", "e")}
    means = np.empty((5, *population.shape))
    table_of = np.zeros((5, population.shape[1]), dtype=np.int64)
    draw_people(*decks, population, table_of, tables, chance_for(1, "people"), *people.values(), means)
    return people, means


def test_weights_strata_and_means() -> None:
    population = np.array([[5000, 70_000, 11], [4000, 80_000, 9]], dtype=np.int64)
    decks = deal(population[0], 2000)
    people, means = drawn(decks, population)
    for r in range(2):
        for c in range(3):
            tail = slice(decks.tail_first[c], decks.tail_first[c] + decks.tail_rows[c])
            bulk = slice(decks.bulk_first[c], decks.bulk_first[c] + decks.bulk_rows[c])
            weight = np.concatenate([people["weight"][r, part] for part in (tail, bulk)]).astype(float)
            assert people["weight"][r, tail].sum() == pytest.approx(TAIL_SHARE * population[r, c], rel=1e-5)
            assert weight.sum() == pytest.approx(population[r, c], rel=1e-5)
            theta = people["theta"][r]
            assert theta[tail].max() <= TAIL_SHARE <= theta[bulk].min()
            assert (np.diff(theta[tail]) > 0).all() and (np.diff(theta[bulk]) > 0).all()  # one in each stratum
            for t, name in enumerate(("h", "r", "theta", "m", "e")):
                values = np.concatenate([people[name][r, part] for part in (tail, bulk)]).astype(float)
                assert means[t, r, c] == pytest.approx((weight * values).sum() / weight.sum(), rel=1e-5)
    assert means[2] == pytest.approx(0.5, abs=0.1)  # stratified: close even in the smallest community


def test_another_replicate_has_other_people() -> None:
    population = np.array([[5000], [5000]], dtype=np.int64)
    people, _ = drawn(deal(population[0], 500), population)
    assert (people["h"][0] != people["h"][1]).all()


@given(st.integers(0, 20), st.integers(0, 20))
def test_weighted_sum(first: int, rows: int) -> None:
    weight, value = np.linspace(1, 2, 40), np.linspace(-3, 3, 40)
    expected = (weight * value)[first : first + rows].sum()
    assert weighted_sum(weight, value, first, rows) == pytest.approx(expected, abs=1e-12)
