"""Simulated results as the event table: crowds by place and day, harm by force, place and day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.world.events import COLUMNS, Events

if TYPE_CHECKING:
    import xarray as xr

HARM = ("unit.deaths", "unit.injuries")


def events_of(runs: xr.Dataset) -> Events:
    """The event table of an ensemble: a `protest` for each crowd, a `repression` for each unit and day with harm.

    Needs place.turnout and unit.deaths or unit.injuries to be recorded at every step; parts not recorded are left out.
    """
    parts = [part for part in (_crowds(runs), _harm(runs)) if part is not None]
    if not parts:
        return Events({name: _empty(kind) for name, kind in COLUMNS.items()})
    return Events({name: np.concatenate([part[name] for part in parts]) for name in COLUMNS})


def _empty(kind: str) -> NDArray[Any]:
    return np.zeros(0, dtype=object if kind == "str" else kind)


def _crowds(runs: xr.Dataset) -> dict[str, NDArray[Any]] | None:
    if "place.turnout" not in runs or runs["place.turnout"].dims[1] != "time":
        return None
    turnout = runs["place.turnout"].values
    at = np.nonzero(turnout)
    daily = "place.arrests" in runs and runs["place.arrests"].dims[1] == "time"
    arrests = runs["place.arrests"].values[at] if daily else np.zeros(len(at[0]), "i8")
    places = runs["place"].values.astype(object)
    return _rows(runs, at, places[at[2]], "protest", np.full(len(at[0]), "challengers", object),
                 "government", size=turnout[at], arrests=arrests)  # fmt: skip


def _harm(runs: xr.Dataset) -> dict[str, NDArray[Any]] | None:
    known = {name: runs[name].values for name in HARM if name in runs and runs[name].dims[1] == "time"}
    if not known:
        return None
    at = np.nonzero(np.sum(list(known.values()), axis=0))
    zero = np.zeros(len(at[0]), "i8")
    deaths = known["unit.deaths"][at] if "unit.deaths" in known else zero
    injuries = known["unit.injuries"][at] if "unit.injuries" in known else zero
    places = runs["unit_place"].values.astype(object)
    actors = runs["unit_actor"].values.astype(object)
    return _rows(runs, at, places[at[2]], "repression", actors[at[2]], "challengers", deaths=deaths, injuries=injuries)


def _rows(runs: xr.Dataset, at: tuple[NDArray[Any], ...], place: NDArray[Any], kind: str, actor: NDArray[Any],
          target: str, **counts: NDArray[Any]) -> dict[str, NDArray[Any]]:  # fmt: skip
    scenario = json.loads(runs.attrs["scenario"])
    first = next(iter(scenario["country"]))
    country_of = {name: row.get("links", {}).get("country", first) for name, row in scenario.get("place", {}).items()}
    size = len(at[0])
    zero = np.zeros(size, "i8")
    length = 7 if scenario["period"].get("step") == "week" else 1
    deaths = counts.get("deaths", zero).astype("i8")
    made = {
        "replicate": runs["replicate"].values[at[0]],
        "day": runs["time"].values[at[1]],
        "day_precision": zero + length - 1,
        "country": np.array([country_of[name] for name in place], dtype=object),
        "place": place,
        "kind": np.full(size, kind, object),
        "actor": actor,
        "target": np.full(size, target, object),
        "size": counts.get("size", zero),
        "arrests": counts.get("arrests", zero),
        "injuries": counts.get("injuries", zero),
        "deaths_low": deaths,
        "deaths_best": deaths,
        "deaths_high": deaths,
        "source": np.full(size, "simulated", object),
    }
    return {name: column if COLUMNS[name] == "str" else column.astype(COLUMNS[name]) for name, column in made.items()}
