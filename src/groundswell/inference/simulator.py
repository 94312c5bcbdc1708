"""The seam: anything that turns values of free numbers into summaries can be fitted, checked and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from groundswell.inference.space import Floats, Space


class Simulator(Protocol):
    """A simulator with its prior.

    `summaries` names the s summaries. `simulate(values (n, k), first)` gives (n, s): row i is simulation number
    first + i and has the same bits alone or in a batch, in any thread or process. It must be picklable for executors
    that use processes. `fingerprint` changes whenever results would: finished work is reused only under the same one.
    """

    @property
    def space(self) -> Space:
        """The free numbers."""
        ...

    @property
    def summaries(self) -> tuple[str, ...]:
        """Names of the summaries, in the order of the columns."""
        ...

    @property
    def fingerprint(self) -> str:
        """What the results depend on, as a digest."""
        ...

    def simulate(self, values: Floats, first: int) -> Floats:
        """Summaries (n, s) at values (n, k) of the free numbers; row i is simulation number first + i."""
        ...


@dataclass(frozen=True)
class Plain:
    """A simulator from a plain function of (values, first): for models in closed form, and a user's own.

    `name` stands for the function in the fingerprint: change it when the function changes.
    """

    space: Space
    summaries: tuple[str, ...]
    function: Callable[[Floats, int], Floats]
    name: str = "plain"

    @property
    def fingerprint(self) -> str:
        """Digest of the name, the free numbers and the summaries."""
        return digest(self.name, self.space, self.summaries)

    def simulate(self, values: Floats, first: int) -> Floats:
        """What the function gives."""
        return self.function(values, first)


def digest(*parts: object) -> str:
    """32 hex digits of BLAKE2b of the texts of some parts."""
    return hashlib.blake2b("\0".join(map(repr, parts)).encode(), digest_size=16).hexdigest()
