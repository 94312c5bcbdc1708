"""Calibrate a simulator: two algorithms side by side, their disagreement, and what neither could learn."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.inference.adjust import adjusted, rejection
from groundswell.inference.checks import SET_BY_PRIOR, Misfit, Pattern, misfit, patterns
from groundswell.inference.forest import Forests, Marginal, disagreement
from groundswell.inference.neural import Neural, require
from groundswell.inference.posterior import Posterior
from groundswell.inference.simulator import Simulator
from groundswell.inference.smc import SMC, Population, Table, prior_table, smc
from groundswell.inference.space import Floats
from groundswell.inference.work import Work

if TYPE_CHECKING:
    import xarray as xr

DISAGREE = 0.5  # rule of reading: medians further apart than half a half-width are called a disagreement


@dataclass(frozen=True)
class Fit:
    """A calibration: the population of SMC, its adjusted posterior, rejection and forests on the same prior draws, and
    a neural posterior on them where it was asked for."""

    simulator: Simulator
    observed: Floats
    population: Population
    posterior: Posterior
    rejection: Posterior
    forest: Marginal
    table: Table
    misfit: Misfit
    patterns: tuple[Pattern, ...] = ()
    neural: Posterior | None = None

    @property
    def disagreement(self) -> Floats:
        """Largest distance of SMC from the others, (k,), in half-widths of 90 % intervals."""
        others = [one for one in (self.rejection, self.forest, self.neural) if one is not None]
        made: Floats = np.max([disagreement(self.posterior, one) for one in others], axis=0)
        return made

    @property
    def words(self) -> tuple[str, ...]:
        """What the data say of each free number (k,): set by prior, algorithms disagree, or learned.

        Set by its prior: contraction under 20 %. The algorithms disagree where medians lie apart, and where the forests
        alone leave it to its prior: a narrow population of SMC on its own may be luck, and another seed ends elsewhere.
        """
        alone = self.forest.contraction() < SET_BY_PRIOR
        made = zip(self.posterior.contraction(), self.disagreement, alone, strict=True)
        return tuple(
            "set by prior" if c < SET_BY_PRIOR else "algorithms disagree" if d > DISAGREE or one else "learned"
            for c, d, one in made
        )

    def named(self, word: str) -> tuple[str, ...]:
        """Free numbers with that word."""
        return tuple(name for name, one in zip(self.simulator.space.names, self.words, strict=True) if one == word)

    @property
    def learned(self) -> tuple[str, ...]:
        """Free numbers of which the data say something by all algorithms."""
        return self.named("learned")

    @property
    def lines(self) -> tuple[str, ...]:
        """What to say first."""
        prior, apart = self.named("set by prior"), self.named("algorithms disagree")
        made = [self.misfit.sentence]
        made.append(f"Of {len(self.words)} free numbers the data say something about {len(self.learned)}"
                    + (f": {', '.join(self.learned)}." if self.learned else "."))  # fmt: skip
        if prior:
            made.append(f"Set by their priors (contraction under 20 %): {', '.join(prior)}.")
        if apart:
            made.append(f"The algorithms disagree on {', '.join(apart)}: treat these as not known.")
        missed = [one.name for one in self.patterns if not one.inside]
        if self.patterns:
            inside = len(self.patterns) - len(missed)
            made.append(f"Of {len(self.patterns)} patterns not fitted, {inside} lie inside the posterior's 90 % band.")
        return tuple(made)


def calibrate(simulator: Simulator, observed: Floats, *, method: SMC | None = None, seed: int = 0,
              work: Work | None = None, checked: Simulator | None = None, checked_seen: Floats | None = None,
              draws: int = 200, neural: bool = False) -> Fit:  # fmt: skip
    """Fit a simulator to observed summaries (s,).

    `checked` is the same simulator with summaries that are not fitted, simulated at `draws` draws of the posterior and
    held against `checked_seen`. The same settings and seed give the same bytes for any work. `neural` adds a neural
    posterior (see `inference.neural`); raises GroundswellError where its extra is not installed.
    """
    if neural:
        require()
    method, work = method or SMC(), work or Work()
    table = prior_table(simulator, method.particles, work, seed)
    population = smc(simulator, observed, method=method, seed=seed, work=work, table=table)
    space = simulator.space
    posterior = adjusted(population, space, observed)
    found: tuple[Pattern, ...] = ()
    if checked is not None and checked_seen is not None and len(checked.summaries):
        chosen = posterior.equal(draws, seed)
        simulated = work.table(checked, chosen.values(), 500_000_000, "check")
        found = patterns(checked.summaries, chosen, simulated, checked_seen)
    near = max(50, method.particles // 10)
    return Fit(simulator, observed, population, posterior, rejection(table, space, observed, nearest=near),
               Forests(table, space, seed=seed).posterior(observed), table,
               misfit(simulator.summaries, table.summaries, observed), found,
               Neural(table, space, seed=seed).posterior(observed) if neural else None)  # fmt: skip


def tree(fit: Fit, *, draws: int = 1000, seed: int = 0) -> xr.DataTree:
    """The fit in ArviZ's schema: groups posterior, sample_stats, posterior_predictive, observed_data, prior and
    prior_predictive, with dims chain (1) and draw; opened by plain xarray.

    Posterior draws are equally weighted; `posterior_predictive` are the fitted summaries before adjustment.
    """
    import xarray as xr

    space, names = fit.simulator.space, np.array(fit.simulator.summaries, dtype=object)
    chosen = fit.posterior.equal(draws, seed)

    def numbers(z: Floats) -> xr.Dataset:
        values = space.values(z)
        return xr.Dataset({name: (("chain", "draw"), values[None, :, j]) for j, name in enumerate(space.names)})

    def predicted(summaries: Floats) -> xr.Dataset:
        return xr.Dataset({"summary": (("chain", "draw", "target"), summaries[None])}, coords={"target": names})

    history = fit.population.history
    stats = xr.Dataset(
        {"tolerance": ("generation", [one.tolerance for one in history]),
         "accepted": ("generation", [one.accepted for one in history]),
         "effective": ("generation", [one.effective for one in history]),
         "contraction": ("parameter", fit.posterior.contraction()),
         "disagreement": ("parameter", fit.disagreement)},
        coords={"parameter": np.array(space.names, dtype=object)},
    )  # fmt: skip
    return xr.DataTree.from_dict({
        "posterior": numbers(chosen.z), "sample_stats": stats, "posterior_predictive": predicted(chosen.summaries),
        "observed_data": xr.Dataset({"summary": ("target", fit.observed)}, coords={"target": names}),
        "prior": numbers(fit.table.z), "prior_predictive": predicted(fit.table.summaries),
    })  # fmt: skip


def save(made: xr.DataTree, path: Path) -> None:
    """Write a tree as Zarr, whole or not at all; an earlier one is replaced."""
    part = path.with_name(path.name + ".partial")
    for old in (part,):
        shutil.rmtree(old, ignore_errors=True)
    made.to_zarr(part, consolidated=False)
    shutil.rmtree(path, ignore_errors=True)
    part.replace(path)


def rows(fit: Fit) -> Sequence[tuple[str, float, float, float, float, float, str]]:
    """One row a free number: name, 5, 50 and 95 % values, contraction, disagreement, and what that means."""
    low, middle, high = fit.posterior.quantile(0.05, 0.5, 0.95)
    made = []
    for j, name in enumerate(fit.simulator.space.names):
        c, d = float(fit.posterior.contraction()[j]), float(fit.disagreement[j])
        made.append((name, float(low[j]), float(middle[j]), float(high[j]), c, d, fit.words[j]))
    return made
