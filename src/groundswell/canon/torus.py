"""A torus of square cells, numbered row by row: what is in sight, random order, free cells, lists of who is where.

Numbers drawn by these kernels have the address (step, row, slot) of `groundswell.chance`; each says which slot it uses.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import two_uniforms, uniform
from groundswell.compiled import inlined, kernel

EMPTY, JAILED, QUIET, ACTIVE, POLICE = 0, 1, 2, 3, 4  # states of a cell in a picture; the highest one present is shown
SHAPES = ("circle", "diamond", "square")
TRIES, FEW = 32, 24  # pairs of random cells to look at before all in sight are; in sight of so many, none


def widths(vision: float, shape: str) -> NDArray[np.int64]:
    """Half the width of what is in sight, by row offset -v..v with v the whole part of `vision`; shape (2 v + 1,)."""
    v = int(vision)
    rows = range(-v, v + 1)
    if shape == "circle":
        return np.array([max(x for x in range(v + 1) if x * x + y * y <= vision * vision) for y in rows])
    return np.array([v - abs(y) if shape == "diamond" else v for y in rows])


def offsets(half: NDArray[np.int64], own: bool) -> NDArray[np.int64]:
    """Row and column offsets of the cells in sight, row by row from the top left, (2, seen); with `own` cell or not."""
    v = half.size // 2
    pairs = [(y, x) for y in range(-v, v + 1) for x in range(-int(half[y + v]), int(half[y + v]) + 1)]
    return np.array([pair for pair in pairs if own or pair != (0, 0)]).T.copy()


@kernel
def place_all(size, number, chance, cell):
    """Random different cells for `number` persons and police, into `cell` (number,).

    Fisher and Yates: for k from 0, cells k and k + floor(u (cells - k)) of the list change places; u is the first
    uniform of row k, slot 1.
    """
    cells = size * size
    free = np.arange(cells)
    for k in range(number):
        other = k + int(uniform(chance, k, 1) * (cells - k))
        free[k], free[other] = free[other], free[k]
        cell[k] = free[k]


@kernel
def shuffle(chance, order):
    """Put `order` (number,) into a fresh random order of 0..number-1, as Fisher and Yates.

    For k from number - 1 down to 1, entries k and floor(u (k + 1)) change places; u is the first (k even) or second
    (k odd) uniform of row k // 2, slot 0.
    """
    for k in range(order.size):
        order[k] = k
    k = order.size - 1
    while k > 0:
        first, second = two_uniforms(chance, k // 2, 0, 0)
        if k % 2:
            other = int(second * (k + 1))
            order[k], order[other] = order[other], order[k]
            k -= 1
        if k > 0:
            other = int(first * (k + 1))
            order[k], order[other] = order[other], order[k]
            k -= 1


@kernel
def spread(near, size, half, own, cell, change):
    """Add `change` to `near` (size * size,) at all cells from which `cell` is seen."""
    v = half.size // 2
    row, column = cell // size, cell % size
    for dy in range(-v, v + 1):
        y = row + dy
        y += size if y < 0 else (-size if y >= size else 0)
        left, right = column - half[dy + v], column + half[dy + v] + 1
        base = y * size
        if left < 0:
            for x in range(left + size, size):
                near[base + x] += change
            left = 0
        if right > size:
            for x in range(right - size):
                near[base + x] += change
            right = size
        for x in range(left, right):
            near[base + x] += change
    if not own:
        near[cell] -= change


@inlined
def seen_cell(size, reach, row, column, index):
    """The index-th cell in sight of the cell at (row, column); `reach` (2, seen) holds row and column offsets."""
    y = row + reach[0, index]
    x = column + reach[1, index]
    y += size if y < 0 else (-size if y >= size else 0)
    x += size if x < 0 else (-size if x >= size else 0)
    return y * size + x


@kernel
def any_free(size, reach, chance, row, slot, busy, cell):
    """A random cell in sight where `busy` is 0, or -1: the floor(u free)-th free one, in the order of `reach`."""
    y, x = cell // size, cell % size
    free = 0
    for index in range(reach.shape[1]):
        free += busy[seen_cell(size, reach, y, x, index)] == 0
    if free == 0:
        return -1
    left = int(uniform(chance, row, slot) * free)
    for index in range(reach.shape[1]):
        one = seen_cell(size, reach, y, x, index)
        if busy[one] == 0:
            if left == 0:
                return one
            left -= 1
    return -1


@inlined
def try_two(size, reach, busy, row, column, first, second):
    """The cell in sight floor(first seen) where `busy` is 0 there, else floor(second seen); reach.shape[1] are seen."""
    one = seen_cell(size, reach, row, column, int(first * reach.shape[1]))
    two = seen_cell(size, reach, row, column, int(second * reach.shape[1]))
    return one if busy[one] == 0 else two  # both are looked at, so that the processor need not guess which


@kernel
def free_cell(size, reach, chance, row, busy, cell, tried):
    """A random cell in sight where `busy` is 0, or `cell` itself where there is none.

    `reach` (2, seen) holds the offsets of the cells in sight. Where they are more than FEW, each of TRIES tries (slot
    1) gives two cells to look at, floor(u seen) of its first and second uniform, and the first free one is taken. After
    that, or where they are few, it is any_free with slot 2. The first `tried` tries have been made without success.
    """
    seen = reach.shape[1]
    y, x = cell // size, cell % size
    for attempt in range(tried, TRIES if seen > FEW else 0):
        first, second = two_uniforms(chance, row, 1, attempt)
        one = try_two(size, reach, busy, y, x, first, second)
        if busy[one] == 0:
            return one
    one = any_free(size, reach, chance, row, 2, busy, cell)
    return cell if one < 0 else one


@kernel
def go(first_on, next_on, who, old, new):
    """Take `who` off the list of cell `old` and put it at the head of that of cell `new`; -1 is no cell."""
    if old >= 0:
        i = first_on[old]
        if i == who:
            first_on[old] = next_on[who]
        else:
            while next_on[i] != who:
                i = next_on[i]
            next_on[i] = next_on[who]
    if new >= 0:
        next_on[who] = first_on[new]
        first_on[new] = who
