"""How often the whole finding rule of contagion errs, and how often it finds. See README.md.

python studies/findings/run.py
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import arguments, table, told, write

HERE = Path(__file__).parent
ROWS = (  # days, background a place-day, contagion, shock
    (60, 0.2, 0.0, "national"),
    (120, 1.0, 0.0, "national"),
    (60, 1.0, 0.0, "regional"),
    (60, 1.0, 0.4, "national"),
)
WORDS = ("supported", "contradicted", "cannot tell")


def main(words: Sequence[str] | None = None) -> None:
    """Run the study and write its results."""
    asked = arguments(__doc__, HERE, words)
    from groundswell.inference.power import Design, findings

    rows, lines = [], []
    for days, background, beta, shock in ROWS[:2] if asked.quick else ROWS:
        design = Design(5 if asked.quick else 18, 40 if asked.quick else days, background, beta, shock=shock)
        many = 4 if asked.quick else 20 if beta else 40
        found = findings(design, replicates=many, seed=asked.seed, progress=told)
        rows.append({"places": design.places, "days": design.days, "background": background, "contagion": beta,
                     "shock": shock, "records": many, **{word: found[word].rate for word in WORDS},
                     "error": found["supported"].error})  # fmt: skip
        shares = [f"{found[word].rate:.3f}" for word in WORDS]
        shares.append(f"{found['supported'].error:.3f}")
        lines.append([f"{design.places} places, {design.days} days, {background:g}",
                      f"{shock} shock, contagion {beta:g}", many, *shares])  # fmt: skip
    calm = [row for row in rows if row["contagion"] == 0]
    false = sum(row["supported"] * row["records"] for row in calm) / sum(row["records"] for row in calm)
    page = [
        "# How often the finding rule of contagion errs",
        "",
        f"Of {sum(row['records'] for row in calm)} made-up records without contagion, {false:.1%} end in a false",
        "finding of it.",
        "",
        *table(["record", "truth", "records", *WORDS, "± (supported)"], lines),
    ]
    write(asked.out, {"command": "python studies/findings/run.py", "seed": asked.seed, "rows": rows,
                      "false_findings": false}, page, asked.quick)  # fmt: skip


if __name__ == "__main__":
    main()
