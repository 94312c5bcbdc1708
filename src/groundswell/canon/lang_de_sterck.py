"""Lang and De Sterck 2014: a revolution as one share that grows while visible and shrinks while policed.

r is the share of the population in revolt:

    dr/dt = c1 v(r) (1 - r) - c2 p(r) r,   v = 1 where r > 1 - alpha, else 0;   p = 1 where r < beta, else 0.

alpha is how visible protest is, beta up to which share it is policed, c1 and c2 (per unit of time) how fast people join
and are taken away. With c* = c1 / (c1 + c2), four regions follow (our derivation):

    failed state               1 - alpha > beta                   shares beta..1 - alpha rest where they are
    stable police state        1 - alpha < beta, c* < 1 - alpha   below beta all end at 0, above at 1
    meta-stable police state   1 - alpha < c* < beta              c* draws all from 1 - alpha to beta
    unstable police state      1 - alpha < beta < c*              below 1 - alpha all end at 0, above at 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from groundswell.canon.base import Text, finished, refuse, within
from groundswell.chance import exp, log
from groundswell.compiled import kernel

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

REGIONS = ("failed state", "stable police state", "meta-stable police state", "unstable police state")

TEXT = Text(
    title="Lang and De Sterck 2014",
    source='Lang and De Sterck 2014, "The Arab Spring: A simple compartmental model for the dynamics of a revolution", '
    "Mathematical Social Sciences 69, 12-21 (arXiv 1210.1841).",
    verified=(
        "The differential equation with alpha and beta between 0 and 1, in a published review of the paper.",
        "In the abstract: the four regions by name, and that new media change the region abruptly, through visibility.",
        "Against arithmetic: the four regions, derived here, agree with integration on a grid of parameters.",
    ),
    not_verified=(
        "The step forms of v and p, and which side of a step its edge belongs to, are as recalled.",
        "The paper's full text, its inequalities (ours are derived here), and its values for Tunisia and Egypt.",
    ),
)


@dataclass(frozen=True)
class Rules:
    """The four numbers of the model.

    Parameters
    ----------
    alpha
        Visibility: protest is seen above the share 1 - alpha.
    beta
        Police capacity: protest is policed below this share.
    c1
        Speed of joining, per unit of time.
    c2
        Speed of being taken away, per unit of time.
    """

    alpha: float = 0.8
    beta: float = 0.5
    c1: float = 1.0
    c2: float = 2.0

    def __post_init__(self) -> None:
        """Raises GroundswellError where a value is off its limits."""
        within(self, alpha=(0, 1), beta=(0, 1), c1=(1e-6, 1e6), c2=(1e-6, 1e6))

    @property
    def seen(self) -> float:
        """The share above which protest is seen, 1 - alpha without the noise of binary fractions."""
        return round(1.0 - self.alpha, 12)

    @property
    def balance(self) -> float:
        """c*, where joining and being taken away are equal while protest is both seen and policed."""
        return self.c1 / (self.c1 + self.c2)


DEFAULT = Rules()


def region(rules: Rules) -> str:
    """The region by the inequalities of the module's text; an edge counts to the region that it is named last in."""
    seen = rules.seen
    if seen > rules.beta:
        return REGIONS[0]
    if rules.balance < seen:
        return REGIONS[1]
    return REGIONS[2] if rules.balance < rules.beta else REGIONS[3]


@kernel
def follow(share, seen, beta, c1, c2, times, path):
    """The share from `share` at time 0, at the increasing `times` (n,), into `path` (n,).

    Between the steps of v and p the equation is linear and is solved exactly; at a step the time of crossing is exact
    too. A share that reaches an edge at which the speeds on both sides point back at it stays on it.
    """
    now = 0.0
    k = 0
    for _ in range(64):
        if k == times.size:
            break
        join = c1 if share > seen else 0.0
        leave = c2 if share < beta else 0.0
        speed = join + leave
        goal = join / speed if speed > 0.0 else share
        edge, ahead = 0.0, False  # the nearest edge strictly between here and the goal
        for candidate in (seen, beta):
            between = min(share, goal) < candidate < max(share, goal)
            if between and (not ahead or abs(candidate - share) < abs(edge - share)):
                edge, ahead = candidate, True
        until = now + log((share - goal) / (edge - goal)) / speed if ahead else np.inf
        while k < times.size and times[k] <= until:
            path[k] = goal + (share - goal) * exp(-speed * (times[k] - now))
            k += 1
        if k == times.size:
            break
        up = goal > share
        nudge = 1e-12 if up else -1e-12
        join = c1 if edge + nudge > seen else 0.0
        leave = c2 if edge + nudge < beta else 0.0
        onward = join * (1.0 - edge) - leave * edge
        now = until
        if (onward > 0.0) == up and onward != 0.0:
            share = edge + nudge
        else:
            while k < times.size:
                path[k] = edge
                k += 1
    return k


def simulate(rules: Rules = DEFAULT, *, starts: int = 21, steps: int = 200, span: float = 20.0) -> xr.Dataset:
    """Follow `starts` shares spread evenly over 0..1: `share` (start, step), for a time `span` of units 1/(c1 + c2).

    Nothing is random. Raises GroundswellError where starts, steps or span make no sense.
    """
    if starts < 2 or steps < 1 or not 0 < span <= 1e6:
        refuse("starts", f"{starts} starts, {steps} steps, span {span:g}", "at least 2, 1, and above 0")
    first = np.linspace(0.0, 1.0, starts)
    times = np.linspace(0.0, span / (rules.c1 + rules.c2), steps + 1)[1:]
    path = np.empty((starts, steps))
    for k, share in enumerate(first):
        follow(share, rules.seen, rules.beta, rules.c1, rules.c2, times, path[k])
    return finished("lang-de-sterck", 0, rules, {"share": (("replicate", "step"), path, "share in revolt")},
                    {"start": ("replicate", first), "time": ("step", times)})  # fmt: skip


def summary(runs: xr.Dataset) -> pd.DataFrame:
    """One row a start: the share at the start and at the end."""
    import pandas as pd

    return pd.DataFrame({"start": runs["start"].values, "end": runs["share"].values[:, -1]})


def observed_region(rules: Rules, starts: int = 801, span: float = 1e5) -> str:
    """The region by what paths do, without the inequalities: where 801 starts end, and where their ends part.

    Some end strictly between 0 and 1: all at one share is meta-stable, at many is a failed state. Otherwise ends part
    at the share above which all end at 1: as visibility begins there it is unstable, as policing ends, stable.
    """
    runs = simulate(rules, starts=starts, steps=1, span=span)
    first, end = runs["start"].values, runs["share"].values[:, -1]
    inside = end[(end > 1e-6) & (end < 1 - 1e-6)]
    if inside.size:
        return REGIONS[2] if np.ptp(inside) < 1e-6 else REGIONS[0]
    parting: float = first[end > 0.5].min(initial=1.0)
    near: NDArray[np.float64] = np.abs(np.array([rules.beta, rules.seen]) - parting)
    return REGIONS[1] if near[0] < near[1] else REGIONS[3]
