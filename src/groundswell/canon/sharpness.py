"""Why outbursts exist: the same society under each way to see the chance of arrest, from the floor to none.

Only the form of P differs between the runs (see `epstein`); people, places and chances are the same. With the floor, P
is 0 as soon as active persons outnumber the police in sight: one that dares makes the next one safe. The smooth form
turns that step into a slope of sharpness n.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from groundswell.canon import epstein, outbursts
from groundswell.canon.base import digest_of
from groundswell.canon.page import Picture, svg_of
from groundswell.reports.drawing import CYCLE, RED, blank, panel, styled

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

TEXT = replace(epstein.TEXT, title="Why outbursts exist: the floor, slopes and none")


@dataclass(frozen=True)
class Form:
    """One way to see the chance of arrest."""

    name: str
    risk: Literal["floor", "ratio", "smooth"]
    sharpness: float = 4.0


FORMS = (Form("floor", "floor"), Form("n = 20", "smooth", 20.0), Form("n = 8", "smooth", 8.0),
         Form("n = 6", "smooth", 6.0), Form("n = 4", "smooth", 4.0), Form("n = 2", "smooth", 2.0),
         Form("n = 1", "smooth", 1.0), Form("no floor", "ratio"))  # fmt: skip


def compare(rules: epstein.Rules = epstein.DEFAULT, *, steps: int = 2000, replicates: int = 3, seed: int = 0,
            jobs: int | None = None, forms: tuple[Form, ...] = FORMS) -> dict[str, xr.Dataset]:  # fmt: skip
    """Runs of Model I by the name of the form, all else as in `rules`."""
    return {
        form.name: epstein.simulate(replace(rules, risk=form.risk, sharpness=form.sharpness), steps=steps,
                                    replicates=replicates, seed=seed, jobs=jobs)
        for form in forms
    }  # fmt: skip


def summary(runs: dict[str, xr.Dataset]) -> pd.DataFrame:
    """One row a form: means over replicates, and the coefficient of variation of all waits (1 if memoryless)."""
    import pandas as pd

    rows = []
    for name, one in runs.items():
        found = outbursts.summary(one)
        gaps = np.concatenate([outbursts.waits(active) for active in one["active"].values])
        rows.append({"form": name, "outbursts": found["outbursts"].mean(), "mean_wait": found["mean_wait"].mean(),
                     "cv_of_waits": float(gaps.std() / gaps.mean()) if gaps.size > 1 else np.nan,
                     "mean_size": found["mean_size"].mean(), "peak": found["peak"].mean(),
                     "mean_active": found["mean_active"].mean()})  # fmt: skip
    return pd.DataFrame(rows)


def digest(runs: dict[str, xr.Dataset]) -> str:
    """One digest of all runs."""
    return digest_of({name: np.frombuffer(bytes.fromhex(one.attrs["digest"]), np.uint8) for name, one in runs.items()})


def curves(k: float = 2.3, forms: tuple[Form, ...] = FORMS) -> Picture:
    """P against active persons per officer, for ten officers in sight."""
    active = np.arange(1, 31)
    with styled():
        figure = blank(2.5)
        axes = panel(figure, 0.5, 0.45, 5.2, 1.8)
        for n, form in enumerate(forms):
            code = epstein.RISKS.index(form.risk)
            risk = [epstein.arrest_risk(code, k, form.sharpness, 10, int(a)) for a in active]
            axes.plot(active / 10, risk, color=CYCLE[n % len(CYCLE)], linewidth=1.4 if form.risk == "floor" else 0.9,
                      label=form.name, drawstyle="steps-post" if form.risk == "floor" else "default")  # fmt: skip
        axes.set_xlim(0, 3)
        axes.set_ylim(0, 1.05)
        axes.set_xlabel("active persons per officer in sight")
        axes.set_title("Chance of arrest that a person sees")
        figure.legend(loc="center right", bbox_to_anchor=(0.995, 0.55))
        svg = svg_of(figure, "curves")
    return Picture(
        "One step, or a slope",
        "With ten officers in sight. At one active person per officer the floor still gives 0.9, and just above it "
        "nothing; the smooth forms are at half of their highest value there.",
        "Curves that fall with active persons per officer: the floor at once at one, others the slower the smaller n.",
        svg,
    )


def courses(runs: dict[str, xr.Dataset], steps: int = 500) -> Picture:
    """Active persons of replicate 0 over the first steps, one panel a form."""
    with styled():
        figure = blank(0.45 + 0.8 * len(runs))
        top = figure.get_size_inches()[1]
        for n, (name, one) in enumerate(runs.items()):
            active = one["active"].values[0, :steps]
            axes = panel(figure, 0.95, top - 0.8 * (n + 1), 6.05, 0.62)
            axes.plot(np.arange(1, len(active) + 1), active, color=RED, linewidth=0.8)
            axes.set_xlim(0, len(active))
            axes.set_ylim(0, 420)
            axes.set_yticks([0, 200, 400])
            axes.text(-0.15, 0.4, name, transform=axes.transAxes, fontweight="bold")
            if n + 1 < len(runs):
                axes.set_xticklabels([])
        axes.set_xlabel("step")
        svg = svg_of(figure, "courses")
    return Picture(
        "The same society, seen with other eyes",
        "Active persons, replicate 0. Bursts are there with a sharp fall of risk and fade as it gets gentler.",
        "Lines of active persons: bursts in the upper panels, almost none in the lower ones.",
        svg,
    )
