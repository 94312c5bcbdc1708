"""Power by made-up records: layouts, records, shares and the words that quote them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from groundswell.inference import power
from groundswell.inference.power import (
    PAIR,
    PLACES,
    Design,
    Share,
    findings,
    layout,
    pair_table,
    place_table,
    power_of,
    quote,
    record,
    share_found,
)


@pytest.mark.parametrize("places", [2, 5, 6, 18, 40])
def test_layout(places: int) -> None:
    weights, region = layout(places)
    assert weights.sum(1) == pytest.approx(np.ones(places))
    assert ((weights > 0).sum(1) == min(3, places - 1)).all()
    assert not np.diag(weights).any()
    sizes = np.bincount(region)
    assert sizes.max() - sizes.min() <= 1
    assert len(sizes) == (1 if places < 6 else max(3, round(places / 6)))
    if places >= 18:  # neighbours lie in the same region more often than by chance
        same = (weights * (region[:, None] == region)).sum() / places
        assert same > 1.5 * (sizes**2).sum() / places**2


def test_one_place_is_no_network() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        layout(1)
    with pytest.raises(ValueError, match="shock is one of none, national"):
        record(Design(4, 20, 1.0, shock="solar"), 0)


@pytest.mark.parametrize("shock", ["none", "national", "regional", "local"])
def test_records_have_the_mean_and_the_shock_of_their_design(shock: str) -> None:
    design = Design(12, 200, 1.0, 0.2, shock=shock)
    made = [record(design, k) for k in range(12)]
    mean = np.array([panel.counts.mean() for panel in made])
    assert abs(mean.mean() - 1.0 / (1 - 0.6)) < 4 * mean.std(ddof=1) / 12**0.5
    plain = replace(design, beta=0.0, own=0.0)
    one = record(plain, 0)
    by_region = np.stack([one.counts[one.region == r].sum(0) for r in range(3)])
    apart = np.corrcoef(by_region)[np.triu_indices(3, 1)].mean()
    within = np.mean([np.corrcoef(one.counts[one.region == r])[np.triu_indices(4, 1)].mean() for r in range(3)])
    assert (apart > 0.3) == (shock == "national")
    assert (within > 0.15) == (shock in ("national", "regional"))


def test_records_have_an_address() -> None:
    design = Design(5, 30, 0.5)
    assert np.array_equal(record(design, 3).counts, record(design, 3).counts)
    assert not np.array_equal(record(design, 3).counts, record(design, 4).counts)
    assert not np.array_equal(record(design, 3).counts, record(design, 3, seed=1).counts)


def test_power_rises_with_the_record_and_the_effect() -> None:
    small = Design(9, 40, 0.3, 0.1, shock="none")
    large = Design(12, 120, 1.0, 0.5, shock="none")
    shares = [share_found(design, replicates=12).rate for design in (small, large)]
    assert shares[1] >= 0.95
    assert shares[0] <= 0.6
    seen: list[tuple[int, int]] = []
    strict = share_found(small, replicates=4, rule=lambda asked: asked.low > 9, progress=lambda *n: seen.append(n))
    assert strict == Share(0.0, 4)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.slow
def test_the_whole_rule_seldom_supports_what_is_not_there() -> None:
    """Under a national shock, which the intervals alone take for contagion in a quarter of records."""
    calm = findings(Design(9, 60, 0.6, 0.0, shock="national"), replicates=40)
    assert sum(share.rate for share in calm.values()) == pytest.approx(1.0)
    assert calm["supported"].rate <= 5 / 40  # at a true rate of 5 %, more has a chance of 1.4 %


def test_the_whole_rule_supports_what_is_there() -> None:
    real = findings(Design(12, 120, 1.0, 0.5, own=0.1, shock="none"), replicates=1)
    assert real == {"supported": Share(1.0, 1), "contradicted": Share(0.0, 1), "cannot tell": Share(0.0, 1)}


def test_without_power_nothing_is_contradicted() -> None:
    calm = Design(5, 120, 1.0, 0.0, shock="none")
    assert findings(calm, replicates=3, power=0.5, smallest=0.6)["contradicted"].rate == 0
    assert findings(calm, replicates=3, power=1.0, smallest=0.6)["contradicted"].rate == 1


def test_a_share_has_an_error_even_at_0() -> None:
    assert Share(0.0, 40).error == pytest.approx((1 / 42 * 41 / 42 / 42) ** 0.5)
    assert Share(0.5, 98).error == pytest.approx(0.05)


def test_a_quotation_holds_its_numbers() -> None:
    said = quote(Design(18, 60, 0.2, effects="region-day"), Share(0.5, 40))
    for word in (
        "18 places, 60 days",
        "0.2 background",
        "contagion of 0.2",
        "50% of 40",
        "+-15%",
        "region-day effects",
    ):
        assert word in said
    assert "knots every 7 days" in quote(Design(2, 60, 3.0, effects=7), Share(0.1, 9))
    assert "without day effects" in quote(Design(2, 60, 3.0, effects="constant"), Share(0.1, 9))
    assert power_of(6, 30, 0.5, 0.5, replicates=3).startswith("With 6 places, 30 days")


def test_tables_hold_a_cell_for_every_column(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Design] = []

    def counted(design: Design, *, replicates: int, seed: int) -> Share:
        asked.append(design)
        return Share(0.5, replicates)

    monkeypatch.setattr(power, "share_found", counted)
    pairs, places = pair_table(3), place_table(3, rows=[2])
    assert len(pairs) == 4 * len(PAIR)
    assert [cell.column for cell in pairs[:4]] == ["constant", "14 d knots", "7 d knots", "3 d knots"]
    assert pairs[0].brief == PAIR[0][4][0]
    assert len(places) == 6
    assert {cell.row for cell in places} == {"18 places, 60 days, 0.2"}
    assert [cell.brief for cell in places] == [PLACES[2][3], *PLACES[2][4], PLACES[2][5], None, None]
    assert [design.beta for design in asked[-6:]] == [0.2, 0, 0, 0, 0.2, 0]
    assert [design.shock for design in asked[-6:]] == ["national"] * 3 + ["regional", "national", "regional"]


def test_one_cell_of_the_pair_table() -> None:
    cells = pair_table(3, rows=[3])
    assert [cell.share.of for cell in cells] == [3] * 4
    assert {cell.row for cell in cells} == {"120 days, contagion, independent shocks"}
