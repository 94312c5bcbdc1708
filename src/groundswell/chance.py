"""Random numbers with an address: (seed, mechanism, replicate, step, row, slot) gives one number, always the same.

The generator is Philox-4x32-10 (Salmon and others 2011, "Parallel random numbers: as easy as 1, 2, 3"): the key is
64 bits of BLAKE2b of the seed and the mechanism's name, the counter is (row, step, replicate, slot). Nothing is
stored, so a number does not depend on threads, batches, order, resuming, or on which other draws were made.
All arithmetic is IEEE-754 basic operations and square roots, so bits do not depend on the machine's maths library.
"""

from __future__ import annotations

import hashlib
import math
from typing import NamedTuple

import numpy as np

from groundswell.compiled import inlined, kernel

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _S12, _S16, _S20, _S32 = (np.uint64(n) for n in (0xFFFFFFFF, 12, 16, 20, 32))
_UNIT = 2.0**-52
_TWO_TO = np.array([2.0**k if k >= -1022 else 0.0 for k in range(-1080, 1024)])
_LN2_HIGH, _LN2_LOW, _LOG2E = 6.93147180369123816490e-01, 1.90821492927058770002e-10, 1.4426950408889634074


class Chance(NamedTuple):
    """The address of a random number, but for row and slot: goes straight into a kernel.

    In a stack of replicates `replicate` is the first one's number; `at(chance, r)` addresses the r-th of the stack.
    """

    key_low: np.uint64
    key_high: np.uint64
    step: np.uint64
    replicate: np.uint64


def chance_for(seed: int, name: str, step: int = 0, replicate: int = 0) -> Chance:
    """The address for one mechanism (or other `name`) at one step of one replicate.

    The key is the 8-byte BLAKE2b of "seed/name" read as two little-endian 32-bit words, low word first. All parts are
    np.uint64, as kernels need them.
    """
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    words = np.frombuffer(digest, dtype="<u4")
    return Chance(np.uint64(words[0]), np.uint64(words[1]), np.uint64(step), np.uint64(replicate))


@inlined
def at(chance, r):
    """The same address for the r-th replicate of a stack (r counts from 0)."""
    return Chance(chance.key_low, chance.key_high, chance.step, chance.replicate + np.uint64(r))


@inlined
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox-4x32: four 32-bit counter words and two key words to four random words (all uint64)."""
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _S32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _S32) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@inlined
def words(chance, row, slot, attempt):
    """Four independent random words of 32 bits (uint64) from one address; `attempt` numbers the tries of a method."""
    return philox(
        np.uint64(row) & _LOW,
        np.uint64(chance.step) & _LOW,
        np.uint64(chance.replicate) & _LOW,
        (np.uint64(slot) | (np.uint64(attempt) << _S16)) & _LOW,
        np.uint64(chance.key_low),  # an address that `at` handed back to Python holds plain integers
        np.uint64(chance.key_high),
    )


@inlined
def two_uniforms(chance, row, slot, attempt):
    """Two independent uniforms in (0, 1) from one address; `attempt` numbers the tries of a rejection method."""
    w0, w1, w2, w3 = words(chance, row, slot, attempt)
    first = (np.float64((w0 << _S20) | (w1 >> _S12)) + 0.5) * _UNIT
    second = (np.float64((w2 << _S20) | (w3 >> _S12)) + 0.5) * _UNIT
    return first, second


@inlined
def uniform(chance, row, slot):
    """A uniform number in the open interval (0, 1), 52 bits. `slot` (0 to 65535) names the decision in the kernel."""
    return two_uniforms(chance, row, slot, 0)[0]


@inlined
def exp(x):
    """e to the x, within 2 units in the last place; 0 below -708, infinite above 709.7."""
    if not x >= -708.0:
        return 0.0 if x < -708.0 else x  # not a number stays so: it must not become an index below
    if x > 709.7:
        return np.inf
    k = math.floor(x * _LOG2E + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 1.984126984126984e-04
    p = p * r + 1.388888888888889e-03
    p = p * r + 8.333333333333333e-03
    p = p * r + 4.1666666666666664e-02
    p = p * r + 1.6666666666666666e-01
    p = p * r + 0.5
    return (1.0 + (r + r * r * p)) * _TWO_TO[int(k) + 1079] * 2.0


@kernel
def log(x):
    """Natural logarithm, within 2 units in the last place; minus infinity at 0, not a number below.

    Reduction and polynomial as in the freely distributable fdlibm (Sun Microsystems 1993).
    """
    if x <= 0.0:
        return -np.inf if x == 0.0 else np.nan
    if x == np.inf:
        return x
    m, e = math.frexp(x)
    if m < 0.70710678118654752:
        m *= 2.0
        e -= 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    even = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half = 0.5 * f * f
    return e * _LN2_HIGH - ((half - (s * (half + odd + even) + e * _LN2_LOW)) - f)


@kernel
def power(x, y):
    """x to the y for x >= 0, as exp(y log x); relative error below 1e-13 times |y log x|."""
    if y == 0.0:
        return 1.0
    if x == 0.0:
        return 0.0 if y > 0.0 else np.inf
    return exp(y * log(x))


@inlined
def logistic(x):
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x))


@kernel
def exponential(chance, row, slot):
    """An exponential number with mean 1."""
    return -log(uniform(chance, row, slot))


@kernel
def normal_quantile(u):
    """The standard normal quantile of u in (0, 1): Wichura 1988, algorithm AS 241 (PPND16), about 1e-16 relative."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        num = 3.3430575583588128105e4 + r * 2.5090809287301226727e3
        num = 4.5921953931549871457e4 + r * (6.7265770927008700853e4 + r * num)
        num = 1.9715909503065514427e3 + r * (1.3731693765509461125e4 + r * num)
        num = 3.3871328727963666080e0 + r * (1.3314166789178437745e2 + r * num)
        den = 2.8729085735721942674e4 + r * 5.2264952788528545610e3
        den = 2.1213794301586595867e4 + r * (3.9307895800092710610e4 + r * den)
        den = 6.8718700749205790830e2 + r * (5.3941960214247511077e3 + r * den)
        den = 1.0 + r * (4.2313330701600911252e1 + r * den)
        return q * num / den
    r = u if q < 0.0 else 1.0 - u
    r = math.sqrt(-log(r))
    if r <= 5.0:
        r -= 1.6
        num = 2.27238449892691845833e-2 + r * 7.74545014278341407640e-4
        num = 1.27045825245236838258e0 + r * (2.41780725177450611770e-1 + r * num)
        num = 5.76949722146069140550e0 + r * (3.64784832476320460504e0 + r * num)
        num = 1.42343711074968357734e0 + r * (4.63033784615654529590e0 + r * num)
        den = 5.47593808499534494600e-4 + r * 1.05075007164441684324e-9
        den = 1.48103976427480074590e-1 + r * (1.51986665636164571966e-2 + r * den)
        den = 1.67638483018380384940e0 + r * (6.89767334985100004550e-1 + r * den)
        den = 1.0 + r * (2.05319162663775882187e0 + r * den)
    else:
        r -= 5.0
        num = 2.71155556874348757815e-5 + r * 2.01033439929228813265e-7
        num = 2.65321895265761230930e-2 + r * (1.24266094738807843860e-3 + r * num)
        num = 1.78482653991729133580e0 + r * (2.96560571828504891230e-1 + r * num)
        num = 6.65790464350110377720e0 + r * (5.46378491116411436990e0 + r * num)
        den = 1.42151175831644588870e-7 + r * 2.04426310338993978564e-15
        den = 7.86869131145613259100e-4 + r * (1.84631831751005468180e-5 + r * den)
        den = 1.36929880922735805310e-1 + r * (1.48753612908506148525e-2 + r * den)
        den = 1.0 + r * (5.99832206555887937690e-1 + r * den)
    return -num / den if q < 0.0 else num / den


@kernel
def normal(chance, row, slot):
    """A standard normal number, by inversion: one address, one number."""
    return normal_quantile(uniform(chance, row, slot))


@kernel
def stirling_tail(k):
    """log(k!) less Stirling's formula: log(k!) = (k + 1/2) log(k + 1) - (k + 1) + log(2 pi)/2 + this."""
    if k < 10.0:
        total = 0.0
        for j in range(2, int(k) + 1):
            total += log(float(j))
        return total - ((k + 0.5) * log(k + 1.0) - (k + 1.0) + 0.91893853320467274178)
    j2 = 1.0 / ((k + 1.0) * (k + 1.0))
    return (1.0 / 12.0 - (1.0 / 360.0 - j2 / 1260.0) * j2) / (k + 1.0)


_SURE = 1e-12  # far above the rounding of either side of the shortcuts below


@kernel
def poisson(chance, row, slot, mean):
    """A Poisson count (int64). Inversion below a mean of 10, else Hoermann 1993, "PTRS" transformed rejection."""
    if not mean > 0.0:
        return np.int64(0)
    if mean < 10.0:
        u = uniform(chance, row, slot)
        if u < 1.0 - mean - _SURE:  # 1 - mean <= exp(-mean): none, the same without an exponential
            return np.int64(0)
        p = exp(-mean)
        k = 0
        while u > p and k < 200:
            u -= p
            k += 1
            p *= mean / k
        return np.int64(k)
    root = math.sqrt(mean)
    b = 0.931 + 2.53 * root
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    edge = 0.9277 - 3.6224 / (b - 2.0)
    log_mean = log(mean)
    for attempt in range(65536):
        u, v = two_uniforms(chance, row, slot, attempt)
        u -= 0.5
        us = 0.5 - abs(u)
        k = math.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= edge:
            return np.int64(k)
        if k < 0.0 or (us < 0.013 and v > us):
            continue
        factorial = (k + 0.5) * log(k + 1.0) - (k + 1.0) + 0.91893853320467274178 + stirling_tail(k)
        if log(v * inverse_alpha / (a / (us * us) + b)) <= k * log_mean - mean - factorial:
            return np.int64(k)
    return np.int64(mean)


@kernel
def binomial(chance, row, slot, n, p):
    """A binomial count (int64) of n trials. Inversion below a mean of 10, else Hoermann 1993, "BTRS"."""
    if n <= 0 or not p > 0.0:
        return np.int64(0)
    if p >= 1.0:
        return np.int64(n)
    flipped = p > 0.5
    if flipped:
        p = 1.0 - p
    q = 1.0 - p
    k = 0.0
    if n * p < 10.0:
        u = uniform(chance, row, slot)
        if u >= 1.0 - n * p - _SURE:  # else u < 1 - n p <= (1 - p)^n: none, the same without a logarithm
            mass = exp(n * log(q))
            odds = p / q
            while u > mass and k < n and k < 200.0:
                u -= mass
                k += 1.0
                mass *= odds * (n + 1.0 - k) / k
    else:
        root = math.sqrt(n * p * q)
        b = 1.15 + 2.53 * root
        a = -0.0873 + 0.0248 * b + 0.01 * p
        centre = n * p + 0.5
        edge = 0.92 - 4.2 / b
        alpha = (2.83 + 5.1 / b) * root
        mode = math.floor((n + 1.0) * p)
        odds = p / q
        for attempt in range(65536):
            u, v = two_uniforms(chance, row, slot, attempt)
            u -= 0.5
            us = 0.5 - abs(u)
            k = math.floor((2.0 * a / us + b) * u + centre)
            if us >= 0.07 and v <= edge:
                break
            if k < 0.0 or k > n:
                continue
            bound = (
                (mode + 0.5) * log((mode + 1.0) / (odds * (n - mode + 1.0)))
                + (n + 1.0) * log((n - mode + 1.0) / (n - k + 1.0))
                + (k + 0.5) * log(odds * (n - k + 1.0) / (k + 1.0))
                + stirling_tail(mode)
                + stirling_tail(n - mode)
                - stirling_tail(k)
                - stirling_tail(n - k)
            )
            if log(v * alpha / (a / (us * us) + b)) <= bound:
                break
    return np.int64(n - k) if flipped else np.int64(k)


@inlined
def sure_none(n, p, u):
    """Whether `binomial` of n trials with chance p is 0 at once, given u, its uniform at attempt 0 (see there).

    Callers that draw many small counts fill their uniforms first, on vectors, and call `binomial` for the rest.
    """
    return n <= 0 or not p > 0.0 or (p <= 0.5 and n * p < 10.0 and u < 1.0 - n * p - _SURE)


@kernel
def choose(chance, row, slot, weights):
    """An index of `weights` (1-D, not negative), with probability in proportion; -1 where they sum to 0."""
    total = 0.0
    for i in range(weights.size):
        total += weights[i]
    if not total > 0.0:
        return -1
    left = uniform(chance, row, slot) * total
    last = 0
    for i in range(weights.size):
        if weights[i] > 0.0:
            last = i
            left -= weights[i]
            if left < 0.0:
                break
    return last
