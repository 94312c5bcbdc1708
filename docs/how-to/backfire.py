"""Backfire: arrests that a community hears of make it angry."""

from groundswell import Mechanism, exp, kernel, param, uniform

HEARS = 0


class Backfire(
    Mechanism,
    phase="settle",
    reads="community.place community.anger place.arrests",
    adds="community.anger",
):
    """Arrests that a community hears of make it angry (the idea: Hess and Martin 2006; the form: an example).

    A community hears of n arrests in its place with probability 1 - exp(-heard n); if it does, its anger B rises by
    outrage (1 - B), and not at all from 1 on. Neutral: heard 0.
    """

    heard: float = param(0.01, low=0, unit="per arrest", range=(0.001, 0.1), log=True, source="guess; an example")
    outrage: float = param(0.1, low=0, high=1, unit="stock", range=(0.01, 0.5), log=True, source="guess; an example")

    def step(self, world, chance):
        """Hear and resent."""
        hear_and_resent(world.community.place, world.community.anger, world.place.arrests, self.heard, self.outrage,
                        chance, world.add.community.anger)  # fmt: skip


@kernel
def hear_and_resent(place, anger, arrests, heard, outrage, chance, added):
    """Draws at row c (community), slot 0: whether it hears."""
    for c in range(place.size):
        if uniform(chance, c, HEARS) < 1.0 - exp(-heard * arrests[place[c]]):
            added[c] = outrage * max(0.0, 1.0 - anger[c])
