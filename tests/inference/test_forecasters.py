"""Forecasters: what each expects, what it sees, and that a draw has an address."""

from __future__ import annotations

import numpy as np
import pytest

from groundswell.inference.forecasters import FORECASTERS, Record, bootstrap, last_value, linear_growth, twin
from groundswell.inference.panel import Integers, memory_of
from groundswell.inference.panel_draws import WARM, draw
from groundswell.inference.power import layout

LAST = np.datetime64("2019-06-30")
DRAWS = 400


def record_of(counts: Integers, weights: np.ndarray | None = None) -> Record:
    n = len(counts)
    return Record(counts, tuple(f"p{k}" for k in range(n)), np.zeros((n, n)) if weights is None else weights, LAST)


def near(draws: np.ndarray, mean: np.ndarray, errors: float = 5.0) -> None:
    """The means over draws lie where they should, within Monte Carlo errors."""
    error = draws.std(-1, ddof=1) / draws.shape[-1] ** 0.5
    assert (np.abs(draws.mean(-1) - mean) < errors * error + 1e-9).all()


def excited(days: int = 300, own: float = 0.5, network: float = 0.3) -> Record:
    weights, _ = layout(6)
    counts = draw(np.full((6, days + WARM), 0.4), weights, own=own, network=network, seed=3)
    return record_of(counts[:, WARM:], weights)


def test_the_last_value_is_the_mean_of_a_week_with_poisson_noise() -> None:
    counts = np.zeros((2, 30), "i8")
    counts[0, -7:], counts[1, -8] = 4, 90  # the eighth day back is not in it
    made = last_value(record_of(counts), 5, DRAWS, 1)
    assert made.shape == (2, 5, DRAWS)
    near(made[0], np.full(5, 4.0))
    assert made[0].var() == pytest.approx(4.0, rel=0.2)
    assert not made[1].any()


def test_linear_growth_goes_on_and_never_below_none() -> None:
    counts = np.stack([2 * np.arange(40), 40 - np.arange(40)]).astype("i8")
    made = linear_growth(record_of(counts), 60, DRAWS, 1)
    near(made[0], 78.0 + 2 * np.arange(1, 61))
    near(made[1], np.maximum(1.0 - np.arange(1, 61), 0))
    assert not made[1, 2:].any()


def test_the_bootstrap_takes_one_stretch_of_the_year_for_all_places() -> None:
    day = np.arange(500)
    made = bootstrap(record_of(np.stack([day, day + 1000])), 4, DRAWS, 1)
    assert (made[1] == made[0] + 1000).all()
    assert made[0].min() >= 500 - 365
    step = np.diff(made[0], axis=0)
    assert np.isin(step, (1, -364)).all()  # days follow each other; the year is closed to a ring
    assert np.unique(made[0, 0]).size > 200
    assert abs(made[0, 0].mean() - (135 + 499) / 2) < 5 * 365 / 12**0.5 / DRAWS**0.5


def test_the_twin_expects_what_its_recursion_says() -> None:
    """Given memory M of each place: mu + a M_p + b sum w M_q tomorrow, with the parameters that were put in."""
    record = excited(days=1200)
    made = twin(record, 1, DRAWS, 2)[:, 0]
    past = memory_of(np.concatenate([record.counts, np.zeros((6, 1), "i8")], 1), 3.0)[:, -1]
    truth = 0.4 + 0.5 * past + 0.3 * record.weights @ past
    assert made.mean(-1) == pytest.approx(truth, rel=0.25, abs=0.2)
    assert np.corrcoef(made.mean(-1), truth)[0, 1] > 0.9


def test_the_twin_without_neighbours_is_the_autoregression_in_mean() -> None:
    record = excited(network=0.0)
    alone = record_of(record.counts)
    one, two = (FORECASTERS[name](alone, 3, DRAWS, 2) for name in ("twin", "autoregression"))
    assert one.mean() == pytest.approx(two.mean(), rel=0.1)
    assert not np.array_equal(one, two)  # addresses differ


def test_growth_that_feeds_itself_does_not_run_away() -> None:
    counts = np.round(1.08 ** np.arange(100)).astype("i8")[None, :].repeat(3, 0)
    record = record_of(counts, layout(3)[0])
    made = twin(record, 60, 60, 1)
    assert np.median(made[:, -1]) < 5 * counts.max()


@pytest.mark.parametrize("name", FORECASTERS)
def test_every_forecaster(name: str) -> None:
    """Whole numbers from 0 of the right shape, with an address, from the record alone, also of nothing."""
    make, record = FORECASTERS[name], excited(days=120)
    made = make(record, 9, 30, 5)
    assert made.shape == (6, 9, 30)
    assert made.dtype == np.int64
    assert made.min() >= 0
    assert np.array_equal(made, make(record, 9, 30, 5))
    assert not np.array_equal(made, make(record, 9, 30, 6))
    assert np.array_equal(made[..., :10], make(record, 9, 10, 5))  # more draws leave the first ones as they are
    assert np.array_equal(made[:, :4], make(record, 4, 30, 5))  # nor does a longer horizon
    nothing = make(record_of(np.zeros((3, 60), "i8")), 4, 20, 1)
    assert nothing.mean() < 0.05


def test_a_record_cut_is_the_record_of_that_day() -> None:
    record = excited(days=50)
    cut = record.until(20)
    assert cut.counts.shape == (6, 20)
    assert cut.last == LAST - 30
    panel = cut.panel(15)
    assert panel.counts.shape == (6, 15)
    assert panel.days[[0, -1]].tolist() == [cut.last - 14, cut.last]
    assert cut.panel(90).counts.shape == (6, 20)
