"""Epstein 2002, Model I: civil violence on a torus, with each variant of its rules as an option.

A person of hardship H and risk aversion R is active where H (1 - L) - R P > T. L is the legitimacy of the government,
T the threshold, and P the chance of arrest that the person sees, from C police and A active persons in sight:

    floor:   P = 1 - exp(-k floor(C / A))     the program of a widely used model library
    ratio:   P = 1 - exp(-k C / A)            the same without the floor
    smooth:  P = (1 - exp(-k)) / (1 + (A / C)^n), 0 where C = 0;  n is the sharpness

Each step all persons and police, in a fresh random order, move to a random cell in sight that holds no free person and
no police (and stay where there is none), then act. A person decides. An officer takes one random active person in
sight, steps onto that cell and jails the person for a term uniform on 0..jail-1, which is counted down at the end of
each step; at 0 the person is free at once. The jailed stay on their cell and do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from groundswell.canon.base import Text, finished, refuse, side_by_side, within
from groundswell.canon.torus import (
    ACTIVE,
    EMPTY,
    FEW,
    JAILED,
    POLICE,
    QUIET,
    SHAPES,
    free_cell,
    go,
    offsets,
    place_all,
    seen_cell,
    shuffle,
    spread,
    try_two,
    widths,
)
from groundswell.chance import Chance, chance_for, exp, power, two_uniforms, uniform
from groundswell.compiled import kernel

if TYPE_CHECKING:
    import xarray as xr

AHEAD = 64  # turns that are prepared together
LIFE = 2**30  # steps of a sentence that never ends
RISKS = ("floor", "ratio", "smooth")

TEXT = Text(
    title="Epstein 2002, Model I",
    source='Epstein 2002, "Modeling civil violence: An agent-based computational approach", PNAS 99 suppl. 3, '
    "7243-7250. Rules as in the program `Rebellion` of the NetLogo models library.",
    verified=(
        "In the paper's abstract and captions: it shows local outbursts, punctuated equilibrium, distributions of "
        "waiting times, a sudden against a gradual fall of legitimacy, and police cuts.",
        "In the library's program: the rules of movement, decision and arrest, the floor, and k, T, H and R.",
        "Two programs written apart gave 173 and 172 outbursts in 5,000 steps with these rules (6 seeds).",
    ),
    not_verified=(
        "The paper's full text was not read. Its parameter tables, its waiting-time mean, and whether its own program "
        "took a floor are not checked.",
        "The library's default grid size was not read; 40 x 40 is taken.",
        "No number of the paper is compared with ours, so nothing here says that this reproduces the paper.",
    ),
)


@dataclass(frozen=True)
class Rules:
    """Parameters and variants of the rules; the defaults are those of the model library, on a torus of 40 x 40.

    Parameters
    ----------
    size
        Cells along each side of the torus.
    persons
        Persons, as a share of cells.
    police
        Police, as a share of cells.
    legitimacy
        L, of the government.
    legitimacy_to
        L after its fall; by default it does not fall.
    fall_start
        The last step before the fall.
    fall_steps
        Steps over which L falls, evenly; 0 is a fall at once.
    cut_every
        One officer is taken away every so many steps; 0 for never.
    jail
        Terms are 0 to jail - 1 steps; 0 stands for life.
    vision
        How far one sees, in cells.
    shape
        What is in sight: a circle (Euclidean), diamond (steps along the axes) or square around one's cell.
    own_cell
        Whether one's own cell is in sight.
    risk
        How the chance of arrest is seen: floor, ratio or smooth (see the page on sharpness).
    sharpness
        n of the smooth form.
    k
        Arrest constant; at 2.3, P is 0.9 for one officer and one active person.
    threshold
        T.
    jailed_block
        Whether the jailed keep their cell occupied.
    police_follow
        Whether an officer steps onto the cell of who is arrested.
    count_self_twice
        Whether someone who is active already adds to A both as oneself and as one of those in sight.
    """

    size: int = 40
    persons: float = 0.70
    police: float = 0.04
    legitimacy: float = 0.82
    legitimacy_to: float | None = None
    fall_start: int = 0
    fall_steps: int = 0
    cut_every: int = 0
    jail: int = 30
    vision: float = 7.0
    shape: Literal["circle", "diamond", "square"] = "circle"
    own_cell: bool = True
    risk: Literal["floor", "ratio", "smooth"] = "floor"
    sharpness: float = 4.0
    k: float = 2.3
    threshold: float = 0.1
    jailed_block: bool = False
    police_follow: bool = True
    count_self_twice: bool = True

    def __post_init__(self) -> None:
        """Raises GroundswellError where a value is off its limits."""
        within(self, size=(3, 4000), persons=(0, 1), police=(0, 1), legitimacy=(0, 1), legitimacy_to=(0, 1),
               vision=(1, 100), fall_start=(0, 2**31), fall_steps=(0, 2**31), cut_every=(0, 2**31), jail=(0, LIFE),
               sharpness=(0.01, 100), k=(0, 1000), threshold=(-10, 10))  # fmt: skip
        if self.persons + self.police > 1:
            refuse("persons", f"with police {self.police} leaves no room for {self.persons}", "their sum is at most 1")
        if 2 * int(self.vision) + 1 > self.size:
            refuse("vision", "sees some cells twice around the torus", "size is at least 2 vision + 1")
        for name, known in (("risk", RISKS), ("shape", SHAPES)):
            if getattr(self, name) not in known:
                refuse(name, f"cannot be {getattr(self, name)!r}", f"one of {', '.join(known)}")

    def counts(self) -> tuple[int, int]:
        """Persons and police on the torus."""
        cells = self.size**2
        persons = round(self.persons * cells)
        return persons, min(round(self.police * cells), cells - persons)  # both may be rounded up

    def legitimacy_at(self, steps: int) -> NDArray[np.float64]:
        """L at steps 1..steps, shape (steps,)."""
        if self.legitimacy_to is None:
            return np.full(steps, self.legitimacy)
        since = np.arange(1, steps + 1) - self.fall_start
        share = np.clip(since / self.fall_steps if self.fall_steps else since, 0.0, 1.0)
        return np.asarray(self.legitimacy + (self.legitimacy_to - self.legitimacy) * share, np.float64)

    def police_at(self, steps: int) -> NDArray[np.int64]:
        """Police at steps 1..steps, shape (steps,)."""
        gone = np.arange(1, steps + 1) // self.cut_every if self.cut_every else np.zeros(steps, np.int64)
        return np.maximum(self.counts()[1] - gone, 0)


DEFAULT = Rules()


@kernel
def arrest_risk(form, k, sharpness, police, active):
    """P of the module's text for C = police, A = active >= 1; `form` is 0 floor, 1 ratio, 2 smooth."""
    if police == 0:
        return 0.0
    if form == 0:
        return 1.0 - exp(-k * (police // active)) if police >= active else 0.0
    if form == 1:
        return 1.0 - exp(-k * (police / active))
    return (1.0 - exp(-k)) / (1.0 + power(active / police, sharpness))


@kernel
def suspect(size, reach, chance, row, cell, number, active_here, first_on, next_on):
    """Who is taken by an officer on `cell`: one of `number` active persons in sight, by the first uniform of slot 3.

    Persons are numbered by the order of their cells in sight, and on one cell by who they are. `active_here` (cells,)
    counts active persons; `first_on` (cells,) and `next_on` (persons,) list them, -1 ends.
    """
    left = int(uniform(chance, row, 3) * number)
    y, x = cell // size, cell % size
    for index in range(reach.shape[1]):
        here = seen_cell(size, reach, y, x, index)
        if left < active_here[here]:
            who = -1
            for _ in range(left + 1):
                above = who
                who = next_on.size
                i = first_on[here]
                while i >= 0:
                    if above < i < who:
                        who = i
                    i = next_on[i]
            return who
        left -= active_here[here]
    return -1


@kernel
def draw_frame(people, cell, active, term, police, frame):
    """The highest state present on each cell, into `frame` (cells,): JAILED, QUIET, ACTIVE or POLICE."""
    frame[:] = EMPTY
    for i in range(people + police):
        state = POLICE
        if i < people:
            state = JAILED if term[i] > 0 else (ACTIVE if active[i] else QUIET)
        frame[cell[i]] = max(frame[cell[i]], state)


@kernel
def look_ahead(chance, order, cell, traits, ahead):
    """What the next turns need and nobody else changes, in one go: the processor then draws and fetches side by side.

    `ahead` (7, turns) gets, of who is next in `order`: the cell, the uniforms of tries 0 and 1 of free_cell, hardship
    and risk aversion (anything for police). Nobody moves a person or an officer but oneself.
    """
    for k in range(order.size):
        ahead[1, k], ahead[2, k] = two_uniforms(chance, order[k], 1, 0)
    for k in range(order.size):
        ahead[3, k], ahead[4, k] = two_uniforms(chance, order[k], 1, 1)
    for k in range(order.size):
        ahead[0, k] = cell[order[k]]
    for k in range(order.size):
        i = min(order[k], traits.shape[0] - 1)
        ahead[5, k], ahead[6, k] = traits[i, 0], traits[i, 1]


@kernel
def rebel(size, people, officers, half, reach, own, block, follow, twice, form, k, sharpness, threshold, jail,
          legitimacy, police, chance, shown, near_police, near_active, frames, active_count, jailed_count):  # fmt: skip
    """One replicate of len(legitimacy) steps; the counts of each step's end go into the last two arrays.

    `legitimacy` and `police` (steps,) give both at each step; officers leave from the highest number down. Set-up is
    step 0: hardship and risk aversion are the two uniforms of slot 0 of row i, and place_all is drawn for police first.
    Rows: persons 0..people-1, then police. Slots of later steps: 0 order, 1 and 2 moves, 3 arrest (first uniform:
    whom; second: the term). `frames` (frames, cells) shows the torus at the end of the steps in `shown` (0 is set-up).
    """
    most = people + officers
    chance = Chance(chance.key_low, chance.key_high, np.uint64(0), chance.replicate)
    placed, cell = np.empty(most, np.int64), np.empty(most, np.int32)
    place_all(size, most, chance, placed)
    traits = np.empty((people, 2))  # hardship and risk aversion side by side: one look at memory for both
    active, term = np.zeros(people, np.uint8), np.zeros(people, np.int32)
    busy, active_here = np.zeros(size * size, np.uint8), np.zeros(size * size, np.int16)
    near_police[:] = 0
    near_active[:] = 0
    first_on, next_on = np.full(size * size, -1, np.int32), np.full(people, -1, np.int32)
    order = np.empty(most, np.int32)
    ahead, few = np.empty((7, AHEAD)), reach.shape[1] <= FEW
    for i in range(most):
        cell[i] = placed[(i + officers) % most]  # police come first in the list of cells
        busy[cell[i]] = 1
        if i < people:
            traits[i, 0], traits[i, 1] = two_uniforms(chance, i, 0, 0)
        else:
            spread(near_police, size, half, own, cell[i], 1)
    frame = 0
    if frame < shown.size and shown[frame] == 0:
        draw_frame(people, cell, active, term, officers, frames[frame])
        frame += 1
    for t in range(legitimacy.size):
        chance = Chance(chance.key_low, chance.key_high, np.uint64(t + 1), chance.replicate)
        while officers > police[t]:
            officers -= 1
            busy[cell[people + officers]] -= 1
            spread(near_police, size, half, own, cell[people + officers], -1)
        shuffle(chance, order[: people + officers])
        for turn in range(people + officers):
            i = order[turn]
            at = turn % AHEAD
            if at == 0:
                look_ahead(chance, order[turn : min(turn + AHEAD, people + officers)], cell, traits, ahead)
            if i < people and term[i] > 0:
                continue
            old = int(ahead[0, at])
            y, x = old // size, old % size
            new = try_two(size, reach, busy, y, x, ahead[1, at], ahead[2, at])
            if busy[new] or few:
                new = try_two(size, reach, busy, y, x, ahead[3, at], ahead[4, at])
                if busy[new] or few:
                    new = free_cell(size, reach, chance, i, busy, old, 2)
            busy[old] -= 1
            busy[new] += 1
            cell[i] = new
            if i < people:
                before = active[i]
                if before:
                    go(first_on, next_on, i, old, -1)
                    active_here[old] -= 1
                    spread(near_active, size, half, own, old, -1)
                active[i] = 0
                grievance = ahead[5, at] * (1.0 - legitimacy[t])
                if grievance > threshold:  # else no risk is low enough
                    risk = arrest_risk(form, k, sharpness, near_police[new], 1 + near_active[new] + twice * before)
                    active[i] = grievance - ahead[6, at] * risk > threshold
                if active[i]:
                    go(first_on, next_on, i, -1, new)
                    active_here[new] += 1
                    spread(near_active, size, half, own, new, 1)
                continue
            spread(near_police, size, half, own, old, -1)
            if near_active[new] > 0:
                who = suspect(size, reach, chance, i, new, near_active[new], active_here, first_on, next_on)
                there = cell[who]
                active[who] = 0
                go(first_on, next_on, who, there, -1)
                active_here[there] -= 1
                spread(near_active, size, half, own, there, -1)
                term[who] = int(two_uniforms(chance, i, 3, 0)[1] * jail) if jail else LIFE
                if term[who] > 0 and not block:
                    busy[there] -= 1
                if follow:
                    busy[new] -= 1
                    busy[there] += 1
                    new = there
                    cell[i] = new
            spread(near_police, size, half, own, new, 1)
        for i in range(people):
            active_count[t] += active[i]
            if term[i] > 0:
                term[i] -= jail > 0
                if term[i] == 0 and not block:
                    busy[cell[i]] += 1
                jailed_count[t] += term[i] > 0
        if frame < shown.size and shown[frame] == t + 1:
            draw_frame(people, cell, active, term, officers, frames[frame])
            frame += 1


def simulate(rules: Rules = DEFAULT, *, steps: int = 2000, replicates: int = 1, seed: int = 0, jobs: int | None = None,
             shown: tuple[int, ...] = ()) -> xr.Dataset:  # fmt: skip
    """Run Model I: `active` and `jailed` (replicate, step), persons at the end of each step.

    With `shown`, also `grid` (replicate, shown, row, column): the torus at the end of these steps (0 is the start), as
    the highest state present on a cell: 0 nobody, 1 jailed, 2 quiet, 3 active, 4 police. The address of a random number
    is "canon/epstein" with the replicate. Raises GroundswellError where steps, replicates or jobs make no sense.
    """
    if not 1 <= steps < 2**31:
        refuse("steps", f"is {steps}", "it is at least 1")
    at = np.array(sorted({step for step in shown if 0 <= step <= steps}), np.int64)
    persons, _ = rules.counts()
    legitimacy, police = rules.legitimacy_at(steps), rules.police_at(steps)
    half = widths(rules.vision, rules.shape)
    reach = offsets(half, rules.own_cell)

    def one(replicate: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
        active, jailed = np.zeros(steps, np.int32), np.zeros(steps, np.int32)
        frames = np.zeros((at.size, rules.size**2), np.uint8)
        near = np.zeros((2, rules.size**2), np.uint8 if reach.shape[1] < 256 else np.int16)  # the smallest that holds
        rebel(rules.size, persons, rules.counts()[1], half, reach, rules.own_cell,
              rules.jailed_block, rules.police_follow, int(rules.count_self_twice),
              RISKS.index(rules.risk), rules.k, rules.sharpness, rules.threshold, rules.jail, legitimacy, police,
              chance_for(seed, "canon/epstein", 0, replicate), at, near[0], near[1], frames, active,
              jailed)  # fmt: skip
        return active, jailed, frames

    made = side_by_side(replicates, one, jobs)
    arrays: dict[str, tuple[tuple[str, ...], NDArray[Any], str]] = {
        "active": (("replicate", "step"), np.array([run[0] for run in made]), "active persons at the end of the step"),
        "jailed": (("replicate", "step"), np.array([run[1] for run in made]), "persons still held after the step"),
    }
    coordinates: dict[str, Any] = {"step": np.arange(1, steps + 1)}
    if at.size:
        grid = np.array([run[2] for run in made]).reshape(replicates, at.size, rules.size, rules.size)
        arrays["grid"] = (("replicate", "shown", "row", "column"), grid, "highest state present on a cell")
        coordinates["shown"] = at
    return finished("epstein", seed, rules, arrays, coordinates)
