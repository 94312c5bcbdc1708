"""The plan of a scenario before anything runs: what happens in which order, on which numbers, and what is a guess."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from groundswell.mechanisms.base import PHASES, Mechanism, find
from groundswell.mechanisms.schedule import schedule
from groundswell.scenario.check import ROW_TABLES
from groundswell.scenario.communities import cells, given_columns
from groundswell.scenario.coupling import SAME, arrows
from groundswell.scenario.numbers import Entry, quantities
from groundswell.scenario.schema import Quantity, Scenario

WIDTH = 120


def explain(scenario: Scenario) -> str:
    """The plan as plain text, at most 120 columns wide. Raises MechanismError where mechanisms do not fit together."""
    return "\n".join(line.rstrip() for line in _lines(plan(scenario))) + "\n"


def plan(scenario: Scenario) -> dict[str, Any]:
    """The plan as a dict that `json.dumps` takes: the content of `explain`."""
    numbers = quantities(scenario)
    given = given_columns(scenario)
    ordered = schedule([cls.model_construct() for cls in find(scenario.mechanism).values()], given, ties=scenario.tie)
    fed = given.union(*(m.writes for m in ordered), *(m.adds for m in ordered))
    period = scenario.period
    return {
        "name": scenario.name,
        "title": scenario.title,
        "version": scenario.version,
        "data_cut": str(scenario.data_cut) if scenario.data_cut else "",
        "chosen": scenario.chosen,
        "anchors_given": list(scenario.anchors_given),
        "at_default": scenario.at_default,
        "period": {"start": str(period.start), "end": str(period.end), "step": period.step, "steps": period.steps},
        "tables": _tables(scenario),
        "mechanisms": [_mechanism(m, numbers) for m in ordered],
        "coupling": [arrow._asdict() for arrow in arrows(ordered)],
        "at_zero": sorted({c for m in ordered for c in m.reads if c not in fed}),
        "unwritten_records": [c for c in (*scenario.record, *scenario.record_weekly) if c not in fed],
        "shocks": [_shock(scenario, name) for name in sorted(scenario.shock, key=lambda n: (scenario.shock[n].at, n))],
        "explanations": {
            name: {
                "title": e.title,
                "anchors": list(scenario.anchors_given if e.anchors is None else e.anchors),
                "without": list(e.without),
                "with": sorted(e.with_),
                "set": sorted(e.set),
            }
            for name, e in scenario.explanation.items()
        },
        "what_ifs": {
            name: {"title": w.title, "drop": list(w.drop), "set": sorted(w.set)} for name, w in scenario.what_if.items()
        },
        "record": list(scenario.record),
        "record_weekly": list(scenario.record_weekly),
        "numbers": len(numbers),
        "guesses": [_number(e) for _, e in sorted(numbers.items()) if e.prior is not None],
        "fixed_guesses": sorted(p for p, e in numbers.items() if e.prior is None and e.source.startswith("guess")),
        "unsourced": sorted(p for p, e in numbers.items() if not e.source),
    }


def _tables(scenario: Scenario) -> dict[str, int]:
    rows = {table: len(getattr(scenario, table)) for table in ROW_TABLES}
    rows |= {"community": len(cells(scenario)), "person": scenario.people}
    rows |= {f"tie.{kind}": len(tie.pairs) for kind, tie in scenario.tie.items()}
    rows |= {"anchor": len(scenario.anchor), "count": len(scenario.count)}
    return {table: count for table, count in rows.items() if count}


def _mechanism(m: Mechanism, numbers: dict[str, Entry]) -> dict[str, Any]:
    mine = [_number(e) for path, e in numbers.items() if path.partition(".")[0] == m.name]
    return {
        "phase": m.phase,
        "name": m.name,
        "reads": [c + "?" * (c in m.optional) for c in m.reads],
        "writes": list(m.writes),
        "adds": list(m.adds),
        "after": list(m.after),
        "parameters": mine,
    }


def _number(entry: Entry) -> dict[str, Any]:
    prior = None if entry.prior is None else {entry.prior.kind: [entry.prior.a, entry.prior.b]}
    return {"path": entry.path, "value": entry.value, "unit": entry.unit, "source": entry.source, "prior": prior}


def _shock(scenario: Scenario, name: str) -> dict[str, Any]:
    shock = scenario.shock[name]
    verb, number = next(
        (part, q) for part in ("set", "multiply", "add") if isinstance(q := getattr(shock, part), Quantity)
    )
    anchor = scenario.anchor.get(shock.anchor or "")
    return {
        "name": name,
        "at": str(shock.at),
        "until": str(shock.until or ""),
        "field": shock.field,
        "rows": list(shock.rows),
        "does": verb,
        "value": number.value,
        "guess": number.is_guess,
        "anchor": shock.anchor or "",
        "class": anchor.anchor_class if anchor else "",
        "source": shock.source or number.source,
    }


# Text ----------------------------------------------------------------------------------------------------------------
def _lines(p: dict[str, Any]) -> Iterator[str]:
    yield from _wrapped(f"{p['title']} ({p['name']}, version {p['version']})")
    data = f"; data until {p['data_cut']}" if p["data_cut"] else ""
    span = p["period"]
    yield f"{span['start']} to {span['end']}, {span['steps']} steps of a {span['step']}{data}"
    if p["chosen"]:
        classes = ", ".join(p["anchors_given"]) or "none"
        yield from _wrapped(f"under the explanation '{p['chosen']}', given dated facts of class {classes}")
    yield from _wrapped("rows: " + ", ".join(f"{table} {count:,}" for table, count in p["tables"].items()))
    yield ""
    yield from _phases(p["mechanisms"])
    if p["coupling"]:
        yield ""
        yield from _coupling(p["coupling"])
    if p["at_zero"]:
        yield ""
        yield from _wrapped("read, but fed by nothing here, so they stand at 0: " + " ".join(p["at_zero"]))
    if p["shocks"]:
        yield from ("", "what the world does on dates")
        yield from _columns([_shock_cells(s) for s in p["shocks"]], (26, 26, 38, 15, 14))
    for title, key in (("explanations", "explanations"), ("what-ifs", "what_ifs")):
        if p[key]:
            yield from ("", title)
            for name, spec in p[key].items():
                yield from _wrapped(f"  {name}: " + "; ".join(_rival(spec)))
    yield ""
    yield from _wrapped("recorded at every step: " + (" ".join(p["record"]) or "nothing"))
    yield from _wrapped("recorded by week: " + (" ".join(p["record_weekly"]) or "nothing"))
    yield ""
    yield from _honesty(p)


def _phases(mechanisms: list[dict[str, Any]]) -> Iterator[str]:
    rows = [("phase", "mechanism", "reads", "writes; + adds", "parameters")]
    for m in sorted(mechanisms, key=lambda m: PHASES.index(m["phase"])):
        changes = [*m["writes"], *(f"+{c}" for c in m["adds"])]
        values = [_value(n) for n in m["parameters"]] or ["none"]
        rows.append((m["phase"], m["name"], "\n".join(m["reads"]), "\n".join(changes), "\n".join(values)))
    yield from _columns(rows, (10, 17, 31, 28, 34))


def _coupling(arrows: list[dict[str, str]]) -> Iterator[str]:
    yield "which mechanism feeds which; a column with a * is seen on the next day, else on the same"
    pairs: dict[tuple[str, str], list[str]] = {}
    for a in arrows:
        pairs.setdefault((a["source"], a["target"]), []).append(a["column"] + "*" * (a["lag"] != SAME))
    for (source, target), columns in pairs.items():
        yield from _wrapped(f"  {source} -> {target if target != source else 'itself'}: {' '.join(columns)}")


def _value(number: dict[str, Any]) -> str:
    name = number["path"].partition(".")[2]
    unit = f" {number['unit']}" if number["unit"] else ""
    if number["prior"] is None:
        return f"{name} = {number['value']:g}{unit} [{number['source'] or 'NO SOURCE'}]"
    return f"{name} = {number['value']:g}{unit} [guess: {_prior(number['prior'])}]"


def _prior(prior: dict[str, list[float]]) -> str:
    kind, (a, b) = next(iter(prior.items()))
    words = {"uniform": f"{a:g} to {b:g}", "loguniform": f"{a:g} to {b:g}, even in the log"}
    return words.get(kind, f"{kind} {a:g}, {b:g}")


def _shock_cells(s: dict[str, Any]) -> tuple[str, ...]:
    when = s["at"] + (f" to {s['until']}" if s["until"] else " onward")
    what = f"{s['does']} {s['value']:g}" + (" (guess)" if s["guess"] else "")
    rows = s["rows"] if len(s["rows"]) <= 3 else [f"{len(s['rows'])} rows"]
    facts = f"{s['class']} {s['anchor']}" if s["anchor"] else "no anchor"
    return f"  {s['name']}", when, f"{s['field']} {what}", ", ".join(rows) or "all rows", facts


def _rival(spec: dict[str, Any]) -> Iterator[str]:
    if spec["title"]:
        yield spec["title"]
    if "anchors" in spec:
        yield f"given {' and '.join(spec['anchors']) or 'no'} facts"
    for key in ("without", "with", "drop", "set"):
        if spec.get(key):
            yield f"{key} {', '.join(spec[key])}"


def _honesty(p: dict[str, Any]) -> Iterator[str]:
    how = "held at their default" if p["at_default"] else "each drawn once a replicate from its range"
    yield f"numbers: {p['numbers']}, of which guesses: {len(p['guesses'])} ({how})"
    if p["fixed_guesses"]:
        count = f"guesses without a range, held fixed: {len(p['fixed_guesses'])}: "
        yield from _wrapped(count + ", ".join(p["fixed_guesses"]))
    if p["unsourced"]:
        yield from _wrapped(f"WITHOUT A SOURCE: {len(p['unsourced'])}: " + ", ".join(p["unsourced"]))
    else:
        yield "without a source: 0"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False) or [""]


def _columns(rows: Iterable[tuple[str, ...]], widths: tuple[int, ...]) -> Iterator[str]:
    """Cells side by side, the text of each wrapped within its width; a newline starts a line of its own."""
    for row in rows:
        cells = [
            [
                line
                for part in cell.split("\n")
                for line in textwrap.wrap(part, width - 1, subsequent_indent="  ", break_on_hyphens=False) or [""]
            ]
            for cell, width in zip(row, widths, strict=True)
        ]
        for n in range(max(map(len, cells))):
            yield "".join(
                (cell[n] if n < len(cell) else "").ljust(width) for cell, width in zip(cells, widths, strict=True)
            )
