"""Contagion or common shock: one test on the statistical twin, its controls, and the rule that makes a finding of it.

The test: does the past of the neighbours add to the likelihood, after the place's own past and the effects of days
(or of region-days)? Its controls: networks rewired at random; the neighbours' future; made-up records, in which
the fit without contagion deals each day's events to places. The finding rule is that of the science brief, A3.

The future of neighbours needs care. Where p moves q and q moves p, real contagion makes the neighbours' future
tell of the present as well, so a lead that matters is no proof against contagion by itself. It is therefore compared
with what the fitted contagion itself makes in made-up records.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from groundswell.inference.finding import Finding, Verdict
from groundswell.inference.panel import Fit, Floats, Panel, ahead, fit, own, through
from groundswell.inference.panel import interval as profile
from groundswell.inference.panel_draws import allotted, rewired

ONE_SIDED_5 = 2.7055  # the likelihood ratio of one coefficient >= 0 beyond which 5 % lie (half a chi-square)
Z_90 = 1.6449  # 90 % interval: each bound is a one-sided 5 % test
MEMORIES = (2.0, 3.0, 5.0, 7.0, 10.0)  # days, science brief M8
SUPPORTED: Verdict = "supported"
CANNOT_TELL: Verdict = "cannot tell"


class Answer(NamedTuple):
    """The question of contagion, asked once: estimate, 90 % interval, likelihood ratio, one-sided p; both fits.

    The interval is that of the profile likelihood; not a number where it was not asked for.
    """

    coefficient: float
    low: float
    high: float
    ratio: float
    p: float
    without: Fit
    found: Fit

    @property
    def error(self) -> float:
        """A standard error, read from the interval as if it were a normal one."""
        return (self.high - self.low) / (2 * Z_90)


def one_sided(ratio: float) -> float:
    """The p value of a likelihood ratio of one coefficient that cannot be below 0; 0.5 and more at 0."""
    from scipy.stats import chi2

    return float(0.5 * chi2.sf(ratio, 1)) if ratio > 0 else 1.0


def best_memory(panel: Panel, *, effects: str | int = "day") -> float:
    """The mean delay in days (MEMORIES) that suits the own past best; neighbours are not looked at."""
    fits = [fit(panel, {"own": own(panel, mean)}, effects=effects) for mean in MEMORIES]
    return MEMORIES[int(np.argmax([one.log_likelihood for one in fits]))]


def ask(
    panel: Panel, *, memory: float = 3.0, effects: str | int = "day", weights: Floats | None = None,
    without: Fit | None = None, interval: bool = True,
) -> Answer:  # fmt: skip
    """Ask whether the neighbours' past matters. `without` saves a fit where it is known for the same panel."""
    terms = {"own": own(panel, memory)}
    plain = without or fit(panel, terms, effects=effects)
    terms["network"] = through(panel, memory, weights)
    full = fit(panel, terms, effects=effects, start=plain)
    ratio = max(0.0, 2.0 * (full.log_likelihood - plain.log_likelihood))
    bounds = profile(panel, terms, "network", full, effects=effects) if interval else (np.nan, np.nan)
    return Answer(full.of("network"), *bounds, ratio, one_sided(ratio), plain, full)


def lead_ratio(panel: Panel, asked: Answer, *, memory: float, effects: str | int) -> tuple[float, float]:
    """The coefficient of the neighbours' future beside their past, and its likelihood ratio."""
    terms = {"own": own(panel, memory), "network": through(panel, memory), "ahead": ahead(panel, memory)}
    led = fit(panel, terms, effects=effects, start=asked.found)
    return led.of("ahead"), max(0.0, 2.0 * (led.log_likelihood - asked.found.log_likelihood))


class Controls(NamedTuple):
    """What the controls say: p of rewired networks, of records made without contagion, and of leads.

    `p_rewired`: share of rewired networks (this one counted in) that fit at least as well. `p_drawn`: the same of
    records drawn from the fit without contagion. `p_lead`: of records drawn from the fit with contagion whose
    neighbours' future matters at least as much as here; `p_lead_plain` is the usual p value of the lead.
    """

    p_rewired: float
    p_drawn: float
    lead: float
    p_lead_plain: float
    p_lead: float
    rewired: int
    drawn: int


def redrawn(
    panel: Panel, source: Fit, memory: float, effects: str | int, *, seed: int, name: str, replicate: int
) -> Panel:
    """The same panel, its events of each day (and region, with region-day effects) dealt to places by a fit."""
    region = panel.region if effects == "region-day" else np.zeros(len(panel.places), np.int64)
    totals = np.zeros((int(region.max()) + 1, panel.counts.shape[1]), np.int64)
    np.add.at(totals, region, panel.counts)
    counts = allotted(source.background / source.gain, panel.weights, totals, region, own=source.of("own"),
                      network=source.of("network"), memory=memory, dispersion=source.dispersion, seed=seed, name=name,
                      replicate=replicate)  # fmt: skip
    return replace(panel, counts=counts)


def control(
    panel: Panel, asked: Answer, *, memory: float, effects: str | int = "day", placebos: int = 99, draws: int = 99,
    lead_draws: int = 39, seed: int = 0,
) -> Controls:  # fmt: skip
    """Run the controls of a test that was asked with the same memory and effects.

    Addresses: "rewired" (replicate the placebo), "contagion/null" and "contagion/lead" (replicate the draw).
    """
    within = panel.region if effects == "region-day" else None
    beaten = 0
    for k in range(placebos):
        other = rewired(panel.weights, within, seed=seed, replicate=k)
        placebo = ask(panel, memory=memory, effects=effects, weights=other, without=asked.without, interval=False)
        beaten += placebo.ratio >= asked.ratio
    above = 0
    for k in range(draws):
        made = redrawn(panel, asked.without, memory, effects, seed=seed, name="contagion/null", replicate=k)
        above += ask(made, memory=memory, effects=effects, interval=False).ratio >= asked.ratio
    lead, ratio = lead_ratio(panel, asked, memory=memory, effects=effects)
    led = 0
    for k in range(lead_draws):
        made = redrawn(panel, asked.found, memory, effects, seed=seed, name="contagion/lead", replicate=k)
        again = ask(made, memory=memory, effects=effects, interval=False)
        led += lead_ratio(made, again, memory=memory, effects=effects)[1] >= ratio
    return Controls(
        (1 + beaten) / (1 + placebos), (1 + above) / (1 + draws), lead, one_sided(ratio),
        (1 + led) / (1 + lead_draws), placebos, draws,
    )  # fmt: skip


def finding(low: float, high: float, smallest: float, power: float) -> Verdict:
    """The rule of A3 (`inference.finding`) for a claim that an effect above 0 exists, with the power that was shown."""
    return Finding(low, high, smallest, power).verdict


def judged(
    asked: Answer, by_region: Answer, controls: Controls, *, smallest: float, power: float, power_by_region: float
) -> tuple[Verdict, tuple[str, ...]]:
    """The finding after all controls, and the reasons that hold it back.

    Supported needs the rule under day and under region-day effects, and p <= 0.05 among rewired networks and made-up
    records without contagion, and leads no larger than the contagion itself makes them (p > 0.05). Contradicted needs
    the rule under both kinds of effects.
    """
    first = finding(asked.low, asked.high, smallest, power)
    second = finding(by_region.low, by_region.high, smallest, power_by_region)
    held = []
    if first != second:
        held.append(f"day effects alone say '{first}', region-day effects '{second}'")
    if first == second == SUPPORTED:
        if controls.p_rewired > 0.05:
            held.append(f"rewired networks do as well (p = {controls.p_rewired:.2f})")
        if controls.p_drawn > 0.05:
            held.append(f"records made without contagion do as well (p = {controls.p_drawn:.2f})")
        if controls.p_lead <= 0.05:
            held.append(f"the neighbours' future matters more than contagion makes it (p = {controls.p_lead:.2f})")
    if first == second == CANNOT_TELL:
        held.append(f"the interval {asked.low:.3g} to {asked.high:.3g} does not settle it "
                    f"(smallest effect of interest {smallest:g}, power {power:.2f})")  # fmt: skip
    return (CANNOT_TELL if held else first), tuple(held)
