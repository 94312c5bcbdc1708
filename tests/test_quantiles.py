"""Tables of beta quantiles against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from groundswell.quantiles import NODES, fill_beta, look_up


def near(a: float, b: float) -> float:
    """The documented error in x."""
    return 5e-4 if min(a, b) < 0.5 else 2e-4 if min(a, b) < 1.0 else 5e-5


def table_of(a: float, b: float) -> np.ndarray:
    table = np.empty(NODES)
    fill_beta(a, b, table)
    return table


@pytest.mark.parametrize("a", [0.2, 0.5, 1.0, 2.4, 30.0, 900.0])
@pytest.mark.parametrize("b", [0.2, 1.0, 3.6, 55.0, 1000.0])
def test_nodes_agree_with_scipy(a: float, b: float) -> None:
    nodes = np.arange(NODES) / (NODES - 1)
    ends = np.clip(nodes, 0.125 / (NODES - 1), 1 - 0.125 / (NODES - 1))
    np.testing.assert_allclose(table_of(a, b), stats.beta.ppf(ends, a, b), rtol=0, atol=near(a, b))


@given(st.floats(0.2, 1000), st.floats(0.2, 1000))
def test_a_table_rises_within_0_and_1(a: float, b: float) -> None:
    table = table_of(a, b)
    assert table[0] >= 0.0 and table[-1] <= 1.0
    assert (np.diff(table) >= 0).all()


@given(st.floats(0.5, 200), st.floats(0.5, 200), st.floats(0.01, 0.99))
def test_quantiles_between_nodes(a: float, b: float, u: float) -> None:
    assert look_up(table_of(a, b), u) == pytest.approx(float(stats.beta.ppf(u, a, b)), abs=4 * near(a, b))


@given(st.floats(0.2, 200), st.floats(0.2, 200))
def test_swapping_the_parameters_mirrors_the_table(a: float, b: float) -> None:
    np.testing.assert_allclose(table_of(a, b), 1.0 - table_of(b, a)[::-1], rtol=0, atol=2 * near(a, b))


@pytest.mark.parametrize(("a", "b"), [(1e-3, 1e-3), (0.01, 5.0), (1e-4, 0.1), (9e3, 1e3), (1e6, 1e6)])
def test_extreme_parameters_give_numbers_in_order(a: float, b: float) -> None:
    """The least mean and concentration that a case may state are 0.001 and 0.1."""
    table = table_of(a, b)
    assert np.isfinite(table).all() and (np.diff(table) >= 0).all() and 0 <= table[0] <= table[-1] <= 1


def test_mean_and_spread_of_a_sample() -> None:
    table = table_of(2.0, 5.0)
    seen = [look_up(table, u) for u in (np.arange(20_000) + 0.5) / 20_000]
    assert np.mean(seen) == pytest.approx(2 / 7, abs=1e-4)
    assert np.std(seen) == pytest.approx(stats.beta.std(2, 5), abs=5e-4)


def test_look_up_is_exact_at_nodes_and_safe_below_1() -> None:
    table = np.linspace(0.0, 1.0, NODES)
    assert look_up(table, 0.0) == 0.0
    assert look_up(table, 0.25) == 0.25
    assert look_up(table, 1.0 - 2.0**-53) == pytest.approx(1.0)
    assert look_up(table_of(1.0, 1.0), 0.5) == pytest.approx(0.5, abs=1e-6)
