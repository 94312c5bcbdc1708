"""Options of a fit: on people or on their twin on averages of communities, and whether a neural network is asked."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

On = Annotated[
    Literal["people", "mean-field"],
    Parameter(help="What is run: synthetic people, or the case's twin on averages of communities, which is faster."),
]
Neural = Annotated[
    bool,
    Parameter(negative=(), help="A neural posterior beside the others; needs pip install 'groundswell[sbi]'."),
]


def named(on: str) -> str:
    """What the name of a folder ends in, so that fits on people and on averages stand side by side."""
    return "" if on == "people" else f"-{on}"


def shown(on: str) -> list[str]:
    """The option as words of a command, where it is not the default."""
    return [] if on == "people" else ["--on", on]
