"""Ties: sorted by target, summed by pull; keyed bijections and their inverse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.chance import chance_for
from groundswell.world.ties import _PRIMES, bijection, inverse, pull, ties

PAIRS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.floats(-5, 5)), max_size=40)
    )
)


@given(PAIRS)
def test_ties_are_sorted_and_none_is_lost(made) -> None:
    n, pairs = made
    t = ties([p[0] for p in pairs], [p[1] for p in pairs], [p[2] for p in pairs], n)
    assert t.offset[0] == 0 and t.offset[-1] == len(pairs) and (np.diff(t.offset) >= 0).all()
    back = []
    for target in range(n):
        mine = t.source[t.offset[target] : t.offset[target + 1]]
        assert (np.diff(mine) >= 0).all()
        back += [(s, target, a) for s, a in zip(mine, t.amount[t.offset[target] : t.offset[target + 1]], strict=True)]
    assert sorted(back) == sorted(pairs)
    assert (t.source.dtype, t.offset.dtype, t.amount.dtype) == (np.int32, np.int32, np.float64)


@given(PAIRS)
def test_pull_is_a_matrix_product(made) -> None:
    n, pairs = made
    matrix = np.zeros((n, n))
    for source, target, amount in pairs:
        matrix[target, source] += amount
    values, out = np.arange(n) * 1.5 - 3, np.full(n, np.nan)
    t = ties([p[0] for p in pairs], [p[1] for p in pairs], [p[2] for p in pairs], n)
    pull(t.source, t.offset, t.amount, values, out)
    np.testing.assert_allclose(out, matrix @ values, atol=1e-9)


def test_the_order_of_lines_means_nothing() -> None:
    lines = [(0, 2, 1.0), (1, 0, 2.0), (2, 0, 3.0), (1, 2, 4.0)]
    one = ties(*zip(*lines, strict=True), 3)
    two = ties(*zip(*reversed(lines), strict=True), 3)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_no_ties() -> None:
    t = ties([], [], [], 3)
    out = np.full(3, 9.0)
    pull(t.source, t.offset, t.amount, np.ones(3), out)
    assert out.tolist() == [0.0, 0.0, 0.0]


@given(st.integers(1, 300), st.integers(0, 2**32 - 1), st.integers(0, 255), st.integers(0, 2**40))
def test_a_bijection_is_one_and_inverse_undoes_it(size: int, row: int, slot: int, seed: int) -> None:
    multiplier, shift = bijection(chance_for(seed, "influence"), row, slot, size)
    watched = [(multiplier * s + shift) % size for s in range(size)]
    assert sorted(watched) == list(range(size))
    assert [inverse(multiplier, shift, size, w) for w in watched] == list(range(size))


@given(st.integers(1, 400_000_000), st.integers(0, 2**32 - 1), st.integers(0, 2**40), st.data())
def test_bijections_of_any_allowed_size(size: int, row: int, seed: int, data) -> None:
    multiplier, shift = bijection(chance_for(seed, "influence"), row, 1, size)
    assert 0 <= multiplier < max(2, size) and 0 <= shift < size
    assert math.gcd(int(multiplier), size) == 1
    s = data.draw(st.integers(0, size - 1))
    watched = (multiplier * s + shift) % size
    assert inverse(multiplier, shift, size, watched) == s


def test_the_multipliers_are_primes_above_the_largest_size() -> None:
    assert len(set(_PRIMES.tolist())) == 64
    assert _PRIMES.min() > 400_000_000 and _PRIMES.max() < 2**31  # products with a slot stay below 2^63
    for prime in _PRIMES.tolist():
        assert all(pow(base, prime - 1, prime) == 1 for base in (2, 3, 5, 7, 11))


@pytest.mark.parametrize("size", [1, 2])
def test_the_smallest_groups(size: int) -> None:
    multiplier, shift = bijection(chance_for(0, "influence"), 0, 0, size)
    assert {(multiplier * s + shift) % size for s in range(size)} == set(range(size))
