"""`groundswell calibrate`: fit a case to what was known by a day, and say what was learned and what was not."""

from __future__ import annotations

import shlex
from pathlib import Path

from groundswell.cli.inferring import PEOPLE, EventsFile, Free, Measure, People, Quick, Until, fitting, matter
from groundswell.cli.shared import Asked, Explanation, Json, Sets, With, say
from groundswell.cli.twin import Neural, On, named, shown


def calibrate(
    case: str,
    *,
    explanation: Explanation = "",
    until: Until = "",
    events: EventsFile = None,
    measure: Measure = "deaths",
    free: Free = (),
    particles: int | None = None,
    generations: int | None = None,
    on: On = "people",
    neural: Neural = False,
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

    Two algorithms and a forest side by side, with --neural a network too (extra `sbi`). Stopped, even killed, the same
    command goes on where it was.

    For example:

        groundswell calibrate iraq-2019 --explanation given_responses --until 2019-11-10
        groundswell calibrate iraq-2019 --until 2019-11-10 --on mean-field --quick
        groundswell calibrate two-neighbours --events events.parquet --free mobilisation.network --quick
    """
    from groundswell.inference.fit import calibrate as fit_of
    from groundswell.inference.fit import rows, save, tree
    from groundswell.inference.neural import require
    from groundswell.inference.smc import SMC
    from groundswell.inference.work import Work
    from groundswell.reports import inference_page as pages

    if neural:
        require()
    asked = Asked(case, with_, explanation, set_)
    about = matter(asked.load(), until, events, measure, people, seed, with_, on)
    method = SMC(particles or (300 if quick else 2000), (3 if quick else 8) if generations is None else generations)
    folder = out or asked.folder(about.scenario).with_name(f"{asked.folder(about.scenario).name}-calibrated{named(on)}")
    size = 0 if free else 128 if quick else 320
    request = {
        "what": "calibrate",
        "case": about.worlds(()).fingerprint,
        "observed": about.evidence.observed().tolist(),
        "free": list(free),
        "method": str(method),
        "seed": seed,
    }
    with fitting(folder) as show:
        work = Work(folder, request, jobs=jobs, total=size + method.simulations + 200, progress=show)
        paths = about.paths(free, work, size)
        kept = about.evidence.patterns
        fit = fit_of(
            about.worlds(paths),
            about.evidence.observed(),
            method=method,
            seed=seed,
            work=work,
            neural=neural,
            checked=about.worlds(paths, kept) if kept else None,
            checked_seen=about.evidence.observed(kept) if kept else None,
        )
    save(tree(fit, seed=seed), folder / "posterior.zarr")
    words = [
        "groundswell",
        "calibrate",
        case,
        *asked.words(),
        *(["--until", until] if until else []),
        *shown(on),
        *(["--neural"] if neural else []),
    ]
    pictures, tables = pages.of_fit(fit)
    title = f"{about.scenario.title}: fitted to what was known on {about.evidence.until}"
    page = pages.write(
        pages.Page(title, "groundswell calibrate", fit.lines, pictures, tables, shlex.join(words), quick),
        folder / "index.html",
    )
    facts = {
        "out": str(folder),
        "report": str(page),
        "simulations": work.done,
        "quick": quick,
        "lines": list(fit.lines),
        "numbers": [
            dict(zip(("path", "low", "median", "high", "contraction", "disagreement", "word"), row, strict=True))
            for row in rows(fit)
        ],
    }
    say(as_json, facts, "\n".join([*fit.lines, str(page)]))
