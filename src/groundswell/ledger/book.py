"""What a ledger is: claims, the facts and counts at hand, and the tests that tie a claim to what would test it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from groundswell.evidence.counts import Counts, Qualifier
from groundswell.scenario.schema import Day, Label, Name, Number, Part

SCHEMA = 1
ClaimType = Literal["dated event", "quantity", "structure", "causal mechanism", "prediction", "evaluative"]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
KINDS = ("date", "event", "quantity", "order", "contradiction", "moved", "causal", "untestable", "unsourced")


@dataclass(frozen=True)
class Claim:
    """One claim in the project's own neutral words. `paragraph` is that of the account, whose text is not kept here.

    `speaker` is a role or an office, or a public body. `said_on` is as the account gives it, empty where it does not.
    `source` is the address of what was said, where that is at hand. `line` is that of the file.
    """

    id: str
    paragraph: str
    speaker: str
    said_on: str
    type: str
    paraphrase: str
    source: str = ""
    line: int = 0


@dataclass(frozen=True)
class Fact:
    """A dated public fact: what happened, from `date` to `until` (both included), as one publisher has it."""

    id: str
    date: dt.date
    until: dt.date
    place: str
    fact: str
    reporter: str
    publisher: str
    published: dt.date | None
    url: str
    line: int = 0


class Test(Part):
    """What all tests share: the claim, and a note shown with the finding."""

    __test__ = False  # no test of the project itself, whatever its name
    claim: Name
    note: Label = ""


class DateTest(Test):
    """A date or span that the account gives, against the facts named, each of one publisher.

    `claimed` is the first day, `until` the last one (the same day by default); `slack` days either way still agree.
    """

    claimed: Day
    until: Day | None = None
    facts: tuple[Name, ...] = Field(min_length=1)
    slack: Annotated[int, Field(ge=0, le=3660)] = 0

    @model_validator(mode="after")
    def _forward(self) -> DateTest:
        if self.until is not None and self.until < self.claimed:
            raise ValueError(f"ends on {self.until}, before it starts on {self.claimed}")
        return self


class EventTest(Test):
    """Something that the account says happened, or was so: the facts that say so, and those that say otherwise.

    Which fact says what is a reading by whoever writes the test; the finding shows each fact in full.
    """

    agrees: tuple[Name, ...] = ()
    disagrees: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _some(self) -> EventTest:
        if not (self.agrees or self.disagrees) or set(self.agrees) & set(self.disagrees):
            raise ValueError("names no fact, or one on both sides: give facts that agree, facts that disagree, or both")
        return self


class Chosen(Part):
    """Which published counts: measures of a place whose window lies within `start` and `end`.

    `ends_after` leaves out totals of earlier days: of a cumulative count only those whose window ends on that day or
    later. `without` leaves out reporters: whoever makes the claim is no source for it.
    """

    measures: tuple[Name, ...] = Field(min_length=1)
    place: Label = ""
    country: Label = ""
    start: Day | None = None
    end: Day | None = None
    ends_after: Day | None = None
    reporter: Label = ""
    without: tuple[Label, ...] = ()
    cumulative: bool | None = None


class QuantityTest(Test):
    """A number that the account gives, against every reporter's published counts of the same thing.

    A count agrees where it allows only numbers within `tolerance` (relative) of what the claim allows, and disagrees
    where it allows none within `margin`: reporters of one day in the first case differ by a third. `definition` says
    what the claim counts; `differs` what the counts count instead, which caps the finding at "cannot tell".
    """

    value: Number
    qualifier: Qualifier = "exact"
    tolerance: Annotated[float, Field(ge=0, le=10)] = 0.1
    margin: Annotated[float, Field(ge=0, le=10)] = 0.25
    definition: Text
    differs: Label = ""
    counts: Chosen


class OrderTest(Test):
    """The account has `first` come before `then`, as a cause comes before its effect: ids of facts, several of each."""

    first: tuple[Name, ...] = Field(min_length=1)
    then: tuple[Name, ...] = Field(min_length=1)


class ContradictionTest(Part):
    """Claims of the account that cannot all hold, and why."""

    claims: tuple[Name, ...] = Field(min_length=2)
    why: Text


class MovedTest(Test):
    """A figure that may have been moved from elsewhere: `value` is claimed `here`, and was printed `there`.

    A printed number there matches within `margin`, whatever its qualifier: figures are copied as they are printed.
    """

    value: Number
    tolerance: Annotated[float, Field(ge=0, le=10)] = 0.1
    margin: Annotated[float, Field(ge=0, le=10)] = 0.25
    here: Chosen
    there: Chosen
    other: Name | None = None  # the claim that gives the figure of the other place, if there is one


class Settled(Test):
    """A test that ends by saying what would settle it."""

    settle: Text


class Contrast(Part):
    """Two kinds of simulated worlds: with a mechanism or shock, and the same with `drop` left out of them.

    `explanation` is the case's own that both are of; by default the case as written.

    The effect is the difference of log(1 + outcome) between them with the same chances; `outcome` is a column of
    places or of the country, summed from `start` to `end` (both included; by default the whole period). The claim gives
    it the sign `sign`, and effects nearer to 0 than `smallest` do not interest. `hypothesis` is a short name. `differs`
    says what the case lacks of the claim, which caps the finding at "cannot tell".
    """

    hypothesis: Label = ""
    explanation: Label = ""
    drop: tuple[Label, ...] = Field(min_length=1)
    outcome: Label
    start: Day | None = None
    end: Day | None = None
    sign: Literal[-1, 1] = 1
    smallest: Annotated[float, Field(gt=0, le=10)]
    differs: Label = ""


class CausalTest(Settled):
    """A causal claim, in words: the change that would show it and the outcome; and `test`, where the case can run it.

    Its finding is "not checked" until `groundswell test-claims` has run that test.
    """

    mechanism: Label
    outcome: Label
    effect: Label = ""
    test: Contrast | None = None


class UntestableTest(Test):
    """Why nothing could test this claim: a motive, a legal verdict, a prediction without a horizon, a value."""

    why: Text


class UnsourcedTest(Settled):
    """A claim that records could settle, where none is at hand: what was looked for, and what would settle it."""

    looked: Text


@dataclass(frozen=True)
class Tests:
    """All tests of a ledger, by kind, in the order of the file."""

    __test__ = False
    date: tuple[DateTest, ...] = ()
    event: tuple[EventTest, ...] = ()
    quantity: tuple[QuantityTest, ...] = ()
    order: tuple[OrderTest, ...] = ()
    contradiction: tuple[ContradictionTest, ...] = ()
    moved: tuple[MovedTest, ...] = ()
    causal: tuple[CausalTest, ...] = ()
    untestable: tuple[UntestableTest, ...] = ()
    unsourced: tuple[UnsourcedTest, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """A written account as claims, with what is at hand to test them. `name` is that of its folder."""

    name: str
    title: str
    account: str  # whose account it is, by role, and where it is from
    note: str
    folder: Path
    claims: tuple[Claim, ...]
    facts: dict[str, Fact] = field(default_factory=dict)
    counts: Counts = field(default_factory=lambda: Counts(()))
    tests: Tests = field(default_factory=Tests)
