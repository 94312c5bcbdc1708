"""The sources of events that are known by name: what each is, its licence, its citation, how to get it."""

from __future__ import annotations

from groundswell.errors import GroundswellError, Problem, nearest
from groundswell.evidence.sources.acled import ACLED
from groundswell.evidence.sources.base import Source
from groundswell.evidence.sources.mass_mobilization import MASS_MOBILIZATION
from groundswell.evidence.sources.ucdp_ged import UCDP_GED

SOURCES: dict[str, Source] = {source.name: source for source in (ACLED, MASS_MOBILIZATION, UCDP_GED)}


def source_of(name: str) -> Source:
    """The source of that name. Raises GroundswellError where there is none."""
    if name not in SOURCES:
        raise GroundswellError(
            Problem("data-source", f"source '{name}'", "is not known",
                    f"{nearest(name, SOURCES)}; any other CSV can be read through a column map (--columns)")
        )  # fmt: skip
    return SOURCES[name]
