"""Where people and their mean-field twin differ by more than Monte Carlo error, outcome by outcome.

    python bench/mean_field.py
    python bench/mean_field.py --case two-neighbours --replicates 40 --people 4000 --json

Replicate k of both sides has the same parameters, so differences are paired. A ratio is taken of sums over the whole
period (+1), in logarithms: the mean over replicates, its standard error, and whether 0 lies outside two of them. The
people are run at two sizes: where the sizes differ too, the difference is one of sampling and not of the equations.
The table shows for each explanation the twin less the people, and half the people less all: mean (standard error), with
a star where 0 lies outside two of them.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

import groundswell as gs
from groundswell.scenario.mean_field import mean_field
from groundswell.scenario.schema import Scenario

SUMS = {"turnout": "place.turnout", "deaths": "place.deaths", "injuries": "place.injuries", "arrests": "place.arrests"}


def outcomes(scenario: Scenario, replicates: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Logarithms of one plus totals, peak and breadth of each replicate (replicates,)."""
    runs = gs.simulate(scenario, replicates=replicates, seed=seed)
    found = {name: np.log1p(runs[column].sum(("time", "place")).to_numpy().astype(float))
             for name, column in SUMS.items() if column in runs}  # fmt: skip
    crowd = runs["place.turnout"].to_numpy().astype(float)
    found["peak day's turnout"] = np.log1p(crowd.sum(2).max(1))
    share = crowd.sum(1) / np.maximum(crowd.sum((1, 2)), 1)[:, None]
    found["spread over places"] = -(share * np.log(np.maximum(share, 1e-300))).sum(1)  # entropy
    return found


def table(case: str, replicates: int, people: int, seed: int) -> list[dict[str, Any]]:
    """One row for each explanation and outcome."""
    scenario, rows = gs.load(case), []
    for name in scenario.explanation or ["as-written"]:
        chosen = scenario.under(name) if name in scenario.explanation else scenario
        many = outcomes(chosen.changed(set={"people": people}), replicates, seed)
        few = outcomes(chosen.changed(set={"people": people // 2}), replicates, seed)
        start = time.process_time()
        mean = outcomes(mean_field(chosen), replicates, seed)
        seconds = time.process_time() - start
        for outcome in mean:
            row: dict[str, Any] = {"explanation": name, "outcome": outcome}
            for label, other in (("twin - people", mean), ("half the people - people", few)):
                gap = other[outcome] - many[outcome]
                error = gap.std(ddof=1) / np.sqrt(replicates)
                row[label] = round(float(gap.mean()), 3)
                row[f"{label}: standard error"] = round(float(error), 3)
                row[f"{label}: differs"] = bool(abs(gap.mean()) > 2 * error)
            row["seconds of the twin a replicate"] = round(seconds / replicates, 4)
            rows.append(row)
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", default="iraq-2019")
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--people", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = table(asked.case, asked.replicates, asked.people, asked.seed)
    if asked.json:
        print(json.dumps(rows, indent=2))
        return
    names = list(dict.fromkeys(row["outcome"] for row in rows))
    print(f"| explanation | | {' | '.join(names)} |")
    print(f"|{'---|' * (len(names) + 2)}")
    for name in dict.fromkeys(row["explanation"] for row in rows):
        for label, words in (("twin - people", "twin"), ("half the people - people", "half the people")):
            cells = [f"{row[label]:+.2f} ({row[f'{label}: standard error']:.2f}){'*' * row[f'{label}: differs']}"
                     for row in rows if row["explanation"] == name]  # fmt: skip
            print(f"| {name if words == 'twin' else ''} | {words} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
