"""The statistical twin: counts by place and day that depend on their own past and on that of their neighbours.

    N_pt ~ negative binomial with mean m_pt and variance m_pt + m_pt^2 / k,
    m_pt = g_rt (mu_pb + sum over terms j of a_j Z_jpt).

mu_pb is the background of place p in block b of days (one block by default), g_rt the effect of day t in region r. The
science brief (M8) has g on the background alone. Here it multiplies the whole: what is then asked is which places have
the day's events, given how many there are, and a free number a day costs no bias (for Poisson counts this is the
multinomial likelihood given totals). With g on the background alone, days without events push the a_j to 0. A term Z
is an exponentially weighted sum of counts of other days: of the place itself (`own`), of its neighbours before
(`through`), or of its neighbours after (`ahead`, which no cause explains). All a_j >= 0, so that tests are one-sided.
Same-day counts of neighbours are no term: they cannot be told from a common shock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import GroundswellError, Problem

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Terms = Mapping[str, Floats]
LOW, HIGH = -14.0, 14.0  # of log mu: e^-14 is no event in 3,000 years of days
LIFT = 3.0  # of log mu: a start is no further below a cold one; guess: a twentieth of the events of the place
QUIET = -7.0  # of log g at least: a thousandth of the mean day; lower ones only cost time
SIZES = (-4.0, 9.0)  # of log k: from e^-4, very clustered, to e^9, where it is Poisson to four digits
KNOTS = ("constant", "day", "region-day")  # or a whole number of days between knots


def refuse(where: str, fault: str, cure: str) -> GroundswellError:
    """The error about a panel that cannot be used."""
    return GroundswellError(Problem("panel", where, fault, cure))


FIRST = np.datetime64("2000-01-01", "D")


@dataclass(frozen=True)
class Panel:
    """Counts (place, day), not negative; days follow each other from `first`.

    `weights` (place, place) says how much of a neighbour's past counts for a place, rows the place that is moved; rows
    that sum to 1 make the coefficient the number of events that one event more at every neighbour makes. `region`
    (place) numbers the regions 0, 1, ...; `block` (day) those of the background, by default one.
    """

    counts: Integers
    places: tuple[str, ...]
    weights: Floats
    region: Integers
    first: np.datetime64 = FIRST
    block: Integers | None = None

    def __post_init__(self) -> None:
        """Raises GroundswellError where shapes do not fit or counts are no counts."""
        shape = self.counts.shape
        if len(shape) != 2 or shape[0] < 1 or shape[1] < 10:
            raise refuse("counts", f"have the shape {shape}", "give places by days, at least 1 by 10")
        if self.counts.min() < 0:
            raise refuse("counts", "are below 0", "counts are whole numbers from 0")
        if len(self.places) != shape[0] or self.region.shape != shape[:1] or self.weights.shape != (shape[0],) * 2:
            raise refuse("places", "names, regions, weights and counts do not fit", "one name, region and row a place")
        if np.diag(self.weights).any() or self.weights.min() < 0:
            raise refuse("weights", "a place is its own neighbour, or a weight is below 0", "0 on the diagonal")
        if self.block is not None and self.block.shape != shape[1:]:
            raise refuse("block", "has another number of days", "one number a day")

    @property
    def days(self) -> NDArray[np.datetime64]:
        """The days (day,)."""
        return self.first + np.arange(self.counts.shape[1])


def rows_to_one(weights: NDArray[Any]) -> Floats:
    """Weights with rows that sum to 1; a place without neighbours keeps its row of 0."""
    made = np.asarray(weights, float)
    total = made.sum(1, keepdims=True)
    shares: Floats = np.divide(made, total, out=np.zeros_like(made), where=total > 0)
    return shares


def memory_of(counts: NDArray[Any], mean: float) -> Floats:
    """sum over k >= 1 of w_k N_(t-k), w_k = (1 - q) q^(k-1), q = 1 - 1 / mean: the exponential kernel in days.

    `counts` is (place, day); before the first day nothing is known and nothing is added. The delay has this mean.
    """
    from scipy.signal import lfilter

    if mean < 1:
        raise refuse("memory", f"is {mean:g} days", "it is at least 1 day, which is the day before")
    q = 1.0 - 1.0 / mean
    made: Floats = lfilter([0.0, 1.0 - q], [1.0, -q], np.asarray(counts, float), axis=1)
    return made


def own(panel: Panel, mean: float) -> Floats:
    """The place's own past (place, day)."""
    return memory_of(panel.counts, mean)


def through(panel: Panel, mean: float, weights: Floats | None = None) -> Floats:
    """The past of the neighbours (place, day), through the panel's weights or others."""
    return _spread(panel.weights if weights is None else weights, memory_of(panel.counts, mean))


def ahead(panel: Panel, mean: float, weights: Floats | None = None) -> Floats:
    """The future of the neighbours (place, day), with the same kernel turned round."""
    turned = memory_of(panel.counts[:, ::-1], mean)[:, ::-1]
    return _spread(panel.weights if weights is None else weights, turned)


def _spread(weights: Floats, held: Floats) -> Floats:
    """weights @ held, in one order of addition for any number of BLAS threads."""
    from scipy.sparse import csr_matrix

    made: Floats = csr_matrix(weights) @ held
    return made


class Fit(NamedTuple):
    """A fit: coefficients of the terms by name, 1/k, the log likelihood, and the parts.

    `background` is mu g (place, day), `gain` is g (place, day), with mean 1 where the terms are, `mean` is m: it is the
    background and gain times coefficients times terms. `converged` is False where the optimiser gave up. `x` is the
    vector of the likelihood.
    """

    terms: tuple[str, ...]
    coefficients: Floats
    dispersion: float
    log_likelihood: float
    background: Floats
    gain: Floats
    mean: Floats
    converged: bool
    x: Floats

    def of(self, name: str) -> float:
        """The coefficient of a term; 0 where the fit has no such term."""
        return float(self.coefficients[self.terms.index(name)]) if name in self.terms else 0.0

    def share(self, name: str, term: Floats) -> float:
        """The share of expected events that a term makes."""
        return float(self.of(name) * (self.gain * term).sum() / self.mean.sum())


class Likelihood:
    """The log likelihood of a panel and its gradient; the vector is log mu, effect coefficients, a, log k."""

    def __init__(self, panel: Panel, terms: Terms, effects: str | int = "day") -> None:
        y = self.y = panel.counts.astype(float)
        self.terms = np.stack([np.asarray(z, float) for z in terms.values()]) if terms else np.zeros((0, *y.shape))
        if self.terms.shape[1:] != y.shape:
            raise refuse("terms", "have another shape than the counts", "make them from the same panel")
        block = np.zeros(y.shape[1], np.int64) if panel.block is None else panel.block
        self.blocks = int(block.max()) + 1
        self.stratum = (np.arange(y.shape[0])[:, None] * self.blocks + block[None, :]).ravel()
        by_region = effects == "region-day"
        self.region = panel.region if by_region else np.zeros(y.shape[0], np.int64)
        self.regions = int(self.region.max()) + 1
        self.basis = basis(effects, y.shape[1], self.regions)
        self.cell = (self.region[:, None] * y.shape[1] + np.arange(y.shape[1])[None, :]).ravel()
        self.n_mu, self.n_effect, self.n_term = y.shape[0] * self.blocks, self.basis.shape[1], len(self.terms)
        values, times = np.unique(panel.counts, return_counts=True)
        self.values, self.times = values.astype(float), times
        past = self.terms.sum(0) if self.n_term else np.zeros_like(y)
        self.once = (past if past.sum() > 0 else np.ones_like(y)) / (past.sum() or y.size)
        self.heavy = np.bincount(self.cell, self.once.ravel(), self.basis.shape[0])
        seen = self.basis.T @ np.bincount(self.cell, self.y.ravel(), self.basis.shape[0])
        self.bounds = [(LOW, HIGH)] * self.n_mu + [(QUIET, HIGH if some else QUIET) for some in seen]
        self.bounds += [(0.0, 5.0)] * self.n_term + [SIZES]  # a day without any event has the least effect there is

    def split(self, x: Floats) -> tuple[Floats, Floats, Floats, float]:
        """The parts of the vector."""
        a, b = self.n_mu, self.n_mu + self.n_effect
        return x[:a], x[a:b], x[b:-1], float(x[-1])

    def means(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """g, g mu and m, all (place, day). g has mean 1 over days weighted by what the terms hold."""
        mu, c, a, _ = self.split(x)
        each = np.exp(np.clip(self.basis @ c, QUIET, HIGH))
        g = (each / (self.heavy @ each) if self.n_effect else each)[self.cell].reshape(self.y.shape)
        base = g * np.exp(mu)[self.stratum].reshape(self.y.shape)
        m = base + 1e-10
        for share, term in zip(a, self.terms, strict=True):  # not one product: BLAS threads cost more than they give
            m += share * g * term
        return g, base, m

    def __call__(self, x: Floats) -> tuple[float, Floats]:
        """Minus the log likelihood (log N! included), and its gradient."""
        from scipy.special import digamma, gammaln

        k = np.exp(x[-1])
        g, base, m = self.means(x)
        log_mk = np.log(m + k)
        ratio = (self.y + k) / (m + k)
        once = gammaln(self.values + k) - gammaln(k) - gammaln(self.values + 1)
        total = (self.times * once).sum() + self.y.size * k * x[-1]
        total += (self.y * np.log(m)).sum() - ((self.y + k) * log_mk).sum()
        residual = self.y / m - ratio
        pushed = residual * g
        by_k = (self.times * (digamma(self.values + k) - digamma(k))).sum()
        by_k += self.y.size * (x[-1] + 1) - log_mk.sum() - ratio.sum()
        by_g = np.bincount(self.cell, (residual * m).ravel(), self.basis.shape[0])
        share = np.bincount(self.cell, (g * self.once).ravel(), self.basis.shape[0])
        gradient = np.concatenate([
            np.bincount(self.stratum, (residual * base).ravel(), self.n_mu),
            self.basis.T @ (by_g - by_g.sum() * share),
            [float((term * pushed).sum()) for term in self.terms],
            [k * by_k],
        ])  # fmt: skip
        return -float(total), -gradient

    def begin(self) -> Floats:
        """A start: half of the events are background, little dispersion."""
        mu = np.bincount(self.stratum, self.y.ravel() + 0.01, self.n_mu) / np.bincount(self.stratum)
        return np.concatenate(
            [
                np.log(0.6 * mu + 1e-5),
                [min(0.0, high) for _, high in self.bounds[self.n_mu : self.n_mu + self.n_effect]],
                np.full(self.n_term, 0.1),
                [1.5],
            ]
        )


def basis(effects: str | int, days: int, regions: int) -> Any:
    """The sparse matrix (region x day, coefficient) that makes log g: one a day, hat functions on knots, or none."""
    from scipy.sparse import csr_matrix, identity

    if effects == "constant":
        return csr_matrix((regions * days, 0))
    if effects in ("day", "region-day"):
        return identity(regions * days, format="csr")
    if not isinstance(effects, int) or effects < 2:
        raise refuse("effects", f"is {effects!r}", f"one of {', '.join(KNOTS)}, or days between knots, at least 2")
    at = np.arange(days) / effects
    low = np.floor(at).astype(int)
    rows = np.repeat(np.arange(days), 2)
    columns = np.stack([low, low + 1], 1).ravel()
    values = np.stack([1 - (at - low), at - low], 1).ravel()
    return csr_matrix((values, (rows, columns)))


def fit(
    panel: Panel, terms: Terms, *, effects: str | int = "day", start: Fit | None = None,
    fixed: Mapping[str, float] | None = None,
) -> Fit:  # fmt: skip
    """Maximum likelihood by L-BFGS-B with the analytic gradient; `start` is an earlier fit with the same effects.

    `effects` is constant, day, region-day or the days between knots of a shared series. `fixed` holds coefficients.
    """
    from scipy.optimize import minimize

    problem = Likelihood(panel, terms, effects)
    x, head = problem.begin(), problem.n_mu + problem.n_effect
    if start is not None:
        x[:head], x[-1] = start.x[:head], start.x[-1]
        # a place that another term had to itself stands at the floor, from where a fit without it does not come back
        x[: problem.n_mu] = np.maximum(x[: problem.n_mu], problem.begin()[: problem.n_mu] - LIFT)
        x[head:-1] = [start.of(name) if name in start.terms else 0.01 for name in terms]
    bounds = list(problem.bounds)
    for k, name in enumerate(terms):
        if name in (fixed or {}):
            x[head + k] = (fixed or {})[name]
            bounds[head + k] = (x[head + k], x[head + k])
    # L-BFGS stalls at times where it has long stood at a bound: it is started again from there until nothing is gained
    best = np.inf
    done: Any = None
    for _ in range(6):
        done = minimize(
            problem,
            x,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 1500, "maxfun": 3000, "maxcor": 20, "ftol": 1e-10, "gtol": 1e-4},
        )
        x = done.x
        if best - done.fun < 1e-3:
            break
        best = float(done.fun)
    g, base, m = problem.means(x)
    _, _, a, log_k = problem.split(x)
    return Fit(tuple(terms), a.copy(), float(np.exp(-log_k)), -float(done.fun), base, g, m, bool(done.success), x)


def interval(panel: Panel, terms: Terms, name: str, found: Fit, *, effects: str | int = "day",
             drop: float = 2.7055) -> tuple[float, float]:  # fmt: skip
    """The profile-likelihood interval of one coefficient: where twice the log likelihood has fallen by `drop`.

    2.7055 makes 90 %, each end a one-sided 5 % test. The information matrix would not do: a quiet place that a term
    alone can reach makes it claim a certainty that is not there. Bounds are within 0 and 5, to about 1 %.
    """

    def fall(value: float) -> float:
        held = fit(panel, terms, effects=effects, start=found, fixed={name: value})
        return 2.0 * (found.log_likelihood - held.log_likelihood) - drop

    best = found.of(name)
    high = _crossing(fall, best, 5.0, max(0.1, 0.5 * best), drop)
    low = 0.0 if best <= 0 or fall(0.0) <= 0 else _crossing(lambda v: fall(best - v), 0.0, best, 0.5 * best, drop)
    return (0.0 if low == 0.0 else best - low), high


def _crossing(fall: Any, begin: float, end: float, step: float, drop: float) -> float:
    """Where `fall` passes 0 between `begin` (where it is -drop) and `end`, by doubling steps and the Illinois rule."""
    left, at_left = begin, -drop
    right = begin
    while True:
        right = min(end, right + step)
        at_right = fall(right)
        if at_right >= 0 or right >= end:
            break
        left, at_left, step = right, at_right, 2 * step
    if at_right < 0:
        return end
    last = 0
    for _ in range(8):
        if right - left < 0.01 * max(right - begin, 1e-3):
            break
        middle = left - at_left * (right - left) / (at_right - at_left)
        middle = min(max(middle, left + 0.05 * (right - left)), right - 0.05 * (right - left))
        value = fall(middle)
        if value < 0:
            left, at_left, at_right = middle, value, at_right / 2 if last < 0 else at_right
            last = -1
        else:
            right, at_right, at_left = middle, value, at_left / 2 if last > 0 else at_left
            last = 1
    return 0.5 * (left + right)
