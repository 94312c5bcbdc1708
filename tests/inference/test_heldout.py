"""Scores on numbers not fitted: against closed forms, and no standard error from one window counted many times."""

from __future__ import annotations

import numpy as np
import pytest
from scoringrules import crps_ensemble

from groundswell.chance import chance_for
from groundswell.inference.heldout import WINDOWS, blocks, held_out
from groundswell.inference.space import normals

DAYS = [(7 * k, 7 * k + 6) for k in range(30)]


def draws(shift: float, first: int) -> np.ndarray:
    return shift + 3 + normals(chance_for(1, "toy/held-out"), first, 200, len(DAYS))


def test_scores_are_those_of_the_draws() -> None:
    seen = 3 + normals(chance_for(2, "toy/seen"), 0, 1, len(DAYS))[0]
    found = held_out("x", list("a" * 30), {"right": draws(0, 0), "off": draws(2, 500)}, seen, DAYS)
    expected = crps_ensemble(seen, draws(0, 0).T, estimator="fair")
    assert found.crps[0] == pytest.approx(expected)
    density = np.exp(-found.log_score[0])
    mean, sd = draws(0, 0).mean(axis=0), draws(0, 0).std(axis=0, ddof=1)
    assert density == pytest.approx(np.exp(-0.5 * ((seen - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi)))
    log, crps = found.against(1)
    assert found.enough and log.says == crps.says == "loses"
    assert "off is worse than right" in found.lines()[0]
    twin = held_out("x", list("a" * 30), {"right": draws(0, 0), "twin": draws(0, 1000)}, seen, DAYS)
    assert twin.against(1)[1].says == "no difference seen"


def test_too_few_windows_order_nothing() -> None:
    seen = np.full(30, 3.0)
    found = held_out("later", list("a" * 30), {"a": draws(0, 0), "b": draws(9, 0)}, seen, [(0, k) for k in range(30)])
    assert found.windows == 1 and not found.enough
    assert "do not order the rivals" in found.lines()[0]


def test_draws_that_are_all_alike_are_not_taken_for_certainty() -> None:
    found = held_out("x", ["a"], {"none": np.zeros((50, 1))}, np.log1p([1.0]), [(0, 1)])
    assert found.log_score[0, 0] < 3


def test_windows_that_share_days_are_one_block() -> None:
    assert blocks([(0, 3), (9, 9), (2, 5), (5, 8)]).tolist() == [0, 1, 0, 0]
    assert blocks([(k, k) for k in range(WINDOWS)]).max() + 1 == WINDOWS
