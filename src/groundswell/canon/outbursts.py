"""Outbursts of a run of Epstein's models: when they begin and end, the waits between them, and how large they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

OUTBURST = 50  # an outburst is a run of steps with more active persons than this


def outbursts(active: NDArray[np.int32], above: int = OUTBURST) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First step of each outburst of one replicate (steps,), and the step after its last; both count from 0.

    An outburst is an unbroken run of steps with more than `above` active persons; the last may be cut off by the end.
    """
    high = np.concatenate([[False], active > above, [False]]).astype(np.int8)
    turns = np.diff(high)
    return np.flatnonzero(turns == 1), np.flatnonzero(turns == -1)


def waits(active: NDArray[np.int32], above: int = OUTBURST) -> NDArray[np.int64]:
    """Steps between the end of each outburst and the start of the next, of one replicate (steps,)."""
    first, after = outbursts(active, above)
    return first[1:] - after[:-1]


def summary(runs: xr.Dataset, above: int = OUTBURST) -> pd.DataFrame:
    """One row a replicate: outbursts, their mean wait, duration (steps) and size (person-steps), peak, mean active."""
    import pandas as pd

    rows = []
    for replicate, active in enumerate(runs["active"].values):
        first, after = outbursts(active, above)
        gaps = first[1:] - after[:-1]
        sizes = [int(active[a:b].sum()) for a, b in zip(first, after, strict=True)]
        rows.append({"replicate": replicate, "outbursts": len(first),
                     "mean_wait": float(gaps.mean()) if gaps.size else np.nan,
                     "mean_duration": float((after - first).mean()) if first.size else np.nan,
                     "mean_size": float(np.mean(sizes)) if sizes else np.nan,
                     "peak": int(active.max()), "mean_active": float(active.mean()),
                     "first_outburst": int(first[0]) + 1 if first.size else None})  # fmt: skip
    return pd.DataFrame(rows)
