"""Epstein 2002, Model I, in AMBER's vectorised lane (ambr): everyone at once.

Arguments: size steps seed warmup [moves].

The rules of docs/speed.md. The state lies in AMBER's columns; the rules are NumPy, as its vectorised lane asks for.
`moves` is `all` (every free cell in sight is looked at; the default) or `tries` (random cells are tried first).
Prints one JSON object: processor seconds of the timed steps, of set-up, means over the timed steps, peak memory.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import json
import sys
import time
from pathlib import Path

import ambr
import numpy as np

VISION, LEGITIMACY, THRESHOLD, K, JAIL = 7, 0.82, 0.1, 2.3, 31  # terms are 0..JAIL-1
QUIET, ACTIVE, JAILED, POLICE = 1, 2, 3, 4
DIAMOND = np.array([(y, x) for y in range(-VISION, VISION + 1) for x in range(abs(y) - VISION, VISION + 1 - abs(y))
                    if (y, x) != (0, 0)], np.int32)  # fmt: skip
CHUNK, TRIES = 1 << 15, 24


def near(where: np.ndarray) -> np.ndarray:
    """How many of the true cells of `where` (size, size) each cell sees, itself left out."""
    size = len(where)
    sums = np.cumsum(np.pad(where, ((VISION, VISION), (VISION + 1, VISION)), mode="wrap"), axis=1, dtype=np.int32)
    found = -where.astype(np.int32)
    for dy in range(-VISION, VISION + 1):
        half = VISION - abs(dy)
        rows = sums[VISION + dy : VISION + dy + size]
        found += rows[:, VISION + half + 1 : VISION + half + 1 + size] - rows[:, VISION - half : VISION - half + size]
    return found


class Society(ambr.Model):
    def setup(self) -> None:
        size, rng = self.p["size"], self.rng
        people, police = round(0.7 * size**2), round(0.04 * size**2)
        state = np.repeat([QUIET, POLICE], [people, police]).astype(np.int8)
        self.add_agents(people + police, cell=rng.permutation(size**2)[: people + police].astype(np.int32), state=state,
                        term=np.zeros(people + police, np.int32), hardship=rng.random(people + police),
                        aversion=rng.random(people + police))  # fmt: skip
        self.people, self.size = people, size

    def in_sight(self, cells: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        """Cells at `offsets` from `cells`, round the torus."""
        y = (cells // self.size)[..., None] + offsets[:, 0]
        x = (cells % self.size)[..., None] + offsets[:, 1]
        return (y % self.size) * self.size + x % self.size

    def pick(self, cells: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """For each of `cells`, a random one of the cells in sight where `wanted`, or -1."""
        made = np.full(cells.size, -1, np.int64)
        for start in range(0, cells.size, CHUNK):
            seen = self.in_sight(cells[start : start + CHUNK], DIAMOND)
            good = np.cumsum(wanted[seen], axis=1, dtype=np.int8)
            turn = (self.rng.random(len(seen)) * good[:, -1]).astype(np.int8)
            at = (good > turn[:, None]).argmax(axis=1)
            made[start : start + CHUNK] = np.where(good[:, -1] > 0, seen[np.arange(len(seen)), at], -1)
        return made

    def pick_by_tries(self, cells: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """The same chances as `pick`, without looking at all cells in sight."""
        made, left = np.full(cells.size, -1, np.int64), np.arange(cells.size)
        for _ in range(TRIES):
            jump = DIAMOND[self.rng.integers(len(DIAMOND), size=left.size)]
            y, x = cells[left] // self.size + jump[:, 0], cells[left] % self.size + jump[:, 1]
            to = (y % self.size) * self.size + x % self.size
            good = wanted[to]
            made[left[good]] = to[good]
            left = left[~good]
        made[left] = self.pick(cells[left], wanted)
        return made

    def step_vectorized(self) -> None:
        agents, people, size, rng = self.agents, self.people, self.size, self.rng
        cell, state, term = (agents.cell.to_numpy().copy(), agents.state.to_numpy().copy(),
                             agents.term.to_numpy().copy())  # fmt: skip
        grid = np.zeros(size**2, np.int8)
        grid[cell] = state
        police = near((grid == POLICE).reshape(size, size)).ravel()
        active = near((grid == ACTIVE).reshape(size, size)).ravel()

        free = np.flatnonzero(state[:people] != JAILED)
        here = cell[free]
        risk = 1 - np.exp(-K * (police[here] // (1 + active[here])))
        gain = agents.hardship.to_numpy()[free] * (1 - LEGITIMACY) - agents.aversion.to_numpy()[free] * risk
        state[free] = np.where(gain > THRESHOLD, ACTIVE, QUIET)
        grid[cell] = state

        taken = np.unique(self.pick(cell[people:], grid == ACTIVE))
        who = np.full(size**2, -1)
        who[cell] = np.arange(cell.size)
        who = who[taken[taken >= 0]]
        term[who] = rng.integers(JAIL, size=who.size)
        state[who] = np.where(term[who] > 0, JAILED, QUIET)
        grid[cell] = state

        movers = rng.permutation(np.flatnonzero(state != JAILED))  # of those who want one cell, the last one moves
        pick = self.pick_by_tries if self.p["moves"] == "tries" else self.pick
        to = pick(cell[movers], grid == 0)
        movers, to = movers[to >= 0], to[to >= 0]
        winner = np.full(size**2, -1)
        winner[to] = movers
        won = winner[to] == movers
        cell[movers[won]] = to[won]

        held = np.flatnonzero(state == JAILED)
        term[held] -= 1
        state[held[term[held] == 0]] = QUIET
        agents.cell, agents.state, agents.term = cell, state, term

    def update(self) -> None:
        state = self.agents.state.to_numpy()
        self.active, self.jailed = int((state == ACTIVE).sum()), int((state == JAILED).sum())
        self.record_model("active", self.active)
        self.record_model("jailed", self.jailed)


def peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def main(size: int, steps: int, seed: int, warmup: int, moves: str) -> None:
    start = time.process_time()
    model = Society({"size": size, "seed": seed, "moves": moves, "steps": warmup, "show_progress": False})
    model.cpu(mode="vectorized").run(steps=0)
    setup = time.process_time() - start
    for _ in range(warmup):
        model.run_step()
    active, jailed = 0, 0
    start = time.process_time()
    for _ in range(steps):
        model.run_step()
        active += model.active
        jailed += model.jailed
    seconds = time.process_time() - start
    print(json.dumps({"version": ambr.__version__, "seconds": seconds, "setup": setup, "steps": steps,
                      "agents": len(model.agents.state), "active": active / steps / model.people,
                      "jailed": jailed / steps / model.people, "peak_mb": peak_mb()}))  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:5]), sys.argv[5] if len(sys.argv) > 5 else "all")
