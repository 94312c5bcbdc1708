"""`groundswell compare`: which of a case's explanations made the data, or that it cannot be told."""

from __future__ import annotations

import shlex
from pathlib import Path

from groundswell.cli.inferring import PEOPLE, EventsFile, Measure, People, Quick, Until, fitting, matter
from groundswell.cli.shared import Asked, Json, Sets, With, say
from groundswell.cli.twin import On, named, shown


def compare(
    case: str,
    *,
    until: Until = "",
    events: EventsFile = None,
    measure: Measure = "deaths",
    size: int | None = None,
    on: On = "people",
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
    from groundswell.inference.compare import compare as choose
    from groundswell.inference.work import Work
    from groundswell.reports import inference_page as pages

    first = Asked(case, with_, "", set_)
    about = matter(first.load(), until, events, measure, people, seed, with_, on)
    count = size or (90 if quick else 600)
    folder = out or Path("out") / f"{about.scenario.name.replace('_', '-')}-compared{named(on)}"
    rivals = {
        name: about.worlds((), scenario=Asked(case, with_, name, set_).load()) for name in about.scenario.explanation
    }
    request = {
        "what": "compare",
        "rivals": {name: one.fingerprint for name, one in rivals.items()},
        "size": count,
        "seed": seed,
        "observed": about.evidence.observed().tolist(),
    }
    with fitting(folder) as show:
        work = Work(folder, request, jobs=jobs, total=count * len(rivals), progress=show)
        choice = choose(rivals, about.evidence.observed(), size=count, seed=seed, work=work)
    lines = (f"Which explanation made the data: {choice.verdict}.", *(f"Because {why}." for why in choice.reasons))
    words = ["groundswell", "compare", case, *first.words(), *(["--until", until] if until else []), *shown(on)]
    picture, table = pages.of_choice(choice)
    page = pages.write(
        pages.Page(
            f"{about.scenario.title}: rivals compared",
            "groundswell compare",
            lines,
            (picture,),
            (table,),
            shlex.join(words),
            quick,
        ),
        folder / "index.html",
    )
    facts = {
        "out": str(folder),
        "report": str(page),
        "verdict": choice.verdict,
        "reasons": list(choice.reasons),
        "rivals": list(choice.names),
        "confusion": choice.confusion.tolist(),
        "votes": choice.votes.tolist(),
        "simulations": choice.simulations,
        "quick": quick,
    }
    say(as_json, facts, "\n".join([*lines, str(page)]))
