"""What can be told of made-up worlds of each rival explanation at three data richnesses. See README.md.

python studies/synthetic/run.py
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import arguments, kept_work, refusals, table, write

HERE = Path(__file__).parent
RIVALS = ("home_grown", "contagion", "common_shock", "overstretch", "mixed")
RICHNESS = ("published counts", "place-week", "place-day")
BARE = "place-day without turnout"
SHOCKED = ("common_shock", "mixed")  # looked at after the run: the rivals in which a shock acts on all places
FREE = (
    "anger.gain",
    "arrest.rate",
    "mobilisation.bar",
    "mobilisation.grievance",
    "mobilisation.network",
    "mobilisation.noise",
    "person.threshold.mean",
    "repression.half_threat",
)
COLUMNS = ("place.turnout", "place.deaths", "place.injuries")
LAGS = (1, 2, 3, 5, 7, 10)  # days by which places may follow others


@dataclass(frozen=True)
class Sizes:
    """Simulated persons, worlds a rival, trees, and truths whose numbers are asked for."""

    people: int = 4000
    worlds: int = 400
    trees: int = 300
    truths: int = 130


QUICK = Sizes(people=150, worlds=18, trees=20, truths=5)


@dataclass(frozen=True)
class Records:
    """A simulator of what each richness shows of a rival's world; `levels` says which column belongs to which."""

    worlds: Any

    @property
    def space(self) -> Any:
        """The free numbers."""
        return self.worlds.space

    @cached_property
    def columns(self) -> tuple[tuple[str, int, bool], ...]:
        """Name, richness (0 to 2) and whether turnout is needed, of every summary."""
        scenario = self.worlds.scenario
        blank = {name: zeros(scenario) for name in COLUMNS}
        made = [(name, 0, False) for name in self.worlds.summaries]
        for level, parts in ((1, by_week(blank)), (2, by_day(blank))):
            made += [(name, level, "turnout" in name) for name in parts]
        return tuple(made)

    @property
    def summaries(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(name for name, _, _ in self.columns)

    @property
    def fingerprint(self) -> str:
        """That of the worlds."""
        return str(self.worlds.fingerprint)

    def simulate(self, values: Any, first: int) -> Any:
        """Summaries (n, s)."""
        import numpy as np

        kept = self.worlds.kept(values, first)
        parts = {**by_week(kept), **by_day(kept)}
        return np.column_stack([self.worlds.reduce(kept), *parts.values()])


def zeros(scenario: Any) -> Any:
    """An empty record (1, days, places)."""
    import numpy as np

    return np.zeros((1, scenario.period.steps, len(scenario.place)))


def by_week(kept: dict[str, Any]) -> dict[str, Any]:
    """What a record by place and week shows, by name: log(1 + number) of weeks and of places, and how places differ."""
    import numpy as np

    from groundswell.inference.rivals import by_place, correlation

    made = {}
    for name in COLUMNS:
        short, daily = name.removeprefix("place."), kept[name].astype(np.float64)
        starts = np.arange(0, daily.shape[1], 7)
        weekly = np.add.reduceat(daily, starts, axis=1)
        national, places = np.log1p(weekly.sum(2)), np.log1p(weekly.sum(1))
        made |= {f"{short}, week {k + 1}": national[:, k] for k in range(national.shape[1])}
        made |= {f"{short}, place {k + 1}": places[:, k] for k in range(places.shape[1])}
        made |= {f"{short} by week: {what}": values for what, values in by_place(weekly).items()}
        level = np.log1p(weekly)
        made[f"{short} by week: places follow others, next week"] = correlation(level, level, 1)
    return made


def by_day(kept: dict[str, Any]) -> dict[str, Any]:
    """What a record by place and day shows beyond that: how places move and follow, first days and peaks."""
    import numpy as np

    from groundswell.inference.rivals import by_place, correlation

    made = {}
    for name in COLUMNS:
        short, daily = name.removeprefix("place."), kept[name].astype(np.float64)
        level = np.log1p(daily)
        made |= {f"{short} by day: {what}": values for what, values in by_place(daily).items()}
        same = correlation(level, level, 0)
        made |= {f"{short} by day: follow after {lag}": correlation(level, level, lag) - same for lag in LAGS}
        seen = daily > 0
        first = np.where(seen.any(1), seen.argmax(1), daily.shape[1])
        made |= {f"{short}, first day of place {k + 1}": first[:, k] for k in range(first.shape[1])}
        made |= {f"{short}, peak day of place {k + 1}": daily.argmax(1)[:, k] for k in range(first.shape[1])}
    return made


def chosen(columns: Sequence[tuple[str, int, bool]]) -> dict[str, list[int]]:
    """The columns that each richness sees."""
    made = {name: [j for j, (_, level, _) in enumerate(columns) if level <= k] for k, name in enumerate(RICHNESS)}
    made[BARE] = [j for j, (_, _, turnout) in enumerate(columns) if not turnout]
    return made


def recovery(tables: Sequence[Any], space: Any, columns: list[int], size: Sizes, seed: int) -> tuple[Any, Any]:
    """Mean contraction (k,) and coverage of 90 % intervals (k,) of truths, the rival not known."""
    import numpy as np

    from groundswell.inference.checks import Calibration
    from groundswell.inference.forest import Forests
    from groundswell.inference.smc import Table

    cut, each = size.worlds * 2 // 3, size.truths // len(tables)
    z = np.concatenate([one.z[:cut] for one in tables])
    known = Table(z, np.concatenate([one.summaries[:cut][:, columns] for one in tables]))
    forests = Forests(known, space, seed=seed, trees=size.trees // 3)
    ranks, contraction = [], []
    for k, one in enumerate(tables):
        rows = slice(cut + k * each, cut + (k + 1) * each)  # other rows of each: rivals share their draws
        for truth, seen in zip(one.z[rows], one.summaries[rows][:, columns], strict=True):
            found = forests.posterior(seen)
            ranks.append(found.rank(truth))
            contraction.append(found.contraction())
    return np.mean(contraction, axis=0), Calibration("forests", space.names, np.array(ranks)).coverage()


def draw(diagonal: dict[str, Any], contraction: dict[str, Any], path: Path) -> None:
    """The figure, as an SVG file: shares recognised by rival, and contraction by number, at each richness."""
    from groundswell.reports.drawing import BLUE, GREY, ORANGE, RED, blank, panel, save, styled

    looks = dict(zip(RICHNESS, ((ORANGE, "o"), (BLUE, "s"), (RED, "D")), strict=True))
    parts = (
        ("Worlds recognised as their own rival's", RIVALS, diagonal, ((0.2, "luck"), (0.7, "can be told"))),
        ("Mean contraction of free numbers", FREE, contraction, ((0.2, "set by prior below"),)),
    )
    with styled():
        figure = blank(3.1)
        for k, (title, names, values, lines) in enumerate(parts):
            axes = panel(figure, 1.0 + 3.75 * k, 0.42, 2.3, 2.05)
            for richness, (colour, marker) in looks.items():
                y = [len(names) - 1 - j for j in range(len(names))]
                axes.plot(values[richness], y, marker, color=colour, markersize=5, label=richness if k == 0 else None)
            for at, word in lines:
                axes.axvline(at, color=GREY, linewidth=0.8, linestyle="--")
                axes.text(at, len(names) - 0.42, f" {word}", fontsize=7, color=GREY, va="center")
            axes.set_xlim(min(0.0, *(float(min(v)) for v in values.values())) - 0.02, 1)
            axes.set_ylim(-0.5, len(names) - 0.05)
            axes.set_yticks(range(len(names)), list(reversed(names)))
            axes.tick_params(axis="y", labelsize=7)
            axes.set_title(title)
        figure.legend(loc="upper left", ncols=3, bbox_to_anchor=(0.13, 1.0))
        with TemporaryDirectory() as folder:
            save(figure, path.stem, Path(folder), ("richness",), [])
            path.write_text((Path(folder) / f"{path.stem}.svg").read_text(encoding="utf-8"), encoding="utf-8")


def page(found: dict[str, Any], size: Sizes, quick: bool) -> list[str]:
    """The results in words and tables."""
    levels = (*RICHNESS, BARE)
    told = {level: [r for r, share in zip(RIVALS, found["diagonal"][level], strict=True) if share >= 0.7]
            for level in levels}  # fmt: skip
    learned = {level: [name for name, c in zip(FREE, found["contraction"][level], strict=True) if c >= 0.2]
               for level in levels}  # fmt: skip
    error = (0.25 / (size.worlds - size.worlds * 2 // 3)) ** 0.5
    lines = ["# What can be told of made-up worlds", ""]
    for level in levels:
        few = f"{len(told[level])} of {len(RIVALS)} explanations can be told" + (
            f" ({', '.join(told[level])})" if told[level] else ""
        )
        mean = sum(found["diagonal"][level]) / len(RIVALS)
        numbers = f"{len(learned[level])} of {len(FREE)} numbers contract by 20 % or more on average"
        lines.append(f"- **{level[0].upper() + level[1:]}**: {few}; {mean:.0%} of worlds are recognised (luck: 20 %); "
                     f"{numbers}{': ' + ', '.join(learned[level]) if learned[level] else ''}.")  # fmt: skip
    if not quick:
        lines += ["", "![Shares of worlds recognised, and contraction of numbers, by richness](what_can_be_told.svg)"]
    lines += ["", "## Explanations recognised", "",
              f"Share of held-out worlds of each rival that are named rightly; standard error {error:.2f} or less.",
              "", *table(["worlds of", *levels], [[r, *(found["diagonal"][level][k] for level in levels)]
                                                  for k, r in enumerate(RIVALS)])]  # fmt: skip
    for level in levels:
        lines += ["", f"### Taken for what: {level}", "",
                  *table(["worlds of", *RIVALS], [[r, *found["confusion"][level][k]]
                                                  for k, r in enumerate(RIVALS)])]  # fmt: skip
    lines += ["", "## Whether a common shock acted", "",
              "Looked at after the run, so a guide and no test: share of worlds taken for a rival of their own kind,",
              f"those with a common shock ({', '.join(SHOCKED)}) and those without; luck is 40 % and 60 %.", "",
              *table(["worlds of", *levels], [[r, *(same_kind(found["confusion"][level][k], r) for level in levels)]
                                              for k, r in enumerate(RIVALS)])]  # fmt: skip
    lines += ["", "## Free numbers recovered", "",
              "Mean contraction over truths (and coverage of 90 % intervals), the rival not known.", "",
              *table(["number", *levels],
                     [[name, *(f"{found['contraction'][level][k]:.2f} ({found['coverage'][level][k]:.2f})"
                               for level in levels)] for k, name in enumerate(FREE)]),
              "", "Coverage over all numbers: " + ", ".join(
                  f"{level} {sum(found['coverage'][level]) / len(FREE):.2f}" for level in levels) + ".",
              f"Over {size.truths} truths the error of one number's coverage is {(0.09 / size.truths) ** 0.5:.2f}; "
              "where it is below 0.85, the contraction beside it is more than these forests can vouch for.",
              "", f"{size.worlds} worlds a rival with {size.people} simulated persons; every model event counts as "
              "recorded, and the model is right by construction: real data tell less."]  # fmt: skip
    return lines


def same_kind(row: Sequence[float], rival: str) -> float:
    """Of a row of a confusion matrix, the share taken for a rival with a common shock, or without, as its own is."""
    return float(sum(share for name, share in zip(RIVALS, row, strict=True)
                     if (name in SHOCKED) == (rival in SHOCKED)))  # fmt: skip


def study(asked: Any) -> None:
    """Run the study and write its results."""
    import groundswell
    from groundswell.inference.compare import recognised
    from groundswell.inference.smc import prior_table
    from groundswell.inference.space import space_of
    from groundswell.inference.targets import from_counts
    from groundswell.inference.worlds import Worlds

    size = QUICK if asked.quick else Sizes()
    work = kept_work(asked, HERE, {"sizes": [size.people, size.worlds], "free": FREE}, total=size.worlds * len(RIVALS))
    tables, records = [], None
    for k, name in enumerate(RIVALS):
        scenario = groundswell.load("iraq-2019").under(name).changed(set={"people": size.people})
        known = from_counts(scenario, scenario.period.end)
        cut = scenario.model_copy(update={"record": (*COLUMNS, "place.arrests"), "record_weekly": ()})
        records = Records(Worlds(cut, space_of(cut, FREE), (*known.fitted, *known.patterns), asked.seed))
        tables.append(prior_table(records, size.worlds, work, asked.seed, name=f"rival-{k}"))
    found: dict[str, Any] = {"diagonal": {}, "confusion": {}, "contraction": {}, "coverage": {}}
    for level, columns in chosen(records.columns).items():
        _, _, confusion = recognised([one.summaries[:, columns] for one in tables], seed=asked.seed, trees=size.trees)
        contraction, coverage = recovery(tables, records.space, columns, size, asked.seed)
        found["diagonal"][level] = [float(confusion[k, k]) for k in range(len(RIVALS))]
        found["confusion"][level] = confusion.tolist()
        found["contraction"][level], found["coverage"][level] = contraction.tolist(), coverage.tolist()
        print(f"{level}: {len(columns)} summaries", file=sys.stderr)
    results = {"command": "python studies/synthetic/run.py", "seed": asked.seed, "sizes": vars(size),
               "rivals": RIVALS, "free": FREE, **found}  # fmt: skip
    write(asked.out, results, page(found, size, asked.quick), asked.quick)
    draw(found["diagonal"], found["contraction"],
         asked.out / ("what_can_be_told_quick.svg" if asked.quick else "what_can_be_told.svg"))  # fmt: skip


def main(words: Sequence[str] | None = None) -> None:
    """Read the options and run."""
    with refusals():
        study(arguments(__doc__, HERE, words))


if __name__ == "__main__":
    main()
