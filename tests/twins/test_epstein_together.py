"""Model I with everyone at once, in plain Python: a dict of cells, where everyone looks at all in sight.

By the same author as the kernels, written from their docstrings.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from twins import plain
from twins.test_epstein import risk_of
from twins.test_torus import around, in_sight, places

from groundswell.canon import epstein_together as kernels
from groundswell.canon.epstein import RISKS, Rules
from groundswell.canon.torus import ACTIVE, EMPTY, JAILED, POLICE, QUIET

SMALL = Rules(size=15, vision=3.0, shape="diamond", police=0.06, jail=8)
VARIANTS = {
    "diamond": SMALL,
    "circle": replace(SMALL, shape="circle", vision=2.5),
    "square, smooth": replace(SMALL, shape="square", risk="smooth", sharpness=2.0),
    "ratio, life": replace(SMALL, risk="ratio", jail=0, legitimacy=0.6),
    "nearly full": replace(SMALL, persons=0.94, legitimacy=0.5),
    "full": replace(SMALL, persons=0.94, police=0.06, vision=1.0),
}


def words(chance: plain.Address, row: int, slot: int, attempt: int) -> tuple[int, ...]:
    counter = (row, int(chance.step), int(chance.replicate), slot + 65536 * attempt)
    return plain.philox(counter, (int(chance.key_low), int(chance.key_high)))


class Society:
    """Who stands where: state, term and traits by cell."""

    def __init__(self, rules: Rules, seed: int) -> None:
        self.rules, self.seed = rules, seed
        people, police = rules.counts()
        start = plain.address(seed, "canon/epstein_together", 0, 1)
        spots = places(start, rules.size**2, people + police)
        self.state = {c: EMPTY for c in range(rules.size**2)}
        self.state |= {c: POLICE if k < police else QUIET for k, c in enumerate(spots)}
        self.traits = {c: tuple(map(np.float32, plain.two_uniforms(start, c, 0))) for c in self.state}
        self.term = dict.fromkeys(self.state, 0)
        self.sight = {c: around(c, rules.size, in_sight(rules.vision, rules.shape, False)) for c in self.state}

    def near(self, c: int, state: int) -> int:
        return sum(self.state[other] == state for other in self.sight[c])

    def decide(self) -> None:
        rules, new = self.rules, dict(self.state)
        for c, state in self.state.items():
            if state in (QUIET, ACTIVE):
                hardship, aversion = map(float, self.traits[c])
                risk = risk_of(rules.risk, rules.k, rules.sharpness, self.near(c, POLICE), 1 + self.near(c, ACTIVE))
                gain = hardship * (1 - rules.legitimacy) - aversion * risk
                new[c] = ACTIVE if gain > rules.threshold else QUIET
        self.state = new

    def taken(self, chance: plain.Address) -> set[int]:
        found = set()
        for c, state in self.state.items():
            seen = [other for other in self.sight[c] if self.state[other] == ACTIVE]
            if state == POLICE and seen:
                found.add(seen[int(plain.uniform(chance, c, 2) * len(seen))])
        return found

    def imprison(self, taken: set[int], chance: plain.Address) -> None:
        for c in taken:
            self.term[c] = int(plain.uniform(chance, c, 3) * self.rules.jail) if self.rules.jail else 2**30
            self.state[c] = JAILED if self.term[c] > 0 else QUIET

    def wishes(self, chance: plain.Address) -> dict[int, tuple[int, int]]:
        """Cell to (wanted cell, weight)."""
        found = {}
        for c, state in self.state.items():
            if state in (EMPTY, JAILED):
                continue
            seen, to = self.sight[c], None
            for attempt in range(16):
                w = words(chance, c, 1, attempt)
                if attempt == 0:
                    weight = (w[0] % 65536) * 65536 + w[1] % 65536
                looked = [seen[word * len(seen) >> 32] for word in w]
                to = next((other for other in looked if self.state[other] == EMPTY), None)
                if to is not None:
                    break
            free = [other for other in seen if self.state[other] == EMPTY]
            if to is None and free:
                to = free[int(plain.uniform(chance, c, 4) * len(free))]
            if to is not None:
                found[c] = (to, weight)
        return found

    def move(self, wishes: dict[int, tuple[int, int]]) -> dict[int, int]:
        winner: dict[int, int] = {}
        for c, (to, weight) in sorted(wishes.items()):
            if to not in winner or weight > wishes[winner[to]][1]:
                winner[to] = c
        for to, c in winner.items():
            for table in (self.state, self.traits, self.term):
                table[to] = table[c]  # type: ignore[index]
        for c in winner.values():
            self.state[c] = EMPTY
        for c, state in self.state.items():
            if state == JAILED and self.rules.jail:
                self.term[c] -= 1
                self.state[c] = JAILED if self.term[c] > 0 else QUIET
        return winner


def same(torus: kernels.Torus, twin: Society) -> None:
    inside = torus.grid[kernels.MARGIN : -kernels.MARGIN, kernels.MARGIN : -kernels.MARGIN].reshape(-1)
    np.testing.assert_array_equal(inside, list(twin.state.values()))
    people = [c for c, state in twin.state.items() if state in (QUIET, ACTIVE, JAILED)]
    for c in people:
        assert tuple(torus.traits[c]) == twin.traits[c]
        assert twin.state[c] != JAILED or torus.term[c] == twin.term[c]


@pytest.mark.parametrize("name", VARIANTS)
def test_step_by_step(name: str) -> None:
    rules = VARIANTS[name]
    size, form = rules.size, RISKS.index(rules.risk)
    torus, twin = kernels.Torus(rules, 5, 1, 2), Society(rules, 5)
    traits = np.empty((size * size, 2), "f4")
    kernels.draw_traits(kernels.chance_for(5, "canon/epstein_together", 0, 1), traits)
    assert [tuple(pair) for pair in traits] == list(twin.traits.values())
    for t in range(1, 13):
        chance, theirs = (make(5, "canon/epstein_together", t, 1) for make in (kernels.chance_for, plain.address))
        kernels.wrap(size, torus.grid)
        for low, high in torus.blocks:
            for k, state in enumerate((POLICE, ACTIVE)):
                kernels.count_near(size, torus.half, low, high, torus.grid, state, torus.sums[0], torus.near[k])
        for k, state in enumerate((POLICE, ACTIVE)):
            np.testing.assert_array_equal(torus.near[k].reshape(-1), [twin.near(c, state) for c in twin.state])
        for low, high in torus.blocks:
            kernels.decide(size, low, high, form, rules.k, rules.sharpness, rules.threshold, rules.legitimacy,
                           *torus.near, torus.traits, torus.grid)  # fmt: skip
        twin.decide()
        same(torus, twin)
        kernels.wrap(size, torus.grid)
        for low, high in torus.blocks:
            kernels.pursue(size, torus.reach, low, high, chance, torus.grid, torus.taken)
        taken = twin.taken(theirs)
        assert set(np.flatnonzero(torus.taken)) == taken
        for low, high in torus.blocks:
            kernels.imprison(size, low, high, rules.jail, chance, torus.taken, torus.term, torus.grid)
        twin.imprison(taken, theirs)
        same(torus, twin)
        kernels.wrap(size, torus.grid)
        for low, high in torus.blocks:
            kernels.want(size, torus.reach, low, high, chance, torus.grid, torus.drawn[0], torus.wanted, torus.weight)
        wishes = twin.wishes(theirs)
        assert {c: to for c, to in enumerate(torus.wanted) if to >= 0} == {c: to for c, (to, _) in wishes.items()}
        assert all(torus.weight[c] == weight for c, (_, weight) in wishes.items())
        torus.gone[:] = 0
        for low, high in torus.blocks:
            kernels.settle(size, torus.half.size // 2, low, high, torus.wanted, torus.weight, torus.winner, torus.gone)
        winner = twin.move(wishes)
        assert {to: c for to, c in enumerate(torus.winner) if c >= 0} == winner
        counts = np.zeros((2, 2), np.int64)
        for b, (low, high) in enumerate(torus.blocks):
            kernels.move(size, low, high, torus.winner, torus.gone, torus.grid, torus.traits, torus.term,
                         torus.new_grid, torus.new_traits, torus.new_term, counts[b])  # fmt: skip
        torus.grid, torus.new_grid = torus.new_grid, torus.grid
        torus.traits, torus.new_traits = torus.new_traits, torus.traits
        torus.term, torus.new_term = torus.new_term, torus.term
        same(torus, twin)
        states = list(twin.state.values())
        assert counts.sum(axis=0).tolist() == [states.count(ACTIVE), states.count(JAILED)]


@pytest.mark.parametrize("name", VARIANTS)
def test_the_whole_step_is_its_phases(name: str) -> None:
    twin = Society(VARIANTS[name], 3)
    runs = kernels.simulate(VARIANTS[name], steps=10, replicates=2, seed=3, threads=1)
    for t in range(1, 11):
        chance = plain.address(3, "canon/epstein_together", t, 1)
        twin.decide()
        twin.imprison(twin.taken(chance), chance)
        twin.move(twin.wishes(chance))
        states = list(twin.state.values())
        assert runs["active"].values[1, t - 1] == states.count(ACTIVE)
        assert runs["jailed"].values[1, t - 1] == states.count(JAILED)
