"""ABC-SMC against posteriors in closed form, and the laws: any worker, any batch, killed and resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from inference import toys
from scipy import stats

from groundswell.errors import GroundswellError
from groundswell.inference.adjust import adjusted, plain, rejection
from groundswell.inference.fit import Fit
from groundswell.inference.forest import Forests, disagreement
from groundswell.inference.posterior import Posterior, weighted_quantile
from groundswell.inference.smc import SMC, Population, prior_table, smc
from groundswell.inference.space import below
from groundswell.inference.work import Work

QUICK = SMC(particles=400, generations=4)


def moments(posterior: Posterior) -> tuple[float, float]:
    values = posterior.values()[:, 0]
    mean = float(posterior.weights @ values)
    return mean, float(np.sqrt(posterior.weights @ (values - mean) ** 2))


def test_normal_distribution_function() -> None:
    z = np.linspace(-6, 6, 1001)
    assert np.abs(below(z) - stats.norm.cdf(z)).max() < 1e-7


def test_weighted_quantiles_are_those_of_repeated_numbers() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([2.0, 1.0, 1.0])
    assert weighted_quantile(values, weights, (0.5,))[0] == pytest.approx(2.0 + 1 / 3)


@pytest.mark.parametrize("method", ["smc", "smc adjusted", "rejection"])
def test_the_gaussian_posterior_is_found(method: str) -> None:
    toy, seen = toys.gaussian(), np.array([0.8, 1.0])
    if method == "rejection":
        found = rejection(prior_table(toy, 4000, Work(), 1), toy.space, seen, nearest=400)
    else:
        generations = 4 if "adjusted" in method else 12  # without adjustment the tolerance has to be small
        population = smc(toy, seen, method=SMC(particles=2000, generations=generations), seed=1)
        found = adjusted(population, toy.space, seen) if "adjusted" in method else plain(population, toy.space)
    mean, sd = toys.gaussian_posterior(0.8)
    got_mean, got_sd = moments(found)
    # four Monte Carlo errors of a mean; without adjustment the tolerance widens the posterior
    assert abs(got_mean - mean) < 4 * sd / np.sqrt(found.effective)
    assert 0.85 * sd < got_sd < (1.4 if method == "smc" else 1.15) * sd


def test_the_poisson_gamma_posterior_is_found_by_both_algorithms() -> None:
    toy = toys.counts()
    total = 47
    seen = np.array([np.log1p(total), 12.0])
    table = prior_table(toy, 3000, Work(), 2)
    truth = stats.gamma(total + 1, scale=1 / 4)
    quantiles = truth.ppf([0.05, 0.5, 0.95])
    one = adjusted(smc(toy, seen, seed=2, method=SMC(particles=1500, generations=5)), toy.space, seen)
    two = Forests(table, toy.space, seed=2, trees=100).posterior(seen)
    for found in (one.quantile(0.05, 0.5, 0.95)[:, 0], two.quantile(0.05, 0.5, 0.95)[:, 0]):
        assert np.abs(found - quantiles).max() < 0.45 * truth.std() * 2
    assert disagreement(one, two)[0] < 0.3


def test_what_the_data_do_not_speak_of_stays_at_its_prior() -> None:
    toy, seen = toys.half_known(), np.array([0.5, 0.25, 0.0])
    found = adjusted(smc(toy, seen, method=QUICK, seed=3), toy.space, seen)
    known, unknown = found.contraction()
    assert known > 0.3
    assert unknown < 0.2


def test_any_worker_and_any_batch_give_the_same_bytes() -> None:
    toy, seen = toys.gaussian(), np.array([0.8, 1.0])

    def run(work: Work) -> Population:
        return smc(toy, seen, method=QUICK, seed=5, work=work)

    one = run(Work(jobs=1))
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        others = [run(Work(jobs=4, batch=7)), run(Work(executor=threads, batch=400)), run(Work(executor=processes))]
    for other in others:
        for name in ("z", "summaries", "distances", "weights", "scale"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
        assert one.history == other.history


SLOW = """
import os, sys, time
import numpy as np
from inference import toys
from groundswell.inference.simulator import Plain
from groundswell.inference.smc import SMC, smc
from groundswell.inference.work import Work

toy = toys.gaussian()
def slow(values, first):
    time.sleep({pause})
    os.write(1, f"{{first}} ".encode())
    return toy.function(values, first)
work = Work(sys.argv[1], {{"what": "toy"}}, jobs=2, batch=25)
found = smc(Plain(toy.space, toy.summaries, slow, "gaussian"), np.array([0.8, 1.0]),
            method=SMC(particles=400, generations=4), seed=5, work=work)
np.savez(sys.argv[2], z=found.z, weights=found.weights, summaries=found.summaries)
"""


def test_killed_and_resumed_the_bytes_are_those_of_a_whole_run(tmp_path: Path) -> None:
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join([tests, str(Path(tests).parent / "src")])
    environment = os.environ | {"PYTHONPATH": path}

    def start(pause: float) -> subprocess.Popen[str]:
        line = [sys.executable, "-c", SLOW.format(pause=pause), str(tmp_path / "fit"), str(tmp_path / "got.npz")]
        return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True)

    process = start(0.1)
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "fit" / "blocks").glob("smc-01-*.npz"))) < 2 and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = sorted(p.name for p in (tmp_path / "fit" / "blocks").glob("*.npz"))
    again = start(0)
    out, _ = again.communicate(timeout=120)
    assert again.returncode == 0
    whole = smc(toys.gaussian(), np.array([0.8, 1.0]), method=QUICK, seed=5)
    with np.load(tmp_path / "got.npz") as held:
        assert held["z"].tobytes() == whole.z.tobytes()
        assert held["weights"].tobytes() == whole.weights.tobytes()
    assert len(out.split()) == (400 + 4 * 200) // 25 - len(before)  # nothing that was finished ran again


def test_another_request_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    Work(tmp_path / "a", {"seed": 1})
    Work(tmp_path / "a", {"seed": 1})
    with pytest.raises(GroundswellError, match="seed.*work-other"):
        Work(tmp_path / "a", {"seed": 2})
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("x")
    with pytest.raises(GroundswellError, match="work-foreign"):
        Work(tmp_path / "b", {"seed": 1})


def test_a_damaged_block_is_run_again(tmp_path: Path) -> None:
    toy = toys.gaussian()
    one = prior_table(toy, 100, Work(tmp_path / "a", {}), 1)
    block = sorted((tmp_path / "a" / "blocks").iterdir())[0]
    block.write_bytes(block.read_bytes()[:100])
    two = prior_table(toy, 100, Work(tmp_path / "a", {}), 1)
    assert one.summaries.tobytes() == two.summaries.tobytes()


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(GroundswellError, match="smc-settings"):
        SMC(particles=3)


def test_a_number_is_learned_only_where_the_forests_learn_it_too() -> None:
    def one(contraction: list[float]) -> Any:
        same = np.array([[0.0], [1.0], [2.0]]) + np.zeros(3)
        return SimpleNamespace(contraction=lambda: np.array(contraction), quantile=lambda *_: same)

    simulator = SimpleNamespace(space=SimpleNamespace(names=("a", "b", "c")))
    nothing: Any = None
    narrow, forests = one([0.9, 0.9, 0.1]), one([0.5, 0.1, 0.5])
    fit = Fit(cast(Any, simulator), np.zeros(1), nothing, narrow, narrow, forests, nothing, nothing)
    assert fit.words == ("learned", "algorithms disagree", "set by prior") and fit.learned == ("a",)
