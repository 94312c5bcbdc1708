"""The vocabulary: every column of the world, declared once with its type, unit, range, meaning and source."""

from __future__ import annotations

from dataclasses import dataclass

from groundswell.errors import MechanismError, Problem, nearest

TABLES = ("country", "place", "community", "person", "actor", "unit", "site")
CATEGORIES = {
    "actor.kind": ("government", "security_force", "armed_group", "patron", "clergy", "movement"),
    "site.kind": ("square", "bridge", "consulate", "office", "other"),
}


@dataclass(frozen=True)
class Field:
    """One declared column. `link` names the table whose rows the numbers are; links are the same in all replicates."""

    name: str
    dtype: str
    unit: str
    low: float | None
    high: float | None
    doc: str
    source: str
    link: str | None = None

    @property
    def is_flow(self) -> bool:
        """A count of what happened today: summed over longer spans, where all else is averaged."""
        return self.unit.endswith(" a day")

    @property
    def table(self) -> str:
        """The part before the dot."""
        return self.name.partition(".")[0]

    @property
    def column(self) -> str:
        """The part after the dot."""
        return self.name.partition(".")[2]


FIELDS: dict[str, Field] = {}


def field(
    name: str,
    dtype: str,
    *,
    unit: str,
    doc: str,
    source: str,
    low: float | None = None,
    high: float | None = None,
    link: str | None = None,
) -> Field:
    """Declare a column `table.name`; `dtype` is f8, f4, i8, i4 or u1, `low` and `high` its inclusive range.

    Raises MechanismError where the table is unknown or the name is declared differently already.
    """
    made = Field(name, dtype, unit, low, high, doc, source, link)
    if made.table not in TABLES or not made.column.isidentifier():
        raise MechanismError(Problem("field-name", f"field '{name}'", "is not table.column of a known table",
                                     f"tables are {', '.join(TABLES)}"))  # fmt: skip
    if FIELDS.get(name, made) != made:
        raise MechanismError(Problem("field-twice", f"field '{name}'", "is declared already, differently",
                                     "use the declared one or choose another name"))  # fmt: skip
    FIELDS[name] = made
    return made


def lookup(name: str, where: str) -> Field:
    """The field of that name; raises MechanismError naming `where` and the nearest match."""
    if name not in FIELDS:
        raise MechanismError(
            Problem("field-unknown", where, f"'{name}' is not a declared column", nearest(name, FIELDS))
        )
    return FIELDS[name]


B0 = "decision rule B0, docs/concepts/equations.md"
M3 = "stocks of fear and anger after repression: form of the project, see docs/concepts/equations.md"
_COUNT = "definition: docs/concepts/glossary.md"

# What exists ---------------------------------------------------------------------------------------------------
field("country.population", "f8", unit="persons", low=0, doc="residents", source="given by the case")
field("place.country", "i4", unit="row", link="country", doc="the country it lies in", source="given by the case")
field("place.population", "f8", unit="persons", low=0, doc="residents", source="given by the case")
field("place.latitude", "f8", unit="degrees", low=-90, high=90, doc="of the centre", source="given by the case")
field("place.longitude", "f8", unit="degrees", low=-180, high=180, doc="of the centre", source="given by the case")
field("place.internet", "f8", unit="share of normal", low=0, high=1, doc="working internet", source="given by the case")
field("community.place", "i4", unit="row", link="place", doc="the place it lives in", source="built from the case")
field("community.population", "i8", unit="persons", low=0, doc="residents at the start (place x identity x class)",
      source="built from the case: place population times shares")  # fmt: skip
field("community.legitimacy", "f8", unit="share", low=0, high=1, doc="felt right of the government to rule, L",
      source="Epstein 2002")  # fmt: skip
field(
    "community.endorsement",
    "f8",
    unit="signed share",
    low=-1,
    high=1,
    doc="standing of clerical statements, E",
    source=B0,
)
field("community.holy_day", "f8", unit="0 or 1", low=0, high=1, doc="a dated holy day kept by this community today",
      source="given by the case (a dated shock)")  # fmt: skip
for _column, _doc in {
    "tail_first": "row of its first person of the dense tail", "tail_rows": "persons of the dense tail",
    "bulk_first": "row of its first other person", "bulk_rows": "other persons",
}.items():  # fmt: skip
    field(f"community.{_column}", "i4", unit="row", link="person", doc=_doc, source="docs/concepts/people.md")
field("person.community", "i4", unit="row", link="community", doc="the community of birth and ties", source="built")
field(
    "person.weight", "f4", unit="persons", low=0, doc="real persons that the simulated one stands for", source="built"
)
field("person.hardship", "f4", unit="share", low=0, high=1, doc="h", source="Epstein 2002; distribution: the case")
field("person.risk_aversion", "f4", unit="share", low=0, high=1, doc="r", source="Epstein 2002; distribution: the case")
field("person.threshold", "f4", unit="share", low=0, high=1, doc="theta: share of own ties that must be active",
      source="Granovetter 1978; distribution: the case")  # fmt: skip
field("person.media_reach", "f4", unit="share", low=0, high=1, doc="m", source=B0 + "; distribution: the case")
field("person.adherence", "f4", unit="share", low=0, high=1, doc="e: adherence to clergy", source=B0)
for _trait in ("hardship", "risk_aversion", "threshold", "media_reach", "adherence"):
    field(f"community.mean_{_trait}", "f8", unit="share", low=0, high=1, doc=f"weighted mean of person.{_trait}",
          source="computed when the people are drawn")  # fmt: skip
    field(f"community.variance_{_trait}", "f8", unit="share squared", low=0, doc=f"variance of person.{_trait}",
          source="of the distribution that the case gives")  # fmt: skip
for _point in range(1, 5):
    field(f"community.risk_aversion_{_point}", "f8", unit="share", low=0, high=1,
          doc=f"person.risk_aversion at point {_point} of four of its distribution",
          source="quantiles at the four-point Gauss-Legendre nodes (Abramowitz and Stegun 1964, 25.4.30)")  # fmt: skip
field("actor.kind", "i4", unit="category", doc="what sort of actor", source="given by the case")
field("actor.country", "i4", unit="row", link="country", doc="where it acts", source="given by the case")
field("actor.doctrine", "f8", unit="share", low=0, high=1, doc="severity of force it uses under the greatest threat",
      source="given by the case")  # fmt: skip
field("unit.actor", "i4", unit="row", link="actor", doc="the force it belongs to", source="given by the case")
field("unit.place", "i4", unit="row", link="place", doc="where it is stationed", source="given by the case")
field("unit.strength", "f8", unit="persons", low=0, doc="personnel at hand for crowds", source="given by the case")
field("site.place", "i4", unit="row", link="place", doc="where it stands", source="given by the case")
field("site.kind", "i4", unit="category", doc="what sort of site", source="given by the case")
field("site.value", "f8", unit="share", low=0, doc="symbolic weight", source="given by the case")

# What happens --------------------------------------------------------------------------------------------------
field("community.day_cost", "f8", unit="utility", doc="cost of turning out today", source=B0)
field("country.visibility", "f8", unit="share", low=0, high=1, doc="how visible activity is nationally, V", source=B0)
field(
    "place.media",
    "f8",
    unit="share",
    low=0,
    high=1,
    doc="national visibility as seen through the working internet",
    source=B0,
)
field(
    "place.arrest_risk",
    "f8",
    unit="probability",
    low=0,
    high=1,
    doc="felt risk of arrest when active, P",
    source="Epstein 2002",
)
field("person.influence", "f4", unit="share", low=0, high=1, doc="share of own ties active yesterday, x", source=B0)
field(
    "person.active",
    "f4",
    unit="share",
    low=0,
    high=1,
    doc="of those it stands for, the share that turns out today; 0 or 1 for a person that stands for itself",
    source=B0,
)
field("community.influence", "f8", unit="share", low=0, high=1, doc="mean share of ties active yesterday, x",
      source=B0)  # fmt: skip
field("community.active_share", "f8", unit="share", low=0, high=1, doc="share that turns out today", source=B0)
field("community.turnout", "i8", unit="persons", low=0, doc="persons on the street today", source=_COUNT)
field("place.turnout", "i8", unit="persons", low=0, doc="persons on the street today", source=_COUNT)
field("country.turnout", "i8", unit="persons", low=0, doc="persons on the street today", source=_COUNT)
field("unit.severity", "f8", unit="share", low=0, high=1, doc="severity of force used today", source="form: repression")
field("unit.deployed", "f8", unit="persons", low=0, doc="personnel facing the crowd today", source="form: repression")
field("place.deployed", "f8", unit="persons", low=0, doc="personnel facing the crowd today", source="form: repression")
field("community.arrests", "i8", unit="persons a day", low=0, doc="arrested today", source=_COUNT)
field("place.arrests", "i8", unit="persons a day", low=0, doc="arrested today", source=_COUNT)
field("place.injuries", "i8", unit="persons a day", low=0, doc="hurt today by forces", source=_COUNT)
field("place.deaths", "i8", unit="persons a day", low=0, doc="killed today by forces", source=_COUNT)
field("community.detained", "i8", unit="persons", low=0, doc="held at the end of the day", source=_COUNT)
field("community.injuries", "i8", unit="persons a day", low=0, doc="hurt today by forces", source=_COUNT)
field("community.deaths", "i8", unit="persons a day", low=0, doc="killed today by forces", source=_COUNT)
field("community.dead", "i8", unit="persons", low=0, doc="killed since the start", source=_COUNT)
field("unit.injuries", "i8", unit="persons a day", low=0, doc="hurt today by this unit", source=_COUNT)
field("unit.deaths", "i8", unit="persons a day", low=0, doc="killed today by this unit", source=_COUNT)
field("community.repression", "f8", unit="weighted harm per 1,000 exposed", low=0, doc="rho", source=M3)
field("community.fear", "f8", unit="stock", low=0, doc="F", source=M3)
field("community.anger", "f8", unit="stock", low=0, doc="B", source=M3)
for _term, _doc in {
    "grievance": "w_G h (1 - L)", "network": "w_N (x - theta)", "anger": "w_B B", "endorsement": "w_E e E",
    "media": "w_M m V", "risk": "-r (1 + F) P (1 + phi J)", "cost": "-cost(day)",
}.items():  # fmt: skip
    field(f"community.term_{_term}", "f8", unit="utility", doc=f"mean of the decision's term {_doc}", source=B0)

# Rival explanations: contagion, common shock, memory, statements, concessions, office ----------------------------
M8 = "contagion and common shock, docs/concepts/equations.md (M8)"
M9 = "statements, pacts, concessions and office, docs/concepts/equations.md (M9)"
field("place.recent_activity", "f8", unit="share of population", low=0, doc="turnout of the last days, H", source=M8)
field("community.contagion", "f8", unit="utility", doc="push from recent activity elsewhere", source=M8)
field("country.shock", "f8", unit="utility", doc="dated national shock today", source="given by the case")
field("country.latent_shock", "f8", unit="utility", doc="latent national shock, g", source=M8)
field("community.shock_exposure", "f8", unit="share", low=0, doc="exposure to a national shock",
      source="given by the case")  # fmt: skip
field("community.common_shock", "f8", unit="utility", doc="push from the national shock", source=M8)
field("community.past_violence", "f8", unit="share", low=0, high=1, doc="past violence as remembered at the start",
      source="given by the case")  # fmt: skip
field("community.fear_floor", "f8", unit="stock", low=0, doc="floor of fear from past violence", source=M3)
field("actor.statement", "f8", unit="signed share", low=-1, high=1, doc="public statement made today, above 0 for "
      "turning out", source="given by the case (a dated shock)")  # fmt: skip
field("country.pact", "f8", unit="share", low=0, high=1, doc="size of an agreement made today among those in office",
      source="given by the case (a dated shock)")  # fmt: skip
field("community.pact", "f8", unit="utility", doc="push from agreements, either sign", source=M9)
field("country.concession", "f8", unit="share", low=0, high=1, doc="size of a concession made today",
      source="given by the case (a dated shock)")  # fmt: skip
field("country.promise_broken", "f8", unit="share", low=0, high=1, doc="weight of a promise broken today",
      source="given by the case (a dated shock)")  # fmt: skip
field("country.credibility", "f8", unit="share", low=0, high=1, doc="of promises", source=M9)
field("community.efficacy", "f8", unit="utility", doc="push from success", source=M9)
field("community.legitimacy_change", "f8", unit="signed share", low=-1, high=1,
      doc="what concessions and resignations have added to legitimacy", source=M9)  # fmt: skip
field("country.recent_deaths", "f8", unit="persons", low=0, doc="fading sum of deaths of about a week", source=M9)
field("country.resignation_hazard", "f8", unit="per day", low=0, doc="of the head of government", source=M9)
field("country.resigned", "i8", unit="0 or 1", low=0, high=1, doc="the head of government has resigned", source=M9)
for _term in ("contagion", "common_shock", "pact", "efficacy"):
    field(f"community.term_{_term}", "f8", unit="utility", doc=f"the decision's term community.{_term}", source=M9)
# Forces that waver (M4) -----------------------------------------------------------------------------------------
M4 = "loyalty of forces, docs/concepts/equations.md (M4)"
field("unit.coethnic", "f8", unit="share", low=0, high=1, doc="of its personnel, of one kind with the crowd it faces",
      source="given by the case")  # fmt: skip
for _state, _doc in {"loyal": "that obey", "passive": "that do not act", "resisting": "that refuse openly"}.items():
    field(f"unit.{_state}", "i8", unit="sub-units", low=0, doc=f"sub-units {_doc}", source=M4)
field("unit.shirking", "f8", unit="share", low=0, high=1, doc="of its sub-units, that do not obey", source=M4)
field("country.loyalty_loss", "f8", unit="share", low=0, high=1, doc="of personnel no longer loyal",
      source="given by the case, or by a mechanism of forces")  # fmt: skip
field("actor.ideology", "f8", unit="share", low=0, high=1, doc="ideological bond of its personnel, beyond the usual",
      source="given by the case")  # fmt: skip
field("actor.arrears", "f8", unit="share", low=0, high=1, doc="of usual income, felt as owed", source="form: pay (M7)")

# Money: millions of current US dollars per day (M5, M7) -----------------------------------------------------------
M5 = "patron, clients and money, docs/concepts/equations.md (M5)"
_USD = "USD million per day"
field("actor.oil_price", "f8", unit="USD per barrel", low=0, doc="price of a barrel, current dollars",
      source="given by the case (dated)")  # fmt: skip
field("actor.usual_oil_price", "f8", unit="USD per barrel", low=0, doc="price when clients got their usual grants",
      source="given by the case")  # fmt: skip
field("actor.oil_exports", "f8", unit="million barrels per day", low=0, doc="exports of oil, under the sanctions of "
      "the day", source="given by the case (dated)")  # fmt: skip
field("actor.usual_oil_exports", "f8", unit="million barrels per day", low=0, doc="exports when clients got their "
      "usual grants", source="given by the case")  # fmt: skip
field("actor.leak", "f8", unit="share", low=0, high=1, doc="of revenue, that is lost to private pockets",
      source="given by the case")  # fmt: skip
field("actor.patron_share", "f8", unit="share", low=0, high=0.99, doc="of a client's usual income, that its patrons "
      "give, b/Y", source="given by the case")  # fmt: skip
field("actor.home_unrest", "f8", unit="percent of residents", low=0, doc="unrest in the patron's country that is not "
      "simulated", source="given by the case")  # fmt: skip
field("actor.influence_change", "f8", unit="log", doc="ln v: influence a dollar gains with this client, over the usual",
      source="given by the case")  # fmt: skip
for _column, _doc in {"other_revenue": "revenue that is not from oil", "host_pay": "paid by the host's state",
                      "own_income": "raised by the actor itself"}.items():  # fmt: skip
    field(f"actor.{_column}", "f8", unit=_USD, low=0, doc=_doc, source="given by the case")
for _column, _doc in {
    "revenue": "revenue after what leaks", "leaked": "revenue that leaks", "usual_revenue": "revenue at usual prices",
    "budget": "spent on forces at home and clients abroad", "spent_home": "of it, at home",
    "spent_abroad": "of it, abroad", "usual_home": "usually spent at home", "usual_grant": "usually got from patrons",
    "grant": "got from patrons today", "income": "from patrons, host and own sources", "usual_income": "usual income",
}.items():  # fmt: skip
    field(f"actor.{_column}", "f8", unit=_USD, low=0, doc=_doc, source=M5)
field("actor.capability_loss", "f8", unit="share", high=1, doc="1 - capability relative to the usual", source=M5)
field("actor.home_capacity", "f8", unit="share of the usual", low=0, doc="a patron's capacity for repression at home",
      source=M5)  # fmt: skip
field("community.legitimacy_change", "f8", unit="signed share", low=-1, high=1,
      doc="what concessions and resignations have added to legitimacy", source=(
          "statements, pacts, concessions and office, docs/concepts/equations.md (M9)"))  # fmt: skip
