"""Epstein's Model I in plain Python: everyone counts whoever is in sight, anew each time.

By the same author as the kernels, written from their docstrings.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from twins import plain
from twins.test_torus import around, free_cell, in_sight, places, shuffled

from groundswell.canon import epstein as kernels
from groundswell.canon import torus
from groundswell.chance import chance_for


def risk_of(form: str, k: float, n: float, police: int, active: int) -> float:
    if police == 0:
        return 0.0
    if form == "floor":
        return 1 - math.exp(-k * (police // active))
    if form == "ratio":
        return 1 - math.exp(-k * police / active)
    return (1 - math.exp(-k)) / (1 + (active / police) ** n)


class Society:
    """Model I with positions, and nothing that is kept up to date along the way."""

    def __init__(self, rules: kernels.Rules, seed: int, replicate: int) -> None:
        self.rules, self.seed, self.replicate = rules, seed, replicate
        self.people, self.officers = rules.counts()
        chance = plain.address(seed, "canon/epstein", 0, replicate)
        spots = places(chance, rules.size**2, self.people + self.officers)
        self.cell = spots[self.officers :] + spots[: self.officers]
        self.traits = [plain.two_uniforms(chance, i, 0) for i in range(self.people)]
        self.active, self.term = [False] * self.people, [0] * self.people
        self.offsets = in_sight(rules.vision, rules.shape, rules.own_cell)

    def in_sight(self, i: int) -> list[int]:
        return around(self.cell[i], self.rules.size, self.offsets)

    def busy(self) -> list[int]:
        out = [0] * self.rules.size**2
        for i, c in enumerate(self.cell[: self.people + self.officers]):
            if i >= self.people or self.term[i] == 0 or self.rules.jailed_block:
                out[c] += 1
        return out

    def step(self, t: int, legitimacy: float, officers: int) -> tuple[int, int]:
        self.officers = officers
        self.cell = self.cell[: self.people + officers]
        chance = plain.address(self.seed, "canon/epstein", t, self.replicate)
        for i in shuffled(chance, self.people + officers):
            if i < self.people and self.term[i] > 0:
                continue
            self.cell[i] = free_cell(chance, i, self.in_sight(i), self.busy(), self.cell[i])
            if i < self.people:
                self.decide(i, legitimacy)
            else:
                self.enforce(i, chance)
        for i in range(self.people):
            if self.term[i] > 0 and self.rules.jail:
                self.term[i] -= 1
        return sum(self.active), sum(term > 0 for term in self.term)

    def decide(self, i: int, legitimacy: float) -> None:
        rules, seen = self.rules, set(self.in_sight(i))
        police = sum(c in seen for c in self.cell[self.people :])
        others = sum(self.active[j] and self.cell[j] in seen for j in range(self.people) if j != i)
        twice = self.active[i] and rules.count_self_twice
        hardship, aversion = self.traits[i]
        risk = risk_of(rules.risk, rules.k, rules.sharpness, police, 1 + others + twice)
        self.active[i] = hardship * (1 - legitimacy) - aversion * risk > rules.threshold

    def enforce(self, i: int, chance: plain.Address) -> None:
        order = {c: n for n, c in enumerate(self.in_sight(i))}
        found = sorted((order[self.cell[j]], j) for j in range(self.people) if self.active[j] and self.cell[j] in order)
        if not found:
            return
        first, second = plain.two_uniforms(chance, i, 3)
        who = found[int(first * len(found))][1]
        self.active[who] = False
        self.term[who] = int(second * self.rules.jail) if self.rules.jail else 10**9
        if self.rules.police_follow:
            self.cell[i] = self.cell[who]

    def picture(self) -> np.ndarray:
        out = np.zeros(self.rules.size**2, np.uint8)
        for i, c in enumerate(self.cell):
            state = 4 if i >= self.people else 1 if self.term[i] > 0 else 3 if self.active[i] else 2
            out[c] = max(out[c], state)
        return out.reshape(self.rules.size, self.rules.size)


SMALL = kernels.Rules(size=13, vision=3.0, police=0.05, jail=8)
VARIANTS = {
    "default": SMALL,
    "few in sight": replace(SMALL, vision=1.7),
    "jailed block": replace(SMALL, jailed_block=True),
    "officers stay": replace(SMALL, police_follow=False, jailed_block=True, count_self_twice=False),
    "diamond": replace(SMALL, shape="diamond", own_cell=False, police_follow=False),
    "square": replace(SMALL, shape="square", persons=0.9),
    "ratio": replace(SMALL, risk="ratio", legitimacy=0.3),
    "smooth": replace(SMALL, risk="smooth", sharpness=3.5, legitimacy=0.7),
    "falls": replace(SMALL, legitimacy=0.9, legitimacy_to=0.1, fall_start=5, fall_steps=20),
    "falls at once": replace(SMALL, legitimacy=0.9, legitimacy_to=0.4, fall_start=9),
    "police leave": replace(SMALL, police=0.1, cut_every=2),
    "life": replace(SMALL, jail=0, legitimacy=0.5),
    "no police": replace(SMALL, police=0.0),
    "full": replace(SMALL, persons=0.95, legitimacy=0.6),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_rebel(name: str) -> None:
    """The whole of Model I (kernels.rebel(...), through simulate), in each variant of its rules."""
    rules, steps = VARIANTS[name], 40
    shown = (0, 3, 40)
    runs = kernels.simulate(rules, steps=steps, replicates=2, seed=5, jobs=1, shown=shown)
    for replicate in range(2):
        twin = Society(rules, 5, replicate)
        assert np.array_equal(runs["grid"].values[replicate, 0], twin.picture())
        for t in range(1, steps + 1):
            since = t - rules.fall_start
            share = min(max(since / rules.fall_steps if rules.fall_steps else since, 0), 1)
            to = rules.legitimacy if rules.legitimacy_to is None else rules.legitimacy_to
            officers = rules.counts()[1] - (t // rules.cut_every if rules.cut_every else 0)
            found = twin.step(t, rules.legitimacy + (to - rules.legitimacy) * share, max(officers, 0))
            kept = runs["active"].values[replicate, t - 1], runs["jailed"].values[replicate, t - 1]
            assert kept == found, f"{name}, replicate {replicate}, step {t}"
            if t in shown:
                assert np.array_equal(runs["grid"].values[replicate, shown.index(t)], twin.picture())
    assert runs["active"].values.sum() > 0


def test_arrest_risk() -> None:
    for code, form in enumerate(kernels.RISKS):
        for police in range(12):
            for active in range(1, 15):
                for n in (0.5, 1.0, 7.0):
                    made = kernels.arrest_risk(code, 2.3, n, police, active)
                    assert made == pytest.approx(risk_of(form, 2.3, n, police, active), rel=1e-12, abs=1e-15)


def test_suspect() -> None:
    size = 9
    reach = torus.offsets(torus.widths(3.0, "circle"), True)
    seen = around(40, size, in_sight(3.0, "circle"))
    where = [40, 40, 41, 3, 40, 80, 31, 31, 31]
    active = np.array([1, 0, 1, 1, 1, 1, 0, 1, 1], np.uint8)
    first, following = np.full(81, -1, np.int32), np.full(9, -1, np.int32)
    here = np.zeros(81, np.int16)
    for i, c in enumerate(where):
        if active[i]:
            torus.go(first, following, i, -1, c)
        here[c] += active[i]
    found = [i for c in seen for i in range(9) if where[i] == c and active[i]]
    for row in range(50):
        chance = chance_for(2, "x", 1, 0)
        taken = kernels.suspect(size, reach, chance, row, 40, len(found), here, first, following)
        assert taken == found[int(plain.two_uniforms(chance, row, 3)[0] * len(found))]


def test_draw_frame() -> None:
    cell = np.array([0, 0, 1, 2, 2, 3, 1])
    active, term = np.array([0, 1, 0, 0, 0], np.uint8), np.array([0, 0, 0, 4, 0])
    frame = np.full(6, 9, np.uint8)
    kernels.draw_frame(5, cell, active, term, 2, frame)
    assert list(frame) == [3, 4, 2, 4, 0, 0]


def test_look_ahead() -> None:
    chance = chance_for(4, "x", 7, 2)
    order, cell = np.array([3, 9, 0, 5], np.int32), np.arange(100, 110, dtype=np.int32)
    traits = np.arange(16.0).reshape(8, 2)
    ahead = np.empty((7, 6))
    kernels.look_ahead(chance, order, cell, traits, ahead)
    for k, i in enumerate(order):
        pairs = [plain.two_uniforms(chance, int(i), 1, attempt) for attempt in range(2)]
        assert ahead[:5, k].tolist() == [cell[i], *pairs[0], *pairs[1]]
        if i < 8:
            assert ahead[5:, k].tolist() == traits[i].tolist()
