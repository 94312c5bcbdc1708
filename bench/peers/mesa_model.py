"""Epstein 2002, Model I, in Mesa: random sequential activation. Arguments: size steps seed warmup.

The rules of docs/speed.md; the classes follow Mesa's own example of this model, with its data collection left out.
Prints one JSON object: processor seconds of the timed steps, of set-up, means over the timed steps, peak memory.
"""

from __future__ import annotations

import json
import math
import sys
import time
from enum import Enum
from pathlib import Path

import mesa
from mesa.discrete_space import CellAgent, OrthogonalVonNeumannGrid

VISION, LEGITIMACY, THRESHOLD, K, JAIL = 7, 0.82, 0.1, 2.3, 31  # terms are 0..JAIL-1


class State(Enum):
    QUIET, ACTIVE, JAILED = 1, 2, 3


class Neighbour(CellAgent):
    """Whoever stands on a cell of its own and sees the cells around it."""

    def move(self) -> None:
        self.sight = self.cell.get_neighborhood(radius=VISION)
        empty = [cell for cell in self.sight if cell.is_empty]
        if empty:
            self.move_to(self.random.choice(empty))
            self.sight = self.cell.get_neighborhood(radius=VISION)


class Citizen(Neighbour):
    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.grievance = self.random.random() * (1 - LEGITIMACY)
        self.aversion = self.random.random()
        self.state, self.term = State.QUIET, 0

    def step(self) -> None:
        if self.state is State.JAILED:
            return
        self.move()
        if self.grievance <= THRESHOLD:  # no risk is low enough
            return
        police, active = 0, 1
        for other in self.sight.agents:
            if isinstance(other, Officer):
                police += 1
            elif other.state is State.ACTIVE:
                active += 1
        risk = 1 - math.exp(-K * (police // active))
        self.state = State.ACTIVE if self.grievance - self.aversion * risk > THRESHOLD else State.QUIET


class Officer(Neighbour):
    def step(self) -> None:
        self.move()
        found = [one for one in self.sight.agents if isinstance(one, Citizen) and one.state is State.ACTIVE]
        if found:
            taken = self.random.choice(found)
            taken.term = self.random.randrange(JAIL)
            taken.state = State.JAILED if taken.term else State.QUIET


class Society(mesa.Model):
    def __init__(self, size: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.grid = OrthogonalVonNeumannGrid((size, size), torus=True, capacity=1, random=self.random)
        people, police = round(0.7 * size**2), round(0.04 * size**2)
        cells = self.random.sample(list(self.grid.all_cells), people + police)
        for k, cell in enumerate(cells):
            (Citizen(self) if k < people else Officer(self)).cell = cell
        self.citizens = self.agents_by_type[Citizen]
        self.active = self.jailed = 0

    def step(self) -> None:
        self.agents.shuffle_do("step")
        self.active = self.jailed = 0
        for one in self.citizens:
            if one.state is State.JAILED:
                one.term -= 1
                if one.term == 0:
                    one.state = State.QUIET
            self.active += one.state is State.ACTIVE
            self.jailed += one.state is State.JAILED


def peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def main(size: int, steps: int, seed: int, warmup: int) -> None:
    start = time.process_time()
    model = Society(size, seed)
    setup = time.process_time() - start
    for _ in range(warmup):
        model.step()
    active = jailed = 0
    start = time.process_time()
    for _ in range(steps):
        model.step()
        active += model.active
        jailed += model.jailed
    seconds = time.process_time() - start
    people = len(model.citizens)
    print(json.dumps({"version": mesa.__version__, "seconds": seconds, "setup": setup, "steps": steps,
                      "agents": len(model.agents), "active": active / steps / people,
                      "jailed": jailed / steps / people, "peak_mb": peak_mb()}))  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
