"""What was seen before: 64-bit marks of texts, 8 bytes each, so that repeats are found in files of any size."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

RECENT = 50_000


class Seen:
    """A growing set of texts. Two texts are taken for one with a chance of 1 in 10^6 among five million."""

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._sorted: list[NDArray[np.uint64]] = []

    def add(self, text: str) -> bool:
        """Add a text; True where it was there already."""
        mark = int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")
        if mark in self._recent or any(_holds(marks, mark) for marks in self._sorted):
            return True
        self._recent.add(mark)
        if len(self._recent) == RECENT:
            self._settle()
        return False

    def _settle(self) -> None:
        """Move the recent marks to a sorted array, and join arrays of like size: few arrays, each joined rarely."""
        self._sorted.append(np.sort(np.fromiter(self._recent, np.uint64, len(self._recent))))
        self._recent.clear()
        while len(self._sorted) > 1 and self._sorted[-2].size <= 2 * self._sorted[-1].size:
            last = self._sorted.pop()
            self._sorted[-1] = np.sort(np.concatenate([self._sorted[-1], last]))


def _holds(marks: NDArray[np.uint64], mark: int) -> bool:
    at = int(np.searchsorted(marks, np.uint64(mark)))
    return at < marks.size and int(marks[at]) == mark
