"""What the twins share: random numbers written from the published definitions, and small made-up worlds.

Nothing here imports groundswell: every number is computed with Python's own integers, floats and decimals.
"""

from __future__ import annotations

import functools
import hashlib
import math
import random
from dataclasses import dataclass, field
from decimal import Decimal, getcontext
from typing import Any, NamedTuple

import numpy as np

getcontext().prec = 50
WORD = 0xFFFFFFFF
PI = Decimal("3.14159265358979323846264338327950288419716939937510582")


class Address(NamedTuple):
    """Twin of groundswell.chance.Chance."""

    key_low: int
    key_high: int
    step: int
    replicate: int


def address(seed: int, name: str, step: int = 0, replicate: int = 0) -> Address:
    """64 bits of BLAKE2b of the seed and the name (read as 'seed/name', little-endian, low word first)."""
    key = int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), "little")
    return Address(key & WORD, key >> 32, step, replicate)


def at(chance: Any, r: int) -> Address:
    return Address(int(chance.key_low), int(chance.key_high), int(chance.step), int(chance.replicate) + r)


def philox(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Philox-4x32-10 of Salmon and others 2011."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        first, second = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (second >> 32) ^ c1 ^ k0, second & WORD, (first >> 32) ^ c3 ^ k1, first & WORD
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return c0, c1, c2, c3


def two_uniforms(chance: Any, row: int, slot: int, attempt: int = 0) -> tuple[float, float]:
    """Words 0, 1 and words 2, 3, the first the higher; 52 bits each, in the middle of their cell.

    The fourth counter word holds the slot in its lower and the attempt in its upper 16 bits.
    """
    counter = (row, int(chance.step), int(chance.replicate), slot + 65536 * attempt)
    w = philox(counter, (int(chance.key_low), int(chance.key_high)))
    first, second = ((w[0] << 32 | w[1]) >> 12), ((w[2] << 32 | w[3]) >> 12)
    return (first + 0.5) / 2.0**52, (second + 0.5) / 2.0**52


def uniform(chance: Any, row: int, slot: int) -> float:
    return two_uniforms(chance, row, slot)[0]


@functools.cache
def log_factorial(k: int) -> Decimal:
    """Natural logarithm of k!, by Stirling's series moved up to 40 and beyond."""
    shift, product = k, 1
    while shift < 40:
        shift += 1
        product *= shift
    z = Decimal(shift + 1)
    total = (z - Decimal("0.5")) * z.ln() - z + (2 * PI).ln() / 2
    bernoulli = [(1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510), (43867, 798)]
    for j, (top, bottom) in enumerate(bernoulli, 1):
        total += Decimal(top) / (Decimal(bottom) * (2 * j) * (2 * j - 1) * z ** (2 * j - 1))
    return total - Decimal(product).ln()


def poisson(chance: Any, row: int, slot: int, mean: float) -> int:
    """Inversion below a mean of 10; from there PTRS of Hoermann 1993, the n-th try from attempt n."""
    if mean < 10:
        u = uniform(chance, row, slot)
        k, term = 0, math.exp(-mean)
        total = term
        while u > total and term > 0:
            k += 1
            term *= mean / k
            total += term
        return k
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)
    for attempt in range(65536):
        u, v = two_uniforms(chance, row, slot, attempt)
        u -= 0.5
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        left = Decimal(v * inverse_alpha / (a / (us * us) + b)).ln()
        if left <= -Decimal(mean) + k * Decimal(mean).ln() - log_factorial(k):
            return k
    raise AssertionError("no draw accepted")


def binomial(chance: Any, row: int, slot: int, n: int, p: float) -> int:
    """Inversion below a mean of 10; from there BTRS of Hoermann 1993; p above 1/2 counts the failures."""
    if n == 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    if p > 0.5:
        return n - binomial(chance, row, slot, n, 1 - p)
    q = 1 - p
    if n * p < 10:
        u = uniform(chance, row, slot)
        k, term = 0, math.exp(n * math.log1p(-p))
        total = term
        while u > total and k < n:
            k += 1
            term *= (n - k + 1) / k * (p / q)
            total += term
        return k
    spread = math.sqrt(n * p * q)
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    v_r = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * spread
    m = math.floor((n + 1) * p)
    for attempt in range(65536):
        u, v = two_uniforms(chance, row, slot, attempt)
        u -= 0.5
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + n * p + 0.5)
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or k > n:
            continue
        left = Decimal(v * alpha / (a / (us * us) + b)).ln()
        right = log_factorial(m) + log_factorial(n - m) - log_factorial(k) - log_factorial(n - k)
        if left <= right + (k - m) * (Decimal(p) / (1 - Decimal(p))).ln():
            return k
    raise AssertionError("no draw accepted")


def logistic(x: float) -> float:
    if x < -700:
        return 0.0
    return 1 / (1 + math.exp(-x))


# Made-up worlds --------------------------------------------------------------------------------------------------


def reals(rng: random.Random, shape: tuple[int, ...], low: float, high: float, dtype: str = "f8") -> Any:
    """Uniform numbers of any shape."""
    return np.array([rng.uniform(low, high) for _ in range(math.prod(shape))], dtype).reshape(shape)


def counts(rng: random.Random, shape: tuple[int, ...], low: int, high: int, dtype: str = "i8") -> Any:
    """Integers from low to high, both included."""
    return np.array([rng.randint(low, high) for _ in range(math.prod(shape))], dtype).reshape(shape)


def garbage(shape: tuple[int, ...], dtype: str = "f8") -> Any:
    """A column that nobody has written yet."""
    return np.full(shape, 7 if dtype == "u1" else -77, dtype)


@dataclass
class Toy:
    """A small world: `place` of communities, `country` of places, decks of persons, and a random generator."""

    seed: int
    replicates: int = 3
    countries: int = 3
    largest_deck: int = 6
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        rng = self.rng = random.Random(self.seed)
        country, place = [], []
        for c in range(self.countries):
            for _ in range(rng.randint(4, 8)):
                country.append(c)
        for p in range(len(country)):
            place += [p] * rng.randint(2, 6)
        self.country, self.place = np.array(country, "i4"), np.array(place, "i4")
        self.places, self.communities = len(country), len(place)
        self.tail_rows = counts(rng, (self.communities,), 4, 4 + self.largest_deck, "i4")
        self.bulk_rows = counts(rng, (self.communities,), 4, 4 + 2 * self.largest_deck, "i4")
        tails = int(self.tail_rows.sum())
        self.tail_first = (np.cumsum(self.tail_rows) - self.tail_rows).astype("i4")
        self.bulk_first = (tails + np.cumsum(self.bulk_rows) - self.bulk_rows).astype("i4")
        self.persons = tails + int(self.bulk_rows.sum())
        self.community = np.array(
            [c for rows in (self.tail_rows, self.bulk_rows) for c in range(self.communities) for _ in range(rows[c])],
            "i4",
        )
        self.units, self.actors = 3 * self.places + 1, 4
        self.unit_place = counts(rng, (self.units,), 0, self.places - 1, "i4")
        self.unit_actor = counts(rng, (self.units,), 0, self.actors - 1, "i4")

    @property
    def decks(self) -> tuple[Any, Any, Any, Any]:
        return self.tail_first, self.tail_rows, self.bulk_first, self.bulk_rows

    def rows_of(self, c: int) -> list[int]:
        """Rows of a community's people: its tail, then its others."""
        tail, bulk = int(self.tail_first[c]), int(self.bulk_first[c])
        return [*range(tail, tail + int(self.tail_rows[c])), *range(bulk, bulk + int(self.bulk_rows[c]))]

    def reals(self, rows: int, low: float, high: float, dtype: str = "f8") -> Any:
        return reals(self.rng, (self.replicates, rows), low, high, dtype)

    def counts(self, rows: int, low: int, high: int, dtype: str = "i8") -> Any:
        return counts(self.rng, (self.replicates, rows), low, high, dtype)

    def parameter(self, low: float, high: float) -> Any:
        return reals(self.rng, (self.replicates,), low, high)

    def blank(self, rows: int, dtype: str = "f8") -> Any:
        return garbage((self.replicates, rows), dtype)

    def place_sums(self, column: Any) -> Any:
        """Sums over the communities of each place."""
        out = np.zeros((self.replicates, self.places), column.dtype)
        for r in range(self.replicates):
            for c in range(self.communities):
                out[r, self.place[c]] += column[r, c]
        return out
