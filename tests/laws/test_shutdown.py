"""A shutdown cuts the reach between places; what it does to the spread of turnout over places is measured, not assumed.

Dispersion is the entropy of turnout over places, from the 20th day on. All guesses stand at their default.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import numpy as np
import pytest

import groundswell as gs
from groundswell.engine.run import run
from groundswell.scenario.schema import Shock

SEEDS, FIRST = 20, 20
CUT = {"cut": {"at": dt.date(2019, 9, 15), "field": "place.internet", "set": 0.0}}
RESTLESS = {"restless": {"at": dt.date(2019, 9, 1), "field": "community.legitimacy", "rows": ("place=Baghdad",),
                         "set": 0.0}}  # fmt: skip
NO_TIES = {"contagion.weight": 0.0, "influence.far": 0.0}


@functools.cache
def made(cut: bool, ties: bool, restless: bool = False) -> dict[str, Any]:
    """Twenty seeds of Iraq under contagion, without national media; Baghdad alone is restless, or nobody more so."""
    case = gs.load("iraq-2019").under("contagion")
    case = case.model_copy(update={"at_default": True, "record": ("place.turnout", "community.term_contagion"),
                                   "record_weekly": ()})  # fmt: skip
    case = case.changed(drop=["mechanism.visibility", *(f"shock.{name}" for name in case.shock)],
                        set={"people": 3000, "period.end": "2019-10-12", **({} if ties else NO_TIES)})  # fmt: skip
    dated = {**(CUT if cut else {}), **(RESTLESS if restless else {})}
    shocks = {name: Shock.model_validate(shock) for name, shock in dated.items()}
    return run(case.model_copy(update={"shock": shocks}), 5, range(SEEDS))[0]


def entropy(runs: dict[str, Any]) -> Any:
    """- sum s ln s of each seed, s the share of a place in all turnout."""
    turnout = runs["place.turnout"][:, FIRST:].sum(axis=1).astype(float)
    share = turnout / turnout.sum(axis=1, keepdims=True)
    return -(share * np.log(np.where(share > 0, share, 1))).sum(axis=1)


def test_a_shutdown_cuts_the_reach_between_places() -> None:
    open_, cut = (made(cut, True)["community.term_contagion"][:, FIRST:] for cut in (False, True))
    assert open_.mean() > 0.001 and not cut.any()


def test_without_ties_a_shutdown_does_nothing() -> None:
    assert np.array_equal(made(True, False)["place.turnout"], made(False, False)["place.turnout"])


def test_a_shutdown_keeps_unrest_where_it_began() -> None:
    """Contagion moves other places only; so where one place stirs, ties spread turnout, and cutting them gathers it."""
    assert (entropy(made(True, True, True)) < entropy(made(False, True, True))).mean() >= 0.8


@pytest.mark.xfail(strict=True, reason="expected of shutdowns beforehand; the mechanisms do not show it")
def test_a_shutdown_raises_dispersion() -> None:
    """Asked beforehand: in at least 16 of 20 seeds, at the median of the guesses."""
    assert (entropy(made(True, True)) > entropy(made(False, True))).mean() >= 0.8
