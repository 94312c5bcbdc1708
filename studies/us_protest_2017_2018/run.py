"""Contagion or common shock in protests by place and day, United States 2017 and 2018. See README.md.

python studies/us_protest_2017_2018/run.py
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import arguments, needed, table, told, write

HERE = Path(__file__).parent
FIRST, LAST, QUICK = "2017-01-16", "2018-12-31", ("2018-03-01", "2018-04-05")
LEAST, LEAST_TOPIC = 30, 5  # rows of a place to be in
NEAR, MIDDLE, FAR = (0.0, 200.0), (200.0, 800.0), (1500.0, 1e9)  # km
SMALLEST = 0.05
TOPICS = (
    "collective_bargaining",
    "education",
    "environment",
    "executive",
    "guns",
    "healthcare",
    "immigration",
    "police",
    "race_confed",
    "supreme_court",
    "women",
    "other",
)


def kilometres(latitude: Any, longitude: Any) -> Any:
    """Great-circle distances (place, place), km, on a sphere of radius 6,371 km."""
    import numpy as np

    a, b = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
    half = np.sin((a[:, None] - a) / 2) ** 2 + np.cos(a[:, None]) * np.cos(a) * np.sin((b[:, None] - b) / 2) ** 2
    return 2 * 6371 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def load(data: Path) -> tuple[Any, Any]:
    """Events, and places with coordinates by id."""
    import pandas as pd

    events = pd.read_csv(needed(data / "count_love_us" / "count_love_events_2017_2018.csv.gz"))
    places = pd.read_csv(needed(data / "count_love_us" / "places.csv")).set_index("place_id")
    return events, places


def panel_of(events: Any, places: Any, least: int, first: str, last: str, reach: tuple[float, float]) -> Any:
    """0/1 by place and day for places with `least` rows, neighbours within `reach` km."""
    import numpy as np
    import pandas as pd

    from groundswell.inference.panel import Panel, rows_to_one
    from groundswell.inference.records import counts_of

    rows = events.place_id.value_counts()
    names = [name for name in places.index if rows.get(name, 0) >= least and np.isfinite(places.latitude[name])]
    counts, _, start = counts_of(pd.to_datetime(events.date).to_numpy(), events.place_id.to_numpy(dtype=object),
                                 known=names, first=first, last=last)  # fmt: skip
    where = places.loc[names]
    apart = kilometres(where.latitude, where.longitude)
    weights = ((apart > reach[0]) & (apart <= reach[1])).astype(float)
    np.fill_diagonal(weights, 0.0)
    west, south = where.longitude.to_numpy() < -98, where.latitude.to_numpy() < 37.5
    east = where.longitude.to_numpy() > -80.5
    region = np.where(west, 0, np.where(south, 1, np.where(east, 2, 3)))
    region = np.unique(region, return_inverse=True)[1].astype(np.int64)
    return Panel(np.minimum(counts, 1), tuple(names), rows_to_one(weights), region, start)


def main(words: Sequence[str] | None = None) -> None:
    """Run the study and write its results."""
    asked = arguments(__doc__, HERE, words)
    from groundswell.inference.contagion import ask, best_memory, control, finding, judged
    from groundswell.inference.power import Design, quote, share_found

    events, places = load(asked.data)
    first, last = QUICK if asked.quick else (FIRST, LAST)
    near = panel_of(events, places, LEAST, first, last, NEAR)
    memory = best_memory(near)
    answers, rows = {}, []
    bands = {"under 200 km": near}
    for name, reach in (("200 to 800 km", MIDDLE), ("over 1,500 km", FAR)):
        bands[name] = panel_of(events, places, LEAST, first, last, reach)
    plan = [(band, effects) for band in bands for effects in ("constant", "day", "region-day")
            if band == "under 200 km" or effects == "day"]  # fmt: skip
    for band, effects in plan:
        made = answers[band, effects] = ask(bands[band], memory=memory, effects=effects)
        rows.append([band, effects, made.found.of("own"), made.coefficient, made.low, made.high, made.ratio, made.p])
        told(len(rows), len(plan))
    many = (
        {"placebos": 4, "draws": 4, "lead_draws": 4} if asked.quick else {"placebos": 19, "draws": 19, "lead_draws": 19}
    )
    main_one, by_region = answers["under 200 km", "day"], answers["under 200 km", "region-day"]
    controls = control(near, main_one, memory=memory, seed=asked.seed, **many)
    mu = main_one.without.background.mean(1)
    design = Design(
        len(mu), near.counts.shape[1], float(mu.mean()), SMALLEST, own=main_one.without.of("own"), memory=memory
    )
    power = {effects: share_found(replace(design, effects=effects), replicates=2 if asked.quick else 20,
                                  seed=asked.seed, weights=near.weights, region=near.region, mu=mu)
             for effects in ("day", "region-day")}  # fmt: skip
    word, held = judged(main_one, by_region, controls, smallest=SMALLEST, power=power["day"].rate,
                        power_by_region=power["region-day"].rate)  # fmt: skip
    topics = by_topic(events, places, first, last, memory, 2 if asked.quick else len(TOPICS))
    near_high = main_one.coefficient > 2 * max(answers[b, "day"].coefficient for b in bands if b != "under 200 km")
    decay = "falls" if near_high else "does not fall by half"
    plain = answers["under 200 km", "constant"]
    shock = (f"Without effects of days it is {plain.coefficient:.3f} ({plain.low:.3f} to {plain.high:.3f}), "
             f"with them {main_one.coefficient:.3f}: what called days alone make of it lies between.")  # fmt: skip
    lines = [
        "# Protest in the United States by place and day",
        "",
        f"{len(near.places)} places, {near.counts.shape[1]} days, a protest on {near.counts.mean():.1%} of place-days.",
        f"Memory {memory:g} days.",
        "",
        f"**Finding, contagion from places under 200 km, all topics: {word}.** With distance the coefficient {decay}.",
        *[f"- {reason}" for reason in held],
        "",
        *table(["neighbours", "effects", "own", "contagion", "90 % low", "high", "likelihood ratio", "p"], rows),
        "",
        shock,
        "The coefficients of the bands are of networks with unlike numbers of places: compare them with care.",
        "",
        "## Controls (under 200 km, day effects)",
        "",
        f"- rewired networks: p = {controls.p_rewired:.3f} ({controls.rewired} of them)",
        f"- records made without contagion: p = {controls.p_drawn:.3f} ({controls.drawn} of them)",
        f"- neighbours' future beside their past: coefficient {controls.lead:.3f}, plain p =",
        f"  {controls.p_lead_plain:.3g}; against records with the fitted contagion p = {controls.p_lead:.3f}",
        "",
        "## Power at the smallest effect of interest",
        "",
        *[f"- {quote(replace(design, effects=effects), share, 'protest days')}" for effects, share in power.items()],
        "",
        "## By topic (day effects, Holm's rule over topics)",
        "",
        *table(["topic", "places", "own", "contagion", "90 % low", "high", "p", "Holm p", "rule of A3 alone"],
               [[t["topic"], t["places"], t["own"], t["contagion"], t["low"], t["high"], t["p"], t["holm"],
                 finding(t["low"], t["high"], SMALLEST, 0.0) if t["holm"] <= 0.05 else "cannot tell"] for t in topics]),
        "",
        "A topic that passes has events that follow each other among near places beyond the topic's national day.",
        "Series of local news, or campaigns that travel by plan, look the same; region-day effects were not asked.",
    ]  # fmt: skip
    heads = ("neighbours", "effects", "own", "contagion", "low", "high", "ratio", "p")
    results = {"command": "python studies/us_protest_2017_2018/run.py", "finding": word, "held": held, "memory": memory,
               "places": len(near.places), "days": near.counts.shape[1],
               "fits": [dict(zip(heads, row, strict=True)) for row in rows], "controls": controls._asdict(),
               "power": {k: v._asdict() for k, v in power.items()}, "topics": topics}  # fmt: skip
    write(asked.out, results, lines, asked.quick)


def by_topic(events: Any, places: Any, first: str, last: str, memory: float, number: int) -> list[dict[str, Any]]:
    """One answer a topic, with Holm's p values."""
    from groundswell.inference.contagion import ask

    found = []
    for topic in TOPICS[:number]:
        panel = panel_of(events[events[topic] == 1], places, LEAST_TOPIC, first, last, NEAR)
        made = ask(panel, memory=memory, effects="day")
        found.append({"topic": topic, "places": len(panel.places), "own": made.found.of("own"),
                      "contagion": made.coefficient, "low": made.low, "high": made.high, "p": made.p})  # fmt: skip
        told(len(found), number)
    highest = 0.0
    for rank, one in enumerate(sorted(found, key=lambda one: one["p"])):
        highest = max(highest, min(1.0, (len(found) - rank) * one["p"]))
        one["holm"] = highest
    return found


if __name__ == "__main__":
    main()
