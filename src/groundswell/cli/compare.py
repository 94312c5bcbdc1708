"""`groundswell compare`: which of a case's explanations made the data, or that it cannot be told."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.cli.inferring import (
    PEOPLE,
    EventsFile,
    Matter,
    Measure,
    People,
    Quick,
    ReportingFile,
    Until,
    fitting,
    matter,
    options,
    reported,
)
from groundswell.cli.shared import Asked, Json, Sets, With, say

if TYPE_CHECKING:
    from groundswell.inference.compare import Choice
    from groundswell.scenario.schema import Scenario


def compare(
    case: str,
    *,
    until: Until = "",
    events: EventsFile = None,
    measure: Measure = "deaths",
    reporting: ReportingFile = "",
    size: int | None = None,
    people: People = PEOPLE,
    seed: int = 0,
    jobs: int | None = None,
    out: Path | None = None,
    set_: Sets = (),
    with_: With = (),
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Compare all explanations of a case by a classifier trained on their simulations, with its confusion matrix.

    Numbers published after --until, and those of single places, are not fitted; each rival is scored on them. "Cannot
    tell" where the rivals' own worlds are not recognised, or the data lie outside them. Stopped, the same
    command goes on where it was.

    For example:

        groundswell compare iraq-2019 --until 2019-11-10 --quick
        groundswell compare two-neighbours --events events.parquet --size 600
    """
    first = Asked(case, with_, "", set_)
    about = matter(reported(first, reporting), until, events, measure, people, seed, with_)
    folder = out or Path("out") / f"{about.scenario.name.replace('_', '-')}-compared"
    rivals = {name: reported(Asked(case, with_, name, set_), reporting) for name in about.scenario.explanation}
    words = options(until=until, events=events, measure=measure if events else "", reporting=reporting, size=size,
                    people=people, seed=seed, quick=quick)  # fmt: skip
    command = shlex.join(["groundswell", "compare", case, *first.words(), *words])
    _, facts = compared(about, rivals, folder, command, size=size, jobs=jobs, quick=quick)
    say(as_json, facts, "\n".join([*lines_of(facts), facts["report"]]))


def compared(
    about: Matter,
    scenarios: Mapping[str, Scenario],
    folder: Path,
    command: str,
    *,
    size: int | None = None,
    jobs: int | None = None,
    quick: bool = False,
) -> tuple[Choice, dict[str, Any]]:
    """Compare explanations (scenarios by name), and write the page: the choice, and what is printed of it as JSON.

    `command` stands on the page. Finished simulations in the folder are not run again. Where the case has reporters,
    the choice with every event recorded stands beside.
    """
    from groundswell.inference.compare import compare as choose
    from groundswell.inference.targets import without_later
    from groundswell.inference.work import Work
    from groundswell.reports import inference_page as pages
    from groundswell.reports.inference_page import held_out_table
    from groundswell.scenario.reporters import without_reporting

    count = size or (90 if quick else 600)
    seen, seed = about.evidence, about.seed
    targets = (*seen.fitted, *seen.patterns, *seen.later)

    def chosen(home: Path, scenarios: dict[str, Any], show: Any) -> Any:
        rivals = {name: about.worlds((), targets, without_later(one, seen.until)) for name, one in scenarios.items()}
        request = {"what": "compare", "rivals": {name: one.fingerprint for name, one in rivals.items()}, "size": count,
                   "seed": seed, "observed": seen.observed().tolist()}  # fmt: skip
        work = Work(home, request, jobs=jobs, total=count * len(rivals), progress=show)
        return choose(rivals, seen.observed(), size=count, seed=seed, work=work)

    with fitting(folder) as show:
        choice, plain = chosen(folder, dict(scenarios), show), None
        if about.scenario.reporting:
            plain = chosen(folder / "identity", {name: without_reporting(one) for name, one in scenarios.items()}, show)
    scored = scores_of(seen, choice.given, about.scenario.period.start)
    lines = [f"Which explanation made the data: {choice.verdict}.", *(f"Because {why}." for why in choice.reasons)]
    lines += [line for one in scored for line in one.lines(seed)]
    if not seen.later:
        lines.append("Nothing is held out after the day: give an earlier --until to score what came later.")
    lines += about.reporting()
    if plain is not None:
        lines.append(f"With every event recorded instead: {plain.verdict}.")
    picture, table = pages.of_choice(choice)
    held = held_out_table(scored, seed)
    tables = [table, *([held] if scored else [])]
    if plain is not None:
        tables.append(replace(pages.of_choice(plain)[1], title="Rivals, every event recorded"))
    page = pages.write(
        pages.Page(
            f"{about.scenario.title}: rivals compared",
            "groundswell compare",
            tuple(lines),
            (picture,),
            tuple(tables),
            command,
            quick,
        ),
        folder / "index.html",
    )
    return choice, {
        "out": str(folder),
        "report": str(page),
        "verdict": choice.verdict,
        "verdict_all_recorded": plain.verdict if plain else None,
        "reasons": list(choice.reasons),
        "rivals": list(choice.names),
        "confusion": choice.confusion.tolist(),
        "votes": choice.votes.tolist(),
        "held_out": [dict(zip(held.columns, row, strict=True)) for row in held.rows],
        "lines": lines,
        "simulations": choice.simulations,
        "quick": quick,
    }


def lines_of(facts: dict[str, Any]) -> tuple[str, ...]:
    """What to say first of a comparison."""
    return tuple(facts["lines"])


def scores_of(evidence: Any, given: Any, start: Any) -> list[Any]:
    """Scores on what was known but not fitted, and on what came later: the columns of `given`, in that order."""
    from groundswell.inference.heldout import held_out

    found, first = [], 0
    for what, targets in (("Known, not fitted", evidence.patterns), ("Published later", evidence.later)):
        draws = {name: rows[:, first : first + len(targets)] for name, rows in given.items()}
        first += len(targets)
        windows = [((target.first - start).days, (target.last - start).days) for target in targets]
        if targets:
            names = [target.name for target in targets]
            found.append(held_out(what, names, draws, evidence.observed(targets), windows))
    return found
