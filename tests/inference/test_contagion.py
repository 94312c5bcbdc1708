"""The test of contagion: finds what was put in, seldom what was not; its controls; the finding after all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from groundswell.inference.contagion import (
    MEMORIES,
    ONE_SIDED_5,
    Answer,
    Controls,
    ask,
    best_memory,
    control,
    judged,
    lead_ratio,
    one_sided,
    redrawn,
)
from groundswell.inference.panel import own
from groundswell.inference.power import Design, record, share_found

STRONG = Design(12, 120, 0.6, 0.4, own=0.2, shock="none")


def test_one_sided_p_is_half_a_chi_square() -> None:
    assert one_sided(ONE_SIDED_5) == pytest.approx(0.05, abs=1e-5)
    assert one_sided(stats.norm.isf(0.01) ** 2) == pytest.approx(0.01)
    assert one_sided(0.0) == 1.0


def test_contagion_that_is_there_is_found() -> None:
    made = ask(record(STRONG, 1))
    assert made.low < 0.4 < made.high
    assert made.low > 0.1
    assert made.p < 1e-4
    assert made.ratio == pytest.approx(2 * (made.found.log_likelihood - made.without.log_likelihood))
    assert made.coefficient == made.found.of("network")
    assert made.error == pytest.approx((made.high - made.low) / 3.29, rel=1e-3)


@pytest.mark.parametrize(("effects", "places"), [("day", 9), ("region-day", 18)])
def test_null_records_give_few_false_alarms(effects: str, places: int) -> None:
    """Without any shock the one-sided test at 5 % errs so often: at most 5 of 25 (chance of more is 0.1 %)."""
    calm = replace(STRONG, beta=0.0, effects=effects, places=places, days=60)
    assert share_found(calm, replicates=25).rate <= 5 / 25


@pytest.mark.slow
def test_few_places_a_region_need_the_drawn_records() -> None:
    """Three places with a free number a day: the usual point errs too often, records drawn from the fit do not."""
    usual = drawn = 0
    for k in range(60):
        panel = record(Design(3, 50, 0.6, 0.0, own=0.2, shock="none"), k)
        asked = ask(panel, interval=False)
        usual += asked.ratio > ONE_SIDED_5
        if asked.ratio > 0:
            drawn += control(panel, asked, memory=3.0, placebos=0, draws=19, lead_draws=0, seed=k).p_drawn <= 0.05
    assert usual > drawn
    assert drawn <= 8  # of 60 at 5 %: more has a chance of 1 %


def test_a_common_shock_is_taken_for_contagion_without_effects_of_days() -> None:
    shocked = Design(12, 100, 0.6, 0.0, shock="national", effects="constant")
    naive, with_days = (share_found(replace(shocked, effects=e), replicates=20).rate for e in ("constant", "day"))
    assert naive >= 0.6
    assert with_days <= naive - 0.3


def test_a_network_that_is_not_the_right_one_fits_less_well() -> None:
    panel = record(STRONG, 2)
    right = ask(panel, interval=False)
    wrong = ask(panel, interval=False, weights=np.roll(np.roll(panel.weights, 5, 0), 5, 1), without=right.without)
    assert wrong.ratio < right.ratio
    assert wrong.without is right.without
    assert np.isnan(right.low)


def test_the_memory_that_made_a_record_is_found() -> None:
    for mean in (2.0, 7.0):
        panel = record(Design(10, 500, 1.0, 0.0, own=0.7, memory=mean, shock="none"), 3)
        best = best_memory(panel)
        assert abs(MEMORIES.index(best) - MEMORIES.index(mean)) <= 1
    assert best_memory(panel) > 3


def test_records_that_are_dealt_again_keep_what_days_had() -> None:
    panel = record(replace(STRONG, days=60), 0)
    asked = ask(panel, interval=False)
    once = redrawn(panel, asked.without, 3.0, "day", seed=1, name="x", replicate=0)
    assert np.array_equal(once.counts.sum(0), panel.counts.sum(0))
    assert not np.array_equal(once.counts, panel.counts)
    by_region = redrawn(panel, asked.without, 3.0, "region-day", seed=1, name="x", replicate=0)
    for r in np.unique(panel.region):
        here = panel.region == r
        assert np.array_equal(by_region.counts[here].sum(0), panel.counts[here].sum(0))
    again = redrawn(panel, asked.without, 3.0, "day", seed=1, name="x", replicate=0)
    assert np.array_equal(once.counts, again.counts)


def test_controls_pass_where_contagion_is_real() -> None:
    """The plain test of the lead would not: where each moves the other, the future tells of the present."""
    panel = record(STRONG, 2)
    asked = ask(panel)
    ran = control(panel, asked, memory=3.0, placebos=19, draws=19, lead_draws=19, seed=1)
    assert ran.p_rewired == 0.05  # none of 19 does as well: (1 + 0) / (1 + 19)
    assert ran.p_drawn == 0.05
    assert ran.p_lead_plain < 0.05 < ran.p_lead
    assert (ran.rewired, ran.drawn) == (19, 19)


def test_controls_have_an_address() -> None:
    panel = record(Design(6, 30, 0.8, 0.3), 1)
    asked = ask(panel, interval=False)
    one, two, other = (control(panel, asked, memory=3.0, placebos=6, draws=6, lead_draws=6, seed=k) for k in (1, 1, 2))
    assert one == two
    assert one != other


def test_leads_matter_where_neighbours_come_late() -> None:
    """Events that come after those of neighbours make their future tell: the record turned round in time."""
    panel = record(STRONG, 5)
    turned = replace(panel, counts=panel.counts[:, ::-1].copy())
    _, ratio = lead_ratio(turned, ask(turned, interval=False), memory=3.0, effects="day")
    _, straight = lead_ratio(panel, ask(panel, interval=False), memory=3.0, effects="day")
    assert ratio > ONE_SIDED_5
    assert ratio > straight + 5


def test_p_values_of_controls_are_even_in_null_records() -> None:
    """Where nothing is there, the network is one of its placebos: p is 1/5, 2/5, ... 5/5 alike."""
    shares = []
    for k in range(15):
        panel = record(Design(9, 40, 0.8, 0.0, own=0.3, shock="none"), 40 + k)
        ran = control(panel, ask(panel, interval=False), memory=3.0, placebos=4, draws=4, lead_draws=1, seed=k)
        shares.append((ran.p_rewired, ran.p_drawn))
    low = (np.array(shares) <= 0.2).mean(0)
    assert (low <= 0.5).all()  # expected 0.2; 8 of 15 and more has a chance of 4 in 1,000
    assert (np.array(shares).mean(0) > 0.4).all()


PASSED = Controls(0.05, 0.05, 0.0, 0.4, 0.5, 19, 19)


def answer(low: float, high: float) -> Answer:
    return Answer((low + high) / 2, low, high, 9.0, 0.001, None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "region", "controls", "power", "word", "reason"),
    [
        ((0.1, 0.3), (0.08, 0.3), PASSED, 0.9, "supported", ""),
        ((0.1, 0.3), (0.0, 0.3), PASSED, 0.9, "cannot tell", "region-day effects 'cannot tell'"),
        ((0.1, 0.3), (0.1, 0.3), PASSED._replace(p_rewired=0.2), 0.9, "cannot tell", "rewired networks do as well"),
        ((0.1, 0.3), (0.1, 0.3), PASSED._replace(p_drawn=0.2), 0.9, "cannot tell", "without contagion do as well"),
        ((0.1, 0.3), (0.1, 0.3), PASSED._replace(p_lead=0.05), 0.9, "cannot tell", "future matters more"),
        ((0.0, 0.01), (0.0, 0.02), PASSED, 0.9, "contradicted", ""),
        ((0.0, 0.0007), (0.0, 0.02), PASSED, 0.2, "cannot tell", "0 to 0.0007 does not settle it"),
        ((0.0, 0.3), (0.0, 0.3), PASSED, 0.9, "cannot tell", "does not settle it"),
    ],
)
def test_the_finding_needs_every_control(
    day: tuple[float, float], region: tuple[float, float], controls: Controls, power: float, word: str, reason: str
) -> None:
    found, held = judged(answer(*day), answer(*region), controls, smallest=0.05, power=power, power_by_region=power)
    assert found == word
    assert (reason in " ".join(held)) if reason else held == ()


def test_an_interval_is_above_none_where_the_ratio_says_so() -> None:
    """Also where a quiet place has its few events by the network alone, so that its background stands at the floor."""
    panel = record(Design(8, 60, 0.5, 0.0, own=0.2, shock="none"), 31, mu=np.array([0.5] * 6 + [0.004] * 2))
    made = ask(panel)
    assert 1 < made.ratio < ONE_SIDED_5
    assert made.low == 0.0


def test_the_own_past_alone_is_no_contagion() -> None:
    panel = record(Design(10, 200, 0.5, 0.0, own=0.7, shock="none"), 9)
    made = ask(panel)
    assert made.low < 0.05
    assert made.without.of("own") == pytest.approx(0.7, abs=0.12)
    assert made.without.share("own", own(panel, 3.0)) == pytest.approx(0.7, abs=0.12)
