"""What a record of a given size can tell: how often contagion is found where it is, and where it is not.

Records are made by the statistical twin under a stated truth and tested as a real one would be. The two tables are
those of the science brief, D2: two national series, and places with a network. The brief's own code is not at hand;
what it leaves open is fixed here as said at `layout`, so its values need not be met exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, get_args

import numpy as np

from groundswell.inference.contagion import ONE_SIDED_5, Answer, Controls, ask, control, judged
from groundswell.inference.finding import Verdict
from groundswell.inference.panel import Floats, Integers, Panel, rows_to_one
from groundswell.inference.panel_draws import WARM, draw, shock

Progress = Callable[[int, int], None]
SHOCKS = ("none", "national", "regional", "local")


@dataclass(frozen=True)
class Design:
    """A truth and a record of it.

    `background` is mu in events a place-day, before shocks (mean 1) and excitation; `own` and `beta` the events that
    one event more makes in its own place and in each place whose neighbours all have it; `memory` the mean delay in
    days; `shock` is one series for all, for each region, for each place, or none, as AR(1) of log-sd `sd` and time
    `time` days. `effects` are those of the test. Defaults are those of D2.
    """

    places: int
    days: int
    background: float
    beta: float = 0.2
    own: float = 0.4
    memory: float = 3.0
    shock: str = "national"
    effects: str | int = "day"
    sd: float = 0.7
    time: float = 7.0
    dispersion: float = 0.0


class Share(NamedTuple):
    """The share of made-up records in which something was found, of how many, and its standard error."""

    rate: float
    of: int

    @property
    def error(self) -> float:
        """Binomial standard error, with one success and one failure added so that it is never 0."""
        rate = (self.rate * self.of + 1) / (self.of + 2)
        return math.sqrt(rate * (1 - rate) / (self.of + 2))


def layout(places: int) -> tuple[Floats, Integers]:
    """A made-up country: weights of the 3 nearest neighbours (rows sum to 1) and region numbers.

    Places lie on a spiral that fills a disc evenly (golden angle); regions are equal sectors of about 6 places, at
    least 3, so that a regional shock looks like the network. Two places are each other's only neighbour.
    """
    if places < 2:
        raise ValueError("at least 2 places")
    k = np.arange(places)
    angle = k * math.pi * (3 - math.sqrt(5))
    at = np.sqrt((k + 0.5) / places) * np.exp(1j * angle)
    apart = np.abs(at[:, None] - at[None, :])
    np.fill_diagonal(apart, np.inf)
    weights = np.zeros((places, places))
    near = np.argsort(apart, 1, kind="stable")[:, : min(3, places - 1)]
    np.put_along_axis(weights, near, 1.0, 1)
    regions = max(3, round(places / 6)) if places >= 6 else 1
    turned = np.argsort(np.argsort(np.mod(np.angle(at), 2 * math.pi), kind="stable"), kind="stable")
    return rows_to_one(weights), (turned * regions // places).astype(np.int64)


def record(
    design: Design, replicate: int, *, seed: int = 0, weights: Floats | None = None, region: Integers | None = None,
    mu: Floats | None = None,
) -> Panel:  # fmt: skip
    """A made-up record. By default places are alike and lie as in `layout`; `mu` (place) gives each its background.

    Addresses: "power/shock" and "power/counts", replicate as given.
    """
    if design.shock not in SHOCKS:
        raise ValueError(f"shock is one of {', '.join(SHOCKS)}")
    standard = layout(design.places)
    weights = standard[0] if weights is None else weights
    region = standard[1] if region is None else region
    days = design.days + WARM
    level = np.full(design.places, design.background) if mu is None else mu
    background = np.repeat(level[:, None], days, 1)
    if design.shock != "none":
        which = {"national": np.zeros(design.places, int), "regional": region, "local": np.arange(design.places)}
        at = which[design.shock]
        series = shock(int(at.max()) + 1, days, sd=design.sd, time=design.time, seed=seed, name="power/shock",
                       replicate=replicate)  # fmt: skip
        background = background * series[at]
    counts = draw(background, weights, own=design.own, network=design.beta, memory=design.memory,
                  dispersion=design.dispersion, seed=seed, name="power/counts", replicate=replicate)  # fmt: skip
    return Panel(counts[:, WARM:], tuple(f"place {k + 1}" for k in range(design.places)), weights, region)


def share_found(
    design: Design, *, replicates: int = 40, seed: int = 0, weights: Floats | None = None,
    region: Integers | None = None, mu: Floats | None = None, progress: Progress | None = None,
    rule: Callable[[Answer], bool] | None = None,
) -> Share:  # fmt: skip
    """How often the test finds contagion: its power where beta > 0, its false alarms where beta = 0.

    Found means a likelihood ratio beyond the one-sided 5 % point, or what `rule` says of a test.
    """
    found = 0
    for k in range(replicates):
        made = record(design, k, seed=seed, weights=weights, region=region, mu=mu)
        asked = ask(made, memory=design.memory, effects=design.effects, interval=rule is not None)
        found += asked.ratio > ONE_SIDED_5 if rule is None else rule(asked)
        if progress is not None:
            progress(k + 1, replicates)
    return Share(found / replicates, replicates)


def findings(
    design: Design, *, smallest: float = 0.05, replicates: int = 40, power: float = 1.0, seed: int = 0,
    controls: int = 19, progress: Progress | None = None,
) -> dict[str, Share]:  # fmt: skip
    """How often each finding is reached, by the whole rule of `contagion.judged`, in made-up records.

    Where `design.beta` is below `smallest`, the share "supported" is that of false findings. `power` is taken as
    shown. Controls are run where the intervals alone would support, with so many networks and draws each.
    """
    count: dict[str, int] = dict.fromkeys(get_args(Verdict), 0)
    for k in range(replicates):
        made = record(design, k, seed=seed)
        asked, by_region = (ask(made, memory=design.memory, effects=effects) for effects in ("day", "region-day"))
        ran = Controls(0.0, 0.0, 0.0, 1.0, 1.0, 0, 0)
        if min(asked.low, by_region.low) > smallest:
            ran = control(made, asked, memory=design.memory, placebos=controls, draws=controls, lead_draws=controls,
                          seed=seed + k)  # fmt: skip
        word, _ = judged(asked, by_region, ran, smallest=smallest, power=power, power_by_region=power)
        count[word] += 1
        if progress is not None:
            progress(k + 1, replicates)
    return {word: Share(found / replicates, replicates) for word, found in count.items()}


def quote(design: Design, share: Share, what: str = "events") -> str:
    """One sentence for a report or a ledger: what a record of this size would find."""
    effects = {"day": "with day effects", "region-day": "with region-day effects", "constant": "without day effects"}
    how = effects.get(str(design.effects), f"with knots every {design.effects} days")
    return (
        f"With {design.places} places, {design.days} days and {design.background:g} background {what} a place and day, "
        f"a contagion of {design.beta:g} is found in {share.rate:.0%} of {share.of} made-up records "
        f"(+-{2 * share.error:.0%}; one-sided test at 5 % {how})."
    )


def power_of(
    places: int, days: int, background: float, beta: float, *, effects: str | int = "day", replicates: int = 40,
    seed: int = 0, dispersion: float = 0.0,
) -> str:  # fmt: skip
    """The sentence of `quote` for a claim: an export of so many places and days, computed now.

    A second or two for 20 places and 60 days at 40 replicates a tenth of a second each.
    """
    design = Design(places, days, background, beta, effects=effects, dispersion=dispersion)
    return quote(design, share_found(design, replicates=replicates, seed=seed))


# The brief's tables, D2: what stands there, to print beside ours. Knots: constant, 14, 7, 3 days.
PAIR = (
    (60, "common shock", "national", 0.0, (0.53, 0.12, 0.02, 0.02)),
    (120, "common shock", "national", 0.0, (0.55, 0.10, 0.00, 0.00)),
    (365, "common shock", "national", 0.0, (0.93, 0.05, 0.00, 0.00)),
    (120, "contagion, independent shocks", "local", 0.15, (0.08, 0.02, 0.00, 0.00)),
    (365, "contagion plus shock", "national", 0.15, (1.00, 0.18, 0.00, 0.00)),
)
BACKGROUNDS: tuple[str | int, ...] = ("constant", 14, 7, 3)
PLACES = (  # places, days, background; power; false alarms: national shock (constant, day effects), regional shock
    (9, 60, 0.2, 0.23, (0.38, 0.00), 0.05),
    (9, 120, 1.0, 0.78, (0.75, 0.05), 0.20),
    (18, 60, 0.2, 0.50, (0.20, 0.05), 0.15),
    (18, 60, 1.0, 0.82, (0.47, 0.17), 0.47),
    (18, 120, 0.2, 0.60, (0.72, 0.03), 0.12),
    (18, 120, 1.0, 0.97, (0.93, 0.10), 0.40),
    (40, 60, 0.2, 0.93, (0.53, 0.07), 0.17),
    (40, 120, 1.0, 1.00, (0.95, 0.10), 0.88),
)


class Cell(NamedTuple):
    """One cell of a table: which row and column, our share, and the brief's (None: it has none)."""

    row: str
    column: str
    share: Share
    brief: float | None


def pair_table(replicates: int, *, seed: int = 0, rows: Sequence[int] | None = None,
               progress: Progress | None = None) -> list[Cell]:  # fmt: skip
    """Two national series, 3 background events a day each; rows of PAIR (by default all)."""
    cells = []
    chosen = [PAIR[k] for k in (range(len(PAIR)) if rows is None else rows)]
    for days, truth, kind, beta, brief in chosen:
        for effects, theirs in zip(BACKGROUNDS, brief, strict=True):
            share = share_found(
                Design(2, days, 3.0, beta, shock=kind, effects=effects), replicates=replicates, seed=seed
            )
            column = "constant" if effects == "constant" else f"{effects} d knots"
            cells.append(Cell(f"{days} days, {truth}", column, share, theirs))
            if progress is not None:
                progress(len(cells), 4 * len(chosen))
    return cells


def place_table(replicates: int, *, seed: int = 0, rows: Sequence[int] | None = None,
                progress: Progress | None = None) -> list[Cell]:  # fmt: skip
    """Places with 3 neighbours each; rows of PLACES (by default all), and two columns with region-day effects."""
    cells = []
    chosen = [PLACES[k] for k in (range(len(PLACES)) if rows is None else rows)]
    for places, days, background, power, (constant, by_day), regional in chosen:
        real = Design(places, days, background)
        calm = replace(real, beta=0.0)
        asked: tuple[tuple[str, Design, float | None], ...] = (
            ("power, day effects", real, power),
            ("false alarm, national shock, constant", replace(calm, effects="constant"), constant),
            ("false alarm, national shock, day effects", calm, by_day),
            ("false alarm, regional shock, day effects", replace(calm, shock="regional"), regional),
            ("power, region-day effects", replace(real, effects="region-day"), None),
            ("false alarm, regional shock, region-day effects",
             replace(calm, shock="regional", effects="region-day"), None),
        )  # fmt: skip
        for column, design, theirs in asked:
            share = share_found(design, replicates=replicates, seed=seed)
            cells.append(Cell(f"{places} places, {days} days, {background:g}", column, share, theirs))
            if progress is not None:
                progress(len(cells), len(asked) * len(chosen))
    return cells
