"""Sensitivity: closed forms through the same code, the seed as an input, and work that goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import groundswell
from groundswell.chance import chance_for
from groundswell.errors import GroundswellError
from groundswell.inference.sensitivity import REST, SEED, Input, inputs_of, morris, sensitivity, simulations, sobol
from groundswell.inference.simulator import Plain
from groundswell.inference.space import Floats, Space, free, normals
from groundswell.inference.work import Work

PI = np.pi


def ishigami(values: Floats, first: int) -> Floats:
    x, y, z = values.T
    made = np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)
    return np.stack([made, np.zeros(len(x))], axis=1)


def toy(function: object = ishigami, inputs: int = 3, outcomes: tuple[str, ...] = ("out", "flat")) -> Plain:
    entries = tuple(free(f"x{k}", -PI, PI) for k in range(inputs))
    return Plain(Space(entries), outcomes, function, "toy")  # type: ignore[arg-type]


def singles(inputs: int) -> tuple[Input, ...]:
    return tuple(Input(f"x{k}", (k,)) for k in range(inputs))


def test_sobol_indices_of_ishigami_are_those_in_closed_form() -> None:
    # Ishigami and Homma 1990, a = 7, b = 0.1: the partial variances are known
    v1, v2, v13 = 0.5 * (1 + 0.1 * PI**4 / 5) ** 2, 49 / 8, 0.01 * PI**8 * 8 / 225
    whole = v1 + v2 + v13
    found = sobol(toy(), singles(3), base=2048)
    assert found.names == ("x0", "x1", "x2", SEED)
    assert found.first[:, 0] == pytest.approx(np.array([v1, v2, 0, 0]) / whole, abs=0.03)
    assert found.total[:, 0] == pytest.approx(np.array([v1 + v13, v2, v13, 0]) / whole, abs=0.03)
    assert found.of(SEED, "out") == (0, 0)  # the seed does nothing in this function
    assert np.all(found.total_error[:3, 0] > 0)
    assert np.isnan(found.total[:, 1]).all()  # an outcome that does not vary has no shares
    joined = sobol(toy(), [Input("both", (0, 2))], base=2048)
    assert joined.names == ("both", REST, SEED)
    assert joined.first[:2, 0] == pytest.approx(np.array([v1 + v13, v2]) / whole, abs=0.03)


def test_intervals_of_the_indices_hold_the_truth() -> None:
    v1, v2, v13 = 0.5 * (1 + 0.1 * PI**4 / 5) ** 2, 49 / 8, 0.01 * PI**8 * 8 / 225
    truth = np.array([v1 + v13, v2, v13]) / (v1 + v2 + v13)
    inside = []
    for seed in range(20):
        found = sobol(toy(), singles(3), base=128, seed=seed)
        inside.append(np.abs(found.total[:3, 0] - truth) <= found.total_error[:3, 0])
    assert np.mean(inside) >= 0.9


def _noise(values: Floats, first: int) -> Floats:
    noise = normals(chance_for(3, "toy/noise"), first, len(values), 1)
    return np.concatenate([noise, values[:, :1] + PI / np.sqrt(3) * noise], axis=1)


def test_the_seed_takes_the_share_that_is_chance() -> None:
    """The first outcome is noise alone; the second a number and noise of the same variance."""
    found = sobol(toy(_noise, 2, ("noise", "half")), singles(2), base=1024)
    assert found.of(SEED, "noise")[0] == pytest.approx(1, abs=0.1)
    assert found.of("x0", "noise") == (0, 0)
    assert found.of(SEED, "half")[0] == pytest.approx(0.5, abs=0.07)
    assert found.of("x0", "half")[0] == pytest.approx(0.5, abs=0.07)
    screen = morris(toy(_noise, 2, ("noise", "half")), singles(2), trajectories=50)
    assert screen.names[-1] == SEED
    assert screen.star[:2, 0].tolist() == [0, 0] and screen.star[2, 0] > 0.5
    assert screen.star[0, 1] == pytest.approx(0.75 * 2 * PI)  # linear: the change over the middle of the prior
    assert screen.sigma[0, 1] == pytest.approx(0, abs=1e-9)


def _many(values: Floats, first: int) -> Floats:
    noise = normals(chance_for(4, "toy/many"), first, len(values), 1)
    return values @ np.array([[0.01, 0], [3, 0], [0, 5], [2, 0], [-2, 0], [0, 0]]) + 0.1 * noise


def test_the_screen_keeps_what_moves_any_outcome() -> None:
    inputs = (*singles(3), Input("pair", (3, 4)), Input("none", (5,)))
    simulator = toy(_many, 6, ("a", "b"))
    found = sensitivity(simulator, inputs, trajectories=20, keep=3, base=64)
    assert found.indices.names == ("x1", "x2", "pair", REST, SEED)
    assert found.simulations == simulations(5, 20, 3, 64) == 20 * 7 + 64 * 7
    assert found.indices.of(REST, "a")[0] < 0.01  # nothing was lost by the screen
    assert any("screened out" in line for line in found.lines)
    assert not any("no full account" in line for line in found.lines)
    fewer = sensitivity(simulator, inputs, trajectories=20, keep=1, base=64)
    assert any("no full account" in line for line in fewer.lines)
    with pytest.raises(GroundswellError, match="power of two"):
        sobol(simulator, inputs, base=100)
    with pytest.raises(GroundswellError, match="too few"):
        sensitivity(simulator, inputs, trajectories=1)


def test_it_goes_on_where_it_stopped_and_does_not_depend_on_jobs(tmp_path: Path) -> None:
    calls: list[int] = []

    def failing(values: Floats, first: int) -> Floats:
        calls.append(first)
        if len(calls) == 9:
            raise RuntimeError("killed")
        return _many(values, first)

    inputs = (*singles(3), Input("pair", (3, 4)), Input("none", (5,)))

    def found(work: Work) -> bytes:
        made = sensitivity(toy(failing, 6, ("a", "b")), inputs, trajectories=8, keep=3, base=32, work=work)
        return made.screening.star.tobytes() + made.indices.total.tobytes() + made.indices.total_error.tobytes()

    with pytest.raises(RuntimeError, match="killed"):
        found(Work(tmp_path / "kept", {}, jobs=1, batch=16))
    resumed = found(Work(tmp_path / "kept", {}, jobs=1, batch=16))
    stopped = len(calls)
    assert found(Work(tmp_path / "kept", {}, jobs=1, batch=16)) == resumed
    assert len(calls) == stopped  # all of it was kept
    for jobs, batch in ((1, 16), (3, 64)):
        assert found(Work(jobs=jobs, batch=batch)) == resumed


def test_no_place_is_an_input_of_its_own() -> None:
    scenario = groundswell.load("iraq-2019").under("given_responses")
    from groundswell.scenario.numbers import guesses

    paths = [entry.path for entry in guesses(scenario)]
    inputs = inputs_of(scenario, paths)
    assert sorted(k for one in inputs for k in one.columns) == list(range(len(paths)))
    assert not [one.name for one in inputs if any(place in one.name for place in scenario.place)]
    assert len(next(one for one in inputs if one.name == "unit.army@*.strength").columns) > 5


def test_the_command_ends_in_a_page_with_harm_beside_turnout(command: Callable[..., Any], tmp_path: Path) -> None:
    line = ["sensitivity", "two-neighbours", "--set", "period.end=2015-03-08", "--set", "mobilisation.bar=0.1",
            "--people", "200", "--trajectories", "2", "--keep", "2", "--base", "8", "--quick", "--json"]  # fmt: skip
    done = command(*line)
    assert done.code == 0, done.err
    assert {row["outcome"] for row in done.json["sobol"]} == {"turnout", "deaths", "injuries", "arrests"}
    names = [row["input"] for row in done.json["elementary"]]
    assert names[-1] == SEED and names[:-1] == sorted(names[:-1]) and "unit.guard@*.strength" in names
    page = (tmp_path / "out" / "two-neighbours-sensitivity" / "index.html").read_text()
    assert "not for citing" in page and "Sobol indices" in page and "http" not in page.replace("http-equiv", "")
    line[line.index("8")] = "9"
    bad = command(*line)
    assert bad.code == 2 and "power of two" in bad.err
