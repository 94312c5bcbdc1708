"""Speed beside what people use today: one model, two orders of activation, each framework in its own environment.

`python bench/peers.py` takes about half an hour, most of it Mesa on a million cells; `--quick` some minutes. It makes
an environment for each peer under the user's cache folder, compiles the C references if there is a compiler, and
prints two tables: agent-steps a second, set-up, peak memory, and how many times as fast ours is over the same steps.
No time is printed where a peer's statistics differ from the reference's; a peer that cannot be made ready is listed
with the reason. docs/speed.md says what is measured.

Rates are agent-steps a second of processor time of the stepping loop, best of the runs, so that other work on the
machine hurts less; with two threads, of wall time.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import pages
import peer_tables
import peer_tools
from peer_tools import HERE, Missing

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "bench" / "peers.jsonl"
PAGE = ROOT / "docs" / "speed.md"
SIZES = (40, 200, 1000)
REFERENCE = {"sequential": "C, vector scans", "synchronous": "C, dense stencil"}
SEEDS, SIGMAS, CLOSE = 16, 4.0, 0.03
PATIENCE = 3600  # seconds of one run
VARIANT = {"shape": "diamond", "own_cell": False, "jailed_block": True, "police_follow": False,
           "count_self_twice": False, "jail": 31}  # fmt: skip


@dataclass(frozen=True)
class Peer:
    """Who takes part: its table, its program, and steps, steps before, and runs for a small, middle and large torus."""

    name: str
    table: str
    kind: str  # python, c or ours
    file: str
    plan: tuple[tuple[int, int, int], ...]
    requirements: str = ""
    more: tuple[str, ...] = ()
    threads: int = 1


FAST = ((2000, 100, 4), (200, 20, 4), (20, 5, 4))
PEERS = (
    Peer("Mesa", "sequential", "python", "mesa_model.py", ((300, 50, 3), (16, 4, 2), (1, 1, 1)), "mesa.txt"),
    Peer("groundswell", "sequential", "ours", "sequential", FAST),
    Peer("C, vector scans", "sequential", "c", "sequential.c", FAST),
    Peer("mesa-frames", "synchronous", "python", "frames_model.py", ((100, 20, 3), (10, 3, 2), (2, 1, 1)),
         "mesa-frames.txt"),
    Peer("AMBER", "synchronous", "python", "ambr_model.py", ((300, 50, 3), (50, 10, 3), (4, 2, 2)), "ambr.txt"),
    Peer("AMBER, random tries", "synchronous", "python", "ambr_model.py", ((300, 50, 3), (50, 10, 3), (4, 2, 2)),
         "ambr.txt", ("tries",)),
    Peer("groundswell", "synchronous", "ours", "synchronous", FAST),
    Peer("C, dense stencil", "synchronous", "c", "synchronous.c", FAST),
    Peer("groundswell, 2 threads", "synchronous", "ours", "synchronous", FAST, more=("2",), threads=2),
    Peer("C, dense stencil, 2 threads", "synchronous", "c", "synchronous.c", FAST, more=("2",), threads=2),
)  # fmt: skip


def ours(table: str, size: int, steps: int, seed: int, warmup: int, threads: int = 1) -> dict[str, Any]:
    """One run of this package's kernel, in this process; the loop is timed as a run less one of `warmup` steps."""
    from groundswell import __version__
    from groundswell.canon import epstein, epstein_together

    rules = epstein.Rules(size=size, **VARIANT)  # type: ignore[arg-type]

    def run(number: int) -> tuple[float, float, Any]:
        start, wall = time.process_time(), time.perf_counter()
        made = (epstein.simulate(rules, steps=number, seed=seed, jobs=1) if table == "sequential"
                else epstein_together.simulate(rules, steps=number, seed=seed, threads=threads))  # fmt: skip
        return time.process_time() - start, time.perf_counter() - wall, made

    run(1)  # compiles
    before = [run(max(warmup, 1)) for _ in range(2)]
    after = [run(max(warmup, 1) + steps) for _ in range(2)]
    cpu, wall = (min(one[k] for one in after) - min(one[k] for one in before) for k in range(2))
    persons, police = rules.counts()
    found = after[0][2].isel(replicate=0, step=slice(max(warmup, 1), None))
    return {"version": __version__, "seconds": cpu, "wall": wall, "steps": steps, "agents": persons + police,
            "setup": max(0.0, min(one[0] for one in before) - max(warmup, 1) * cpu / steps),
            "active": float(found["active"].mean()) / persons, "jailed": float(found["jailed"].mean()) / persons,
            "peak_mb": peak_mb(), "digest": after[0][2].attrs["digest"]}  # fmt: skip


def peak_mb() -> float:
    """The most memory this process has held; not a number where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return math.nan
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), math.nan)


def ready(peer: Peer, folder: Path) -> list[str] | Missing:
    """The command that runs a peer, but for size, steps, seed and warm-up."""
    if peer.kind == "c":
        return peer_tools.program(peer.name, HERE / peer.file, folder)
    if peer.kind == "ours":
        return [sys.executable, __file__, "--ours", peer.file]
    python = peer_tools.environment(Path(peer.requirements).stem, HERE / peer.requirements, folder)
    return Missing(peer.name, python.reason) if isinstance(python, Missing) else [*python, str(HERE / peer.file)]


def once(command: list[str], peer: Peer, size: int, steps: int, seed: int, warmup: int) -> dict[str, Any] | Missing:
    """One run in a process of its own."""
    full = [*command, *map(str, (size, steps, seed, warmup)), *peer.more]
    threads = {name: str(peer.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")}
    try:
        done = subprocess.run(full, capture_output=True, text=True, env={**os.environ, **threads}, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return Missing(peer.name, f"takes more than {PATIENCE} s at {size} x {size}, {warmup} + {steps} steps")
    if done.returncode < 0:
        return Missing(peer.name, f"was stopped by signal {-done.returncode} at {size} x {size}")
    if done.returncode:
        return Missing(peer.name, f"fails at {size} x {size}: {peer_tools.why(done.stderr)}")
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


def differs(row: dict[str, Any], runs: int, reference: list[dict[str, Any]]) -> str:
    """Why the statistics of `runs` runs are not those of the reference's, "" where they agree.

    Apart by more than SIGMAS standard errors, from the spread of the reference over its seeds, and by more than CLOSE.
    """
    for name in ("active", "jailed"):
        held = [one[name] for one in reference]
        mean, spread = statistics.fmean(held), statistics.stdev(held)
        error = spread * math.sqrt(1 / runs + 1 / len(held))
        gap = abs(row[name] - mean)
        if not (gap <= SIGMAS * error or gap <= CLOSE * mean):
            return f"mean {name} {row[name]:.4f}, of the reference {mean:.4f} (spread over seeds {spread:.4f})"
    return ""


def measure(peer: Peer, command: list[str], size: int, plan: tuple[int, int, int],
            reference: list[dict[str, Any]]) -> dict[str, Any] | Missing:  # fmt: skip
    """A row of the table: best rate of the runs, mean statistics, and whether they agree with the reference's."""
    steps, warmup, runs = plan
    made = [once(command, peer, size, steps, seed, warmup) for seed in range(1, runs + 1)]
    lost = [one for one in made if isinstance(one, Missing)]
    if lost:
        return lost[0]
    found = [one for one in made if not isinstance(one, Missing)]
    row = {"name": peer.name, "table": peer.table, "size": size, "threads": peer.threads, "steps": steps,
           "warmup": warmup, "runs": runs, "version": found[0].get("version", "")}  # fmt: skip
    row |= {name: statistics.fmean(one[name] for one in found) for name in ("active", "jailed")}
    row |= {"setup": min(one["setup"] for one in found), "peak_mb": max(one["peak_mb"] for one in found)}
    work = found[0]["agents"] * steps
    row["rate"] = max(work / one["wall" if peer.threads > 1 else "seconds"] for one in found)
    row["wall_rate"] = max(work / one.get("wall", one["seconds"]) for one in found)
    row["digests"] = [one["digest"] for one in found if "digest" in one]
    row["differs"] = differs(row, runs, reference) if reference else "there is no reference to compare with"
    return row


def references(commands: dict[Peer, list[str]], table: str, size: int,
               plan: tuple[int, int, int]) -> list[dict[str, Any]]:  # fmt: skip
    """Runs of the C program over the same steps; where there is no compiler, of this package's kernel."""
    for wanted in (REFERENCE[table], "groundswell"):
        peer = next((p for p in commands if (p.table, p.name) == (table, wanted)), None)
        if peer is not None:
            made = [once(commands[peer], peer, size, plan[0], 100 + seed, plan[1]) for seed in range(SEEDS)]
            return [one for one in made if not isinstance(one, Missing)]
    return []


def run(sizes: tuple[int, ...], quick: bool, folder: Path, peers: tuple[Peer, ...] = PEERS) -> dict[str, Any]:
    """Everything, as one JSON line holds it."""
    commands: dict[Peer, list[str]] = {}
    missing: list[Missing] = []
    for peer in peers:
        tell(f"make ready: {peer.name}")
        made = ready(peer, folder)
        if isinstance(made, Missing):
            missing.append(made)
        else:
            commands[peer] = made
    rows: list[dict[str, Any]] = []
    try:
        for row in measured(commands, sizes, quick):
            if isinstance(row, Missing):
                missing.append(row)
            else:
                rows.append(row)
    except KeyboardInterrupt:  # what is finished is kept
        missing.append(Missing("all rows that are not in the tables", "stopped by the user"))
    return {"date": dt.date.today().isoformat(), "quick": quick, "python": platform.python_version(),
            "machine": machine(), "rows": rows, "missing": [vars(one) for one in missing],
            "same_for_any_threads": same_for_any_threads(rows)}  # fmt: skip


def measured(
    commands: dict[Peer, list[str]], sizes: tuple[int, ...], quick: bool
) -> Iterator[dict[str, Any] | Missing]:
    """The rows of the tables, as they are finished; `ours` in each is our own rate over the same steps."""
    known: dict[tuple[Any, ...], Any] = {}
    for size in sizes:
        for peer, command in commands.items():
            plan = shorter(peer.plan[0 if size < 100 else 1 if size < 500 else 2], quick)
            tell(f"{size} x {size}: {peer.table}, {peer.name}, {plan[2]} runs of {plan[1]} + {plan[0]} steps")
            address = (peer.table, size, *plan[:2])
            if address not in known:
                known[address] = references(commands, peer.table, size, plan)
            row = measure(peer, command, size, plan, known[address])
            if isinstance(row, Missing):
                yield row
                continue
            same = (p for p in commands if p.kind == "ours" and (p.table, p.threads) == (peer.table, peer.threads))
            ours = next(same, None)
            if ours is peer:
                known[*address, peer.threads] = row
            elif ours and (*address, peer.threads) not in known:
                known[*address, peer.threads] = measure(ours, commands[ours], size, (*plan[:2], 1 if quick else 3),
                                                        known[address])  # fmt: skip
            yield row | {"ours": comparable(known.get((*address, peer.threads)))}


def comparable(row: dict[str, Any] | Missing | None) -> float | None:
    """The rate of a row that may be told, else None."""
    return None if row is None or isinstance(row, Missing) or row["differs"] else float(row["rate"])


def shorter(plan: tuple[int, int, int], quick: bool) -> tuple[int, int, int]:
    """A plan as it is, or with a fraction of the steps and one run."""
    steps, warmup, _ = plan
    return (max(1, steps // 5), max(1, warmup // 5), 1) if quick else plan


def same_for_any_threads(rows: list[dict[str, Any]]) -> bool | None:
    """Whether the synchronous kernel gave the same digests on one thread and on two; None where there is no pair."""
    found = [
        (one["digests"], two["digests"])
        for one in rows
        for two in rows
        if (one["name"], two["name"]) == ("groundswell", "groundswell, 2 threads")
        and one["table"] == two["table"] == "synchronous"
        and one["size"] == two["size"]
    ]
    return all(a == b for a, b in found) if found else None


def machine() -> str:
    """The processor's name and how many there are."""
    names: Iterator[str] = iter(())
    try:
        text = Path("/proc/cpuinfo").read_text().splitlines()
        names = (line.partition(":")[2].strip() for line in text if line.startswith("model name"))
    except OSError:
        pass
    return f"{next(names, platform.processor() or platform.machine())}, {os.cpu_count()} processors"


def tell(text: str) -> None:
    """Progress, on the error stream."""
    print(f"  {text}", file=sys.stderr, flush=True)


def main(words: list[str] | None = None) -> int:
    """Measure and print; 1 where a peer's statistics differ or threads change a result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a fifth of the steps, one run, no torus of a million")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="SIDE", help="sides of the torus (40 200 1000)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only peers whose name begins so")
    parser.add_argument("--environments", type=Path, metavar="FOLDER", help="where peers are installed (user's cache)")
    parser.add_argument("--record", type=Path, nargs="?", const=KEPT, metavar="FILE",
                        help="add the result to this file, as one JSON line (bench/peers.jsonl)")  # fmt: skip
    parser.add_argument("--figure", type=Path, metavar="FILE", help="draw the rates (SVG or PNG)")
    parser.add_argument("--docs", action="store_true",
                        help="put the last recorded line into docs/speed.md; measure nothing")  # fmt: skip
    parser.add_argument("--ours", nargs="+", metavar="WORD", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.ours:
        print(json.dumps(ours(options.ours[0], *map(int, options.ours[1:]))))
        return 0
    if options.docs:
        kept = pages.last_line(KEPT)
        pages.put(PAGE, "peers", peer_tables.tables(kept))
        peer_tables.figure(kept, PAGE.parent / "speed.svg")
        return 0
    if any(size < 15 for size in options.sizes or ()):
        parser.error("--sizes: a side is at least 15 cells, since one sees 7 cells each way")
    sizes = tuple(options.sizes or (SIZES[:2] if options.quick else SIZES))
    chosen = tuple(p for p in PEERS if not options.only or any(p.name.startswith(name) for name in options.only))
    if not chosen:
        parser.error(f"--only: no peer's name begins so; there are {', '.join(sorted({p.name for p in PEERS}))}")
    line = run(sizes, options.quick, options.environments or peer_tools.cache(), chosen)
    print(peer_tables.tables(line))
    if options.record:
        with options.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    if options.figure:
        peer_tables.figure(line, options.figure)
    return int(any(row["differs"] for row in line["rows"]) or line["same_for_any_threads"] is False)


if __name__ == "__main__":
    sys.exit(main())
