"""The torus: what is in sight by brute force, random order and places by the published shuffle, lists by sets.

The twins of the published models are by the same author as the kernels, written from their docstrings.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from twins import plain

from groundswell.canon import torus as kernels
from groundswell.chance import chance_for

SIGHTS = [(1.7, "circle"), (3.0, "circle"), (7.0, "circle"), (2.0, "diamond"), (7.0, "diamond"), (2.0, "square")]


def in_sight(vision: float, shape: str, own: bool = True) -> list[tuple[int, int]]:
    """(row, column) offsets, row by row from the top left, from the meaning of the shapes."""
    reach = range(-int(vision), int(vision) + 1)
    measure = {
        "circle": lambda y, x: (y * y + x * x) ** 0.5,
        "diamond": lambda y, x: abs(y) + abs(x),
        "square": lambda y, x: max(abs(y), abs(x)),
    }[shape]
    limit = vision if shape == "circle" else int(vision)
    return [(y, x) for y in reach for x in reach if measure(y, x) <= limit and (own or (y, x) != (0, 0))]


def around(cell: int, size: int, offsets: list[tuple[int, int]]) -> list[int]:
    return [(cell // size + y) % size * size + (cell % size + x) % size for y, x in offsets]


def places(chance: plain.Address, cells: int, number: int) -> list[int]:
    """Fisher and Yates: swap the k-th with one of the k-th and later, as told by row k, slot 1."""
    free = list(range(cells))
    for k in range(number):
        other = k + int(plain.uniform(chance, k, 1) * (cells - k))
        free[k], free[other] = free[other], free[k]
    return free[:number]


def shuffled(chance: plain.Address, number: int) -> list[int]:
    order = list(range(number))
    for k in range(number - 1, 0, -1):
        u = plain.two_uniforms(chance, k // 2, 0)[k % 2]
        other = int(u * (k + 1))
        order[k], order[other] = order[other], order[k]
    return order


def any_free(chance: plain.Address, row: int, slot: int, seen: list[int], busy) -> int:
    free = [c for c in seen if busy[c] == 0]
    return free[int(plain.uniform(chance, row, slot) * len(free))] if free else -1


def free_cell(chance: plain.Address, row: int, seen: list[int], busy, cell: int) -> int:
    for attempt in range(32 if len(seen) > 24 else 0):
        for u in plain.two_uniforms(chance, row, 1, attempt):
            if busy[seen[int(u * len(seen))]] == 0:
                return seen[int(u * len(seen))]
    found = any_free(chance, row, 2, seen, busy)
    return cell if found < 0 else found


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("vision", "shape"), SIGHTS)
def test_offsets(vision: float, shape: str, own: bool) -> None:
    half = kernels.widths(vision, shape)
    assert [tuple(pair) for pair in kernels.offsets(half, own).T] == in_sight(vision, shape, own)
    if vision == 7.0 and own:
        assert len(in_sight(vision, shape)) == {"circle": 149, "diamond": 113}[shape]


def test_place_all() -> None:
    for r in range(5):
        out = np.empty(30, np.int64)
        kernels.place_all(7, 30, chance_for(3, "x", 0, r), out)
        assert list(out) == places(plain.address(3, "x", 0, r), 49, 30)
        assert len(set(out)) == 30


@pytest.mark.parametrize("number", [0, 1, 2, 3, 10, 101])
def test_shuffle(number: int) -> None:
    for step in range(4):
        out = np.empty(number, np.int64)
        kernels.shuffle(chance_for(1, "x", step, 2), out)
        assert list(out) == shuffled(plain.address(1, "x", step, 2), number)
        assert sorted(out) == list(range(number))


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(("vision", "shape"), SIGHTS)
def test_spread(vision: float, shape: str, own: bool) -> None:
    size = 15
    near, twin = np.zeros(size * size, np.int16), np.zeros(size * size, np.int16)
    rng = random.Random(4)
    for _ in range(40):
        cell, change = rng.randrange(size * size), rng.choice((-1, 1))
        kernels.spread(near, size, kernels.widths(vision, shape), own, cell, change)
        for watcher in range(size * size):
            twin[watcher] += change * around(watcher, size, in_sight(vision, shape, own)).count(cell)
    assert np.array_equal(near, twin)


def test_seen_cell() -> None:
    reach = kernels.offsets(kernels.widths(3.0, "circle"), True)
    for cell in range(81):
        seen = [kernels.seen_cell(9, reach, cell // 9, cell % 9, k) for k in range(reach.shape[1])]
        assert seen == around(cell, 9, in_sight(3.0, "circle"))


@pytest.mark.parametrize("share", [0.0, 0.5, 0.98, 1.0])
def test_free_cell_and_any_free(share: float) -> None:
    rng = random.Random(5)
    for vision in (1.7, 3.0):
        reach = kernels.offsets(kernels.widths(vision, "circle"), vision > 2)
        for row in range(60):
            busy = np.array([rng.random() < share for _ in range(121)], np.int16)
            cell = rng.randrange(121)
            chance = chance_for(9, "x", row, 1)
            seen = around(cell, 11, in_sight(vision, "circle", vision > 2))
            assert kernels.free_cell(11, reach, chance, row, busy, cell, 0) == free_cell(chance, row, seen, busy, cell)
            if len(seen) > 24:
                pair = plain.two_uniforms(chance, row, 1)
                looked = [seen[int(u * len(seen))] for u in pair]
                found = next((other for other in looked if busy[other] == 0), looked[1])
                assert kernels.try_two(11, reach, busy, cell // 11, cell % 11, *pair) == found
                if busy[found]:
                    rest = kernels.free_cell(11, reach, chance, row, busy, cell, 1)
                    assert rest == free_cell(chance, row, seen, busy, cell)
            assert kernels.any_free(11, reach, chance, row, 6, busy, cell) == any_free(chance, row, 6, seen, busy)


def test_go() -> None:
    rng = random.Random(6)
    first, following = np.full(9, -1, np.int32), np.full(30, -1, np.int32)
    where = [-1] * 30
    for _ in range(600):
        who, new = rng.randrange(30), rng.randrange(-1, 9)
        kernels.go(first, following, who, where[who], new)
        where[who] = new
        for cell in range(9):
            found, i = [], first[cell]
            while i >= 0:
                found.append(int(i))
                i = following[i]
            assert sorted(found) == [i for i in range(30) if where[i] == cell]
