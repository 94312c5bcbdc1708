"""What reporters record of simulated worlds: nothing without them, shares with them, by publication or by event."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import groundswell
from groundswell.cli.inferring import reported as ask
from groundswell.cli.shared import Asked
from groundswell.errors import GroundswellError
from groundswell.evidence.simulated import events_of
from groundswell.inference.record import reporter_of
from groundswell.inference.targets import Target, from_counts, from_events
from groundswell.inference.worlds import worlds_of
from groundswell.scenario.reporters import with_reporting, without_reporting

FILE = """
[reporting.simulated]
title = "the record"
injuries = 0.4
crowds = 0.5
shutdown = 1
delay = 3
"""


def reported(scenario: Any, folder: Path, text: str = FILE) -> Any:
    path = folder / "reporting.toml"
    path.write_text(text)
    return with_reporting(scenario, path)


def injuries(scenario: Any, **changes: Any) -> Target:
    rows, period = tuple(range(len(scenario.place))), scenario.period
    made = Target("injuries", "place.injuries", rows, period.start, period.end, 5.0, period.end, reporter="simulated")
    return dataclasses.replace(made, **changes)


def test_a_share_is_recorded_and_a_toll_lags(busy: Any, tmp_path: Path) -> None:
    scenario = reported(busy, tmp_path)
    targets = (injuries(busy, name="all", reporter=""), injuries(busy, name="events", dated="happened"),
               injuries(busy, name="toll"))  # fmt: skip
    worlds = worlds_of(scenario, (), targets, seed=3)
    found = np.expm1(worlds.simulate(np.zeros((40, 0)), 0))
    total = found.sum(axis=0)
    assert total[0] > 500
    assert abs(total[1] / total[0] - 0.4) < 5 * np.sqrt(0.24 / total[0])
    assert np.all(found[:, 2] <= found[:, 1] + 1e-9) and total[2] < 0.9 * total[1]  # the last days are not out yet
    parts = [worlds.simulate(np.zeros((n, 0)), first) for first, n in ((0, 7), (7, 33))]
    assert np.expm1(np.concatenate(parts)).tobytes() == found.tobytes()
    plain = worlds_of(without_reporting(scenario), (), targets, seed=3).simulate(np.zeros((40, 0)), 0)
    assert np.allclose(np.expm1(plain), found[:, :1])  # the identity, for the same worlds


def test_what_is_lost_in_a_shutdown_needs_the_internet(busy: Any, tmp_path: Path) -> None:
    dark = busy.changed(set={f"place.{name}.internet": 0 for name in busy.place})
    found = worlds_of(reported(dark, tmp_path), (), (injuries(dark), injuries(dark, name="all", reporter=""))).simulate(
        np.zeros((5, 0)), 0
    )
    assert found[:, 0].max() == 0 and found[:, 1].max() > 0


def test_crowds_and_free_numbers_of_reporters(busy: Any, tmp_path: Path) -> None:
    text = "[reporting.simulated]\ncrowds = { guess = 0.5, range = [0.1, 0.9] }\n"
    scenario = reported(busy, tmp_path, text)
    events = events_of(groundswell.simulate(busy, replicates=1, seed=9))
    evidence = from_events(scenario, events, busy.period.end, measure="crowds")
    assert {target.reporter for target in evidence.fitted} == {"simulated"}
    worlds = worlds_of(scenario, ["reporting.simulated.crowds"], evidence.fitted, seed=3)
    few, many = (np.expm1(worlds.simulate(np.full((20, 1), share), 0)).sum() for share in (0.1, 0.9))
    assert 5 < many / few < 15


def test_the_case_file_names_the_reporters_of_the_case() -> None:
    plain = groundswell.load("iraq-2019")
    assert not plain.reporting  # a run of the case as it ships knows no reporters
    scenario = with_reporting(plain, "reporting.toml", case="iraq-2019")
    targets = from_counts(scenario, dt.date(2019, 11, 10)).fitted  # the day of the case's fits
    assert all(reporter_of(scenario, target) for target in targets)
    assert reporter_of(plain, targets[0]) == ""


def test_reporters_in_a_circle_are_refused_before_any_work(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text("[reporting.one]\nwithin = 'two'\n[reporting.two]\nwithin = 'one'\n")
    with pytest.raises(GroundswellError, match="reporter-within"):
        ask(Asked("two-neighbours"), str(file))
