"""What the commands of inference share: the evidence known by a day, the simulator of a case, progress."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from groundswell.cli.twin import On

PEOPLE = 1000  # calibration size: measured, see docs/concepts/inference.md
Until = Annotated[
    str,
    Parameter(
        help="The day by which evidence must have been known, as 2019-11-10; nothing later is "
        "used. By default the end of the case."
    ),
]
EventsFile = Annotated[
    Path | None, Parameter(help="An events.parquet (see `groundswell data`) instead of the case's published counts.")
]
Measure = Annotated[str, Parameter(help="What of the events is fitted: deaths, injuries, arrests or crowds.")]
Free = Annotated[
    tuple[str, ...],
    Parameter(
        negative=(),
        help="A guess to infer, by path; may be given again. By default "
        "the eight on which the fitted numbers depend most.",
    ),
]
Quick = Annotated[bool, Parameter(negative=(), help="Few simulations, marked as not for citing.")]
ReportingFile = Annotated[
    str,
    Parameter(
        name="--reporting",
        help="A TOML file with tables [reporting.NAME], here or beside the case: who records what of what happens. "
        "Where the case or this file has any, results without them stand beside.",
    ),
]
People = Annotated[int, Parameter(help="Simulated persons: the calibration size.")]


@dataclass(frozen=True)
class Matter:
    """A case, its evidence and settings, for one command."""

    scenario: Any
    evidence: Any
    people: int
    seed: int
    with_: tuple[Path, ...]
    on: On = "people"

    @property
    def identity(self) -> Matter | None:
        """The same with every model event recorded; None where the case has no reporters anyway."""
        from groundswell.scenario.reporters import without_reporting

        return replace(self, scenario=without_reporting(self.scenario)) if self.scenario.reporting else None

    def reporting(self) -> list[str]:
        """What to say of the events that were read, and of the reporters."""
        from groundswell.evidence.reporting import Reporting
        from groundswell.inference.record import reporter_of

        seen = [line for line in self.evidence.left if line.endswith("of the case.")]
        if not self.scenario.reporting:
            return [*seen, Reporting().describe()]
        fitted = self.evidence.fitted
        unnamed = [target for target in fitted if not reporter_of(self.scenario, target)]
        said = [*seen, Reporting.from_numbers(self.scenario, {}).describe()]
        if unnamed:
            said.append(
                f"{len(unnamed)} of {len(fitted)} fitted numbers come from none of these: taken as they happened."
            )
        return said

    def worlds(self, paths: tuple[str, ...], targets: Any = None, scenario: Any = None) -> Any:
        """The simulator, for the fitted targets or others."""
        from groundswell.inference.worlds import worlds_of

        return worlds_of(
            scenario or self.scenario,
            paths,
            targets or self.evidence.fitted,
            seed=self.seed,
            people=self.people,
            with_files=self.with_,
            on=self.on,
        )

    def paths(self, named: tuple[str, ...], work: Any, size: int) -> tuple[str, ...]:
        """The guesses to infer: those named, else those on which the summaries depend most."""
        from groundswell.inference.worlds import screened

        return named or screened(self.worlds(()), work, size=size)[0]


def reported(asked: Any, reporting: str) -> Any:
    """The scenario that was asked for, with the reporters of a file where one is named."""
    from groundswell.evidence.reporting import Reporting
    from groundswell.scenario.reporters import with_reporting

    scenario = asked.load()
    scenario = with_reporting(scenario, reporting, case=asked.case) if reporting else scenario
    Reporting.from_numbers(scenario, {})  # refuses reporters within one another in a circle, before any work
    return scenario


def options(**given: Any) -> list[str]:
    """The words of options that were given: what is empty is left out, a tuple is repeated, True is a flag."""
    made: list[str] = []
    for name, value in given.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            made.append(flag)
            continue
        values = value if isinstance(value, tuple) else () if value in (None, "", False) else (value,)
        made += [word for one in values for word in (flag, str(one))]
    return made


def matter(
    scenario: Any, until: str, events: Path | None, measure: str, people: int, seed: int, with_: tuple[Path, ...],
    on: On = "people",
) -> Matter:  # fmt: skip
    """Read the evidence known by a day. Raises GroundswellError where it cannot be used, or would look ahead."""
    from groundswell.errors import GroundswellError, Problem
    from groundswell.inference.targets import from_counts, from_events, refuse_later
    from groundswell.world.events import Events

    try:
        day = dt.date.fromisoformat(until) if until else scenario.period.end
    except ValueError:
        raise GroundswellError(Problem("until", f"--until {until}", "is no date", "write it as 2019-11-10")) from None
    refuse_later(scenario, day)
    found = from_events(scenario, Events.read(events), day, measure=measure) if events else from_counts(scenario, day)
    return Matter(scenario, found, people, seed, with_, on)


@contextmanager
def fitting(folder: Path) -> Iterator[Callable[[Any], None]]:
    """Progress with remaining time and the fit so far; Ctrl-C says how to go on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("simulations", total=None)

            def show(status: Any) -> None:
                bar.update(task, completed=status.done, total=status.total, description=status.line or "simulations")

            yield show
    except KeyboardInterrupt:
        import sys

        print(f"\nstopped; finished work is kept in {folder}. The same command goes on.", file=sys.stderr)
        raise SystemExit(130) from None
