"""`groundswell test-claims`: test the causal claims of a case's ledgers by simulation, once."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from groundswell.cli.inferring import PEOPLE, People, Quick, fitting, options
from groundswell.cli.shared import Json, say


def test_claims(
    case: str,
    *,
    size: Annotated[
        int | None, Parameter(help="Worlds with the mechanism, and as many without; 600 by default.")
    ] = None,
    people: People = PEOPLE,
    seed: int = 0,
    jobs: Annotated[int | None, Parameter(help="Simulations at a time; by default one a processor.")] = None,
    out: Annotated[Path | None, Parameter(help="Where tested.json is written; by default out/CASE-tested.")] = None,
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Test causal claims: worlds with and without the mechanism, what the published counts say, and the power.

    The answers go to tested.json: keep it in the case's folder `ledgers`, or give it to `groundswell claims --tested`.
    Each says how often such an effect would be found if it were there, with the counts at hand and with records of
    events by place and week or day. Stopped, even killed, the same command goes on where it was.

    For example:

        groundswell test-claims iraq-2019 --quick
        groundswell claims iraq-2019 --tested out/iraq-2019-tested/tested.json
    """
    from groundswell.ledger.load import ledgers_of
    from groundswell.ledger.tested import FILE, WORLDS, make, save

    count = size or (60 if quick else WORLDS)
    folder = out or Path("out") / f"{Path(case).name.replace('_', '-')}-tested"
    words = options(quick=quick, size=size, people=0 if people == PEOPLE else people, seed=seed)
    with fitting(folder) as show:
        made = make(case, ledgers_of(case), folder, size=count, people=people, seed=seed, jobs=jobs, quick=quick,
                    command=shlex.join(["groundswell", "test-claims", case, *words]), progress=show)  # fmt: skip
    file = folder / FILE
    save(made, file)
    lines = [f"{key:<12} {one['verdict']:<13} power " + ", ".join(
        f"{'not known' if record['power'] is None else format(record['power'], '.2f')} with {record['record']}"
        for record in one["records"]) for key, one in made["results"].items()]  # fmt: skip
    say(as_json, {"file": str(file), **made}, "\n".join([*lines, str(file)]))
