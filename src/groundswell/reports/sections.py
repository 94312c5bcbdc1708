"""The parts of the page in order: each turns numbers into sentences, figures and tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from groundswell.reports import (
    figures_coupling,
    figures_guesses,
    figures_harm,
    figures_misses,
    figures_outcomes,
    figures_pushed,
    figures_terms,
    figures_tiles,
    figures_timing,
)
from groundswell.reports.drawing import Drawing, day_numbers
from groundswell.reports.failures import Failures, failure_lines, failures
from groundswell.reports.influence import influence
from groundswell.reports.markers import measure_of
from groundswell.reports.misses import NOUNS, Comparison, compare, findings
from groundswell.reports.series import Runs
from groundswell.reports.tables import DASH, Cell, Link, Table, percent, plural, qualified, show, web_link, window
from groundswell.reports.timing import timing, timing_lines


@dataclass(frozen=True)
class Section:
    """One part of the page. `tables` stand open, those of figures are folded away; `folded` ones too."""

    id: str
    title: str
    lines: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Context:
    """What the sections share: the numbers, the comparisons, and the folder of figures."""

    runs: Runs
    folder: Path
    compared: tuple[Comparison, ...] = ()
    left: tuple[tuple[object, str], ...] = field(default=())

    @cached_property
    def found(self) -> Failures:
        """What fails."""
        return failures(self.runs)


def context_of(runs: Runs, folder: Path) -> Context:
    """The runs with their comparisons."""
    compared, left = compare(runs)
    return Context(runs, folder, compared, left)


def sections(context: Context) -> list[Section]:
    """All parts of the page; figures are written to the folder of the context."""
    parts: tuple[Callable[[Context], Section], ...] = (
        harm,
        misses,
        outcomes,
        terms,
        tiles,
        guesses,
        record,
        provenance,
    )
    return [part(context) for part in parts]


SETTLING = (
    "The run starts from an empty street with no anger or fear; the first weeks are the model settling, and say "
    "nothing about the case."
)


def not_recorded(name: str, key: str = "record") -> str:
    """How to have a variable next time."""
    return f'{name}: not recorded. Add "{name}" to `{key}` in the scenario and run again.'


def harm(c: Context) -> Section:
    """Cumulative deaths and injuries."""
    drawn = {
        name: figures_harm.draw_cumulative(c.runs, name, c.compared, c.folder)
        for name in ("place.deaths", "place.injuries")
    }
    lines = [
        "Bands hold the given share of replicates on each day. A model death is compared as if every death were "
        "recorded and nothing else were; what reporters miss or add is not modelled here.",
        SETTLING,
    ]
    if c.runs.replicates == 1:
        lines.append("One replicate: the bands are a single line and say nothing about what is unknown.")
    lines += [not_recorded(name) for name, drawing in drawn.items() if drawing is None]
    return Section("harm", "Deaths and injuries", tuple(lines), drawings=tuple(d for d in drawn.values() if d))


def misses(c: Context) -> Section:
    """Published counts held against the model."""
    when = timing(c.runs)
    series = c.runs.series("place.deaths")
    national = [item for item in c.compared if c.runs.case.is_national(item.area)]
    drawings = [figures_misses.draw_misses(tuple(national), c.folder)]
    if series is not None:
        drawings.append(
            figures_timing.draw_timing(
                when, float(day_numbers(series.starts)[0]), float(day_numbers([series.end.astype(object)])[0]), c.folder
            )
        )
    local = [item for item in c.compared if not c.runs.case.is_national(item.area)]
    tables = [_comparison_table("Published national counts", national)] if national else []
    folded = [_comparison_table("Published counts of single places, in the order of the file", local)] if local else []
    title = (
        "Where this uncalibrated model misses the record"
        if not c.runs.case.scenario.at_default
        else ("Where this model, run at default, misses the record")
    )
    return Section(
        "misses",
        title,
        findings=(
            *failure_lines(c.found, c.compared),
            *timing_lines(when),
            *findings(c.runs, c.compared),
        ),
        drawings=tuple(d for d in drawings if d),
        tables=tuple(tables),
        folded=tuple(folded),
    )


def _comparison_table(title: str, items: list[Comparison]) -> Table:
    national = "national" in title
    rows: list[tuple[Cell | Link, ...]] = [
        (
            (() if national else (item.count.place,))
            + (
                measure_of(item.count),
                item.count.includes_security_forces,
                window(item.count.window_start, item.count.window_end),
                item.count.reporter,
                qualified(item.count.value, item.count.qualifier),
                item.band[0],
                item.band[2],
                item.band[4],
                item.position if item.position == "inside" else item.position.upper(),
                percent(item.share_below),
                item.ratio,
            )
        )
        for item in items
    ]
    return Table(
        title,
        (
            *(() if national else ("place",)),
            "measure",
            "security forces included",
            "window",
            "reporter",
            "published",
            "5 %",
            "median",
            "95 %",
            "record is",
            "replicates below",
            "95 % / 5 %",
        ),
        tuple(rows),
        "5 %, median, 95 %: the model over the same window. The record is inside that band, or ABOVE or BELOW it. "
        "Replicates below: the share with a smaller number than the published one.",
    )


def outcomes(c: Context) -> Section:
    """Turnout, arrests, fear and anger beside harm."""
    harmed = {
        NOUNS[name]: found
        for name in ("place.deaths", "place.injuries")
        if (found := figures_outcomes.track(c.runs, name)) is not None
    }
    drawn = [(o, figures_outcomes.draw_outcome(c.runs, o, harmed, c.folder)) for o in figures_outcomes.OUTCOMES]
    lines = [
        "No count of crowds fixes the level of turnout, so its scale is set by prior: the guesses decide it. "
        "Every outcome stands beside deaths and injuries.",
        SETTLING,
    ]
    return Section(
        "outcomes",
        "Turnout, arrests, fear and anger",
        (*lines, *(o.cure for o, drawing in drawn if drawing is None)),
        drawings=tuple(d for _, d in drawn if d),
    )


def terms(c: Context) -> Section:
    """Terms of the decision and attribution."""
    of_terms, of_pushes = figures_terms.draw_terms(c.runs, c.folder), figures_pushed.draw_pushed(c.runs, c.folder)
    graph = figures_coupling.draw_coupling(c.runs.case.scenario, c.folder)
    lines = []
    if of_terms is None:
        lines.append(
            "Terms of the decision: not recorded. "
            'Add "community.term_grievance" and the other terms to `record_weekly` in the scenario and run again.'
        )
    if of_pushes is None:
        lines.append(
            "What each mechanism added to anger and fear: not recorded. "
            'Add "community.anger" and "community.fear" to `record_weekly` in the scenario and run again.'
        )
    return Section(
        "terms",
        "What drives the decision to turn out",
        tuple(lines),
        drawings=tuple(d for d in (of_terms, of_pushes, graph) if d),
    )


def tiles(c: Context) -> Section:
    """Places by week."""
    drawn = {name: figures_tiles.draw_tiles(c.runs, name, c.folder) for name in ("place.turnout", "place.deaths")}
    return Section(
        "places",
        "Places, week by week",
        tuple(not_recorded(n) for n, d in drawn.items() if d is None),
        drawings=tuple(d for d in drawn.values() if d),
    )


def guesses(c: Context) -> Section:
    """All guesses, and those that matter."""
    case, values = c.runs.case, c.runs.guess_values
    found = influence(c.runs)
    lines = [found] if isinstance(found, str) else found.lines()
    known = {guess.path for guess in case.guesses}
    rows: list[tuple[Cell | Link, ...]] = [
        (g.path, g.value, g.range, g.source, float(values[g.path].mean()) if g.path in values else None)
        for g in case.guesses
    ]
    rows += [(path, None, DASH, DASH, float(drawn.mean())) for path, drawn in values.items() if path not in known]
    table = Table(
        f"Every guess: {plural(len(rows), 'number')} of {len(case.numbers):,}",
        ("guess", "default", "drawn from", "source", "mean of draws"),
        tuple(rows),
    )
    first = f"{case.guessed}."
    if case.drawn:
        first = f"{case.guessed}, once a replicate, each from its range."
        first += " The others stand fixed, though no better known." if len(case.drawn) < len(case.guesses) else ""
    lines.insert(0, first)
    drawing = () if isinstance(found, str) else (figures_guesses.draw_influence(found, c.folder),)
    return Section("guesses", "Every guess", tuple(lines), drawings=drawing, folded=(table,) if rows else ())


def record(c: Context) -> Section:
    """The published counts and the dated facts behind the case."""
    scenario = c.runs.case.scenario
    reasons = {id(count): reason for count, reason in c.left}
    counts = tuple(
        (
            n.place,
            n.measure.replace("_", " "),
            window(n.window_start, n.window_end),
            qualified(n.value, n.qualifier),
            "yes" if n.cumulative else "no",
            n.includes_security_forces,
            n.reporter,
            n.publisher,
            n.published,
            web_link(_host(n.url), n.url),
            reasons.get(id(n), "yes"),
        )
        for n in scenario.count
    )
    anchors = tuple(
        (
            key,
            a.date,
            a.country,
            a.place,
            a.fact,
            a.anchor_class,
            a.known_on,
            web_link(a.source if not a.source.startswith("http") else _host(a.source), a.source),
        )
        for key, a in scenario.anchor.items()
    )
    tables = []
    lines = []
    if counts:
        lines.append(
            "Each published count as printed. The last column says whether it was held against the model, or why not."
        )
        tables.append(
            Table(
                f"Published counts ({len(counts)})",
                (
                    "place",
                    "measure",
                    "window",
                    "value",
                    "cumulative",
                    "security forces included",
                    "reporter",
                    "publisher",
                    "published",
                    "address",
                    "compared",
                ),
                counts,
            )
        )
    else:
        lines.append("The case names no published counts, so nothing in it is held to a record.")
    if anchors:
        given = " and ".join(scenario.anchors_given) or "no class"
        lines.append(f"Dated facts of class {given} may enter these runs; those of class target never do.")
        tables.append(
            Table(
                f"Dated facts ({len(anchors)})",
                ("id", "date", "country", "place", "fact", "class", "known on", "source"),
                anchors,
            )
        )
    return Section("record", "The public record behind the case", tuple(lines), folded=tuple(tables))


def _host(url: str) -> str:
    return url.split("://", 1)[-1].split("/", 1)[0].removeprefix("www.") or url


def provenance(c: Context) -> Section:
    """Where these numbers come from and how to make them again."""
    attrs, scenario = c.runs.data.attrs, c.runs.case.scenario
    period = scenario.period
    rows: list[tuple[Cell | Link, ...]] = [
        ("case", f"{scenario.name} {scenario.version}"),
        ("data cut", show(scenario.data_cut) if scenario.data_cut else "not stated"),
        ("period", f"{show(period.start)} to {show(period.end)}, by {period.step}"),
        ("simulated people", f"{scenario.people:,}"),
        ("replicates", f"{c.runs.replicates:,}"),
        *(
            (label, _said(attrs.get(key)))
            for label, key in (
                ("seed", "seed"),
                ("digest of the numbers", "digest"),
                ("hash of the source", "source_hash"),
                ("made", "created"),
                ("command that remakes it", "command"),
            )
        ),
        *((f"version of {name}", version) for name, version in _versions(attrs.get("versions"))),
    ]
    return Section(
        "provenance",
        "Provenance",
        ("The same command, version and seed give the same digest.",),
        tables=(Table("How these numbers were made", ("what", "value"), tuple(rows)),),
    )


def _said(value: object) -> str:
    return "not recorded" if value is None or value == "" else str(value)


def _versions(text: object) -> list[tuple[str, str]]:
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return [("the software", str(text))]
    return [(str(k), str(v)) for k, v in found.items()] if isinstance(found, dict) else []
