"""A finding for each claim: what its tests say together, with flags, evidence and what would change it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from groundswell.ledger import rules
from groundswell.ledger.book import Claim, Ledger, Settled
from groundswell.ledger.rules import Evidence, Part

Word = Literal["supported", "contradicted", "cannot tell", "not checked", "not testable"]
Clash = tuple[tuple[str, ...], str]  # the other claims, and why not all can hold
WORDS: tuple[str, ...] = get_args(Word)


@dataclass(frozen=True)
class Finding:
    """What the record at hand says of one claim. It speaks of the claim, never of a person's guilt or motive."""

    claim: Claim
    finding: Word
    reason: str
    flags: tuple[str, ...]
    parts: tuple[Part, ...]
    settle: str  # what would change it

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence of all parts, each once."""
        return tuple(dict.fromkeys(e for part in self.parts for e in part.evidence))


def findings(ledger: Ledger, attached: Mapping[str, Iterable[Part]] | None = None) -> list[Finding]:
    """A finding for each claim, in the order of the file.

    `attached` adds parts by claim that were made elsewhere, such as tests of causal claims. A claim is contradicted
    where a part is; else it cannot be told where a part cannot, or where it contradicts another claim and nothing
    else speaks for it; else it is supported, where parts say so. Where no part speaks it is not testable, or not
    checked. A contradiction within the account flags its claims, and never says which of them is false.
    """
    parts = _parts(ledger)
    for claim, more in (attached or {}).items():
        parts.setdefault(claim, []).extend(more)
    clashes = _clashes(ledger)
    return [_finding(ledger, one, tuple(parts.get(one.id, ())), clashes.get(one.id, [])) for one in ledger.claims]


def _parts(ledger: Ledger) -> dict[str, list[Part]]:
    facts, counts, found = ledger.facts, ledger.counts, dict[str, list[Part]]()

    def add(claim: str, part: Part, note: str) -> None:
        reason = f"{part.reason} {note}".strip()
        found.setdefault(claim, []).append(dataclasses.replace(part, reason=reason))

    for date in ledger.tests.date:
        add(date.claim, rules.dated(date, [facts[f] for f in date.facts]), date.note)
    for event in ledger.tests.event:
        add(
            event.claim,
            rules.happened([facts[f] for f in event.agrees], [facts[f] for f in event.disagrees]),
            event.note,
        )
    for order in ledger.tests.order:
        sides = ([facts[f] for f in ids] for ids in (order.first, order.then))
        add(order.claim, rules.ordered(order, *sides), order.note)
    for quantity in ledger.tests.quantity:
        add(quantity.claim, rules.counted(quantity, counts), quantity.note)
    for moved in ledger.tests.moved:
        part = rules.moved(moved, counts)
        add(moved.claim, part, moved.note)
    return found


def _clashes(ledger: Ledger) -> dict[str, list[Clash]]:
    found: dict[str, list[Clash]] = {}
    for test in ledger.tests.contradiction:
        for claim in test.claims:
            found.setdefault(claim, []).append((tuple(c for c in test.claims if c != claim), test.why))
    return found


def _finding(ledger: Ledger, claim: Claim, parts: tuple[Part, ...], clashes: list[Clash]) -> Finding:
    tests = ledger.tests
    causal = [t for t in tests.causal if t.claim == claim.id]
    barred = [t for t in tests.untestable if t.claim == claim.id]
    bare = [t for t in tests.unsourced if t.claim == claim.id]
    says = {part.says for part in parts}
    reasons = [part.reason for part in parts] + [why for _, why in clashes]
    settle = [part.settle for part in parts if part.settle]
    word: Word
    if "contradicted" in says:
        word = "contradicted"
    elif "cannot tell" in says or bare:
        word = "cannot tell"
    elif says:
        word = "supported"
    elif causal:
        word = "not checked"
    elif clashes:
        word = "cannot tell"
    else:
        word = "not testable" if barred else "not checked"
    if causal and not parts:
        reasons.append(f"Not tested yet. It would show as: {causal[0].mechanism}; outcome: {causal[0].outcome}.")
        if causal[0].test:
            reasons.append("Its test is run by `groundswell test-claims CASE`.")
    settled: tuple[Settled, ...] = (*causal, *bare)
    settle += [t.settle for t in settled]
    reasons += [f"No source at hand: {t.looked}" for t in bare]
    reasons += [f"Not testable: {t.why}" for t in barred] + [t.note for t in (*causal, *bare, *barred) if t.note]
    flags = [flag for part in parts for flag in part.flags]
    flags += [f"inconsistent with {', '.join(others)}" for others, _ in clashes]
    if not reasons:
        reasons = ["No test of it is stated."]
    return Finding(claim, word, " ".join(reasons), tuple(dict.fromkeys(flags)), parts, " ".join(dict.fromkeys(settle)))


def tally(found: Iterable[Finding]) -> dict[str, int]:
    """How many claims have each finding; all five words are there."""
    counts = dict.fromkeys(WORDS, 0)
    for one in found:
        counts[one.finding] += 1
    return counts


def as_facts(ledger: Ledger, found: Iterable[Finding]) -> dict[str, Any]:
    """A ledger and its findings as plain data for JSON; dates as text, what is unbounded as null."""
    found = list(found)
    return {
        "schema": 1,
        "ledger": ledger.name,
        "title": ledger.title,
        "account": ledger.account,
        "note": ledger.note,
        "tally": tally(found),
        "claims": [_plain({**dataclasses.asdict(one), "evidence": [dataclasses.asdict(e) for e in one.evidence]})
                   for one in found],
    }  # fmt: skip


def _plain(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items() if key != "line"}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float) and data in (float("inf"), float("-inf")):
        return None
    return data.isoformat() if isinstance(data, dt.date) else data
