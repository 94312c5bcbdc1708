"""How often the intervals of each method hold the truth, on three models with posteriors in closed form; and speed.

    python bench/inference_checks.py
    python bench/inference_checks.py --truths 100 --json
    python bench/inference_checks.py --speed iraq-2019 --simulations 256

Truths are drawn from the prior, so a right 90 % interval holds them in 90 % of the worlds; the error is one standard
deviation of that share over that many truths. The models are those of tests/inference/toys.py. Null worlds have their
number at 0; power is the share found where it is at least twice the smallest interesting effect (a fifth of its range).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from inference import toys

from groundswell.inference.checks import calibration, check_smc, check_table, null_control, split
from groundswell.inference.forest import Forests
from groundswell.inference.smc import SMC, prior_table
from groundswell.inference.work import Work

NEAR = 0.1  # share of a table that rejection keeps


def coverage(truths: int, seed: int) -> list[dict[str, Any]]:
    """One row a model and method."""
    found = []
    for toy in (toys.gaussian(), toys.counts(), toys.half_known()):
        table = prior_table(toy, 3000 + truths, Work(), seed)
        rest, held = split(table, truths)
        forests = Forests(rest, toy.space, seed=seed, trees=100)
        made = [
            check_table(table, toy.space, truths, round(NEAR * len(rest.z))),
            calibration("forests", toy.space, forests.posterior, held),
        ]
        for particles in (400, 2000):
            one = check_smc(toy, table, truths, SMC(particles=particles, generations=4), Work(), seed)
            made.append(one)
        names = ("rejection, adjusted", "forests", "SMC, 400 particles", "SMC, 2,000 particles")
        found += [
            {"model": toy.name, "method": name, "coverage": round(float(one.coverage().mean()), 3),
             "error": round(one.error, 3), "contraction": [round(float(c), 2) for c in one.contraction.mean(axis=0)]}
            for name, one in zip(names, made, strict=True)
        ]  # fmt: skip
    return found


def nulls(truths: int, seed: int) -> list[dict[str, Any]]:
    """False findings where there is nothing to find, of a number that data speak of and of one that they do not."""
    toy = toys.half_known()
    table = prior_table(toy, 3000, Work(), seed)
    made = [null_control(toy, table, k, null=0.0, smallest=0.2, nearest=300, worlds=truths, work=Work(), seed=seed)
            for k in range(2)]  # fmt: skip
    return [{"number": one.name, "worlds": one.worlds, "false findings": one.false, "power": round(one.power, 2)}
            for one in made]  # fmt: skip


def speed(case: str, count: int, people: int) -> dict[str, Any]:
    """Seconds for 10,000 simulations of a case as calibrations run it, by process time and by the clock."""
    import groundswell as gs
    from groundswell.inference.targets import from_counts
    from groundswell.inference.worlds import worlds_of
    from groundswell.scenario.mean_field import mean_field

    scenario = gs.load(case)
    names = list(scenario.explanation)
    scenario = scenario.under("given_responses" if "given_responses" in names else names[0])
    until = min(scenario.period.end, dt.date(2019, 11, 10))
    fitted = from_counts(scenario, until).fitted
    found: dict[str, Any] = {"case": case, "persons": people, "simulations": count}
    for name, one in (("people", scenario), ("mean field", mean_field(scenario))):
        worlds = worlds_of(one, (), fitted, people=people)
        worlds.simulate(np.zeros((2, 0)), 0)  # compiles
        wall, used = time.perf_counter(), time.process_time()
        prior_table(worlds, count, Work(), 0)
        found[name] = {"process seconds for 10,000": round((time.process_time() - used) / count * 10_000, 1),
                       "clock seconds for 10,000": round((time.perf_counter() - wall) / count * 10_000, 1)}  # fmt: skip
    return found


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truths", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", metavar="CASE", help="time simulations of a case instead")
    parser.add_argument("--simulations", type=int, default=256)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.speed:
        print(json.dumps(speed(asked.speed, asked.simulations, asked.people), indent=1))
        return
    rows, control = coverage(asked.truths, asked.seed), nulls(asked.truths, asked.seed)
    if asked.json:
        print(json.dumps({"coverage": rows, "nulls": control}, indent=1))
        return
    print("| model | method | 90 % intervals cover | error | mean contraction |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {row['model']} | {row['method']} | {row['coverage']} | {row['error']} | "
              f"{', '.join(map(str, row['contraction']))} |")  # fmt: skip
    print("\n| null worlds of | worlds | false findings | power |\n|---|---|---|---|")
    for row in control:
        print(f"| {row['number']} | {row['worlds']} | {row['false findings']} | {row['power']} |")


if __name__ == "__main__":
    main()
