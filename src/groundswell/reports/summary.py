"""The table of quantiles: one row for each measure, area, and day, week or whole period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.reports.series import QUANTILE_NAMES, Numbers, Runs, Series, quantiles

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

COLUMNS = ("measure", "unit", "place", "iso", "latitude", "longitude", "span", "date", "mean", *QUANTILE_NAMES)
_SPANS = {1: "day", 7: "week"}


def summary(runs: xr.Dataset) -> pd.DataFrame:
    """Mean and quantiles over replicates of every recorded variable of places, countries and communities.

    Columns: `measure` (a variable, or a community variable over the place), `unit`, `place` (or `national`), `iso`,
    `latitude`, `longitude` (degrees, empty for more than one place), `span` (day, week or total), `date` (first day;
    empty for total), `mean`, `p05`, `p25`, `median`, `p75`, `p95`. Totals are sums of counts of a day, person-days of
    persons, and means of all else. Places stand in file order. Raises StoreError where the runs carry no scenario.
    """
    return summary_of(Runs(runs))


def summary_of(runs: Runs) -> pd.DataFrame:
    """The same from numbers that are cut already."""
    import pandas as pd

    blocks = []
    for name in (str(variable) for variable in runs.data.data_vars):
        table = name.partition(".")[0]
        series = runs.series(name) if table in ("place", "country", "community") else None
        if series is None or "replicate" not in runs.data[name].dims:
            continue
        if not {"time", "week"} & set(runs.data[name].dims):
            continue
        blocks += _blocks(runs, name, series)
    if not blocks:
        return pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS})
    return pd.concat([pd.DataFrame(block) for block in blocks], ignore_index=True)[list(COLUMNS)]


def _blocks(runs: Runs, name: str, series: Series) -> list[dict[str, Any]]:
    values, rows = _over_areas(runs, name, series)
    unit = runs.unit(name)
    each, mean = quantiles(values), values.mean(0)
    whole, total_unit = totals(values, series, unit)
    span = _SPANS.get(int(series.days[0]), "step")
    number = values.shape[1]
    steps = {
        "measure": name,
        "unit": unit,
        **{key: np.repeat(np.array(column, dtype=object), number) for key, column in rows.items()},
        "span": span,
        "date": np.tile(series.starts.astype("datetime64[s]"), len(rows["place"])),
        "mean": mean.T.ravel(),
        **{key: each[k].T.ravel() for k, key in enumerate(QUANTILE_NAMES)},
    }
    of_whole = quantiles(whole)
    once = {
        "measure": name,
        "unit": total_unit,
        **rows,
        "span": "total",
        "date": np.full(len(rows["place"]), np.datetime64("NaT", "s")),
        "mean": whole.mean(0),
        **{key: of_whole[k] for k, key in enumerate(QUANTILE_NAMES)},
    }
    for block in (steps, once):
        for key in ("latitude", "longitude"):
            block[key] = np.array(block[key], dtype=np.float64)
    return [steps, once]


def _over_areas(runs: Runs, name: str, series: Series) -> tuple[Numbers, dict[str, NDArray[Any] | list[Any]]]:
    areas = runs.case.areas
    if name.startswith("country."):
        names = [str(row) for row in runs.data["country"].values]
        empty: list[Any] = [None] * len(names)
        return series.values, {"place": names, "iso": [""] * len(names), "latitude": empty, "longitude": empty}
    if name.startswith("community."):
        found = runs.by_area(name)
        assert found is not None
        values = found
    else:
        values = np.stack([part for area in areas if (part := runs.area(name, area)) is not None], axis=2)
    return values, {
        "place": [a.name for a in areas],
        "iso": [a.iso for a in areas],
        "latitude": [a.latitude for a in areas],
        "longitude": [a.longitude for a in areas],
    }


def totals(values: Numbers, series: Series, unit: str) -> tuple[Numbers, str]:
    """Over the whole period, (replicate, ...), and its unit: sums of flows, person-days of persons, else means."""
    days = series.days.reshape(1, -1, *[1] * (values.ndim - 2))
    if series.flow:
        return values.sum(1), unit.removesuffix(" a day")
    if unit == "persons":
        return (values * days).sum(1), "person-days"
    return (values * days).sum(1) / series.days.sum(), f"{unit}, mean of the period"
