"""Rival mechanisms of society: neutral settings change nothing, knocking one out changes what it claims to move."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from tests.laws.worlds import arrays, digest, one_by_one, small

import groundswell as gs
from groundswell.engine.warm import SOCIETY, society
from groundswell.scenario.schema import Scenario, Shock

COUNTS = ("place.turnout", "place.deaths", "place.injuries", "place.arrests")
DAY = dt.date(2015, 3, 6)
NEUTRAL: dict[str, dict[str, float]] = {
    "contagion": {"contagion.weight": 0},
    "common_shock": {"common_shock.sd": 0},
    "long_memory": {"long_memory.weight": 0},
    "endorsement": {"endorsement.strength": 0},
    "pact": {"pact.weight": 0},
    "concession": {"concession.relief": 0, "concession.efficacy": 0},
    "office": {"office.effect": 0},
}
STRONG: dict[str, float] = {
    "contagion.weight": 0.5,
    "common_shock.sd": 0.2,
    "long_memory.weight": 2,
    "endorsement.strength": 1,
    "mobilisation.endorsement": 1,
    "pact.weight": 0.3,
    "concession.relief": 0.5,
    "concession.efficacy": 0.3,
    "office.effect": 0.5,
    "office.base": 2,
}
DATED = {"statement": "actor.statement", "pact": "country.pact", "concession": "country.concession"}


def full(values: dict[str, float], record: tuple[str, ...] = COUNTS) -> Scenario:
    """The tutorial with all mechanisms of society, one day of statement, pact and concession, and these values."""
    made = society(small(days=14, people=400))
    shocks = {name: Shock.model_validate({"at": DAY, "until": DAY, "field": field, "set": 0.8})
              for name, field in DATED.items()}  # fmt: skip
    made = made.model_copy(update={"shock": shocks, "record": record, "record_weekly": ()})
    return made.changed(set={**STRONG, **values})


def run_of(scenario: Scenario) -> dict[str, Any]:
    return arrays(scenario, range(3))


@pytest.fixture(scope="module")
def strong() -> dict[str, Any]:
    return run_of(full({}))


@pytest.mark.parametrize("name", SOCIETY)
def test_neutral_equals_left_out_and_strong_does_not(name: str, strong: dict[str, Any]) -> None:
    neutral, without = run_of(full(NEUTRAL[name])), run_of(full({}).changed(drop=[f"mechanism.{name}"]))
    for column in COUNTS:
        assert np.array_equal(neutral[column], without[column]), column
    assert any(not np.array_equal(strong[column], without[column]) for column in COUNTS), "it did nothing anyway"


def test_all_at_neutral_equal_a_world_without_them() -> None:
    values = {path: value for part in NEUTRAL.values() for path, value in part.items()}
    plain = full({}).changed(drop=[f"mechanism.{name}" for name in SOCIETY])
    neutral, without = run_of(full(values)), run_of(plain)
    for column in COUNTS:
        assert np.array_equal(neutral[column], without[column]), column


def test_each_push_is_recorded_as_a_term_of_the_decision() -> None:
    pushes = ("contagion", "common_shock", "pact", "efficacy")
    made = run_of(full({}, tuple(f"community.{kind}{push}" for push in pushes for kind in ("", "term_"))))
    for push in pushes:
        term = made[f"community.term_{push}"]
        assert np.array_equal(term, made[f"community.{push}"]) and term.any(), push


def test_a_resignation_happens_once_and_stays() -> None:
    made = run_of(full({"office.base": -1}, ("country.resigned", "country.resignation_hazard")))
    resigned, hazard = made["country.resigned"][..., 0], made["country.resignation_hazard"][..., 0]
    assert set(np.unique(resigned)) == {0, 1}
    assert np.all(np.diff(resigned.astype(int), axis=1) >= 0)
    before = np.concatenate([np.zeros((3, 1), int), resigned[:, :-1]], axis=1)
    assert np.all((hazard == 0) == (before == 1))


def test_a_stack_gives_the_bytes_of_replicates_run_alone() -> None:
    scenario = full({}, (*COUNTS, "country.latent_shock", "country.resigned", "community.legitimacy_change"))
    assert digest(scenario) == one_by_one(scenario, range(6))


LEFT_OUT = {  # explanation of Iraq: pushes that its decision must not feel
    "blind": ("contagion", "common_shock", "pact", "efficacy"),
    "given_responses": ("contagion", "common_shock"),
    "home_grown": ("contagion", "common_shock", "pact", "efficacy"),
    "contagion": ("common_shock", "pact", "efficacy"),
    "common_shock": ("contagion", "pact", "efficacy"),
}


def under(name: str) -> dict[str, Any]:
    case = gs.load("iraq-2019").under(name).changed(set={"people": 1500, "period.end": "2019-12-05"})
    pushes = tuple(f"community.term_{push}" for push in LEFT_OUT["blind"])
    record = (*COUNTS, *pushes, "community.term_endorsement")
    return run_of(case.model_copy(update={"record": record, "record_weekly": ()}))


@pytest.mark.parametrize("name", LEFT_OUT)
def test_each_rival_of_iraq_runs_and_feels_what_it_claims(name: str) -> None:
    made = under(name)
    for push in LEFT_OUT["blind"]:
        assert made[f"community.term_{push}"].any() == (push not in LEFT_OUT[name]), push
    statements = made["community.term_endorsement"]
    assert statements.any() == (name == "given_responses")
    assert not statements[:, :71].any()  # before 11 November nothing was said


def struck(name: str, field: str, rows: tuple[str, ...], value: float) -> Any:
    """Turnout with less without a blow from the 10th day on, (replicates, days, places), under a rival of Iraq."""
    case = gs.load("iraq-2019").under(name)
    drop = ["mechanism.visibility", "mechanism.office", *(f"shock.{shock}" for shock in case.shock)]
    case = case.model_copy(update={"record": ("place.turnout",), "record_weekly": ()}).changed(
        drop=drop, set={"people": 1500, "period.end": "2019-09-20"}
    )
    blow = Shock.model_validate({"at": dt.date(2019, 9, 10), "field": field, "rows": rows, "set": value})
    with_it = run_of(case.model_copy(update={"shock": {"blow": blow}}))["place.turnout"]
    return with_it.astype(int) - run_of(case)["place.turnout"]


BAGHDAD = list(gs.load("iraq-2019").place).index("Baghdad")


def test_what_happens_in_one_place_reaches_others_a_day_later_and_only_by_contagion() -> None:
    blow = ("community.legitimacy", ("place=Baghdad",), 0.0)
    spread, home = struck("contagion", *blow), struck("home_grown", *blow)
    others = [p for p in range(spread.shape[2]) if p != BAGHDAD]
    assert spread[:, 9, BAGHDAD].any() and not spread[:, 9, others].any()
    assert (spread[:, 10:, others].sum(axis=(0, 1)) > 0).mean() > 0.8
    assert home[:, 9, BAGHDAD].any() and not home[..., others].any()


def test_a_common_shock_moves_all_places_on_the_same_day() -> None:
    moved = struck("common_shock", "country.shock", (), 0.3)
    assert not moved[:, :9].any()
    assert (moved[:, 9].sum(axis=0) > 0).all()
    assert not struck("contagion", "country.shock", (), 0.3).any()  # nobody reads it there
