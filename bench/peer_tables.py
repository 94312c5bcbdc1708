"""The tables, targets and picture of a recorded line of bench/peers.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Line = dict[str, Any]
OURS = "groundswell"
SOLVED = {"sequential": "C, vector scans", "synchronous": "C, dense stencil"}
TITLES = {"sequential": "In random order, one after the other", "synchronous": "Everyone at once"}


def find(line: Line, table: str, name: str, size: int) -> dict[str, Any] | None:
    """The row of a peer whose statistics agree, or None."""
    rows = (r for r in line["rows"] if (r["table"], r["name"], r["size"]) == (table, name, size))
    return next((r for r in rows if not r["differs"]), None)


def quotient(line: Line, table: str, other: str, size: int) -> float | None:
    """How many times as fast ours is as `other` over the same steps on as many threads."""
    row = find(line, table, other, size)
    return row["ours"] / row["rate"] if row and row["ours"] else None


def short(number: float) -> str:
    """A rate in words of three digits at most."""
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.{0 if number >= 100 * size else 1 if number >= 10 * size else 2}f} {unit}"
    return f"{number:.0f}"


def one_table(line: Line, table: str) -> str:
    """A table of Markdown; a row whose statistics differ has no times."""
    rows = ["| | torus | agent-steps a second | ours is times as fast | set-up s | peak MB | mean active, jailed |",
            "|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in (r for r in line["rows"] if r["table"] == table):
        name = f"{row['name']} {row['version']}".strip()
        told = f"{row['active']:.3f}, {row['jailed']:.3f}"
        first = f"| {name} | {row['size']} x {row['size']} |"
        if row["differs"]:
            rows.append(f"{first} not told: {row['differs']} | - | - | - | {told} |")
            continue
        times = row["ours"] / row["rate"] if row["ours"] and not row["name"].startswith(OURS) else None
        ratio = "-" if times is None else f"{times:,.0f}" if times >= 10 else f"{times:.2f}"
        rows.append(f"{first} {short(row['rate'])} | {ratio} | {row['setup']:.2g} | {row['peak_mb']:,.0f} | {told} |")
    return "\n".join(rows)


def targets(line: Line) -> list[tuple[str, float | None, float]]:
    """What was to be reached: words, what was found (None: not measured), and the bar."""
    at = "at 200 x 200"
    large = find(line, "sequential", OURS, 1000)
    found: list[tuple[str, float | None, float]] = [
        (f"in order, times Mesa {at}", quotient(line, "sequential", "Mesa", 200), 600),
        (f"in order, times vector C {at}", quotient(line, "sequential", SOLVED["sequential"], 200), 0.6),
        ("in order, million agent-steps a second at 1000 x 1000", large["rate"] / 1e6 if large else None, 4.5),
    ]
    for size in (200, 1000):
        where = f"at {size} x {size}"
        found += [
            (f"at once, times AMBER {where}", quotient(line, "synchronous", "AMBER", size), 15),
            (f"at once, times the C stencil {where}",
             quotient(line, "synchronous", SOLVED["synchronous"], size), 0.7),
        ]  # fmt: skip
    one, both = (find(line, "synchronous", name, 1000) for name in (OURS, f"{OURS}, 2 threads"))
    gain = both["wall_rate"] / one["wall_rate"] if one and both else None
    return [*found, ("at once, two threads over one at 1000 x 1000, wall time", gain, 1.7)]


def tables(line: Line) -> str:
    """The recorded line as Markdown."""
    found = [f"Measured on {line['date']}{' with --quick' if line['quick'] else ''}: {line['machine']}, "
             f"Python {line['python']}.\n"]  # fmt: skip
    for table, title in TITLES.items():
        found += [f"**{title}**\n", one_table(line, table), ""]
    found += ["| target | at least | found | |", "|---|---|---|---|"]
    for words, value, bar in targets(line):
        verdict = "not measured" if value is None else "met" if value >= bar else "missed"
        found.append(f"| {words} | {bar:g} | {'-' if value is None else f'{value:,.3g}'} | {verdict} |")
    same = {True: "yes", False: "NO", None: "not measured"}[line["same_for_any_threads"]]
    found.append(f"| at once, same result on one thread and on two | | {same} | |")
    if line["missing"]:
        found += ["\nNot run, and why:\n", *(f"- {one['name']}: {one['reason']}." for one in line["missing"])]
    return "\n".join(found) + "\n"


def figure(line: Line, path: Path) -> None:
    """Rates by peer and size, as one picture."""
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "groundswell"
    import matplotlib.pyplot as plt

    drawn, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharex=True)
    sizes = sorted({row["size"] for row in line["rows"]})
    for axis, (table, title) in zip(axes, TITLES.items(), strict=True):
        names = list(dict.fromkeys(row["name"] for row in line["rows"] if row["table"] == table))
        for k, size in enumerate(sizes):
            at = [(n, row["rate"]) for n, name in enumerate(names) if (row := find(line, table, name, size))]
            axis.scatter([rate for _, rate in at], [n for n, _ in at], marker="os^D"[k % 4], label=f"{size} x {size}",
                         color=("#7fb0d8", "#2f77b4", "#12344f", "#000000")[k % 4])  # fmt: skip
        axis.set(xscale="log", xlabel="agent-steps a second", title=title, yticks=range(len(names)))
        axis.set_yticklabels(names)
        axis.invert_yaxis()
        axis.grid(axis="x", alpha=0.3)
    if sizes:
        axes[0].legend(title="cells")
    drawn.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plt.close(drawn)
