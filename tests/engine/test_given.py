"""Guesses that are given a replicate: the same bits alone or in a batch, kept in the store, refused where wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import groundswell
from groundswell.engine.run import run
from groundswell.engine.store import open_runs
from groundswell.errors import ScenarioError


def test_a_replicate_has_the_same_bits_alone_or_in_a_batch(busy: Any) -> None:
    path = "mobilisation.network"
    values = np.linspace(0.2, 0.8, 6)
    whole, _ = run(busy, 3, range(6), {path: values})
    for k in range(6):
        alone, _ = run(busy, 3, range(k, k + 1), {path: values[k : k + 1]})
        for name, array in whole.items():
            assert np.array_equal(array[k], alone[name][0]), name


def test_only_what_was_given_differs(small: Any) -> None:
    path = "mobilisation.network"
    drawn = groundswell.simulate(small, replicates=3, seed=5)
    row = list(drawn["guess"].values).index(path)
    same = groundswell.simulate(small, replicates=3, seed=5, parameters={path: drawn["guess_value"].values[:, row]})
    assert same.attrs["digest"] == drawn.attrs["digest"]  # giving what would be drawn changes nothing
    other = groundswell.simulate(small, replicates=3, seed=5, parameters={path: np.array([0.3, 0.4, 0.5])})
    assert other["guess_value"].values[:, row].tolist() == [0.3, 0.4, 0.5]
    rest = [k for k in range(other.sizes["guess"]) if k != row]
    assert np.array_equal(other["guess_value"].values[:, rest], drawn["guess_value"].values[:, rest])


def test_a_store_keeps_them_and_a_rerun_uses_them(small: Any, tmp_path: Path) -> None:
    given = {"mobilisation.network": np.array([0.3, 0.4, 0.5, 0.6])}
    made = groundswell.simulate(small, replicates=4, seed=1, parameters=given, store=tmp_path / "a.zarr", batch=3)
    assert groundswell.rerun(made).attrs["digest"] == made.attrs["digest"]
    one = groundswell.rerun(tmp_path / "a.zarr", replicate=2)
    assert np.array_equal(one["digest"].values[0], open_runs(tmp_path / "a.zarr")["digest"].values[2])


@pytest.mark.parametrize(
    ("given", "refusal"),
    [({"mobilisation.netwerk": [0.3, 0.3]}, "given-path"), ({"mobilisation.network": [0.3]}, "given-shape"),
     ({"mobilisation.network": [0.3, -1.0]}, "given-range"), ({"mobilisation.network": [0.3, np.nan]}, "given-range")],
)  # fmt: skip
def test_wrong_ones_are_refused(small: Any, given: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        groundswell.simulate(small, replicates=2, parameters=given)
    assert [problem.refusal for problem in caught.value.problems] == [refusal]
