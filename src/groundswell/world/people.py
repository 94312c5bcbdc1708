"""Simulated people: how many stand for each community, with which weights, and how their traits are drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import at, uniform
from groundswell.compiled import kernel
from groundswell.quantiles import look_up

TAIL_SHARE = 0.1  # of each community: those with the lowest thresholds, who move first
TAIL_DENSITY_SHIFT = 3  # they are sampled 2^3 times as densely as the others
TRAITS = ("hardship", "risk_aversion", "threshold", "media_reach", "adherence")
_LEAST = 4  # persons of each deck in the smallest community


class Decks(NamedTuple):
    """Rows of each community (communities,), int32: its tail persons, then, after all tails, its other persons."""

    tail_first: NDArray[np.int32]
    tail_rows: NDArray[np.int32]
    bulk_first: NDArray[np.int32]
    bulk_rows: NDArray[np.int32]

    @property
    def people(self) -> int:
        """All simulated persons."""
        return int(self.tail_rows.sum() + self.bulk_rows.sum())


def deal(population: NDArray[np.int64], people: int) -> Decks:
    """About `people` persons shared among communities in proportion to population (communities,), at least 4 + 4 each.

    A community of population n gets TAIL_SHARE of its slots as tail persons of one slot, and the others as persons of
    2^TAIL_DENSITY_SHIFT slots; a slot stands for the same number of residents in every community, but for rounding.
    """
    dense = 1 << TAIL_DENSITY_SHIFT
    slots = people / (TAIL_SHARE + (1 - TAIL_SHARE) / dense) * population / population.sum()
    tail = np.maximum(_LEAST, np.rint(TAIL_SHARE * slots)).astype(np.int32)
    bulk = np.maximum(_LEAST, np.rint((1 - TAIL_SHARE) * slots / dense)).astype(np.int32)
    tail_first = np.concatenate([[0], np.cumsum(tail)[:-1]]).astype(np.int32)
    bulk_first = (tail.sum() + np.concatenate([[0], np.cumsum(bulk)[:-1]])).astype(np.int32)
    return Decks(tail_first, tail, bulk_first, bulk)


@kernel
def draw_people(tail_first, tail_rows, bulk_first, bulk_rows, population, table_of, tables, chance,
                weight, hardship, risk_aversion, threshold, media_reach, adherence, means):  # fmt: skip
    """Weights and traits of all persons of a stack of replicates.

    `population` (replicates, communities); `tables` (replicates, tables, nodes) of quantiles; `table_of` (5,
    communities) says which table holds each trait, in the order hardship, risk aversion, threshold, media reach,
    adherence. The threshold is stratified: the j-th of n tail persons draws its quantile from the j-th of n equal
    parts of 0..TAIL_SHARE, others from parts of TAIL_SHARE..1; other traits are drawn freely. Draws at row i, slots
    0 to 4. A tail person's weight is TAIL_SHARE x population / n, another's (1 - TAIL_SHARE) x population / n.
    `means` (5, replicates, communities) gets the weighted mean of each trait.
    """
    for r in range(population.shape[0]):
        luck = at(chance, r)
        for c in range(population.shape[1]):
            for t in range(5):
                means[t, r, c] = 0.0
            for deck in range(2):
                first = tail_first[c] if deck == 0 else bulk_first[c]
                rows = tail_rows[c] if deck == 0 else bulk_rows[c]
                low = 0.0 if deck == 0 else TAIL_SHARE
                span = TAIL_SHARE if deck == 0 else 1.0 - TAIL_SHARE
                for j in range(rows):
                    i = first + j
                    weight[r, i] = span * population[r, c] / rows
                    hardship[r, i] = look_up(tables[r, table_of[0, c]], uniform(luck, i, 0))
                    risk_aversion[r, i] = look_up(tables[r, table_of[1, c]], uniform(luck, i, 1))
                    threshold[r, i] = look_up(tables[r, table_of[2, c]], low + span * (j + uniform(luck, i, 2)) / rows)
                    media_reach[r, i] = look_up(tables[r, table_of[3, c]], uniform(luck, i, 3))
                    adherence[r, i] = look_up(tables[r, table_of[4, c]], uniform(luck, i, 4))
                    means[0, r, c] += span / rows * hardship[r, i]
                    means[1, r, c] += span / rows * risk_aversion[r, i]
                    means[2, r, c] += span / rows * threshold[r, i]
                    means[3, r, c] += span / rows * media_reach[r, i]
                    means[4, r, c] += span / rows * adherence[r, i]


@kernel
def weighted_sum(weight, value, first, rows):
    """The sum of weight[i] * value[i] over rows first..first+rows-1, in four interleaved partial sums."""
    one = two = three = four = 0.0
    end = first + rows
    i = first
    while i + 4 <= end:
        one += weight[i] * value[i]
        two += weight[i + 1] * value[i + 1]
        three += weight[i + 2] * value[i + 2]
        four += weight[i + 3] * value[i + 3]
        i += 4
    while i < end:
        one += weight[i] * value[i]
        i += 1
    return (one + two) + (three + four)
