"""One page for what inference found: what to know first, figures, tables; one file that loads nothing from outside."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.inference.checks import COVERED, LEVELS, SET_BY_PRIOR, Calibration
from groundswell.inference.compare import Choice
from groundswell.inference.fit import Fit, rows
from groundswell.inference.heldout import WINDOWS, HeldOut
from groundswell.inference.space import below
from groundswell.reports.drawing import BLUE, GREEN, GREY, ORANGE, RED, blank, inline, panel, plain, rounded, styled
from groundswell.reports.page import TEMPLATES
from groundswell.reports.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LIMITS = (
    "This speaks of a described system, not of a country: where numbers are guesses, so is what rests on them.",
    "Force and budgets are inputs here. Nothing searches for a use of force, and no setting makes it do so.",
)


@dataclass(frozen=True)
class Picture:
    """A figure: title, caption, a text for who cannot see it, inline SVG."""

    title: str
    caption: str
    alt: str
    svg: str


@dataclass(frozen=True)
class Page:
    """What stands on the page, in this order. `quick` adds a watermark: not for citing."""

    title: str
    kicker: str
    lines: tuple[str, ...]
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    command: str
    quick: bool = False


def write(page: Page, path: Path) -> Path:
    """Write the page, whole or not at all, and return its path."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    made = environment.get_template("inference.html.j2").render(
        page=page, style=Markup(style), svg=Markup, limits=LIMITS
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".partial")
    part.write_text(made, encoding="utf-8")
    part.replace(path)
    return path


def of_fit(fit: Fit) -> tuple[tuple[Picture, ...], tuple[Table, ...]]:
    """Figures and tables of a calibration."""
    tables = [
        Table(
            "Free numbers after the fit",
            ("number", "5 %", "median", "95 %", "contraction", "disagreement", "which means"),
            tuple(rows(fit)),
            "Contraction is 1 less the ratio of variances on the prior's own scale: 0 where nothing was learned. "
            "Disagreement is the largest distance of the median of SMC from those of the other algorithms, "
            "in half-widths of 90 % intervals.",
        )
    ]
    if fit.patterns:
        tables.append(
            Table(
                "Patterns that were not fitted",
                ("pattern", "observed", "5 %", "median", "95 %", "inside"),
                tuple((p.name, p.seen, p.low, p.middle, p.high, "yes" if p.inside else "no") for p in fit.patterns),
            )
        )
    shares = tuple(
        (name, float(np.expm1(seen)), float(share))
        for name, seen, share in zip(fit.misfit.names, fit.observed, fit.misfit.shares, strict=True)
    )
    tables.append(
        Table(
            "Fitted numbers before the fit",
            ("number", "observed", "share of simulations beyond it"),
            shares,
            "How many simulations at the prior lie as far out, on the nearer side.",
        )
    )
    history = tuple(
        (k, g.simulations, g.tolerance, g.accepted, g.effective) for k, g in enumerate(fit.population.history)
    )
    tables.append(
        Table(
            "Generations of SMC",
            ("generation", "simulations", "tolerance", "share of new ones kept", "effective particles"),
            history,
        )
    )
    return (posterior_picture(fit),), tuple(tables)


def side_by_side(reported: Fit, plain: Fit) -> Table:
    """The same free numbers under two models of reporting."""
    other = {row[0]: row for row in rows(plain)}
    found: list[tuple[str | float | None, ...]] = []
    for row in rows(reported):
        beside = other.get(row[0])
        found.append((*row[:5], *(beside[1:5] if beside else (None,) * 4)))
    heads = ("5 %", "median", "95 %", "contraction")
    return Table(
        "Two models of reporting",
        ("number", *heads, *(f"{head}, all recorded" for head in heads)),
        tuple(found),
        "Left: what is fitted has passed through the reporters. Right: every model event counts as recorded.",
    )


def posterior_picture(fit: Fit) -> Picture:
    """Prior and the posteriors of each free number, on the scale on which the prior is even."""
    names = fit.simulator.space.names
    height = 0.52 * len(names) + 0.75
    with styled():
        figure = blank(height)
        axes = panel(figure, 2.4, 0.45, 4.6, height - 0.75)
        methods = [
            ("SMC, adjusted", fit.posterior.u, fit.posterior.weights[:, None], BLUE, 0.2),
            ("rejection, adjusted", fit.rejection.u, fit.rejection.weights[:, None], ORANGE, 0.0),
            ("forests", below(fit.forest.z), fit.forest.weights, RED, -0.2),
        ]
        if fit.neural is not None:
            methods.append(("neural", fit.neural.u, fit.neural.weights[:, None], GREEN, -0.4))
        for label, u, weights, colour, shift in methods:
            for j in range(len(names)):
                low, middle, high = _quantiles(u[:, j], weights[:, min(j, weights.shape[1] - 1)])
                y = len(names) - 1 - j + shift
                axes.plot([low, high], [y, y], color=colour, linewidth=2, label=label if j == 0 else None)
                axes.plot([middle], [y], "o", color=colour, markersize=3.5)
        for edge in (0.05, 0.95):
            axes.axvline(edge, color=GREY, linewidth=0.6, linestyle=":")
        axes.set_xlim(0, 1)
        axes.set_ylim(-0.7, len(names) - 0.4)
        axes.set_yticks(range(len(names)), [plain(name, 38) for name in reversed(names)])
        axes.set_xlabel("probability of the prior below the value (dotted: the prior's own 90 %)")
        figure.legend(loc="upper right", ncols=len(methods))
        svg = svg_of(figure, "posterior")
    return Picture(
        "Prior and posterior",
        "Lines are 90 % intervals, dots medians, by each algorithm. An interval as wide "
        "as the dotted lines has learned nothing.",
        f"Intervals of {len(names)} free numbers; the table below has the same numbers.",
        svg,
    )


def of_calibration(found: Sequence[Calibration]) -> tuple[Picture, Table]:
    """Ranks and coverage of truths that were put in."""
    with styled():
        figure = blank(2.4)
        for k, one in enumerate(found[:2]):
            axes = panel(figure, 0.6 + 3.4 * k, 0.45, 2.9, 1.6)
            bins = one.bins()
            axes.bar(np.arange(10) / 10 + 0.05, bins.mean(axis=1), width=0.09, color=BLUE)
            axes.axhline(0.1, color=RED, linewidth=1)
            axes.set_title(f"{one.method}, {len(one.ranks)} truths")
            axes.set_xlabel("rank of the truth among posterior draws")
        svg = svg_of(figure, "ranks")
    picture = Picture(
        "Ranks of known truths",
        "Bars of one height (the red line) are right; heaps at the ends mean "
        "intervals that are too narrow, a heap in the middle ones too wide.",
        "Histograms of ranks.",
        svg,
    )
    rows: list[tuple[str | float, ...]] = []
    for one in found:
        shares = [one.coverage(level) for level in LEVELS]
        rows += [(one.method, name, len(one.ranks), *(float(share[j]) for share in shares), float(one.uneven()[j]),
                  float(one.contraction[:, j].mean())) for j, name in enumerate(one.names)]  # fmt: skip
    limits = ", ".join(f"{one.uneven_limit:.2f} for {len(one.ranks)} truths" for one in found)
    table = Table(
        "Coverage and contraction",
        ("method", "number", "truths", *(f"{level:.0%} intervals" for level in LEVELS), "ranks uneven by",
         "mean contraction"),
        tuple(rows),
        f"Shares of truths inside. 90 % intervals should cover {COVERED[0]} to {COVERED[1]}, over all numbers. Ranks "
        f"of a right method are uneven by less than {limits} in 19 of 20 cases. Contraction under {SET_BY_PRIOR:.0%} "
        "means set by the prior, even where the model itself made the data.",
    )  # fmt: skip
    return picture, table


def of_choice(choice: Choice) -> tuple[Picture, Table]:
    """The confusion matrix."""
    count = len(choice.names)
    with styled():
        figure = blank(0.5 * count + 1.2)
        axes = panel(figure, 2.4, 0.75, 4.4, 0.5 * count)
        axes.imshow(choice.confusion, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.grid(False)
        for i in range(count):
            for j in range(count):
                share = choice.confusion[i, j]
                axes.text(j, i, f"{share:.0%}", ha="center", va="center", color="white" if share > 0.6 else "black")
        axes.set_xticks(range(count), [plain(name, 18) for name in choice.names])
        axes.set_yticks(range(count), [plain(name, 30) for name in choice.names])
        axes.set_xlabel("taken for")
        svg = svg_of(figure, "confusion")
    picture = Picture(
        "Confusion matrix",
        "Worlds simulated by each rival and held out (rows), and what the classifier took them for (columns).",
        "A table of shares; the one below has the same numbers.",
        svg,
    )
    cells = tuple(
        (name, *map(float, choice.confusion[k]), float(choice.votes[k]), "yes" if choice.misfits[k].inside else "no")
        for k, name in enumerate(choice.names)
    )
    return picture, Table(
        "Rivals",
        ("rival", *(f"taken for {n}" for n in choice.names), "votes of the data", "data inside its cloud"),
        cells,
    )


def held_out_table(scored: Sequence[HeldOut], seed: int = 0) -> Table:
    """Scores of the rivals on numbers not fitted; differences from the first rival where they have an error."""
    rows: list[tuple[str | float | None, ...]] = []
    for one in scored:
        for k, name in enumerate(one.names):
            gaps: list[float | None] = [None] * 4
            if one.enough and k:
                log, crps = one.against(k, seed)
                gaps = [log.difference, log.error, crps.difference, crps.error]
            losses = float(one.log_score[k].mean()), float(one.crps[k].mean())
            rows.append((one.what, name, len(one.targets), one.windows, *losses, *gaps))
    heads = ("held out", "rival", "numbers", "windows", "log score", "CRPS", "log score less the first's", "error",
             "CRPS less the first's", "error of that")  # fmt: skip
    return Table("Scores on numbers not fitted", heads, tuple(rows),
                 "Mean losses of log(1 + number): lower is better. Draws are each rival's worlds nearest to the fitted "
                 f"numbers. A dash: fewer than {WINDOWS} windows that share no day, so no standard error.")  # fmt: skip


def _quantiles(values: Any, weights: Any) -> Any:
    from groundswell.inference.posterior import weighted_quantile

    return weighted_quantile(values, weights, (0.05, 0.5, 0.95))


def svg_of(figure: Figure, name: str) -> str:
    """The figure as an SVG element, with ids that start with `name`."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    stream = io.StringIO()
    nothing: dict[str, Any] = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    vector: Any = FigureCanvasSVG(figure)  # not typed
    vector.print_svg(stream, metadata=nothing)
    return inline(rounded(stream.getvalue()), name)
