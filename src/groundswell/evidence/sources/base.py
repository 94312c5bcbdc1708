"""What a source is: its columns, how one row becomes one event, its licence, and how to get it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from groundswell.evidence.cells import Cells

Event = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """One source of events. `row` turns the cells of a row into the columns of the event table, or refuses the row.

    Each of `layouts` is a set of columns that has to be there, by its name; the first that fits is taken. `key` is the
    column that tells rows apart ("" where there is none: then only whole rows that repeat are found). `counts` says
    which columns the source gives; the others are 0 because nobody counted, not because nobody was harmed. `download`
    is None where the terms or the site do not allow it.
    """

    name: str
    title: str
    publisher: str
    licence: str
    citation: str
    how_to_get: str
    covers: str
    traps: str
    layouts: dict[str, tuple[str, ...]]
    key: str
    counts: tuple[str, ...]
    row: Callable[[Cells], Event]
    download: Download | None = None

    def facts(self) -> dict[str, Any]:
        """For `groundswell data` and its JSON."""
        plain = ("name", "title", "publisher", "licence", "citation", "how_to_get", "covers", "traps", "counts")
        return {
            **{name: getattr(self, name) for name in plain},
            "columns": {name: list(needed) for name, needed in self.layouts.items()},
            "download": None if self.download is None else self.download.facts(),
        }


@dataclass(frozen=True)
class Download:
    """Where a file may be had without asking: its address, the versions, and the variable that holds a token, if any.

    `address` has `{version}` in it. `token` names an environment variable; `header` the header that carries it.
    """

    address: str
    versions: tuple[str, ...]
    file: str
    token: str = ""
    header: str = "Authorization"

    def facts(self) -> dict[str, Any]:
        """For JSON."""
        return {"address": self.address, "versions": list(self.versions), "token": self.token}


def event(**told: Any) -> Event:
    """A recorded event: what is not told is 0, or the day itself."""
    plain = {"replicate": -1, "day_precision": 0, "size": 0, "arrests": 0, "injuries": 0, "deaths_low": 0,
             "deaths_best": 0, "deaths_high": 0}  # fmt: skip
    return plain | told
