"""Turnout, arrests, fear and anger over time, each with deaths and injuries beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groundswell.reports.drawing import (
    Drawing,
    blank,
    count_axis,
    date_axis,
    day_numbers,
    fan,
    fan_keys,
    panel,
    save,
    styled,
)
from groundswell.reports.series import QUANTILE_WORDS, Numbers, Runs, quantiles
from groundswell.reports.tables import Cell, show, thinned

WEEKDAYS = (
    " Bumps on one weekday come from the draws of what that day costs, which are even around 0: some replicates bump "
    "up, others down. No Friday effect is known to the model."
)
INJURIES = " Injuries are not injured persons: one person may be counted again on a later day."
_WIDE = 5.0  # an even axis hides a median below a fifth of the band


@dataclass(frozen=True)
class Outcome:
    """A variable of this section: `title` heads its figure, `how` says what is drawn, `cure` how to record it."""

    name: str
    title: str
    how: str
    scale: str

    @property
    def cure(self) -> str:
        """How to have it next time."""
        key = "record" if self.name.startswith("place.") else "record_weekly"
        return f'{self.title}: not recorded. Add "{self.name}" to `{key}` in the scenario and run again.'


OUTCOMES = (
    Outcome("place.turnout", "Turnout", "persons on the street a day, all places", "scale set by prior"),
    Outcome("place.arrests", "Arrests", "persons arrested a day, all places", "scale set by prior"),
    Outcome("community.fear", "Fear", "mean of communities by population, by week", "stock without a natural unit"),
    Outcome("community.anger", "Anger", "mean of communities by population, by week", "stock without a natural unit"),
)


@dataclass(frozen=True)
class Track:
    """A band over time: first days of steps as day numbers, shape (5, steps), and the length of a step in days."""

    x: Numbers
    band: Numbers
    days: float

    def scale(self) -> tuple[bool, float]:
        """Whether a logarithmic axis shows it better (the band towers over the median), and where it begins."""
        highest, middle = float(self.band[4].max()), float(self.band[2].max())
        if highest <= _WIDE * middle or highest <= 0:
            return False, 1.0
        start = middle / 10 if middle > 0 else highest / 1000
        return True, float(10.0 ** np.floor(np.log10(start)) if highest < 100 else 1.0)


def track(runs: Runs, name: str) -> Track | None:
    """A variable over all places, flows per day; None where it was not recorded."""
    series = runs.series(name)
    if series is None or not runs.case.places:
        return None
    if name.startswith("community."):
        by_area = runs.by_area(name)
        values = None if by_area is None else by_area[:, :, 0]
    else:
        values = runs.national(name)
    if values is None:
        return None
    if series.flow:
        values = values / series.days
    return Track(day_numbers(series.starts), quantiles(values), float(series.days[0]))


def draw_outcome(runs: Runs, outcome: Outcome, harm: dict[str, Track], folder: Path) -> Drawing | None:
    """The figure of one outcome beside deaths and injuries a day; None where it was not recorded."""
    found = track(runs, outcome.name)
    if found is None:
        return None
    noun = outcome.title.lower()
    with styled():
        figure = blank(2.55)
        axes = panel(figure, 0.6, 0.42, 3.75 if harm else 6.4, 1.58)
        axes.set_title(f"{outcome.title} ({outcome.scale})")
        fan(axes, found.x, found.band)
        first, last = float(found.x[0]), float(found.x[-1] + found.days - 1)
        end = float(day_numbers([runs.case.scenario.period.end])[0])  # a last week may be short
        last = max(min(last, end), first + 1)
        log, knee = found.scale()
        count_axis(axes, float(found.band[4].max()), log=log, knee=knee)
        date_axis(axes, first, last, most=6)
        for k, (word, beside) in enumerate(harm.items()):
            small = panel(figure, 4.95, 1.38 - k * 0.96, 2.05, 0.62)
            small.set_title(f"{word.capitalize()} a day", fontsize=7.5, fontweight="normal")
            fan(small, beside.x, beside.band)
            count_axis(small, float(beside.band[4].max()), log=True, few=True)
            date_axis(small, first, last, most=3)
            if k + 1 < len(harm):
                small.set_xticklabels([])
        figure.legend(handles=fan_keys(), ncols=3, loc="upper left", bbox_to_anchor=(0.5 / 7.2, 0.99), borderaxespad=0)
        rows = rows_of(found)
        svg = save(figure, noun, folder, ("date", *QUANTILE_WORDS), rows)
    axis = f"Logarithmic axis above {show(knee)}. " if log else ""
    caption = (
        f"{outcome.title}: {outcome.how}. {outcome.scale.capitalize()}: read the shape and the timing, not the level. "
        f"{axis}{'Beside it the harm that goes with it: deaths and injuries a day.' if harm else ''}"
    )
    if outcome.name == "place.turnout" and "calendar" in runs.case.scenario.mechanism:
        caption += WEEKDAYS
    if "injuries" in harm:
        caption += INJURIES
    top = int(np.argmax(found.band[2]))
    alt = (
        f"Fan chart of {noun}, {outcome.how}: the median is highest on {show(rows[top][0])} at "
        f"{show(float(found.band[2, top]))}, with a 90 % band from {show(float(found.band[0, top]))} to "
        f"{show(float(found.band[4, top]))}."
    )
    return Drawing(
        noun,
        outcome.title,
        caption.strip(),
        alt,
        svg,
        (thinned(f"{outcome.title}: {outcome.how}", ("date", *QUANTILE_WORDS), rows),),
    )


def rows_of(found: Track) -> list[tuple[Cell, ...]]:
    """One row a step: first day and five quantiles."""
    dates = found.x.astype("datetime64[D]").astype(object)
    return [(dates[k], *found.band[:, k].tolist()) for k in range(len(dates))]
