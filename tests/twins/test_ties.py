"""groundswell.world.ties: sums over ties, and bijections that are computed and inverted."""

from __future__ import annotations

import random

import numpy as np
from twins import plain

from groundswell.chance import chance_for
from groundswell.world import ties as kernels

LARGEST = 400_000_000


def is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))


def test_pull() -> None:
    for seed, (sources, targets, number) in enumerate(
        [(60, 53, 400), (1, 1, 1), (77, 101, 90), (5, 64, 0), (50, 50, 2500)]
    ):
        rng = random.Random(seed)
        target = sorted(rng.randrange(targets) for _ in range(number))
        source = np.array([rng.randrange(sources) for _ in range(number)], "i4")
        offset = np.array([sum(t < k for t in target) for k in range(targets + 1)], "i4")
        amount = plain.reals(rng, (number,), -2, 3)
        values, out = plain.reals(rng, (sources,), -5, 5), plain.garbage((targets,))
        kernels.pull(source, offset, amount, values, out)
        expected = [0.0] * targets
        for i, t in enumerate(target):
            expected[t] += amount[i] * values[source[i]]
        np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)


def test_pull_of_the_sorting_function() -> None:
    rng = random.Random(9)
    number, sources, targets = 300, 55, 61
    source, target = plain.counts(rng, (number,), 0, sources - 1), plain.counts(rng, (number,), 0, targets - 1)
    amount, values = plain.reals(rng, (number,), 0, 1), plain.reals(rng, (sources,), 0, 1)
    made, out = kernels.ties(source, target, amount, targets), plain.garbage((targets,))
    kernels.pull(made.source, made.offset, made.amount, values, out)
    expected = [sum(amount[i] * values[source[i]] for i in range(number) if target[i] == t) for t in range(targets)]
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)


def remade(first: tuple[int, int], second: tuple[int, int]) -> int:
    """The number with two remainders (remainder, size), by the Chinese remainder theorem."""
    (a, m), (b, n) = first, second
    return (a + m * ((b - a) * pow(m, -1, n) % n)) % (m * n)


def test_bijection() -> None:
    """How the multiplier follows from the address is not documented, so its stated properties are tested.

    The shift is read as the second uniform of the address times the size. The multiplier comes back modulo the size,
    which the docs do not say; the prime is put together again from two sizes that have no common divisor.
    """
    for size in [1, 2, 3, 7, 50, 64, 97, 1000, 1001]:
        for r in range(3):
            chance = chance_for(4, "ties", 0, r)
            for row in range(20):
                multiplier, shift = map(int, kernels.bijection(chance, row, 64 + row, size))
                assert shift == int(plain.two_uniforms(chance, row, 64 + row)[1] * size)
                assert sorted((multiplier * s + shift) % size for s in range(size)) == list(range(size))
                assert kernels.bijection(chance, row, 64 + row, size) == (multiplier, shift)
    for row in range(60):
        chance = chance_for(5, "ties", 3, row % 5)
        found = [(int(kernels.bijection(chance, row, 128, size)[0]), size) for size in (LARGEST - 1, LARGEST)]
        prime = remade(*found)
        assert LARGEST < prime < 2**63 // LARGEST  # multiplier * s + shift fits 63 bits, reduced or not
        assert is_prime(prime)
        for size in (1009, 64, 12_345_678):
            assert kernels.bijection(chance, row, 128, size)[0] % size == prime % size


def test_bijections_differ_by_address() -> None:
    """A person should not watch the same slot under two keys more often than by accident: 1 in `size`."""
    size, same, pairs = 1009, 0, 0
    made = [
        tuple(map(int, kernels.bijection(chance_for(6, "ties"), row, slot, size)))
        for row in range(12)
        for slot in range(12)
    ]
    for i, (m, b) in enumerate(made):
        for n, d in made[:i]:
            same += sum((m * s + b) % size == (n * s + d) % size for s in (0, 400, 800))
            pairs += 3
    assert same < 4 * pairs / size


def test_bijection_scatters_neighbours() -> None:
    """Persons s and s + 1 watch slots multiplier % size apart, which should be neither always near nor the same."""
    size = 1009
    gaps = {int(kernels.bijection(chance_for(seed, "ties"), 3, 0, size)[0]) % size for seed in range(60)}
    assert len(gaps) > 1


def test_inverse() -> None:
    rng = random.Random(3)
    for size in [1, 2, 3, 51, 64, 1001, 65536, 12_345_678, LARGEST - 1, LARGEST]:
        for row in range(25):
            multiplier, shift = map(int, kernels.bijection(chance_for(8, "ties", 0, row % 3), row, 2, size))
            for watched in {0, size - 1, rng.randrange(size)}:
                found = kernels.inverse(multiplier, shift, size, watched)
                expected = (watched - shift) * pow(multiplier, -1, size) % size
                assert found == expected, (multiplier, shift, size, watched)
                assert 0 <= found < size and (multiplier * int(found) + shift) % size == watched
