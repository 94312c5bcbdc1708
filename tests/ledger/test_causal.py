"""Causal tests: pairs differ by what is dropped, kept results need their digest, the judge finds and spares."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from groundswell.errors import GroundswellError
from groundswell.inference.causal import Effect, Judge, Pairs
from groundswell.ledger.book import Contrast
from groundswell.ledger.causal import kept_parts, pairs_of, runnable, stamp
from groundswell.ledger.load import ledgers_of
from groundswell.scenario.load import find_file, load

DAY = dt.date(2019, 10, 1)


@dataclass
class Toy:
    """Records of three numbers of each kind; `shift` is how far the mechanism moves the first."""

    effect: Effect
    widths: tuple[int, int, int] = (3, 3, 3)


def judge(shift: float, size: int = 400, sign: int = 1) -> Judge:
    rng = np.random.default_rng(1)
    base = rng.normal(size=size)
    effect = shift + 0.1 * rng.normal(size=size) if shift else np.zeros(size)
    records = [np.tile(rng.normal(size=(size, 3)) + mean * np.array([1.0, 0.0, 0.0]), 3) for mean in (3 * shift, 0.0)]
    rows = np.concatenate([(base + effect)[:, None], base[:, None], *records], axis=1)
    toy = Toy(Effect("x", DAY, DAY, sign, 0.3))
    return Judge(cast(Pairs, toy), rows, 0, trees=60)


def test_an_effect_that_the_record_shows_is_found_and_seldom_where_it_is_not() -> None:
    told = judge(1.0).told
    assert told.present >= 90 and told.absent >= 100
    assert told.power >= 0.7
    assert told.false <= 0.1


def test_a_mechanism_that_leaves_no_trace_is_never_found() -> None:
    told = judge(0.0).told
    assert told.present == 0 and told.false == 0


def test_a_claim_of_the_other_sign_is_not_supported() -> None:
    assert judge(1.0, sign=-1).told.false == 0


def test_pairs_share_chances_and_differ_by_what_is_dropped() -> None:
    scenario = load(find_file("iraq-2019"))
    test = Contrast(explanation="contagion", drop=("contagion",), outcome="place.turnout", smallest=0.1)
    pairs, targets = pairs_of(scenario, test, people=300, seed=3)
    assert set(pairs.with_it.mechanism) - set(pairs.without.mechanism) == {"contagion"}
    assert targets
    rows = pairs.simulate(np.zeros((2, 0)), 5)
    assert rows.shape == (2, len(pairs.summaries))
    assert np.array_equal(rows[1:], pairs.simulate(np.zeros((1, 0)), 6))


def test_a_window_outside_the_period_is_refused() -> None:
    scenario = load(find_file("iraq-2019"))
    test = Contrast(drop=("anger",), outcome="place.turnout", smallest=0.1, start=dt.date(2018, 1, 1))
    with pytest.raises(GroundswellError, match="contrast-window"):
        pairs_of(scenario, test, people=300, seed=0)


def result(says: str, mark: str) -> dict[str, Any]:
    told = [
        {
            "record": name,
            "recognised": [0.5, 0.5],
            "power": power,
            "false": 0.01,
            "missed": 0.0,
            "present": 50,
            "absent": 150,
        }
        for name, power in (("published counts", 0.1), ("place-week", 0.4), ("place-day", 0.6))
    ]
    return {
        "stamp": mark,
        "says": says,
        "votes": 0.6,
        "interval": [0.0, 1.0],
        "implied": [0.0, 0.2, 1.0],
        "why": ["the votes are split"],
        "told": told,
    }


def test_kept_results_count_only_under_their_digest(tmp_path: Path) -> None:
    scenario = load(find_file("iraq-2019"))
    book = next(one for one in ledgers_of("iraq-2019") if one.name == "essay")
    settings = {"size": 400, "people": 1000, "seed": 0}
    (first, test), (second, _) = runnable(book)[:2]
    document = {
        **settings,
        "command": "groundswell test-claims iraq-2019",
        "results": {
            first.claim: result("cannot tell", stamp(scenario, test, settings)),
            second.claim: result("supported", "old"),
        },
    }
    file = tmp_path / "causal.json"
    assert kept_parts(scenario, book, file) == {}
    file.write_text(json.dumps(document))
    parts = kept_parts(scenario, book, file)
    assert list(parts) == [first.claim]
    assert "from 0.10 to 0.40 by week and 0.60 by day" in parts[first.claim][0].settle
    file.write_text("{}")
    with pytest.raises(GroundswellError, match="causal-file"):
        kept_parts(scenario, book, file)


def test_what_ships_is_of_this_case_and_the_page_of_findings_prints_it() -> None:
    from groundswell.ledger.causal import FILE, table

    book = next(one for one in ledgers_of("iraq-2019") if one.name == "essay")
    parts = kept_parts(load(find_file("iraq-2019")), book, book.folder / FILE)
    assert set(parts) == {one.claim for one, _ in runnable(book)}
    document = json.loads((book.folder / FILE).read_text())
    page = (Path(__file__).parents[2] / "docs/concepts/findings.md").read_text()
    assert "\n".join(table(document)) in page
    assert f"{document['command']}\n" in page


@pytest.mark.slow
def test_the_named_command_makes_one_of_the_results_that_ship() -> None:
    from groundswell.inference.work import Work
    from groundswell.ledger.causal import FILE, run_test

    book = next(one for one in ledgers_of("iraq-2019") if one.name == "essay")
    document = json.loads((book.folder / FILE).read_text())
    settings = {key: document[key] for key in ("size", "people", "seed")}
    one, test = runnable(book)[0]
    assert run_test(load(find_file("iraq-2019")), test, settings, Work()) == document["results"][one.claim]
