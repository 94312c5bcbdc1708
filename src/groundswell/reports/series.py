"""The numbers of a dataset of runs, cut and summed the ways the report needs them; each is computed once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.reports.case import Area, Case, as_days
from groundswell.world.fields import FIELDS

if TYPE_CHECKING:
    import xarray as xr

Numbers = NDArray[np.float64]
PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
QUANTILE_NAMES = ("p05", "p25", "median", "p75", "p95")
QUANTILE_WORDS = ("5 %", "25 %", "median", "75 %", "95 %")
_WEEK = 7


def quantiles(values: NDArray[Any]) -> Numbers:
    """Quantiles over replicates (axis 0), shape (5, ...): linear interpolation, as numpy's default."""
    found: Numbers = np.quantile(values, PROBABILITIES, axis=0)
    return found


@dataclass(frozen=True)
class Series:
    """A recorded variable: `values` (replicate, step, row), `starts` first days, `days` lengths of the steps.

    `flow` is True for counts of what happened in a step, which are summed over time; all else is averaged.
    """

    values: Numbers
    starts: NDArray[np.datetime64]
    days: Numbers
    flow: bool

    @property
    def end(self) -> np.datetime64:
        """The last day covered."""
        last: np.datetime64 = self.starts[-1] + np.timedelta64(int(self.days[-1]) - 1, "D")
        return last

    def overlap(self, start: dt.date, end: dt.date) -> Numbers | None:
        """Share of each step that lies in the window (both days included); None where the window leaves the runs."""
        first, last = np.datetime64(start, "D"), np.datetime64(end, "D")
        if first < self.starts[0] or last > self.end or last < first:
            return None
        begins = (self.starts - first).astype(np.float64)
        width = float((last - first).astype(np.int64)) + 1
        inside = np.minimum(begins + self.days, width) - np.maximum(begins, 0.0)
        return np.asarray(np.clip(inside, 0.0, None) / self.days)


class Runs:
    """A dataset of runs and its case; `series`, `area` and the rest are cached."""

    def __init__(self, data: xr.Dataset) -> None:
        self.data = data
        self.case = Case(data)
        self.replicates = int(data.sizes.get("replicate", 1))
        self._cache: dict[tuple[Any, ...], Any] = {}

    def has(self, name: str) -> bool:
        """True where the variable was recorded and is not empty."""
        return name in self.data.data_vars and self.data[name].size > 0

    def unit(self, name: str) -> str:
        """Unit of a variable, from the vocabulary, else from the dataset."""
        if name in FIELDS:
            return FIELDS[name].unit
        return str(self.data[name].attrs.get("units", "")) if self.has(name) else ""

    def adds_up(self, name: str) -> bool:
        """True for counts of persons, which are summed over rows; all else is averaged by population."""
        return self.unit(name) in ("persons", "persons a day")

    def series(self, name: str) -> Series | None:
        """The variable with its time axis, rows last; None where it was not recorded."""
        key = ("series", name)
        if key not in self._cache:
            self._cache[key] = self._series(name) if self.has(name) else None
        found: Series | None = self._cache[key]
        return found

    def _series(self, name: str) -> Series:
        array = self.data[name]
        axis = "time" if "time" in array.dims else "week"
        rows = [dim for dim in array.dims if dim not in ("replicate", axis)]
        values = array.transpose("replicate", axis, *rows).values.astype(np.float64)
        values = values.reshape(*values.shape[:2], -1)
        starts = as_days(array[axis].values)
        flow = FIELDS[name].is_flow if name in FIELDS else self.unit(name).endswith(" a day")
        return Series(values, starts, self._days(starts, axis), flow)

    def _days(self, starts: NDArray[np.datetime64], axis: str) -> Numbers:
        step = self.case.scenario.period.days_a_step
        days = np.full(starts.size, float(step if axis == "time" else _WEEK))
        if axis == "week" and step == 1 and "time" in self.data.coords:  # the last block may be short
            left = as_days(self.data["time"].values)[-1] - starts[-1]
            days[-1] = min(float(_WEEK), float(left.astype(np.int64)) + 1)
        return days

    def whole_weeks(self, starts: NDArray[np.datetime64]) -> int:
        """How many weekly blocks to draw: without a last one shorter than a week, unless it is the only one."""
        return len(starts) - int(len(starts) > 1 and self._days(starts, "week")[-1] < _WEEK)

    def area(self, name: str, area: Area) -> Numbers | None:
        """A place variable over an area, (replicate, step): sums of persons, else means by population."""
        series = self.series(name)
        if series is None:
            return None
        if len(area.rows) == 1:
            return series.values[:, :, area.rows[0]]
        key = ("area", name, area.name)
        if key not in self._cache:
            picked = series.values[:, :, list(area.rows)]
            weights = self.place_population[:, list(area.rows)]
            self._cache[key] = picked.sum(2) if self.adds_up(name) else weighted(picked, weights[:, :, None])[:, :, 0]
        found: Numbers = self._cache[key]
        return found

    def national(self, name: str) -> Numbers | None:
        """A place variable over all places, (replicate, step)."""
        return self.area(name, self.case.areas[0]) if self.case.places else None

    def drawn(self, path: str, default: float) -> Numbers:
        """A number of the scenario in each replicate, (replicate,): as drawn where it is a guess, else the default."""
        values = self.guess_values.get(path)
        return values if values is not None else np.full(self.replicates, default)

    @property
    def guess_values(self) -> dict[str, Numbers]:
        """The drawn values of each guess, by path, each (replicate,)."""
        key = ("guesses",)
        if key not in self._cache:
            values = (
                self.data["guess_value"].transpose("replicate", "guess").values if self.has("guess_value") else None
            )
            self._cache[key] = (
                {}
                if values is None
                else {str(path): values[:, k].astype(np.float64) for k, path in enumerate(self.data["guess"].values)}
            )
        found: dict[str, Numbers] = self._cache[key]
        return found

    @property
    def has_population(self) -> bool:
        """True where every place has a population."""
        rows = [self.case.scenario.place.get(name) for name in self.case.places]
        cells = [None if row is None else row.columns.get("population") for row in rows]
        return bool(cells) and all(cell is not None and cell.value > 0 for cell in cells)

    @property
    def place_population(self) -> Numbers:
        """Residents, (replicate, place), as drawn; equal weights where a place has no population."""
        key = ("population",)
        if key not in self._cache:
            cells = [
                self.case.scenario.place[p].columns.get("population") if p in self.case.scenario.place else None
                for p in self.case.places
            ]
            known = all(cell is not None and cell.value > 0 for cell in cells) and bool(cells)
            columns = [
                self.drawn(f"place.{p}.population", cell.value) if known and cell else np.ones(self.replicates)
                for p, cell in zip(self.case.places, cells, strict=True)
            ]
            self._cache[key] = np.stack(columns, axis=1) if columns else np.ones((self.replicates, 0))
        found: Numbers = self._cache[key]
        return found

    def community_labels(self, part: str) -> list[str]:
        """`place`, `identity` or `class` of each community, from the dataset."""
        if f"community_{part}" in self.data.coords:
            return [str(name) for name in self.data[f"community_{part}"].values]
        at = ("place", "identity", "class").index(part)
        pieces = (str(name).split("/") for name in self.data["community"].values)
        return [piece[at] if at < len(piece) else "" for piece in pieces]

    @property
    def community_population(self) -> Numbers:
        """Residents, (replicate, community): recorded, else places' population times the shares as drawn."""
        key = ("communities",)
        if key not in self._cache:
            self._cache[key] = self._recorded_population()
        found: Numbers = self._cache[key]
        return found

    def _recorded_population(self) -> Numbers:
        for name in ("community_population", "community.population"):
            if name in self.data and "community" in self.data[name].dims:
                array = self.data[name]
                over = [dim for dim in array.dims if dim not in ("replicate", "community")]
                values = array.mean(over).values.astype(np.float64) if over else array.values.astype(np.float64)
                return np.broadcast_to(values, (self.replicates, values.shape[-1]))
        return self._shared_population()

    def _shared_population(self) -> Numbers:
        where = self.community_labels("place")
        groups = list(zip(where, self.community_labels("identity"), self.community_labels("class"), strict=True))
        spec = self.case.scenario.community
        if spec is None:
            return np.ones((self.replicates, len(groups)))
        position = {name: k for k, name in enumerate(self.case.places)}
        classes = {name: self.drawn(f"community.class_share.{name}", q.value) for name, q in spec.class_share.items()}
        of_class = _scaled(classes)
        of_identity = {
            place: _scaled(
                {name: self.drawn(f"community.identity_share.{place}.{name}", q.value) for name, q in row.items()}
            )
            for place, row in spec.identity_share.items()
        }
        one = np.ones(self.replicates)
        columns = [
            (self.place_population[:, position[place]] if place in position else one)
            * of_identity.get(place, {}).get(identity, one)
            * of_class.get(group, one)
            for place, identity, group in groups
        ]
        return np.stack(columns, axis=1)

    def groups(self) -> list[tuple[str, str]]:
        """(identity, class) pairs in the order in which the dataset first names each identity and each class."""
        identities, classes = self.community_labels("identity"), self.community_labels("class")
        present = set(zip(identities, classes, strict=True))
        return [(i, c) for i in dict.fromkeys(identities) for c in dict.fromkeys(classes) if (i, c) in present]

    def group_weights(self) -> Numbers:
        """Population weights, (replicate, community, group), which sum to one over communities."""
        names = list(zip(self.community_labels("identity"), self.community_labels("class"), strict=True))
        member = np.array([[name == group for group in self.groups()] for name in names], dtype=np.float64)
        return self.community_population[:, :, None] * member

    def area_weights(self) -> Numbers:
        """Population weights, (replicate, community, area), areas in the order of the case."""
        where = self.community_labels("place")
        position = {name: k for k, name in enumerate(self.case.places)}
        at = [position.get(name, -1) for name in where]
        member = np.array([[k in area.rows for area in self.case.areas] for k in at], dtype=np.float64)
        return self.community_population[:, :, None] * member

    def by_area(self, name: str) -> Numbers | None:
        """A community variable over areas, (replicate, step, area): summed where it counts persons, else averaged."""
        series = self.series(name)
        if series is None:
            return None
        key = ("by_area", name)
        if key not in self._cache:
            weights = self.area_weights()
            self._cache[key] = series.values @ (weights > 0) if self.adds_up(name) else weighted(series.values, weights)
        found: Numbers = self._cache[key]
        return found


def weighted(values: Numbers, weights: Numbers) -> Numbers:
    """Weighted means over the last axis: (replicate, step, row) by (replicate, row, group), (replicate, step, group).

    A group without weight gives 0.
    """
    total = weights.sum(1, keepdims=True)
    return np.asarray(values @ (weights / np.where(total > 0, total, 1.0)))


def _scaled(parts: dict[str, Numbers]) -> dict[str, Numbers]:
    """Shares scaled to sum to one in each replicate."""
    total = np.sum(list(parts.values()), axis=0)
    return {name: part / np.where(total > 0, total, 1.0) for name, part in parts.items()}
