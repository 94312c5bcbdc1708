"""`groundswell compare`: which of a case's explanations made the data, or that it cannot be told."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.cli.inferring import PEOPLE, EventsFile, Matter, Measure, People, Quick, Until, fitting, matter
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

    "Cannot tell" where the rivals' own worlds are not recognised, or the data lie outside them. Stopped, the same
    command goes on where it was.

    For example:

        groundswell compare iraq-2019 --until 2019-11-10 --quick
        groundswell compare two-neighbours --events events.parquet --size 600
    """
    first = Asked(case, with_, "", set_)
    about = matter(first.load(), until, events, measure, people, seed, with_)
    folder = out or Path("out") / f"{about.scenario.name.replace('_', '-')}-compared"
    rivals = {name: Asked(case, with_, name, set_).load() for name in about.scenario.explanation}
    words = ["groundswell", "compare", case, *first.words(), *(["--until", until] if until else [])]
    _, facts = compared(about, rivals, folder, shlex.join(words), size=size, jobs=jobs, quick=quick)
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

    `command` stands on the page. Finished simulations in the folder are not run again.
    """
    from groundswell.inference.compare import compare as choose
    from groundswell.inference.work import Work
    from groundswell.reports import inference_page as pages

    count = size or (90 if quick else 600)
    rivals = {name: about.worlds((), scenario=scenario) for name, scenario in scenarios.items()}
    request = {
        "what": "compare",
        "rivals": {name: one.fingerprint for name, one in rivals.items()},
        "size": count,
        "seed": about.seed,
        "observed": about.evidence.observed().tolist(),
    }
    with fitting(folder) as show:
        work = Work(folder, request, jobs=jobs, total=count * len(rivals), progress=show)
        choice = choose(rivals, about.evidence.observed(), size=count, seed=about.seed, work=work)
    facts = {
        "out": str(folder),
        "report": str(folder / "index.html"),
        "verdict": choice.verdict,
        "reasons": list(choice.reasons),
        "rivals": list(choice.names),
        "confusion": choice.confusion.tolist(),
        "votes": choice.votes.tolist(),
        "simulations": choice.simulations,
        "quick": quick,
    }
    picture, table = pages.of_choice(choice)
    title = f"{about.scenario.title}: rivals compared"
    pages.write(
        pages.Page(title, "groundswell compare", lines_of(facts), (picture,), (table,), command, quick),
        folder / "index.html",
    )
    return choice, facts


def lines_of(facts: dict[str, Any]) -> tuple[str, ...]:
    """What to say first of a comparison."""
    verdict, reasons = facts["verdict"], facts["reasons"]
    return (f"Which explanation made the data: {verdict}.", *(f"Because {why}." for why in reasons))
