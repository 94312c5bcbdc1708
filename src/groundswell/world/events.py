"""One table of who did what to whom, where and when: simulated and recorded events share its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import GroundswellError, Problem

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "replicate": "i4",  # of a simulation; -1 for what was recorded
    "day": "datetime64[D]",
    "day_precision": "i4",  # days after `day` within which it happened: 0 is that day, 6 that week
    "country": "str",
    "place": "str",
    "kind": "str",  # protest (a crowd in a place on a day) or repression (harm by one force)
    "actor": "str",
    "target": "str",
    "size": "i8",  # persons in the crowd; 0 where it does not apply
    "arrests": "i8",
    "injuries": "i8",
    "deaths_low": "i8",
    "deaths_best": "i8",
    "deaths_high": "i8",
    "source": "str",
}


@dataclass(frozen=True)
class Events:
    """The event table: `columns` as in COLUMNS, all of one length."""

    columns: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        wrong = set(COLUMNS) ^ set(self.columns)
        if wrong:
            raise GroundswellError(
                Problem(
                    "event-columns",
                    "events",
                    f"columns missing or unknown: {', '.join(sorted(wrong))}",
                    f"an event table has {', '.join(COLUMNS)}",
                )
            )

    def __len__(self) -> int:
        return len(self.columns["day"])

    def where(self, chosen: NDArray[np.bool_]) -> Events:
        """The events chosen by a mask."""
        return Events({name: column[chosen] for name, column in self.columns.items()})

    def since(self, day: dt.date | str) -> Events:
        """Events on or after a day."""
        return self.where(self.columns["day"] >= np.datetime64(str(day), "D"))

    def until(self, day: dt.date | str) -> Events:
        """Events on or before a day."""
        return self.where(self.columns["day"] <= np.datetime64(str(day), "D"))

    def frame(self) -> pd.DataFrame:
        """As a pandas table; text columns are categories."""
        import pandas as pd

        return pd.DataFrame({name: pd.Categorical(column) if COLUMNS[name] == "str" else column
                             for name, column in self.columns.items()})  # fmt: skip

    def write(self, path: Path) -> None:
        """Write Parquet (Zstandard), replacing the file only when all is written."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        part = path.with_suffix(".partial")
        text = {name for name, kind in COLUMNS.items() if kind == "str"}
        arrays = {name: pa.array(column, pa.string()).dictionary_encode() if name in text else pa.array(column)
                  for name, column in self.columns.items()}  # fmt: skip
        pq.write_table(pa.table(arrays), part, compression="zstd")
        part.replace(path)
