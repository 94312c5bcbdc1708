"""Backfire: residents who hear of arrests grow angry."""

from groundswell import Mechanism, binomial, exp, kernel, param

HEARD = 0


class Backfire(
    Mechanism,
    phase="settle",
    reads="community.place community.population place.arrests place.population",
    adds="community.anger",
):
    """Residents who hear of arrests grow angry: anger B rises by outrage x the share of the community who heard.

    Heard ~ Binomial(population, 1 - exp(-hearers x arrests of the place / population of the place)). The idea is that
    of Hess and Martin 2006 (repression can recoil when it becomes known); the form is a guess. Neutral: outrage 0.
    """

    hearers: float = param(30.0, low=0, unit="residents per arrest", range=(3, 300), log=True, source="guess; example")
    outrage: float = param(0.5, low=0, unit="stock", range=(0.05, 5), log=True, source="guess; example", doc="B if all hear")

    def step(self, world, chance):
        """Tell and resent."""
        c, p = world.community, world.place
        resent(c.place, c.population, p.arrests, p.population, self.hearers, self.outrage, chance,
               world.add.community.anger)  # fmt: skip


@kernel
def resent(place, population, arrests, residents, hearers, outrage, chance, added):
    """added = outrage * heard / population; heard is drawn at row c (community), slot 0."""
    for c in range(place.size):
        p = place[c]
        if arrests[p] > 0:
            knows = 1.0 - exp(-hearers * arrests[p] / residents[p])
            added[c] = outrage * binomial(chance, c, HEARD, population[c], knows) / population[c]
