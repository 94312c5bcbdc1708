"""One table of who did what to whom, where and when: simulated and recorded events share its columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
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
    "kind": "str",  # simulated: protest (a crowd in a place on a day), repression (harm by one force); or the source's
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
        import pyarrow.parquet as pq

        part = path.with_suffix(".partial")
        pq.write_table(_table_of(self), part, compression="zstd")
        part.replace(path)

    @classmethod
    def read(cls, path: Path | str) -> Events:
        """Read what `write` wrote. Raises GroundswellError where it is no Parquet file, or no event table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = Path(path)
        try:
            table = pq.read_table(path)
            columns = {name: _column(table[name], COLUMNS.get(name, "str")) for name in table.column_names}
        except (OSError, ValueError, TypeError, pa.ArrowException) as error:
            fault = "is not there" if isinstance(error, FileNotFoundError) else "is no event table, or a damaged one"
            cure = "give an events.parquet of a run, or of `groundswell data read`"
            raise GroundswellError(Problem("event-file", path.name, fault, cure)) from error
        return cls(columns)

    @classmethod
    def joined(cls, parts: Sequence[Events]) -> Events:
        """Several tables as one, in this order."""
        return cls({name: np.concatenate([part.columns[name] for part in parts]) for name in COLUMNS})


class Writer:
    """Writes Parquet part by part: `with Writer(path) as writer: writer.add(events)`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer: Any = None

    def __enter__(self) -> Writer:
        return self

    def add(self, events: Events) -> None:
        """Add these events after those before."""
        import pyarrow.parquet as pq

        table = _table_of(events)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        self._writer.write_table(table)

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()


def _column(column: Any, kind: str) -> NDArray[Any]:
    if kind != "str":
        return np.asarray(column.to_numpy()).astype(kind)
    chosen = column.combine_chunks()
    if hasattr(chosen, "indices") and chosen.null_count == 0:  # one text held once, however many rows have it
        words = np.array([str(word) for word in chosen.dictionary.to_pylist()], dtype=object)
        return words[np.asarray(chosen.indices)] if len(chosen) else np.zeros(0, object)
    return np.array(["" if text is None else str(text) for text in column.to_pylist()], dtype=object)


def _table_of(events: Events) -> Any:
    import pyarrow as pa

    text = {name for name, kind in COLUMNS.items() if kind == "str"}
    return pa.table(
        {
            name: pa.array(column, pa.string()).dictionary_encode() if name in text else pa.array(column)
            for name, column in events.columns.items()
        }
    )
