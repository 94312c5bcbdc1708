"""`groundswell claims`: what the record says of each claim of a written account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from groundswell.cli.shared import Json, say, usage

if TYPE_CHECKING:
    from groundswell.ledger.book import Ledger
    from groundswell.ledger.findings import Finding
    from groundswell.ledger.rules import Part


def claims(
    case: str,
    *,
    ledger: Annotated[str, Parameter(help="Only this ledger of the case.")] = "",
    claim: Annotated[tuple[str, ...], Parameter(negative=(), help="Only this claim, with all its evidence.")] = (),
    finding: Annotated[str, Parameter(help="Only claims with this finding.")] = "",
    out: Annotated[Path | None, Parameter(help="The folder of the page; by default out/CASE-claims.")] = None,
    causal: Annotated[Path | None, Parameter(help="A folder of `test-claims`; by default what ships.")] = None,
    as_json: Json = False,
) -> None:
    """Say of each claim of a written account whether the record supports it, contradicts it, or cannot tell.

    The case is one that ships with the package, a folder with a scenario, or a folder with a ledger.toml. A finding
    speaks of a claim and of the record at hand. It is no verdict on a person, and no ledger's account is endorsed. A
    page with the evidence of every claim is written too, unless only some claims or JSON are asked for.

    For example:

        groundswell claims iraq-2019
        groundswell claims iraq-2019 --ledger essay --finding contradicted
        groundswell claims iraq-2019 --claim C78 --claim C36
        groundswell claims my_ledger --out out/my_ledger
        groundswell claims my_ledger --json
    """
    from groundswell.errors import GroundswellError, Problem, nearest
    from groundswell.ledger.findings import WORDS, as_facts

    if finding and finding not in WORDS:
        raise SystemExit(usage(f"--finding {finding}: {nearest(finding, WORDS)}"))
    found = judged(case, ledger, causal)
    known = {one.claim.id for _, some in found for one in some}
    for wanted in claim:
        if wanted not in known:
            raise GroundswellError(
                Problem("claim-unknown", f"--claim {wanted}", "is no claim here", nearest(wanted, known))
            )
    chosen = [(book, [one for one in some if (not claim or one.claim.id in claim) and finding in ("", one.finding)])
              for book, some in found]  # fmt: skip
    facts: Any = [as_facts(book, some) for book, some in chosen]
    shown = zip(chosen, found, strict=True)
    text = "\n".join(_text(book, some, whole, bool(claim)) for (book, some), (_, whole) in shown)
    if out is None and not (claim or finding or as_json):
        out = Path("out") / f"{Path(case).name.replace('_', '-')}-claims"
    if out is not None:
        from groundswell.reports.ledger import write_page

        page = write_page(found, out)
        text += f"\n{page}"
        facts = {"page": str(page), "ledgers": facts}
    say(as_json, facts, text)


def judged(case: str, ledger: str = "", causal: Path | None = None) -> list[tuple[Ledger, list[Finding]]]:
    """Each ledger of a case (or the one named) with its findings. Raises GroundswellError where there is none."""
    from groundswell.errors import GroundswellError, Problem, nearest
    from groundswell.ledger.findings import findings
    from groundswell.ledger.load import ledgers_of

    books = ledgers_of(case)
    if ledger and ledger not in [book.name for book in books]:
        cure = nearest(ledger, [book.name for book in books])
        raise GroundswellError(Problem("ledger-unknown", f"--ledger {ledger}", "is no ledger of this case", cure))
    books = [book for book in books if ledger in ("", book.name)]
    return [(book, findings(book, _causal(case, book, causal))) for book in books]


def _causal(case: str, book: Ledger, folder: Path | None) -> dict[str, list[Part]]:
    """Kept results of causal tests, where the ledger is that of a case which can run them."""
    from groundswell.ledger.causal import FILE, kept_parts, runnable
    from groundswell.scenario.load import find_file, load

    file = book.folder / FILE if folder is None else folder / f"{book.name}.json"
    if not (file.is_file() and runnable(book)) or (Path(case) / "ledger.toml").is_file():
        return {}
    return kept_parts(load(find_file(case)), book, file)


def _text(book: Ledger, shown: list[Finding], whole: list[Finding], detailed: bool) -> str:
    from groundswell.ledger.findings import tally

    counts = ", ".join(f"{number} {word}" for word, number in tally(whole).items())
    lines = [f"{book.title} ({book.name}): {len(whole)} claims: {counts}", f"  {book.account}", ""]
    for one in shown:
        lines += _detail(one) if detailed else _line(one)
    return "\n".join(lines)


def _line(one: Finding) -> list[str]:
    flags = f"  [{'; '.join(one.flags)}]" if one.flags else ""
    return [f"{one.claim.id:<6} {one.finding:<13} {_cut(one.claim.paraphrase, 90)}{flags}"]


def _detail(one: Finding) -> list[str]:
    import textwrap

    claim = one.claim
    said = f", {claim.said_on}" if claim.said_on else ""
    lines = [f"{claim.id}  {one.finding}", f"  claim     {claim.paraphrase}", f"  said by   {claim.speaker}{said}"]
    if claim.source:
        lines.append(f"  source    {claim.source}")
    lines += [f"  flag      {flag}" for flag in one.flags]
    lines += textwrap.wrap(one.reason, 110, initial_indent="  why       ", subsequent_indent="            ")
    for e in one.evidence:
        when = f", {e.published}" if e.published else ""
        lines += [f"  {e.stand:<9} {e.text}", f"            {e.reporter} in {e.publisher}{when}"]
        lines.append(f"            {e.url}")
    if one.settle:
        lines += textwrap.wrap(one.settle, 110, initial_indent="  settle    ", subsequent_indent="            ")
    return [*lines, ""]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3].rstrip() + "..."
