"""What records of several sizes can tell of contagion: the two tables of the science brief, D2, made again.

python studies/power/run.py            # 40 records a cell of places, 60 a cell of pairs: some ten minutes
python studies/power/run.py --quick    # two rows, 6 records a cell: seconds
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import arguments, table, told, write

HERE = Path(__file__).parent


def shown(cells: Sequence[Any]) -> list[list[object]]:
    """One line a row of the table: ours with its standard error, the brief's in brackets."""
    rows: dict[str, list[object]] = {}
    for cell in cells:
        brief = "" if cell.brief is None else f" [{cell.brief:.2f}]"
        rows.setdefault(cell.row, [cell.row]).append(f"{cell.share.rate:.2f} ± {cell.share.error:.2f}{brief}")
    return list(rows.values())


def main(words: Sequence[str] | None = None) -> None:
    """Run the study and write its results."""
    asked = arguments(__doc__, HERE, words)
    from groundswell.inference.power import pair_table, place_table

    pairs = pair_table(6 if asked.quick else 60, seed=asked.seed, rows=[0] if asked.quick else None, progress=told)
    places = place_table(6 if asked.quick else 40, seed=asked.seed, rows=[0] if asked.quick else None, progress=told)
    cells = {name: [{"row": c.row, "column": c.column, "rate": c.share.rate, "of": c.share.of, "brief": c.brief}
                    for c in part] for name, part in (("pairs", pairs), ("places", places))}  # fmt: skip
    results = {"command": "python studies/power/run.py", "seed": asked.seed, **cells}
    write(asked.out, results, page(pairs, places), asked.quick)


def means(cells: Sequence[Any]) -> dict[str, float]:
    """The mean share of each column over its rows."""
    columns = dict.fromkeys(cell.column for cell in cells)
    return {name: statistics.fmean(c.share.rate for c in cells if c.column == name) for name in columns}


def page(pairs: Sequence[Any], places: Sequence[Any]) -> list[str]:
    """The page of the two tables."""
    far = [c for c in [*pairs, *places] if c.brief is not None and abs(c.share.rate - c.brief) > 2.8 * c.share.error]
    compared = [c for c in [*pairs, *places] if c.brief is not None]
    heads = {
        "pairs": list(dict.fromkeys(c.column for c in pairs)),
        "places": list(dict.fromkeys(c.column for c in places)),
    }
    return [
        "# Power of a record to show contagion",
        "",
        "Share of made-up records in which the one-sided test at 5 % finds contagion: ours ± one standard error, and",
        "in square brackets the value of the science brief (D2), whose code is not at hand.",
        "",
        "## Two national series",
        "",
        *table(["record and truth", *heads["pairs"]], shown(pairs)),
        "",
        "## Places with a network of three neighbours, contagion 0.2 (power) or 0 (false alarm)",
        "",
        *table(["places, days, background", *heads["places"]], shown(places)),
        "",
        f"{len(far)} of {len(compared)} cells lie more than 2.8 of our standard errors from the brief's (both have a",
        "Monte Carlo error of about that size, so 2.8 is two errors of a difference):",
        "",
        *[f"- {c.row}; {c.column}: ours {c.share.rate:.2f}, brief {c.brief:.2f}" for c in far],
        "",
        "What differs: the brief's layout of places, its regions, its fit (expectation-maximisation) and the shock",
        "under which it measured power are not stated; ours are in `groundswell.inference.power`.",
        "",
        "Means over the records of the second table:",
        "",
        *[f"- {column}: {mean:.2f}" for column, mean in means(places).items()],
    ]  # fmt: skip


if __name__ == "__main__":
    main()
