"""The rules by which one test of a claim ends: pure functions of what is claimed and what is recorded.

docs/concepts/findings.md states them in words. Each gives a Part: what it says, the evidence, flags, what would settle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from groundswell.evidence.counts import Counts, Published, bounds
from groundswell.ledger.book import Chosen, DateTest, Fact, MovedTest, OrderTest, QuantityTest

Says = Literal["supported", "contradicted", "cannot tell"]
Stand = Literal["agrees", "disagrees", "silent"]
SAME = 1e-9


@dataclass(frozen=True)
class Evidence:
    """One published fact or count beside a claim: what it says in words, where it stands, and its address."""

    text: str
    stand: Stand
    reporter: str
    publisher: str
    published: dt.date | None
    url: str
    low: float | None = None  # of a count: what its words allow
    high: float | None = None
    first: dt.date | None = None  # of a fact, or of a count's window
    last: dt.date | None = None


@dataclass(frozen=True)
class Part:
    """How one test of a claim ended."""

    kind: str
    says: Says
    reason: str
    evidence: tuple[Evidence, ...] = ()
    flags: tuple[str, ...] = ()
    settle: str = ""  # what would change it


def of_stands(stands: Iterable[Stand]) -> Says:
    """Supported where some agree and none disagrees, contradicted the other way round, else cannot tell."""
    found = set(stands)
    if "agrees" in found and "disagrees" not in found:
        return "supported"
    if "disagrees" in found and "agrees" not in found:
        return "contradicted"
    return "cannot tell"


def single(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """The flag of a finding that rests on one reporter, whoever printed it; silent evidence does not count."""
    speaking = {e.reporter for e in evidence if e.stand != "silent"}
    return ("single source",) if len(speaking) == 1 else ()


def dated(test: DateTest, facts: list[Fact]) -> Part:
    """A fact agrees where its span shares a day with the claimed one, `slack` days either way, and disagrees else."""
    slack = dt.timedelta(days=test.slack)
    last = test.until or test.claimed
    evidence = tuple(
        _of_fact(f, "agrees" if f.date <= last + slack and f.until >= test.claimed - slack else "disagrees")
        for f in facts
    )
    says = of_stands(e.stand for e in evidence)
    span = _span(test.claimed, last)
    nearest = min(facts, key=lambda f: max((f.date - last).days, (test.claimed - f.until).days))
    gap = max((nearest.date - last).days, (test.claimed - nearest.until).days)
    found = ", ".join(dict.fromkeys(_span(f.date, f.until) for f in facts))
    reason = f"The account has {span}; recorded: {found}."
    if says == "contradicted":
        reason += f" The nearest record is {gap} day{'s' * (gap != 1)} away."
    return Part("date", says, reason, evidence, single(evidence),
                "A dated record of the event from another reporter.")  # fmt: skip


def happened(agrees: list[Fact], disagrees: list[Fact]) -> Part:
    """What the facts say that a test names on either side, by `of_stands`."""
    evidence = tuple(_of_fact(f, "agrees") for f in agrees) + tuple(_of_fact(f, "disagrees") for f in disagrees)
    says = of_stands(e.stand for e in evidence)
    reason = f"Of {len(evidence)} record{'s' * (len(evidence) != 1)} at hand {len(agrees)} say so"
    reason += f" and {len(disagrees)} otherwise."
    return Part("event", says, reason, evidence, single(evidence), "A record of it from another reporter.")


def ordered(test: OrderTest, first: list[Fact], then: list[Fact]) -> Part:
    """Supported where all of `first` ended before any of `then` began; contradicted where all of `then` ended before
    any of `first` began; else, with days shared or mixed, cannot tell."""
    early, late = max(f.until for f in first), min(f.date for f in then)
    if early < late:
        says: Says = "supported"
    elif max(f.until for f in then) < min(f.date for f in first):
        says = "contradicted"
    else:
        says = "cannot tell"
    stand: Stand = {"supported": "agrees", "contradicted": "disagrees"}.get(says, "silent")  # type: ignore[assignment]
    evidence = tuple(_of_fact(f, stand) for f in (*first, *then))
    spans = [_span(min(f.date for f in group), max(f.until for f in group)) for group in (first, then)]
    reason = f"The account has one thing lead to another; recorded: the first on {spans[0]}, the second on {spans[1]}."
    flags = ("effect before cause",) if says == "contradicted" else ()
    return Part("order", says, reason, evidence, (*flags, *single(evidence)),
                "Times of day, or records that date either event otherwise.")  # fmt: skip


def counted(test: QuantityTest, counts: Counts) -> Part:
    """Each count agrees, disagrees or is silent by `stands`. A definition that differs caps at cannot tell."""
    chosen = choose(test.counts, counts)
    low, high = bounds(test.value, test.qualifier)
    evidence = tuple(_of_count(row, stands(low, high, *row.bounds, test.tolerance, test.margin)) for row in chosen)
    says = of_stands(e.stand for e in evidence)
    flags = single(evidence)
    claimed = f"{worded(test.value, test.qualifier)} ({test.definition})"
    reason = f"The account has {claimed}. "
    if not evidence:
        reason += "No published count of it is at hand."
    else:
        reason += f"{len(evidence)} published count{'s' * (len(evidence) != 1)}, of {len(chosen.reporters)} "
        reason += f"reporter{'s' * (len(chosen.reporters) != 1)}: " + ", ".join(e.text for e in evidence[:8])
        reason += f" and {len(evidence) - 8} more." if len(evidence) > 8 else "."
    if test.differs:
        flags = (*flags, "definition differs")
        reason += f" Definitions differ: {test.differs}"
        says = "cannot tell"
    return Part("quantity", says, reason, evidence, flags,
                f"A count by this definition from a second reporter: {test.definition}.")  # fmt: skip


def stands(low: float, high: float, least: float, most: float, tolerance: float, margin: float) -> Stand:
    """Where a count that allows least..most stands to a claim that allows low..high.

    It agrees where all it allows lies within the claim widened by `tolerance`, disagrees where none lies within the
    claim widened by `margin`, and else is silent: "at least 254" does not speak for 300, nor against it, and 85 does
    not speak against 100 where reporters miss as much.
    """
    if least >= low * (1 - tolerance) - SAME and most <= high * (1 + tolerance) + SAME:
        return "agrees"
    widest = max(tolerance, margin)
    return "disagrees" if most < low * (1 - widest) - SAME or least > high * (1 + widest) + SAME else "silent"


def moved(test: MovedTest, counts: Counts) -> Part:
    """Flags double counting where every count `here` that speaks disagrees with the figure, and one `there` agrees."""
    sides = []
    for side in (test.here, test.there):
        sides.append([_of_count(row, stands(test.value, test.value, *row.bounds, test.tolerance, test.margin))
                      for row in choose(side, counts)])  # fmt: skip
    here, there = sides
    off = of_stands(e.stand for e in here) == "contradicted"
    match = [row for row in choose(test.there, counts) if abs(row.value - test.value) <= test.margin * test.value]
    says: Says = "contradicted" if off else of_stands(e.stand for e in here)
    reason = f"{test.value:g} is claimed here, where the counts are {_listed(here)}; elsewhere: {_listed(there)}."
    flags = (f"double-counted? ({test.other})" if test.other else "double-counted?",) if off and match else ()
    return Part("moved", says, reason, (*here, *there), (*flags, *single(here)),
                "A list of victims by place and day.")  # fmt: skip


def choose(wanted: Chosen, counts: Counts) -> Counts:
    """The counts that a test speaks of; a window counts where it lies within `start` and `end`."""
    return counts.about(wanted.measures, wanted.place, wanted.country, wanted.reporter).where(
        lambda row: (
            (wanted.start is None or row.window_start >= wanted.start)
            and (wanted.end is None or row.window_end <= wanted.end)
            and (wanted.ends_after is None or row.window_end >= wanted.ends_after)
            and row.reporter not in wanted.without
            and wanted.cumulative in (None, row.cumulative)
        )
    )


def worded(value: float, qualifier: str) -> str:
    """`at least 254`."""
    word = {"exact": "", "about": "about ", "at_least": "at least ", "more_than": "more than ", "up_to": "up to "}
    return f"{word[qualifier]}{value:,.10g}"


def _listed(evidence: list[Evidence]) -> str:
    return ", ".join(e.text for e in evidence) or "none at hand"


def _span(first: dt.date, last: dt.date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _of_fact(f: Fact, stand: Stand) -> Evidence:
    return Evidence(f"{_span(f.date, f.until)}: {f.fact}", stand, f.reporter, f.publisher, f.published, f.url,
                    first=f.date, last=f.until)  # fmt: skip


def _of_count(row: Published, stand: Stand) -> Evidence:
    low, high = row.bounds
    measure = row.measure.replace("_", " ").removesuffix("s" if row.value == 1 else "-")
    text = f"{worded(row.value, row.qualifier)} {measure} in {row.place.replace('national', 'the whole country')}"
    return Evidence(text, stand, row.reporter, row.publisher, row.published, row.url, low, high, row.window_start,
                    row.window_end)  # fmt: skip
