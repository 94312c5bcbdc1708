"""Hawkes processes: events that make more events, of their own stream and of others; simulated and fitted.

The rate of stream i at time t, after events of all streams j at times t_k, is

    lambda_i(t) = mu_i + sum_j alpha_ij sum over k of j, t_k < t: omega exp(-omega (t - t_k)).

mu_i is the background rate, alpha_ij the mean number of events of stream i that one of stream j causes directly, and
1 / omega the mean delay. The process is stable where the spectral radius of alpha is below 1. It is simulated as
families: background events are Poisson, and each event has Poisson(alpha_ij) children of stream i after exponential
delays (Hawkes and Oakes 1974). It is fitted by expectation and maximisation, which climbs the exact likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundswell.canon.base import Text, finished, refuse, side_by_side, within
from groundswell.chance import Chance, chance_for, exp, log, poisson, uniform
from groundswell.compiled import kernel

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

TEXT = Text(
    title="Hawkes self- and cross-excitation",
    source='Hawkes 1971, "Spectra of some self-exciting and mutually exciting point processes", Biometrika 58, 83-90; '
    "families as in Hawkes and Oakes 1974, Journal of Applied Probability 11, 493-503.",
    verified=(
        "Nothing was compared with a paper's numbers; the texts could not be read.",
        "Against closed forms: mean rates (I - alpha)^-1 mu, and the compensator's unit exponential gaps.",
        "Against itself: known parameters are recovered from simulated events.",
    ),
    not_verified=(
        "Any published fit, for instance of violence in Iraq.",
        "With a background that changes, a plain fit reports contagion that is not there; this does not help.",
    ),
)


@dataclass(frozen=True)
class Rules:
    """Two streams that are alike, or one.

    Parameters
    ----------
    streams
        1 or more, all with the same numbers; other shapes are for the Python interface (`Rates`).
    background
        mu, events per unit of time and stream.
    own
        alpha_ii: events of the same stream that one event causes, on average.
    cross
        alpha_ij: events of each other stream that one event causes, on average.
    decay
        omega, per unit of time.
    """

    streams: int = 2
    background: float = 0.5
    own: float = 0.4
    cross: float = 0.15
    decay: float = 1.0

    def __post_init__(self) -> None:
        """Raises GroundswellError where a value is off its limits, or the process would explode."""
        within(self, streams=(1, 50), background=(1e-9, 1e9), own=(0, 1), cross=(0, 1), decay=(1e-9, 1e9))
        radius = self.own + (self.streams - 1) * self.cross
        if radius >= 1:
            refuse("own", f"and cross make {radius:g} events from one", "the spectral radius of alpha is below 1")

    def rates(self) -> Rates:
        """The same as arrays."""
        alpha = np.full((self.streams, self.streams), self.cross)
        np.fill_diagonal(alpha, self.own)
        return Rates(np.full(self.streams, self.background), alpha, self.decay)


DEFAULT = Rules()


class Rates(NamedTuple):
    """mu (streams,), alpha (streams, streams) with the caused stream first, and omega."""

    mu: NDArray[np.float64]
    alpha: NDArray[np.float64]
    omega: float

    def share_caused(self) -> NDArray[np.float64]:
        """The share of each stream's events that other events cause, in the long run (streams,)."""
        mean = np.linalg.solve(np.eye(len(self.mu)) - self.alpha, self.mu)
        return 1.0 - self.mu / mean


class Fit(NamedTuple):
    """What a fit gives: rates, their standard errors (same shape), the log likelihood and the rounds it took."""

    rates: Rates
    errors: Rates
    log_likelihood: float
    rounds: int


@kernel
def families(mu, alpha, omega, span, chance, time, stream):
    """Events on 0..span in the order of families: times and streams into the arrays (room,); returns how many.

    Background events come first, stream by stream: their number is Poisson(mu_j span), row j, slot 0, and event e lies
    at u span, row e, slot 1. Event e then has, for each stream i, Poisson(alpha_ij) children, row e, slot 2 + 2 i; the
    c-th comes -log(u) / omega after it, u of row e + c 2^20 (events number below 2^20), slot 3 + 2 i. Children after
    `span` are dropped. Where room runs out, the number returned is larger than it.
    """
    count = 0
    for j in range(mu.size):
        number = poisson(chance, j, 0, mu[j] * span)
        for _ in range(number):
            if count >= time.size:
                return time.size + 1
            time[count] = uniform(chance, count, 1) * span
            stream[count] = j
            count += 1
    e = 0
    while e < count:
        for i in range(mu.size):
            children = poisson(chance, e, 2 + 2 * i, alpha[i, stream[e]])
            for c in range(children):
                when = time[e] - log(uniform(chance, e + (c << 20), 3 + 2 * i)) / omega
                if when < span:
                    if count >= time.size:
                        return time.size + 1
                    time[count] = when
                    stream[count] = i
                    count += 1
        e += 1
    return count


@kernel
def likelihood(mu, alpha, omega, span, time, stream):
    """The log likelihood of sorted events: sum of log lambda at each event, less the integral of all rates."""
    memory = np.zeros(mu.size)  # sum of exp(-omega (t - t_k)) over past events, by stream
    total = 0.0
    last = 0.0
    for e in range(time.size):
        fade = exp(-omega * (time[e] - last))
        rate = mu[stream[e]]
        for j in range(mu.size):
            memory[j] *= fade
            rate += alpha[stream[e], j] * omega * memory[j]
        total += log(rate)
        memory[stream[e]] += 1.0
        last = time[e]
        done = 1.0 - exp(-omega * (span - time[e]))
        for i in range(mu.size):
            total -= alpha[i, stream[e]] * done
    for i in range(mu.size):
        total -= mu[i] * span
    return total


@kernel
def improve(mu, alpha, omega, span, time, stream):
    """One round of expectation and maximisation on sorted events; changes mu and alpha and returns the new omega.

    An event is due to the background with probability mu_i / lambda_i, to stream j with alpha_ij omega memory_j /
    lambda_i. Then mu_i is the expected number of background events over `span`, alpha_ij the expected number caused
    over the sum of (1 - exp(-omega left)) over events of j, and omega the number caused over their summed delays, with
    what the end of the span cut off: omega alpha_ij left exp(-omega left) / omega, taken at the old omega.
    """
    n = mu.size
    memory, delayed = np.zeros(n), np.zeros(n)  # sums of exp(-omega d) and d exp(-omega d) over past events
    background, caused, exposure = np.zeros(n), np.zeros((n, n)), np.zeros(n)
    delays, last = 0.0, 0.0
    cut = np.zeros(n)
    for e in range(time.size):
        gap = time[e] - last
        fade = exp(-omega * gap)
        here = stream[e]
        rate = mu[here]
        for j in range(n):
            delayed[j] = fade * (delayed[j] + gap * memory[j])
            memory[j] *= fade
            rate += alpha[here, j] * omega * memory[j]
        background[here] += mu[here] / rate
        for j in range(n):
            caused[here, j] += alpha[here, j] * omega * memory[j] / rate
            delays += alpha[here, j] * omega * delayed[j] / rate
        memory[here] += 1.0
        last = time[e]
        left = span - time[e]
        tail = exp(-omega * left)
        exposure[here] += 1.0 - tail
        cut[here] += left * tail
    total = 0.0
    for i in range(n):
        mu[i] = background[i] / span
        for j in range(n):
            alpha[i, j] = caused[i, j] / exposure[j] if exposure[j] > 0.0 else 0.0
            total += caused[i, j]
            delays += alpha[i, j] * cut[j]
    return total / delays if delays > 0.0 else omega


def simulate_events(rates: Rates, span: float, chance: Chance) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sorted times on 0..span and their streams. Raises GroundswellError where there would be a million events."""
    room = 2**12
    while room <= 2**20:
        time, stream = np.empty(room), np.empty(room, np.int64)
        count = families(rates.mu, rates.alpha, rates.omega, span, chance, time, stream)
        if count <= room:
            order = np.argsort(time[:count], kind="stable")
            return time[:count][order], stream[:count][order]
        room *= 4
    refuse("span", f"{span:g} has more than a million events", "a shorter span, or lower rates")


def fit(time: NDArray[np.float64], stream: NDArray[np.int64], streams: int, span: float, rounds: int = 2000) -> Fit:
    """Fit rates to sorted events on 0..span; standard errors from the curvature of the log likelihood.

    An error is not a number where the curvature is not that of a peak, as for an alpha that ends at 0. Raises
    GroundswellError where there are fewer than two events.
    """
    if time.size < 2:
        refuse("events", f"are {time.size}", "a fit needs at least 2")
    time, stream = np.ascontiguousarray(time, np.float64), np.ascontiguousarray(stream, np.int64)
    counts = np.bincount(stream, minlength=streams)
    mu, alpha = np.maximum(0.5 * counts / span, 1e-12), np.full((streams, streams), 0.5 / streams)
    omega, best, taken = 5.0 * time.size / (span * streams), -np.inf, 0
    for taken in range(1, rounds + 1):
        omega = improve(mu, alpha, omega, span, time, stream)
        if taken % 10 == 0:
            now = likelihood(mu, alpha, omega, span, time, stream)
            if now - best < 1e-7:
                break
            best = now
    rates = Rates(mu, alpha, omega)
    found = likelihood(mu, alpha, omega, span, time, stream)
    return Fit(rates, _errors(rates, span, time, stream), found, taken)


def _errors(rates: Rates, span: float, time: NDArray[np.float64], stream: NDArray[np.int64]) -> Rates:
    n = len(rates.mu)
    at = np.concatenate([rates.mu, rates.alpha.ravel(), [rates.omega]])
    free = [int(k) for k in np.flatnonzero(at > 1e-6)]  # what lies on its limit has no curvature to speak of
    step = 1e-3 * at

    def value(*moves: tuple[int, float]) -> float:
        x = at.copy()
        for k, sign in moves:
            x[k] += sign * step[k]
        return float(likelihood(x[:n], x[n:-1].reshape(n, n), x[-1], span, time, stream))

    bend = np.empty((len(free), len(free)))
    for a, p in enumerate(free):
        for b, q in enumerate(free[: a + 1]):
            second = value((p, 1), (q, 1)) - value((p, 1), (q, -1)) - value((p, -1), (q, 1)) + value((p, -1), (q, -1))
            bend[a, b] = bend[b, a] = -second / (4 * step[p] * step[q])
    errors = np.full(at.size, np.nan)
    try:
        variance = np.diag(np.linalg.inv(bend))
        errors[free] = np.sqrt(np.where(variance > 0, variance, np.nan))
    except np.linalg.LinAlgError:
        pass
    return Rates(errors[:n], errors[n:-1].reshape(n, n), float(errors[-1]))


def simulate(rules: Rules = DEFAULT, *, span: float = 2000.0, replicates: int = 1, seed: int = 0,
             jobs: int | None = None) -> xr.Dataset:  # fmt: skip
    """Simulate and count events: `time` and `stream` (replicate, event), padded with not-a-number and -1.

    Address "canon/hawkes" with the replicate, at step 0.
    """
    if not 0 < span < 1e12:
        refuse("span", f"is {span:g}", "it is above 0")
    rates = rules.rates()
    made = side_by_side(
        replicates, lambda r: simulate_events(rates, span, chance_for(seed, "canon/hawkes", 0, r)), jobs
    )
    longest = max(len(time) for time, _ in made)
    time, stream = np.full((replicates, longest), np.nan), np.full((replicates, longest), -1, np.int64)
    for r, (when, which) in enumerate(made):
        time[r, : len(when)], stream[r, : len(when)] = when, which
    arrays: dict[str, tuple[tuple[str, ...], NDArray[Any], str]] = {
        "time": (("replicate", "event"), time, "time of the event"),
        "stream": (("replicate", "event"), stream, "its stream"),
    }
    runs = finished("hawkes", seed, rules, arrays, {})
    return runs.assign_attrs(span=float(span), streams=rules.streams)


def summary(runs: xr.Dataset) -> pd.DataFrame:
    """One row a replicate: events, and the fit to them (means over streams, as the rules hold them alike)."""
    import pandas as pd

    streams, span = runs.attrs["streams"], runs.attrs["span"]
    own = np.eye(streams, dtype=bool)
    rows = []
    for r in range(runs.sizes["replicate"]):
        kept = runs["stream"].values[r] >= 0
        found = fit(runs["time"].values[r][kept], runs["stream"].values[r][kept], streams, span)
        rates = found.rates
        rows.append({"replicate": r, "events": int(kept.sum()), "background": float(rates.mu.mean()),
                     "own": float(rates.alpha[own].mean()),
                     "cross": float(rates.alpha[~own].mean()) if streams > 1 else np.nan,
                     "decay": rates.omega, "log_likelihood": found.log_likelihood, "rounds": found.rounds})  # fmt: skip
    return pd.DataFrame(rows)
