"""The state at one step: tables of columns for a stack of replicates, and views that show only what was declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import MechanismError, Problem
from groundswell.world.fields import FIELDS
from groundswell.world.ties import Ties

Array = NDArray[Any]


class Time(NamedTuple):
    """The day being simulated. `day` counts from 1970-01-01, `weekday` from Monday = 0, `days` is the step's length."""

    step: int
    day: int
    weekday: int
    days: float


class Table:
    """One kind of thing. Links have shape (rows,), all other columns (replicates, rows)."""

    def __init__(self, name: str, names: Sequence[str] | range, replicates: int) -> None:
        self.name = name
        self.names = names if isinstance(names, range) else tuple(names)
        self.rows = len(self.names)
        self.replicates = replicates
        self.columns: dict[str, Array] = {}

    def give(self, column: str, values: Any) -> None:
        """Set a column from values that broadcast to its shape, in the field's type."""
        field = FIELDS[f"{self.name}.{column}"]
        shape = (self.rows,) if field.link else (self.replicates, self.rows)
        held = np.empty(shape, dtype=field.dtype)
        held[...] = values
        self.columns[column] = held


class World:
    """All tables of a stack of replicates, the ties, and the day."""

    def __init__(self, tables: Mapping[str, Table], ties: Mapping[str, Ties], replicates: int) -> None:
        self.tables = dict(tables)
        self.ties = dict(ties)
        self.replicates = replicates
        self.time = Time(0, 0, 0, 1.0)

    def __getitem__(self, name: str) -> Array:
        """The column `table.column`, as it stands."""
        table, _, column = name.partition(".")
        return self.tables[table].columns[column]

    def __contains__(self, name: str) -> bool:
        table, _, column = name.partition(".")
        return table in self.tables and column in self.tables[table].columns


class Group:
    """Columns of one table as attributes; a name that was not declared is refused."""

    def __init__(self, owner: str, table: str, columns: dict[str, Array]) -> None:
        self.__dict__.update(columns)
        self._owner, self._table = owner, table

    def __getattr__(self, name: str) -> Array:
        if name.startswith("__"):
            raise AttributeError(name)
        raise MechanismError(Problem("undeclared", f"mechanism '{self._owner}'",
                                     f"touches {self._table}.{name}, which it does not declare",
                                     "add it to reads, adds or writes in the class line"))  # fmt: skip


def _locked(array: Array) -> Array:
    seen = array.view()
    seen.flags.writeable = False
    return seen


class View:
    """What one mechanism sees: declared columns of the tables, `add`, `tie` and `time`.

    With `replicate=None` columns have shape (replicates, rows); else they are one replicate's, with shape (rows,).
    Columns read are read-only; columns under `add` are zeroed buffers, summed when the phase ends.
    """

    def __init__(
        self,
        world: World,
        owner: str,
        reads: Iterable[str],
        writes: Iterable[str],
        buffers: Mapping[str, Array],
        ties: Iterable[str],
        replicate: int | None = None,
    ) -> None:
        self._world = world
        seen: dict[str, dict[str, Array]] = {}
        for name in (*reads, *writes):
            table, _, column = name.partition(".")
            array = world[name]
            if replicate is not None and not FIELDS[name].link:
                array = array[replicate]
            if name not in writes:
                array = _locked(array)
            seen.setdefault(table, {})[column] = array
        pushed: dict[str, dict[str, Array]] = {}
        for name, array in buffers.items():
            table, _, column = name.partition(".")
            pushed.setdefault(table, {})[column] = array if replicate is None else array[replicate]
        self._groups = {table: Group(owner, table, columns) for table, columns in seen.items()}
        self.__dict__.update(self._groups)
        self.add = _Adds(owner, {table: Group(owner, table, columns) for table, columns in pushed.items()})
        self.tie = _Adds(
            owner, {name: Ties(*(_locked(part) for part in world.ties[name])) for name in ties if name in world.ties}
        )
        self._owner = owner

    @property
    def time(self) -> Time:
        """The step being simulated."""
        return self._world.time

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return Group(self._owner, name, {})  # any column of it is then refused by name


class _Adds:
    """Attribute access to the parts under `add` and `tie`, with the same refusal."""

    def __init__(self, owner: str, parts: Mapping[str, Any]) -> None:
        self.__dict__.update(parts)
        self._owner = owner

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Group(self._owner, name, {})
