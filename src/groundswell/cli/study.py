"""`groundswell study`: run, calibrate, compare and claims of one case, and one page with what they found."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from groundswell.cli.inferring import PEOPLE, EventsFile, Free, Matter, Measure, People, Quick, Until, matter
from groundswell.cli.shared import Asked, Explanation, Json, Sets, With, bar, say

if TYPE_CHECKING:
    from groundswell.reports.study_page import Stage

Count = Annotated[int | None, Parameter(help="Replicates of the run; by default 200, or 50 with --quick.")]
Made = tuple["Stage", dict[str, Any]]


def study(
    case: str,
    *,
    explanation: Explanation = "",
    until: Until = "",
    events: EventsFile = None,
    measure: Measure = "deaths",
    free: Free = (),
    replicates: Count = None,
    particles: int | None = None,
    generations: int | None = None,
    size: Annotated[int | None, Parameter(help="Simulations of each explanation in the comparison.")] = None,
    people: People = PEOPLE,
    seed: int = 0,
    jobs: int | None = None,
    out: Path | None = None,
    set_: Sets = (),
    with_: With = (),
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Simulate, calibrate, compare and judge the claims of a case: four folders, and one page over them.

    Each part is what the command of its name does. Stopped, even killed, the same command goes on where it was.

    For example:

        groundswell study iraq-2019 --quick
        groundswell study iraq-2019 --explanation given_responses --until 2019-11-10
        groundswell study my_case --events events.parquet --measure crowds
    """
    from groundswell.inference.work import begin
    from groundswell.reports import study_page

    asked = Asked(case, with_, explanation, set_)
    about = matter(asked.load(), until, events, measure, people, seed, with_)
    folder = out or asked.folder(about.scenario).with_name(asked.folder(about.scenario).name + "-study")
    count = replicates or (50 if quick else 200)
    begin(folder, {
        "what": "study",
        "case": about.worlds(()).fingerprint,
        "observed": about.evidence.observed().tolist(),
        "sizes": [count, particles, generations, size, people, quick],
        "free": list(free),
        "seed": seed,
    })  # fmt: skip
    words = ["groundswell", "study", case, *asked.words(), *(["--until", until] if until else []),
             *(["--quick"] if quick else [])]  # fmt: skip
    command = shlex.join(words)
    sizes = {"particles": particles, "generations": generations}
    parts: dict[str, Callable[[], Made]] = {
        "run": lambda: _run(about, folder / "run", command, count, jobs),
        "calibrate": lambda: _calibrate(about, folder / "calibrate", command, free, jobs, quick, sizes),
        "compare": lambda: _compare(about, asked, folder / "compare", command, size, jobs, quick),
        "claims": lambda: _claims(case, folder / "claims"),
    }
    start, stages, facts = time.perf_counter(), [], {}
    for k, (name, part) in enumerate(parts.items(), 1):
        print(f"{k} of {len(parts)}: {name} ({time.perf_counter() - start:.0f} s so far)", file=sys.stderr)
        try:
            stage, facts[name] = part()
        except KeyboardInterrupt:
            print(f"\nstopped; what is finished is kept in {folder}. The same command goes on.", file=sys.stderr)
            raise SystemExit(130) from None
        stages.append(stage)
    title = f"{about.scenario.title}: a study"
    page = study_page.write(title, tuple(stages), folder / "index.html", command=command, quick=quick)
    found = {"out": str(folder), "report": str(page), "quick": quick,
             "findings": {stage.name: list(stage.lines) for stage in stages}, **facts}  # fmt: skip
    text = [f"{stage.name}: {line}" for stage in stages for line in stage.lines]
    say(as_json, found, "\n".join([*(["quick, not for citing"] if quick else []), *text, str(page)]))


def _run(about: Matter, folder: Path, command: str, replicates: int, jobs: int | None) -> Made:
    from groundswell.errors import StoreError
    from groundswell.reports import folder as folders
    from groundswell.reports.study_page import ran

    task = folders.Task(folder, about.scenario, replicates, about.seed, jobs, about.with_, command, force=True)
    with bar("replicates") as progress:
        try:
            done = folders.finish(folder, jobs, progress)
        except StoreError as error:
            if error.problems[0].refusal != "store-missing":  # not begun, or stopped before the first batch
                raise
            done = folders.make(task, progress)
    return ran(folder), done


def _calibrate(
    about: Matter, folder: Path, command: str, free: tuple[str, ...], jobs: int | None, quick: bool,
    sizes: dict[str, int | None],
) -> Made:  # fmt: skip
    from groundswell.cli.calibrate import fitted
    from groundswell.reports import study_page

    fit, facts = fitted(about, folder, command, free=free, particles=sizes["particles"],
                        generations=sizes["generations"], jobs=jobs, quick=quick)  # fmt: skip
    return study_page.fitted(fit, Path(facts["report"])), facts


def _compare(
    about: Matter, asked: Asked, folder: Path, command: str, size: int | None, jobs: int | None, quick: bool
) -> Made:
    from groundswell.cli.compare import compared
    from groundswell.reports import study_page

    names = tuple(about.scenario.explanation)
    if len(names) < 2:
        line = "Which explanation made the data: not asked, since the case has fewer than two."
        return study_page.Stage("compare", "Which explanation made the data?", (line,)), {"verdict": None}
    rivals = {name: Asked(asked.case, asked.with_, name, asked.sets).load() for name in names}
    choice, facts = compared(about, rivals, folder, command, size=size, jobs=jobs, quick=quick)
    return study_page.compared(choice, tuple(facts["lines"]), Path(facts["report"])), facts


def _claims(case: str, folder: Path) -> Made:
    from groundswell.cli.claims import judged
    from groundswell.errors import GroundswellError
    from groundswell.ledger.findings import tally
    from groundswell.reports import study_page
    from groundswell.reports.ledger import write_page

    try:
        found = judged(case)
    except GroundswellError as error:
        if error.problems[0].refusal != "ledger-missing":
            raise
        line = "The case has no ledger of claims, so none was judged."
        return study_page.Stage("claims", "What does the record say of each stated claim?", (line,)), {"ledgers": {}}
    page = write_page(found, folder)
    return study_page.judged(found, page), {"report": str(page), "ledgers": {b.name: tally(some) for b, some in found}}
