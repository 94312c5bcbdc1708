"""Three figures of a ledger: dates claimed and recorded, numbers claimed and counted, and what cannot both hold."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from groundswell.ledger.book import Ledger
from groundswell.ledger.findings import Finding
from groundswell.ledger.rules import Evidence, worded
from groundswell.reports.drawing import BLACK, BLUE, GREY, PALE, RED, Drawing, blank, panel, plain, save, styled
from groundswell.reports.tables import Table, show, window

ROW, MOST_ROWS = 0.24, 60
STAND = {"agrees": BLUE, "disagrees": RED, "silent": GREY}
MARK = {"agrees": "o", "disagrees": "X", "silent": "s"}  # told apart without colour too


def drawings(slug: str, ledger: Ledger, found: list[Finding], folder: Path) -> list[Drawing]:
    """The figures that this ledger has something for, in this order: dates, numbers, contradictions."""
    made = (draw_dates(slug, ledger, found, folder), draw_numbers(slug, ledger, found, folder),
            draw_clashes(slug, ledger, folder))  # fmt: skip
    return [one for one in made if one is not None]


@dataclass(frozen=True)
class _Row:
    label: str
    evidence: tuple[Evidence, ...]
    low: float  # what is claimed: days since 1970, or a number
    high: float


def _rows(found: list[Finding], kind: str, tests: Any, span: Any, label: Any) -> list[_Row]:
    """A row a test: its claim, the evidence of its part, and what is claimed."""
    parts = {one.claim.id: [part for part in one.parts if part.kind == kind] for one in found}
    rows = []
    for test in tests:
        left = parts.get(test.claim, [])
        if left:
            part = left.pop(0)
            rows.append(_Row(label(test), part.evidence, *span(test)))
    return rows


def draw_dates(slug: str, ledger: Ledger, found: list[Finding], folder: Path) -> Drawing | None:
    """A row a date test: the claimed days at 0, each record as days before or after them."""

    def days(test: Any) -> tuple[float, float]:
        return float(test.claimed.toordinal()), float((test.until or test.claimed).toordinal())

    def label(test: Any) -> str:
        return f"{test.claim}: {window(test.claimed, test.until or test.claimed)}"

    rows = _rows(found, "date", ledger.tests.date, days, label)
    if not rows:
        return None
    heads = ("claim", "recorded from", "to", "days from the claimed", "stands", "record", "reporter", "address")
    table = [(row.label, e.first, e.last, _gap(row, e), e.stand, e.text, e.reporter, e.url)
             for row in rows for e in row.evidence]  # fmt: skip
    shown = rows[:MOST_ROWS]
    with styled():
        figure = blank(0.85 + ROW * len(shown))
        axes = _strips(figure, shown)
        axes.set_xscale("symlog", linthresh=1, linscale=0.6)
        far = max([30.0, *(abs(_gap(row, e)) for row in shown for e in row.evidence)])
        ticks = [t for t in (-3650, -365, -30, -7, -1, 0, 1, 7, 30, 365, 3650) if abs(t) <= far * 1.3]
        axes.set_xticks(ticks, [f"{t:+,}" if t else "claimed" for t in ticks])
        axes.minorticks_off()
        axes.set_xlim(-far * 1.5, far * 1.5)
        axes.axvline(0, color=BLACK, linewidth=0.8)
        for y, row in enumerate(shown):
            _points(axes, [(float(_gap(row, e)), e.stand) for e in row.evidence], y)
        axes.set_xlabel("days from the claimed date")
        _keys(figure)
        svg = save(figure, f"{slug}_dates", folder, heads, table)
    caption = (
        "Each record is as many days before or after the days that the account gives as its mark is left or right of "
        "the line. The scale is even for one day, then in powers of ten."
    ) + _left(rows)
    off = sum(any(e.stand == "disagrees" for e in row.evidence) for row in rows)
    alt = f"{len(rows)} claimed dates; for {off} of them a record lies on other days. The table below has each."
    return Drawing(f"{slug}_dates", "Claimed and recorded dates", caption, alt, svg,
                   (Table("Dates, claimed and recorded", heads[:-1], tuple(row[:-1] for row in table)),))  # fmt: skip


def _gap(row: _Row, e: Evidence) -> int:
    """Days from the claimed span to the record: 0 where they share a day, below 0 before it."""
    first, last = (e.first or dt.date.min).toordinal(), (e.last or e.first or dt.date.min).toordinal()
    return int(first - row.high) if first > row.high else int(last - row.low) if last < row.low else 0


def draw_numbers(slug: str, ledger: Ledger, found: list[Finding], folder: Path) -> Drawing | None:
    """A row a number: each published count as a multiple of the claimed one; arrows where a count has no upper end."""

    def span(test: Any) -> tuple[float, float]:
        return float(test.value), float(test.value)

    def label(test: Any) -> str:
        return f"{test.claim}: {worded(test.value, getattr(test, 'qualifier', 'exact'))}"

    rows = _rows(found, "quantity", ledger.tests.quantity, span, label)
    rows += _rows(found, "moved", ledger.tests.moved, span, label)
    rows = [row for row in rows if row.evidence and row.low > 0]
    if not rows:
        return None
    heads = ("claim", "count", "of the claimed", "stands", "days", "reporter", "publisher", "address")
    table = [(row.label, e.text, _point(e) / row.low, e.stand,
              window(e.first, e.last) if e.first and e.last else "", e.reporter, e.publisher, e.url)
             for row in rows for e in row.evidence]  # fmt: skip
    shown = rows[:MOST_ROWS]
    with styled():
        figure = blank(0.85 + ROW * len(shown))
        axes = _strips(figure, shown)
        every = [max(_point(e) / row.low, 1e-3) for row in shown for e in row.evidence]
        low, high = min([0.5, *every]) / 1.4, max([2.0, *every]) * 1.6
        axes.set_xscale("log")
        ticks = [t for t in (0.001, 0.01, 0.03, 0.1, 0.25, 0.5, 1, 2, 4, 10, 30, 100, 1000) if low <= t <= high]
        axes.set_xticks(ticks, ["claimed" if t == 1 else f"{t:g}×" for t in ticks])
        axes.minorticks_off()
        axes.set_xlim(low, high)
        axes.axvline(1, color=BLACK, linewidth=0.8)
        for y, row in enumerate(shown):
            for e in row.evidence:
                x = max(_point(e) / row.low, low)
                if e.high == float("inf"):
                    axes.plot([x, high], [y, y], color=STAND[e.stand], linewidth=0.9, alpha=0.6)
                elif e.low is not None and e.high is not None and e.low < e.high:
                    axes.plot(
                        [max(e.low / row.low, low), e.high / row.low], [y, y], color=STAND[e.stand], linewidth=0.9
                    )
            _points(axes, [(max(_point(e) / row.low, low), e.stand) for e in row.evidence], y)
        axes.set_xlabel("published count, as a multiple of the claimed number")
        _keys(figure)
        svg = save(figure, f"{slug}_numbers", folder, heads, table)
    caption = (
        'A line to the right edge is a count that says "at least" or "more than", one to both sides "about", and one '
        'to the left "up to". Numbers of which no count is at hand are left out.'
    ) + _left(rows)
    alt = f"{len(rows)} claimed numbers with {len(table)} published counts. The table below has each."
    return Drawing(f"{slug}_numbers", "Claimed and published numbers", caption, alt, svg,
                   (Table("Numbers, claimed and published", heads[:-1], tuple(row[:-1] for row in table)),),
                   )  # fmt: skip


def _point(e: Evidence) -> float:
    """The number as printed: the lower end of `at least`, the upper of `up to`, the middle of `about`."""
    low, high = e.low or 0.0, e.high if e.high is not None else float("inf")
    return low if high == float("inf") else high if low == 0 else (low + high) / 2


def draw_clashes(slug: str, ledger: Ledger, folder: Path) -> Drawing | None:
    """Claims on a line in file order; an arc joins two that cannot both hold."""
    tests = ledger.tests.contradiction
    pairs = [(a, b, test.why) for test in tests for k, a in enumerate(test.claims) for b in test.claims[k + 1 :]]
    if not pairs:
        return None
    joined = {claim for a, b, _ in pairs for claim in (a, b)}
    claims = [claim for claim in ledger.claims if claim.id in joined]
    at = {claim.id: float(k) for k, claim in enumerate(claims)}
    heads = ("claim", "and", "why not all can hold")
    with styled():
        height = 0.3 + ROW * len(claims)
        figure = blank(height)
        axes = panel(figure, 0.15, 0.15, 6.9, ROW * len(claims))
        angle = np.linspace(-np.pi / 2, np.pi / 2, 60)
        widest = max(abs(at[a] - at[b]) for a, b, _ in pairs)
        for a, b, _ in pairs:
            middle, half = (at[a] + at[b]) / 2, abs(at[a] - at[b]) / 2
            left = -0.02 - 0.24 * np.sqrt(2 * half / widest) * np.cos(angle)
            axes.plot(left, middle + half * np.sin(angle), color=RED, linewidth=1.2)
        axes.plot(np.full(len(claims), 0.0), list(at.values()), "o", color=BLACK, markersize=4)
        for claim in claims:
            axes.text(0.02, at[claim.id], f"{claim.id}  {plain(claim.paraphrase, 78)}", va="center", fontsize=7.5)
        axes.set_xlim(-0.3, 1)
        axes.set_ylim(len(claims) - 0.4, -0.6)
        axes.axis("off")
        svg = save(figure, f"{slug}_contradictions", folder, heads, pairs)
    caption = "An arc joins two claims of this ledger that cannot both hold. It does not say which of them is false."
    alt = "Joined: " + "; ".join(f"{a} and {b}" for a, b, _ in pairs) + "."
    return Drawing(f"{slug}_contradictions", "What cannot both hold", caption, alt, svg,
                   (Table("Pairs that cannot both hold", heads, tuple(pairs)),))  # fmt: skip


def _strips(figure: Any, rows: list[_Row]) -> Any:
    axes = panel(figure, 2.35, 0.5, 4.65, ROW * len(rows))
    axes.set_yticks(range(len(rows)), [plain(row.label, 40) for row in rows], fontsize=7.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=False)
    axes.hlines(range(len(rows)), 0, 1, transform=axes.get_yaxis_transform(), color=PALE, linewidth=0.7, zorder=0)
    axes.spines["left"].set_visible(False)
    return axes


def _points(axes: Any, points: list[tuple[float, str]], y: int) -> None:
    """Marks on one row; those at the same place are stacked a little, so that each can be seen."""
    seen: dict[float, int] = {}
    for x, stand in points:
        place = float(np.round(x, 3))
        k = seen.get(place, 0)
        seen[place] = k + 1
        axes.plot([x], [y - 0.13 * (k % 4)], MARK[stand], color=STAND[stand], markersize=5, markeredgewidth=0,
                  clip_on=False)  # fmt: skip


def _keys(figure: Any) -> None:
    from matplotlib.lines import Line2D

    words = (("agrees", "agrees"), ("disagrees", "disagrees"), ("silent", "speaks neither way"))
    handles = [Line2D([], [], linestyle="", marker=MARK[s], color=STAND[s], markersize=5, label=text)
               for s, text in words]  # fmt: skip
    figure.legend(handles=handles, loc="upper right", ncols=3, bbox_to_anchor=(0.99, 1.0))


def _left(rows: list[_Row]) -> str:
    over = len(rows) - MOST_ROWS
    return f" The first {MOST_ROWS} of {show(len(rows))}; the CSV file has all." if over > 0 else ""
