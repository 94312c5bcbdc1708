"""`groundswell rivals`: the prior predictives of rival explanations side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from groundswell.cli.shared import AS_WRITTEN, Asked, Json, Sets, With, bar, say


def rivals(
    case: str,
    *,
    explanation: Annotated[tuple[str, ...], Parameter(negative=(), help="Only these; by default all.")] = (),
    replicates: Annotated[int, Parameter(help="How many times to simulate each.")] = 100,
    people: Annotated[int | None, Parameter(help="Simulated persons, if not those of the case.")] = None,
    seed: int = 0,
    out: Annotated[Path | None, Parameter(help="The folder to write; by default out/CASE-rivals.")] = None,
    set_: Sets = (),
    with_: With = (),
    as_json: Json = False,
) -> None:
    """Simulate every explanation of a case before any fit, and say which of them data could tell apart.

    For example:

        groundswell rivals iraq-2019
        groundswell rivals two-neighbours --replicates 20 --people 500 --out rivals
        groundswell rivals iraq-2019 --explanation contagion --explanation common_shock --json
    """
    from groundswell.inference.rivals import prior_predictives
    from groundswell.reports.rivals_page import as_facts, write_page

    scenario = Asked(case, with_, AS_WRITTEN, set_).load()
    with bar("explanations") as progress:
        found = prior_predictives(scenario, names=explanation, replicates=replicates, seed=seed, people=people,
                                  progress=progress)  # fmt: skip
    folder = out or Path("out") / f"{scenario.name.replace('_', '-')}-rivals"
    page = write_page(scenario, found, folder, replicates=replicates, seed=seed)
    facts = {"page": str(page), **as_facts(found)}
    lines = [f"{p['first']:<18} {p['second']:<18} {p['at_hand_order']:.2f} {p['at_hand']:<28} "
             f"{p['by_place_and_day_order']:.2f} {p['by_place_and_day']}" for p in facts["pairs"]]  # fmt: skip
    head = (
        "how often the best observable orders two replicates (0.5 is luck): published totals; turnout by place and day"
    )
    say(as_json, facts, "\n".join([head, *lines, str(page)]))
