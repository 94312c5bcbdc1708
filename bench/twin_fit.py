"""How far posterior medians found on the mean-field twin lie from those found on people, and what each fit costs.

    python bench/twin_fit.py
    python bench/twin_fit.py --case iraq-2019 --explanation given_responses --until 2019-11-10 --json

Fitted three times to the same published counts, with the same free numbers and settings: on people, on people again
with other random numbers, and on the twin. The second fit shows what luck alone does. Distances are in half-widths of
the 90 % interval of the first fit. The free numbers are those on which the twin's summaries depend most.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import time
from typing import Any

import numpy as np

import groundswell as gs
from groundswell.cli.inferring import PEOPLE
from groundswell.engine.ensemble import cores
from groundswell.inference.fit import Fit, calibrate
from groundswell.inference.smc import SMC
from groundswell.inference.targets import from_counts
from groundswell.inference.work import Work
from groundswell.inference.worlds import On, screened, worlds_of
from groundswell.scenario.mean_field import mean_field
from groundswell.scenario.numbers import drawn_as

ALGORITHMS = ("forest", "posterior")  # of a Fit: quantile forests on prior draws; SMC, adjusted


def fits(asked: argparse.Namespace) -> dict[str, Any]:
    """The three fits: medians, distances and costs."""
    scenario = gs.load(asked.case)
    scenario = scenario.under(asked.explanation) if asked.explanation else scenario
    evidence = from_counts(scenario, dt.date.fromisoformat(asked.until))
    method = SMC(asked.particles, asked.generations)
    twin_paths = screened(worlds_of(mean_field(scenario), (), evidence.fitted), Work(jobs=asked.jobs))[0]
    paths = [drawn_as(path) for path in twin_paths]

    def fitted(on: On, seed: int) -> tuple[Fit, dict[str, float]]:
        worlds = worlds_of(scenario, paths, evidence.fitted, seed=seed, people=asked.people, on=on)
        worlds.simulate(worlds.space.values(np.zeros((2, len(paths)))), 0)  # compiles
        work = Work(jobs=asked.jobs)
        wall, cpu = time.perf_counter(), time.process_time()
        fit = calibrate(worlds, evidence.observed(), method=method, seed=seed, work=work)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return fit, {"simulations": work.done, "seconds": wall, "process seconds": cpu}

    made: dict[str, tuple[Fit, dict[str, float]]] = {
        "people": fitted("people", 0), "people again": fitted("people", 1), "mean field": fitted("mean-field", 0)
    }  # fmt: skip
    rows = []
    for j, path in enumerate(paths):
        row: dict[str, Any] = {"number": path}
        for algorithm in ALGORITHMS:
            quantiles = {
                name: getattr(fit, algorithm).quantile(0.05, 0.5, 0.95)[:, j] for name, (fit, _) in made.items()
            }
            half = (quantiles["people"][2] - quantiles["people"][0]) / 2
            for name, (low, middle, high) in quantiles.items():
                row[f"{algorithm}, {name}"] = [float(low), float(middle), float(high)]
                row[f"{algorithm}, {name}: distance"] = float(abs(middle - quantiles["people"][1]) / half)
        rows.append(row)
    ends = {name: {"effective": fit.posterior.effective, "tolerance": fit.population.history[-1].tolerance,
                   "generations": len(fit.population.history) - 1, "learned": list(fit.learned)}
            for name, (fit, _) in made.items()}  # fmt: skip
    cost = {name: {**spent, "jobs": asked.jobs, "seconds for 10,000": 1e4 * spent["seconds"] / spent["simulations"],
                   "processor seconds for 10,000": 1e4 * spent["process seconds"] / spent["simulations"]}
            for name, (_, spent) in made.items()}  # fmt: skip
    return {"days": worlds_days(scenario, evidence), "numbers": rows, "ends": ends, "cost": cost}


def worlds_days(scenario: Any, evidence: Any) -> int:
    """Days that are simulated: up to the last of the fitted counts."""
    return worlds_of(scenario, (), evidence.fitted).scenario.period.steps


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", default="iraq-2019")
    parser.add_argument("--explanation", default="given_responses")
    parser.add_argument("--until", default="2019-11-10")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--particles", type=int, default=2000)
    parser.add_argument("--generations", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=cores())
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = fits(asked)
    if asked.json:
        print(json.dumps(found, indent=2))
        return
    heads = ("number", "forests: people", "mean field", "distance", "by luck", "SMC: people", "mean field", "distance",
             "by luck")  # fmt: skip
    print(f"| {' | '.join(heads)} |")
    print(f"|{'---|' * len(heads)}")
    for row in found["numbers"]:
        cells = []
        for algorithm in ALGORITHMS:
            cells += [f"{row[f'{algorithm}, {name}'][1]:.3g}" for name in ("people", "mean field")]
            cells += [f"{row[f'{algorithm}, {name}: distance']:.2f}" for name in ("mean field", "people again")]
        print(f"| `{row['number']}` | {' | '.join(cells)} |")
    for name, end in found["ends"].items():
        print(f"\n{name}: {end['effective']:.0f} effective particles after {end['generations']} generations, tolerance "
              f"{end['tolerance']:.2g}; learned: {', '.join(end['learned']) or 'nothing'}")  # fmt: skip
    for name, spent in found["cost"].items():
        print(f"\n{name}: {spent['simulations']:.0f} simulations of {found['days']} days in {spent['seconds']:.0f} s, "
              f"{spent['process seconds']:.0f} s of processors; 10,000 take {spent['seconds for 10,000']:.0f} s with "
              f"{spent['jobs']} threads")  # fmt: skip


if __name__ == "__main__":
    main()
