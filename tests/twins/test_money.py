"""Patron, client and money: revenue, leakage, budget, grants, pay, capability and capacity at home."""

from __future__ import annotations

import math

import numpy as np
import pytest
from twins import plain

from groundswell.mechanisms import capability, home_capacity, leakage, patron_budget, patronage, pay, revenue

ACTORS = 6
# Ties by client: actor 2 is paid by 0, actor 3 by 0 and 1, actor 5 by 1; 4 has no patron.
TIES = {2: [(0, 1.0)], 3: [(0, 0.7), (1, 0.3)], 5: [(1, 1.0)]}


def stored() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ties as the world keeps them: source, offset, amount."""
    pairs = [TIES.get(f, []) for f in range(ACTORS)]
    flat = [pair for of in pairs for pair in of]
    offset = np.cumsum([0, *(len(of) for of in pairs)]).astype("i4")
    return np.array([a for a, _ in flat], "i4"), offset, np.array([w for _, w in flat])


def close(found: np.ndarray, wanted: list[list[float]]) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("first", [True, False])
def test_earn(first: bool) -> None:
    toy = plain.Toy(1, replicates=4)
    kernels = revenue
    price, exports, other = (toy.reals(ACTORS, 0, high) for high in (120, 3, 200))
    leak, usual_price, usual_exports = (toy.reals(ACTORS, 0, high) for high in (1, 120, 3))
    exports[:, 2], other[:, 2] = 0, 0
    out = [toy.reals(ACTORS, 1, 2) for _ in range(3)]
    before = out[2].copy()
    kernels.earn(price, exports, other, leak, usual_price, usual_exports, first, *out)
    each = [[(r, a) for a in range(ACTORS)] for r in range(4)]
    close(out[1], [[leak[i] * (price[i] * exports[i] + other[i]) for i in row] for row in each])
    close(out[0], [[(1 - leak[i]) * (price[i] * exports[i] + other[i]) for i in row] for row in each])
    usual = [[(1 - leak[i]) * (usual_price[i] * usual_exports[i] + other[i]) for i in row] for row in each]
    close(out[2], usual if first else before.tolist())


@pytest.mark.parametrize("days", [1.0, 7.0])
def test_resent(days: float) -> None:
    toy = plain.Toy(2, replicates=3)
    kernels = leakage
    leaked, earned = toy.reals(ACTORS, 0, 50), toy.reals(ACTORS, 0, 90)
    where = np.array([0, 0, 1, 1, 1, 1], "i4")  # the third country of the toy earns nothing
    legitimacy, change = toy.reals(toy.communities, 0, 1), toy.reals(toy.communities, -0.6, 0.6)
    cost, added = toy.parameter(0, 3), toy.blank(toy.communities)
    cost[1] = 0
    kernels.resent(leaked, earned, where, toy.country, toy.place, legitimacy, change, cost, days, added)
    for r in range(3):
        for c in range(toy.communities):
            home = toy.country[toy.place[c]]
            mine = [a for a in range(ACTORS) if where[a] == home]
            gross = sum(leaked[r, a] + earned[r, a] for a in mine)
            share = sum(leaked[r, a] for a in mine) / gross if gross else 0
            now = min(1, max(0, legitimacy[r, c] + change[r, c]))
            wanted = now * math.expm1(-cost[r] * share * days / 365)
            assert added[r, c] == pytest.approx(wanted, rel=1e-9, abs=1e-15)
    assert not added[1].any() and added[0].any()


def sigma(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_divide(seed: int, first: bool) -> None:
    toy = plain.Toy(seed, replicates=5)
    kernels = patron_budget
    share, host, own = toy.reals(ACTORS, 0, 0.9), toy.reals(ACTORS, 0, 5), toy.reals(ACTORS, 0, 2)
    earned, usual = toy.reals(ACTORS, 0, 300), toy.reals(ACTORS, 50, 300)
    earned[1, 0] = 0.3  # too little for what the patron would spend
    usual[2, 1], earned[3, 0] = 0, 0
    unrest, loss = toy.reals(ACTORS, 0, 3), toy.reals(ACTORS, -0.5, 1)
    country = np.array([0, 1, 2, 2, 2, 2], "i4")
    turnout, population = toy.counts(3, 0, 9000), toy.reals(3, 1e5, 1e6)
    population[:, 1] = 0  # nobody is simulated there
    e, c0, c1, c2 = (toy.parameter(*pair) for pair in ((-1, 2), (-1, 3), (-0.5, 1), (-2, 2)))
    out = [toy.reals(ACTORS, 0.5, 3) for _ in range(5)]
    grants, at_home_before = out[0].copy(), out[1].copy()
    kernels.divide(*stored(), share, host, own, earned, usual, unrest, loss, country, turnout, population, e, c0, c1,
                   c2, first, *out)  # fmt: skip
    for r in range(5):
        if first:
            for f in range(ACTORS):
                want = share[r, f] / (1 - share[r, f]) * (host[r, f] + own[r, f]) if f in TIES else 0.0
                grants[r, f] = want
                assert out[0][r, f] == pytest.approx(want, rel=1e-12)
        for a in range(ACTORS):
            mine = [(w * grants[r, f], loss[r, f]) for f, of in TIES.items() for b, w in of if b == a]
            pool = sum(g for g, _ in mine)
            usually = pool * sigma(c0[r]) / (1 - sigma(c0[r])) if first else at_home_before[r, a]
            assert out[1][r, a] == pytest.approx(usually, rel=1e-10)
            home = abroad = 0.0
            if pool:
                people = population[r, country[a]]
                out_there = unrest[r, a] + (100 * turnout[r, country[a]] / people if people else 0)
                chi = sigma(c0[r] + c1[r] * out_there + c2[r] * sum(g * q for g, q in mine) / pool)
                ratio = earned[r, a] / usual[r, a] if usual[r, a] else 1.0
                lift = math.inf if ratio == 0 and e[r] < 0 else ratio ** e[r]
                whole = pool * lift / (1 - sigma(c0[r]))
                whole = min(whole, earned[r, a])
                home, abroad = chi * whole, (1 - chi) * whole
            for column, want in zip(out[2:], (home + abroad, home, abroad), strict=True):
                assert column[r, a] == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_share_out(seed: int) -> None:
    toy = plain.Toy(seed, replicates=4)
    kernels = patronage
    abroad, usual, gain = toy.reals(ACTORS, 0, 9), toy.reals(ACTORS, 0, 5), toy.reals(ACTORS, -1, 1)
    host, own, kappa = toy.reals(ACTORS, 0, 5), toy.reals(ACTORS, 0, 2), toy.parameter(0.2, 5)
    usual[2, [2, 3]] = 0  # nothing to share by
    out = [toy.blank(ACTORS) for _ in range(2)]
    kernels.share_out(*stored(), abroad, usual, gain, host, own, kappa, *out)
    for r in range(4):
        pulls = {(a, f): w * usual[r, f] * math.exp(gain[r, f]) ** (1 / kappa[r])
                 for f, of in TIES.items() for a, w in of}  # fmt: skip
        total = {a: sum(g for (b, _), g in pulls.items() if b == a) for a in (0, 1)}
        for f in range(ACTORS):
            got = sum(abroad[r, a] * pulls[a, f] / total[a] for a, _ in TIES.get(f, []) if total[a])
            assert out[0][r, f] == pytest.approx(got, rel=1e-10)
            assert out[1][r, f] == pytest.approx(got + host[r, f] + own[r, f], rel=1e-10)


@pytest.mark.parametrize("first", [True, False])
def test_owe(first: bool) -> None:
    toy = plain.Toy(3, replicates=4)
    kernels = pay
    income, grant, host, own = (toy.reals(ACTORS, 0, high) for high in (6, 3, 2, 2))
    grant[:, 4], host[:, 4], own[:, 4] = 0, 0, 0
    lag, settled = toy.parameter(20, 200), toy.parameter(0, 1)
    usual, arrears = toy.reals(ACTORS, 1, 6), toy.reals(ACTORS, 0, 1)
    usual[0, 1], income[0, 1] = 3, 3 * (1 - 1e-14)  # rounding
    was, owed = usual.copy(), arrears.copy()
    kernels.owe(income, grant, host, own, lag, settled, 7.0, first, usual, arrears)
    for r in range(4):
        for a in range(ACTORS):
            full = grant[r, a] + host[r, a] + own[r, a] if first else was[r, a]
            gap = min(1.0, max(0.0, 1 - income[r, a] / full)) if full else 0.0
            gap = 0.0 if gap < 1e-12 else gap
            start = settled[r] * gap if first else owed[r, a]
            assert usual[r, a] == pytest.approx(full, rel=1e-14)
            wanted = gap + (start - gap) * math.exp(-7 / lag[r])
            assert arrears[r, a] == pytest.approx(wanted, rel=1e-10, abs=1e-15)


def test_build_up() -> None:
    toy = plain.Toy(4, replicates=4)
    kernels = capability
    income, usual = toy.reals(ACTORS, 0, 6), toy.reals(ACTORS, 1, 6)
    usual[:, 3], income[1, 2] = 0, usual[1, 2]
    eta, memory, loss = toy.parameter(0, 2), toy.parameter(20, 100), toy.reals(ACTORS, -0.5, 1)
    before = loss.copy()
    kernels.build_up(income, usual, eta, memory, 2.0, loss)
    for r in range(4):
        for a in range(ACTORS):
            target = 1 - (income[r, a] / usual[r, a]) ** eta[r] if usual[r, a] else 0.0
            wanted = target + (before[r, a] - target) * math.exp(-2 / memory[r])
            assert loss[r, a] == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_couple() -> None:
    toy = plain.Toy(5, replicates=4)
    kernels = home_capacity
    spent, usual, grant = toy.reals(ACTORS, 0, 9), toy.reals(ACTORS, 1, 9), toy.reals(ACTORS, 0, 3)
    loss, exponent, psi = toy.reals(ACTORS, -0.5, 1), toy.parameter(0, 2), toy.parameter(-3, 3)
    usual[:, 4], spent[2, 0] = 0, 0
    out = toy.blank(ACTORS)
    kernels.couple(*stored(), spent, usual, grant, loss, exponent, psi, out)
    for r in range(4):
        for a in range(ACTORS):
            mine = [(w * grant[r, f], loss[r, f]) for f, of in TIES.items() for b, w in of if b == a]
            pool = sum(g for g, _ in mine)
            mean = sum(g * q for g, q in mine) / pool if pool else 0.0
            wanted = (spent[r, a] / usual[r, a]) ** exponent[r] * math.exp(-psi[r] * mean) if usual[r, a] else 0.0
            assert out[r, a] == pytest.approx(wanted, rel=1e-9)
