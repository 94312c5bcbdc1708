"""The reference kernel: a person's whole day (ties, decision, count) in one hand-written loop."""

from __future__ import annotations

import math

import numpy as np

from groundswell.chance import at, logistic, uniform
from groundswell.compiled import kernel
from groundswell.world.people import TAIL_DENSITY_SHIFT
from groundswell.world.ties import bijection


@kernel
def fused_day(
    active,
    weight,
    hardship,
    risk_aversion,
    threshold,
    media_reach,
    tail_first,
    tail_rows,
    bulk_first,
    bulk_rows,
    fixed,
    on_hardship,
    on_risk,
    on_media,
    network,
    noise,
    ties,
    chance,
    turned_out,
    turnout,
):
    """One day of `influence`, `mobilisation` and `crowd` for one world, with all ties in the community.

    The work per person is that of the three mechanisms: `ties` gathers, seven terms, one draw, one logistic, a sum.
    """
    lasting = at(chance, 0)
    multiplier = np.empty(ties, np.int64)
    slot = np.empty(ties, np.int64)
    stride = np.empty(ties, np.int64)
    sharp = 1.0 / noise
    for c in range(tail_first.size):
        slots = tail_rows[c] + (bulk_rows[c] << TAIL_DENSITY_SHIFT)
        total = 0.0
        for k in range(ties):
            multiplier[k], slot[k] = bijection(lasting, c, k, slots)
            stride[k] = multiplier[k]
        for deck in range(2):
            first = tail_first[c] if deck == 0 else bulk_first[c]
            rows = tail_rows[c] if deck == 0 else bulk_rows[c]
            if deck == 1:
                for k in range(ties):
                    stride[k] = (multiplier[k] << TAIL_DENSITY_SHIFT) % slots
            for i in range(first, first + rows):
                seen = 0.0
                for k in range(ties):
                    over = slot[k] - tail_rows[c]
                    in_tail = over >> 63
                    row = ((tail_first[c] + slot[k]) & in_tail) | (
                        (bulk_first[c] + (over >> TAIL_DENSITY_SHIFT)) & ~in_tail
                    )
                    seen += active[row]
                    slot[k] += stride[k] - slots
                    slot[k] += slots & (slot[k] >> 63)
                gain = (
                    on_hardship * hardship[i]
                    + network * (seen / ties - threshold[i])
                    + on_media * media_reach[i]
                    - on_risk * risk_aversion[i]
                    + fixed[c]
                )
                acting = math.floor(weight[i] * logistic(gain * sharp) + uniform(chance, i, 0))
                turned_out[i] = min(1.0, acting / weight[i])
                total += acting
        turnout[c] = int(total + 0.5)
