"""The ODD+D protocol of a case, written from what the code and the case declare."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from typing import Any

from groundswell import __version__, chance
from groundswell.compiled import Kernel
from groundswell.engine import run as loop
from groundswell.engine.build import lay_out
from groundswell.mechanisms.base import PHASES, Mechanism, find
from groundswell.mechanisms.schedule import schedule
from groundswell.scenario.communities import POINTS, VARIANCES, given_columns
from groundswell.scenario.numbers import Entry, quantities
from groundswell.scenario.schema import Scenario, Shock
from groundswell.world import people, ties
from groundswell.world.fields import FIELDS

SCALES = {"country": "a state", "place": "a governorate or the like", "community": "place x identity x class",
          "person": "a synthetic person who stands for many residents of one community",
          "actor": "a government, force, armed group, patron, movement or clergy", "unit": "a force in a place",
          "site": "a place of symbolic weight"}  # fmt: skip
STORY = {
    "perceive": "what people see and expect, of yesterday",
    "decide": "who turns out",
    "act": "the crowd, the forces and the harm of the day",
    "settle": "what the day leaves behind",
}


def odd(scenario: Scenario) -> str:
    """The protocol as Markdown: overview, design concepts, details (Mueller and others 2013, ODD+D; Grimm 2020).

    All that is said of this case comes from the scenario, the mechanisms' class lines, docstrings and parameters, and
    the docstrings of the kernels, so that a reader can write the model again. Raises MechanismError where the
    mechanisms do not fit together.
    """
    from groundswell.reports.page import environment

    plan = schedule([cls.model_construct() for cls in find(scenario.mechanism).values()], given_columns(scenario),
                    (*scenario.record, *scenario.record_weekly), scenario.tie)  # fmt: skip
    numbers = quantities(scenario)
    layout = lay_out(scenario)
    text = environment(escape=False).overlay(trim_blocks=False).get_template("odd.md.j2").render(
        s=scenario,
        version=__version__,
        entities=_entities(scenario, plan, layout.decks.people if layout.decks else 0, len(layout.communities)),
        phases=[(phase, STORY[phase], [_mechanism(m, numbers) for m in plan if m.phase == phase]) for phase in PHASES],
        settle=_text(loop.settle_adds),
        personal=[m.name for m in plan if any(c.startswith("person.") for c in (*m.reads, *m.writes))],
        drawn=sorted({m.name for m in plan if _draws(m)}),
        tied=[m.name for m in plan if m.ties or _computes_ties(m)],
        general=[(getattr(f, "__name__", ""), _text(f)) for f in _GENERAL],
        chances=[(k.function.__name__, _text(k)) for k in vars(chance).values()
                 if isinstance(k, Kernel) and k.function.__module__ == chance.__name__],
        chance_story=inspect.cleandoc(chance.__doc__ or ""),
        address=inspect.cleandoc(chance.chance_for.__doc__ or ""),
        given=[_number(numbers[path]) for path in sorted(numbers) if path.partition(".")[0] not in scenario.mechanism],
        shocks=[_shock(name, shock) for name, shock in sorted(scenario.shock.items())],
        guesses=sum(entry.prior is not None for entry in numbers.values()),
        counted=len(numbers),
        at_zero=sorted({c for m in plan for c in m.reads} - given_columns(scenario)
                       - {c for m in plan for c in (*m.writes, *m.adds)}),
        community=scenario.community is not None,
    )  # fmt: skip
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


_GENERAL: tuple[Callable[..., Any] | Kernel[..., Any], ...] = (
    people.deal, people.draw_people, people.draw_trait, ties.bijection, ties.pull, loop.shock_rows,
)  # fmt: skip


def _text(thing: Any) -> str:
    return inspect.cleandoc((thing.function if isinstance(thing, Kernel) else thing).__doc__ or "")


def _kernels(m: Mechanism) -> list[Kernel[..., Any]]:
    module = sys.modules[type(m).__module__]
    found = [k for k in vars(module).values() if isinstance(k, Kernel) and k.function.__module__ == module.__name__]
    return sorted(found, key=lambda k: k.function.__code__.co_firstlineno)


def _draws(m: Mechanism) -> bool:
    return any("chance" in inspect.signature(k.function).parameters for k in _kernels(m))


def _computes_ties(m: Mechanism) -> bool:
    return any("bijection" in k.function.__code__.co_names for k in _kernels(m))


def _mechanism(m: Mechanism, numbers: dict[str, Entry]) -> dict[str, Any]:
    def column(name: str) -> dict[str, str]:
        field = FIELDS[name]
        return {"name": name, "unit": field.unit, "doc": field.doc, "optional": name in m.optional}  # type: ignore[dict-item]

    return {
        "name": m.name,
        "text": inspect.cleandoc(type(m).__doc__ or ""),
        "reads": [column(c) for c in m.reads],
        "writes": [column(c) for c in m.writes],
        "adds": [column(c) for c in m.adds],
        "after": m.after,
        "ties": m.ties,
        "kernels": [(k.function.__name__, _text(k)) for k in _kernels(m)],
        "parameters": [_number(entry) for path, entry in numbers.items() if path.partition(".")[0] == m.name],
    }


def _number(entry: Entry) -> dict[str, Any]:
    prior = entry.prior
    drawn = f"{prior.kind} {prior.a:g} to {prior.b:g}" if prior and prior.kind.endswith("uniform") else ""
    drawn = drawn or (f"{prior.kind} ({prior.a:g}, {prior.b:g})" if prior else "fixed")
    return {"path": entry.path, "value": f"{entry.value:g}", "drawn": drawn, "unit": entry.unit, "doc": entry.doc,
            "source": entry.source or "no source"}  # fmt: skip


def _shock(name: str, shock: Shock) -> dict[str, Any]:
    verb = "set" if shock.set else "multiply" if shock.multiply else "add"
    return {"name": name, "field": shock.field, "verb": verb, "at": shock.at, "until": shock.until,
            "rows": ", ".join(shock.rows) or "all", "source": shock.source}  # fmt: skip


def _entities(scenario: Scenario, plan: list[Mechanism], persons: int, communities: int) -> list[dict[str, Any]]:
    touched = {c for m in plan for c in (*m.reads, *m.writes, *m.adds)}
    used = touched | (given_columns(scenario) - {*VARIANCES.values(), *POINTS})
    rows = {"person": persons, "community": communities}
    found = []
    for table, scale in SCALES.items():
        count = rows[table] if table in rows else len(getattr(scenario, table))
        mine = sorted(name for name in used if name.startswith(f"{table}.") and name in FIELDS)
        if count:
            found.append({"table": table, "rows": count, "scale": scale, "columns": [FIELDS[name] for name in mine]})
    return found
