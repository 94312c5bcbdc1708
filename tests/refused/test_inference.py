"""What inference refuses: evidence that cannot speak, settings that cannot work, folders that cannot be written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from refusals import refusing

import groundswell as gs
from groundswell.inference.panel import Panel
from groundswell.inference.sensitivity import sensitivity
from groundswell.inference.space import space_of
from groundswell.inference.targets import from_events, refuse_later
from groundswell.inference.work import Work
from groundswell.scenario.numbers import guesses
from groundswell.world.events import COLUMNS, Events


def events(rows: int = 3, **changes: Any) -> Events:
    plain: dict[str, Any] = {name: np.full(rows, "", object) if kind == "str" else np.zeros(rows, kind)
                             for name, kind in COLUMNS.items()}  # fmt: skip
    told = {"day": np.full(rows, np.datetime64("2015-03-10", "D")), "replicate": np.full(rows, -1), **changes}
    return Events(plain | told)


def case() -> Any:
    return gs.load("two-neighbours")


def read(found: Events, measure: str = "deaths") -> None:
    from_events(case(), found, dt.date(2015, 4, 1), measure=measure)


def test_events_of_elsewhere_are_no_evidence() -> None:
    with refusing("events-elsewhere", "none of 3", "2015-03-02"):
        read(events(place=np.full(3, "Baghdad", object)))


def test_events_of_several_replicates_are_several_worlds() -> None:
    with refusing("events-replicates", "hold 3 replicates", "--replicates 1"):
        read(events(replicate=np.arange(3)))


@pytest.mark.parametrize("source", ["mass-mobilization"])
def test_what_nobody_counted_is_not_none(source: str) -> None:
    with refusing("measure-uncounted", source, "counts no deaths", "crowds"):
        read(events(source=np.full(3, source, object)))


def test_too_many_free_numbers() -> None:
    paths = [entry.path for entry in guesses(case())][:9]
    with refusing("free-many", "9 free numbers", "most_free="):
        space_of(case(), paths)


def test_a_fact_that_was_known_only_later() -> None:
    with refusing("known-later", "shutdown_november"):
        refuse_later(gs.load("iraq-2019").under("given_responses"), dt.date(2019, 11, 4))


@pytest.mark.parametrize(("counts", "word"), [(np.zeros((2, 3), int), "shape"), (np.full((2, 12), -1), "below 0")])
def test_counts_that_are_no_panel(counts: Any, word: str) -> None:
    with refusing("panel", word):
        Panel(counts, ("a", "b"), np.zeros((2, 2)), np.zeros(2, int))


def test_settings_of_sensitivity() -> None:
    simulator: Any = None  # refused before it is asked
    with refusing("sensitivity-base", "base 60", "64"):
        sensitivity(simulator, [], base=60)
    with refusing("sensitivity-size", "1 trajectories"):
        sensitivity(simulator, [], trajectories=1)


def test_few_pairs_cannot_count_errors(command: Callable[..., Any]) -> None:
    done = command("test-claims", "iraq-2019", "--size", "8")
    refusal = "causal-size"
    assert done.code == 2 and f"[{refusal}]" in done.err


def test_folders_that_cannot_be_written(tmp_path: Path) -> None:
    from groundswell.ledger.causal import keep

    (tmp_path / "taken").write_text("a file")
    with refusing("causal-write", "taken", "--out"):
        keep({}, tmp_path / "taken" / "essay.json")
    with refusing("work-write", "taken", "--out"):
        Work(tmp_path / "taken", {"what": "a test"})
    assert (tmp_path / "taken").read_text() == "a file"
