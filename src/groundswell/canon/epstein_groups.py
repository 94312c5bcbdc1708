"""Epstein 2002, Model II: two groups on a torus, violence between them, and peacekeepers; our own reading of the rules.

A person of hardship H and risk aversion R is active where H (1 - L) - R P > T, with L how far each group grants the
other its right to exist and P = 1 - exp(-k C / A) from C peacekeepers and A active persons (of both groups, oneself
included) in sight. Each step all persons and peacekeepers, in a fresh random order, act in turn:

- who is jailed does nothing; the others move to a random free cell in sight, or stay where there is none;
- a person decides, and, if active, kills one random person of the other group in sight who is not jailed;
- a person who is not jailed then has, with the probability `birth`, a child of the same group on a random free cell in
  sight (none where none is free). A child has its parent's hardship, a risk aversion and a life span of its own;
- a peacekeeper jails one random active person in sight, for a term uniform on 0..jail-1, and does not move onto it.

At the end of the step terms are counted down and all grow one step older; who reaches the own life span, uniform on
1..oldest, dies. The jailed keep their cell. At the start persons are of random ages below their life span. A group is
extinct when none of it is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.canon.base import Text, finished, refuse, side_by_side, within
from groundswell.canon.torus import any_free, free_cell, offsets, place_all, seen_cell, shuffle, widths
from groundswell.chance import Chance, chance_for, exp, two_uniforms, uniform
from groundswell.compiled import kernel

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

EMPTY, FIRST, SECOND, PEACE, HELD, ANGRY = 0, 1, 2, 3, 4, 8  # a cell: who is there, + 4 if jailed, + 8 if active

TEXT = Text(
    title="Epstein 2002, Model II",
    source='Epstein 2002, "Modeling civil violence: An agent-based computational approach", PNAS 99 suppl. 3, '
    "7243-7250. Rules as recalled, in our own reading.",
    verified=(
        "In the paper's captions: two groups, ethnic cleansing, peacekeepers, safe havens, and waiting times (mean and "
        "spread) against the number of peacekeepers at the start.",
    ),
    not_verified=(
        "The rules: the paper's text could not be read. Who counts in A, whether the jailed keep their cell, what a "
        "child inherits, and all parameters of the paper's runs are our reading.",
        "Numbers: only signs and orders are compared, and with another reading of the rules, not with the paper.",
    ),
)


@dataclass(frozen=True)
class Rules:
    """Parameters; the defaults are those of our reading.

    Parameters
    ----------
    size
        Cells along each side of the torus.
    persons
        Persons at the start, as a share of cells, half of each group.
    police
        Peacekeepers, as a share of cells.
    legitimacy
        L, which each group grants the other.
    birth
        Probability of a child, per person and step.
    oldest
        The longest life span, in steps.
    jail
        Terms are 0 to jail - 1 steps.
    vision
        How far one sees (Euclidean), in cells; 1.7 are the eight cells around.
    k
        Arrest constant.
    threshold
        T.
    """

    size: int = 40
    persons: float = 0.70
    police: float = 0.04
    legitimacy: float = 0.8
    birth: float = 0.05
    oldest: int = 200
    jail: int = 15
    vision: float = 1.7
    k: float = 2.3
    threshold: float = 0.1

    def __post_init__(self) -> None:
        """Raises GroundswellError where a value is off its limits."""
        within(self, size=(3, 1000), persons=(0, 1), police=(0, 1), legitimacy=(0, 1), birth=(0, 1), oldest=(1, 2**31),
               jail=(1, 2**31), vision=(1, 100), k=(0, 1000), threshold=(-10, 10))  # fmt: skip
        if self.persons + self.police > 1:
            refuse("persons", f"with police {self.police} leaves no room for {self.persons}", "their sum is at most 1")
        if 2 * int(self.vision) + 1 > self.size:
            refuse("vision", "sees some cells twice around the torus", "size is at least 2 vision + 1")


DEFAULT = Rules()


@kernel
def pick(size, reach, cell, who, kind, active, term, wanted, left):
    """The `left`-th (from 0) wanted person in sight of `cell`, and how many there are: (person or -1, count).

    `wanted` is a group (its persons who are not jailed), or -1 for all active persons. `who` (cells,) holds persons by
    number, and -1 for none or -2 for a peacekeeper. Cells are taken in the order of `reach`.
    """
    y, x = cell // size, cell % size
    found, count = -1, 0
    for index in range(reach.shape[1]):
        other = who[seen_cell(size, reach, y, x, index)]
        if other < 0:
            continue
        fits = active[other] > 0 if wanted < 0 else kind[other] == wanted and term[other] == 0
        if fits:
            if count == left:
                found = other
            count += 1
    return found, count


@kernel
def draw_groups(who, kind, active, term, frame):
    """Who is on each cell, into `frame` (cells,): FIRST or SECOND (+ HELD or ANGRY), PEACE or EMPTY."""
    for c in range(who.size):
        i = who[c]
        frame[c] = EMPTY if i == -1 else PEACE
        if i >= 0:
            frame[c] = FIRST + kind[i] + (HELD if term[i] > 0 else 0) + (ANGRY if active[i] else 0)


@kernel
def fight(size, people, officers, reach, legitimacy, birth, oldest, jail, k, threshold, chance, shown, frames, counts):
    """One replicate: `counts` (steps, 5) gets the persons of both groups, active, jailed, and killed in each step.

    It ends when a group is extinct; returns that step, or 0. A person's number is that of its place in the arrays, of
    which there is one for each cell; the numbers of the dead are given again from the next step on. Rows: persons, then
    cells + peacekeeper. Step 0: row i, slot 0 risk aversion and hardship, slot 1 places, slot 2 life span and share of
    it lived. Later steps: slots 1 and 2 moves, 3 whom to kill or jail and the term; for a child, at its parent's row,
    slot 4 the birth and its risk aversion, slot 5 its life span, slot 6 its cell; slot 0 the order.
    """
    cells = size * size
    chance = Chance(chance.key_low, chance.key_high, np.uint64(0), chance.replicate)
    placed = np.empty(people + officers, np.int64)
    place_all(size, people + officers, chance, placed)
    who, busy = np.full(cells, -1, np.int32), np.zeros(cells, np.int16)
    cell, kind, active = np.full(cells, -1, np.int64), np.zeros(cells, np.uint8), np.zeros(cells, np.uint8)
    term, age, span = np.zeros(cells, np.int64), np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    hardship, aversion = np.empty(cells), np.empty(cells)
    beat, gone = np.empty(officers, np.int64), np.zeros(cells, np.int64)
    order, turns = np.empty(cells + officers, np.int64), np.empty(cells + officers, np.int64)
    groups = np.zeros(2, np.int64)
    for i in range(people):
        aversion[i], hardship[i] = two_uniforms(chance, i, 0, 0)
        first, second = two_uniforms(chance, i, 2, 0)
        span[i] = 1 + int(first * oldest)
        age[i] = int(second * span[i])
        kind[i] = i % 2
        groups[i % 2] += 1
        cell[i] = placed[i]
        who[cell[i]] = i
        busy[cell[i]] = 1
    for j in range(officers):
        beat[j] = placed[people + j]
        who[beat[j]] = -2
        busy[beat[j]] = 1
    frame = 0
    if frame < shown.size and shown[frame] == 0:
        draw_groups(who, kind, active, term, frames[frame])
        frame += 1
    for t in range(len(counts)):
        chance = Chance(chance.key_low, chance.key_high, np.uint64(t + 1), chance.replicate)
        number = 0
        for i in range(cells):
            gone[i] = 0
            if cell[i] >= 0:
                turns[number] = i
                number += 1
        living = number
        for j in range(officers):
            turns[living + j] = cells + j
        number = living + officers
        shuffle(chance, order[:number])
        reuse = 0  # from here up, numbers may be free for children
        for turn in range(number):
            i = turns[order[turn]]
            if i >= cells:
                j = i - cells
                new = free_cell(size, reach, chance, i, busy, beat[j], 0)
                busy[beat[j]] = 0
                who[beat[j]] = -1
                beat[j] = new
                who[new] = -2
                busy[new] = 1
                _, seen = pick(size, reach, new, who, kind, active, term, -1, -1)
                if seen:
                    first, second = two_uniforms(chance, i, 3, 0)
                    taken, _ = pick(size, reach, new, who, kind, active, term, -1, int(first * seen))
                    active[taken] = 0
                    term[taken] = int(second * jail)
                continue
            if cell[i] < 0 or term[i] > 0:
                continue
            new = free_cell(size, reach, chance, i, busy, cell[i], 0)
            busy[cell[i]] = 0
            who[cell[i]] = -1
            cell[i] = new
            who[new] = i
            busy[new] = 1
            active[i] = 0
            _, others = pick(size, reach, new, who, kind, active, term, -1, -1)
            police = 0
            y, x = new // size, new % size
            for index in range(reach.shape[1]):
                police += who[seen_cell(size, reach, y, x, index)] == -2
            risk = 1.0 - exp(-k * (police / (1.0 + others)))
            active[i] = hardship[i] * (1.0 - legitimacy) - aversion[i] * risk > threshold
            if active[i]:
                rival = 1 - kind[i]
                _, seen = pick(size, reach, new, who, kind, active, term, rival, -1)
                if seen:
                    left = int(uniform(chance, i, 3) * seen)
                    killed, _ = pick(size, reach, new, who, kind, active, term, rival, left)
                    busy[cell[killed]] = 0
                    who[cell[killed]] = -1
                    cell[killed] = -1
                    gone[killed] = 1
                    active[killed] = 0
                    groups[rival] -= 1
                    counts[t, 4] += 1
            event, own_aversion = two_uniforms(chance, i, 4, 0)
            if event < birth:
                spot = any_free(size, reach, chance, i, 6, busy, new)
                if spot >= 0:
                    while reuse < cells and (cell[reuse] >= 0 or gone[reuse]):
                        reuse += 1
                    if reuse < cells:
                        child = reuse
                        hardship[child], aversion[child] = hardship[i], own_aversion
                        kind[child], active[child], term[child], age[child] = kind[i], 0, 0, 0
                        span[child] = 1 + int(uniform(chance, i, 5) * oldest)
                        cell[child] = spot
                        who[spot] = child
                        busy[spot] = 1
                        groups[kind[i]] += 1
        for i in range(cells):
            if cell[i] < 0:
                continue
            if term[i] > 0:
                term[i] -= 1
            age[i] += 1
            if age[i] >= span[i]:
                busy[cell[i]] = 0
                who[cell[i]] = -1
                cell[i] = -1
                active[i] = 0
                groups[kind[i]] -= 1
                continue
            counts[t, 2] += active[i]
            counts[t, 3] += term[i] > 0
        counts[t, 0], counts[t, 1] = groups[0], groups[1]
        if frame < shown.size and shown[frame] == t + 1:
            draw_groups(who, kind, active, term, frames[frame])
            frame += 1
        if groups[0] == 0 or groups[1] == 0:
            return t + 1
    return 0


def simulate(rules: Rules = DEFAULT, *, steps: int = 3000, replicates: int = 1, seed: int = 0, jobs: int | None = None,
             shown: tuple[int, ...] = ()) -> xr.Dataset:  # fmt: skip
    """Run Model II until a group is extinct, or for `steps`.

    `first`, `second`, `active`, `jailed`, `killed` (replicate, step): persons at the end of each step, and killed in
    it, 0 after the end. `extinct` (replicate,): the step at which a group was gone, 0 where both last. With `shown`,
    `grid` (replicate, shown, row, column): see draw_groups; steps after the end are empty. The address of a random
    number is "canon/epstein-groups" with the replicate.
    """
    if not 1 <= steps < 2**31:
        refuse("steps", f"is {steps}", "it is at least 1")
    at = np.array(sorted({step for step in shown if 0 <= step <= steps}), np.int64)
    cells = rules.size**2
    reach = offsets(widths(rules.vision, "circle"), False)

    def one(replicate: int) -> tuple[NDArray[np.int32], int, NDArray[np.uint8]]:
        counts, frames = np.zeros((steps, 5), np.int32), np.zeros((at.size, cells), np.uint8)
        end = fight(rules.size, round(rules.persons * cells), round(rules.police * cells), reach, rules.legitimacy,
                    rules.birth, rules.oldest, rules.jail, rules.k, rules.threshold,
                    chance_for(seed, "canon/epstein-groups", 0, replicate), at, frames, counts)  # fmt: skip
        return counts, int(end), frames

    made = side_by_side(replicates, one, jobs)
    counts = np.array([run[0] for run in made])
    arrays: dict[str, tuple[tuple[str, ...], NDArray[Any], str]] = {
        name: (("replicate", "step"), counts[:, :, k], meaning)
        for k, (name, meaning) in enumerate({
            "first": "persons of the first group", "second": "persons of the second group", "active": "active persons",
            "jailed": "persons held", "killed": "persons killed in the step"}.items())
    }  # fmt: skip
    arrays["extinct"] = (("replicate",), np.array([run[1] for run in made]), "step at which a group was gone, or 0")
    coordinates: dict[str, Any] = {"step": np.arange(1, steps + 1)}
    if at.size:
        grid = np.array([run[2] for run in made]).reshape(replicates, at.size, rules.size, rules.size)
        arrays["grid"] = (("replicate", "shown", "row", "column"), grid, "who is on a cell")
        coordinates["shown"] = at
    return finished("epstein-groups", seed, rules, arrays, coordinates)


def summary(runs: xr.Dataset) -> pd.DataFrame:
    """One row a replicate: step of extinction (None where both last), killed, smallest group, both at the end."""
    import pandas as pd

    rows = []
    for r in range(runs.sizes["replicate"]):
        end = int(runs["extinct"].values[r])
        last = (end or runs.sizes["step"]) - 1
        smaller = np.minimum(runs["first"].values[r], runs["second"].values[r])[: last + 1]
        rows.append({"replicate": r, "extinct_at": end or None, "killed": int(runs["killed"].values[r].sum()),
                     "smallest_group": int(smaller.min()), "first_at_end": int(runs["first"].values[r, last]),
                     "second_at_end": int(runs["second"].values[r, last])})  # fmt: skip
    return pd.DataFrame(rows)
