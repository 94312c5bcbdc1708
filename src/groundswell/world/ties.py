"""Directed relations between rows: stored ones sorted by target, and personal ones computed from a key."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import two_uniforms
from groundswell.compiled import inlined, kernel

_PRIMES = np.array([  # 64 primes between 4e8 and 2^31, drawn evenly
    1268202079, 1086730927, 948239777, 893073047, 1935073823, 438854387, 887344229, 431267311,
    1485088739, 1609764581, 2092467193, 1080183539, 2022610243, 1407857333, 1559876449, 486759323,
    879309281, 1673852359, 1137322343, 1856371441, 703950917, 465928339, 1799285263, 841870013,
    2070262393, 1615403843, 1240243903, 1062561901, 1504575937, 1056320137, 891263129, 869828693,
    462364613, 1356461719, 488159051, 867332567, 1594976549, 592016833, 1091493523, 1237108039,
    446201131, 1825409029, 883317151, 1670041831, 1641623303, 768331259, 629518187, 1738933397,
    1781832881, 1576018999, 1794889711, 1789757293, 871306483, 1289732539, 2079125189, 1294821821,
    857345719, 645491969, 460875733, 1951832999, 2074049059, 1244720479, 2019514657, 1605506839,
], dtype=np.int64)  # fmt: skip


class Ties(NamedTuple):
    """Relations of one kind, sorted by target: those of target t are `source[offset[t]:offset[t + 1]]`.

    `source` (ties,) and `offset` (targets + 1,) are rows (int32); `amount` (ties,) is float64.
    """

    source: NDArray[np.int32]
    offset: NDArray[np.int32]
    amount: NDArray[np.float64]


def ties(source: Any, target: Any, amount: Any, targets: int) -> Ties:
    """Sort relations by target (then source), and count them."""
    source, target = np.asarray(source, dtype=np.int32), np.asarray(target, dtype=np.int32)
    order = np.lexsort((source, target))
    offset = np.zeros(targets + 1, dtype=np.int32)
    np.cumsum(np.bincount(target, minlength=targets), out=offset[1:])
    return Ties(source[order], offset, np.asarray(amount, dtype=np.float64)[order])


@kernel
def pull(source, offset, amount, values, out):
    """For each target, the sum of amount times the source's value; `values` (sources,), `out` (targets,)."""
    for t in range(offset.size - 1):
        total = 0.0
        for k in range(offset[t], offset[t + 1]):
            total += amount[k] * values[source[k]]
        out[t] = total


@inlined
def bijection(chance, row, slot, size):
    """A keyed affine bijection of 0..size-1 (size at most 400 million): s watches (multiplier * s + shift) % size.

    Returns (multiplier, shift): the multiplier is entry floor(64 u) of the 64 listed primes, reduced modulo the size,
    and the shift floor(v size), with u, v the two uniforms at (row, slot). The primes are above the largest size, so
    they have no divisor in common with it: each number is watched exactly once, and `inverse` finds by whom.
    """
    u, v = two_uniforms(chance, row, slot, 0)
    return _PRIMES[int(u * _PRIMES.size)] % size, np.int64(v * size)


@kernel
def inverse(multiplier, shift, size, watched):
    """The number that watches `watched` under a bijection: solves multiplier * s + shift = watched modulo size."""
    a, b, x, y = multiplier, size, 1, 0
    while b:
        q = a // b
        a, b = b, a - q * b
        x, y = y, x - q * y
    return (x * (watched - shift)) % size
