"""On what do outcomes depend? A Morris screen of all guesses, then Sobol indices of those left; the seed is an input.

Screening by elementary effects after Morris 1991 (Technometrics 33, 161-174), with mu* of Campolongo, Cariboni and
Saltelli 2007 (Environmental Modelling & Software 22, 1509-1518); indices by the estimators of Saltelli and others 2010
(Computer Physics Communications 181, 259-270), both through SALib. Every base point has a seed of its own, so that
chance is averaged over as many seeds as there are base points; one more input of both designs changes nothing but the
seed, and its total index is the share of variance that would stay if every guess were known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.chance import chance_for
from groundswell.errors import GroundswellError, Problem
from groundswell.inference.forest import state_of
from groundswell.inference.simulator import Simulator
from groundswell.inference.space import Floats, uniforms
from groundswell.inference.work import Block, Work
from groundswell.scenario.schema import ByGroup, Scenario

SEED = "seed"
REST = "all other guesses together"
LEVELS = 4  # of the grid of the screen, as Morris 1991 uses
SEEDS = 20  # least number of base points, each with its own seed, of a result that may be cited (science, D3)
RESAMPLES = 500  # guess: enough for two digits of a 95 % interval
LEVEL = 0.95
LOST = 0.2  # rule of reading: above it the screen left out what matters


@dataclass(frozen=True)
class Input:
    """One input of the design: a guess, or several that stand for the same thing in different places.

    `columns` are their places among the free numbers of the simulator.
    """

    name: str
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Screening:
    """Elementary effects of inputs (rows; the last is the seed) on outcomes (columns).

    An effect is the change of an outcome per move of an input from 12.5 to 87.5 % of its prior, by a step of two
    thirds of that; for the seed, of which no two values are near, the change is taken over the same step. `star` is
    the mean of absolute effects (mu*), `star_error` the half-width of its bootstrap 95 % interval, `sigma` the
    standard deviation of effects; `spread` (outcomes,) is that of the outcomes themselves.
    """

    names: tuple[str, ...]
    outcomes: tuple[str, ...]
    star: Floats
    star_error: Floats
    sigma: Floats
    spread: Floats
    trajectories: int

    def strength(self) -> Floats:
        """Largest mu* over outcomes (inputs,), in units of each outcome's spread: harm weighs as much as turnout."""
        scale = np.where(self.spread > 0, self.spread, np.inf)
        made: Floats = (self.star / scale).max(axis=1)
        return made

    def survivors(self, most: int) -> tuple[str, ...]:
        """The inputs with the largest strength, in the order of the case. The seed is an input of the next step anyway;
        what never moves an outcome does not survive."""
        strength = self.strength()[:-1]
        order = np.argsort(-strength, kind="stable")[:most]
        return tuple(self.names[k] for k in sorted(order) if strength[k] > 0)


@dataclass(frozen=True)
class Indices:
    """Sobol indices of inputs (rows) on outcomes (columns): `first` alone, `total` with all interactions, and the
    half-widths of their bootstrap 95 % intervals. A column is nan where the outcome does not vary.
    """

    names: tuple[str, ...]
    outcomes: tuple[str, ...]
    first: Floats
    first_error: Floats
    total: Floats
    total_error: Floats
    base: int

    def of(self, name: str, outcome: str) -> tuple[float, float]:
        """Total index of an input and the half-width of its interval."""
        at = self.names.index(name), self.outcomes.index(outcome)
        return float(self.total[at]), float(self.total_error[at])


@dataclass(frozen=True)
class Sensitivity:
    """Screen and indices of a simulator. Outcomes are log(1 + number)."""

    screening: Screening
    indices: Indices
    guesses: int
    simulations: int

    @property
    def lines(self) -> tuple[str, ...]:
        """What to say first."""
        screen, found = self.screening, self.indices
        made = [f"{len(screen.names) - 1} inputs ({self.guesses} guesses, those of single places joined) and the seed "
                f"were screened from {screen.trajectories} base points; {len(found.names) - 1 - (REST in found.names)} "
                f"went on to Sobol indices with {found.base} base points, each with a seed of its own."]  # fmt: skip
        for k, outcome in enumerate(found.outcomes):
            if not np.isfinite(found.total[:, k]).all():
                made.append(f"{outcome}: the same in every simulation, so nothing can be said of it.")
                continue
            parts = [f"{words} {_share(*found.of(name, outcome))}"
                     for name, words in ((SEED, "chance (the seed)"), (REST, "the guesses screened out"))
                     if name in found.names]  # fmt: skip
            made.append(f"{outcome}: total share of variance of {' and of '.join(parts)}, with 95 % intervals.")
        if REST in found.names:
            lost = [outcome for outcome in found.outcomes if found.of(REST, outcome)[0] > LOST]
            if lost:
                made.append(f"The guesses screened out carry more than {LOST:.0%} of the variance of "
                            f"{', '.join(lost)}: those kept are no full account. Raise --keep.")  # fmt: skip
        wide = int(np.sum(found.total_error > 0.1))
        if wide:
            made.append(f"{wide} of {found.total.size} total indices are not known to within 0.1: raise --base.")
        return tuple(made)


def _share(value: float, error: float) -> str:
    return f"{value:.2f} ({max(0.0, value - error):.2f} to {value + error:.2f})"


def inputs_of(scenario: Scenario, paths: Sequence[str]) -> tuple[Input, ...]:
    """The inputs that the guesses `paths` make: those of single places, units and sites joined by what they are.

    No place is named by what depends on it. Columns are in the order of `paths`, inputs in that of their first.
    """
    found: dict[str, list[int]] = {}
    for k, path in enumerate(paths):
        found.setdefault(_kind(scenario, path), []).append(k)
    return tuple(Input(name, tuple(columns)) for name, columns in found.items())


def _kind(scenario: Scenario, path: str) -> str:
    head, _, rest = path.partition(".")
    row, _, column = rest.rpartition(".")
    if head == "unit":
        links = scenario.unit[row].links if row in scenario.unit else {}
        return f"unit.{links.get('actor') or row.partition('@')[0]}@*.{column}"
    if head in ("place", "site"):
        return f"{head}.*.{column}"
    if path.startswith("community.identity_share."):
        return f"community.identity_share.*.{column}"
    if head == "community" and scenario.community is not None:
        name = rest.partition(".")[0]
        spec = scenario.community.columns.get(name)
        if isinstance(spec, ByGroup) and spec.by == "place":
            return f"community.{name}.*"
    return path


def morris(simulator: Simulator, inputs: Sequence[Input], *, trajectories: int = SEEDS, seed: int = 0,
           work: Work | None = None, first: int = 0) -> Screening:  # fmt: skip
    """Screen inputs; trajectory t has simulation number first + t, and first + trajectories + t where its seed moves.

    All members of an input move at once, each up or down by an addressed chance. The seed moves last.
    """
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as design

    work, count, space = work or Work(), len(inputs), simulator.space
    problem = {"num_vars": count, "names": [one.name for one in inputs], "bounds": [[0.0, 1.0]] * count}
    levels = design.sample(problem, trajectories, num_levels=LEVELS, seed=state_of(seed, "morris"))
    levels = levels.reshape(trajectories, count + 1, count).transpose(1, 0, 2)
    turned = uniforms(chance_for(seed, "inference/morris"), 0, trajectories, len(space.names)) < 0.5
    u = np.full((count + 1, trajectories, len(space.names)), 0.5)
    for j, one in enumerate(inputs):
        for column in one.columns:
            turn = turned[:, column] & (len(one.columns) > 1)
            u[:, :, column] = np.where(turn, 1 - levels[:, :, j], levels[:, :, j])
    u = 0.125 + 0.75 * u  # levels in the middle of four parts of equal probability: a normal prior has no ends
    values = [space.at(part) for part in u]
    blocks: list[Block] = [(part, first) for part in values]
    blocks.append((values[-1], first + trajectories))
    work.say("screening")
    made = np.stack(work.blocks(simulator, blocks, "morris"))  # steps, trajectories, outcomes
    step = LEVELS / (2.0 * (LEVELS - 1))
    moved = np.zeros((count + 2, trajectories, count + 1))
    moved[:-1, :, :-1], moved[-1, :, :-1], moved[-1, :, -1] = levels, levels[-1], step
    x = moved.transpose(1, 0, 2).reshape(-1, count + 1)
    names = (*(one.name for one in inputs), SEED)
    whole = {"num_vars": count + 1, "names": list(names), "bounds": [[0.0, 1.0]] * (count + 1)}
    star, error, sigma = (np.zeros((count + 1, made.shape[2])) for _ in range(3))
    for k in range(made.shape[2]):
        y = np.ascontiguousarray(made[:, :, k].T).reshape(-1)
        found = analysis.analyze(whole, x, y, num_resamples=RESAMPLES, conf_level=LEVEL, num_levels=LEVELS,
                                 seed=state_of(seed, f"morris/{k}"))  # fmt: skip
        star[:, k], error[:, k], sigma[:, k] = found["mu_star"], found["mu_star_conf"], found["sigma"]
    return Screening(names, simulator.summaries, star, error, sigma, made.std(axis=(0, 1)), trajectories)


def sobol(simulator: Simulator, inputs: Sequence[Input], *, base: int = 256, seed: int = 0, work: Work | None = None,
          first: int = 0) -> Indices:  # fmt: skip
    """Indices of inputs, of the seed, and of all free numbers that no input names taken together.

    `base` is a power of two. Base point j of the first matrix is simulation first + j, of the second first + base + j:
    exchanging the input `seed` exchanges the numbers of simulations, and with them every chance but the guesses.
    Points are a Sobol sequence turned by an addressed shift; the bootstrap takes them as independent, so its intervals
    are rather too wide.
    """
    from SALib.analyze import sobol as analysis
    from scipy.stats import qmc

    check_base(base)
    work, space = work or Work(), simulator.space
    named = [column for one in inputs for column in one.columns]
    rest = tuple(column for column in range(len(space.names)) if column not in set(named))
    chance = chance_for(seed, "inference/sobol")
    u = uniforms(chance, 0, 2 * base, len(space.names)).reshape(2, base, -1)
    if named:
        points = qmc.Sobol(2 * len(named), scramble=False).random_base2(int(math.log2(base)))
        shift = uniforms(chance_for(seed, "inference/sobol/shift"), 0, 1, 2 * len(named))
        points = (points + shift) % 1.0
        u[0][:, named], u[1][:, named] = points[:, : len(named)], points[:, len(named) :]
    a, b = space.at(u[0]), space.at(u[1])
    parts = [*inputs, *([Input(REST, rest)] if rest else [])]
    tables: list[tuple[Floats, int]] = [(a, first)]
    for one in parts:
        mixed = a.copy()
        mixed[:, list(one.columns)] = b[:, list(one.columns)]
        tables.append((mixed, first))
    tables += [(a, first + base), (b, first + base)]
    size = work.batch
    blocks: list[Block] = [(values[k : k + size], start + k) for values, start in tables for k in range(0, base, size)]
    work.say("Sobol indices")
    made = np.concatenate(work.blocks(simulator, blocks, "sobol")).reshape(len(tables), base, -1)
    names = (*(one.name for one in parts), SEED)
    problem: dict[str, Any] = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    shares: list[Floats] = [np.full((len(names), made.shape[2]), np.nan) for _ in range(4)]
    for k in range(made.shape[2]):
        y = np.ascontiguousarray(made[:, :, k].T).reshape(-1)
        if np.ptp(y) <= 1e-12:
            continue
        found = analysis.analyze(problem, y, calc_second_order=False, num_resamples=RESAMPLES, conf_level=LEVEL,
                                 seed=state_of(seed, f"sobol/{k}") | 1)  # fmt: skip
        for share, key in zip(shares, ("S1", "S1_conf", "ST", "ST_conf"), strict=True):
            share[:, k] = found[key]
    alone, alone_error, total, total_error = shares
    return Indices(names, simulator.summaries, alone, alone_error, total, total_error, base)


def sensitivity(simulator: Simulator, inputs: Sequence[Input], *, trajectories: int = SEEDS, keep: int = 10,
                base: int = 256, seed: int = 0, work: Work | None = None) -> Sensitivity:  # fmt: skip
    """Screen all inputs, and give the `keep` strongest, the seed and the rest their Sobol indices."""
    work = work or Work()
    check_base(base)
    if trajectories < 2 or keep < 1:
        raise GroundswellError(Problem("sensitivity-size", f"{trajectories} trajectories, {keep} kept",
                                       "are too few", "give 2 trajectories and 1 input, or more"))  # fmt: skip
    screening = morris(simulator, inputs, trajectories=trajectories, seed=seed, work=work)
    chosen = screening.survivors(keep)
    # simulations of the second step start where those of the first ended: no chance is used twice
    indices = sobol(simulator, [one for one in inputs if one.name in chosen], base=base, seed=seed, work=work,
                    first=2 * trajectories)  # fmt: skip
    return Sensitivity(screening, indices, len(simulator.space.names), work.done)


def check_base(base: int) -> None:
    """Raise GroundswellError where a Sobol sequence of this length would not be balanced."""
    if base < 8 or base & (base - 1):
        raise GroundswellError(
            Problem("sensitivity-base", f"base {base}", "is no power of two from 8 on", "give 64, 128, 256, ...")
        )


def simulations(inputs: int, trajectories: int, keep: int, base: int) -> int:
    """How many simulations `sensitivity` takes."""
    return trajectories * (inputs + 2) + base * (min(keep, inputs) + 3 + (keep < inputs))
