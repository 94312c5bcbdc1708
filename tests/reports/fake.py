"""A made-up dataset of runs by the results specification: plausible shapes, fixed numbers, no engine needed."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from groundswell.scenario.numbers import guesses
from groundswell.scenario.schema import Scenario

if TYPE_CHECKING:
    import xarray as xr

# name, iso, tile, latitude, longitude, population, share of a first identity
PLACES = (
    ("Al-Anbar", "IQ-AN", "1,3", 32.9, 41.6, 1771656, 0.02),
    ("Al-Muthanna", "IQ-MU", "3,6", 30.2, 45.3, 814371, 0.97),
    ("Al-Qadisiyah", "IQ-QA", "3,5", 31.9, 45.0, 1291048, 0.97),
    ("Babil", "IQ-BB", "3,4", 32.5, 44.5, 2065042, 0.9),
    ("Baghdad", "IQ-BG", "3,3", 33.3, 44.4, 8126755, 0.65),
    ("Basra", "IQ-BA", "5,6", 30.5, 47.8, 2908491, 0.85),
    ("Dhi Qar", "IQ-DQ", "4,6", 31.1, 46.3, 2095172, 0.96),
    ("Diyala", "IQ-DI", "4,3", 33.8, 45.1, 1637226, 0.4),
    ("Duhok", "IQ-DA", "2,0", 36.9, 43.0, 1292535, 0.02),
    ("Erbil", "IQ-AR", "3,1", 36.2, 44.0, 1854778, 0.02),
    ("Karbala", "IQ-KA", "2,4", 32.6, 44.0, 1218732, 0.97),
    ("Kirkuk", "IQ-KI", "3,2", 35.5, 44.4, 1597876, 0.15),
    ("Maysan", "IQ-MA", "5,5", 31.8, 47.1, 1112673, 0.97),
    ("Najaf", "IQ-NA", "2,5", 32.0, 44.3, 1471592, 0.98),
    ("Ninawa", "IQ-NI", "2,1", 36.3, 43.1, 3729998, 0.1),
    ("Salah al-Din", "IQ-SD", "2,2", 34.6, 43.7, 1595235, 0.1),
    ("Sulaymaniyah", "IQ-SU", "4,1", 35.6, 45.4, 2219194, 0.03),
    ("Wasit", "IQ-WA", "4,4", 32.5, 45.8, 1378723, 0.93),
)
IDENTITIES, CLASSES = ("first", "second", "third"), ("poor", "middle", "better off")
MECHANISMS = ("backlash", "fear_decay", "crowd", "deterrence", "endorsement")
TERMS = {
    "grievance": 0.5,
    "network": -0.25,
    "anger": 0.2,
    "endorsement": 0.05,
    "media": 0.15,
    "risk": -0.4,
    "cost": -0.1,
}
PAGE = "https://reports.example/"
COUNTS = (  # place, start, end, measure, value, qualifier, cumulative, reporter
    ("national", "2019-10-01", "2019-10-03", "deaths", 19, "exact", True, "commission"),
    ("national", "2019-10-01", "2019-10-03", "injured", 1041, "exact", True, "commission"),
    ("national", "2019-10-01", "2019-10-03", "arrested", 216, "exact", True, "commission"),
    ("national", "2019-10-01", "2019-10-09", "deaths", 157, "at_least", True, "mission"),
    ("national", "2019-10-01", "2019-10-09", "injured", 5494, "exact", True, "mission"),
    ("national", "2019-10-25", "2019-10-25", "deaths", 30, "exact", False, "commission"),
    ("Baghdad", "2019-10-25", "2019-10-25", "deaths", 8, "exact", False, "commission"),
    ("Basra", "2019-10-25", "2019-10-25", "injured", 301, "exact", False, "commission"),
    ("national", "2019-10-01", "2019-10-31", "deaths", 257, "at_least", True, "news agency tally"),
    ("national", "2019-10-25", "2019-11-04", "deaths", 97, "exact", False, "mission"),
    ("national", "2019-10-01", "2019-11-07", "deaths", 269, "at_least", True, "mission"),
    ("national", "2019-10-01", "2019-11-07", "injured", 8000, "more_than", True, "mission"),
    ("national", "2019-10-01", "2019-11-10", "deaths", 319, "exact", True, "commission"),
    ("national", "2019-10-01", "2019-12-18", "deaths", 496, "up_to", True, "commission"),
    ("national", "2019-10-01", "2019-12-18", "police_deaths", 17, "exact", True, "commission"),
    ("a bridge", "2019-11-27", "2019-11-27", "deaths", 1, "exact", False, "witnesses"),
)
ANCHORS = {
    "A01": ("2019-10-01", "protests begin", "target"),
    "A02": ("2019-10-02", "internet cut until 7 October", "response"),
    "A03": ("2019-10-19", "pilgrimage", "outside"),
    "A04": ("2019-10-25", "second wave begins", "target"),
    "A05": ("2019-11-28", "killings in one city", "target"),
}


def wobble(key: int, *shape: int) -> NDArray[np.float64]:
    """Numbers between 0 and 1 that look random and never change (splitmix64 of a counter)."""
    z = np.arange(1, int(np.prod(shape)) + 1, dtype=np.uint64) + np.uint64(key * 1_000_003)
    with np.errstate(over="ignore"):
        z = z * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(11)).astype(np.float64) / 2.0**53).reshape(shape)


def fake_scenario(
    places: int = 18,
    *,
    step: str = "day",
    end: str = "2019-12-31",
    counts: bool = True,
    tiles: bool = True,
    **more: Any,
) -> Scenario:
    """A minimal scenario with the given number of places."""
    chosen = PLACES[:places]

    def guess(value: float, low: float, high: float) -> dict[str, Any]:
        return {"guess": value, "range": [low, high]}

    def row(p: tuple[Any, ...]) -> dict[str, Any]:
        cells = {
            "latitude": {"value": p[3], "source": "map"},
            "longitude": {"value": p[4], "source": "map"},
            "population": {"value": p[5], "source": "estimate of 2018"},
        }
        labels = {"iso": p[1], "tile": p[2]} if tiles else {"iso": p[1]}
        return {"columns": cells, "links": {"country": "arvenia"}, "labels": labels}

    content: dict[str, Any] = {
        "schema": 1,
        "name": "fake",
        "title": "Arvenia, October to December 2019",
        "version": "0.1.0",
        "note": "A made-up case for tests.",
        "period": {"start": "2019-09-01", "end": end, "step": step},
        "people": 25_000,
        "country": {"arvenia": {"columns": {"population": 38_000_000}}},
        "place": {p[0]: row(p) for p in chosen},
        "community": {
            "identity_share": {
                p[0]: {
                    "first": guess(p[6], max(p[6] - 0.1, 0), min(p[6] + 0.1, 1)),
                    "second": guess(0.9 * (1 - p[6]), 0, 1),
                    "third": guess(0.1 * (1 - p[6]), 0, 1),
                }
                for p in chosen
            },
            "class_share": {
                "poor": guess(0.35, 0.25, 0.45),
                "middle": guess(0.5, 0.4, 0.6),
                "better off": guess(0.15, 0.1, 0.2),
            },
            "columns": {"legitimacy": {"by": "identity", **{i: guess(0.4, 0.2, 0.6) for i in IDENTITIES}}},
        },
        "person": {"hardship": {"mean": guess(0.5, 0.3, 0.7), "concentration": guess(6, 3, 12)}},
        "actor": {"police": {"columns": {"doctrine": guess(0.4, 0.1, 0.8)}, "links": {"country": "arvenia"}}},
        "unit": {f"police@{p[0]}": {"columns": {"strength": guess(3000, 1000, 9000)}} for p in chosen},
        "shock": {
            "cut": {
                "at": "2019-10-02",
                "until": "2019-10-07",
                "field": "place.internet",
                "set": guess(0.1, 0.0, 0.3),
                "anchor": "A02",
            }
        },
        "mechanism": {"mobilisation": {"noise": guess(0.05, 0.02, 0.2), "steepness": 2.3}},
        "anchor": {
            k: {"date": d, "place": "national", "fact": f, "class": c, "known_on": d, "source": PAGE + k}
            for k, (d, f, c) in ANCHORS.items()
        },
        "explanation": {"given_responses": {"title": "given what happened", "anchors": ["outside", "response"]}},
        "chosen": "given_responses",
    }
    if counts:
        names = ("place", "window_start", "window_end", "measure", "value", "qualifier", "cumulative", "reporter")
        content["count"] = [
            dict(zip(names, c, strict=True), publisher="The Paper", published=c[2], url=f"{PAGE}{k}")
            for k, c in enumerate(COUNTS)
        ]
    return Scenario.model_validate_json(json.dumps({**content, **more}, default=str))


def fake_runs(replicates: int = 200, scenario: Scenario | None = None, *, drop: tuple[str, ...] = ()) -> xr.Dataset:
    """The dataset of runs of that scenario; variables in `drop` are left out."""
    import xarray as xr

    scenario = scenario or fake_scenario()
    names = list(scenario.place)
    steps, width = scenario.period.steps, scenario.period.days_a_step
    time = np.datetime64(scenario.period.start, "ns") + np.arange(steps) * np.timedelta64(width, "D")
    week = time[::7] if width == 1 else time
    communities = [(p, i, c) for p in names for i in IDENTITIES for c in CLASSES]
    paths = [entry.path for entry in guesses(scenario)]
    draws = wobble(1, replicates, len(paths))
    reach = np.array([float(scenario.place[p].columns["population"].value) for p in names])
    share = np.array([next(q[6] for q in PLACES if q[0] == p) for p in names])
    doctrine = draws[:, next(k for k, path in enumerate(paths) if path.endswith("doctrine"))]
    noise = draws[:, next(k for k, path in enumerate(paths) if path.endswith("noise"))]
    level = 10.0 ** (-4 + 2.5 * noise + wobble(2, replicates))
    turnout = level[:, None, None] * _wave(time)[None, :, None] * (reach * (0.05 + share))[None, None, :]
    turnout *= 0.5 + wobble(3, replicates, steps, len(names))
    harm = turnout * (10.0 ** (-4.2 + 1.4 * doctrine))[:, None, None] * width
    weeks = (replicates, len(week), len(communities))
    calm = _wave(week)[None, :, None] * level[:, None, None] / 0.02
    data: dict[str, Any] = {
        "place.turnout": (("replicate", "time", "place"), turnout.astype(np.int64)),
        "place.deaths": (
            ("replicate", "time", "place"),
            np.floor(harm * 0.8 + wobble(4, *harm.shape) ** 3).astype(np.int64),
        ),
        "place.injuries": (
            ("replicate", "time", "place"),
            np.floor(harm * 20 + wobble(5, *harm.shape)).astype(np.int64),
        ),
        "place.arrests": (("replicate", "time", "place"), np.floor(harm * 9 + wobble(6, *harm.shape)).astype(np.int64)),
        "country.visibility": (("replicate", "time", "country"), np.minimum(turnout.sum(2, keepdims=True) / 2e5, 1.0)),
        "community.anger": (("replicate", "week", "community"), calm * (0.5 + wobble(7, *weeks))),
        "community.fear": (("replicate", "week", "community"), 0.6 * calm * (0.5 + wobble(8, *weeks))),
        "guess_value": (("replicate", "guess"), draws),
    }
    for k, (term, size) in enumerate(TERMS.items()):
        spread = 0.7 + 0.6 * wobble(20 + k, *weeks)
        data[f"community.term_{term}"] = (
            ("replicate", "week", "community"),
            size * spread * (1 + 0.2 * np.minimum(calm, 3)),
        )
    parts = np.array([0.8, -0.1, 0.0, 0.15, 0.05])
    for k, stock in enumerate(("anger", "fear")):
        pushes = (
            np.minimum(calm, 5)[:, :, None, :]
            * parts[None, None, :, None]
            * (0.5 + wobble(40 + k, *weeks))[:, :, None, :]
        )
        data[f"pushed.community.{stock}"] = (
            ("replicate", "week", f"adder_community.{stock}", "community"),
            pushes.astype(np.float32),
        )
    coords = {
        "replicate": np.arange(replicates),
        "time": time,
        "week": week,
        "place": names,
        "country": ["arvenia"],
        "community": ["/".join(c) for c in communities],
        "guess": paths,
        "adder_community.anger": list(MECHANISMS),
        "adder_community.fear": list(MECHANISMS),
        "community_place": ("community", [c[0] for c in communities]),
        "community_identity": ("community", [c[1] for c in communities]),
        "community_class": ("community", [c[2] for c in communities]),
    }
    attrs = {
        "scenario": scenario.resolved(),
        "seed": 7,
        "command": "groundswell run fake --replicates 200 --seed 7",
        "digest": "9f2c" * 16,
        "explanation": scenario.chosen,
        "source_hash": "ab12" * 16,
        "created": "2026-11-23",
        "versions": json.dumps({"groundswell": "0.1.0", "numpy": "2.4.6"}),
    }
    kept = {k: v for k, v in data.items() if k not in drop}
    dims = {dim for variable in kept.values() for dim in variable[0]}
    return xr.Dataset(kept, {k: v for k, v in coords.items() if not k.startswith("adder_") or k in dims}, attrs)


def _wave(days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Three waves: early October, from 25 October, and late November."""
    at = np.asarray(days).astype("datetime64[D]").astype(np.float64)
    first, second, third = (
        float((dt.date(2019, m, d) - dt.date(1970, 1, 1)).days) for m, d in ((10, 4), (11, 2), (11, 27))
    )
    return (
        0.02
        + np.exp(-(((at - first) / 4) ** 2))
        + 0.8 * np.exp(-(((at - second) / 9) ** 2))
        + 0.9 * np.exp(-(((at - third) / 5) ** 2))
    )
