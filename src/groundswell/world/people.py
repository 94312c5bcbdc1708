"""Simulated people: how many stand for each community, with which weights, and how their traits are drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundswell.chance import at, two_uniforms
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
def draw_trait(table, chance, first, rows, slot, low, span, shuffled, order, out):
    """out[first + j] for j in 0..rows-1: the quantile at low + span (stratum + u) / rows, so that each of `rows` equal
    parts of low..low + span is drawn from once.

    (u, v) are the two uniforms at (row first + j, slot). The stratum of j is j itself, or, where `shuffled`, entry j
    of 0..rows-1 shuffled so: for j from rows - 1 down to 1, swap entries j and floor(v_j (j + 1)). `order` (at least
    rows,) is scratch.
    """
    for j in range(rows):
        order[j] = j
    if shuffled:
        for j in range(rows - 1, 0, -1):
            k = int(two_uniforms(chance, first + j, slot, 0)[1] * (j + 1))
            order[j], order[k] = order[k], order[j]
    total = 0.0
    for j in range(rows):
        u = two_uniforms(chance, first + j, slot, 0)[0]
        out[first + j] = look_up(table, low + span * (order[j] + u) / rows)
        total += out[first + j]
    return total / rows


@kernel
def draw_people(tail_first, tail_rows, bulk_first, bulk_rows, population, table_of, tables, chance,
                weight, hardship, risk_aversion, threshold, media_reach, adherence, means):  # fmt: skip
    """Weights and traits of all persons of a stack of replicates.

    `population` (replicates, communities); `tables` (replicates, tables, nodes) of quantiles; `table_of` (5,
    communities) says which table holds each trait, in the order hardship, risk aversion, threshold, media reach,
    adherence (draw slots 0 to 4). Every trait is stratified within each deck of each community (`draw_trait`): the
    threshold in order over 0..TAIL_SHARE for tail persons and TAIL_SHARE..1 for others, other traits shuffled over
    0..1. A tail person's weight is TAIL_SHARE x population / rows, another's (1 - TAIL_SHARE) x population / rows.
    `means` (5, replicates, communities) gets the weighted mean of each trait.
    """
    order = np.empty(max(tail_rows.max(), bulk_rows.max()), np.int64)
    for r in range(population.shape[0]):
        luck = at(chance, r)
        for c in range(population.shape[1]):
            for deck in range(2):
                first = tail_first[c] if deck == 0 else bulk_first[c]
                rows = tail_rows[c] if deck == 0 else bulk_rows[c]
                low = 0.0 if deck == 0 else TAIL_SHARE
                span = TAIL_SHARE if deck == 0 else 1.0 - TAIL_SHARE
                for i in range(first, first + rows):
                    weight[r, i] = span * population[r, c] / rows
                for t in range(5):
                    table = tables[r, table_of[t, c]]
                    if t == 2:
                        mean = draw_trait(table, luck, first, rows, t, low, span, False, order, threshold[r])
                    else:
                        out = hardship if t == 0 else risk_aversion if t == 1 else media_reach if t == 3 else adherence
                        mean = draw_trait(table, luck, first, rows, t, 0.0, 1.0, True, order, out[r])
                    means[t, r, c] = span * mean if deck == 0 else means[t, r, c] + span * mean


@kernel
def weighted_sum(weight, value, first, rows):
    """The sum of weight[i] * value[i] over rows first..first+rows-1, in four interleaved partial sums.

    Products are float64, so that a column of float32 does not round them.
    """
    one = two = three = four = 0.0
    end = first + rows
    i = first
    while i + 4 <= end:
        one += np.float64(weight[i]) * value[i]
        two += np.float64(weight[i + 1]) * value[i + 1]
        three += np.float64(weight[i + 2]) * value[i + 2]
        four += np.float64(weight[i + 3]) * value[i + 3]
        i += 4
    while i < end:
        one += np.float64(weight[i]) * value[i]
        i += 1
    return (one + two) + (three + four)
