"""`groundswell odd`: the ODD+D protocol of a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from groundswell.cli.shared import Asked, Explanation, Sets, With


def odd(
    case: str,
    *,
    explanation: Explanation = "",
    set_: Sets = (),
    with_: With = (),
    out: Annotated[Path | None, Parameter(help="A Markdown file to write; by default it is printed.")] = None,
) -> None:
    """Write the ODD+D protocol of a case, from what its file and the code declare, as Markdown.

    It is complete enough to write the model again from it.

    For example:

        groundswell odd two-neighbours
        groundswell odd iraq-2019 --explanation given_responses --out iraq-2019.md
    """
    from groundswell.reports.odd import odd as protocol

    text = protocol(Asked(case, with_, explanation, set_).load())
    if out is None:
        print(text)
        return
    out.write_text(text, encoding="utf-8")
    print(out)
