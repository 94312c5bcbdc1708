"""`groundswell calibrate`: fit a case to what was known by a day, and say what was learned and what was not."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.cli.inferring import (
    PEOPLE,
    EventsFile,
    Free,
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
from groundswell.cli.shared import Asked, Explanation, Json, Sets, With, say

if TYPE_CHECKING:
    from groundswell.inference.fit import Fit

KEYS = ("path", "low", "median", "high", "contraction", "disagreement", "word")


def calibrate(
    case: str,
    *,
    explanation: Explanation = "",
    until: Until = "",
    events: EventsFile = None,
    measure: Measure = "deaths",
    reporting: ReportingFile = "",
    free: Free = (),
    particles: int | None = None,
    generations: int | None = None,
    people: People = PEOPLE,
    seed: int = 0,
    jobs: int | None = None,
    out: Path | None = None,
    set_: Sets = (),
    with_: With = (),
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Fit guesses of a case to published counts or events: posterior.zarr and index.html in a folder.

    Two algorithms and a forest side by side. Stopped, even killed, the same command goes on where it was.

    For example:

        groundswell calibrate iraq-2019 --explanation given_responses --until 2019-11-10
        groundswell calibrate iraq-2019 --until 2019-11-10 --quick
        groundswell calibrate iraq-2019 --until 2019-11-10 --reporting reporting.toml --quick
        groundswell calibrate two-neighbours --events events.parquet --free mobilisation.network --quick
    """
    asked = Asked(case, with_, explanation, set_)
    about = matter(reported(asked, reporting), until, events, measure, people, seed, with_)
    folder = out or asked.folder(about.scenario).with_name(asked.folder(about.scenario).name + "-calibrated")
    words = options(until=until, events=events, measure=measure if events else "", reporting=reporting, free=free,
                    particles=particles, generations=generations, people=people, seed=seed, quick=quick)  # fmt: skip
    command = shlex.join(["groundswell", "calibrate", case, *asked.words(), *words])
    _, facts = fitted(about, folder, command, free=free, particles=particles, generations=generations, jobs=jobs,
                      quick=quick)  # fmt: skip
    say(as_json, facts, "\n".join([*facts["lines"], facts["report"]]))


def fitted(
    about: Matter,
    folder: Path,
    command: str,
    *,
    free: tuple[str, ...] = (),
    particles: int | None = None,
    generations: int | None = None,
    jobs: int | None = None,
    quick: bool = False,
) -> tuple[Fit, dict[str, Any]]:
    """Fit, and write posterior.zarr and the page into a folder: the fit, and what is printed of it as JSON.

    `command` stands on the page. Finished simulations in the folder are not run again. Where the case has reporters,
    a fit with every event recorded stands beside.
    """
    from groundswell.inference.fit import rows, save, tree
    from groundswell.inference.smc import SMC
    from groundswell.inference.work import Work
    from groundswell.reports import inference_page as pages

    method = SMC(particles or (300 if quick else 2000), (3 if quick else 8) if generations is None else generations)
    size, seed = 0 if free else 128 if quick else 320, about.seed

    def request(one: Matter) -> dict[str, Any]:
        return {"what": "calibrate", "case": one.worlds(()).fingerprint, "observed": one.evidence.observed().tolist(),
                "free": list(free), "method": str(method), "seed": seed}  # fmt: skip

    with fitting(folder) as show:
        total = size + method.simulations + 200
        work = Work(folder, request(about), jobs=jobs, total=total, progress=show)
        paths = about.paths(free, work, size)
        fit = _fit(about, paths, method, work)
        same = tuple(path for path in paths if not path.startswith("reporting."))
        plain = None
        if about.identity and same:
            beside = Work(folder / "identity", request(about.identity), jobs=jobs, total=total - size, progress=show)
            plain = _fit(about.identity, same, method, beside)
            work.done += beside.done
    save(tree(fit, seed=seed), folder / "posterior.zarr")
    pictures, tables = pages.of_fit(fit)
    lines = [*fit.lines, *about.reporting()]
    if plain is not None:
        tables = (pages.side_by_side(fit, plain), *tables)
        differ = [name for name in same if (name in fit.learned) != (name in plain.learned)]
        lines.append(
            f"Whether anything is learned of {', '.join(differ)} depends on the model of reporting."
            if differ
            else "With every event recorded instead, the same numbers are learned."
        )
    title = f"{about.scenario.title}: fitted to what was known on {about.evidence.until}"
    page = pages.write(
        pages.Page(title, "groundswell calibrate", tuple(lines), pictures, tables, command, quick),
        folder / "index.html",
    )
    return fit, {
        "out": str(folder),
        "report": str(page),
        "simulations": work.done,
        "quick": quick,
        "lines": lines,
        "numbers": [dict(zip(KEYS, row, strict=True)) for row in rows(fit)],
        "numbers_all_recorded": [dict(zip(KEYS, row, strict=True)) for row in rows(plain)] if plain else None,
    }


def _fit(about: Matter, paths: tuple[str, ...], method: Any, work: Any) -> Fit:
    from groundswell.inference.fit import calibrate as fit_of

    kept = about.evidence.patterns
    return fit_of(
        about.worlds(paths),
        about.evidence.observed(),
        method=method,
        seed=about.seed,
        work=work,
        checked=about.worlds(paths, kept) if kept else None,
        checked_seen=about.evidence.observed(kept) if kept else None,
    )
