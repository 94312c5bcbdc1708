"""The neural posterior against a closed form; where the extra is not installed, that it says so."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inference import toys

from groundswell.errors import GroundswellError
from groundswell.inference.fit import calibrate
from groundswell.inference.neural import Neural, require
from groundswell.inference.smc import SMC, Table, prior_table
from groundswell.inference.work import Work

HERE = importlib.util.find_spec("sbi") is not None and importlib.util.find_spec("torch") is not None
needs_sbi = pytest.mark.skipif(not HERE, reason="sbi is not installed: pip install 'groundswell[sbi]'")


@pytest.mark.skipif(HERE, reason="sbi is installed")
def test_without_the_extra_it_is_named() -> None:
    toy = toys.gaussian()
    with pytest.raises(GroundswellError, match=r"groundswell\[sbi\].*extra-missing"):
        require()
    with pytest.raises(GroundswellError, match="extra-missing"):
        calibrate(toy, np.array([0.8, 1.0]), method=SMC(particles=20, generations=0), neural=True)


@pytest.mark.skipif(HERE, reason="sbi is installed")
def test_the_command_says_so_before_it_simulates(command: Callable[..., Any], tmp_path: Path) -> None:
    done = command("calibrate", "iraq-2019", "--neural", "--quick", "--out", "fit")
    assert done.code == 2 and "extra-missing" in done.err
    assert not (tmp_path / "fit").exists()


@needs_sbi
def test_the_gaussian_posterior_is_found() -> None:
    toy = toys.gaussian()
    neural = Neural(prior_table(toy, 3000, Work(), 1), toy.space, seed=1)
    for seen in (-1.5, 0.0, 0.8):
        mean, sd = toys.gaussian_posterior(seen)
        values = neural.posterior(np.array([seen, 1.0])).values()[:, 0]
        assert abs(values.mean() - mean) < 0.35 * sd  # sd/sqrt(3000) of training would be a fiftieth of this
        assert 0.8 * sd < values.std() < 1.3 * sd


@needs_sbi
def test_what_the_data_do_not_speak_of_stays_at_its_prior() -> None:
    toy = toys.half_known()
    found = Neural(prior_table(toy, 2000, Work(), 3), toy.space, seed=3).posterior(np.array([0.5, 0.25, 0.0]))
    known, unknown = found.contraction()
    assert known > 0.3
    assert abs(unknown) < 0.2


@needs_sbi
@pytest.mark.slow
def test_intervals_cover() -> None:
    toy = toys.gaussian()
    neural = Neural(prior_table(toy, 4000, Work(), 2), toy.space, seed=2)
    truths = prior_table(toy, 300, Work(), 2, first=100_000, name="truth")
    ranks = np.array([neural.posterior(s, 1000).rank(z)[0] for z, s in zip(truths.z, truths.summaries, strict=True)])
    covered = np.mean((ranks > 0.05) & (ranks < 0.95))
    assert 0.85 <= covered <= 0.95


@needs_sbi
def test_same_seed_same_bytes_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    monkeypatch.chdir(tmp_path)

    toy, seen = toys.gaussian(), np.array([0.8, 1.0])
    table = prior_table(toy, 200, Work(), 4)
    torch.manual_seed(9)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    one = Neural(table, toy.space, seed=4).posterior(seen, 100)
    assert torch.equal(torch.random.get_rng_state(), before) and torch.get_num_threads() == threads
    torch.manual_seed(10)
    two = Neural(table, toy.space, seed=4).posterior(seen, 100)
    assert one.z.tobytes() == two.z.tobytes()
    assert Neural(table, toy.space, seed=5).posterior(seen, 100).z.tobytes() != one.z.tobytes()
    assert not list(tmp_path.iterdir()) and capsys.readouterr().out == ""


@needs_sbi
def test_a_fit_shows_it_beside_the_others() -> None:
    toy, seen = toys.gaussian(), np.array([0.8, 1.0])
    method = SMC(particles=400, generations=3)
    with_it = calibrate(toy, seen, method=method, seed=1, neural=True)
    without = calibrate(toy, seen, method=method, seed=1)
    assert with_it.neural is not None and without.neural is None
    assert with_it.posterior.z.tobytes() == without.posterior.z.tobytes()
    assert with_it.disagreement >= without.disagreement


@needs_sbi
def test_a_table_that_says_nothing_is_refused() -> None:
    toy = toys.gaussian()
    table = prior_table(toy, 60, Work(), 1)
    for bad in (Table(table.z[:40], table.summaries[:40]), Table(table.z, np.ones_like(table.summaries))):
        with pytest.raises(GroundswellError, match="neural-table"):
            Neural(bad, toy.space)
