"""Addressed random numbers: published vectors, properties for any address, distributions, extremes.

tests/twins/test_chance.py compares each function with the same thing written out in plain Python; here stands what
holds whatever the implementation.
"""

from __future__ import annotations

import inspect
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from groundswell import chance as module
from groundswell.chance import (
    at,
    binomial,
    chance_for,
    choose,
    exp,
    exponential,
    log,
    logistic,
    normal,
    normal_quantile,
    philox,
    poisson,
    power,
    two_uniforms,
    uniform,
)
from groundswell.compiled import Kernel, kernel

ROWS = st.integers(0, 2**32 - 1)
SLOTS = st.integers(0, 65535)
SEEDS = st.integers(0, 2**64)
WORDS = st.integers(0, 2**32 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
CHANCE = chance_for(20191001, "tests")
DRAWS = 20_000
ENOUGH = 1e-4  # of a p-value; the addresses are fixed, so a test passes always or never


@kernel
def fill(which, chance, slot, a, b, out):
    """One number a row."""
    for i in range(out.size):
        if which == 0:
            out[i] = uniform(chance, i, slot)
        elif which == 1:
            out[i] = exponential(chance, i, slot)
        elif which == 2:
            out[i] = normal(chance, i, slot)
        elif which == 3:
            out[i] = poisson(chance, i, slot, a)
        elif which == 4:
            out[i] = binomial(chance, i, slot, int(a), b)


def drawn(which: str, a: float = 0.0, b: float = 0.0, slot: int = 0, chance=CHANCE, size: int = DRAWS) -> np.ndarray:
    out = np.empty(size)
    fill(
        ["uniform", "exponential", "normal", "poisson", "binomial"].index(which), chance, slot, float(a), float(b), out
    )
    return out


# Published test vectors of Philox-4x32-10: the file kat_vectors of the authors' library Random123.
@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_published_vectors(counter: str, key: str, words: str) -> None:
    given_words = [np.uint64(int(word, 16)) for word in (counter + " " + key).split()]
    assert " ".join(f"{int(word):08x}" for word in philox(*given_words)) == words


@given(st.tuples(*[WORDS] * 6), st.integers(0, 5), st.integers(0, 31))
def test_one_bit_of_the_address_changes_about_half_of_the_bits(words, which: int, bit: int) -> None:
    other = list(words)
    other[which] ^= 1 << bit
    one, two = (philox(*map(np.uint64, w)) for w in (words, other))
    changed = sum(int(a ^ b).bit_count() for a, b in zip(one, two, strict=True))
    assert 25 < changed < 103  # 64 of 128 expected, standard deviation 5.7


@given(SEEDS, st.text(), st.integers(0, 2**32 - 1), st.integers(0, 2**31), ROWS, SLOTS)
def test_a_number_depends_on_its_address_alone(seed, name, step, replicate, row, slot) -> None:
    first = uniform(chance_for(seed, name, step, replicate), row, slot)
    uniform(chance_for(seed, name, step, replicate), row ^ 1, slot)
    assert 0.0 < first < 1.0
    assert uniform(chance_for(seed, name, step, replicate), row, slot) == first


@given(SEEDS, st.integers(0, 2**20), st.integers(0, 2**16), ROWS, SLOTS)
def test_a_stack_has_the_addresses_of_its_replicates(seed, replicate, r, row, slot) -> None:
    assert at(chance_for(seed, "m", 3, replicate), r) == chance_for(seed, "m", 3, replicate + r)
    assert uniform(at(chance_for(seed, "m", 3, replicate), r), row, slot) == uniform(
        chance_for(seed, "m", 3, replicate + r), row, slot
    )


@given(SEEDS, ROWS, SLOTS, st.integers(0, 65535))
def test_both_uniforms_lie_inside(seed, row, slot, attempt) -> None:
    for u in two_uniforms(chance_for(seed, "m"), row, slot, attempt):
        assert 2.0**-53 <= u <= 1.0 - 2.0**-53


def test_the_smallest_and_largest_uniform_are_inside() -> None:
    low, high = (0.0 + 0.5) * 2.0**-52, (2.0**52 - 1 + 0.5) * 2.0**-52
    assert low > 0.0 and high < 1.0
    assert math.isfinite(normal_quantile(low)) and math.isfinite(normal_quantile(high))


def test_names_seeds_steps_replicates_rows_and_slots_part_the_numbers() -> None:
    seen = set()
    count = 0
    for seed in (0, 1):
        for name in ("a", "b"):
            for step in (0, 1):
                for replicate in (0, 1):
                    for row in (0, 1, 2):
                        for slot in (0, 1, 2):
                            seen.add(uniform(chance_for(seed, name, step, replicate), row, slot))
                            count += 1
    assert len(seen) == count


def test_numbers_of_neighbouring_addresses_are_not_correlated() -> None:
    base = drawn("uniform")
    others = [
        drawn("uniform", slot=1),
        drawn("uniform", chance=CHANCE._replace(step=np.uint64(1))),
        drawn("uniform", chance=CHANCE._replace(replicate=np.uint64(1))),
        drawn("uniform", chance=chance_for(20191002, "tests")),
        drawn("uniform", chance=chance_for(20191001, "test")),
        np.roll(base, 1),
    ]
    for other in others:
        assert stats.pearsonr(base, other).pvalue > ENOUGH


@pytest.mark.parametrize(("which", "law"), [("uniform", "uniform"), ("exponential", "expon"), ("normal", "norm")])
@pytest.mark.parametrize("slot", [0, 1, 65535])
def test_continuous_distributions(which: str, law: str, slot: int) -> None:
    assert stats.kstest(drawn(which, slot=slot), law).pvalue > ENOUGH


def goodness(seen: np.ndarray, law) -> float:
    """The chi-square p-value of counts against a discrete law, in cells of at least 8 expected."""
    low, high = int(law.ppf(1e-9)), int(law.ppf(1 - 1e-9)) + 1
    wide = max(1, (high - low) // 60)
    edges = [-1.0]
    for edge in range(low, high + 1, wide):
        if (law.cdf(edge) - law.cdf(edges[-1])) * seen.size >= 8 and law.sf(edge) * seen.size >= 8:
            edges.append(float(edge))
    edges.append(np.inf)
    expected = np.diff(law.cdf(edges)) * seen.size
    observed = np.array([((seen > a) & (seen <= b)).sum() for a, b in itertools.pairwise(edges)])
    return float(stats.chisquare(observed, expected, sum_check=False).pvalue) if len(expected) > 1 else 1.0


@pytest.mark.parametrize("mean", [0.05, 1.0, 3.3, 9.99, 10.01, 25.0, 400.0, 1e6])
def test_poisson_distribution(mean: float) -> None:
    assert goodness(drawn("poisson", mean), stats.poisson(mean)) > ENOUGH


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (1, 0.3),
        (2, 0.5),
        (7, 0.99),
        (30, 0.2),
        (19, 0.52),
        (21, 0.48),
        (25, 0.41),
        (1000, 0.5),
        (1000, 0.989),
        (10**6, 3e-6),
        (10**6, 0.2),
        (10**9, 0.7),
    ],
)
def test_binomial_distribution(n: int, p: float) -> None:
    seen = drawn("binomial", n, p)
    assert seen.min() >= 0 and seen.max() <= n
    assert goodness(seen, stats.binom(n, p)) > ENOUGH


@pytest.mark.parametrize("n", [10**10, 10**12, 10**15])
@pytest.mark.parametrize("p", [0.01, 0.5, 0.93])
def test_binomial_of_huge_n(n: int, p: float) -> None:
    seen = (drawn("binomial", n, p, size=4000) - n * p) / math.sqrt(n * p * (1 - p))
    assert stats.kstest(seen, "norm").pvalue > ENOUGH


@pytest.mark.parametrize("mean", [1e9, 1e12, 1e15])
def test_poisson_of_huge_mean(mean: float) -> None:
    assert stats.kstest((drawn("poisson", mean, size=4000) - mean) / math.sqrt(mean), "norm").pvalue > ENOUGH


@given(ROWS, SLOTS, st.integers(-5, 2**40), st.floats(-0.5, 1.5))
def test_binomial_stays_between_0_and_n(row: int, slot: int, n: int, p: float) -> None:
    k = binomial(CHANCE, row, slot, n, p)
    assert 0 <= k <= max(0, n)
    if p <= 0 or n <= 0:
        assert k == 0
    if p >= 1 and n > 0:
        assert k == n


@given(ROWS, SLOTS, st.integers(0, 2**40))
def test_binomial_is_certain_at_both_ends(row: int, slot: int, n: int) -> None:
    assert binomial(CHANCE, row, slot, n, 0.0) == 0
    assert binomial(CHANCE, row, slot, n, 1.0) == n
    assert binomial(CHANCE, row, slot, 0, 0.5) == 0
    assert binomial(CHANCE, row, slot, n, math.nan) == 0  # not a number is no chance


@given(ROWS, SLOTS, st.floats(-10, 1e9))
def test_poisson_is_not_negative(row: int, slot: int, mean: float) -> None:
    k = poisson(CHANCE, row, slot, mean)
    assert k >= 0
    if mean <= 0:
        assert k == 0


def test_poisson_of_no_mean() -> None:
    for mean in (0.0, -0.0, -1.0, 5e-324, 1e-300, math.nan):
        assert poisson(CHANCE, 1, 2, mean) == 0


@pytest.mark.parametrize("mean", [0.2, 4.0])
def test_counts_by_inversion_rise_with_their_mean(mean: float) -> None:
    """Shared addresses: a what-if that raises a small chance a little never lowers a count."""
    assert (drawn("poisson", mean, size=2000) <= drawn("poisson", 1.1 * mean, size=2000)).all()
    assert (drawn("binomial", 50, mean / 50, size=2000) <= drawn("binomial", 50, 1.1 * mean / 50, size=2000)).all()


@given(ROWS, SLOTS, st.lists(st.floats(0, 1e6), min_size=0, max_size=9))
def test_choose_takes_only_what_has_weight(row: int, slot: int, weights: list[float]) -> None:
    chosen = choose(CHANCE, row, slot, np.array(weights))
    assert chosen == -1 if not sum(weights) > 0 else weights[chosen] > 0


def test_choose_edges() -> None:
    assert choose(CHANCE, 0, 0, np.zeros(0)) == -1
    assert choose(CHANCE, 0, 0, np.zeros(4)) == -1
    assert choose(CHANCE, 0, 0, np.array([np.nan, 1.0])) == -1
    assert choose(CHANCE, 0, 0, np.array([2.5])) == 0
    assert {choose(CHANCE, row, 0, np.array([0.0, 5e-324, 0.0])) for row in range(20)} == {1}
    assert {choose(CHANCE, row, 0, np.array([1e-300, 1e300])) for row in range(200)} == {1}


def test_choose_in_proportion() -> None:
    weights = np.array([3.0, 0.0, 1.0, 6.0])
    seen = np.bincount([choose(CHANCE, row, 7, weights) for row in range(5000)], minlength=4)
    assert seen[1] == 0
    assert stats.chisquare(seen[[0, 2, 3]], 500 * weights[[0, 2, 3]]).pvalue > ENOUGH


@given(st.floats(-700, 700))
def test_exp(x: float) -> None:
    assert exp(x) == pytest.approx(math.exp(x), rel=4.5e-16, abs=0)


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_log(x: float) -> None:
    assert log(x) == pytest.approx(math.log(x), rel=4.5e-16, abs=0)


@given(st.floats(-700, 700), st.floats(0, 50))
def test_exp_and_log_do_not_fall(x: float, more: float) -> None:
    assert exp(x) <= exp(x + more) or exp(x + more) == pytest.approx(exp(x), rel=1e-15)
    assert log(exp(x)) == pytest.approx(x, rel=1e-15, abs=4e-16)


def test_ends_of_exp_log_and_power() -> None:
    assert (exp(-1e9), exp(1e9), exp(0.0)) == (0.0, math.inf, 1.0)
    assert (exp(-math.inf), exp(math.inf)) == (0.0, math.inf)
    assert math.isnan(exp(math.nan))
    assert (log(0.0), log(1.0), log(math.inf)) == (-math.inf, 0.0, math.inf)
    assert math.isnan(log(-1.0)) and math.isnan(log(math.nan))
    assert (power(0.0, 2.0), power(0.0, 0.0), power(0.0, -1.0), power(7.0, 0.0)) == (0.0, 1.0, math.inf, 1.0)


@given(st.floats(1e-6, 1e6), st.floats(-20, 20))
def test_power(x: float, y: float) -> None:
    assert power(x, y) == pytest.approx(x**y, rel=3e-13)


@given(FINITE)
def test_logistic(x: float) -> None:
    assert logistic(x) == pytest.approx(float(special.expit(x)), rel=1e-14, abs=1e-300)
    assert logistic(x) + logistic(-x) == pytest.approx(1.0, abs=1e-15)


@given(st.floats(2.0**-53, 1 - 2.0**-53))
def test_normal_quantile(u: float) -> None:
    assert normal_quantile(u) == pytest.approx(float(special.ndtri(u)), rel=1e-12, abs=1e-15)


def test_compiled_and_plain_functions_agree() -> None:
    for row in range(0, 4000, 37):
        for kernel_, arguments in ((uniform, ()), (poisson, (3.0,)), (poisson, (30.0,)), (binomial, (40, 0.3))):
            with np.errstate(over="ignore"):
                assert kernel_(CHANCE, row, 3, *arguments) == kernel_.function(CHANCE, row, 3, *arguments)


def test_every_public_function_says_what_it_does() -> None:
    for name, thing in vars(module).items():
        if isinstance(thing, Kernel) or (inspect.isfunction(thing) and not name.startswith("_")):
            assert thing.__doc__, name
