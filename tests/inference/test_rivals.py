"""Rivals side by side: the order statistic, what is compared, and that a rival cannot be told from itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import groundswell as gs
from groundswell.errors import ScenarioError
from groundswell.inference.rivals import best, ordering, pairs, prior_predictives

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20).map(np.array)


@given(numbers, numbers)
def test_ordering_is_the_share_of_pairs_in_order(one: Any, two: Any) -> None:
    above = sum((a > b) + 0.5 * (a == b) for a in one for b in two) / (len(one) * len(two))
    assert ordering(one, two) == pytest.approx(max(above, 1 - above)) == pytest.approx(ordering(two, one))


def test_what_is_apart_and_what_is_not() -> None:
    low, high = np.arange(10.0), np.arange(10.0) + 100
    assert best({"a": low, "b": low}, {"a": low, "b": high}) == ("b", 1.0)
    assert best({"a": low}, {"a": low}) == ("a", 0.5)
    assert best({}, {}) == ("none", 0.5)


def scenario() -> gs.Scenario:
    return gs.load("two-neighbours").changed(set={"people": 400, "period.end": "2015-04-05"})


def test_a_rival_under_another_name_cannot_be_told_apart() -> None:
    case = scenario()
    twice = case.model_copy(update={"explanation": {**case.explanation, "again": case.explanation["deter_only"]}})
    found = prior_predictives(twice, names=("deter_only", "again"), replicates=8)
    (pair,) = pairs(found)
    assert pair.beyond[1] == 0.5 and pair.at_hand[1] == 0.5
    for name, values in found[0].daily.items():
        np.testing.assert_array_equal(values, found[1].daily[name])


def test_refused() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'deter_only'"):
        prior_predictives(scenario(), names=("deter_onyl", "deter_only"))
    with pytest.raises(ScenarioError, match="fewer than two"):
        prior_predictives(scenario(), names=("deter_only",))


def test_the_command_writes_a_page_with_harm_beside_turnout(command: Callable[..., Any], tmp_path: Path) -> None:
    done = command("rivals", "two-neighbours", "--replicates", "6", "--people", "400", "--out", "r", "--json")
    assert done.code == 0
    facts = done.json
    assert [r["name"] for r in facts["rivals"]] == ["deter_only", "deter_and_anger"]
    assert all({"turnout", "deaths", "injured", "arrested", "guesses"} <= set(r) for r in facts["rivals"])
    page = (tmp_path / "r" / "index.html").read_text(encoding="utf-8")
    assert (
        "This case has no published totals" in page
        and page.count("<svg") == 3
        and "Deaths since the start" in page
        and "http" not in page.split("</style>")[1]
    )
    assert (tmp_path / "r" / "figures" / "rivals-turnout.csv").is_file()
