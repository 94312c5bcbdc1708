"""Tests of causal claims: run once by simulation, kept as `causal.json`, and read as parts of findings.

A kept result counts only under the digest of what it was made from: the case, the test and the settings. Results of
another digest are left out, and the claim then reads "not tested yet".
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from groundswell import __version__
from groundswell.errors import GroundswellError, Problem
from groundswell.inference.causal import RICH, Effect, Judge, Pairs
from groundswell.inference.checks import misfit
from groundswell.inference.finding import Finding
from groundswell.inference.power import Design, share_found
from groundswell.inference.simulator import digest
from groundswell.inference.targets import Target, from_counts
from groundswell.inference.work import Work, commit
from groundswell.ledger.book import CausalTest, Contrast, Ledger
from groundswell.ledger.rules import Part
from groundswell.scenario.change import changed, fitting
from groundswell.scenario.schema import Scenario

FILE = "causal.json"
SCHEMA = 1
PANEL = "contagion"  # the mechanism whose trace the panel twin tests
Kept = dict[str, Any]


def runnable(book: Ledger) -> list[tuple[CausalTest, Contrast]]:
    """The causal tests of a ledger that a case can run, in the order of the file."""
    return [(one, one.test) for one in book.tests.causal if one.test is not None]


def pairs_of(scenario: Scenario, test: Contrast, *, people: int, seed: int) -> tuple[Pairs, tuple[Target, ...]]:
    """The paired worlds of a test, and the published counts of the country that they are held against.

    Raises GroundswellError where the case lacks the explanation, or what is to be dropped.
    """
    base = (scenario.under(test.explanation) if test.explanation else scenario).changed(set={"people": people})
    other = fitting(changed(base, test.drop))
    period = scenario.period
    first, last = test.start or period.start, test.end or period.end
    if not period.start <= first <= last <= period.end:
        raise GroundswellError(Problem("contrast-window", f"{first} to {last}", "is not within the period of the case",
                                       f"give days from {period.start} to {period.end}"))  # fmt: skip
    targets = from_counts(scenario, dt.date.max).fitted
    effect = Effect(test.outcome, first, last, test.sign, test.smallest)
    return Pairs(fitting(base), other, effect, targets, seed), targets


def stamp(scenario: Scenario, test: Contrast, settings: Kept) -> str:
    """Digest of the case, the test and the settings: 32 hex digits."""
    return digest(scenario.resolved(), test, sorted(settings.items()))


def run_test(scenario: Scenario, test: Contrast, settings: Kept, work: Work) -> Kept:
    """Run one test: `settings` holds size (pairs of worlds), people and seed. Numbers are rounded to 4 digits."""
    size, people, seed = settings["size"], settings["people"], settings["seed"]
    pairs, targets = pairs_of(scenario, test, people=people, seed=seed)
    rows = work.table(pairs, np.zeros((size, 0)), 0, pairs.fingerprint)
    judges = [Judge(pairs, rows, kind, seed=seed) for kind in range(len(RICH))]
    seen = np.array([target.summary for target in targets])
    total, wide = sum(pairs.widths), pairs.widths[0]
    names = [target.name for target in targets]
    inside = [misfit(names, rows[:, 2 + k * total :][:, :wide], seen).inside for k in (0, 1)]
    answer = judges[0].ask(seen[None, :])[0]
    why = list(answer.why) + ([] if any(inside) else ["the published counts lie outside what either kind can give"])
    effects = np.quantile(rows[:, 0] - rows[:, 1], (0.05, 0.5, 0.95))
    panel = {"panel": panel_power(len(scenario.place), scenario.period.steps, seed)} if PANEL in test.drop else {}
    return {
        "stamp": stamp(scenario, test, settings),
        "says": "cannot tell" if why or (test.differs and answer.verdict == "supported") else answer.verdict,
        "votes": round(answer.votes, 4),
        "interval": [round(answer.low, 4), round(answer.high, 4)],
        "implied": [round(float(e), 4) for e in effects],
        "why": why,
        **panel,
        "told": [{k: _round(v) for k, v in one.told._asdict().items()} for one in judges],
    }


def panel_power(places: int, days: int, seed: int, replicates: int = 40) -> Kept:
    """What an export by place and day tells by the panel twin, which needs no simulator: `inference.power.Design`.

    Power at a contagion of 0.2 events and false findings at 0, by the finding rule (smallest effect of interest 0.05:
    guess), under a national shock with day effects; one background event a place-day (guess).
    """
    found = [
        share_found(
            Design(places, days, 1.0, beta),
            replicates=replicates,
            seed=seed,
            rule=lambda one: Finding(one.low, one.high, 0.05).verdict == "supported",
        ).rate
        for beta in (0.2, 0.0)
    ]
    return {"power": round(found[0], 4), "false": round(found[1], 4), "of": replicates, "days": days}


def table(document: Kept) -> list[str]:
    """Power, false findings and effects missed by claim and record, as a Markdown table."""
    heads = (
        "claim",
        "record",
        "worlds with it",
        "found",
        "wrongly contradicted",
        "worlds without",
        "found all the same",
    )
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for claim, one in document["results"].items():
        for t in one["told"]:
            found = (f"{t[key]:.3f}" if t["present"] else "none" for key in ("power", "missed"))
            cells = [claim, t["record"], t["present"], *found, t["absent"], f"{t['false']:.3f}"]
            lines.append(f"| {' | '.join(map(str, cells))} |")
        if "panel" in one:
            p = one["panel"]
            cells = [
                claim,
                f"panel twin, {p['days']} days",
                p["of"],
                f"{p['power']:.3f}",
                "not asked",
                p["of"],
                f"{p['false']:.3f}",
            ]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def run_all(
    scenario: Scenario, book: Ledger, settings: Kept, work: Work, command: str, told: Callable[[str], None]
) -> Kept:
    """All tests of a ledger as one plain document: command, version, settings and results by claim."""
    found = {}
    for one, test in runnable(book):
        told(one.claim)
        found[one.claim] = run_test(scenario, test, settings, work)
    return {"schema": SCHEMA, "command": command, "version": __version__, **settings, "results": found}


def keep(document: Kept, file: Path) -> None:
    """Write a document whole or not at all."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        commit(file, (json.dumps(document, indent=1) + "\n").encode())
    except OSError as error:
        raise GroundswellError(Problem("causal-write", str(file), f"cannot be written ({error.strerror or error})",
                                       "choose another --out")) from error  # fmt: skip


def kept_parts(scenario: Scenario, book: Ledger, file: Path) -> dict[str, list[Part]]:
    """Parts by claim from a kept document; empty where there is none, and without results of another digest.

    Raises GroundswellError where the file is no such document.
    """
    if not file.is_file():
        return {}
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        settings = {key: document[key] for key in ("size", "people", "seed")}
        results = document["results"]
        return {one.claim: [_part(scenario, test, results[one.claim], document)] for one, test in runnable(book)
                if one.claim in results and results[one.claim]["stamp"] == stamp(scenario, test, settings)}  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GroundswellError(Problem("causal-file", str(file), f"holds no results ({error})",
                                       "make it again with `groundswell test-claims`")) from error  # fmt: skip


def _part(scenario: Scenario, test: Contrast, result: Kept, document: Kept) -> Part:
    told = {one["record"]: one for one in result["told"]}
    now, week, day = (told[name] for name in RICH)
    low, high = result["interval"]
    implied = result["implied"]
    drop = ", ".join(test.drop)
    reason = (
        f"Tested by simulation: {document['size']} pairs of worlds of {test.explanation or 'the case as written'} with "
        f"and without {drop}. The model alone implies a change of log {test.outcome} of {implied[1]:.2f} "
        f"({implied[0]:.2f} to {implied[2]:.2f}, 90 % of worlds), which is no evidence of what happened. The published "
        f"counts vote {result['votes']:.0%} for worlds with it; in worlds like them the effect is {low:.2f} to "
        f"{high:.2f} (90 %), the smallest of interest {test.smallest:g}. Among {now['present']} unseen worlds with "
        f"such an effect such counts would show it in {now['power']:.0%}; among {now['absent']} without it, in "
        f"{now['false']:.0%}."
    )
    if not now["present"]:
        reason += " No unseen world has an effect that large, so nothing is known of the power."
    if result["why"]:
        reason += f" Cannot tell, since {'; '.join(result['why'])}."
    if test.differs:
        reason += f" The test is not the whole claim: {test.differs}"
    places = len(scenario.place)
    would = "would raise" if max(week["power"], day["power"]) > now["power"] else "would not raise"
    settle = (
        f"In these worlds an ACLED export of the {places} governorates from {scenario.period.start} to "
        f"{scenario.period.end}, with every event and death in it, {would} the power of this test: from "
        f"{now['power']:.2f} to {week['power']:.2f} by week and {day['power']:.2f} by day (false findings "
        f"{week['false']:.0%} and {day['false']:.0%}; computed by `{document['command']}`)."
    )
    if not now["present"]:
        settle = "A model in which what was left out matters by as much as is claimed: here no world shows it."
    if "panel" in result:
        panel = result["panel"]
        settle += (
            f" By the panel twin, at one event a place-day, such an export shows a contagion of 0.2 in "
            f"{panel['power']:.0%} of {panel['of']} made-up records, and none in {1 - panel['false']:.0%} without it."
        )
    power = f"power {now['power']:.2f}" if now["present"] else "power unknown"
    flags = ("tested by simulation", power, *(("definition differs",) if test.differs else ()))
    return Part("causal", result["says"], reason, (), flags, settle)


def _round(value: Any) -> Any:
    """Four digits; a share of no worlds is 0, and `present` or `absent` beside it says that there were none."""
    if isinstance(value, float):
        return round(value, 4) if value == value else 0.0
    return [_round(one) for one in value] if isinstance(value, tuple) else value
