"""What an event table says: counts by place and day, starts, peaks, lengths, reach, lags and shares of deaths.

Everything takes simulated and recorded events alike. Places are in the order given, else in that of the table; none is
ever sorted by a number. An event stands on its `day`, also where it lasted or is known less exactly (`day_precision`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.world.events import Events

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NUMBERS = ("size", "arrests", "injuries", "deaths_low", "deaths_best", "deaths_high")
Step = Literal["day", "week"]
_EPOCH_MONDAY = 4  # 1970-01-05 was the first Monday


def by_place(
    events: Events, what: str = "events", *, step: Step = "day", places: Sequence[str] = (),
    start: dt.date | None = None, end: dt.date | None = None,
) -> xr.DataArray:  # fmt: skip
    """Counts by replicate, place and day (or week from Monday), with zeros where nothing was recorded.

    `what` is `events` or one of NUMBERS, summed. Dimensions (replicate, place, time); the replicate of recorded events
    is -1. The time runs from `start` to `end` (both included), by default from the first to the last event. Places
    that are given and have no event are rows of zeros; events of other places are left out, and their number is in
    `attrs["left_out"]`. Raises GroundswellError for another `what`.
    """
    import xarray as xr

    _check(what)
    columns = events.columns
    names, at_place = _codes(columns["place"], places)
    days = columns["day"].astype("datetime64[D]").astype(np.int64)
    first = _number(start) if start else int(days.min()) if len(days) else 0
    last = _number(end) if end else int(days.max()) if len(days) else -1
    length = 7 if step == "week" else 1
    origin = first - (first - _EPOCH_MONDAY) % 7 if length == 7 else first
    steps = max((last - origin) // length + 1, 0)
    replicates, at_replicate = np.unique(columns["replicate"], return_inverse=True)
    kept = (at_place >= 0) & (days >= first) & (days <= last)
    weight = None if what == "events" else columns[what][kept].astype(np.float64)
    shape = (len(replicates), len(names), steps)
    flat = np.ravel_multi_index(
        (at_replicate[kept], at_place[kept], (days[kept] - origin) // length), shape
    ) if kept.any() else np.zeros(0, np.int64)  # fmt: skip
    counts = np.bincount(flat, weight, int(np.prod(shape)))  # sums of whole numbers: exact up to 2^53
    return xr.DataArray(
        np.rint(counts).astype(np.int64).reshape(shape),
        dims=("replicate", "place", "time"),
        coords={"replicate": replicates, "place": np.array(names, dtype=object),
                "time": (np.arange(steps) * length + origin).astype("datetime64[D]").astype("datetime64[s]")},
        name=what,
        attrs={"step": step, "left_out": int((~kept).sum())},
    )  # fmt: skip


def weekly(events: Events, what: str = "events", *, places: Sequence[str] = ()) -> pd.DataFrame:
    """Counts as a pandas table: one row a week (its Monday), one column a place; replicates are summed."""
    import pandas as pd

    table = by_place(events, what, step="week", places=places).sum("replicate")
    weeks, names = pd.Index(table["time"].values, name="time"), pd.Index(table["place"].values, name="place")
    return pd.DataFrame(table.values.T, index=weeks, columns=names)


def spells(
    events: Events, what: str = "events", *, places: Sequence[str] = (), at_least: int = 1
) -> pd.DataFrame:  # fmt: skip
    """One row a replicate and place: first and last day with `at_least` or more, days of that, the peak and its day.

    Columns replicate, place, first, last, days (how many reach `at_least`), duration (from first to last, in days,
    both included), peak (the greatest day), peak_day (the first such), total. Where no day reaches it the dates are
    missing and the numbers 0.
    """
    import pandas as pd

    table = by_place(events, what, places=places)
    values: NDArray[np.int64] = table.values
    replicates, count, steps = values.shape
    reached = values >= at_least
    some = reached.any(2) if steps else np.zeros((replicates, count), bool)
    first = reached.argmax(2) if steps else np.zeros((replicates, count), int)
    last = steps - 1 - reached[:, :, ::-1].argmax(2) if steps else first
    peak = values.argmax(2) if steps else first
    times = table["time"].values

    def date(index: NDArray[np.int64]) -> Any:
        found = times[index.ravel()] if steps else np.full(some.size, "NaT", "datetime64[s]")
        return np.where(some.ravel(), found, np.datetime64("NaT"))

    return pd.DataFrame({
        "replicate": np.repeat(table["replicate"].values, count),
        "place": np.tile(table["place"].values, replicates),
        "first": date(first), "last": date(last),
        "days": np.where(some, reached.sum(2), 0).ravel(),
        "duration": np.where(some, last - first + 1, 0).ravel(),
        "peak": np.where(some, values.max(2) if steps else 0, 0).ravel(), "peak_day": date(peak),
        "total": values.sum(2).ravel(),
    })  # fmt: skip


def reach(events: Events, what: str = "events", *, step: Step = "day", places: Sequence[str] = ()) -> pd.DataFrame:
    """How many places have any, in each step and up to it: columns replicate, time, places, places_so_far, share.

    `share` is places_so_far over all places asked about; where none are given, over those in the table.
    """
    import pandas as pd

    table = by_place(events, what, step=step, places=places)
    some = table.values > 0
    so_far = np.maximum.accumulate(some, axis=2) if some.size else some
    replicates, count, steps = some.shape
    return pd.DataFrame({
        "replicate": np.repeat(table["replicate"].values, steps), "time": np.tile(table["time"].values, replicates),
        "places": some.sum(1).ravel(), "places_so_far": so_far.sum(1).ravel(),
        "share": so_far.sum(1).ravel() / max(count, 1),
    })  # fmt: skip


def lags(events: Events, *, places: Sequence[str] = (), at_least: int = 1) -> xr.DataArray:
    """Days from the first event in one place to the first in another: dimensions (replicate, place, other).

    Positive where `other` began later; nan where either never began. An order in time is no cause.
    """
    import xarray as xr

    found = spells(events, places=places, at_least=at_least)
    replicates = found["replicate"].drop_duplicates().to_numpy()
    names = found["place"].drop_duplicates().to_numpy()
    first = found["first"].to_numpy().astype("datetime64[D]").reshape(len(replicates), len(names))
    days = np.where(np.isnat(first), np.nan, first.astype(np.int64).astype(np.float64))
    return xr.DataArray(
        days[:, None, :] - days[:, :, None], dims=("replicate", "place", "other"),
        coords={"replicate": replicates, "place": names, "other": names}, name="days",
    )  # fmt: skip


def deaths(events: Events, *, places: Sequence[str] = ()) -> pd.DataFrame:
    """Deaths by replicate and place: low, best, high, and `share`, the place's part of the replicate's best total.

    The share is nan where nobody died. Sources that count no deaths give 0 here: see `counts` of the source.
    """
    import pandas as pd

    made = {name: by_place(events, f"deaths_{name}", places=places).sum("time") for name in ("low", "best", "high")}
    best: NDArray[np.int64] = made["best"].values
    total = best.sum(1, keepdims=True)
    with np.errstate(invalid="ignore"):
        share = best / np.where(total, total, np.nan)
    return pd.DataFrame({
        "replicate": np.repeat(made["best"]["replicate"].values, best.shape[1]),
        "place": np.tile(made["best"]["place"].values, best.shape[0]),
        **{name: one.values.ravel() for name, one in made.items()}, "share": share.ravel(),
    })  # fmt: skip


def coverage(events: Events, *, places: Sequence[str] = ()) -> pd.DataFrame:
    """Where the table has something and where it has nothing: one row a source and place.

    Columns source, place, events, first, last, months (with an event), silent (months without one between the first
    and the last day of that source anywhere). No event is not proof that nothing happened.
    """
    import pandas as pd

    columns = events.columns
    rows: list[dict[str, Any]] = []
    for source in dict.fromkeys(columns["source"]):
        part = events.where(columns["source"] == source)
        months = part.columns["day"].astype("datetime64[M]").astype(np.int64)
        span = int(months.max() - months.min()) + 1
        names, at = _codes(part.columns["place"], places)
        for k, name in enumerate(names):
            days, active = part.columns["day"][at == k], len(np.unique(months[at == k]))
            rows.append({"source": source, "place": name, "events": days.size,
                         "first": days.min() if days.size else None, "last": days.max() if days.size else None,
                         "months": active, "silent": span - active})  # fmt: skip
    heads = ["source", "place", "events", "first", "last", "months", "silent"]
    return pd.DataFrame(rows, columns=heads)


def _check(what: str) -> None:
    if what != "events" and what not in NUMBERS:
        cure = nearest(what, ("events", *NUMBERS))
        raise GroundswellError(Problem("summary-what", f"'{what}'", "is not counted in an event table", cure))


def _codes(column: NDArray[Any], places: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Names of the rows, and the row of each event (-1 where its place is not one of those asked about)."""
    import pandas as pd

    codes, found = pd.factorize(column)  # in the order of first mention
    if not places:
        return [str(name) for name in found], np.asarray(codes, dtype=np.int64)
    row = {name: k for k, name in enumerate(dict.fromkeys(places))}
    table = np.array([row.get(str(name), -1) for name in found] or [-1], dtype=np.int64)
    return list(row), table[codes]


def _number(day: dt.date) -> int:
    return int(np.datetime64(str(day), "D").astype(np.int64))
