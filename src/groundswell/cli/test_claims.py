"""`groundswell test-claims`: causal claims of a case's ledgers, tested by simulation once and kept."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from groundswell.cli.shared import Json, say


def test_claims(
    case: str,
    *,
    ledger: Annotated[str, Parameter(help="Only this ledger of the case.")] = "",
    size: Annotated[int, Parameter(help="Pairs of worlds for each test; a quarter of them gives error rates.")] = 400,
    people: Annotated[int, Parameter(help="Simulated persons.")] = 1000,
    seed: int = 0,
    jobs: int | None = None,
    out: Annotated[Path | None, Parameter(help="The folder to write; by default out/CASE-causal.")] = None,
    as_json: Json = False,
) -> None:
    """Test the causal claims that the case has mechanisms for, with power and false findings on made-up worlds.

    Writes NAME.json for each ledger; `groundswell claims CASE --causal FOLDER` shows it. As `causal.json` beside the
    ledger's claims.csv it is shown without being asked for. Stopped, the same command goes on where it was.

    For example:

        groundswell test-claims iraq-2019
        groundswell test-claims iraq-2019 --ledger essay --size 80 --out quick
    """
    from groundswell.cli.inferring import fitting
    from groundswell.errors import GroundswellError, Problem, nearest
    from groundswell.inference.work import Work
    from groundswell.ledger.causal import keep, run_all, runnable, stamp, table
    from groundswell.ledger.load import ledgers_of
    from groundswell.scenario.load import find_file, load

    if size < 40:
        raise GroundswellError(Problem("causal-size", f"--size {size}", "is too few to count anything",
                                       "give 40 or more"))  # fmt: skip
    scenario = load(find_file(case))
    books = [book for book in ledgers_of(case) if ledger in ("", book.name)]
    if not books:
        cure = nearest(ledger, [book.name for book in ledgers_of(case)])
        raise GroundswellError(Problem("ledger-unknown", f"--ledger {ledger}", "is no ledger of this case", cure))
    folder = out or Path("out") / f"{scenario.name.replace('_', '-')}-causal"
    settings = {"size": size, "people": people, "seed": seed}
    command = shlex.join(["groundswell", "test-claims", case, "--size", str(size), "--people", str(people),
                          "--seed", str(seed)])  # fmt: skip
    files, results = [], {}
    for book in books:
        tests = runnable(book)
        if not tests:
            continue
        with fitting(folder) as show:
            request = {"what": "test-claims", "stamps": {o.claim: stamp(scenario, t, settings) for o, t in tests}}
            work = Work(folder / f"{book.name}-work", request, jobs=jobs, total=size * len(tests), progress=show)
            document = run_all(scenario, book, settings, work, command, work.say)
        keep(document, folder / f"{book.name}.json")
        files.append(str(folder / f"{book.name}.json"))
        results[book.name] = document
    lines = []
    for document in results.values():
        lines += [f"{claim:<6} {one['says']}" for claim, one in document["results"].items()]
        lines += ["", *table(document), ""]
    say(as_json, {"files": files, "ledgers": results}, "\n".join([*lines, *files]) or "no causal test of it can be run")
