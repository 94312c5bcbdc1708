"""Hawkes processes: closed forms, known parameters recovered, and a second way to simulate."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy import stats

from groundswell.canon import hawkes as model
from groundswell.chance import chance_for
from groundswell.errors import GroundswellError

TRUE = model.Rates(np.array([0.5, 0.2]), np.array([[0.4, 0.1], [0.25, 0.3]]), 1.5)


def flat(rates: model.Rates) -> np.ndarray:
    return np.concatenate([rates.mu, rates.alpha.ravel(), [rates.omega]])


def fits(replicates: int, span: float) -> list[model.Fit]:
    made = []
    for r in range(replicates):
        time, stream = model.simulate_events(TRUE, span, chance_for(11, "canon/hawkes", 0, r))
        made.append(model.fit(time, stream, 2, span))
    return made


def check_recovery(found: list[model.Fit]) -> None:
    """The mean over replicates within 4 of its standard errors, and errors that tell the true spread."""
    values = np.array([flat(one.rates) for one in found])
    errors = np.array([flat(one.errors) for one in found])
    assert np.isfinite(errors).all()
    off = (values.mean(0) - flat(TRUE)) / (values.std(0, ddof=1) / math.sqrt(len(found)))
    assert np.all(np.abs(off) < 4), off
    assert np.all(np.abs(values.mean(0) / flat(TRUE) - 1) < 0.15)
    inside = np.abs(values - flat(TRUE)) < 1.96 * errors
    assert inside.mean() > 0.85


def test_known_parameters_are_recovered() -> None:
    check_recovery(fits(8, 2000.0))


@pytest.mark.canon
@pytest.mark.slow
def test_known_parameters_are_recovered_from_many() -> None:
    found = fits(60, 3000.0)
    check_recovery(found)
    inside = np.abs([flat(f.rates) - flat(TRUE) for f in found]) < 1.96 * np.array([flat(f.errors) for f in found])
    assert 0.90 < inside.mean() < 0.99


def test_the_mean_rate_is_the_closed_form() -> None:
    span = 4000.0
    mean = np.linalg.solve(np.eye(2) - TRUE.alpha, TRUE.mu)
    counts = [np.bincount(model.simulate_events(TRUE, span, chance_for(5, "canon/hawkes", 0, r))[1]) for r in range(10)]
    assert np.mean(counts, 0) / span == pytest.approx(mean, rel=0.03)
    assert TRUE.share_caused() == pytest.approx(1 - TRUE.mu / mean)
    one = model.Rules(streams=1, own=0.35).rates()
    assert one.share_caused() == pytest.approx([0.35])


def test_the_compensator_makes_a_unit_poisson_process() -> None:
    """Time changed by the integral of its rate, each stream has independent exponential gaps (Kolmogorov-Smirnov)."""
    span = 3000.0
    time, stream = model.simulate_events(TRUE, span, chance_for(6, "canon/hawkes", 0, 0))
    for i in range(2):
        memory, last, area, marks = np.zeros(2), 0.0, 0.0, [0.0]
        for t, j in zip(time, stream, strict=True):
            fade = math.exp(-TRUE.omega * (t - last))
            area += TRUE.mu[i] * (t - last) + TRUE.alpha[i] @ memory * (1 - fade)
            memory *= fade
            memory[j] += 1
            last = t
            if j == i:
                marks.append(area)
        assert stats.kstest(np.diff(marks), "expon").pvalue > 0.001


def thinned(rates: model.Rates, span: float, rng: random.Random) -> list[int]:
    """Events by stream, simulated by thinning (Ogata 1981): another way than families."""
    now, memory, counts = 0.0, np.zeros(len(rates.mu)), [0] * len(rates.mu)
    while True:
        top = float(np.sum(rates.mu + rates.omega * rates.alpha @ memory))
        gap = rng.expovariate(top)
        now += gap
        if now > span:
            return counts
        memory *= math.exp(-rates.omega * gap)
        now_rates = rates.mu + rates.omega * rates.alpha @ memory
        pick = rng.random() * top
        for i, rate in enumerate(now_rates):
            if pick < rate:
                memory[i] += 1
                counts[i] += 1
                break
            pick -= rate


def test_families_and_thinning_agree() -> None:
    rng, span = random.Random(8), 40.0
    other = np.array([thinned(TRUE, span, rng) for _ in range(300)])
    ours = np.array([np.bincount(model.simulate_events(TRUE, span, chance_for(9, "canon/hawkes", 0, r))[1], minlength=2)
                     for r in range(300)])  # fmt: skip
    for i in range(2):
        assert stats.ks_2samp(ours[:, i], other[:, i]).pvalue > 0.001


def test_expectation_and_maximisation_climbs_to_a_peak() -> None:
    time, stream = model.simulate_events(TRUE, 500.0, chance_for(2, "canon/hawkes", 0, 0))
    mu, alpha, omega, last = np.full(2, 0.3), np.full((2, 2), 0.2), 0.5, -np.inf
    for _ in range(50):
        omega = model.improve(mu, alpha, omega, 500.0, time, stream)
        now = model.likelihood(mu, alpha, omega, 500.0, time, stream)
        assert now > last - 1e-9
        last = now
    found = model.fit(time, stream, 2, 500.0)
    assert found.log_likelihood >= last
    for k in range(7):
        for factor in (0.97, 1.03):
            x = flat(found.rates)
            x[k] *= factor
            moved = model.likelihood(x[:2], x[2:6].reshape(2, 2), x[6], 500.0, time, stream)
            assert moved <= found.log_likelihood + 1e-6


def test_no_excitation_is_found_in_a_poisson_process() -> None:
    runs = model.simulate(model.Rules(streams=1, own=0.0, cross=0.0), replicates=5, span=2000.0)
    assert (model.summary(runs)["own"] < 0.1).all()


def test_refusals() -> None:
    with pytest.raises(GroundswellError, match="spectral radius"):
        model.Rules(streams=3, own=0.5, cross=0.3)
    with pytest.raises(GroundswellError, match="span: is -1"):
        model.simulate(span=-1)
    with pytest.raises(GroundswellError, match="more than a million events"):
        model.simulate(model.Rules(background=1e6), span=10.0)
    with pytest.raises(GroundswellError, match="at least 2"):
        model.fit(np.array([1.0]), np.array([0]), 1, 5.0)
