"""groundswell.chance against the published definitions."""

from __future__ import annotations

import math
import random
from collections import Counter
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest
from scipy import special, stats
from twins import plain

from groundswell import chance as kernels
from groundswell.chance import chance_for

RNG = random.Random(20240611)
VECTORS = [
    ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    ([plain.WORD] * 4, [plain.WORD] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


def addresses(number: int, seed: int = 5) -> list[tuple]:
    """(Chance, row, slot) of all sizes."""
    rng = random.Random(seed)
    rows = [0, 1, 2**31 - 1, 2**31, plain.WORD]
    slots = [0, 1, 65534, 65535]
    made = []
    for i in range(number):
        chance = chance_for(rng.randint(0, 2**60), f"m{i}", rng.choice([0, 1, 365, 70000]), rng.choice([0, 3, 99999]))
        row = rng.choice([rng.choice(rows), rng.randint(0, plain.WORD)])
        made.append((chance, row, rng.choice([rng.choice(slots), rng.randint(0, 65535)])))
    return made


def off_by(value: float, exact: Decimal) -> float:
    """Distance in units in the last place of the exact number."""
    return float(abs(Decimal(value) - exact) / Decimal(math.ulp(float(exact))))


def test_philox() -> None:
    for counter, key, words in VECTORS:
        assert list(plain.philox(tuple(counter), tuple(key))) == words
        assert [int(w) for w in kernels.philox(*map(np.uint64, counter + key))] == words
    for _ in range(200):
        words = [RNG.getrandbits(32) for _ in range(6)]
        got = kernels.philox(*map(np.uint64, words))
        assert tuple(map(int, got)) == plain.philox(tuple(words[:4]), tuple(words[4:]))


def test_chance_for() -> None:
    for seed in (0, 1, 7, 2**31, 2**63 - 1):
        for name in ("anger", "influence", "ünicode", ""):
            got = chance_for(seed, name, 12, 3)
            assert tuple(map(int, got)) == plain.address(seed, name, 12, 3)


def test_at() -> None:
    for chance, _, _ in addresses(60):
        for r in (0, 1, 17):
            moved = kernels.at(chance, r)
            assert plain.at(moved, 0) == plain.at(chance, r)
            boxed = type(chance)(*map(np.uint64, moved))  # numba hands plain ints back, which a kernel does not take
            assert kernels.uniform(boxed, 5, 6) == plain.uniform(plain.at(chance, r), 5, 6)


def test_words() -> None:
    for row, slot, attempt in ((0, 0, 0), (7, 3, 2), (2**31, 65535, 65535)):
        chance = kernels.chance_for(3, "x", 5, 6)
        counter = (row, 5, 6, slot + 65536 * attempt)
        key = (int(chance.key_low), int(chance.key_high))
        assert tuple(map(int, kernels.words(chance, row, slot, attempt))) == plain.philox(counter, key)


def test_two_uniforms() -> None:
    for chance, row, slot in addresses(150):
        for attempt in (0, 1, 2, 255, 65535):
            assert kernels.two_uniforms(chance, row, slot, attempt) == plain.two_uniforms(chance, row, slot, attempt)


def test_uniform() -> None:
    for chance, row, slot in addresses(500):
        u = kernels.uniform(chance, row, slot)
        assert 0 < u < 1
        assert u == plain.uniform(chance, row, slot)
    chance = chance_for(3, "even")
    draws = [kernels.uniform(chance, row, 0) for row in range(20000)]
    assert stats.kstest(draws, "uniform").pvalue > 1e-4


def test_exp() -> None:
    xs = [0.0, -0.0, 1.0, -1.0, 1e-300, -1e-17, 1e-9, 709.4, -707.99, 0.5 * math.log(2), -0.5 * math.log(2)]
    xs += [RNG.uniform(-708, 709.4) for _ in range(3000)] + [RNG.uniform(-2, 2) for _ in range(3000)]
    xs += [RNG.uniform(-1, 1) * 10.0 ** RNG.randint(-12, 2) for _ in range(2000)]
    assert max(off_by(kernels.exp(x), Decimal(x).exp()) for x in xs) <= 2
    for x in (-708.01, -720.0, -1e4, -1e300, -math.inf):
        assert kernels.exp(x) == 0
    for x in (709.8, 1e4, 1e300, math.inf):
        assert kernels.exp(x) == math.inf
    assert kernels.exp(0.0) == 1
    assert math.isnan(kernels.exp(math.nan))


def test_exp_up_to_the_documented_limit() -> None:
    """709.436 is 1023.5 log 2, from where the power of two no longer fits a float's exponent."""
    for x in (709.43, 709.44, 709.5, 709.6, 709.69, 709.7):
        assert off_by(kernels.exp(x), Decimal(x).exp()) <= 2, x
    assert kernels.exp(709.71) == math.inf


def test_log() -> None:
    xs = [
        1.0,
        2.0,
        0.5,
        math.e,
        1 + 2**-52,
        1 - 2**-53,
        5e-324,
        2.2e-308,
        1e-310,
        1.7e308,
        math.sqrt(2),
        math.sqrt(0.5),
    ]
    xs += [math.nextafter(math.sqrt(2), d) for d in (0, 9)] + [RNG.uniform(0.5, 2) for _ in range(3000)]
    xs += [10.0 ** RNG.uniform(-307, 308) for _ in range(3000)] + [1 + RNG.uniform(-1, 1) * 1e-6 for _ in range(2000)]
    assert max(off_by(kernels.log(x), Decimal(x).ln()) for x in xs if x != 1) <= 2
    assert kernels.log(1.0) == 0
    assert kernels.log(0.0) == -math.inf
    assert math.isnan(kernels.log(-1.0)) and math.isnan(kernels.log(-math.inf)) and math.isnan(kernels.log(math.nan))


def test_log_of_infinity() -> None:
    assert kernels.log(math.inf) == math.inf


def test_power() -> None:
    for _ in range(5000):
        x, y = 10.0 ** RNG.uniform(-8, 8), RNG.uniform(-20, 20)
        exponent = Decimal(y) * Decimal(x).ln()
        if abs(exponent) < 700:
            exact = exponent.exp()
            # two units of exp come on top: the documented bound alone cannot hold where y log x is near 0
            bound = 1e-13 * abs(float(exponent)) + 2**-51
            assert abs(Decimal(kernels.power(x, y)) - exact) <= exact * Decimal(bound)
    for y in (0.5, 1.0, 2.0, 8.0):
        assert kernels.power(0.0, y) == 0
        assert kernels.power(1.0, y) == 1
        assert kernels.power(0.0, -y) == math.inf
    for x in (1.0, 0.5, 3.0, 1e300, 1e-300):
        assert kernels.power(x, 0.0) == 1
    assert kernels.power(1e200, 2.0) == math.inf
    assert kernels.power(1e-200, 2.0) == 0


def test_power_of_zero_to_the_zero() -> None:
    assert kernels.power(0.0, 0.0) == 1


def test_logistic() -> None:
    xs = [RNG.uniform(-700, 700) for _ in range(1000)] + [RNG.gauss(0, 3) for _ in range(1000)]
    for x in [0.0, -0.0, 37.0, -37.0, *xs]:
        assert kernels.logistic(x) == pytest.approx(plain.logistic(x), rel=1e-15 * 4, abs=0)
    for x in (-708.5, -709.44, -709.5, -709.69, -709.7, -709.71, -745.0):
        assert kernels.logistic(x) < 1e-300, x
    assert kernels.logistic(math.inf) == 1 and kernels.logistic(1e4) == 1
    assert kernels.logistic(-math.inf) == 0 and kernels.logistic(-1e4) == 0


def test_exponential() -> None:
    for chance, row, slot in addresses(300):
        exact = -math.log(plain.uniform(chance, row, slot))
        assert kernels.exponential(chance, row, slot) == pytest.approx(exact, rel=1e-15, abs=1e-16)
    chance = chance_for(11, "waits")
    assert stats.kstest([kernels.exponential(chance, row, 3) for row in range(20000)], "expon").pvalue > 1e-4


def quantile_by_newton(u: float) -> float:
    """Solve erfc(-x / sqrt 2) / 2 = u from the tail that holds u, with no published coefficients."""
    if u > 0.5:
        return -quantile_by_newton(1 - u)
    x = -math.sqrt(max(0.0, -2 * math.log(2 * u)))  # a start below the solution
    for _ in range(200):
        tail = math.erfc(-x / math.sqrt(2)) / 2
        density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        step = (tail / u - 1) * u / density
        x -= step
        if abs(step) <= 1e-16 * abs(x):
            break
    return x


def test_normal_quantile() -> None:
    us = [0.5, 2.0**-53, 2.0**-52, 1 - 2.0**-53, 0.075, 0.925, 0.07499999, 0.0750001, 1e-10, 1e-5, 1.3e-11, 1.4e-11]
    us += [RNG.random() for _ in range(2000)] + [10 ** RNG.uniform(-15.5, -0.4) for _ in range(2000)]
    for u in us:
        got = kernels.normal_quantile(u)
        assert got == pytest.approx(NormalDist().inv_cdf(u), rel=2e-15, abs=0)
        assert got == pytest.approx(float(special.ndtri(u)), rel=1e-13, abs=1e-15)
        assert got == pytest.approx(quantile_by_newton(u), rel=2e-14, abs=1e-14 if abs(u - 0.5) < 1e-3 else 0)


def test_normal() -> None:
    for chance, row, slot in addresses(300):
        exact = NormalDist().inv_cdf(plain.uniform(chance, row, slot))
        assert kernels.normal(chance, row, slot) == pytest.approx(exact, rel=2e-15)


def test_stirling_tail() -> None:
    product = 1
    for k in [*range(60), 99, 100, 101, 255, 1000, 12345, 10**6, 10**9, 10**12]:
        if k < 60:  # the shared helper itself, against whole numbers
            product *= max(k, 1)
            assert abs(plain.log_factorial(k) - Decimal(product).ln()) < Decimal("1e-25")
        main = (Decimal(k) + Decimal("0.5")) * Decimal(k + 1).ln() - (k + 1) + (2 * plain.PI).ln() / 2
        exact = float(plain.log_factorial(k) - main)
        # no error is documented; a series of three terms from 10 on, as Hoermann prints, is off by 3e-11 there
        assert kernels.stirling_tail(k) == pytest.approx(exact, rel=0, abs=1e-14 if k < 10 else 4e-11), k


def chi_square(draws: list[int], probability) -> float:
    """p-value against a distribution over the whole numbers; cells are pooled to an expectation of 10."""
    seen, total = Counter(draws), len(draws)
    observed, expected, rest = [], [], total
    inside, mass = 0, 0.0
    for k in range(min(draws), max(draws) + 1):
        inside, mass = inside + seen[k], mass + probability(k) * total
        if k == min(draws):
            mass = total * sum(probability(j) for j in range(k + 1))
        if mass >= 10:
            observed, expected, rest = [*observed, inside], [*expected, mass], rest - inside
            inside, mass = 0, 0.0
    left = total - sum(expected)
    if left < 10:
        observed[-1], expected[-1] = observed[-1] + rest, expected[-1] + left
    else:
        observed, expected = [*observed, rest], [*expected, left]
    return float(stats.chisquare(observed, expected, sum_check=False).pvalue)


MEANS = [0.0, 1e-12, 0.3, 1.0, 5.5, 9.999, 10.0, 10.001, 14.2, 77.7, 1234.5, 1e5, 1e7, 1e9]


def test_poisson() -> None:
    for mean in MEANS:
        for chance, row, slot in addresses(120, 8):
            got = kernels.poisson(chance, row, slot, mean)
            assert got == plain.poisson(chance, row, slot, mean), (mean, chance, row, slot)
    for i, (chance, row, slot) in enumerate(addresses(500, 9)):
        mean = 10 ** random.Random(i).uniform(-2, 4)
        assert kernels.poisson(chance, row, slot, mean) == plain.poisson(chance, row, slot, mean)


@pytest.mark.parametrize("mean", [0.7, 8.0, 10.0, 12.5, 60.0, 900.0])
def test_poisson_is_distributed_so(mean: float) -> None:
    chance = chance_for(2, "counts", 4)
    draws = [kernels.poisson(chance, row, 1, mean) for row in range(30000)]
    table = stats.poisson.pmf(np.arange(max(draws) + 1), mean)
    assert chi_square(draws, lambda k: float(table[k])) > 1e-4


TRIALS = [
    (0, 0.5), (1, 0.5), (1, 0.0), (1, 1.0), (5, 0.0), (5, 1.0), (3, 0.7), (12, 0.8), (15, 0.55), (19, 0.5), (20, 0.5),
    (20, 0.499),
    (21, 0.51), (40, 0.75), (40, 0.7500001), (100, 0.1), (100, 0.0999), (100, 0.9), (1000, 0.3), (1000, 0.995),
    (10**6, 1e-7),
    (10**6, 1e-5), (10**6, 0.5), (10**9, 1e-9), (10**9, 0.123), (4 * 10**9, 0.97), (50, 1e-300),
]  # fmt: skip


def test_binomial() -> None:
    for n, p in TRIALS:
        for chance, row, slot in addresses(80, 21):
            got = kernels.binomial(chance, row, slot, n, p)
            assert got == plain.binomial(chance, row, slot, n, p), (n, p, chance, row, slot)
    for i, (chance, row, slot) in enumerate(addresses(800, 22)):
        rng = random.Random(i)
        n, p = int(10 ** rng.uniform(0, 6)), rng.choice([rng.random(), 10 ** rng.uniform(-6, 0)])
        got = kernels.binomial(chance, row, slot, n, p)
        assert got == plain.binomial(chance, row, slot, n, p), (n, p, chance, row, slot)


def test_sure_none() -> None:
    """What is sure is so, and of small counts that are none nearly all are sure."""
    sure = {True: 0, False: 0}
    for i, (chance, row, slot) in enumerate(addresses(4000, 24)):
        rng = random.Random(i)
        n, p = rng.choice([0, 1, int(10 ** rng.uniform(0, 5))]), rng.choice([0.0, 1.0, 10 ** rng.uniform(-7, 0)])
        none = plain.binomial(chance, row, slot, n, p) == 0
        found = bool(kernels.sure_none(n, p, plain.uniform(chance, row, slot)))
        assert none or not found, (n, p, chance, row, slot)
        if none and n * p < 0.1:
            sure[found] += 1
    assert sure[True] > 1000 and sure[False] < 0.01 * sure[True]


@pytest.mark.parametrize(
    ("n", "p"), [(8, 0.3), (12, 0.9), (50, 0.15), (20, 0.5), (60, 0.4), (60, 0.8), (5000, 0.02), (3000, 0.7)]
)
def test_binomial_is_distributed_so(n: int, p: float) -> None:
    chance = chance_for(2, "trials", 4)
    draws = [kernels.binomial(chance, row, 1, n, p) for row in range(30000)]
    assert min(draws) >= 0 and max(draws) <= n
    table = stats.binom.pmf(np.arange(n + 1), n, p)
    assert chi_square(draws, lambda k: float(table[k])) > 1e-4


def choose(chance, row: int, slot: int, weights: list[float]) -> int:
    total = sum(weights)
    if total == 0:
        return -1
    goal, reached = plain.uniform(chance, row, slot) * total, 0.0
    for i, weight in enumerate(weights):
        reached += weight
        if goal < reached:
            return i
    return max(i for i, weight in enumerate(weights) if weight > 0)


def test_choose() -> None:
    for i, (chance, row, slot) in enumerate(addresses(400, 33)):
        rng = random.Random(i)
        weights = [rng.choice([0.0, rng.random(), 10 * rng.random()]) for _ in range(rng.choice([1, 2, 3, 17, 51, 64]))]
        assert kernels.choose(chance, row, slot, np.array(weights)) == choose(chance, row, slot, weights)
    chance = chance_for(1, "none")
    assert kernels.choose(chance, 0, 0, np.zeros(5)) == -1
    assert kernels.choose(chance, 0, 0, np.zeros(0)) == -1
    assert {kernels.choose(chance, row, 0, np.array([0.0, 3.0, 0.0])) for row in range(50)} == {1}
