"""How time and memory of the main engine grow with people, ties, places and replicates, and what bounds them.

`python bench/scaling.py` takes some minutes on one core; `--quick` a minute, with smaller sizes. Each point runs in a
process of its own, so that its peak memory is its own. Times are processor seconds of the loop over days, one thread,
compilation and set-up left out, best of three passes: other work on the machine disturbs them little, though it
takes cache and memory from us. The limits of the machine are measured in the same run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import pages

HERE = Path(__file__).parent
KEPT = HERE / "scaling.jsonl"
PAGE = HERE.parent / "docs" / "speed.md"
Point = dict[str, Any]

BASE = {"people": 100_000, "ties": 8, "places": 0, "replicates": 1}
SIZES = {
    "people": (10_000, 30_000, 100_000, 300_000, 1_000_000, 2_000_000, 4_000_000),
    "ties": (0, 1, 2, 4, 8, 16),
    "places": (3, 12, 48, 192, 768),
    "replicates": (1, 4, 16, 64),
}
QUICK = {"people": (10_000, 50_000, 250_000), "ties": (0, 4, 16), "places": (3, 24, 192), "replicates": (1, 4, 16)}
UNIT_OF = {"people": "simulated persons", "ties": "ties a person", "places": "places", "replicates": "replicates"}


def case_of(people: int, ties: int, places: int) -> Any:
    """The case iraq-2019, or, with `places`, the invented country of the tutorial with as many places alike."""
    import groundswell as gs

    own, around = (ties + 1) // 2, (ties + 2) // 4
    sizes = {"people": people, "influence.own_ties": own, "influence.place_ties": around,
             "influence.far_ties": ties - own - around}  # fmt: skip
    case = gs.load("iraq-2019").under("blind") if not places else country(places)
    return case.changed(set=sizes)


def country(places: int) -> Any:
    """The invented country with `places` places in a ring, each like its first one."""
    import re

    from groundswell.scenario.load import find_file, parse

    text = find_file("two-neighbours").read_text(encoding="utf-8")
    names = [f"p{k}" for k in range(places)]
    rows = {"place": 'country = "arvenia", population = { value = 1000000, source = "invented" }, '
                     'internet = { value = 1, source = "invented" }',
            "community.identity_share": "hill = 0.4, river = 0.6"}  # fmt: skip
    for table, row in rows.items():
        body = "\n".join(f"{name} = {{ {row} }}" for name in names)
        text = re.sub(rf"(?ms)^\[{re.escape(table)}\].*?(?=^\[)", f"[{table}]\n{body}\n\n", text)
    units = "\n".join(f'"guard@{n}" = {{ actor = "guard", place = "{n}", strength = 500 }}' for n in names)
    text = re.sub(r"(?ms)^\[unit\].*?(?=^\[)", f"[unit]\n{units}\n\n", text)
    pairs = ", ".join(f'["{a}", "{b}", 1]' for a, b in zip(names, names[1:] + names[:1], strict=True))
    return parse(text.replace('file = "neighbours.csv"', f"pairs = [{pairs}]"))


def measure(people: int, ties: int, places: int, replicates: int, days: int) -> Point:
    """One point, in this process: nanoseconds and bytes a person-day or person, by part; seconds of set-up."""
    from groundswell.engine.build import build
    from groundswell.engine.run import Step, ordered

    case = case_of(people, ties, places)
    small = case_of(min(people, 10_000), ties, places)
    tried, drawn = build(small, 0, range(1))
    for m in ordered(small, tried):
        Step(m, tried, drawn, 0, range(1)).go(0)  # compiles, so that memory below is that of libraries and code alone
    before = peak_mb()
    start = time.process_time()
    world, numbers = build(case, 0, range(replicates))
    setup = time.process_time() - start
    plan = [Step(m, world, numbers, 0, range(replicates)) for m in ordered(case, world)]
    spent = {part.mechanism.name: np.inf for part in plan}
    for _ in range(3):
        now = dict.fromkeys(spent, 0.0)
        for step in range(1, days + 1):
            for part in plan:
                begin = time.process_time_ns()
                part.go(step)
                now[part.mechanism.name] += time.process_time_ns() - begin
                for buffer in part.buffers.values():
                    buffer[...] = 0
        spent = {name: min(spent[name], now[name]) for name in spent}
    table = world.tables["person"]
    persons = table.rows * replicates
    streamed = sum(world[name].itemsize for part in plan for name in (*part.mechanism.reads, *part.mechanism.writes)
                   if name.startswith("person.")) + 8 * ties  # a tie reads and writes its sum  # fmt: skip
    return {
        "people": table.rows, "ties": ties, "places": world.tables["place"].rows, "replicates": replicates,
        "days": days, "setup_s": setup, "ns": sum(spent.values()) / (persons * days),
        "parts_ns": {name: ns / (persons * days) for name, ns in spent.items()},
        "bytes_a_person": sum(column.nbytes for t in world.tables.values() for column in t.columns.values()) / persons,
        "bytes_a_person_day": streamed, "start_mb": before,
        "peak_mb": peak_mb(),
    }  # fmt: skip


def peak_mb() -> float:
    """The most memory this process has held; not a number where the system does not tell.

    Not getrusage: a process starts with the peak of the one it was forked from.
    """
    try:
        text = Path("/proc/self/status").read_text()
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmHWM:")), float("nan"))


def point(options: dict[str, int]) -> Point:
    """`measure` in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--point", json.dumps(options)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{options} failed:\n{done.stderr[-2000:]}")
    made: Point = json.loads(done.stdout)
    return made


def curve(name: str, sizes: tuple[int, ...], work: int) -> list[Point]:
    """The points of one curve; each takes about `work` person-days a pass."""
    found = []
    for size in sizes:
        options = {**BASE, name: size}
        persons = options["people"] * options["replicates"]
        print(f"  {name} {size:,}", file=sys.stderr, flush=True)
        found.append(point({**options, "days": max(4, min(60, work // persons))}))
    return found


def exponent(x: list[float], y: list[float]) -> tuple[float, float]:
    """b of y = a x^b by least squares of the logarithms, and the largest relative distance of a point from the fit."""
    logs = np.log(np.array(x, float)), np.log(np.array(y, float))
    b, a = np.polyfit(*logs, 1)
    return float(b), float(np.exp(np.abs(logs[1] - a - b * logs[0]).max()) - 1)


def fits(curves: dict[str, list[Point]]) -> dict[str, dict[str, float]]:
    """Exponents of the time of a day of all persons; for ties also a straight line, since a person costs without."""
    found = {}
    for name, points in curves.items():
        of = [p for p in points if p[name] > 0]
        days = [p["ns"] * p["people"] * p["replicates"] for p in of]
        b, off = exponent([p[name] for p in of], days)
        found[name] = {"exponent": b, "largest_miss": off}
        if name == "ties":
            slope, constant = np.polyfit([p["ties"] for p in points], [p["ns"] for p in points], 1)
            found[name] |= {"ns_a_tie": float(slope), "ns_without": float(constant)}
    memory = [(p["people"], p["bytes_a_person"] * p["people"]) for p in curves["people"]]
    found["memory"] = dict(zip(("exponent", "largest_miss"), exponent(*map(list, zip(*memory, strict=True))),
                               strict=True))  # fmt: skip
    return found


def bounds(at: Point, limits: dict[str, float], gathers_a_second: float) -> dict[str, float]:
    """Nanoseconds a person-day of the two mechanisms that take most, of all, and the least that each limit allows."""
    return {
        "people": at["people"],
        "replicates": at["replicates"],
        "all": at["ns"],
        "influence": at["parts_ns"]["influence"],
        "mobilisation": at["parts_ns"]["mobilisation"],
        "gathers": at["ties"] / gathers_a_second * 1e9,
        "decisions": 1e3 / limits["decisions_m"],
        "memory": at["bytes_a_person_day"] / limits["triad_gb"],
    }


def verdict(found: dict[str, float]) -> str:
    """What bounds a person-day, in a sentence, from the numbers alone: a limit binds where it is half of the time."""
    told = []
    for part, limit in (("influence", "gathers"), ("mobilisation", "decisions"), ("all", "memory")):
        share = found[limit] / found[part]
        binds = f"bound by {limit}" if share >= 0.5 else f"not bound by {limit}"
        told.append(f"{part} {found[part]:.1f} ns, of which {limit} alone would take {found[limit]:.1f}: {binds}")
    return f"{found['replicates']} x {found['people']:,.0f} people: {'; '.join(told)}"


def run(quick: bool) -> dict[str, Any]:
    """Everything, as one JSON line holds it."""
    from limits import gathers_a_second, measured

    print("  limits of the machine", file=sys.stderr, flush=True)
    limits = measured(quick)
    sizes = QUICK if quick else SIZES
    point({**BASE, "people": 10_000, "days": 4})  # compiles, so that no point below does
    curves = {name: curve(name, sizes[name], 1_000_000 if quick else 6_000_000) for name in sizes}
    stacked = next(p for p in curves["replicates"] if p["replicates"] == 16)
    ends = [curves["people"][0], curves["people"][-1], stacked]
    return {
        "date": dt.date.today().isoformat(), "quick": quick, "limits": limits, "fits": fits(curves),
        "bounds": [bounds(p, limits, gathers_a_second(p["people"])) for p in ends], "curves": curves,
    }  # fmt: skip


def row(p: Point, name: str) -> str:
    """A point as a row of a table of Markdown."""
    parts = ", ".join(f"{p['parts_ns'][part]:.1f}" for part in ("influence", "mobilisation"))
    return (f"| {p[name]:,} | {p['ns']:.1f} | {parts} | {p['bytes_a_person_day']} | {p['bytes_a_person']:,.0f} | "
            f"{p['peak_mb']:,.0f}, {p['start_mb']:,.0f} | {p['setup_s']:.2f} |")  # fmt: skip


def tables(line: dict[str, Any]) -> str:
    """The recorded line as Markdown."""
    found = [f"Measured on {line['date']}{' with --quick' if line['quick'] else ''}, one thread.\n"]
    for name, points in line["curves"].items():
        fit = line["fits"][name]
        found += [
            f"| {UNIT_OF[name]} | ns a person-day | of it influence, mobilisation | bytes moved a person-day | "
            "bytes held a person | MB at most, of it libraries | set-up s |",
            "|---|---|---|---|---|---|---|",
            *(row(p, name) for p in points),
            f"\nA day of all persons takes {name} to the power {fit['exponent']:.2f} (the point farthest off is off by "
            f"{100 * fit['largest_miss']:.0f} %).",
        ]
        if name == "ties":
            found[-1] += f" As a line: {fit['ns_without']:.1f} ns and {fit['ns_a_tie']:.2f} ns a tie."
        if name == "people":
            found[-1] += f" Memory of the columns: to the power {line['fits']['memory']['exponent']:.2f}."
        found.append("")
    limits = line["limits"]
    found += [f"Limits of the machine, one thread: triad {limits['triad_gb']:.1f} GB/s; independent random gathers "
              f"{limits['gathers_m']:.0f} M/s; decisions (a draw and a logistic function) "
              f"{limits['decisions_m']:.0f} M/s.\n"]  # fmt: skip
    return "\n".join([*found, *(f"- {verdict(one)}." for one in line["bounds"])]) + "\n"


def figure(line: dict[str, Any], path: Path) -> None:
    """The four curves, as one picture."""
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "groundswell"
    import matplotlib.pyplot as plt

    drawn, axes = plt.subplots(2, 2, figsize=(9, 6), layout="constrained")
    for axis, (name, points) in zip(axes.flat, line["curves"].items(), strict=True):
        axis.plot([p[name] for p in points], [p["ns"] for p in points], marker="o", color="#1f4e79")
        axis.set(xlabel=UNIT_OF[name], ylabel="ns a person-day", ylim=(0, None),
                 title=f"a day of all: power {line['fits'][name]['exponent']:.2f}")  # fmt: skip
        if name != "ties":
            axis.set_xscale("log")
    drawn.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(drawn)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, about a minute")
    parser.add_argument("--record", type=Path, nargs="?", const=KEPT, metavar="FILE",
                        help="add the result to this file, as one JSON line (bench/scaling.jsonl)")  # fmt: skip
    parser.add_argument("--figure", metavar="FILE", type=Path, help="draw the curves (SVG or PNG)")
    parser.add_argument("--docs", action="store_true",
                        help="put the last recorded line into docs/speed.md; measure nothing")  # fmt: skip
    parser.add_argument("--point", metavar="JSON", help="one point alone, in this process")
    options = parser.parse_args()
    if options.point:
        print(json.dumps(measure(**json.loads(options.point))))
        return
    if options.docs:
        kept = pages.last_line(KEPT)
        pages.put(PAGE, "scaling", tables(kept))
        figure(kept, PAGE.parent / "scaling.svg")
        return
    line = run(options.quick)
    print(tables(line))
    if options.record:
        with options.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    if options.figure:
        figure(line, options.figure)


if __name__ == "__main__":
    main()
