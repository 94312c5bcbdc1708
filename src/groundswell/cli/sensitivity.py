"""`groundswell sensitivity`: on which guesses do turnout and harm depend, and how much is chance?"""

from __future__ import annotations

import shlex
from pathlib import Path

from groundswell.cli.inferring import PEOPLE, People, Quick, fitting
from groundswell.cli.shared import Asked, Explanation, Json, Sets, With, say


def sensitivity(
    case: str,
    *,
    explanation: Explanation = "",
    trajectories: int | None = None,
    keep: int = 10,
    base: int | None = None,
    people: People = PEOPLE,
    seed: int = 0,
    jobs: int | None = None,
    out: Path | None = None,
    set_: Sets = (),
    with_: With = (),
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Screen all guesses of a case by elementary effects, then give those that matter, and the seed, Sobol indices.

    Outcomes are turnout, deaths, injuries and arrests, always together. Guesses of single places are one input, so no
    place is ranked. Stopped, even killed, the same command goes on where it was.

    For example:

        groundswell sensitivity two-neighbours --quick
        groundswell sensitivity iraq-2019 --explanation given_responses --base 512

    Parameters
    ----------
    trajectories
        Base points of the screen; by default 20, with --quick 8.
    keep
        How many inputs go on to Sobol indices.
    base
        Base points of the Sobol indices, a power of two, each with a seed of its own; by default 256, --quick 32.
    seed
        The same seed gives the same numbers, for any number of jobs.
    jobs
        Threads; by default as many as there are processors.
    out
        The folder to write; by default out/<case>-sensitivity.
    """
    from groundswell.inference.sensitivity import check_base, inputs_of, simulations
    from groundswell.inference.sensitivity import sensitivity as analyse
    from groundswell.inference.work import Work
    from groundswell.inference.worlds import outcome_targets, worlds_of
    from groundswell.reports import inference_page as pages
    from groundswell.reports.sensitivity_page import of_sensitivity
    from groundswell.scenario.numbers import guesses

    asked = Asked(case, with_, explanation, set_)
    scenario = asked.load()
    paths = [
        entry.path for entry in guesses(scenario) if not entry.path.startswith("reporting.")
    ]  # outcomes: the model's
    inputs = inputs_of(scenario, paths)
    rows, points = trajectories or (8 if quick else 20), base or (32 if quick else 256)
    check_base(points)
    worlds = worlds_of(scenario, paths, outcome_targets(scenario), seed=seed, people=people, most_free=len(paths),
                       with_files=with_)  # fmt: skip
    folder = out or asked.folder(scenario).with_name(asked.folder(scenario).name + "-sensitivity")
    request = {"what": "sensitivity", "case": worlds.fingerprint, "sizes": [rows, keep, points], "seed": seed}
    with fitting(folder) as show:
        work = Work(folder, request, jobs=jobs, total=simulations(len(inputs), rows, keep, points), progress=show)
        found = analyse(worlds, inputs, trajectories=rows, keep=keep, base=points, seed=seed, work=work)
    words = ["groundswell", "sensitivity", case, *asked.words(), "--trajectories", str(rows), "--keep", str(keep),
             "--base", str(points), "--people", str(people), "--seed", str(seed)]  # fmt: skip
    pictures, tables = of_sensitivity(found)
    title = f"{scenario.title}: on what outcomes depend"
    page = pages.write(
        pages.Page(title, "groundswell sensitivity", found.lines, pictures, tables, shlex.join(words), quick),
        folder / "index.html",
    )
    facts = {
        "out": str(folder),
        "report": str(page),
        "simulations": found.simulations,
        "quick": quick,
        "lines": list(found.lines),
        **{table.title.partition(" ")[0].lower(): [dict(zip(_heads(table.columns), row, strict=True))
                                                   for row in table.rows] for table in tables},
    }  # fmt: skip
    say(as_json, facts, "\n".join([*found.lines, str(page)]))


def _heads(columns: tuple[str, ...]) -> list[str]:
    """Heads of a table with the error of a column named after it."""
    return [f"{columns[k - 1]} +-" if head == "+-" else head for k, head in enumerate(columns)]
