"""Epstein's Model II in plain Python: persons as objects, everyone counts whoever is in sight.

By the same author as the kernels, written from their docstrings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from twins import plain
from twins.test_torus import any_free, around, free_cell, in_sight, places, shuffled

from groundswell.canon import epstein_groups as kernels
from groundswell.canon import torus


@dataclass
class Person:
    number: int
    group: int
    cell: int
    hardship: float
    aversion: float
    span: int
    age: int = 0
    term: int = 0
    active: bool = False


class Groups:
    """Model II; `alive` maps numbers to persons."""

    def __init__(self, rules: kernels.Rules, seed: int, replicate: int) -> None:
        self.rules, self.seed, self.replicate = rules, seed, replicate
        self.cells = rules.size**2
        people, officers = round(rules.persons * self.cells), round(rules.police * self.cells)
        chance = plain.address(seed, "canon/epstein-groups", 0, replicate)
        spots = places(chance, self.cells, people + officers)
        self.beat = spots[people:]
        self.alive: dict[int, Person] = {}
        for i in range(people):
            aversion, hardship = plain.two_uniforms(chance, i, 0)
            first, second = plain.two_uniforms(chance, i, 2)
            span = 1 + int(first * rules.oldest)
            self.alive[i] = Person(i, i % 2, spots[i], hardship, aversion, span, int(second * span))
        self.offsets = in_sight(rules.vision, "circle", own=False)

    def busy(self) -> list[int]:
        out = [0] * self.cells
        for c in [*self.beat, *(p.cell for p in self.alive.values())]:
            out[c] = 1
        return out

    def near(self, cell: int, fits) -> list[Person]:
        order = {c: n for n, c in enumerate(around(cell, self.rules.size, self.offsets))}
        found = [p for p in self.alive.values() if p.cell in order and fits(p)]
        return sorted(found, key=lambda p: order[p.cell])

    def step(self, t: int) -> tuple[int, ...]:
        self.chance = plain.address(self.seed, "canon/epstein-groups", t, self.replicate)
        self.killed: set[int] = set()
        turns = [*sorted(self.alive), *(self.cells + j for j in range(len(self.beat)))]
        for k in shuffled(self.chance, len(turns)):
            if turns[k] >= self.cells:
                self.keep_peace(turns[k])
            elif turns[k] in self.alive and self.alive[turns[k]].term == 0:
                self.live(self.alive[turns[k]])
        for person in list(self.alive.values()):
            person.term = max(person.term - 1, 0)
            person.age += 1
            if person.age >= person.span:
                del self.alive[person.number]
        left = self.alive.values()
        return (sum(p.group == 0 for p in left), sum(p.group == 1 for p in left), sum(p.active for p in left),
                sum(p.term > 0 for p in left), len(self.killed))  # fmt: skip

    def keep_peace(self, row: int) -> None:
        j = row - self.cells
        seen = around(self.beat[j], self.rules.size, self.offsets)
        self.beat[j] = free_cell(self.chance, row, seen, self.busy(), self.beat[j])
        found = self.near(self.beat[j], lambda p: p.active)
        if found:
            first, second = plain.two_uniforms(self.chance, row, 3)
            taken = found[int(first * len(found))]
            taken.active, taken.term = False, int(second * self.rules.jail)

    def live(self, me: Person) -> None:
        rules, chance, row = self.rules, self.chance, me.number
        me.active = False
        me.cell = free_cell(chance, row, around(me.cell, rules.size, self.offsets), self.busy(), me.cell)
        seen = around(me.cell, rules.size, self.offsets)
        police = sum(c in seen for c in self.beat)
        active = 1 + len(self.near(me.cell, lambda p: p.active))
        risk = 1 - math.exp(-rules.k * police / active)
        me.active = me.hardship * (1 - rules.legitimacy) - me.aversion * risk > rules.threshold
        if me.active:
            found = self.near(me.cell, lambda p: p.group != me.group and p.term == 0)
            if found:
                victim = found[int(plain.uniform(chance, row, 3) * len(found))].number
                self.killed.add(victim)
                del self.alive[victim]
        event, aversion = plain.two_uniforms(chance, row, 4)
        spot = any_free(chance, row, 6, seen, self.busy()) if event < rules.birth else -1
        if spot >= 0:
            taken = set(self.alive) | self.killed
            number = next(n for n in range(self.cells) if n not in taken)
            span = 1 + int(plain.uniform(chance, row, 5) * rules.oldest)
            self.alive[number] = Person(number, me.group, spot, me.hardship, aversion, span)

    def picture(self) -> np.ndarray:
        out = np.zeros(self.cells, np.uint8)
        out[self.beat] = 3
        for p in self.alive.values():
            out[p.cell] = 1 + p.group + (4 if p.term else 0) + (8 if p.active else 0)
        return out.reshape(self.rules.size, self.rules.size)


SMALL = kernels.Rules(size=12)
VARIANTS = {
    "default": SMALL,
    "short lives": replace(SMALL, oldest=20, birth=0.3),
    "no peacekeepers": replace(SMALL, police=0.0),
    "many peacekeepers": replace(SMALL, police=0.2, jail=3),
    "coexist": replace(SMALL, legitimacy=0.9),
    "far sight": replace(SMALL, vision=3.0, legitimacy=0.7),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_fight(name: str) -> None:
    """The whole of Model II (kernels.fight(...), through simulate), until a group is extinct."""
    rules, shown = VARIANTS[name], (0, 7, 30)
    runs = kernels.simulate(rules, steps=60, replicates=2, seed=3, jobs=1, shown=shown)
    columns = ("first", "second", "active", "jailed", "killed")
    for replicate in range(2):
        twin = Groups(rules, 3, replicate)
        end = int(runs["extinct"].values[replicate])
        assert np.array_equal(runs["grid"].values[replicate, 0], twin.picture())
        for t in range(1, (end or 60) + 1):
            found = twin.step(t)
            kept = tuple(int(runs[name].values[replicate, t - 1]) for name in columns)
            assert kept == found, f"{name}, replicate {replicate}, step {t}"
            assert (min(found[:2]) == 0) == (t == end)
            if t in shown:
                assert np.array_equal(runs["grid"].values[replicate, shown.index(t)], twin.picture())


def test_pick() -> None:
    size = 6
    reach = torus.offsets(torus.widths(1.7, "circle"), False)
    who = np.full(36, -1, np.int32)
    who[[0, 1, 2, 6, 8, 12, 35]] = [0, -2, 1, 2, 3, 4, 5]
    kind = np.array([0, 1, 1, 0, 1, 1], np.uint8)
    active = np.array([1, 0, 1, 1, 0, 0], np.uint8)
    term = np.array([0, 0, 0, 0, 2, 0])
    seen = around(7, size, in_sight(1.7, "circle", own=False))
    for wanted in (-1, 0, 1):
        found = [int(who[c]) for c in seen if who[c] >= 0]
        found = [i for i in found if (active[i] if wanted < 0 else kind[i] == wanted and term[i] == 0)]
        assert kernels.pick(size, reach, 7, who, kind, active, term, wanted, -1) == (-1, len(found))
        for left, person in enumerate(found):
            assert kernels.pick(size, reach, 7, who, kind, active, term, wanted, left) == (person, len(found))


def test_draw_groups() -> None:
    who = np.array([-1, -2, 0, 1, 2, 3], np.int32)
    kind, active, term = np.array([0, 1, 0, 1], np.uint8), np.array([0, 1, 0, 0], np.uint8), np.array([0, 0, 5, 5])
    frame = np.full(6, 99, np.uint8)
    kernels.draw_groups(who, kind, active, term, frame)
    assert list(frame) == [0, 3, 1, 10, 5, 6]
