"""Made-up ledgers whose truth is known, to see how often each rule errs: python -m groundswell.ledger.madeup

Reporters count with loss, delay their dates, round, and copy each other; claims are true, false, or beyond what the
record can settle. The table says how each kind of claim ended, and so how often a true one is called contradicted.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

from groundswell.chance import Chance, binomial, chance_for, poisson, uniform
from groundswell.evidence.counts import Counts, Published
from groundswell.ledger import book
from groundswell.ledger.book import Claim, Fact, Ledger, Tests
from groundswell.ledger.findings import WORDS, findings

START = dt.date(2015, 3, 1)
CLAIMS = 4  # of each kind in a ledger
KINDS = ("date", "quantity", "order", "moved")
TRUTHS = {
    "date": ("true", "false"),
    "quantity": ("true", "false", "definition differs"),
    "order": ("true", "false", "same day"),
    "moved": ("true", "moved"),
}
REPORTERS = 3


class World:
    """Events with a day and a toll, what reporters say of them, and claims about them.

    A reporter has an event with probability 0.8, a day late with probability `late`, and its toll as Binomial(toll,
    share) with a share even between `least` and 1, rounded to ten and worded "about" one time in four, "at least" one
    time in four.
    """

    def __init__(self, seed: int, number: int, *, late: float = 0.1, least: float = 0.85) -> None:
        self.chance: Chance = chance_for(seed, "ledger/madeup", 0, number)
        self.late, self.least = late, least
        self.claims: list[Claim] = []
        self.facts: dict[str, Fact] = {}
        self.counts: list[Published] = []
        self.truth: dict[str, tuple[str, str]] = {}
        self.tests: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        self.row = 0
        for kind in KINDS:
            for n in range(CLAIMS * len(TRUTHS[kind])):
                truth = TRUTHS[kind][n % len(TRUTHS[kind])]
                claim = f"{kind}-{n}"
                self.claims.append(Claim(claim, "", "nobody", "", "dated event", f"made up, {truth}"))
                self.truth[claim] = (kind, truth)
                getattr(self, f"_{kind}")(claim, truth)

    def ledger(self) -> Ledger:
        """The ledger that holds all of it."""
        tests = Tests(**{kind: tuple(some) for kind, some in self.tests.items()})
        counts = Counts(tuple(self.counts))
        return Ledger("madeup", "made up", "nobody", "", Path(), tuple(self.claims), self.facts, counts, tests)

    def _draw(self) -> float:
        self.row += 1
        return float(uniform(self.chance, self.row, 0))

    def _day(self) -> dt.date:
        return START + dt.timedelta(days=int(self._draw() * 60))

    def _toll(self) -> int:
        self.row += 1
        return 20 + int(poisson(self.chance, self.row, 1, 40.0))

    def _report(self, event: str, day: dt.date) -> list[str]:
        """Facts of an event by those reporters who have it, one at least."""
        made: list[str] = []
        for r in range(REPORTERS):
            if self._draw() < 0.8 or (r == REPORTERS - 1 and not made):
                when = day + dt.timedelta(days=int(self._draw() < self.late))
                fact = Fact(f"{event}-{r}", when, when, event, "happens", f"reporter {r}", "paper", None, "address")
                self.facts[fact.id] = fact
                made.append(fact.id)
        return made

    def _count(self, place: str, day: dt.date, toll: int) -> book.Chosen:
        """Counts of a toll by those reporters who have it."""
        for r in range(REPORTERS):
            if self._draw() > 0.8:
                continue
            self.row += 1
            share = self.least + (1 - self.least) * self._draw()
            value = float(binomial(self.chance, self.row, 2, toll, share))
            word, qualifier = self._draw(), "exact"
            if word < 0.25:
                value, qualifier = round(value, -1), "about"
            elif word < 0.5:
                qualifier = "at_least"
            self.counts.append(Published("", place, "", day, day, "deaths", value, qualifier, False, "no",
                                         f"reporter {r}", "paper", None, "address"))  # fmt: skip
        return book.Chosen(measures=("deaths",), place=place)

    def _date(self, claim: str, truth: str) -> None:
        day = self._day()
        off = 0 if truth == "true" else 5 + int(self._draw() * 30)
        self.tests["date"].append(book.DateTest(claim=claim, claimed=day + dt.timedelta(days=off),
                                                facts=tuple(self._report(claim, day))))  # fmt: skip

    def _quantity(self, claim: str, truth: str) -> None:
        toll = self._toll()
        chosen = self._count(claim, self._day(), toll if truth != "definition differs" else 3 * toll)
        value = float(toll if truth != "false" else round(toll * (2 + self._draw())))
        differs = "counts the hurt too" if truth == "definition differs" else ""
        self.tests["quantity"].append(book.QuantityTest(claim=claim, value=value, definition="the dead", counts=chosen,
                                                        differs=differs))  # fmt: skip

    def _order(self, claim: str, truth: str) -> None:
        day = self._day()
        gap = {"true": 4, "false": -4, "same day": 0}[truth]
        first = self._report(f"{claim}-first", day)
        then = self._report(f"{claim}-then", day + dt.timedelta(days=gap))
        self.tests["order"].append(book.OrderTest(claim=claim, first=tuple(first), then=tuple(then)))

    def _moved(self, claim: str, truth: str) -> None:
        here, there = self._toll(), 4 * self._toll()
        sides = [self._count(f"{claim}-{side}", self._day(), toll) for side, toll in (("here", here), ("there", there))]
        self.tests["moved"].append(book.MovedTest(claim=claim, value=here if truth == "true" else there, here=sides[0],
                                                  there=sides[1]))  # fmt: skip


def rates(ledgers: int = 200, seed: int = 0, **reporters: float) -> dict[tuple[str, str], Counter[str]]:
    """(kind, truth) to how often each finding was reached, and how often each flag was set, over made-up ledgers.

    `reporters` are `late` and `least` of World.
    """
    found: dict[tuple[str, str], Counter[str]] = {}
    for number in range(ledgers):
        world = World(seed, number, **reporters)
        for one in findings(world.ledger()):
            count = found.setdefault(world.truth[one.claim.id], Counter())
            count[one.finding] += 1
            count["double-counted?"] += "double-counted?" in one.flags
            count["all"] += 1
    return found


CREWS = {"careful": {"late": 0.1, "least": 0.85}, "careless": {"late": 0.3, "least": 0.5}}


def table(found: dict[tuple[str, str], Counter[str]]) -> list[str]:
    """The rates as lines of a Markdown table."""
    heads = ["test", "truth", "claims", *WORDS[:3], "flag double-counted?"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for (kind, truth), count in found.items():
        shares = [f"{count[word] / count['all']:.3f}" for word in (*WORDS[:3], "double-counted?")]
        lines.append(f"| {' | '.join([kind, truth, str(count['all']), *shares])} |")
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ledgers", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = []
    for crew, numbers in CREWS.items():
        found = rates(asked.ledgers, asked.seed, **numbers)
        rows += [{"reporters": crew, "test": kind, "truth": truth, **count} for (kind, truth), count in found.items()]
        if not asked.json:
            print("\n".join([f"Reporters who are {crew}:", "", *table(found), ""]))
    if asked.json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
