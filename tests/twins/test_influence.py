"""Influence: everyone's ties, listed one by one from the bijections (called as a black box, twinned in test_ties)."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from twins import plain

from groundswell.chance import chance_for
from groundswell.mechanisms import influence as kernels
from groundswell.world.ties import bijection

BULK_SLOTS = 8  # 2^TAIL_DENSITY_SHIFT


def holders(toy: plain.Toy, start: int, end: int) -> list[int]:
    """The person (row) of every slot of communities start..end-1: their tail persons, then the others."""
    rows = [toy.rows_of(c) for c in range(start, end)]
    tails = [i for c, people in enumerate(rows, start) for i in people[: toy.tail_rows[c]]]
    others = [i for c, people in enumerate(rows, start) for i in people[toy.tail_rows[c] :]]
    return tails + [i for i in others for _ in range(BULK_SLOTS)]


def watched_by(toy: plain.Toy, start: int, end: int, chance, row: int, slot: int) -> dict[int, int]:
    """Whom each person of the group watches under one bijection."""
    slots = holders(toy, start, end)
    multiplier, shift = map(int, bijection(chance, row, slot, len(slots)))
    seen: dict[int, int] = {}
    for s, person in enumerate(slots):
        seen.setdefault(person, slots[(multiplier * s + shift) % len(slots)])
    return seen


def some_active(toy: plain.Toy):
    """Shares that act, many of them 0 or 1."""
    active = toy.reals(toy.persons, -1, 2, "f4")
    return np.clip(active, 0, 1).astype("f4")


def test_watch_one() -> None:
    toy = plain.Toy(1, replicates=12)
    active = some_active(toy)
    tails = int(toy.tail_rows.sum())
    slots = holders(toy, 0, toy.communities)
    for r in range(toy.replicates):
        before, worth = toy.reals(toy.persons, 0, 0.5, "f4")[r], toy.rng.random()
        slot, stride = toy.rng.randrange(len(slots)), toy.rng.randrange(len(slots))
        first, rows = toy.rng.randrange(50), toy.rng.randint(0, toy.persons - 50)
        influence = before.copy()
        kernels.watch_one(active[r], first, rows, slot, stride, 0, tails, tails, len(slots), worth, influence)
        expected = before.astype(float)
        for j in range(rows):
            expected[first + j] += worth * float(active[r, slots[(slot + j * stride) % len(slots)]])
        np.testing.assert_allclose(influence, expected, rtol=1e-6, atol=1e-7)


def test_watch_one_of_a_group_in_the_middle() -> None:
    toy = plain.Toy(2, replicates=1)
    active = some_active(toy)[0]
    start, end = 5, 17
    slots = holders(toy, start, end)
    tail_rows, tail, bulk = int(toy.tail_rows[start:end].sum()), int(toy.tail_first[start]), int(toy.bulk_first[start])
    influence = np.zeros(toy.persons, "f4")
    kernels.watch_one(active, 3, 101, len(slots) - 1, len(slots) - 3, tail, tail_rows, bulk, len(slots), 1.0, influence)
    for j in range(101):
        assert influence[3 + j] == active[slots[(len(slots) - 1 + j * (len(slots) - 3)) % len(slots)]]
    assert not influence[:3].any() and not influence[104:].any()


@pytest.mark.parametrize("seed", range(4))
def test_watch_group(seed: int) -> None:
    """`worth` is read as one number per community, shared evenly among the ties: the docs do not say so."""
    toy = plain.Toy(seed, replicates=3)
    active = some_active(toy)
    for r, (start, end) in enumerate([(0, toy.communities), (7, 8), (4, 23)]):
        row, slot, ties = toy.rng.randrange(1000), toy.rng.randrange(500), (3, 1, 4)[r]
        chance = chance_for(seed, "influence", 0, r)
        worth, before = toy.reals(toy.communities, 0, 1)[r], toy.reals(toy.persons, 0, 0.5, "f4")[r]
        influence, expected = before.copy(), before.astype(float)
        kernels.watch_group(active[r], *toy.decks, (start, end), ties, row, slot, worth, chance, influence)
        for k in range(ties):
            for person, other in watched_by(toy, start, end, chance, row, slot + k).items():
                expected[person] += worth[toy.community[person]] / ties * float(active[r, other])
        np.testing.assert_allclose(influence, expected, rtol=2e-6, atol=1e-6)


def spans(values) -> dict[int, tuple[int, int]]:
    """First and end position of each value of a sorted list."""
    listed = [int(v) for v in values]
    return {v: (listed.index(v), listed.index(v) + n) for v, n in Counter(listed).items()}


@pytest.mark.parametrize("seed", range(4))
def test_watch(seed: int) -> None:
    toy = plain.Toy(seed, replicates=4)
    active, influence = some_active(toy), toy.blank(toy.persons, "f4")
    internet = toy.reals(toy.places, 0, 1)
    internet[:, ::4] = 0
    across, far = toy.parameter(0, 0.5), toy.parameter(0, 0.5)
    ties = [plain.counts(toy.rng, (4,), 1, 6, "f8") for _ in range(3)]
    across[0], far[1] = 0, 0
    if seed == 3:
        across[:], far[:] = 0, 0
        ties[1][:], ties[2][:] = 0, 0
    chance = chance_for(seed, "influence", 0, 6)
    kernels.watch(active, *toy.decks, toy.place, toy.country, internet, across, far, *ties, chance, influence)
    places = spans(toy.place)
    countries = spans(toy.country[toy.place])
    for r in range(toy.replicates):
        here = type(chance)(chance.key_low, chance.key_high, chance.step, np.uint64(int(chance.replicate) + r))
        expected = np.zeros(toy.persons)
        worth = []
        for c in range(toy.communities):
            beyond = far[r] * internet[r, toy.place[c]]
            worth.append((1 - across[r] - beyond, across[r], beyond))
        groups = [(0, c, (c, c + 1), 0) for c in range(toy.communities)]
        groups += [(1, p, span, 64) for p, span in places.items()] + [
            (2, n, span, 128) for n, span in countries.items()
        ]
        for kind, row, (start, end), slot in groups:
            number = int(ties[kind][r])
            for k in range(number):
                for person, other in watched_by(toy, start, end, here, row, slot + k).items():
                    expected[person] += worth[toy.community[person]][kind] / number * float(active[r, other])
        np.testing.assert_allclose(influence[r], expected, rtol=2e-6, atol=1e-6)
        assert influence[r].min() >= 0 and influence[r].max() <= 1 + 1e-6


def test_watch_with_no_ties() -> None:
    """The neutral setting: x is 0."""
    toy = plain.Toy(3, replicates=2)
    influence, none, internet = toy.blank(toy.persons, "f4"), np.zeros(2), toy.reals(toy.places, 0, 1)
    active = np.ones((2, toy.persons), "f4")
    kernels.watch(active, *toy.decks, toy.place, toy.country, internet, none + 0.2, none + 0.1, none, none, none,
                  chance_for(0, "influence"), influence)  # fmt: skip
    assert not influence.any()


def test_watch_where_all_are_active() -> None:
    """Shares of ties add up to 1 whatever the internet."""
    toy = plain.Toy(4, replicates=2)
    influence, active = toy.blank(toy.persons, "f4"), np.ones((2, toy.persons), "f4")
    counts = [np.full(2, n) for n in (4.0, 2.0, 3.0)]
    kernels.watch(active, *toy.decks, toy.place, toy.country, toy.reals(toy.places, 0, 1), np.full(2, 0.2),
                  np.full(2, 0.1), *counts, chance_for(0, "influence"), influence)  # fmt: skip
    np.testing.assert_allclose(influence, 1, atol=2e-6)


def test_watch_at_the_greatest_shares() -> None:
    """across and far may both be 1, by their limits; x is a share all the same."""
    toy = plain.Toy(4, replicates=2)
    influence, active = toy.blank(toy.persons, "f4"), some_active(toy)
    counts, one = [np.full(2, n) for n in (4.0, 2.0, 3.0)], np.ones(2)
    kernels.watch(active, *toy.decks, toy.place, toy.country, np.ones((2, toy.places)), one, one, *counts,
                  chance_for(0, "influence"), influence)  # fmt: skip
    assert influence.min() >= 0 and influence.max() <= 1 + 1e-6
