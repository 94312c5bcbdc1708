"""The numbers of docs/canon.md: every target beside what the published models give here, as Markdown tables.

`python bench/canon.py` takes some minutes on two cores; with names (c1, smooth, sweep, falls, cuts, variants, groups)
it makes only those tables. Nothing is timed.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from groundswell.canon import epstein, epstein_groups, outbursts

LIBRARY = epstein.Rules()
ONCE = replace(LIBRARY, count_self_twice=False)
ROWS = {
    "outbursts": "170 (6.4)",
    "mean_active": "39.5 (3.9)",
    "peak": "356 (20)",
    "mean_wait": "23.0 (1.3)",
    "mean_duration": "6.4 (0.3)",
    "mean_size": "1,101 (91)",
}


def table(heads: str, rows: list[str]) -> None:
    print(f"| {heads} |\n|" + "---|" * (heads.count("|") + 1))
    print("\n".join(f"| {row} |" for row in rows) + "\n")


def c1() -> None:
    runs = [epstein.simulate(rules, steps=5000, replicates=20) for rules in (ONCE, LIBRARY)]
    found = [outbursts.summary(one) for one in runs]
    table(
        "5,000 steps, 20 seeds: mean (spread over seeds) | target | counted once | counted twice",
        [
            f"{name.replace('_', ' ')} | {target} | "
            + " | ".join(f"{one[name].mean():,.4g} ({one[name].std():.2g})" for one in found)
            for name, target in ROWS.items()
        ],
    )
    shares = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
    waits = [np.concatenate([outbursts.waits(active) for active in one["active"].values]) for one in runs]
    rows = ["n | 3,388 | " + " | ".join(f"{len(one):,}" for one in waits)]
    rows += ["standard deviation | 8.1 | " + " | ".join(f"{one.std():.1f}" for one in waits)]
    rows += ["5, 25, 50, 75, 95, 99 % | 13, 18, 22, 27, 38, 50 | "
             + " | ".join(", ".join(f"{q:.0f}" for q in np.quantile(one, shares)) for one in waits)]  # fmt: skip
    table("waits of all seeds | target | counted once | counted twice", rows)


def smooth() -> None:
    rows = []
    targets = {1: "0", 2: "1", 4: "83 to 103", 6: "135 to 144", 8: "153 to 166", 20: "175"}
    for n, target in targets.items():
        found = outbursts.summary(
            epstein.simulate(replace(ONCE, risk="smooth", sharpness=float(n)), steps=5000, replicates=6)
        )
        rows.append(f"n = {n} | {target} | {found['outbursts'].mean():.1f} | {found['peak'].max()}")
    found = outbursts.summary(epstein.simulate(replace(ONCE, risk="ratio"), steps=5000, replicates=3))
    rows.append(f"no floor | 0 in 3 of 3, peak 11 | {found['outbursts'].mean():.0f} | {found['peak'].max()}")
    table("form of P | outbursts in 5,000 steps | here, 6 seeds (no floor: 3) | highest peak", rows)


def sweep() -> None:
    targets = {2: (234, 4), 3: (176, 11), 3.5: (138, 16), 4: (103, 23), 4.5: (75, 34), 5: (47, 58), 5.5: (20, 145),
               6: (6.5, 420), 7: (0.2, "-")}  # fmt: skip
    rows = []
    for police, (count, wait) in targets.items():
        found = outbursts.summary(epstein.simulate(replace(ONCE, police=police / 100), steps=3000, replicates=8))
        ours = found[["outbursts", "mean_wait"]].mean()
        rows.append(f"{police} % | {count} | {ours['outbursts']:.1f} ({found['outbursts'].std():.1f}) | {wait} | "
                    + ("-" if np.isnan(ours["mean_wait"]) else f"{ours['mean_wait']:.1f}"))  # fmt: skip
    table("police | outbursts in 3,000 steps | here, 8 seeds (spread) | mean wait | here", rows)


def falls() -> None:
    rows = []
    for jail, targets in ((30, "373, 433, 0.84, 631"), (0, "270, -, -, 627")):
        gradual = replace(LIBRARY, legitimacy=0.9, legitimacy_to=0.0, fall_steps=250, jail=jail)
        sudden = replace(LIBRARY, legitimacy=0.9, legitimacy_to=0.7, fall_start=76, jail=jail)
        slow = epstein.simulate(gradual, steps=250, replicates=20)["active"].values
        fast = epstein.simulate(sudden, steps=250, replicates=20)["active"].values
        legitimacy = gradual.legitimacy_at(250)
        at = int(np.flatnonzero(legitimacy <= 0.7)[0]) + 1
        first = [outbursts.outbursts(active)[0][0] for active in slow]
        rows.append(f"{jail or 'life'} | {targets} | {slow[:, :at].max(1).mean():.0f}, {slow.max(1).mean():.0f}, "
                    f"{legitimacy[first].mean():.2f}, {fast.max(1).mean():.0f}")  # fmt: skip
    table("longest term | target: peak by L = 0.7, peak, L at first outburst; peak of the jump | here, 20 seeds", rows)


def cuts() -> None:
    rows = []
    for every, target in ((1, "4.5 %"), (5, "5.1 to 5.5 %"), (20, "5.7 %")):
        rules = replace(LIBRARY, police=0.074, cut_every=every)
        runs = epstein.simulate(rules, steps=110 * every, replicates=20)
        left = rules.police_at(110 * every)
        police = np.array([left[outbursts.outbursts(active)[0][0]] for active in runs["active"].values])
        rows.append(f"one in {every} | {target} | {police.mean() / 16:.2f} % | {police.std(ddof=1):.0f}")
    table("steps for one officer | police at the first outburst | here, 20 seeds | spread, officers", rows)


def variants() -> None:
    rows = []
    for name, changes in {
        "as in the library": {},
        "counts oneself once": {"count_self_twice": False},
        "jailed keep their cell": {"jailed_block": True},
        "officers stay": {"police_follow": False},
        "both": {"jailed_block": True, "police_follow": False},
        "both, oneself counted once, own cell out of sight": {
            "jailed_block": True,
            "police_follow": False,
            "count_self_twice": False,
            "own_cell": False,
        },
    }.items():
        found = outbursts.summary(epstein.simulate(replace(LIBRARY, **changes), steps=5000, replicates=12))
        error = found["outbursts"].std() / np.sqrt(12)
        rows.append(f"{name} | {found['outbursts'].mean():.0f} ({error:.1f}) | {found['mean_wait'].mean():.1f} | "
                    f"{found['mean_size'].mean():,.0f} | {found['peak'].mean():.0f}")  # fmt: skip
    table("variant | outbursts, 12 seeds (standard error) | mean wait | mean size | peak", rows)


def groups() -> None:
    rows = []
    other = {0: "104", 1: "112", 2: "124", 3: "128", 4: "156", 6: "143", 8: "176", 10: "167"}
    for police, target in other.items():
        rules = epstein_groups.Rules(police=police / 100)
        found = epstein_groups.summary(epstein_groups.simulate(rules, steps=3000, replicates=30))["extinct_at"]
        times = found.astype(float)
        rows.append(f"{police} % | 30, {target} | {times.notna().sum()}, {times.mean():.0f} ({times.std():.0f})")
    table("peacekeepers, L = 0.8 | other reading: extinct of 30, mean time | here: extinct, mean time (spread)", rows)
    rows = []
    for police in (0, 4, 10):
        rules = epstein_groups.Rules(police=police / 100, legitimacy=0.9)
        found = epstein_groups.summary(epstein_groups.simulate(rules, steps=3000, replicates=6))
        rows.append(f"{police} % | 0 | {found['extinct_at'].notna().sum()} of 6 | {found['smallest_group'].min()}")
    table("peacekeepers, L = 0.9 | other reading: extinct | here | smallest group ever", rows)


if __name__ == "__main__":
    for part in sys.argv[1:] or ("c1", "smooth", "sweep", "falls", "cuts", "variants", "groups"):
        globals()[part]()
