"""The page: one file that opens offline. Its one script filters claims; without it all of them stand there."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from groundswell.errors import GroundswellError, Problem
from groundswell.ledger.book import Ledger
from groundswell.ledger.findings import WORDS, Finding, tally
from groundswell.ledger.rules import Evidence
from groundswell.reports.page import TEMPLATES

MEANING = {
    "supported": "what was recorded agrees, and nothing that was recorded disagrees",
    "contradicted": "what was recorded disagrees, and nothing that was recorded agrees",
    "cannot tell": "the record is silent, mixed, or counts something else",
    "not checked": "no test was stated, or its test is not made yet",
    "not testable": "nothing could test it: a motive, a verdict of law, no horizon, a value",
}


def write_page(found: list[tuple[Ledger, list[Finding]]], out: Path) -> Path:
    """Write `index.html` and `figures/` (SVG, PNG and CSV of each figure) under a folder; returns the page.

    Ledgers and claims stand in the order given. Raises GroundswellError where the folder cannot be written.
    """
    from groundswell.reports.ledger.figures import drawings

    figures, page = Path(out) / "figures", Path(out) / "index.html"
    try:
        figures.mkdir(parents=True, exist_ok=True)
        slugs = _slugs([ledger.name for ledger, _ in found])
        made = [
            _part(slug, ledger, some, drawings(slug, ledger, some, figures))
            for slug, (ledger, some) in zip(slugs, found, strict=True)
        ]
        part = page.with_name(page.name + ".partial")  # a page that was there stays until the new one is whole
        part.write_text(_render(made), encoding="utf-8")
        part.replace(page)
    except OSError as error:
        raise GroundswellError(Problem("page-write", str(out), f"cannot be written ({error.strerror or error})",
                                       "choose another folder")) from error  # fmt: skip
    return page


def _slugs(names: Iterable[str]) -> list[str]:
    """Ids for the page and names for files: letters, digits and dashes, each once."""
    made: list[str] = []
    for n, name in enumerate(names, 1):
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "ledger"
        made.append(slug if slug not in made else f"{slug}-{n}")
    return made


def _part(slug: str, ledger: Ledger, found: list[Finding], pictures: list[Any]) -> dict[str, Any]:
    anchors = {claim.id: f"{slug}-{re.sub(r'[^A-Za-z0-9_-]', '-', claim.id)}" for claim in ledger.claims}
    return {
        "slug": slug,
        "ledger": ledger,
        "tally": tally(found),
        "claims": [_claim(one, anchors) for one in found],
        "drawings": pictures,
    }


def _claim(one: Finding, anchors: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.claim.id,
        "anchor": anchors[one.claim.id],
        "claim": one.claim,
        "finding": one.finding,
        "kind": one.finding.replace(" ", "-"),
        "flags": [linked(flag, anchors) for flag in one.flags],
        "reason": linked(one.reason, anchors),
        "settle": linked(one.settle, anchors),
        "source": _address(one.claim.source),
        "evidence": [_row(e) for e in one.evidence],
        "search": " ".join(
            [one.claim.id, one.claim.speaker, one.claim.paraphrase, *one.flags]
            + [f"{e.text} {e.reporter} {e.publisher}" for e in one.evidence]
        ).lower(),
    }


def _row(e: Evidence) -> dict[str, Any]:
    return {"text": e.text, "stand": e.stand, "reporter": e.reporter, "publisher": e.publisher,
            "published": e.published, "url": _address(e.url), "written": e.url}  # fmt: skip


def _address(text: str) -> str:
    """An address that a link may carry, or nothing: only http and https, without spaces."""
    return text if re.fullmatch(r"https?://[^\s\"'<>]+", text) else ""


def linked(text: str, anchors: dict[str, str]) -> Any:
    """The text escaped, with each claim's id a link to it."""
    from markupsafe import Markup, escape

    if not anchors:
        return escape(text)
    ids = "|".join(re.escape(one) for one in sorted(anchors, key=len, reverse=True))
    out, end = Markup(), 0
    for match in re.finditer(rf"(?<![\w-])(?:{ids})(?![\w-])", text):
        link = Markup('<a href="#{}">{}</a>').format(anchors[match.group()], match.group())
        out += escape(text[end : match.start()]) + link
        end = match.end()
    return out + escape(text[end:])


def _render(parts: list[dict[str, Any]]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from groundswell.reports.tables import Link, show

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    environment.tests["link"] = lambda cell: isinstance(cell, Link)
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "ledger.css"))
    script = (TEMPLATES / "ledger.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    kinds = list(dict.fromkeys(one["claim"].type for part in parts for one in part["claims"]))
    return environment.get_template("ledger.html.j2").render(
        parts=parts, words=WORDS, meaning=MEANING, kinds=kinds, total=sum(len(part["claims"]) for part in parts),
        style=Markup(style), script=Markup(script), digest=digest, svg=Markup, show=show,
    )  # fmt: skip
