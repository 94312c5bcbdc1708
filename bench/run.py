"""Speed and memory of the main job: `make bench`. Ratios are to a reference kernel timed in the same process.

Prints each figure with its target and adds one JSON line to bench/history.jsonl with --record NAME.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import groundswell as gs
from groundswell.chance import chance_for
from groundswell.engine.build import build
from groundswell.engine.ensemble import cores
from groundswell.engine.run import Shocks, Step, ordered, run
from groundswell.scenario.mean_field import mean_field
from groundswell.scenario.schema import Scenario

sys.path.insert(0, str(Path(__file__).parent))
from fused import fused_day

PERSON = ("influence", "mobilisation", "crowd")
HERE = Path(__file__).parent


def best(call: Callable[[], Any], times: int) -> float:
    """The shortest of several timings, in seconds: the least disturbed by other work on the machine."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)


def mechanisms(case: Scenario, stack: int = 8, days: int = 30) -> dict[str, float]:
    """Seconds of each mechanism over `days` steps of a stack, best of three runs of the whole."""
    world, numbers = build(case, 0, range(stack))
    plan = [Step(m, world, numbers, 0, range(stack)) for m in ordered(case, world)]
    Shocks(case, world, numbers).apply(0)
    for part in plan:
        part.go(0)
    spent = {part.mechanism.name: np.inf for part in plan}
    for _ in range(3):
        now = dict.fromkeys(spent, 0.0)
        for step in range(days):
            for part in plan:
                start = time.perf_counter()
                part.go(step)
                now[part.mechanism.name] += time.perf_counter() - start
                for buffer in part.buffers.values():
                    buffer[...] = 0
        spent = {name: min(spent[name], now[name]) for name in spent}
    return {name: seconds / (stack * days) for name, seconds in spent.items()}


def reference(case: Scenario, days: int = 30) -> float:
    """Seconds a day of the fused reference loop over the same people."""
    world, _ = build(case, 0, range(1))
    p, c = world.tables["person"].columns, world.tables["community"].columns
    active, out = np.zeros(p["weight"].shape[1], "f4"), np.zeros(p["weight"].shape[1], "f4")
    turnout = np.zeros(c["population"].shape[1], "i8")
    fixed = np.full(turnout.size, -1.1)
    args = (
        p["weight"][0],
        p["hardship"][0],
        p["risk_aversion"][0],
        p["threshold"][0],
        p["media_reach"][0],
        c["tail_first"],
        c["tail_rows"],
        c["bulk_first"],
        c["bulk_rows"],
        fixed,
        0.6,
        0.5,
        0.1,
        0.5,
        0.12,
        8,
    )

    def all_days() -> None:
        nonlocal active, out
        for step in range(days):
            fused_day(active, *args, chance_for(0, "bench", step), out, turnout)
            active, out = out, active

    all_days()
    return best(all_days, 5) / days


def command(args: list[str], cache: str) -> tuple[float, int]:
    """Wall seconds and peak PSS in bytes of the command line in a process of its own."""
    env = {**os.environ, "XDG_CACHE_HOME": cache}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "groundswell", *args], env=env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)  # fmt: skip
    peak = 0
    while process.poll() is None:
        peak = max(peak, pss(process.pid))
        time.sleep(0.02 if time.perf_counter() - start < 2 else 0.1)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(process.stderr.read().decode() if process.stderr else "failed")
    return seconds, peak


def pss(pid: int) -> int:
    """Proportional set size of a process, in bytes; 0 where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)


def whole_runs(replicates: int) -> Iterator[tuple[str, float, str]]:
    """Times of the command line, first with an empty kernel cache."""
    with tempfile.TemporaryDirectory() as folder:
        cache, out = f"{folder}/cache", f"{folder}/out"
        main = ["run", "iraq-2019", "--replicates", str(replicates), "--out", out, "--force"]
        first, _ = command(main, cache)
        yield "first run, compiling [s]", first, "60"
        again = [command(main, cache) for _ in range(2)]
        yield "second run [s]", min(seconds for seconds, _ in again), "20"
        yield "peak memory of the run [MB]", max(peak for _, peak in again) / 1e6, "1000"
        yield "--help [s]", min(command(["--help"], cache)[0] for _ in range(5)), "0.3"
        yield "check iraq-2019 [s]", min(command(["check", "iraq-2019"], cache)[0] for _ in range(3)), "1.5"
        shutil.rmtree(out)


def two_cores(case: Scenario, replicates: int) -> float:
    """How many times faster two threads on two processors are than one on one, results stored and opened again."""
    allowed = os.sched_getaffinity(0)

    def on(jobs: int) -> float:
        os.sched_setaffinity(0, sorted(allowed)[:jobs])
        try:
            return best(lambda: gs.simulate(case, replicates=replicates, jobs=jobs, batch=8), 2)
        finally:
            os.sched_setaffinity(0, allowed)

    return on(1) / on(2)


def million() -> tuple[float, float]:
    """Bytes a person of a world of a million people, and nanoseconds a person-day, building it included."""
    case = gs.load("iraq-2019").under("blind").changed(set={"people": 1_000_000, "period.end": "2019-09-05"})
    world, _ = build(case, 0, range(1))
    people = world.tables["person"].rows
    ordered(case, world)  # makes the columns that mechanisms write
    held = list(world.tables["person"].columns.values())
    return sum(a.nbytes for a in held) / people, best(lambda: run(case, 0, range(1)), 2) / (5 * people) * 1e9


def twin(stack: int = 64) -> float:
    """Microseconds a step of a replicate of the mean-field twin, building and drawing included, all rivals on."""
    case = mean_field(gs.load("iraq-2019").under("mixed"))
    run(case, 0, range(stack))
    return best(lambda: run(case, 0, range(stack)), 3) / (stack * case.period.steps) * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40 replicates instead of 200")
    parser.add_argument("--record", metavar="NAME", help="add a line under this name to bench/history.jsonl")
    options = parser.parse_args()
    case = gs.load("iraq-2019").under("blind")
    people = build(case, 0, range(1))[0].tables["person"].rows
    fused = reference(case) / people * 1e9
    spent = {name: seconds / people * 1e9 for name, seconds in mechanisms(case).items()}
    figures: list[tuple[str, float, str]] = [
        (f"{name} [ns a person-day]", ns, "") for name, ns in sorted(spent.items())
    ]
    persons = sum(spent[name] for name in PERSON)
    figures += [
        ("person mechanisms [ns a person-day]", persons, "40"),
        ("all mechanisms [ns a person-day]", sum(spent.values()), ""),
        ("fused reference loop [ns a person-day]", fused, ""),
        ("person mechanisms / fused loop", persons / fused, ""),
    ]
    if cores() > 1:
        figures.append(("two processors over one", two_cores(case, 96), "at least 1.7"))
    everything = gs.load("iraq-2019").under("mixed")
    figures += [
        ("everything on, mixed [ns a person-day]", sum(mechanisms(everything).values()) / people * 1e9, "60"),
        ("mean-field twin, mixed [us a step]", step := twin(), ""),
        ("10,000 twins on two processors [s]", 10_000 * everything.period.steps * step / 2e6, "60"),
    ]
    size, ns = million()
    figures += [("a million people [bytes a person]", size, "100"), ("a million people [ns a person-day]", ns, "")]
    figures += list(whole_runs(40 if options.quick else 200))
    for name, value, target in figures:
        print(f"{name:<42} {value:10.2f}   {f'target {target}' if target else ''}")
    if options.record:
        line = {"name": options.record, "figures": {name: round(value, 3) for name, value, _ in figures}}
        with (HERE / "history.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
