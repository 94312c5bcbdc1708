"""What is to be inferred: free guesses with their priors, and the scale on which every prior is a standard normal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import Chance, normal_quantile, uniform
from groundswell.compiled import kernel
from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.scenario.numbers import Entry, guesses, quantiles
from groundswell.scenario.schema import Prior, Scenario

Floats = NDArray[np.float64]
MOST_FREE = 8  # science: ABC with more free numbers than this needs far more simulations than anyone runs


@dataclass(frozen=True)
class Space:
    """Free numbers by name, each with its prior and limits.

    Inference works on z, where every prior is a standard normal by inverse transform: the kernel of SMC never leaves
    the prior's range, log ranges and limits need no care, and prior densities are exact. `u` is the probability of
    the prior below a value: even from 0 to 1 under the prior, whatever the prior is.
    """

    entries: tuple[Entry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The paths, in order."""
        return tuple(entry.path for entry in self.entries)

    def values(self, z: Floats) -> Floats:
        """Values (n, k) of the free numbers at z (n, k)."""
        return self.at(below(np.ascontiguousarray(z, dtype=np.float64)))

    def at(self, u: Floats) -> Floats:
        """Values (n, k) at probabilities u (n, k) of the priors."""
        made = np.empty(u.shape)
        for j, entry in enumerate(self.entries):
            made[:, j] = quantiles(entry, np.clip(u[:, j], 1e-12, 1 - 1e-12))
        return made

    def prior(self, chance: Chance, first: int, count: int) -> Floats:
        """z (count, k) of prior draws: those of rows first, first + 1, ... of an address."""
        return normals(chance, first, count, len(self.entries))


def free(name: str, low: float, high: float, *, log: bool = False) -> Entry:
    """A free number that is no part of a case, even between two limits (or even in the logarithm)."""
    middle = (low * high) ** 0.5 if log else (low + high) / 2
    return Entry(
        name, middle, "guess", Prior(kind="loguniform" if log else "uniform", a=low, b=high), low=low, high=high
    )


def space_of(scenario: Scenario, paths: Sequence[str], *, most: int = MOST_FREE) -> Space:
    """The chosen guesses of a case. Raises GroundswellError where one is none, stands twice, or they are too many."""
    known = {entry.path: entry for entry in guesses(scenario)}
    wrong = [Problem("free-path", path, "is no guess of this case", nearest(path, known))
             for path in paths if path not in known]  # fmt: skip
    wrong += [Problem("free-twice", path, "is named twice", "name it once")
              for path in dict.fromkeys(paths) if list(paths).count(path) > 1]  # fmt: skip
    if len(paths) > most:
        fault = f"are {len(paths)} free numbers; with more than {most} most would stay at their priors"
        wrong.append(Problem("free-many", "free", fault, "name fewer; from Python, most_free= allows more"))
    if wrong:
        raise GroundswellError(wrong)
    return Space(tuple(known[path] for path in paths))


def below(z: Floats) -> Floats:
    """The standard normal distribution function of an array, by straight lines between nodes (error below 1e-7)."""
    grid = np.linspace(-8.0, 8.0, 16385)
    # the integral of the density, by Simpson's rule between the nodes of the grid
    density = np.exp(-0.5 * grid * grid) / np.sqrt(2 * np.pi)
    middle = (grid[1:] + grid[:-1]) / 2
    parts = (density[1:] + density[:-1] + 4 * np.exp(-0.5 * middle * middle) / np.sqrt(2 * np.pi)) * (16.0 / 16384) / 6
    area = np.concatenate([[0.0], np.cumsum(parts)])
    made: Floats = np.interp(z, grid, area / area[-1])
    return made


def normals(chance: Chance, first: int, count: int, columns: int, slot: int = 0) -> Floats:
    """Standard normal numbers (count, columns): row the first index, slot the second, from `slot` on."""
    made = np.empty((count, columns))
    fill_normals(chance, first, slot, made)
    return made


def uniforms(chance: Chance, first: int, count: int, columns: int = 1, slot: int = 0) -> Floats:
    """Numbers in (0, 1), addressed as in `normals`."""
    made = np.empty((count, columns))
    fill_uniforms(chance, first, slot, made)
    return made


@kernel
def fill_uniforms(chance: Chance, first: int, slot: int, made: Floats) -> None:
    """Fill `made` (rows, slots) with addressed uniforms."""
    for i in range(made.shape[0]):
        for j in range(made.shape[1]):
            made[i, j] = uniform(chance, first + i, slot + j)


@kernel
def fill_normals(chance: Chance, first: int, slot: int, made: Floats) -> None:
    """Fill `made` (rows, slots) with addressed standard normals."""
    for i in range(made.shape[0]):
        for j in range(made.shape[1]):
            made[i, j] = normal_quantile(uniform(chance, first + i, slot + j))
