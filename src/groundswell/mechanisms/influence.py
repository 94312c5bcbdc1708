"""Influence: the share of one's own ties that were active yesterday; ties are computed, not stored."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, at
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param
from groundswell.world.people import TAIL_DENSITY_SHIFT
from groundswell.world.ties import bijection

_RESOLUTION = "held fixed, a guess: the resolution of the sample, docs/concepts/people.md"


class Influence(
    Mechanism,
    phase="perceive",
    reads="person.active community.tail_first community.tail_rows community.bulk_first community.bulk_rows "
    "community.place place.country place.internet?",
    writes="person.influence",
    daily=True,
    stacked=True,
):
    """The share of one's own ties that were active yesterday, x of rule B0 (equations M2).

    x = (1 - across - far I) own + across place + far I country, each the share active among the ties of that kind:
    within the community, among anyone of the same place, among anyone of the country; I is the place's internet, and
    far I counts for at most 1 - across.
    Ties are keyed bijections of persons (docs/concepts/people.md), the same on every day of a replicate: a person
    watches exactly `own_ties` + `place_ties` + `far_ties` others, oneself at times, and no slot is watched
    twice by one tie. Neutral: no ties (x is 0).
    """

    across: float = param(0.2, low=0, high=1, unit="share", range=(0.05, 0.4), source="guess; calibrate", doc="pi")
    far: float = param(0.1, low=0, high=1, unit="share", range=(0.02, 0.3), source="guess; calibrate", doc="kappa")
    own_ties: float = param(4, low=0, high=64, unit="ties", source=_RESOLUTION)
    place_ties: float = param(2, low=0, high=64, unit="ties", source=_RESOLUTION)
    far_ties: float = param(2, low=0, high=64, unit="ties", source=_RESOLUTION)

    def step(self, world: Any, chance: Chance) -> None:
        """Look at one's ties."""
        c = world.community
        lasting = chance._replace(step=chance.step * 0)  # ties last: their address has no step
        watch(world.person.active, c.tail_first, c.tail_rows, c.bulk_first, c.bulk_rows, c.place, world.place.country,
              world.place.internet, self.across, self.far, self.own_ties, self.place_ties, self.far_ties, lasting,
              world.person.influence)  # fmt: skip


@kernel
def watch_one(active, first, rows, slot, stride, g_tail, g_tail_rows, g_bulk, slots, worth, influence):
    """Persons first..first+rows-1 watch slots slot, slot + stride, ... (modulo slots); `worth` x active is added."""
    start = max(0, first)  # rows known not to be negative cost no test for an index from the end; so does np.uint64
    for i in range(start, start + rows):
        over = slot - g_tail_rows
        in_tail = over >> 63  # all ones where negative: no branch, since which deck is hit cannot be predicted
        seen = ((g_tail + slot) & in_tail) | ((g_bulk + (over >> TAIL_DENSITY_SHIFT)) & ~in_tail)
        influence[i] += worth * active[np.uint64(seen)]
        slot += stride - slots
        slot += slots & (slot >> 63)


@kernel
def watch_group(active, tail_first, tail_rows, bulk_first, bulk_rows, group, ties, row, slot, worth, chance, influence):
    """Everyone in communities group[0]..group[1]-1 watches `ties` persons of that group, each for `worth` x active.

    A tail person fills one slot of the group, another 2^TAIL_DENSITY_SHIFT slots, so that a slot stands for as many
    real persons anywhere. Slots run over the tail persons, then the others. Under the k-th bijection, at (row,
    slot + k), slot s watches slot (multiplier * s + shift) % slots; a person watches from its first slot.
    """
    start, end = group
    g_tail, g_bulk = tail_first[start], bulk_first[start]
    g_tail_rows = tail_first[end - 1] + tail_rows[end - 1] - g_tail
    g_bulk_rows = bulk_first[end - 1] + bulk_rows[end - 1] - g_bulk
    slots = g_tail_rows + (g_bulk_rows << TAIL_DENSITY_SHIFT)
    if slots == 0:
        return
    for k in range(ties):
        multiplier, shift = bijection(chance, row, slot + k, slots)
        stride = (multiplier << TAIL_DENSITY_SHIFT) % slots
        for c in range(start, end):
            worth_here = worth[c] / ties
            at_tail = (multiplier * (tail_first[c] - g_tail) + shift) % slots
            watch_one(active, tail_first[c], tail_rows[c], at_tail, multiplier, g_tail, g_tail_rows, g_bulk, slots,
                      worth_here, influence)  # fmt: skip
            at_bulk = g_tail_rows + ((bulk_first[c] - g_bulk) << TAIL_DENSITY_SHIFT)
            at_bulk = (multiplier * at_bulk + shift) % slots
            watch_one(active, bulk_first[c], bulk_rows[c], at_bulk, stride, g_tail, g_tail_rows, g_bulk, slots,
                      worth_here, influence)  # fmt: skip


@kernel
def watch(active, tail_first, tail_rows, bulk_first, bulk_rows, place, country, internet, across, far,
          own_ties, place_ties, far_ties, chance, influence):  # fmt: skip
    """influence[r, i] = sum over the ties of i of worth x active; worth as in `Influence`, divided by ties of the kind.

    Communities are sorted by country and place. Bijections are addressed by (community, k) for own ties,
    (place, 64 + k) for those in the place, (country, 128 + k) for far ones.
    """
    communities = place.size
    own = np.empty(communities)
    around = np.empty(communities)
    away = np.empty(communities)
    for r in range(influence.shape[0]):
        luck = at(chance, r)
        influence[r, :] = 0.0
        for c in range(communities):
            around[c] = across[r]
            away[c] = min(far[r] * internet[r, place[c]], 1.0 - across[r])
            own[c] = 1.0 - across[r] - away[c]
        place_start = country_start = 0
        for c in range(communities):
            watch_group(active[r], tail_first, tail_rows, bulk_first, bulk_rows, (c, c + 1), int(own_ties[r]), c, 0,
                        own, luck, influence[r])  # fmt: skip
            last = c + 1 == communities
            if last or place[c + 1] != place[c]:
                watch_group(active[r], tail_first, tail_rows, bulk_first, bulk_rows, (place_start, c + 1),
                            int(place_ties[r]), place[c], 64, around, luck, influence[r])  # fmt: skip
                place_start = c + 1
            if last or country[place[c + 1]] != country[place[c]]:
                watch_group(active[r], tail_first, tail_rows, bulk_first, bulk_rows, (country_start, c + 1),
                            int(far_ties[r]), country[place[c]], 128, away, luck, influence[r])  # fmt: skip
                country_start = c + 1
