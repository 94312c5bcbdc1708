"""What a scenario is: frozen, complete in itself, every number with its source or the word guess."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, field_validator, model_validator

SCHEMA = 1
Name = Annotated[str, Field(min_length=1, max_length=80)]
Label = Annotated[str, Field(max_length=400)]
PathName = Annotated[str, Field(min_length=1, max_length=400)]
Number = Annotated[float, Strict()]  # text and true or false are no numbers
Day = Annotated[dt.date, Strict()]


class Part(BaseModel):
    """Frozen, extra keys refused, no silent conversion of text to numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Prior(Part):
    """How a guess is drawn: one of uniform, loguniform (low, high), normal (mean, sd) or beta (a, b)."""

    kind: Literal["uniform", "loguniform", "normal", "beta"]
    a: Number
    b: Number

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, dict) and len(data) == 1 and "kind" not in data:
            kind, pair = next(iter(data.items()))
            if isinstance(pair, list | tuple) and len(pair) == 2:
                return {"kind": kind, "a": pair[0], "b": pair[1]}
        return data

    @model_validator(mode="after")
    def _sane(self) -> Prior:
        ranged = self.kind in ("uniform", "loguniform")
        if ranged and not self.a <= self.b:
            raise ValueError(f"the range runs from {self.a} down to {self.b}: give (low, high)")
        if self.kind == "loguniform" and self.a <= 0:
            raise ValueError("a loguniform range starts above 0")
        if self.kind == "normal" and self.b <= 0:
            raise ValueError("a normal prior has a standard deviation above 0")
        if self.kind == "beta" and (self.a <= 0 or self.b <= 0):
            raise ValueError("a beta prior has two numbers above 0")
        return self


class Quantity(Part):
    """A number with its source, or a guess with the prior it is drawn from.

    Written as a plain number, as `{ value = 3, source = "..." }`, or as `{ guess = 3, range = [1, 9] }`
    (with `log = true` to draw evenly in the logarithm, or `prior = { normal = [3, 1] }` in place of the range).
    """

    value: Number
    source: Label = ""
    prior: Prior | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, bool):
            raise ValueError("expected a number, found true or false")
        if isinstance(data, int | float):
            return {"value": data}
        if isinstance(data, dict) and "guess" in data:
            rest = dict(data)
            value, log = rest.pop("guess"), rest.pop("log", False)
            if "value" in rest or not isinstance(log, bool) or ("prior" in rest and ("range" in rest or log)):
                raise ValueError("a guess has a range, with `log = true` or without, or else a prior, and no value")
            if "range" in rest:
                rest["prior"] = {"loguniform" if log else "uniform": rest.pop("range")}
            elif "prior" not in rest:
                raise ValueError("a guess needs a range: { guess = 3, range = [1, 9] }")
            note = rest.pop("source", "")
            if not isinstance(note, str) or not note.startswith("guess"):
                note = f"guess; {note}" if note else "guess"
            return {"value": value, "source": note, **rest}
        return data

    @model_validator(mode="after")
    def _inside(self) -> Quantity:
        ranged = self.prior is not None and self.prior.kind in ("uniform", "loguniform")
        if self.prior is not None and ranged and not self.prior.a <= self.value <= self.prior.b:
            raise ValueError(f"the guess {self.value:g} lies outside its range {self.prior.a:g} to {self.prior.b:g}")
        return self

    @property
    def is_guess(self) -> bool:
        """Drawn in the default run, once a replicate."""
        return self.prior is not None


def _by(data: Any) -> Any:
    if isinstance(data, dict) and "by" in data and "groups" not in data:
        return {"by": data["by"], "groups": {k: v for k, v in data.items() if k != "by"}}
    return data


class ByGroup(Part):
    """One quantity for each identity, class or place: `{ by = "identity", shia = ..., sunni = ... }`."""

    by: Literal["identity", "class", "place"]
    groups: dict[Name, Quantity]

    _normalise = model_validator(mode="before")(_by)


class Distribution(Part):
    """How a trait differs between people: beta by mean and concentration (a + b), or even between two limits.

    Written `{ mean = 0.5, concentration = 4 }`, `{ beta = [2, 5] }` or `{ uniform = [0, 1] }`.
    """

    mean: Quantity | None = None
    concentration: Quantity | None = None
    uniform: tuple[Number, Number] | None = None
    source: Label = ""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:
        if isinstance(data, dict) and "beta" in data:
            pair = data["beta"]
            whole = isinstance(pair, list | tuple) and len(pair) == 2
            if not whole or any(type(n) not in (int, float) or not 0 < n < 1e9 for n in pair):
                raise ValueError("beta takes two numbers above 0: beta = [2, 5]")
            if "mean" in data or "concentration" in data:
                raise ValueError("give beta, or mean and concentration, not both")
            a, b = (float(n) for n in pair)
            rest = {k: v for k, v in data.items() if k != "beta"}
            return {"mean": {"value": a / (a + b)}, "concentration": {"value": a + b}, **rest}
        return data

    @model_validator(mode="after")
    def _one(self) -> Distribution:
        if (self.mean is None) != (self.concentration is None) or (self.mean is None) == (self.uniform is None):
            raise ValueError("give mean and concentration, or beta = [a, b], or uniform = [low, high]")
        if self.uniform is not None and self.uniform[0] > self.uniform[1]:
            raise ValueError(f"the range runs from {self.uniform[0]:g} down to {self.uniform[1]:g}: give [low, high]")
        return self


class ByDistribution(Part):
    """One distribution for each class or identity."""

    by: Literal["identity", "class"]
    groups: dict[Name, Distribution]

    _normalise = model_validator(mode="before")(_by)


class Period(Part):
    """First and last day (both included) and the length of a step."""

    start: Day
    end: Day
    step: Literal["day", "week"] = "day"

    @model_validator(mode="after")
    def _forward(self) -> Period:
        if self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        days = (self.end - self.start).days + 1
        if self.step == "week" and days % 7:
            raise ValueError(
                f"has {days} days, which are not whole weeks: end it on {self.end - dt.timedelta(days % 7)}"
            )
        return self

    @property
    def days_a_step(self) -> int:
        """1 or 7."""
        return 1 if self.step == "day" else 7

    @property
    def steps(self) -> int:
        """How many steps fit; `end` is inclusive."""
        return (self.end - self.start).days // self.days_a_step + 1


class Row(Part):
    """One row of a table: `columns` are numbers of the vocabulary, `labels` text.

    `links` are names: of rows of the table a column links to, or of a category such as an actor's kind.
    """

    columns: dict[Name, Quantity] = {}
    links: dict[Name, Name] = {}
    labels: dict[Name, Label] = {}


class Community(Part):
    """Communities are place x identity x class: shares of each place's population, and columns by group."""

    identity_share: dict[Name, dict[Name, Quantity]]  # place -> identity -> share; they are scaled to sum to 1
    class_share: dict[Name, Quantity]  # class -> share; scaled to sum to 1
    columns: dict[Name, Quantity | ByGroup] = {}


class Tie(Part):
    """Relations of one kind between rows of two tables."""

    source_table: Name
    target_table: Name
    pairs: tuple[tuple[Name, Name, Number], ...]  # source row, target row, amount
    source: Label = ""


AnchorClass = Literal["outside", "response", "target"]


class Anchor(Part):
    """A dated public fact. Only `outside` and `response` ones may enter a run; it is held to `target` ones."""

    date: Day
    place: Label
    fact: Label
    anchor_class: AnchorClass = Field(alias="class")
    known_on: Day
    source: Label
    country: Label = ""


class Count(Part):
    """A published count: who counted what in which window, who printed it when and where."""

    place: Label
    window_start: Day
    window_end: Day
    measure: Label
    value: Number = Field(ge=0)
    qualifier: Label = "exact"
    cumulative: bool
    includes_security_forces: Label = "unknown"
    reporter: Label
    publisher: Label
    published: Day | None = None
    url: Label


class Shock(Part):
    """Something dated that the world does to a given column: set, multiply or add, until a last day (included)."""

    at: Day
    until: Day | None = None
    field: Name
    rows: tuple[Name, ...] = ()  # row names; for communities also `identity=...`, `class=...`, `place=...`; none = all
    set: Quantity | None = None
    multiply: Quantity | None = None
    add: Quantity | None = None
    anchor: Name | None = None
    source: Label = ""

    @model_validator(mode="after")
    def _one(self) -> Shock:
        if sum(part is not None for part in (self.set, self.multiply, self.add)) != 1:
            raise ValueError("give exactly one of set, multiply or add")
        if self.until is not None and self.until < self.at:
            raise ValueError(f"ends on {self.until}, before it starts on {self.at}")
        return self


class Reporter(Part):
    """What one reporter records of what happens: shares, and what lowers and delays them.

    `deaths`, `injuries`, `arrests` and `crowds` are the chance that one death, injury, arrest or crowd is recorded.
    A crowd of n is recorded with crowds x n / (n + half_size); a full shutdown of a place's internet multiplies every
    chance by 1 - shutdown; `delay` is the mean number of days until publication. A reporter `within` another records
    only what that one has recorded, as one who verifies what is claimed.
    """

    title: Label = ""
    deaths: Quantity = Quantity(value=1.0)
    injuries: Quantity = Quantity(value=1.0)
    arrests: Quantity = Quantity(value=1.0)
    crowds: Quantity = Quantity(value=1.0)
    half_size: Quantity = Quantity(value=0.0)
    shutdown: Quantity = Quantity(value=0.0)
    delay: Quantity = Quantity(value=0.0)
    within: Name | None = None


def _plain_dates(data: Any) -> Any:
    if isinstance(data, dict):  # text, so that JSON gives back the same
        return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in data.items()}
    return data


class Explanation(Part):
    """A rival account: what it leaves out, adds or sets, and which classes of dated facts it is given."""

    title: Label = ""
    anchors: tuple[AnchorClass, ...] | None = None
    without: tuple[Name, ...] = ()
    with_: dict[Name, dict[Name, Quantity]] = Field(default={}, alias="with")
    set: dict[PathName, Any] = {}

    _dates = field_validator("set", mode="before")(_plain_dates)


class Change(Part):
    """A what-if: shocks or mechanisms to drop, values to set."""

    title: Label = ""
    drop: tuple[PathName, ...] = ()
    set: dict[PathName, Any] = {}

    _dates = field_validator("set", mode="before")(_plain_dates)


class Scenario(Part):
    """What is asked: a described system with dates, people, forces, mechanisms, rivals and published counts.

    Frozen: `under(explanation)` and `changed(drop=..., set=...)` return another one. `explain()` prints the plan.
    Load one with `groundswell.load`; it is complete in itself and `resolved()` writes it as JSON.
    """

    schema_: Literal[1] = Field(default=1, alias="schema")
    name: Name
    title: Label
    version: Label = "0"
    data_cut: Day | None = None
    note: Annotated[str, Field(max_length=4000)] = ""
    period: Period
    people: Annotated[int, Strict()] = Field(default=0, ge=0, le=50_000_000)
    record: tuple[Name, ...] = ()  # kept at every step
    record_weekly: tuple[Name, ...] = ()  # kept as means (sums for counts of a day) over blocks of seven days
    country: dict[Name, Row]
    place: dict[Name, Row] = {}
    community: Community | None = None
    person: dict[Name, Distribution | ByDistribution] = {}
    actor: dict[Name, Row] = {}
    unit: dict[Name, Row] = {}
    site: dict[Name, Row] = {}
    tie: dict[Name, Tie] = {}
    anchor: dict[Name, Anchor] = {}
    count: tuple[Count, ...] = ()
    shock: dict[Name, Shock] = {}
    reporting: dict[Name, Reporter] = {}
    mechanism: dict[Name, dict[Name, Quantity]]
    prior: dict[PathName, Prior] = {}
    explanation: dict[Name, Explanation] = {}
    what_if: dict[Name, Change] = {}
    chosen: Label = ""  # the explanation this scenario stands under, if any
    anchors_given: tuple[AnchorClass, ...] = ("outside", "response")
    at_default: bool = False  # guesses stay at their default instead of being drawn

    def resolved(self) -> str:
        """The whole scenario as JSON, rows in the order of the file; `load.from_resolved` gives back an equal one."""
        plain = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps({"schema": self.schema_, **plain}, ensure_ascii=False)

    def under(self, explanation: str) -> Scenario:
        """This scenario under one of its explanations; raises ScenarioError where the name is unknown."""
        from groundswell.scenario.change import under

        return under(self, explanation)

    def changed(self, *, drop: tuple[str, ...] | list[str] = (), set: dict[str, Any] | None = None) -> Scenario:
        """This scenario without some shocks or mechanisms and with some values set, by path.

        >>> scenario.changed(drop=["shock.shutdown"], set={"mobilisation.noise": 0.1})  # doctest: +SKIP

        Raises ScenarioError where a path is unknown or a value does not fit.
        """
        from groundswell.scenario.change import changed

        return changed(self, drop=tuple(drop), set=set or {})

    def explain(self) -> str:
        """The plan as text: phases, mechanisms, reads, writes, parameters and their sources, and what is a guess."""
        from groundswell.scenario.explain import explain

        return explain(self)
