"""Neutral parameters change nothing: each mechanism at its neutral setting equals the mechanism left out."""

from __future__ import annotations

import numpy as np
import pytest
from tests.laws.worlds import arrays, small

PLACES = ("place.turnout", "place.deaths", "place.injuries", "place.arrests")
NEUTRAL = {  # mechanism: the values its docstring calls neutral
    "anger": {"anger.gain": 0},
    "fear": {"fear.gain": 0},
    "calendar": {"calendar.weekly_day_cost": 0, "calendar.holy_day_cost": 0},
    "influence": {"influence.own_ties": 0, "influence.place_ties": 0, "influence.far_ties": 0},
    "harm": {"harm.deaths_per_1000": 0, "harm.injuries_per_1000": 0},
    "visibility": {f"place.{name}.internet": 0 for name in ("Varn", "Ostrel", "Mirn")},
}


def bare(values: dict[str, float], drop: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    scenario = small(**values)
    shocks = [f"shock.{name}" for name, shock in scenario.shock.items() if shock.field == "place.internet"]
    scenario = scenario.model_copy(update={"record": PLACES[:1] if "harm" in drop else PLACES, "record_weekly": ()})
    return arrays(scenario.changed(drop=[*shocks, *(f"mechanism.{name}" for name in drop)]))


@pytest.mark.parametrize("name", sorted(NEUTRAL))
def test_neutral_equals_left_out(name: str) -> None:
    neutral, without = bare(NEUTRAL[name]), bare(NEUTRAL[name], drop=(name,))
    kept = [column for column in PLACES if column in without]
    assert kept
    for column in kept:
        assert np.array_equal(neutral[column], without[column]), column
    active = bare({})
    assert any(not np.array_equal(neutral[column], active[column]) for column in PLACES), (
        "the mechanism did nothing anyway"
    )


def test_no_arrests_at_rate_0() -> None:
    assert bare({"arrest.rate": 0})["place.arrests"].sum() == 0


def test_no_harm_without_doctrine() -> None:
    kept = bare({f"actor.{name}.doctrine": 0 for name in small().actor})
    assert kept["place.deaths"].sum() == kept["place.injuries"].sum() == 0


def test_nobody_turns_out_at_the_neutral_decision() -> None:
    weights = ("grievance", "network", "anger", "endorsement", "media")
    kept = bare({**{f"mobilisation.{name}": 0 for name in weights}, "mobilisation.noise": 0,
                 "calendar.weekly_day_cost": 0, "calendar.holy_day_cost": 0})  # fmt: skip
    assert kept["place.turnout"].sum() == 0
