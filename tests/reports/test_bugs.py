"""What was wrong once: each of these failed before it was mended."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
from reports.fake import fake_runs, fake_scenario

from groundswell.reports.series import Runs
from groundswell.reports.timing import timing, timing_lines


def anchor(day: str, country: str, place: str = "national") -> dict[str, Any]:
    return {"date": day, "country": country, "place": place, "fact": "f", "class": "target", "known_on": day,
            "source": "s"}  # fmt: skip


def runs_of(deaths: np.ndarray[Any, Any], anchors: dict[str, Any]) -> Runs:
    end = (dt.date(2019, 9, 1) + dt.timedelta(days=deaths.shape[1] - 1)).isoformat()
    data = fake_runs(deaths.shape[0], fake_scenario(1, end=end, counts=False, anchor=anchors, shock={}))
    data["place.deaths"] = (("replicate", "time", "place"), deaths)
    return Runs(data)


def test_seed_0_is_a_seed() -> None:
    from groundswell.reports.sections import Context, provenance

    data = fake_runs(2, fake_scenario(1))
    data.attrs["seed"] = 0
    rows = dict(provenance(Context(Runs(data), Path())).tables[0].rows)  # type: ignore[arg-type]
    assert rows["seed"] == "0"
    del data.attrs["seed"]
    rows = dict(provenance(Context(Runs(data), Path())).tables[0].rows)  # type: ignore[arg-type]
    assert rows["seed"] == "not recorded"


def test_a_target_of_a_country_without_places_is_no_target_for_its_neighbour() -> None:
    deaths = np.zeros((3, 60, 1))
    deaths[:, 20] = 3
    found = timing(runs_of(deaths, {"near": anchor("2019-09-21", "Arvenia"), "far": anchor("2019-09-21", "Borea")}))
    assert found is not None and [id_ for id_, _, _ in found.hits] == ["near"]


def test_the_middle_of_tied_weeks_stands_for_all_of_them() -> None:
    deaths = np.zeros((3, 60, 1))
    deaths[:, 20] = 1  # seven windows of seven days hold this one death
    found = timing(runs_of(deaths, {}))
    assert found is not None and {str(day) for day in found.starts} == {"2019-09-18"}
    assert "middle" in " ".join(timing_lines(found))


def test_axis_numbers_are_written_out_and_the_last_short_week_is_not_drawn(tmp_path: Path) -> None:
    import csv

    from groundswell.reports.drawing import blank, count_axis
    from groundswell.reports.figures_pushed import draw_pushed

    axes = blank(2).add_axes((0, 0, 1, 1))
    count_axis(axes, 3e6, log=True)
    assert [t.get_text() for t in axes.get_yticklabels()][-1] == "1 million"
    drawing = draw_pushed(Runs(fake_runs(2, fake_scenario(1))), tmp_path)  # 122 days: 17 weeks and three days
    assert drawing is not None and "no whole week" in drawing.caption
    with (tmp_path / "pushed.csv").open(newline="") as file:
        weeks = {row["week"] for row in csv.DictReader(file)}
    assert len(weeks) == 17 and max(weeks) == "2019-12-22"
