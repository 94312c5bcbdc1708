"""Model I with everyone at once: the same for any number of threads, nobody is lost, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from groundswell.canon import epstein_together
from groundswell.canon.epstein import Rules
from groundswell.canon.torus import EMPTY, POLICE
from groundswell.errors import GroundswellError

VARIANT = Rules(
    shape="diamond", own_cell=False, jailed_block=True, police_follow=False, count_self_twice=False, jail=31
)


@pytest.mark.parametrize("threads", [2, 3, 7, 40])
def test_the_same_for_any_number_of_threads(threads: int) -> None:
    one, many = (epstein_together.simulate(VARIANT, steps=40, seed=4, threads=n) for n in (1, threads))
    assert one.attrs["digest"] == many.attrs["digest"]


def test_nobody_is_lost_and_no_cell_holds_two() -> None:
    rules = replace(VARIANT, size=41, persons=0.8)
    torus = epstein_together.Torus(rules, 1, 0, 1)
    people, police = rules.counts()
    for t in range(60):
        torus.step(t + 1, rules.legitimacy, 0, lambda work: work(0))
        inside = torus.grid[epstein_together.MARGIN : -epstein_together.MARGIN,
                            epstein_together.MARGIN : -epstein_together.MARGIN]  # fmt: skip
        assert (inside == POLICE).sum() == police
        assert (inside != EMPTY).sum() == people + police


def test_without_police_everyone_aggrieved_is_active() -> None:
    rules = replace(VARIANT, size=60, police=0.0)
    runs = epstein_together.simulate(rules, steps=3)
    share = runs["active"].values / rules.counts()[0]
    expected = 1 - 0.1 / 0.18  # hardship (1 - L) > T, hardship even between 0 and 1
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / rules.counts()[0]))
    assert (runs["jailed"] == 0).all()


def test_refused() -> None:
    for asked, word in (({"steps": 0}, "steps"), ({"threads": 0}, "threads")):
        with pytest.raises(GroundswellError, match=word):
            epstein_together.simulate(VARIANT, **asked)
    with pytest.raises(GroundswellError, match="vision"):
        epstein_together.simulate(replace(VARIANT, size=90, vision=17.0))
