"""Mean influence: the share of one's ties that were active, on community averages."""

from __future__ import annotations

from typing import Any, ClassVar

from groundswell.chance import Chance
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class MeanInfluence(
    Mechanism,
    phase="perceive",
    reads="community.active_share community.population community.place place.country place.internet?",
    writes="community.influence",
    daily=True,
    stacked=True,
):
    """The mean of x over a community, where everyone's ties show exactly the shares of the groups they reach.

    x = (1 - across - far I) own + across place + far I country: shares active yesterday of the community, of its
    place and of its country, each weighed by residents; far I counts for at most 1 - across. It is `influence` in the
    limit of many ties. Neutral: nobody was active (x is 0).
    """

    twin_of: ClassVar[str] = "influence"

    across: float = param(0.2, low=0, high=1, unit="share", range=(0.05, 0.4), source="guess; calibrate", doc="pi")
    far: float = param(0.1, low=0, high=1, unit="share", range=(0.02, 0.3), source="guess; calibrate", doc="kappa")

    def step(self, world: Any, chance: Chance) -> None:
        """Look at the mean of one's ties."""
        c = world.community
        watch_means(c.active_share, c.population, c.place, world.place.country, world.place.internet, self.across,
                    self.far, c.influence)  # fmt: skip


@kernel
def watch_means(share, population, place, country, internet, across, far, influence):
    """influence[r, c] = own s_c + across[r] S_place + away S_country, with away = min(far[r] I, 1 - across[r]).

    `share` (replicates, communities) is yesterday's share active s; own = 1 - across - away; S is the mean of s over
    the communities of the place or country, weighed by `population`, and 0 where nobody lives. `internet` (replicates,
    places) is I of the community's place.
    """
    places = internet.shape[1]
    countries = 0
    for p in range(places):
        countries = max(countries, country[p] + 1)
    for r in range(share.shape[0]):
        here = [0.0] * places
        people_here = [0.0] * places
        for c in range(share.shape[1]):
            here[place[c]] += share[r, c] * population[r, c]
            people_here[place[c]] += population[r, c]
        wide = [0.0] * countries
        people_wide = [0.0] * countries
        for p in range(places):
            wide[country[p]] += here[p]
            people_wide[country[p]] += people_here[p]
        for c in range(share.shape[1]):
            p = place[c]
            k = country[p]
            away = min(far[r] * internet[r, p], 1.0 - across[r])
            near = here[p] / people_here[p] if people_here[p] > 0.0 else 0.0
            all_over = wide[k] / people_wide[k] if people_wide[k] > 0.0 else 0.0
            influence[r, c] = (1.0 - across[r] - away) * share[r, c] + across[r] * near + away * all_over
