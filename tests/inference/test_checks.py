"""Checks that can fail: coverage, contraction, misfit and null worlds on models in closed form."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from inference import toys

from groundswell.chance import chance_for
from groundswell.inference.adjust import rejection
from groundswell.inference.checks import (
    Calibration,
    calibration,
    check_patterns,
    check_smc,
    check_table,
    misfit,
    null_control,
    patterns,
    split,
)
from groundswell.inference.finding import Finding
from groundswell.inference.forest import Forests
from groundswell.inference.posterior import Posterior
from groundswell.inference.smc import SMC, prior_table
from groundswell.inference.space import normals
from groundswell.inference.work import Work


@pytest.mark.parametrize("toy", [toys.gaussian(), toys.counts(), toys.half_known()], ids=lambda toy: str(toy.name))
def test_ninety_percent_intervals_cover_ninety_percent(toy: toys.Plain) -> None:
    found = check_table(prior_table(toy, 3000, Work(), 4), toy.space, 200, 300)
    assert found.ranks.shape == (200, len(toy.space.names))
    assert found.covers, found.coverage()
    assert abs(found.coverage(0.5).mean() - 0.5) < 4 * np.sqrt(0.25 / found.ranks.size)


def test_coverage_fails_for_a_posterior_that_is_too_sure() -> None:
    toy = toys.gaussian()
    rest, held = split(prior_table(toy, 2000, Work(), 4), 200)

    def sure(seen: np.ndarray) -> Posterior:
        found = rejection(rest, toy.space, seen, nearest=200)
        centre = found.weights @ found.z
        return dataclasses.replace(found, z=centre + (found.z - centre) / 3)

    assert not calibration("too sure", toy.space, sure, held).covers


def test_forests_and_smc_are_calibrated_too() -> None:
    toy = toys.gaussian()
    table = prior_table(toy, 2000, Work(), 6)
    found = check_smc(toy, table, 200, SMC(particles=400, generations=3), Work(), 6)
    assert found.covers, found.coverage()
    rest, held = split(table, 60)
    forests = Forests(rest, toy.space, trees=50)
    assert calibration("forest", toy.space, forests.posterior, held).coverage()[0] > 0.8


def test_bins_of_ranks() -> None:
    found = Calibration("x", ("a",), np.array([[0.05], [0.15], [0.95], [0.95]]), np.full((4, 1), 0.1))
    assert found.bins(10)[:, 0].tolist() == [0.25, 0.25, 0, 0, 0, 0, 0, 0, 0, 0.5]
    assert found.uneven()[0] == pytest.approx(0.45)  # at 0.95, where half the ranks are below
    assert found.set_by_prior == ("a",)


def test_what_data_say_nothing_of_is_called_set_by_prior() -> None:
    toy = toys.half_known()
    found = check_table(prior_table(toy, 2000, Work(), 4), toy.space, 100, 200)
    assert found.set_by_prior == ("unknown",)
    assert found.contraction[:, 0].mean() > 0.4
    assert np.all(found.uneven() < 1.5 * found.uneven_limit)


def test_bands_of_patterns_hold_those_of_the_models_own_worlds() -> None:
    toy = toys.half_known()
    table = prior_table(toy, 2000, Work(), 4)
    assert 0.85 <= check_patterns(table, 1, 200, 200) <= 0.97
    table.summaries[-200:, 1] += 2  # truths that another model made
    assert check_patterns(table, 1, 200, 200) < 0.7


def test_misfit_is_seen_alone_and_together() -> None:
    toy = toys.half_known()
    table = prior_table(toy, 1500, Work(), 4)
    assert misfit(toy.summaries, table.summaries, np.array([0.5, 0.25, 0.0])).inside
    alone = misfit(toy.summaries, table.summaries, np.array([0.5, 0.25, 9.0]))
    assert alone.outside == ("c",)
    assert alone.sentence.startswith("The observed numbers lie outside")
    together = misfit(toy.summaries, table.summaries, np.array([1.3, -0.55, 3.0]))  # each possible, not all at once
    assert not together.inside


def test_patterns_not_fitted() -> None:
    toy = toys.counts()
    posterior = rejection(prior_table(toy, 2000, Work(), 4), toy.space, np.array([np.log1p(47.0), 12.0]), nearest=200)
    good, bad = patterns(
        ("good", "bad"), posterior, np.stack([posterior.summaries[:, 0]] * 2, 1), np.log1p([47.0, 900.0])
    )
    assert good.inside and 0.2 < good.below < 0.8
    assert not bad.inside and bad.below == pytest.approx(1.0)


def test_null_worlds_give_no_finding_and_real_ones_do() -> None:
    toy = toys.half_known()
    table = prior_table(toy, 3000, Work(), 4)
    known = null_control(toy, table, 0, null=0.0, smallest=0.2, nearest=300, worlds=200, work=Work(), seed=4)
    assert known.passes
    assert known.power > 0.3
    unknown = null_control(toy, table, 1, null=0.0, smallest=0.2, nearest=300, worlds=200, work=Work(), seed=4)
    assert unknown.passes and unknown.power < 0.05  # what cannot be known is never found


def test_the_finding_rule() -> None:
    assert Finding(0.3, 0.9, 0.2).verdict == "supported"
    assert Finding(-0.1, 0.15, 0.2, power=0.9).verdict == "contradicted"
    assert Finding(-0.1, 0.15, 0.2, power=0.5).verdict == "cannot tell"
    assert Finding(-0.1, 0.15, 0.2).verdict == "cannot tell"
    assert Finding(-0.5, 0.9, 0.2, power=0.99).verdict == "cannot tell"  # an interval over 0 is no rejection
    assert Finding(-0.9, -0.3, 0.2, sign=-1).verdict == "supported"
    assert Finding(-0.9, -0.3, 0.2, sign=1, power=0.8).verdict == "contradicted"
    assert "power" in Finding(-0.1, 0.15, 0.2, power=0.5).why


def test_worlds_of_the_model_itself_are_rarely_called_misfits_however_few_are_simulated() -> None:
    noise = normals(chance_for(5, "toy/misfit"), 0, 200 * 61, 7).reshape(200, 61, 7)
    names = tuple("abcdefg")
    alarms = [not misfit(names, part[:60], part[60]).inside for part in noise]
    assert np.mean(alarms) <= 0.05
    tails = [not misfit(names, np.exp(part[:60]), np.exp(part[60])).inside for part in noise]
    assert np.mean(tails) <= 0.1  # long tails: one world in sixty may well lie far out
    found = [not misfit(names, part[:60], part[60] + 8 * np.eye(7)[k % 7]).inside for k, part in enumerate(noise)]
    assert np.mean(found) > 0.9
