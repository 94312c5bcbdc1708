"""500,000 made-up GED-like events to a weekly place table: `python bench/evidence.py`. Target: under 2 s."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from groundswell.evidence.places import places_of
from groundswell.evidence.read import convert
from groundswell.evidence.summaries import weekly
from groundswell.world.events import COLUMNS, Events

ROWS, DAYS, TARGET = 500_000, 365 * 30, 2.0


def made(rows: int = ROWS) -> Events:
    """Events over the 18 governorates of Iraq and 30 years, a few deaths each."""
    draw = np.random.default_rng(1)
    names = np.array([place.name for place in places_of("iraq")], dtype=object)
    columns = {name: np.full(rows, "made up", object) if kind == "str" else np.zeros(rows, kind)
               for name, kind in COLUMNS.items()}  # fmt: skip
    columns["day"] = np.datetime64("1989-01-01", "D") + draw.integers(0, DAYS, rows)
    columns["place"] = names[draw.integers(0, len(names), rows)]
    columns["deaths_best"] = draw.poisson(3, rows).astype("i8")
    return Events(columns)


def rows(count: int) -> bytes:
    """A CSV in the layout of GED, about 250 bytes a row as in a cut without the texts of sources."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from evidence_rows import many_ged

    return many_ged(count)


def main() -> None:
    events = made()
    weekly(made(1000))  # imports
    for what in ("events", "deaths_best"):
        start = time.perf_counter()
        table = weekly(events, what)
        seconds = time.perf_counter() - start
        facts = {"what": what, "rows": ROWS, "table": list(table.shape), "seconds": round(seconds, 3), "target": TARGET}
        print(json.dumps(facts))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        events.write(path)
        start = time.perf_counter()
        weekly(Events.read(path))
        print(json.dumps({"what": "from Parquet", "rows": ROWS, "seconds": round(time.perf_counter() - start, 3),
                          "target": TARGET}))  # fmt: skip
        source = Path(folder) / "ged.csv"
        source.write_bytes(rows(50_000))
        start = time.perf_counter()
        convert(source, path)
        seconds = time.perf_counter() - start
        print(json.dumps({"what": "CSV to Parquet", "rows": 50_000, "seconds": round(seconds, 3),
                          "rows_a_second": round(50_000 / seconds)}))  # fmt: skip


if __name__ == "__main__":
    main()
