"""Epstein 2002, Model I, where everyone acts at once: another model than random order, and one that many cores share.

Each step, from the state at its start: every free person decides, as in `epstein`; then every officer takes one random
active person in sight, who is jailed where they stand; then every free person and officer wants a random free cell in
sight, and of those who want the same cell one moves there, at random, while the others stay. Terms are uniform on
0..jail-1, are counted down at the end of the step, and at 0 one is free at once. The jailed keep their cell.

People are kept in the order of their cells. A random number has the address (step, cell, slot), so the result is the
same for any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.canon.base import finished, refuse
from groundswell.canon.epstein import DEFAULT, Rules, arrest_risk
from groundswell.canon.torus import ACTIVE, EMPTY, JAILED, POLICE, QUIET, offsets, place_all, widths
from groundswell.chance import Chance, chance_for, two_uniforms, uniform, words
from groundswell.compiled import kernel

if TYPE_CHECKING:
    import xarray as xr

MARGIN = 16  # cells around the torus that repeat its other side; vision is at most this
TRIES = 16  # of four random cells each, before all in sight are counted
_S32 = np.uint64(32)


@kernel
def wrap(size, grid):
    """Copy the sides of the torus into the margin of `grid` (size + 2 MARGIN, size + 2 MARGIN)."""
    end = size + MARGIN
    for y in range(MARGIN, end):
        for x in range(MARGIN):
            grid[y, x] = grid[y, (x - MARGIN) % size + MARGIN]
            grid[y, end + x] = grid[y, x % size + MARGIN]
    for y in range(MARGIN):
        grid[y, :] = grid[(y - MARGIN) % size + MARGIN, :]
        grid[end + y, :] = grid[y % size + MARGIN, :]


@kernel
def count_near(size, half, low, high, grid, state, sums, near):
    """near[y, x] for rows low..high-1: cells in sight of (y, x) in that `state`, the own cell left out.

    `sums` (rows in sight, size + 2 MARGIN + 1) is scratch: running sums along each row.
    """
    v = half.size // 2
    rows = 2 * v + 1
    low = max(0, low)
    for y in range(low - v, high + v):
        line = sums[(y + rows) % rows]
        total = 0
        for x in range(grid.shape[1]):
            line[x] = total
            total += grid[y + MARGIN, x] == state
        line[grid.shape[1]] = total
        middle = y - v  # all rows in sight of it are summed now
        if middle < low:
            continue
        out = near[middle]
        for x in range(size):
            out[x] = -(grid[middle + MARGIN, x + MARGIN] == state)
        for dy in range(-v, v + 1):
            line = sums[(middle + dy + rows) % rows]
            right = line[MARGIN + half[dy + v] + 1 : MARGIN + half[dy + v] + 1 + size]
            left = line[MARGIN - half[dy + v] : MARGIN - half[dy + v] + size]
            for x in range(size):
                out[x] += right[x] - left[x]


@kernel
def decide(size, low, high, form, k, sharpness, threshold, legitimacy, near_police, near_active, traits, grid):
    """Every free person of rows low..high-1 becomes ACTIVE or QUIET; `traits` (cells, 2) are hardship and aversion."""
    low = max(0, low)
    for y in range(low, high):
        for x in range(size):
            state = grid[y + MARGIN, x + MARGIN]
            if state != QUIET and state != ACTIVE:
                continue
            grievance = traits[y * size + x, 0] * (1.0 - legitimacy)
            now = QUIET
            if grievance > threshold:
                risk = arrest_risk(form, k, sharpness, near_police[y, x], 1 + near_active[y, x])
                now = ACTIVE if grievance - traits[y * size + x, 1] * risk > threshold else QUIET
            grid[y + MARGIN, x + MARGIN] = now


@kernel
def pursue(size, reach, low, high, chance, grid, taken):
    """Every officer of rows low..high-1 takes the floor(u n)-th of the n ACTIVE in sight, u at (cell, slot 2).

    `taken` (cells,) is set to 1 for whoever is taken, once or more often; they are counted in the order of `reach`.
    """
    low = max(0, low)
    found = np.empty(reach.shape[1], np.int64)
    for y in range(low, high):
        for x in range(size):
            if grid[y + MARGIN, x + MARGIN] != POLICE:
                continue
            number = 0
            for index in range(reach.shape[1]):
                found[number] = index
                number += grid[y + MARGIN + reach[0, index], x + MARGIN + reach[1, index]] == ACTIVE
            if number > 0:
                index = found[int(uniform(chance, y * size + x, 2) * number)]
                taken[(y + reach[0, index]) % size * size + (x + reach[1, index]) % size] = 1


@kernel
def imprison(size, low, high, jail, chance, taken, term, grid):
    """Whoever is taken in rows low..high-1 gets floor(u jail) steps, u at (cell, slot 3), or 2^30 where jail is 0."""
    low = max(0, low)
    for cell in range(low * size, high * size):
        if taken[cell]:
            taken[cell] = 0
            term[cell] = int(uniform(chance, cell, 3) * jail) if jail else 2**30
            grid[cell // size + MARGIN, cell % size + MARGIN] = JAILED if term[cell] > 0 else QUIET


@kernel
def want(size, reach, low, high, chance, grid, drawn, wanted, weight):
    """Every free person and officer of rows low..high-1 picks a random free cell in sight, -1 where there is none.

    Each of TRIES tries (attempt a of slot 1 at one's cell) gives four 32-bit words w, and so four cells to look at,
    floor(w seen / 2^32); the first free one is wanted. After that, the floor(u free)-th free one, u at slot 4. `weight`
    is the low half of the first word of try 0 above the low half of its second. `drawn` (4, size) is scratch.
    """
    low = max(0, low)  # known not to be negative, as indices of np.uint64 are: no test for an index from the end
    seen = np.uint64(reach.shape[1])
    wide = grid.shape[1]
    flat = grid.reshape(-1)
    jump = reach[0] * wide + reach[1]
    for y in range(low, high):
        for x in range(size):
            drawn[0, x], drawn[1, x], drawn[2, x], drawn[3, x] = words(chance, y * size + x, 1, 0)
        for x in range(size):
            cell = y * size + x
            wanted[cell] = -1
            here = (y + MARGIN) * wide + x + MARGIN
            if flat[here] == EMPTY or flat[here] == JAILED:
                continue
            one, two, three, four = drawn[0, x], drawn[1, x], drawn[2, x], drawn[3, x]
            weight[cell] = ((one & np.uint64(0xFFFF)) << np.uint64(16)) | (two & np.uint64(0xFFFF))
            to = -1
            for attempt in range(TRIES):
                if attempt > 0:
                    one, two, three, four = words(chance, cell, 1, attempt)
                a, b = jump[(one * seen) >> _S32], jump[(two * seen) >> _S32]
                c, d = jump[(three * seen) >> _S32], jump[(four * seen) >> _S32]
                at = d
                at = c if flat[np.uint64(here + c)] == EMPTY else at
                at = b if flat[np.uint64(here + b)] == EMPTY else at
                at = a if flat[np.uint64(here + a)] == EMPTY else at
                if flat[np.uint64(here + at)] == EMPTY:
                    to = here + at
                    break
            if to < 0:
                free = 0
                for index in range(reach.shape[1]):
                    free += flat[here + jump[index]] == EMPTY
                left = int(uniform(chance, cell, 4) * free)
                for index in range(reach.shape[1] if free else 0):
                    if flat[here + jump[index]] == EMPTY:
                        if left == 0:
                            to = here + jump[index]
                        left -= 1
            if to >= 0:
                wanted[cell] = (to // wide - MARGIN) % size * size + (to % wide - MARGIN) % size


@kernel
def settle(size, v, low, high, wanted, weight, winner, gone):
    """winner[c], for the cells c of rows low..high-1: the cell of who moves there, or -1; gone[winner[c]] = 1.

    Of those who want c, the one with the greatest `weight` moves, and of equals the first one.
    """
    low = max(0, low)
    winner[low * size : high * size] = -1
    for row in range(low - v, high + v):
        if high - low + 2 * v > size and row - (low - v) >= size:
            break  # once round the torus
        y = row % size
        for cell in range(y * size, (y + 1) * size):
            to = wanted[cell]
            if to >= low * size and to < high * size:
                now = winner[to]
                if now < 0 or weight[cell] > weight[now] or (weight[cell] == weight[now] and cell < now):
                    winner[to] = cell
    for cell in range(low * size, high * size):
        if winner[cell] >= 0:
            gone[winner[cell]] = 1


@kernel
def move(size, low, high, winner, gone, grid, traits, term, new_grid, new_traits, new_term, counts):
    """Everyone of rows low..high-1 of the next state, and a step off each term; counts become active and jailed."""
    low = max(0, low)
    counts[:] = 0
    for y in range(low, high):
        for x in range(size):
            cell = y * size + x
            source = cell
            state = EMPTY if gone[cell] else grid[y + MARGIN, x + MARGIN]
            if winner[cell] >= 0:
                source = winner[cell]
                state = grid[source // size + MARGIN, source % size + MARGIN]
            left = term[source]
            if state == JAILED:
                left -= left < 2**30
                state = JAILED if left > 0 else QUIET
            new_grid[y + MARGIN, x + MARGIN] = state
            new_term[cell] = left
            new_traits[cell, 0] = traits[source, 0]
            new_traits[cell, 1] = traits[source, 1]
            counts[0] += state == ACTIVE
            counts[1] += state == JAILED


class Torus:
    """The state of one replicate, and its step on row blocks."""

    def __init__(self, rules: Rules, seed: int, replicate: int, blocks: int) -> None:
        self.rules, self.size = rules, rules.size
        self.chance = chance_for(seed, "canon/epstein_together", 0, replicate)
        self.half = widths(rules.vision, rules.shape)
        self.reach = offsets(self.half, False)
        people, police = rules.counts()
        cells, wide = rules.size**2, rules.size + 2 * MARGIN
        placed = np.empty(people + police, np.int64)
        place_all(rules.size, people + police, self.chance, placed)
        self.grid, self.new_grid = (np.zeros((wide, wide), np.uint8) for _ in range(2))
        rows, columns = np.divmod(placed, rules.size)
        self.grid[rows + MARGIN, columns + MARGIN] = np.where(np.arange(placed.size) < police, POLICE, QUIET)
        self.traits, self.new_traits = np.empty((cells, 2), "f4"), np.empty((cells, 2), "f4")
        draw_traits(self.chance, self.traits)
        self.term, self.new_term = np.zeros(cells, np.int32), np.zeros(cells, np.int32)
        self.taken, self.gone = np.zeros(cells, np.uint8), np.zeros(cells, np.uint8)
        self.wanted, self.winner = np.empty(cells, np.int32), np.empty(cells, np.int32)
        self.weight = np.zeros(cells, np.uint32)
        self.near = np.zeros((2, rules.size, rules.size), np.int16)
        edges = np.linspace(0, rules.size, blocks + 1).astype(int)
        self.blocks = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
        self.sums = [np.empty((self.half.size, wide + 1), np.int16) for _ in self.blocks]
        self.drawn = [np.empty((4, rules.size), np.uint64) for _ in self.blocks]
        self.counts = np.zeros((blocks, 8), np.int64)  # apart from each other in memory

    def step(self, t: int, legitimacy: float, form: int, each: Callable[[Callable[[int], None]], None]) -> None:
        """Step t (from 1); `each(work)` calls work(block) for all blocks and returns when all have ended."""
        r, size, v = self.rules, self.size, self.half.size // 2
        chance = Chance(self.chance.key_low, self.chance.key_high, np.uint64(t), self.chance.replicate)
        wrap(size, self.grid)

        def one(b: int) -> None:
            low, high = self.blocks[b]
            for state, near in ((POLICE, self.near[0]), (ACTIVE, self.near[1])):
                count_near(size, self.half, low, high, self.grid, state, self.sums[b], near)

        def two(b: int) -> None:
            police, active = self.near
            decide(size, *self.blocks[b], form, r.k, r.sharpness, r.threshold, legitimacy, police, active, self.traits,
                   self.grid)  # fmt: skip

        def three(b: int) -> None:
            pursue(size, self.reach, *self.blocks[b], chance, self.grid, self.taken)

        def four(b: int) -> None:
            imprison(size, *self.blocks[b], r.jail, chance, self.taken, self.term, self.grid)

        def five(b: int) -> None:
            want(size, self.reach, *self.blocks[b], chance, self.grid, self.drawn[b], self.wanted, self.weight)

        def six(b: int) -> None:
            settle(size, v, *self.blocks[b], self.wanted, self.weight, self.winner, self.gone)

        def seven(b: int) -> None:
            move(size, *self.blocks[b], self.winner, self.gone, self.grid, self.traits, self.term, self.new_grid,
                 self.new_traits, self.new_term, self.counts[b])  # fmt: skip

        each(one)
        each(two)
        wrap(size, self.grid)
        each(three)
        each(four)
        wrap(size, self.grid)
        each(five)
        self.gone[:] = 0
        each(six)
        each(seven)
        self.grid, self.new_grid = self.new_grid, self.grid
        self.traits, self.new_traits = self.new_traits, self.traits
        self.term, self.new_term = self.new_term, self.term


@kernel
def draw_traits(chance, traits):
    """Hardship and risk aversion of whoever starts on each cell: the two uniforms of slot 0 of the cell."""
    for cell in range(traits.shape[0]):
        traits[cell, 0], traits[cell, 1] = two_uniforms(chance, cell, 0, 0)


def simulate(rules: Rules = DEFAULT, *, steps: int = 100, replicates: int = 1, seed: int = 0,
             threads: int | None = None) -> xr.Dataset:  # fmt: skip
    """Run Model I with everyone at once: `active` and `jailed` (replicate, step), persons at the end of each step.

    `threads` share the rows of the torus (None: one a processor on a large torus, else one). The rules of `epstein`
    that have a meaning here hold; own_cell, jailed_block, police_follow and count_self_twice have none, and
    legitimacy stays. The address of a random number is "canon/epstein_together" with the replicate. Raises
    GroundswellError where steps or threads make no sense, or vision exceeds 16.
    """
    from groundswell.canon.epstein import RISKS

    if not 1 <= steps < 2**31:
        refuse("steps", f"is {steps}", "it is at least 1")
    if rules.vision > MARGIN:
        refuse("vision", f"is {rules.vision:g}", f"it is at most {MARGIN} where all act at once")
    if threads is not None and threads < 1:
        refuse("threads", f"is {threads}", "it is at least 1")
    crew = threads or ((os.cpu_count() or 1) if rules.size >= 200 else 1)
    made = np.zeros((2, replicates, steps), np.int32)
    with ThreadPoolExecutor(crew) as pool:

        def each(work: Callable[[int], None]) -> None:
            if crew == 1:
                work(0)
            else:
                list(pool.map(work, range(crew)))

        for replicate in range(replicates):
            torus = Torus(rules, seed, replicate, crew)
            for t in range(steps):
                torus.step(t + 1, rules.legitimacy, RISKS.index(rules.risk), each)
                made[:, replicate, t] = torus.counts[:, :2].sum(axis=0)
    arrays: dict[str, tuple[tuple[str, ...], NDArray[Any], str]] = {
        "active": (("replicate", "step"), made[0], "active persons at the end of the step"),
        "jailed": (("replicate", "step"), made[1], "persons still held after the step"),
    }
    return finished("epstein_together", seed, rules, arrays, {"step": np.arange(1, steps + 1)})
