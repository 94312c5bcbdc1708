"""Same seed, same bytes: for any threads, workers, batches, order of lines, and with vector units hidden."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.laws.worlds import arrays, digest, one_by_one, small

from groundswell.chance import chance_for, uniform
from groundswell.engine.build import build
from groundswell.scenario.schema import Quantity, Scenario

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def world() -> Scenario:
    return small()


@pytest.fixture(scope="module")
def expected(world: Scenario) -> str:
    return digest(world)


def test_the_world_is_not_empty(world: Scenario) -> None:
    kept = arrays(world)
    assert kept["place.turnout"].max() > 1000
    assert kept["place.deaths"].sum() > 0
    assert kept["place.arrests"].sum() > 0


def test_another_seed_gives_other_bytes(world: Scenario, expected: str) -> None:
    assert digest(world, seed=4) != expected


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_any_number_of_threads(world: Scenario, expected: str, jobs: int) -> None:
    assert digest(world, batch=2, jobs=jobs) == expected


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.integers(1, 9))
def test_any_batch_size(world: Scenario, expected: str, batch: int) -> None:
    assert digest(world, batch=batch) == expected


def test_replicates_alone_are_as_in_the_batch(world: Scenario, expected: str) -> None:
    assert one_by_one(world, range(6)) == expected


def test_a_thread_pool_and_a_process_pool(world: Scenario, expected: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert digest(world, batch=1, executor=pool) == expected
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert digest(world, batch=3, executor=pool) == expected


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.randoms(use_true_random=False))
def test_the_order_of_lines_means_nothing(world: Scenario, expected: str, order: object) -> None:
    names = list(world.mechanism)
    order.shuffle(names)  # type: ignore[attr-defined]
    shuffled = world.model_copy(update={"mechanism": {name: world.mechanism[name] for name in names}})
    assert list(shuffled.mechanism) == names
    assert digest(shuffled) == expected


def test_vector_units_hidden(expected: str) -> None:
    """A plain x86-64 processor without FMA or AVX gives the same bits, in numpy, numba and the C library."""
    code = "from tests.laws.worlds import digest, small; print(digest(small()))"
    hidden = {
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-AVX512F",
        "NUMBA_CPU_NAME": "x86-64",
        "NUMBA_CPU_FEATURES": "",
        "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR",
    }
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        env={**os.environ, **hidden},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == expected


def test_a_mechanism_left_out_leaves_the_chances_of_the_others_alone(world: Scenario) -> None:
    """Fear with gain 0 and fear left out differ in nothing else that is recorded."""
    none = small(**{"fear.gain": 0})
    without = none.changed(drop=["mechanism.fear"]).model_copy(update={"record_weekly": (), "record": world.record})
    kept, left = arrays(none), arrays(without)
    for name in world.record:
        assert np.array_equal(kept[name], left[name]), name


def test_many_identities_in_a_place() -> None:
    """With eight terms and more numpy's sum over an axis depends on the shape; a world's must not.

    Populations are absurdly large, so that the last bit of a share is a person.
    """
    scenario = small(days=3)
    assert scenario.community is not None
    for trial in range(20):
        draws = [float(uniform(chance_for(trial, "shares"), k, 0)) for k in range(12)]
        shares = {f"group_{k}": Quantity(value=0.01 + 0.9 * draw) for k, draw in enumerate(draws)}
        columns = {"legitimacy": Quantity(value=0.4)}
        update = {"identity_share": dict.fromkeys(scenario.place, shares), "columns": columns}
        place = {
            name: row.model_copy(update={"columns": {**row.columns, "population": Quantity(value=4.1e17)}})
            for name, row in scenario.place.items()
        }
        changes = {"community": scenario.community.model_copy(update=update), "place": place}
        crowded = scenario.model_copy(update=changes)
        alone = build(crowded, 1, range(1))[0]["community.population"][0]
        assert np.array_equal(alone, build(crowded, 1, range(4))[0]["community.population"][0])
