"""The simulator of a case: batches, what is known by a day, and the commands on the tutorial case."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import groundswell
from groundswell.errors import GroundswellError
from groundswell.evidence.simulated import events_of
from groundswell.inference.targets import from_counts, from_events, refuse_later
from groundswell.inference.work import Work
from groundswell.inference.worlds import screened, worlds_of


@pytest.fixture(scope="session")
def seen(busy: Any, tmp_path_factory: Any) -> Path:
    """Events of one simulated world of the tutorial case."""
    path: Path = tmp_path_factory.mktemp("seen") / "events.parquet"
    recorded = busy.model_copy(update={"record": (*busy.record, "unit.deaths", "unit.injuries")})
    events_of(groundswell.simulate(recorded, replicates=1, seed=77)).write(path)
    return path


def iraq() -> Any:
    return groundswell.load("iraq-2019").under("given_responses")


def test_nothing_published_later_is_fitted() -> None:
    evidence = from_counts(iraq(), dt.date(2019, 11, 10))
    assert evidence.fitted and evidence.patterns and evidence.later
    assert all(t.known <= evidence.until for t in (*evidence.fitted, *evidence.patterns))
    assert all(t.known > evidence.until for t in evidence.later)
    assert {len(t.rows) for t in evidence.fitted} == {len(iraq().place)}
    fewer = from_counts(iraq(), dt.date(2019, 10, 10))
    assert {t.name for t in fewer.fitted} < {t.name for t in evidence.fitted}


def test_a_total_becomes_an_increment() -> None:
    names = {t.name: t.seen for t in from_counts(iraq(), dt.date(2019, 11, 10), reporters=["UNAMI"]).fitted}
    assert names["deaths, national, 2019-10-01 to 2019-10-09, UNAMI"] == 157
    assert names["deaths, national, 2019-10-10 to 2019-11-04, UNAMI"] == 254 - 157


def test_refusals() -> None:
    with pytest.raises(GroundswellError, match="nothing-known"):
        from_counts(iraq(), dt.date(2019, 10, 1))
    with pytest.raises(GroundswellError, match="reporter-unknown"):
        from_counts(iraq(), dt.date(2019, 11, 10), reporters=["nobody"])
    refuse_later(iraq(), dt.date(2019, 11, 10))
    with pytest.raises(GroundswellError, match="shutdown_november.*known-later"):
        refuse_later(iraq(), dt.date(2019, 11, 4))
    targets = from_counts(iraq(), dt.date(2019, 11, 10)).fitted
    for paths, refusal in ((["harm.deathz"], "free-path"), (["harm.reach"] * 2, "free-twice")):
        with pytest.raises(GroundswellError, match=refusal):
            worlds_of(iraq(), paths, targets)
    with pytest.raises(GroundswellError, match="targets-none"):
        worlds_of(iraq(), [], ())


def test_summaries_are_those_of_a_run_and_do_not_depend_on_the_batch(busy: Any) -> None:
    runs = groundswell.simulate(busy, replicates=6, seed=3)
    events = events_of(groundswell.simulate(busy, replicates=1, seed=9))
    evidence = from_events(busy, events, busy.period.end, measure="injuries")
    worlds = worlds_of(busy, (), evidence.fitted, seed=3)
    found = worlds.simulate(np.zeros((6, 0)), 0)
    weeks = runs["place.injuries"].values.sum(axis=2).reshape(6, -1, 7).sum(axis=2)
    assert np.allclose(np.expm1(found[:, : weeks.shape[1]]), weeks)
    alone = np.concatenate([worlds.simulate(np.zeros((1, 0)), k) for k in range(6)])
    assert found.tobytes() == alone.tobytes()
    given = worlds_of(busy, ["mobilisation.network"], evidence.fitted, seed=3)
    values = np.linspace(0.2, 0.8, 6)[:, None]
    parts = [given.simulate(values[:2], 0), given.simulate(values[2:], 2)]
    assert given.simulate(values, 0).tobytes() == np.concatenate(parts).tobytes()


def test_screening_finds_what_drives_the_summaries(busy: Any) -> None:
    events = events_of(groundswell.simulate(busy, replicates=1, seed=9))
    free_again = busy.changed(set={})
    evidence = from_events(free_again, events, busy.period.end, measure="crowds")
    paths, share = screened(worlds_of(free_again, (), evidence.fitted, people=200), Work(), size=64, most=4)
    assert len(paths) == 4 and share.max() > 0.05


def test_calibrate_ends_in_a_page_and_goes_on(command: Callable[..., Any], seen: Path, tmp_path: Path) -> None:
    (tmp_path / "half.toml").write_text("[reporting.simulated]\ncrowds = { guess = 0.5, range = [0.2, 0.8] }\n")
    line = [
        "calibrate",
        "two-neighbours",
        "--explanation",
        "deter_and_anger",
        "--events",
        str(seen),
        "--until",
        "2015-03-15",
        "--measure",
        "crowds",
        "--set",
        "period.end=2015-03-15",
        "--people",
        "200",
        "--particles",
        "64",
        "--generations",
        "1",
        "--free",
        "mobilisation.bar",
        "--free",
        "mobilisation.network",
        "--out",
        "fit",
        "--reporting",
        "half.toml",
        "--quick",
        "--json",
    ]
    done = command(*line)
    assert done.code == 0, done.err
    assert {row["path"] for row in done.json["numbers"]} == {"mobilisation.bar", "mobilisation.network"}
    assert {row["path"] for row in done.json["numbers_all_recorded"]} == {"mobilisation.bar", "mobilisation.network"}
    page = (tmp_path / "fit" / "index.html").read_text()
    assert "Two models of reporting" in page and "Model events are recorded by simulated" in page
    assert "not for citing" in page and "Prior and posterior" in page and "http" not in page.replace("http-equiv", "")
    tree = xr.open_datatree(tmp_path / "fit" / "posterior.zarr", engine="zarr", consolidated=False)
    assert {"posterior", "sample_stats", "observed_data", "posterior_predictive", "prior"} <= set(tree.children)
    assert tree["posterior"].sizes == {"chain": 1, "draw": 1000}
    tree.close()
    again = command(*line)
    assert json.loads(again.out)["numbers"] == done.json["numbers"]
    assert (tmp_path / "fit" / "index.html").read_text() == page
    other = command(*line, "--seed", "5")
    assert other.code == 2 and "work-other" in other.err


def test_compare_and_check_inference(command: Callable[..., Any], seen: Path) -> None:
    shared = ["two-neighbours", "--events", str(seen), "--measure", "crowds", "--set",
              "period.end=2015-03-15", "--people", "200", "--quick", "--json"]  # fmt: skip
    compared = command("compare", *shared, "--size", "30", "--until", "2015-03-08")
    assert compared.code == 0, compared.err
    assert compared.json["rivals"] == ["deter_only", "deter_and_anger"]
    assert compared.json["verdict"] in ("cannot tell", "deter_only", "deter_and_anger")
    pairs = [(row["held out"], row["rival"]) for row in compared.json["held_out"]]
    assert pairs == [(what, k) for what in ("Known, not fitted", "Published later") for k in compared.json["rivals"]]
    assert any("too few for a standard error" in line for line in compared.json["lines"])
    checked = command("check-inference", *shared, "--free", "mobilisation.jail", "--truths", "10", "--table", "80")
    assert checked.code == 0, checked.err
    assert set(checked.json["null"]) == {"mobilisation.jail"}
    assert any("patterns not fitted" in line for line in checked.json["lines"])
    assert checked.json["inside"] is True  # one of its own worlds
    bad = command("compare", "two-neighbours", "--until", "soon")
    assert bad.code == 2 and "[until]" in bad.err
