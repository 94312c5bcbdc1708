"""The bench of scaling: fits, bounds and what it says of them, from made-up numbers; one small point measured."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def scaling() -> ModuleType:
    sys.path.insert(0, str(BENCH))
    try:
        return importlib.import_module("scaling")
    finally:
        sys.path.remove(str(BENCH))


def test_a_power_law_is_found(scaling: ModuleType) -> None:
    x = [1e4, 1e5, 1e6, 4e6]
    b, off = scaling.exponent(x, [3.0 * value**1.25 for value in x])
    assert b == pytest.approx(1.25) and off == pytest.approx(0, abs=1e-9)
    assert scaling.exponent(x, [1.0, 10.0, 300.0, 400.0])[1] > 0.2


def made_up(**values: Any) -> dict[str, Any]:
    base = {"people": 1000, "ties": 8, "places": 3, "replicates": 1, "ns": 50.0, "bytes_a_person": 36.0}
    return base | {"peak_mb": 300.0, "start_mb": 250.0, "setup_s": 0.1, "bytes_a_person_day": 100,
                   "parts_ns": {"influence": 10.0, "mobilisation": 20.0}} | values  # fmt: skip


def curves() -> dict[str, list[dict[str, Any]]]:
    return {"people": [made_up(people=n) for n in (10, 100, 1000)],
            "ties": [made_up(ties=k, ns=20.0 + 3 * k) for k in (0, 4, 16)],
            "places": [made_up(places=n) for n in (3, 30)],
            "replicates": [made_up(replicates=n, ns=50.0 / n**0.5) for n in (1, 4, 16)]}  # fmt: skip


def test_fits_are_of_the_time_of_all(scaling: ModuleType) -> None:
    found = scaling.fits(curves())
    assert found["people"]["exponent"] == pytest.approx(1) == found["memory"]["exponent"]
    assert found["ties"]["ns_a_tie"] == pytest.approx(3) and found["ties"]["ns_without"] == pytest.approx(20)
    assert found["places"]["exponent"] == pytest.approx(0, abs=1e-9)
    assert found["replicates"]["exponent"] == pytest.approx(0.5)


def test_what_bounds_it_follows_the_numbers(scaling: ModuleType) -> None:
    limits = {"triad_gb": 20.0, "gathers_m": 100.0, "decisions_m": 50.0}
    found = scaling.bounds(made_up(ns=100.0, parts_ns={"influence": 90.0, "mobilisation": 50.0}), limits, 1e8)
    assert found["gathers"] == pytest.approx(80) and found["decisions"] == pytest.approx(20)
    assert found["memory"] == pytest.approx(5)
    said = scaling.verdict(found)
    assert ": bound by gathers;" in said and "not bound by decisions" in said and said.endswith("not bound by memory")
    said = scaling.verdict(found | {"influence": 900.0, "decisions": 45.0, "memory": 60.0})
    assert "not bound by gathers" in said and ": bound by decisions;" in said and said.endswith(": bound by memory")


def test_tables_and_figure_come_from_the_line_alone(scaling: ModuleType, tmp_path: Path) -> None:
    limits = {"triad_gb": 20.0, "gathers_m": 100.0, "decisions_m": 50.0}
    line = {"date": "2000-01-01", "quick": True, "limits": limits, "fits": scaling.fits(curves()),
            "bounds": [scaling.bounds(made_up(), limits, 1e8)], "curves": curves()}  # fmt: skip
    said = scaling.tables(line)
    scaling.figure(line, tmp_path / "a.svg")
    assert "20.0 ns and 3.00 ns a tie" in said and "2000-01-01 with --quick" in said
    assert (tmp_path / "a.svg").read_text().count("<svg") == 1


@pytest.mark.parametrize("ties", [0, 1, 2, 4, 8, 16])
def test_ties_are_as_many_as_asked(scaling: ModuleType, ties: int) -> None:
    values = scaling.case_of(1000, ties, 0).mechanism["influence"]
    assert sum(values[f"{kind}_ties"].value for kind in ("own", "place", "far")) == ties


def test_one_point(scaling: ModuleType) -> None:
    """In a process of its own: people, places and replicates as asked, and its own peak of memory."""
    found = scaling.point({"people": 2000, "ties": 3, "places": 7, "replicates": 2, "days": 4})
    assert found["places"] == 7 and found["replicates"] == 2 and abs(found["people"] - 2000) < 100
    assert 0 < found["start_mb"] <= found["peak_mb"] and 0 < found["ns"] == pytest.approx(
        sum(found["parts_ns"].values())
    )
