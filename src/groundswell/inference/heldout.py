"""Scores of rivals on numbers that were not fitted, with a standard error only where the data are enough for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundswell.inference.scores import Contrast, contrast, crps
from groundswell.inference.space import Floats

WINDOWS = 8  # guess: fewer windows that share no day give no standard error worth printing


@dataclass(frozen=True)
class HeldOut:
    """Losses (rivals, targets) of each rival on log(1 + number) of each target; lower is better.

    `block[t]` is that of target t: targets whose windows share a day, directly or through others, go together.
    """

    what: str
    names: tuple[str, ...]
    targets: tuple[str, ...]
    log_score: Floats
    crps: Floats
    block: NDArray[np.int64]

    @property
    def windows(self) -> int:
        """How many blocks there are."""
        return int(self.block.max()) + 1

    @property
    def enough(self) -> bool:
        """True where there are enough blocks for a standard error."""
        return self.windows >= WINDOWS

    def against(self, rival: int, seed: int = 0) -> tuple[Contrast, Contrast]:
        """Log score and CRPS of a rival less those of the first one, by a bootstrap over blocks."""
        one, two = (contrast(loss[rival], loss[0], self.block, seed=seed, name=f"inference/held-out/{key}")
                    for key, loss in (("log", self.log_score), ("crps", self.crps)))  # fmt: skip
        return one, two

    def lines(self, seed: int = 0) -> tuple[str, ...]:
        """What to say of them."""
        count = len(self.targets)
        head = f"{self.what}: {count} number{'s' * (count != 1)} in {self.windows} separate window"
        head += "s" * (self.windows != 1)
        if not self.enough:
            return (f"{head}, too few for a standard error ({WINDOWS} needed): the scores do not order the rivals.",)
        made = []
        for k, name in enumerate(self.names[1:], 1):
            gap = self.against(k, seed)[1]
            word = {"wins": "better than", "loses": "worse than"}.get(gap.says, "no different, as far as seen, from")
            made.append(
                f"{name} is {word} {self.names[0]} (CRPS {gap.difference:+.3f}, standard error {gap.error:.3f})"
            )
        return (f"{head}: {'; '.join(made)}.",)


def held_out(what: str, names: Sequence[str], draws: Mapping[str, Floats], seen: Floats,
             windows: Sequence[tuple[int, int]]) -> HeldOut:  # fmt: skip
    """Score equally weighted draws (n, t) of each rival, on log(1 + number), against what was seen (t,).

    `names` are those of the targets; `windows` their first and last days, as numbers, both included. The log score is
    -log of a normal density with the draws' mean and standard deviation, which is kept at half a count or more: where
    all draws are alike, more is not known than that.
    """
    log_score, score = [], []
    for held in draws.values():
        mean, sd = held.mean(axis=0), held.std(axis=0, ddof=1)
        sd = np.maximum(sd, 0.5 * np.exp(-mean))  # half a count, on the scale of log(1 + number), at the mean
        log_score.append(0.5 * ((seen - mean) / sd) ** 2 + np.log(sd) + 0.5 * np.log(2 * np.pi))
        score.append(crps(seen, held.T))
    return HeldOut(what, tuple(draws), tuple(names), np.array(log_score), np.array(score), blocks(windows))


def blocks(windows: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """The block of each window: 0, 1, ... in order of time; windows that share a day are in one block."""
    made = np.zeros(len(windows), np.int64)
    block, last = -1, -(10**9)
    for k in sorted(range(len(windows)), key=lambda k: windows[k]):
        first, end = windows[k]
        block += first > last
        last = max(last, end)
        made[k] = block
    return made
