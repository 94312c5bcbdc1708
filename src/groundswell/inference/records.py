"""From events to a panel: counts by place and day of an event table, an ACLED-format export, or date,place,count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import nearest
from groundswell.inference.panel import Floats, Integers, Panel, refuse
from groundswell.world.events import COLUMNS, Events

MOST_CELLS = 20_000_000
# Columns that name day, place and number in the files that are understood; the first layout that fits is taken.
LAYOUTS = (
    ("event table", "day", "place", None),
    ("ACLED-format export", "event_date", "admin1", None),
    ("counts", "date", "place", "count"),
    ("events", "date", "place", None),
)


def counts_of(
    days: NDArray[Any], places: Sequence[str] | NDArray[Any], numbers: NDArray[Any] | None = None, *,
    known: Sequence[str] = (), first: str | None = None, last: str | None = None,
) -> tuple[Integers, tuple[str, ...], np.datetime64]:  # fmt: skip
    """Counts (place, day), the places and the first day, from one row an event or a count.

    `known` are the places wanted, in this order (others are left out); by default those seen, in the order of the
    file. `first` and `last` are both included; by default the first and last day seen. Raises GroundswellError where
    nothing is left.
    """
    when = np.asarray(days).astype("datetime64[D]")
    where = np.asarray(places, dtype=object)
    if when.size == 0 or np.isnat(when).any():
        raise refuse("events", "are none, or a day is missing", "give rows with a day each")
    names = tuple(known) if len(known) else tuple(dict.fromkeys(str(name) for name in where))
    start = np.datetime64(first, "D") if first else when.min()
    end = np.datetime64(last, "D") if last else when.max()
    length = int((end - start).astype(int)) + 1
    if length < 1 or length * len(names) > MOST_CELLS:
        raise refuse("days", f"{start} to {end} for {len(names)} places", "a period that ends after it begins")
    number = {name: k for k, name in enumerate(names)}
    row = np.array([number.get(str(name), -1) for name in where])
    column = (when - start).astype(int)
    inside = (row >= 0) & (column >= 0) & (column < length)
    if not inside.any():
        raise refuse("events", "none lies in these places and days", nearest(str(where[0]), names))
    amount = np.ones(when.size, np.int64) if numbers is None else np.asarray(numbers).astype(np.int64)
    counts = np.zeros((len(names), length), np.int64)
    np.add.at(counts, (row[inside], column[inside]), amount[inside])
    return counts, names, start


def panel_of_events(
    events: Events, weights: Floats, places: Sequence[str], *, kinds: Sequence[str] = ("protest",),
    region: Integers | None = None, first: str | None = None, last: str | None = None,
) -> Panel:  # fmt: skip
    """The panel of an event table: events of these kinds, known to the day, one count each.

    `weights` (place, place) in the order of `places`; `region` by default one for all. What is known only to the week
    or month would be a shock that is not there, and is left out.
    """
    columns = events.columns
    chosen = np.isin(columns["kind"], list(kinds)) & (columns["day_precision"] == 0)
    counts, names, start = counts_of(
        columns["day"][chosen], columns["place"][chosen], known=places, first=first, last=last
    )
    where = np.zeros(len(names), np.int64) if region is None else region
    return Panel(counts, names, weights, where, start)


def read_counts(
    path: Path, *, places: Sequence[str] = (), until: str | None = None
) -> tuple[Integers, tuple[str, ...], np.datetime64, dict[str, Any]]:
    """Counts of a file: Parquet in the schema of events, an ACLED-format CSV, or a CSV with date, place and count.

    Returns counts (place, day), places, the first day, and notes: the layout taken, rows, rows left out because their
    day is not known exactly (`day_precision` or `time_precision` beyond the day). With `until`, later rows are not
    counted and days end there. Raises GroundswellError where the file cannot be read so.
    """
    import pandas as pd

    if not path.exists():
        raise refuse(str(path), "is not there", "give an event table (.parquet) or a CSV with date,place,count")
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str)
    except (ValueError, OSError, UnicodeDecodeError) as error:
        raise refuse(
            str(path), f"cannot be read ({str(error).splitlines()[0][:120]})", "a CSV in UTF-8, or Parquet"
        ) from None
    frame.columns = [str(name).strip().casefold() for name in frame.columns]
    fits = [layout for layout in LAYOUTS if {name for name in layout[1:] if name} <= set(frame.columns)]
    if not fits:
        cure = "columns day and place, event_date and admin1, or date, place and count"
        raise refuse(str(path), f"has the columns {', '.join(frame.columns[:8])}", cure)
    layout, day, place, count = fits[0]
    rows = len(frame)
    if "day_precision" in frame:
        frame = frame[frame["day_precision"].astype(int) == 0]
    elif "time_precision" in frame:
        frame = frame[frame["time_precision"].astype(int) <= 1]
    if layout == "event table" and set(COLUMNS) <= set(frame.columns) and (frame["replicate"] >= 0).any():
        frame = frame[frame["replicate"] == frame["replicate"].max()]  # of simulated events one replicate is a record
    when = pd.to_datetime(frame[day], errors="coerce", format="mixed")
    wrong = frame.index[when.isna()]
    if len(wrong):
        raise refuse(f"{path}, row {int(wrong[0]) + 2}", f"{frame[day][wrong[0]]!r} is no date", "write 2019-10-25")
    numbers = None
    if count:
        given = pd.to_numeric(frame[count], errors="coerce")
        bad = frame.index[given.isna() | (given < 0) | (given % 1 != 0)]
        if len(bad):
            raise refuse(
                f"{path}, row {int(bad[0]) + 2}", f"{frame[count][bad[0]]!r} is no count", "a whole number from 0"
            )
        numbers = given.to_numpy()
    made, names, start = counts_of(when.to_numpy(), frame[place].astype(str).to_numpy(dtype=object), numbers,
                                   known=places, last=until)  # fmt: skip
    return made, names, start, {"layout": layout, "rows": rows, "not_to_the_day": rows - len(frame)}


def read_neighbours(path: Path, places: Sequence[str]) -> Floats:
    """Weights (place, place), rows that sum to 1, from a CSV with source, target and perhaps amount, each pair once.

    Raises GroundswellError where a column is missing or no pair names two of the places.
    """
    import pandas as pd

    from groundswell.inference.panel import rows_to_one

    if not path.exists():
        raise refuse(str(path), "is not there", "give a CSV with source,target[,amount]")
    frame = pd.read_csv(path, comment="#")
    if not {"source", "target"} <= set(frame.columns):
        raise refuse(str(path), f"has the columns {', '.join(map(str, frame.columns[:8]))}", "source,target[,amount]")
    number = {name: k for k, name in enumerate(places)}
    weights = np.zeros((len(places),) * 2)
    amounts = frame["amount"] if "amount" in frame else [1.0] * len(frame)
    for a, b, amount in zip(frame["source"].astype(str), frame["target"].astype(str), amounts, strict=True):
        if a in number and b in number and a != b:
            weights[number[a], number[b]] = weights[number[b], number[a]] = float(amount)
    if not weights.any():
        raise refuse(str(path), "names no two places of the record", nearest(str(frame["source"].iloc[0]), places))
    return rows_to_one(weights)
