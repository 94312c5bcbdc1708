"""The drawn coupling graph: every mechanism is named, every arrow is in the table and the CSV file."""

from __future__ import annotations

import csv
from pathlib import Path

from groundswell.reports.figures_coupling import draw_coupling
from groundswell.scenario.coupling import coupling
from groundswell.scenario.load import load


def test_all_is_drawn(tmp_path: Path) -> None:
    scenario = load("iraq-2019").under("overstretch")
    made = draw_coupling(scenario, tmp_path)
    assert made is not None
    assert all(f">{name}<" in made.svg for name in scenario.mechanism)
    wanted = [tuple(arrow) for arrow in coupling(scenario)]
    assert list(made.tables[0].rows) == wanted
    rows = list(csv.reader((tmp_path / "coupling.csv").read_text(encoding="utf-8").splitlines()))
    assert [tuple(row) for row in rows[1:]] == wanted
    pairs = {arrow[:2] + arrow[3:] for arrow in wanted if arrow[0] != arrow[1]}
    assert f"{sum(lag == 'same day' for *_, lag in pairs)} pairs feed one another on the same day" in made.alt


def test_unknown_mechanism_draws_nothing(tmp_path: Path) -> None:
    scenario = load("two-neighbours")
    made = scenario.model_copy(update={"mechanism": {**scenario.mechanism, "of_some_file": {}}})
    assert draw_coupling(made, tmp_path) is None
