"""Tests of causal claims: made once on a case, kept as a file beside its ledgers, and read with them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import groundswell
from groundswell.errors import GroundswellError, Problem, ScenarioError, nearest
from groundswell.inference.causal import Arm, Effect, judge
from groundswell.inference.checks import misfit
from groundswell.inference.simulator import digest
from groundswell.inference.targets import from_counts
from groundswell.inference.work import Work
from groundswell.inference.worlds import worlds_of
from groundswell.ledger.book import CausalTest, Contrast, Ledger
from groundswell.ledger.rules import Part
from groundswell.scenario.load import find_file, load
from groundswell.scenario.schema import Scenario

SCHEMA = 1
FILE = "tested.json"
PEOPLE, WORLDS = 1000, 600  # calibration size; worlds of each kind: below it the forest learns little (docs/concepts)


def file_of(case: str | Path) -> Path:
    """Where the tests of a case are kept: beside its ledgers."""
    return find_file(case).parent / "ledgers" / FILE


def arms(scenario: Scenario, contrast: Contrast, *, people: int, seed: int, where: str = "contrast") -> tuple[Arm, Arm]:
    """The two simulators of a contrast: with the mechanism, and without it.

    Raises ScenarioError where the case lacks the explanation, a mechanism or a place that the contrast names.
    """
    known, chosen = scenario.explanation, contrast.explanation
    if chosen not in known:
        raise ScenarioError(Problem("explanation-unknown", f"{where}.explanation", f"'{chosen}' is none of this case",
                                    nearest(chosen, known)))  # fmt: skip
    base = known[chosen]
    there = {name for name in (*scenario.mechanism, *base.with_) if name not in base.without or name in contrast.keep}
    wrong = [Problem("contrast", f"{where}.without", f"'{name}' is not in '{chosen}'", nearest(name, there))
             for name in contrast.without if name not in there]  # fmt: skip
    wrong += [Problem("contrast", f"{where}.places", f"'{name}' is no place here", nearest(name, scenario.place))
              for name in contrast.places if name not in scenario.place]  # fmt: skip
    if wrong:
        raise ScenarioError(wrong)
    left = tuple(name for name in base.without if name not in contrast.keep)
    held = {name: values for name, values in base.with_.items() if name not in contrast.without}
    gone = tuple(name for name in contrast.without if name in scenario.mechanism)
    pair = {"present": base.model_copy(update={"without": left}),
            "absent": base.model_copy(update={"without": (*left, *gone), "with_": held})}  # fmt: skip
    both = scenario.model_copy(update={"explanation": {**known, **pair}})
    rows = tuple(k for k, name in enumerate(scenario.place) if not contrast.places or name in contrast.places)
    targets = from_counts(scenario, scenario.period.end).fitted
    found = [Arm(worlds_of(both.under(name), (), targets, seed=seed, people=people), contrast.measure, rows)
             for name in pair]  # fmt: skip
    return found[0], found[1]


def test(
    scenario: Scenario, claim: str, contrast: Contrast, *, size: int = WORLDS, people: int = PEOPLE, seed: int = 0,
    work: Work | None = None,
) -> Effect:  # fmt: skip
    """Test one causal claim on the published counts of its case: `size` worlds with the mechanism, as many without.

    The same arguments give the same answer for any work. Raises as `arms` does.
    """
    work = work or Work()
    pair = arms(scenario, contrast, people=people, seed=seed, where=f"{claim}.contrast")
    tables = [work.table(arm, np.empty((size, 0)), 0, f"{claim}-{k}") for k, arm in enumerate(pair)]
    widths, targets = pair[0].widths, pair[0].worlds.targets
    observed = np.array([target.summary for target in targets])
    seen = misfit([target.name for target in targets], np.concatenate(tables)[:, : widths[0]], observed)
    return judge(tables[0], tables[1], widths, observed, smallest=float(np.log1p(contrast.smallest)),
                 sign=contrast.sign, seed=seed, name=claim, outside="" if seen.inside else seen.sentence)  # fmt: skip


test.__test__ = False  # type: ignore[attr-defined]  # a test of claims, not of this project


def contrasts(ledgers: list[Ledger]) -> dict[str, tuple[CausalTest, Contrast]]:
    """Every causal claim that says how to test it, by `ledger/claim`."""
    return {f"{ledger.name}/{one.claim}": (one, one.contrast) for ledger in ledgers for one in ledger.tests.causal
            if one.contrast is not None}  # fmt: skip


def stamp(scenario: Scenario, contrast: Contrast) -> str:
    """What an answer rests on: the case as resolved, and the contrast."""
    return digest(scenario.resolved(), contrast.model_dump_json())


def make(
    case: str | Path, ledgers: list[Ledger], folder: Path, *, size: int = WORLDS, people: int = PEOPLE, seed: int = 0,
    jobs: int | None = None, quick: bool = False, command: str = "", progress: Callable[[Any], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Test every causal claim of a case's ledgers that says how; the answers as plain data for JSON.

    Finished simulations are kept in `folder`, and the same call goes on from them. Raises GroundswellError where no
    claim says how, and as `arms` does.
    """
    scenario, asked = load(case), contrasts(ledgers)
    if not asked:
        raise GroundswellError(Problem("contrast-none", str(case), "has no causal claim that says how to test it",
                                       "give a [[causal]] of tests.toml a contrast"))  # fmt: skip
    for key, (_, contrast) in asked.items():
        arms(scenario, contrast, people=people, seed=seed, where=f"{key}.contrast")  # refuse before any work
    stamps = {key: stamp(scenario, contrast) for key, (_, contrast) in asked.items()}
    request = {"what": "test-claims", "stamps": stamps, "size": size, "people": people, "seed": seed}
    work = Work(folder, request, jobs=jobs, total=2 * size * len(asked), progress=progress)
    results = {}
    for key, (_, contrast) in asked.items():
        work.say(key)
        found = test(scenario, key.replace("/", "-"), contrast, size=size, people=people, seed=seed, work=work)
        results[key] = {"stamp": stamps[key], **plain(found)}
    return {"schema": SCHEMA, "command": command, "version": groundswell.__version__, "size": size, "people": people,
            "seed": seed, "quick": quick, "results": results}  # fmt: skip


def plain(effect: Effect) -> dict[str, Any]:
    """An answer as plain data, numbers to four digits."""

    def cut(value: float | None) -> float | None:
        return None if value is None else float(f"{value:.4g}")

    records = [{"record": one.record, "power": cut(one.power), "large": one.large,
                "false_support": cut(one.false_support), "false_denial": cut(one.false_denial)}
               for one in effect.records]  # fmt: skip
    finding = effect.finding
    return {"verdict": effect.verdict, "low": cut(finding.low), "high": cut(finding.high),
            "smallest": cut(finding.smallest), "sign": finding.sign, "prior": [cut(x) for x in effect.prior],
            "worlds": effect.worlds, "outside": effect.outside, "records": records}  # fmt: skip


def save(made: Mapping[str, Any], path: Path) -> None:
    """Write answers, whole or not at all. Raises GroundswellError where that cannot be done."""
    part = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise GroundswellError(Problem("tested-write", str(path), f"cannot be written ({error.strerror or error})",
                                       "choose another folder")) from error  # fmt: skip


def attached(case: str | Path, ledgers: list[Ledger], path: Path | None = None) -> dict[str, dict[str, list[Part]]]:
    """Parts for `findings`, by ledger and claim, from the answers kept for a case; none where there are none.

    An answer that rests on another state of the case or of its contrast is not used. Raises GroundswellError where the
    file is damaged, or of another schema.
    """
    asked = contrasts(ledgers)
    if not asked:
        return {}
    file = path or file_of(case)
    if path is None and not file.is_file():
        return {}
    try:
        made = json.loads(file.read_text(encoding="utf-8"))
        results = dict(made["results"])
        if made["schema"] != SCHEMA:
            raise ValueError(f"schema {made['schema']}, not {SCHEMA}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GroundswellError(Problem("tested-file", str(file), f"cannot be read ({error})",
                                       "make it again: groundswell test-claims")) from error  # fmt: skip
    scenario = load(case)
    found: dict[str, dict[str, list[Part]]] = {}
    for key, (_, contrast) in asked.items():
        one = results.get(key)
        if one and one["stamp"] == stamp(scenario, contrast):
            ledger, _, claim = key.partition("/")
            found.setdefault(ledger, {})[claim] = [part_of(one, contrast, scenario, made)]
    return found


def part_of(one: Mapping[str, Any], contrast: Contrast, scenario: Scenario, made: Mapping[str, Any]) -> Part:
    """An answer as the part of a finding: in words, with flags, and what would settle it."""

    def share(value: float) -> str:
        return f"{100 * np.expm1(value):+.0f} %" if value < 3 else f"{np.exp(value):.0f} times"

    at_hand, *richer = one["records"]
    what = contrast.measure if contrast.measure != "resignation" else "hazard of resignation"
    where = f" in {', '.join(contrast.places)}" if contrast.places else ""
    low, middle, high = one["prior"]
    reason = (
        f"Tested by simulation: the effect of {', '.join(contrast.without)} on {what}{where} under "
        f"'{contrast.explanation}'. In worlds that have it, it is {share(middle)} ({share(low)} to {share(high)}, "
        f"90 %). The published counts leave {share(one['low'])} to {share(one['high'])}, where worlds with and "
        f"without it are as likely beforehand; {share(one['sign'] * one['smallest'])} is the smallest effect of "
        f"interest. {_power(at_hand)}"
    )
    if one["outside"]:
        reason += f" {one['outside']}"
    country = " and ".join(name.capitalize() for name in scenario.country)
    best = [f"{_rate(record['power'])} with {record['record']}" for record in richer]
    settle = (
        f"Power to find such an effect: {_rate(at_hand['power'])} with {at_hand['record']}, {', '.join(best)}. An "
        f"export of events for {country}, {scenario.period.start} to {scenario.period.end}, would be such a record; "
        "these are upper bounds, as if every crowd and death were recorded."
    )
    flags = ("within the model", *(("quick, not for citing",) if made.get("quick") else ()))
    return Part("causal", one["verdict"], reason, (), flags, settle)


def _rate(power: float | None) -> str:
    return "not known" if power is None else f"{power:.2f}"


def _power(record: Mapping[str, Any]) -> str:
    if record["power"] is None:
        return "No made-up world has an effect that large."
    return (f"Of {record['large']} made-up worlds with an effect at least that large, {record['power']:.0%} end as "
            f"supported on such counts, and of those without it {record['false_support']:.0%}.")  # fmt: skip
