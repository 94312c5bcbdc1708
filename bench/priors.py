"""What the joint prior says before any fit: `make priors`. Two general facts it should not contradict too often.

On a quiet day between 1 in a million and 1 in 100 residents are on the street; few campaigns have had more than a
tenth of the population on the street on one day. docs/concepts/priors.md says where these come from.
"""

from __future__ import annotations

import sys

import numpy as np

import groundswell as gs


def main() -> None:
    """Print the shares of replicates of a case that break each fact."""
    case = sys.argv[1] if len(sys.argv) > 1 else "iraq-2019"
    scenario = gs.load(case)
    scenario = scenario.under(next(iter(scenario.explanation))).changed(set={"people": 8000})
    runs = gs.simulate(scenario, replicates=200, seed=0)
    people = sum(row.columns["population"].value for row in scenario.place.values())
    share = runs["place.turnout"].sum("place").values / people
    quiet, peak = share[:, 7:28].mean(axis=1), share.max(axis=1)
    print(f"{case}, 200 replicates, seed 0")
    print(f"fewer than 1 in a million on a day of weeks 2 to 4: {np.mean(quiet < 1e-6):.2f} of replicates")
    print(f"more than 1 in 100 on a day of weeks 2 to 4:        {np.mean(quiet > 1e-2):.2f}")
    print(f"peak above a tenth of the population:               {np.mean(peak > 0.1):.2f}")
    kept = (quiet >= 1e-6) & (quiet <= 1e-2) & (peak <= 0.1)
    print(f"all kept:                                           {np.mean(kept):.2f}")
    print(f"peak between 1 in 10,000 and a tenth:               {np.mean((peak > 1e-4) & (peak < 0.1)):.2f}")


if __name__ == "__main__":
    main()
