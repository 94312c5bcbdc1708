"""`groundswell check-inference`: does inference find in this case what was put in, and nothing in null worlds?"""

from __future__ import annotations

import shlex
from pathlib import Path

from groundswell.cli.inferring import (
    PEOPLE,
    EventsFile,
    Free,
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


def check_inference(
    case: str,
    *,
    explanation: Explanation = "",
    until: Until = "",
    events: EventsFile = None,
    measure: Measure = "deaths",
    reporting: ReportingFile = "",
    free: Free = (),
    truths: int | None = None,
    table: int | None = None,
    smc_truths: int | None = None,
    people: People = PEOPLE,
    seed: int = 0,
    jobs: int | None = None,
    out: Path | None = None,
    set_: Sets = (),
    with_: With = (),
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Ranks, coverage and contraction of known truths from one table of simulations, SMC on a few, and null worlds.

    Says first whether the observed numbers lie inside what the model can give, and last how often bands of patterns
    that are not fitted hold those of the truths.

    90 % intervals must cover 0.85 to 0.95 of the truths, and at most 5 % of null worlds may give a finding. Null worlds
    need a free number whose range starts at 0. Stopped, the same command goes on where it was.

    For example:

        groundswell check-inference iraq-2019 --until 2019-11-10 --quick
        groundswell check-inference two-neighbours --events events.parquet --truths 200 --smc-truths 20
    """
    from groundswell.inference.checks import check_patterns, check_smc, check_table, misfit, null_control
    from groundswell.inference.smc import SMC, Table, prior_table
    from groundswell.inference.work import Work
    from groundswell.reports import inference_page as pages
    from groundswell.reports import tables

    asked = Asked(case, with_, explanation, set_)
    about = matter(reported(asked, reporting), until, events, measure, people, seed, with_)
    folder = out or asked.folder(about.scenario).with_name(asked.folder(about.scenario).name + "-checked")
    count, size = truths or (40 if quick else 200), table or (300 if quick else 3000)
    few = (0 if quick else 20) if smc_truths is None else smc_truths
    method = SMC(particles=min(1000, size - count), generations=4)
    seen, kept = about.evidence.observed(), about.evidence.patterns
    request = {
        "what": "check",
        "case": about.worlds(()).fingerprint,
        "free": list(free),
        "seed": seed,
        "sizes": [count, size, few],
    }
    with fitting(folder) as show:
        work = Work(
            folder, request, jobs=jobs, total=size + few * (method.simulations - method.particles), progress=show
        )
        paths = about.paths(free, work, 0 if free else 128 if quick else 320)
        worlds = about.worlds(paths)
        every = prior_table(about.worlds(paths, (*about.evidence.fitted, *kept)), size, work, seed)
        drawn = Table(every.z, every.summaries[:, : len(seen)])
        near = max(40, size // 10)
        found = [check_table(drawn, worlds.space, count, near)]
        if few:
            found.append(check_smc(worlds, drawn, few, method, work, seed))
        cloud = misfit(worlds.summaries, drawn.summaries, seen)
        nulls = [
            null_control(
                worlds,
                drawn,
                k,
                null=0.0,
                smallest=0.2 * entry.prior.b,
                nearest=near,
                worlds=count,
                work=work,
                seed=seed,
            )
            for k, entry in enumerate(worlds.space.entries)
            if entry.prior is not None and entry.prior.kind == "uniform" and entry.prior.a == 0.0
        ]
    lines = [cloud.sentence]
    lines += [
        f"{one.method}: 90 % intervals cover {one.coverage().mean():.2f} of {len(one.ranks)} truths "
        f"(Monte Carlo error {one.error:.2f} a number): {'passes' if one.covers else 'FAILS'}."
        for one in found
    ]
    lines += [
        f"Null worlds of {one.name}: {one.rate:.0%} of {one.worlds} gave a finding: "
        f"{'passes' if one.passes else 'FAILS'}; power {one.power:.2f}."
        for one in nulls
    ]
    if found[0].set_by_prior:
        lines.append(f"Set by the prior even in the model's own worlds: {', '.join(found[0].set_by_prior)}.")
    if kept:
        share = check_patterns(every, len(seen), count, near)
        lines.append(f"90 % bands of patterns not fitted hold {share:.2f} of those of the same truths.")
    if not nulls:
        lines.append("No null worlds: no free number has a range that starts at 0.")
    if not few:
        lines.append("SMC itself was not checked: give --smc-truths.")
    picture, coverage = pages.of_calibration(found)
    control = tables.Table(
        "Null worlds",
        ("number", "worlds", "false findings", "power", "worlds behind the power"),
        tuple((one.name, one.worlds, one.false, one.power, one.powered) for one in nulls),
        "The effect is the number itself; the smallest interesting one is a fifth of its range.",
    )
    words = options(until=until, events=events, measure=measure if events else "", reporting=reporting, free=free,
                    truths=truths, table=table, smc_truths=smc_truths, people=people, seed=seed,
                    quick=quick)  # fmt: skip
    page = pages.write(
        pages.Page(
            f"{about.scenario.title}: is the inference right?",
            "groundswell check-inference",
            tuple(lines),
            (picture,),
            (coverage, *([control] if nulls else [])),
            shlex.join(["groundswell", "check-inference", case, *asked.words(), *words]),
            quick,
        ),
        folder / "index.html",
    )
    facts = {
        "out": str(folder),
        "report": str(page),
        "quick": quick,
        "lines": lines,
        "coverage": {one.method: dict(zip(one.names, one.coverage().tolist(), strict=True)) for one in found},
        "passes": all(one.covers for one in found) and all(one.passes for one in nulls),
        "inside": cloud.inside,
        "set_by_prior": list(found[0].set_by_prior),
        "null": {one.name: one.rate for one in nulls},
    }
    say(as_json, facts, "\n".join([*lines, str(page)]))
