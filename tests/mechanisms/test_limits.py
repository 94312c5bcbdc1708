"""The decision rule in its limits: row by row the published rule, written out here as a plain formula.

Given the same forces C, crowd A, share of ties active x, hardship h, risk aversion r, threshold theta and legitimacy L:
Epstein 2002 and Granovetter 1978 decide as the mechanism does, person by person. Lang and De Sterck 2014 is a rate
equation with memory, while the mechanism decides anew each day: what of it can be compared is said at its test.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from groundswell.chance import chance_for
from groundswell.mechanisms.mobilisation import Mobilisation
from groundswell.mechanisms.place_influence import PlaceInfluence
from groundswell.mechanisms.risk_floor import RiskFloor
from groundswell.mechanisms.risk_perception import RiskPerception
from groundswell.mechanisms.visibility import Visibility, see
from groundswell.world.people import TRAITS
from groundswell.world.tables import Table, View, World

PEOPLE = 4000
OFF = {"network": 0, "grievance": 0, "anger": 0, "endorsement": 0, "media": 0, "jail": 0, "noise": 0, "bar": 0}


def world(
    people: int = PEOPLE, *, forces: float = 0.0, crowd: int = 0, legitimacy: float = 0.0, **traits: Any
) -> World:
    """One country, place, community and unit, one replicate, and people who weigh one each."""
    country, place = Table("country", ["aria"], 1), Table("place", ["north"], 1)
    community, person, unit = (
        Table("community", ["north/all/all"], 1),
        Table("person", range(people), 1),
        Table("unit", ["u"], 1),
    )
    for table in (country, place, community):
        table.give("population", people)
    for table in (country, place):
        table.give("turnout", crowd)
    place.give("country", 0)
    place.give("internet", 1.0)
    place.give("media", 0.0)
    place.give("arrest_risk", 0.0)
    country.give("visibility", 0.0)
    unit.give("place", 0)
    unit.give("strength", forces)
    unit.give("shirking", 0.0)
    community.give("place", 0)
    community.give("legitimacy", legitimacy)
    for column in ("anger", "fear", "endorsement", "day_cost", "tail_first", *(f"mean_{t}" for t in TRAITS)):
        community.give(column, 0)
    for term in ("grievance", "network", "anger", "endorsement", "media", "risk", "cost"):
        community.give(f"term_{term}", 0)
    tail = people // 10
    community.give("tail_rows", tail)
    community.give("bulk_first", tail)
    community.give("bulk_rows", people - tail)
    person.give("community", 0)
    person.give("weight", 1.0)
    person.give("active", 0)
    person.give("influence", traits.pop("x", 0.0))
    for trait in TRAITS:
        person.give(trait, traits.pop(trait, 0.0))
    assert not traits
    tables = {t.name: t for t in (country, place, community, person, unit)}
    return World(tables, {}, 1)


def step(w: World, cls: Any, **values: float) -> None:
    """Run one step of a mechanism, with the given parameters."""
    m = cls(**values)
    view = View(w, m.name, m.reads, m.writes, {}, ())
    m.stack(**{name: np.array([float(value)]) for name, value in dict(m).items()}).step(view, chance_for(0, m.name))


def drawn(seed: int, size: int = PEOPLE) -> np.ndarray:
    """Even numbers between 0 and 1, as the tables hold them (float32)."""
    return np.random.default_rng(seed).random(size).astype("f4")


def active(w: World) -> np.ndarray:
    return w["person.active"][0].astype(bool)


@pytest.mark.canon
@pytest.mark.parametrize("legitimacy", [0.0, 0.5, 0.82, 0.95])
@pytest.mark.parametrize(
    ("forces", "crowd"), [(0, 0), (30, 0), (30, 9), (30, 14), (30, 29), (30, 30), (30, 500), (1, 0)]
)
def test_epstein_with_the_floor(legitimacy: float, forces: int, crowd: int) -> None:
    """Active iff H (1 - L) - R P > 0.1, P = 1 - exp(-2.3 floor(C / A)), A counts oneself."""
    h, r = drawn(1), drawn(2)
    w = world(forces=forces, crowd=crowd, legitimacy=legitimacy, hardship=h, risk_aversion=r)
    step(w, RiskFloor, k=2.3)
    step(w, Mobilisation, **{**OFF, "grievance": 1, "bar": 0.1})
    risk = 1.0 - np.exp(-2.3 * np.floor(forces / (crowd + 1)))
    np.testing.assert_array_equal(active(w), h.astype(float) * (1.0 - legitimacy) - r.astype(float) * risk > 0.1)


@pytest.mark.canon
@pytest.mark.parametrize("sharpness", [1.0, 4.0, 8.0])
@pytest.mark.parametrize("crowd", [0, 10, 29, 31, 100])
def test_epstein_with_the_smooth_risk(sharpness: float, crowd: int) -> None:
    """The same rule with P = 0.9 / (1 + (A / C)^n)."""
    h, r, forces, legitimacy = drawn(3), drawn(4), 30.0, 0.6
    w = world(forces=forces, crowd=crowd, legitimacy=legitimacy, hardship=h, risk_aversion=r)
    step(w, RiskPerception, highest=0.9, sharpness=sharpness, ratio=1)
    step(w, Mobilisation, **{**OFF, "grievance": 1, "bar": 0.1})
    risk = 0.9 / (1.0 + ((crowd + 1) / forces) ** sharpness)
    np.testing.assert_array_equal(active(w), h.astype(float) * (1.0 - legitimacy) - r.astype(float) * risk > 0.1)


def test_epstein_does_not_heed_what_is_switched_off() -> None:
    h, r = drawn(1), drawn(2)
    calm = world(forces=30, crowd=9, legitimacy=0.5, hardship=h, risk_aversion=r)
    noisy = world(forces=30, crowd=9, legitimacy=0.5, hardship=h, risk_aversion=r, threshold=drawn(5), x=drawn(6),
                  media_reach=drawn(7), adherence=drawn(8))  # fmt: skip
    noisy.tables["community"].give("anger", 3.0)
    noisy.tables["community"].give("endorsement", -1.0)
    for w in (calm, noisy):
        step(w, RiskFloor)
        w.tables["place"].give("media", 0.7)
        step(w, Mobilisation, **{**OFF, "grievance": 1, "bar": 0.1})
    np.testing.assert_array_equal(active(calm), active(noisy))


@pytest.mark.canon
@pytest.mark.parametrize("x", [0.0, 0.1, 0.5, 0.999, 1.0])
def test_granovetter(x: float) -> None:
    """Active iff x > theta, strictly: with bar 0 a person whose threshold is exactly met stays at home."""
    theta = drawn(9)
    theta[:3] = np.float32([0.0, 0.5, 1.0])
    w = world(threshold=theta, x=x, hardship=drawn(1), risk_aversion=drawn(2))
    step(w, Mobilisation, **{**OFF, "network": 1})
    np.testing.assert_array_equal(active(w), np.float32(x) > theta)


@pytest.mark.canon
@pytest.mark.parametrize(
    ("ladder", "riots"), [([*range(100)], 100), ([0, 2, *range(2, 100)], 1), ([1, *range(1, 100)], 0)]
)
def test_granovetters_crowds_of_a_hundred(ladder: list[int], riots: int) -> None:
    """Thresholds 0, 1, ..., 99 riot all; without the person with threshold 1 one does; without the one with 0 none.

    Granovetter counts others and lets a person join who sees exactly as many as the threshold says. A bar of minus
    half a person turns the strict rule into that one: k / n - theta > -1 / 2n means k >= n theta.
    """
    w = world(100, threshold=np.float32(ladder) / 100)
    rioting = []
    for _ in range(101):
        step(w, PlaceInfluence)
        step(w, Mobilisation, **{**OFF, "network": 1, "bar": -0.005})
        rioting.append(int(active(w).sum()))
        w.tables["place"].give("turnout", rioting[-1])
    assert rioting[-1] == riots
    plain = 0
    for seen in rioting:
        plain = sum(threshold <= plain for threshold in ladder)
        assert seen == plain


def lang_de_sterck(alpha: float, beta: float, c1: float, c2: float, r: float) -> float:
    """Where dr/dt = c1 v(r) (1 - r) - c2 p(r) r ends from r, with v = 1 if r > 1 - alpha and p = 1 if r < beta."""
    for _ in range(4000):
        r += 0.01 * (c1 * (r > 1 - alpha) * (1 - r) - c2 * (r < beta) * r)
    return r


def rule_in_the_mean(alpha: float, beta: float, settled: float, r: float, people: int = PEOPLE) -> float:
    """Where the mechanisms end from a share r: step visibility, step policing, risk aversion even between 0 and 1.

    media 1 with reach 1, bar 1 - c*, no other weight: a share c* turns out if seen and policed, all if seen only, else
    none.
    """
    even = (np.arange(people) + 0.5) / people
    w = world(people, forces=beta * people, risk_aversion=even, media_reach=1.0)
    for _ in range(30):
        for table in ("country", "place"):
            w.tables[table].give("turnout", round(r * people))
        # steeper than the parameter allows (20), where the smooth threshold is a step
        see(
            w["country.turnout"],
            w["country.population"],
            w["place.country"],
            w["place.internet"],
            np.array([1 - alpha]),
            np.array([5000.0]),
            w["country.visibility"],
            w["place.media"],
        )
        step(w, RiskFloor, k=1000)  # P is 1 while forces outnumber the crowd, else 0
        step(w, Mobilisation, **{**OFF, "media": 1, "bar": 1 - settled})
        r = active(w).mean()
    return float(r)


# alpha, beta and c1 / (c1 + c2); the region's name as in the paper
REGIONS = [
    (0.6, 0.7, 0.3, "stable police state"),  # c* < 1 - alpha < beta
    (0.7, 0.8, 0.5, "meta-stable police state"),  # 1 - alpha < c* < beta
    (0.8, 0.5, 0.7, "unstable police state"),  # 1 - alpha < beta < c*
    (0.2, 0.4, 0.5, "failed state"),  # beta < 1 - alpha
]


@pytest.mark.canon
@pytest.mark.parametrize(("alpha", "beta", "settled", "region"), REGIONS, ids=[r[3].replace(" ", "-") for r in REGIONS])
def test_lang_and_de_sterck_in_the_mean(alpha: float, beta: float, settled: float, region: str) -> None:
    """The share where both end is the same from any start that is seen or policed.

    What is compared is the end, not the way there: in the paper a share c1 of those at home joins and a share c2 of
    those out leaves per unit of time, while here all decide anew each day, so that the ratio c* = c1 / (c1 + c2) is all
    that is left of the rates. Where nobody sees and nobody polices (beta <= r <= 1 - alpha, in the failed state) the
    paper's share stands still, while a rule without memory empties the street: that band is not compared.
    """
    ends = set()
    for start in (0.0, 0.1, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0):
        if beta <= start <= 1 - alpha:
            assert region == "failed state"
            assert lang_de_sterck(alpha, beta, settled, 1 - settled, start) == start
            assert rule_in_the_mean(alpha, beta, settled, start) == 0.0
            continue
        expected = lang_de_sterck(alpha, beta, settled, 1 - settled, start)
        assert rule_in_the_mean(alpha, beta, settled, start) == pytest.approx(expected, abs=0.006), start
        ends.add(round(expected, 1))
    assert ends == ({0.0, settled, 1.0} if region.startswith("meta") else {0.0, 1.0})


def test_steps_that_the_parameters_allow_are_near_steps() -> None:
    """At the steepest allowed, visibility and risk are within 1 percent of a step a third away from the threshold."""
    w = world(forces=100.0)
    for crowd, expected in ((67, 0.0), (134, 1.0)):
        for table in ("country", "place"):
            w.tables[table].give("turnout", crowd)
        step(w, Visibility, half=100 / PEOPLE, steepness=20)
        step(w, RiskPerception, highest=1, sharpness=50, ratio=1)
        assert w["place.media"][0, 0] == pytest.approx(expected, abs=0.01)
        assert w["place.arrest_risk"][0, 0] == pytest.approx(1 - expected, abs=0.01)


@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_noise_makes_the_rule_a_chance(noise: float) -> None:
    """With noise s the share active at a given U is 1 / (1 + exp(-(U - bar) / s))."""
    w = world(hardship=0.5)
    step(w, Mobilisation, **{**OFF, "grievance": 1, "bar": 0.4, "noise": noise})
    share = 1 / (1 + np.exp(-0.1 / noise))
    assert active(w).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / PEOPLE))


def test_neutral() -> None:
    w = world(hardship=drawn(1), threshold=drawn(2), x=1.0, media_reach=1.0)
    step(w, Mobilisation, **{**OFF, "bar": 1e-9})
    assert not active(w).any()
