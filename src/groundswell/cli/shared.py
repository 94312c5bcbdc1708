"""What the commands share: their options, the scenario they speak of, progress, and how they answer."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

AS_WRITTEN = "as-written"
Json = Annotated[bool, Parameter(name="--json", negative=(), help="Print one JSON document on standard output.")]
With = Annotated[
    tuple[Path, ...],
    Parameter(name="--with", negative=(), help="A Python file with mechanisms of your own. Its code is run."),
]
Sets = Annotated[
    tuple[str, ...],
    Parameter(
        name="--set",
        negative=(),
        help="A value to change, as path=value; may be given again. `groundswell explain` lists the paths.",
    ),
]
Explanation = Annotated[str, Parameter(help="Which of the case's rival explanations; by default its first. "
                                       "`as-written` takes the case without any.")]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Which scenario a command speaks of."""

    case: str
    with_: tuple[Path, ...] = ()
    explanation: str = ""
    sets: tuple[str, ...] = ()
    what_if: str = ""
    at_default: bool = False

    def load(self) -> Any:
        """The scenario: loaded, under its explanation, changed."""
        from groundswell.scenario.change import what_if_of
        from groundswell.scenario.load import load

        if self.with_:
            print(f"running the code in {', '.join(map(str, self.with_))}", file=sys.stderr)
        scenario = load(self.case, with_files=self.with_)
        chosen = self.explanation or next(iter(scenario.explanation), AS_WRITTEN)
        if chosen != AS_WRITTEN:
            scenario = scenario.under(chosen)
        if self.what_if:
            scenario = what_if_of(scenario, self.what_if)
        values: dict[str, Any] = {"at_default": True} if self.at_default else {}
        for item in self.sets:
            path, equals, value = item.partition("=")
            if not equals:
                raise SystemExit(usage(f"--set {item}: write path=value"))
            values[path.strip()] = value.strip()
        return scenario.changed(set=values) if values else scenario

    def words(self) -> Iterator[str]:
        """The options that ask for the same again."""
        if self.explanation:
            yield from ("--explanation", self.explanation)
        if self.what_if:
            yield from ("--what-if", self.what_if)
        for item in self.sets:
            yield from ("--set", item)
        for path in self.with_:
            yield from ("--with", str(path))
        if self.at_default:
            yield "--at-default"

    def folder(self, scenario: Any) -> Path:
        """Where results go by default: out/<case>, with what differs from its first explanation."""
        chosen = scenario.chosen or AS_WRITTEN
        parts = [scenario.name.replace("_", "-")]
        parts += [chosen] if chosen != next(iter(scenario.explanation), AS_WRITTEN) else []
        parts += [self.what_if] if self.what_if else []
        return Path("out") / "-".join(parts)


def say(as_json: bool, facts: Any, text: str) -> None:
    """Print facts as JSON, or else the text."""
    print(json.dumps(facts, indent=2, default=str) if as_json else text)


def usage(text: str) -> int:
    """Print what is wrong with the words of a command; gives exit code 2."""
    print(text, file=sys.stderr)
    return 2


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error: call what it gives with (done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show


@contextmanager
def interruptible(folder: Path) -> Iterator[None]:
    """Ctrl-C ends with code 130 and says how to resume what lies in `folder`."""
    try:
        yield
    except KeyboardInterrupt:
        print(
            "\nstopped; finished batches are kept. Resume with:\n"
            f"  groundswell run --resume {shlex.quote(str(folder))}",
            file=sys.stderr,
        )
        raise SystemExit(130) from None
