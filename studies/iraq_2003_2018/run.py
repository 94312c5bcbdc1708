"""Self-excitation and contagion of deadly events between the governorates of Iraq, 2003 to 2018. See README.md.

python studies/iraq_2003_2018/run.py
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
FIRST, LAST, QUICK = "2003-03-20", "2018-12-25", ("2014-06-01", "2014-09-30")
BLOCKS = (365, 182, 91)  # days in which a governorate's background is one number; 182 is the main one
SMALLEST = 0.05
REGIONS = {"north": ("IQ-DA", "IQ-AR", "IQ-SU", "IQ-NI", "IQ-KI"), "centre": ("IQ-SD", "IQ-DI", "IQ-AN", "IQ-BG"),
           "south": ("IQ-BB", "IQ-KA", "IQ-WA", "IQ-NA", "IQ-QA", "IQ-DQ", "IQ-MA", "IQ-MU", "IQ-BA")}  # fmt: skip


def load(data: Path, first: str, last: str) -> tuple[Any, dict[str, int]]:
    """The panel with one block, and how many events were left out."""
    import numpy as np
    import pandas as pd

    from groundswell.inference.panel import Panel, rows_to_one
    from groundswell.inference.records import counts_of
    from groundswell.scenario.load import load as load_case

    scenario = load_case("iraq-2019")
    events = pd.read_csv(needed(data / "ucdp_ged_iraq" / "ged_iraq_1989_2018.csv.gz"))
    inside = events[(events.date_start >= first) & (events.date_start <= last)]
    kept = inside[(inside.date_prec == 1) & inside.governorate_iso.notna()]
    names, pairs = governorates(scenario)
    region = np.array([next(k for k, members in enumerate(REGIONS.values()) if code in members) for code in names])
    weights = np.zeros((len(names), len(names)))
    for a, b in pairs:
        weights[names.index(a), names.index(b)] = weights[names.index(b), names.index(a)] = 1.0
    counts, _, start = counts_of(
        pd.to_datetime(kept.date_start).to_numpy(),
        kept.governorate_iso.to_numpy(dtype=object),
        known=names,
        first=first,
        last=last,
    )
    notes = {"events_in_period": len(inside), "events_kept": len(kept)}
    return Panel(counts, tuple(names), rows_to_one(weights), region, start), notes


def governorates(scenario: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """ISO codes in file order and the pairs that touch, from the files of the case iraq-2019."""
    import csv

    import groundswell

    folder = Path(groundswell.__file__).parent / "cases" / "iraq_2019"

    def rows(name: str) -> list[dict[str, str]]:
        lines = [line for line in (folder / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        return list(csv.DictReader(lines))

    code = {row["name"]: row["iso"] for row in rows("places.csv")}
    return list(code.values()), [(code[row["source"]], code[row["target"]]) for row in rows("neighbours.csv")]


def main(words: Sequence[str] | None = None) -> None:
    """Run the study and write its results."""
    asked = arguments(__doc__, HERE, words)
    import numpy as np

    from groundswell.inference.contagion import ask, best_memory, control, judged
    from groundswell.inference.panel import own
    from groundswell.inference.power import Design, quote, share_found

    panel, notes = load(asked.data, *(QUICK if asked.quick else (FIRST, LAST)))
    days = np.arange(panel.counts.shape[1])
    rows, answers = [], {}
    memory = best_memory(replace(panel, block=days // 182), effects="day")
    for block in BLOCKS:
        cut = replace(panel, block=days // block)
        for effects in ("day", "region-day"):
            made = ask(cut, memory=memory, effects=effects)
            answers[block, effects] = made
            share = made.found.share("own", own(cut, memory))
            rows.append([block, effects, made.found.of("own"), share, made.coefficient, made.low, made.high,
                         made.ratio, made.found.dispersion, "yes" if made.found.converged else "no"])  # fmt: skip
            told(len(rows), 2 * len(BLOCKS))
    main_cut, main_one = replace(panel, block=days // 182), answers[182, "day"]
    many = (
        {"placebos": 4, "draws": 4, "lead_draws": 4} if asked.quick else {"placebos": 19, "draws": 19, "lead_draws": 19}
    )
    controls = control(main_cut, main_one, memory=memory, effects="day", seed=asked.seed, **many)
    level = float(main_one.found.background.sum() / panel.counts.size)
    length = min(panel.counts.shape[1], 365)
    design = Design(18, length, level, SMALLEST, own=main_one.found.of("own"), memory=memory,
                    dispersion=main_one.found.dispersion)  # fmt: skip
    replicates = 2 if asked.quick else 40
    mu = main_one.found.background.mean(1)
    shares = {effects: share_found(replace(design, effects=effects), replicates=replicates, seed=asked.seed,
                                   weights=panel.weights, region=panel.region, mu=mu)
              for effects in ("day", "region-day")}  # fmt: skip
    word, held = judged(main_one, answers[182, "region-day"], controls, smallest=SMALLEST,
                        power=shares["day"].rate, power_by_region=shares["region-day"].rate)  # fmt: skip
    own_shares = [row[3] for row in rows]
    lines = [
        "# Deadly events in Iraq by governorate and day",
        "",
        f"{notes['events_kept']} of {notes['events_in_period']} events {panel.days[0]} to {panel.days[-1]} are known",
        f"to the day and governorate; {panel.counts.mean():.3f} a governorate-day. Memory that suits the own past:",
        f"{memory:g} days.",
        "",
        f"**Finding, contagion between neighbouring governorates: {word}.**",
        *[f"- {reason}" for reason in held],
        "",
        f"Self-excitation: {min(own_shares):.0%} to {max(own_shares):.0%} of events, depending on how freely the",
        "background may move; that range, not one number, is the result. Published for 2003-07 from other data: 37 to",
        "50 % (Lewis and others 2012), for context only. Each event counted here is at least one death, often many.",
        "",
        *table(["block, days", "effects", "own", "share of events", "contagion", "90 % low", "high",
                "likelihood ratio", "dispersion", "converged"], rows),
        "",
        "## Controls (block 182 days, day effects)",
        "",
        f"- rewired networks: p = {controls.p_rewired:.3f} ({controls.rewired} of them)",
        f"- records made without contagion: p = {controls.p_drawn:.3f} ({controls.drawn} of them)",
        f"- neighbours' future beside their past: coefficient {controls.lead:.3f}, plain p =",
        f"  {controls.p_lead_plain:.3g}; against records with the fitted contagion p = {controls.p_lead:.3f}",
        "",
        "## Power",
        "",
        *[f"- {quote(replace(design, effects=effects), share)}" for effects, share in shares.items()],
        "",
        f"It is that of {length} days at the mean background of each governorate under a national shock; the whole",
        "record is longer, so this understates it.",
    ]  # fmt: skip
    results = {"command": "python studies/iraq_2003_2018/run.py", "finding": word, "held": held, "memory": memory,
               **notes,
               "fits": [dict(zip(("block", "effects", "own", "own_share", "contagion", "low", "high",
                                  "ratio", "dispersion", "converged"), row, strict=True)) for row in rows],
               "controls": controls._asdict(), "power": {k: v._asdict() for k, v in shares.items()}}  # fmt: skip
    write(asked.out, results, lines, asked.quick)


if __name__ == "__main__":
    main()
