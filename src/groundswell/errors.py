"""Errors for people: each names the place, the fault and the cure, and carries the id of its refusal."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One fault: `refusal` is its id, `where` a key, file or line, `fault` what is wrong, `cure` what to do."""

    refusal: str
    where: str
    fault: str
    cure: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.fault}" if self.where else self.fault
        return f"{text}; {self.cure} [{self.refusal}]" if self.cure else f"{text} [{self.refusal}]"


class GroundswellError(Exception):
    """What the package refuses; the command line prints it without a traceback and ends with code 2."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type, tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class ScenarioError(GroundswellError):
    """A scenario file, or a change to a scenario, that cannot be used."""


class MechanismError(GroundswellError):
    """A mechanism, or a set of mechanisms, that cannot be scheduled, or that broke its declaration."""


class StoreError(GroundswellError):
    """A results folder that cannot be read, resumed or written."""


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` for the closest known word, else the list of what is known (at most twelve)."""
    options = sorted(set(known))
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = ", ".join(options[:12]) + (", ..." if len(options) > 12 else "")
    return f"known are: {shown}" if shown else "none is defined"
