"""Concession: a promise relieves as far as it is believed, and shows that protest works."""

from __future__ import annotations

from typing import Any

from groundswell.chance import Chance, exp
from groundswell.compiled import kernel
from groundswell.mechanisms.base import Mechanism, param


class Concession(
    Mechanism,
    phase="perceive",
    reads="country.concession? country.promise_broken? community.place place.country community.legitimacy "
    "community.legitimacy_change",
    writes="country.credibility community.efficacy",
    adds="community.legitimacy_change",
    stacked=True,
):
    """A promise relieves as far as it is believed, and shows that protest works (equations M9).

    Credibility starts at `credibility` and falls with broken promises: cred(t) = cred(t-1) (1 - miss broken(t)). A
    concession of size x raises legitimacy by relief cred x (1 - L), for good, L being legitimacy as it stands; and it
    adds efficacy x to a term of the decision that fades with `decay`. So on the day the mean change of utility is
    x (efficacy - grievance h (1 - L) relief cred): it flips from more to less turnout where credibility passes
    efficacy / (grievance h (1 - L) relief). A case gives `country.concession` and `country.promise_broken` as shocks
    of one day, between 0 and 1. Neutral: relief 0 and efficacy 0.
    """

    relief: float = param(0.3, low=0, high=1, unit="share", range=(0.05, 0.6), source="guess; calibrate", doc="gamma")
    credibility: float = param(0.5, low=0, high=1, unit="share", range=(0.05, 0.95), source="guess; calibrate",
                               doc="at the start")  # fmt: skip
    miss: float = param(0.5, low=0, high=1, unit="share", range=(0.1, 0.9), source="guess; calibrate",
                        doc="of credibility lost with a broken promise")  # fmt: skip
    efficacy: float = param(0.05, low=0, unit="utility", range=(0.0, 0.2), source="guess; calibrate",
                            doc="what success adds on the day")  # fmt: skip
    decay: float = param(14.0, low=0.1, unit="days", range=(3, 60), log=True, source="guess; calibrate")

    def step(self, world: Any, chance: Chance) -> None:
        """Believe, or not."""
        c, k = world.community, world.country
        concede(k.concession, k.promise_broken, c.place, world.place.country, c.legitimacy, c.legitimacy_change,
                self.relief, self.credibility, self.miss, self.efficacy, self.decay, world.time.days, world.time.step,
                k.credibility, c.efficacy, world.add.community.legitimacy_change)  # fmt: skip


@kernel
def concede(concession, broken, place, country, legitimacy, change, relief, first, miss, efficacy, decay, days, step,
            credibility, felt, added):  # fmt: skip
    """credibility[k] = (first where step is 0, else credibility[k]) * (1 - miss * broken[k]).

    With k = country[place[c]]: felt[c] = felt[c] * exp(-days / decay) + efficacy * concession[k];
    added[c] = relief * credibility[k] * concession[k] * (1 - L), L = legitimacy[c] + change[c] held within 0 and 1.
    """
    for r in range(felt.shape[0]):
        kept = exp(-days / decay[r])
        for k in range(credibility.shape[1]):
            before = first[r] if step == 0 else credibility[r, k]
            credibility[r, k] = before * (1.0 - miss[r] * broken[r, k])
        for c in range(place.size):
            k = country[place[c]]
            stands = max(0.0, min(1.0, legitimacy[r, c] + change[r, c]))
            felt[r, c] = kept * felt[r, c] + efficacy[r] * concession[r, k]
            added[r, c] = relief[r] * credibility[r, k] * concession[r, k] * (1.0 - stands)
