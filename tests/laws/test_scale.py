"""The law of scale: N, 2N and 4N simulated people agree on turnout and deaths within Monte Carlo error."""

from __future__ import annotations

import numpy as np
import pytest

import groundswell as gs
from groundswell.engine.run import run

REPLICATES = 48
QUIET, RISEN = 1.3, 0.7  # bars of the decision: a few hundred on the street, and crowds of a hundred thousand


def sample(people: int, seed: int, values: dict[str, object]) -> tuple[np.ndarray, np.ndarray]:
    scenario = gs.load("two-neighbours").changed(set={"people": people, "period.end": "2015-04-26", **values})
    turnout, deaths = [], []
    for first in range(0, REPLICATES, 16):
        kept, _ = run(scenario, seed, range(first, first + 16))
        turnout.append(kept["place.turnout"].sum((1, 2)))
        deaths.append(kept["place.deaths"].sum((1, 2)))
    return np.concatenate(turnout).astype(float), np.concatenate(deaths).astype(float)


def standard_errors_apart(one: np.ndarray, two: np.ndarray) -> float:
    error = np.sqrt(one.var(ddof=1) / one.size + two.var(ddof=1) / two.size)
    return float(abs(one.mean() - two.mean()) / error) if error else 0.0


@pytest.mark.parametrize("bar", [QUIET, RISEN])
def test_turnout_and_deaths_agree_at_any_scale(bar: float) -> None:
    """Other seeds at each scale, so that errors are independent; 6 comparisons a regime, at 3.5 standard errors."""
    values = {"at_default": True, "mobilisation.bar": bar, "harm.deaths_per_1000": 2.0}
    samples = [sample(people, seed, values) for seed, people in enumerate((2000, 4000, 8000))]
    assert samples[0][0].mean() > 0
    for one, two in ((0, 1), (1, 2), (0, 2)):
        for k, name in enumerate(("turnout", "deaths")):
            assert standard_errors_apart(samples[one][k], samples[two][k]) < 3.5, (name, one, two)


def test_the_error_of_turnout_falls_with_scale() -> None:
    """So the agreement above is not for want of people: four times as many leave at most two thirds of the spread."""
    values = {"at_default": True, "mobilisation.bar": RISEN}
    few, many = sample(2000, 0, values)[0], sample(8000, 0, values)[0]
    assert many.std() < 0.67 * few.std()


def test_a_drawn_ensemble_agrees_replicate_by_replicate() -> None:
    """With guesses drawn, the same replicate at N and 4N has the same parameters, so it is of the same order."""
    few, many = sample(2000, 1, {})[0], sample(8000, 1, {})[0]
    gap = np.log1p(few) - np.log1p(many)
    assert abs(gap.mean()) < 3.5 * gap.std(ddof=1) / np.sqrt(gap.size)
    assert np.median(np.abs(gap)) < 0.1


def test_turnout_is_not_a_multiple_of_a_simulated_person() -> None:
    """Real persons, not whole simulated ones: with 600 people for three million, crowds of tens and hundreds occur."""
    turnout = gs.simulate(
        gs.load("two-neighbours").changed(set={"people": 600, "period.end": "2015-03-20", "at_default": True}),
        replicates=8,
        seed=0,
    )["place.turnout"].values
    weight_of_one = 3_000_000 * 0.1 / 600
    assert ((turnout > 0) & (turnout < weight_of_one)).any()
