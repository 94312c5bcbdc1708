"""A file of reporters: what it may hold, and that each fault in it is told with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from groundswell.errors import GroundswellError
from groundswell.scenario.numbers import guesses
from groundswell.scenario.reporters import with_reporting, without_reporting

GOOD = '[reporting.one]\ndeaths = { guess = 0.5, range = [0.3, 0.9], source = "made up" }\n'


def test_only_the_reporters_change(small: Any, tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(GOOD)
    made = with_reporting(small, file)
    assert {g.path for g in guesses(made)} - {g.path for g in guesses(small)} == {"reporting.one.deaths"}
    assert without_reporting(made) == small


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "reporting-none"),
        (GOOD + "deaths = 1", "toml-syntax"),
        (GOOD + "[reporting.two]\ndeths = 1", "r.toml:4"),
        (GOOD + "[reporting.two]\ndeaths = 1.5", "r.toml:4"),
        (GOOD + "[mechanism.fear]\ndecay = 1", "key-unknown"),
    ],
)
def test_faults_are_told(text: str, told: str, small: Any, tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(text)
    with pytest.raises(GroundswellError, match=told):
        with_reporting(small, file)


def test_a_file_that_is_not_there_is_told(small: Any) -> None:
    with pytest.raises(GroundswellError, match=r"nowhere\.toml"):
        with_reporting(small, "nowhere.toml", case="two-neighbours")
