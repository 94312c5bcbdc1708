"""Epstein 2002, Model I, in mesa-frames (Polars): everyone at once. Arguments: size steps seed warmup.

The rules of docs/speed.md. Its own `get_neighborhood` gives rays along the axes, not the cells in sight (28 of 112), so
who sees what is a cross join of agents and offsets; the grid holds where they are, as in its own examples.
Prints one JSON object: processor seconds of the timed steps, of set-up, means over the timed steps, peak memory.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, GridPolars, ModelDF, __version__

VISION, LEGITIMACY, THRESHOLD, K, JAIL = 7, 0.82, 0.1, 2.3, 31  # terms are 0..JAIL-1
QUIET, ACTIVE, JAILED, POLICE = 1, 2, 3, 4
DIAMOND = [(y, x) for y in range(-VISION, VISION + 1) for x in range(abs(y) - VISION, VISION + 1 - abs(y)) if y or x]
OFFSETS = pl.DataFrame(DIAMOND, schema={"dy": pl.Int32, "dx": pl.Int32}, orient="row")
HERE = ("dim_0", "dim_1")


class People(AgentSetPolars):
    """All persons and officers, one frame."""

    def __init__(self, model: Society, size: int) -> None:
        super().__init__(model)
        people, police = round(0.7 * size**2), round(0.04 * size**2)
        random, number = model.random, people + police
        self.add(pl.DataFrame({
            "unique_id": np.arange(number), "state": np.repeat([QUIET, POLICE], [people, police]),
            "term": np.zeros(number, np.int64), "hardship": random.random(number), "aversion": random.random(number),
        }))  # fmt: skip
        cells = random.permutation(size**2)[:number]
        self.start = pl.DataFrame({"dim_0": cells // size, "dim_1": cells % size})
        self.size, self.people = size, people

    def sight(self, of: pl.DataFrame) -> pl.DataFrame:
        """Each row of `of` with each cell (y, x) it sees."""
        y, x = (pl.col(at) + pl.col(step) for at, step in zip(HERE, ("dy", "dx"), strict=True))
        seen = of.join(OFFSETS, how="cross")
        return seen.with_columns(((y % self.size) * self.size + x % self.size).cast(pl.Int32).alias("seen"))

    def count(self, placed: pl.DataFrame, state: int, name: str) -> pl.DataFrame:
        """How many in `state` each cell sees: they are seen from wherever they see."""
        found = self.sight(placed.filter(pl.col("state") == state).select(HERE))
        return found.group_by("seen").len(name)

    def step(self) -> None:
        random, space = self.model.random, self.model.space
        own = (pl.col("dim_0") * self.size + pl.col("dim_1")).cast(pl.Int32).alias("cell")
        placed = self.agents.join(space.agents, left_on="unique_id", right_on="agent_id").with_columns(own)
        for state, name in ((POLICE, "police"), (ACTIVE, "active")):
            placed = placed.join(self.count(placed, state, name), left_on="cell", right_on="seen", how="left")
        placed = placed.with_columns(pl.col("police", "active").fill_null(0).cast(pl.Int64)).sort("unique_id")
        risk = 1 - (-K * (pl.col("police") // (1 + pl.col("active")))).exp()
        rebels = pl.col("hardship") * (1 - LEGITIMACY) - pl.col("aversion") * risk > THRESHOLD
        placed = placed.with_columns(
            state=pl.when(pl.col("state").is_in([JAILED, POLICE])).then(pl.col("state"))
            .when(rebels).then(ACTIVE).otherwise(QUIET).cast(pl.Int64)
        )  # fmt: skip

        active = placed.filter(pl.col("state") == ACTIVE).select(taken="unique_id", seen="cell")
        found = self.sight(placed.filter(pl.col("state") == POLICE).select("unique_id", *HERE)).join(active, on="seen")
        found = found.with_columns(luck=pl.Series(random.random(len(found))))
        taken = found.sort("luck").group_by("unique_id").agg(pl.col("taken").first())["taken"].unique()
        terms = pl.DataFrame({"unique_id": taken, "new": random.integers(JAIL, size=len(taken))})
        placed = placed.join(terms, on="unique_id", how="left").with_columns(
            term=pl.coalesce("new", "term"),
            state=pl.when(pl.col("new").is_null()).then(pl.col("state"))
            .when(pl.col("new") > 0).then(JAILED).otherwise(QUIET).cast(pl.Int64),
        )  # fmt: skip

        movers = placed.filter(pl.col("state") != JAILED).select("unique_id", *HERE)
        parts = []
        for part in movers.iter_slices(1 << 16):  # all at once would not fit in memory on a large grid
            seen = self.sight(part).join(placed.select(seen="cell"), on="seen", how="anti")
            seen = seen.with_columns(luck=pl.Series(random.random(len(seen))))
            parts.append(seen.filter(pl.col("luck") == pl.col("luck").max().over("unique_id")))
        wanted = pl.concat(parts).with_columns(luck=pl.Series(random.random(sum(map(len, parts)))))
        won = wanted.filter(pl.col("luck") == pl.col("luck").max().over("seen"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            to = {"dim_0": pl.col("seen") // self.size, "dim_1": pl.col("seen") % self.size}
            space.move_agents(won["unique_id"], won.select(**to).cast(pl.Int64))
        held = pl.col("state") == JAILED
        placed = placed.with_columns(term=pl.when(held).then(pl.col("term") - 1).otherwise("term"))
        placed = placed.with_columns(state=pl.when(held & (pl.col("term") == 0)).then(QUIET).otherwise("state"))
        self.agents = placed.select(self.agents.columns).with_columns(pl.col("state", "term").cast(pl.Int64))


class Society(ModelDF):
    def __init__(self, size: int, seed: int) -> None:
        super().__init__(seed)
        self.space = GridPolars(self, [size, size], torus=True, capacity=1)
        self.crowd = People(self, size)
        self.agents += self.crowd
        self.crowd = self.get_agents_of_type(People)
        self.space.place_agents(self.crowd.agents["unique_id"], self.crowd.start)


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
        state = model.crowd.agents["state"]
        active += (state == ACTIVE).sum()
        jailed += (state == JAILED).sum()
    seconds = time.process_time() - start
    people = model.crowd.people
    print(json.dumps({"version": __version__, "seconds": seconds, "setup": setup, "steps": steps,
                      "agents": len(model.crowd.agents), "active": active / steps / people,
                      "jailed": jailed / steps / people, "peak_mb": peak_mb()}))  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
