"""Reporting: which model events would have been recorded. Now the identity, said aloud."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from groundswell.chance import Chance
from groundswell.world.events import Events


class Reporting(BaseModel):
    """The chance that an event is recorded. This one records every event once, with the right date and counts.

    It is an assumption, named so that reports can say it: real reporters miss events, more so during a shutdown, and
    define death and injury differently (docs/concepts/glossary.md).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def filter(self, events: Events, chance: Chance) -> Events:
        """The events that are recorded: all of them."""
        return events

    def describe(self) -> str:
        """One sentence for the report."""
        return "Reporting is the identity: every model event counts as recorded, on its day, with its count."
