"""The neural posterior beside the other algorithms, where the truth is known. Needs the extra `sbi`.

    python bench/neural.py

First a toy whose posterior has a closed form (ten normals, a normal prior): how often intervals of 90 % hold the truth,
and how far medians and widths lie from the exact ones. Then simulated worlds of two-neighbours with known numbers,
fitted to its totals by week and place: the same of each algorithm, from one table of prior draws.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

import groundswell as gs
from groundswell.evidence.simulated import events_of
from groundswell.inference.adjust import rejection
from groundswell.inference.forest import Forests
from groundswell.inference.neural import Neural
from groundswell.inference.smc import prior_table
from groundswell.inference.targets import from_events
from groundswell.inference.work import Work
from groundswell.inference.worlds import worlds_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from inference import toys

FREE = ("mobilisation.bar", "mobilisation.network", "arrest.rate", "anger.gain")


def toy(size: int, truths: int, seed: int) -> None:
    simulator = toys.gaussian()
    start = time.process_time()
    neural = Neural(prior_table(simulator, size, Work(), seed), simulator.space, seed=seed)
    spent = time.process_time() - start
    held = prior_table(simulator, truths, Work(), seed, first=1_000_000, name="truth")
    inside, gap, width = [], [], []
    for z, seen in zip(held.z, held.summaries, strict=True):
        found = neural.posterior(seen, 1000)
        mean, sd = toys.gaussian_posterior(seen[0])
        low, middle, high = found.quantile(0.05, 0.5, 0.95)[:, 0]
        inside.append(0.05 < found.rank(z)[0] < 0.95)
        gap.append(abs(middle - mean) / sd)
        width.append((high - low) / (2 * 1.6449 * sd))
    print(f"toy: {size} simulations, trained in {spent:.0f} s of processor; of {truths} truths {np.mean(inside):.3f} "
          f"inside 90 %; median off by {np.mean(gap):.2f} exact sd on average; width {np.mean(width):.2f} of the exact "
          f"({np.min(width):.2f} to {np.max(width):.2f})")  # fmt: skip


def neighbours(size: int, truths: int, seed: int) -> None:
    scenario = gs.load("two-neighbours").under("deter_and_anger")
    recorded = scenario.model_copy(update={"record": (*scenario.record, "unit.deaths", "unit.injuries")})
    events = events_of(gs.simulate(recorded.changed(set={"people": 500}), replicates=1, seed=77))
    evidence = from_events(scenario, events, scenario.period.end, measure="crowds")
    worlds = worlds_of(scenario, FREE, (*evidence.fitted,), seed=seed, people=500)
    table = prior_table(worlds, size, Work(), seed)
    held = prior_table(worlds, truths, Work(), seed, first=1_000_000, name="truth")
    start = time.process_time()
    neural = Neural(table, worlds.space, seed=seed)
    spent = time.process_time() - start
    forests = Forests(table, worlds.space, seed=seed)
    methods = {"neural": neural.posterior, "forests": forests.posterior,
               "rejection": lambda s: rejection(table, worlds.space, s, nearest=max(50, size // 10))}  # fmt: skip
    print(f"\ntwo-neighbours: {size} simulations of {len(worlds.summaries)} summaries, {truths} truths; "
          f"network trained in {spent:.0f} s of processor\n")  # fmt: skip
    print(f"| algorithm | {' | '.join(f'`{name}`: inside 90 % | contraction' for name in FREE)} |")
    print(f"|---|{'---|' * 2 * len(FREE)}")
    for name, ask in methods.items():
        posteriors = [ask(seen) for seen in held.summaries]
        ranks = np.array([p.rank(z) for p, z in zip(posteriors, held.z, strict=True)])
        inside = ((ranks > 0.05) & (ranks < 0.95)).mean(axis=0)
        learned = np.mean([p.contraction() for p in posteriors], axis=0)
        print(f"| {name} | {' | '.join(f'{a:.2f} | {b:.2f}' for a, b in zip(inside, learned, strict=True))} |")


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--truths", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    toy(asked.size, asked.truths, asked.seed)
    neighbours(asked.size, asked.truths, asked.seed)


if __name__ == "__main__":
    main()
