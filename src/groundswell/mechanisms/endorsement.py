"""Endorsement: dated public statements stand for a week or two, and each listens as far as one adheres."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Endorsement(
    Mechanism,
    phase="perceive",
    reads="actor.statement? actor.country community.place place.country",
    writes="community.endorsement",
    stacked=True,
):
    """Dated public statements stand for a week or two, and each listens as far as one adheres (equations M9).

    E(t) = E(t-1) exp(-days / decay) + strength sum of the day's statements by actors of the country, held within -1
    and 1. A case gives statements as shocks of one day on `actor.statement`, in [-1, 1]; above 0 speaks for turning
    out. The decision weighs E by the person's adherence and by `mobilisation.endorsement`, whose sign is free. That
    statements matter through adherence follows Brooke and others 2022 (abstract only); the form is a guess. An
    agreement that nobody endorsed is `pact`. Neutral: strength 0.
    """

    strength: float = param(1.0, low=0, high=1, unit="share", source="definition: a statement counts as given")
    decay: float = param(10.0, low=0.1, unit="days", range=(7, 14), source="guess; 7 to 14 days (equations M9)")

    def step(self, world: Any, chance: Chance) -> None:
        """Listen."""
        listen(world.actor.statement, world.actor.country, world.community.place, world.place.country, self.strength,
               self.decay, world.time.days, world.community.endorsement)  # fmt: skip


@kernel
def listen(statement, actor_country, place, country, strength, decay, days, endorsement):
    """endorsement[c] = endorsement[c] * exp(-days / decay) + strength * s, then held within -1 and 1.

    s = sum of statement over actors whose country is that of the community's place.
    """
    countries = 0
    for p in range(country.size):
        countries = max(countries, country[p] + 1)
    for a in range(actor_country.size):
        countries = max(countries, actor_country[a] + 1)
    said = np.empty(countries)
    for r in range(endorsement.shape[0]):
        kept = exp(-days / decay[r])
        said[:] = 0.0
        for a in range(actor_country.size):
            said[actor_country[a]] += statement[r, a]
        for c in range(place.size):
            stands = kept * endorsement[r, c] + strength[r] * said[country[place[c]]]
            endorsement[r, c] = max(-1.0, min(1.0, stands))
