"""What counts published by 2019-11-10 say of the case iraq-2019, and of the counts that came later. See README.md.

python studies/iraq_2019/run.py
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import arguments, kept_work, refusals, table, write

HERE = Path(__file__).parent
UNTIL = dt.date(2019, 11, 10)
MAIN = "given_responses"
REPORTERS = {
    "UNAMI": ("UNAMI", "UNAMI/OHCHR", "UNAMI (verified)"),
    "IHCHR": ("IHCHR", "human rights commission crisis cell", "IHCHR commissioner"),
}
EXPECTED = 2  # learned numbers, at most


@dataclass(frozen=True)
class Sizes:
    """How many: simulated persons, screening runs, particles, generations, truths, simulations a rival, draws."""

    people: int = 1000
    screen: int = 320
    particles: int = 2000
    generations: int = 8
    truths: int = 200
    rival: int = 400
    draws: int = 400


QUICK = Sizes(people=150, screen=24, particles=60, generations=1, truths=15, rival=15, draws=20)


def joined(explanation: str) -> Any:
    """The case under an explanation, reporters joined, without facts that became known after the day."""
    import groundswell

    scenario = groundswell.load("iraq-2019").under(explanation)
    body = {name: one for one, names in REPORTERS.items() for name in names}
    counts = [row.model_copy(update={"reporter": body.get(row.reporter, row.reporter)}) for row in scenario.count]
    late = {name for name, fact in scenario.anchor.items() if fact.known_on > UNTIL}
    shocks = {name: shock for name, shock in scenario.shock.items() if shock.anchor not in late}
    return scenario.model_copy(update={"count": type(scenario.count)(counts), "shock": shocks})


def evidence_of(scenario: Any) -> Any:
    """What the two had published by the day, and what they published after."""
    from groundswell.inference.targets import from_counts, refuse_later

    refuse_later(scenario, UNTIL)
    return from_counts(scenario, UNTIL, reporters=tuple(REPORTERS))


def baseline(scenario: Any, targets: Sequence[Any], draws: int, seed: int) -> Any:
    """Draws (draw, target) of log(1 + number) at the rate of the last total known by the day."""
    import numpy as np

    from groundswell.chance import chance_for, poisson
    from groundswell.inference.panel_draws import gamma

    made = np.empty((draws, len(targets)))
    for j, target in enumerate(targets):
        measure, reporter = target.name.split(", ")[0], target.name.split(", ")[-1].split(" (")[0]
        totals = [c for c in scenario.count if (c.measure, c.reporter, c.place) == (measure, reporter, "national")
                  and c.cumulative and c.published <= UNTIL]  # fmt: skip
        last = max(totals, key=lambda c: c.window_end)
        rate = last.value / ((last.window_end - last.window_start).days + 1)
        days = (target.last - target.first).days + 1
        for d in range(draws):
            where = chance_for(seed, f"study/iraq_2019/baseline/{target.name}", 0, d)
            factor = gamma(where, 0, 1, float(len(totals))) / len(totals)
            made[d, j] = np.log1p(poisson(where, 1, 0, rate * factor * days))
    return made


def held_out_scores(scenario: Any, fit: Any, later: Sequence[Any], size: Sizes, work: Any, seed: int) -> dict[str, Any]:
    """Scores of the fitted model, the unfitted one and the baseline on numbers published later."""
    import numpy as np

    from groundswell.inference.compare import enough, held_out
    from groundswell.inference.worlds import worlds_of

    paths = fit.simulator.space.names
    worlds = worlds_of(scenario, paths, later, seed=seed, people=size.people)
    drawn = fit.posterior.equal(size.draws, seed)
    prior = fit.table.z[: size.draws]
    tables = {
        "fitted": work.table(worlds, drawn.values(), 600_000_000, "later"),
        "unfitted": work.table(worlds, worlds.space.values(prior), 600_000_000, "later-prior"),
        "rate so far": baseline(scenario, later, size.draws, seed),
    }
    seen = np.array([target.summary for target in later])
    even = {name: np.full(len(one), 1 / len(one)) for name, one in tables.items()}
    scores = {name: held_out(name, one, even[name], seen) for name, one in tables.items()}
    bands = {name: np.expm1(np.quantile(one, (0.05, 0.5, 0.95), axis=0)) for name, one in tables.items()}
    rows = [(t.name, t.seen, t.words, *(float(q) for q in bands["fitted"][:, j]),
             "yes" if bands["fitted"][0, j] <= t.seen <= bands["fitted"][2, j] else "no",
             *(float(q) for q in bands["rate so far"][:, j])) for j, t in enumerate(later)]  # fmt: skip
    return {
        "crps": {name: one.crps for name, one in scores.items()},
        "log_score": {name: one.log_score for name, one in scores.items()},
        "inside": {name: int(((np.expm1(seen) >= b[0]) & (np.expm1(seen) <= b[2])).sum()) for name, b in bands.items()},
        "enough": enough([(t.first.toordinal(), t.last.toordinal()) for t in later]),
        "rows": rows,
    }


def recovered(fit: Any, truths: int) -> tuple[Any, Any]:
    """Coverage (k,) of 90 % intervals, and mean contraction (k,), over known truths of the fit's own table."""
    import numpy as np

    from groundswell.inference.adjust import rejection
    from groundswell.inference.checks import check_table, split

    near = max(40, len(fit.table.z) // 10)
    space = fit.simulator.space
    rest, held = split(fit.table, truths)
    got = [rejection(rest, space, seen, nearest=near).contraction() for seen in held.summaries]
    return check_table(fit.table, space, truths, near).coverage(), np.mean(got, axis=0)


def page(fit: Any, evidence: Any, size: Sizes, found: dict[str, Any]) -> list[str]:
    """The results in words and tables."""
    from groundswell.inference.fit import rows

    choice, later, learned = found["choice"], found["later"], fit.learned
    told = f"{choice.verdict}" if choice.reasons else f"{choice.verdict} ({choice.votes.max():.0%} of the votes)"
    numbers = [(*row[:6], float(e), float(c), row[6])
               for row, e, c in zip(rows(fit), found["expected"], found["coverage"], strict=True)]  # fmt: skip
    confusion = [(name, *(f"{share:.0%}" for share in choice.confusion[k]), f"{choice.votes[k]:.0%}",
                  "yes" if choice.misfits[k].inside else "no") for k, name in enumerate(choice.names)]  # fmt: skip
    scores = [(name, later["crps"][name], later["log_score"][name], f"{later['inside'][name]} of {len(later['rows'])}")
              for name in later["crps"]]  # fmt: skip
    verdict = ("There are enough windows that share no day for a standard error." if later["enough"] else
               "Fewer than eight of these windows share no day: too few for a standard error, so it cannot be told "
               "which forecast is better.")  # fmt: skip
    few = [name for name, c in zip(fit.simulator.space.names, found["expected"], strict=True) if c >= 0.2]
    share = f"{fit.misfit.together:.1%} of simulations at the prior are as far from their own nearest neighbours"
    rests = "" if fit.misfit.inside else (
        f" But together these numbers lie outside what the model gives before the fit ({share}; 1 % or less is "
        "outside), so **none is called identified**: they are values of a model that hardly makes them.")  # fmt: skip
    return [
        "# Iraq 2019 on what two reporters had published by 10 November",
        "",
        f"**Finding.** By the rule stated beforehand {len(learned)} of {len(numbers)} free numbers are learned (at most"
        f" {EXPECTED} were expected).{rests} Which explanation made the counts: **{told}**.",
        "",
        *[f"- {line}" for line in fit.lines],
        f"- Where the model is right, such targets contract {len(few)} of {len(numbers)} numbers by 20 % or more on "
        f"average{': ' + ', '.join(few) if few else ''}. What contracts more here than there may be the misfit's work.",
        *[f"- Cannot tell the explanations apart: {why}." for why in choice.reasons],
        f"- Of {len(later['rows'])} numbers published later, {later['inside']['fitted']} lie in the fitted model's "
        f"90 % band, {later['inside']['unfitted']} in the unfitted one's, {later['inside']['rate so far']} in that of "
        f"the rate so far; CRPS {later['crps']['fitted']:.2f}, {later['crps']['unfitted']:.2f} and "
        f"{later['crps']['rate so far']:.2f}. {verdict}",
        f"- 90 % intervals over {size.truths} known truths cover {found['coverage'].mean():.2f} of them.",
        "",
        "## Free numbers",
        "",
        *table(["number", "5 %", "median", "95 %", "contraction", "disagreement", "contraction of known truths",
                "coverage of 90 %", "which means"], numbers),
        "",
        "Contraction is 1 less the ratio of variances on the prior's own scale; that of known truths is what these",
        "targets give on average where the model is right. Disagreement is in half-widths of 90 % intervals.",
        "",
        f"## Fitted numbers ({len(evidence.fitted)})",
        "",
        *table(["number", "seen", "worded", "share of prior simulations beyond it"],
               [(t.name, t.seen, t.words, float(s)) for t, s in zip(evidence.fitted, fit.misfit.shares, strict=True)]),
        "",
        "## Patterns not fitted",
        "",
        *table(["pattern", "seen", "5 %", "median", "95 %", "inside"],
               [(p.name, p.seen, p.low, p.middle, p.high, "yes" if p.inside else "no") for p in fit.patterns]),
        "",
        "A wide band holds much: inside is no sign of a good model where the band spans powers of ten.",
        "",
        "## Explanations",
        "",
        *table(["worlds of", *(f"taken for {name}" for name in choice.names), "votes of the data", "data inside"],
               confusion),
        "",
        "## Numbers published later",
        "",
        *table(["number", "seen", "worded", "5 %", "median", "95 %", "inside", "rate so far: 5 %", "median ", "95 % "],
               later["rows"]),
        "",
        *table(["forecast", "CRPS", "log score", "inside 90 %"], scores),
        "",
        "Both scores are means over log(1 + number), lower is better. Windows overlap, and the reporters count the",
        "same days: these are not independent.",
        "",
        f"{found['simulations']} simulations with {size.people} persons each. Left out: {'; '.join(evidence.left)}.",
    ]  # fmt: skip


def study(asked: Any) -> None:
    """Run the study and write its results."""
    from groundswell.inference.compare import compare
    from groundswell.inference.fit import calibrate, rows
    from groundswell.inference.smc import SMC
    from groundswell.inference.worlds import screened, worlds_of

    size = QUICK if asked.quick else Sizes()
    scenario = joined(MAIN)
    evidence = evidence_of(scenario)
    later = [target for target in evidence.later if len(target.rows) == len(scenario.place)]
    rivals = {name: joined(name) for name in scenario.explanation}
    method = SMC(size.particles, size.generations)
    total = size.screen + method.simulations + 3 * size.draws + size.rival * len(rivals)
    work = kept_work(asked, HERE, {"sizes": str(size), "seen": evidence.observed().tolist()}, total=total)

    def made(paths: Sequence[str], targets: Any, under: Any = scenario) -> Any:
        return worlds_of(under, paths, targets, seed=asked.seed, people=size.people)

    paths, _ = screened(made((), evidence.fitted), work, size=size.screen)
    seen = evidence.observed()
    fit = calibrate(
        made(paths, evidence.fitted),
        seen,
        method=method,
        seed=asked.seed,
        work=work,
        draws=size.draws,
        checked=made(paths, evidence.patterns),
        checked_seen=evidence.observed(evidence.patterns),
    )
    coverage, expected = recovered(fit, size.truths)
    scored = held_out_scores(scenario, fit, later, size, work, asked.seed)
    choice = compare({name: made((), evidence.fitted, under) for name, under in rivals.items()}, seen, size=size.rival,
                     seed=asked.seed, work=work)  # fmt: skip
    found = {"coverage": coverage, "expected": expected, "later": scored, "choice": choice, "simulations": work.done}
    results = {
        "command": "python studies/iraq_2019/run.py",
        "seed": asked.seed,
        "sizes": vars(size),
        "lines": list(fit.lines),
        "learned": list(fit.learned),
        "numbers": [list(row) for row in rows(fit)],
        "coverage": coverage.tolist(),
        "contraction_of_known_truths": expected.tolist(),
        "patterns": [[p.name, p.seen, p.low, p.middle, p.high, p.inside] for p in fit.patterns],
        "together": fit.misfit.together,
        "verdict": choice.verdict,
        "reasons": list(choice.reasons),
        "rivals": list(choice.names),
        "confusion": choice.confusion.tolist(),
        "votes": choice.votes.tolist(),
        "later": scored,
        "simulations": work.done,
    }
    write(asked.out, results, page(fit, evidence, size, found), asked.quick)


def main(words: Sequence[str] | None = None) -> None:
    """Read the options and run."""
    with refusals():
        study(arguments(__doc__, HERE, words))


if __name__ == "__main__":
    main()
