"""Findings of whole ledgers: the template, several tests of one claim, contradictions, and made-up ledgers."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from groundswell.errors import GroundswellError
from groundswell.ledger import madeup
from groundswell.ledger.findings import as_facts, findings, tally
from groundswell.ledger.load import ledgers_of, new_ledger
from groundswell.ledger.rules import Part

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_ledger(tmp_path / "mine")


def write(folder: Path, name: str, *lines: str) -> None:
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("\n".join(["", *lines, ""]))


def words(folder: Path) -> dict[str, str]:
    (ledger,) = ledgers_of(folder)
    return {one.claim.id: one.finding for one in findings(ledger)}


def test_the_template(folder: Path) -> None:
    found = {"C1": "supported", "C2": "contradicted", "C3": "not checked", "C4": "not testable", "C5": "contradicted"}
    assert words(folder) == found


def test_one_part_that_contradicts_decides(folder: Path) -> None:
    write(folder, "tests.toml", "[[date]]", 'claim = "C1"', "claimed = 2015-06-01", 'facts = ["F1"]')
    assert words(folder)["C1"] == "contradicted"


def test_one_part_that_cannot_tell_decides_over_support(folder: Path) -> None:
    write(folder, "tests.toml", "[[unsourced]]", 'claim = "C1"', 'looked = "the archive"', 'settle = "a photograph"')
    (ledger,) = ledgers_of(folder)
    one = findings(ledger)[0]
    assert one.finding == "cannot tell" and "the archive" in one.reason and "a photograph" in one.settle


def test_a_contradiction_flags_both_and_says_not_which(folder: Path) -> None:
    write(folder, "claims.csv", "C6,4,author,,structure,The square was never occupied,")
    write(folder, "tests.toml", "[[contradiction]]", 'claims = ["C1", "C6"]', 'why = "One denies the other."')
    (ledger,) = ledgers_of(folder)
    found = {one.claim.id: one for one in findings(ledger)}
    assert found["C1"].finding == "supported" and "inconsistent with C6" in found["C1"].flags
    assert found["C6"].finding == "cannot tell" and "inconsistent with C1" in found["C6"].flags


def test_a_part_that_is_attached_settles_a_causal_claim(folder: Path) -> None:
    (ledger,) = ledgers_of(folder)
    part = Part("causal", "supported", "Two towns more, 90 % interval 1.2 to 3.")
    one = next(f for f in findings(ledger, {"C3": [part]}) if f.claim.id == "C3")
    assert one.finding == "supported" and "Two towns more" in one.reason and "Not tested yet" not in one.reason


def test_all_claims_are_counted_and_the_rest_is_plain(folder: Path) -> None:
    (ledger,) = ledgers_of(folder)
    facts = as_facts(ledger, findings(ledger))
    assert sum(facts["tally"].values()) == len(ledger.claims) and len(facts["tally"]) == 5
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


BROKEN = {
    "claim": ("tests.toml", 'claim = "C1"', 'claim = "C11"', r"tests.toml:\d+: date.0.claim: 'C11' is no claim"),
    "fact": ("tests.toml", 'facts = ["F1"]', 'facts = ["F9"]', r"date.0.facts: 'F9' is no fact"),
    "key": ("tests.toml", "qualifier", "qualifer", r"quantity.0.qualifer.*did you mean 'qualifier'"),
    "kind": ("tests.toml", "[[causal]]", "[[causes]]", r"causes.*did you mean 'causal'"),
    "missing": ("tests.toml", 'why = "a judgement of value"', "", r"untestable.0.why: is missing"),
    "schema": ("tests.toml", "schema = 1", "schema = 2", r"is 2, not 1; upgrade groundswell"),
    "toml": ("tests.toml", "[[causal]]", "[[causal]", r"is not TOML"),
    "type": ("claims.csv", "evaluative,The", "opinion,The", r"claims.csv, line 6, column type: 'opinion' is no type"),
    "twice": ("claims.csv", "C5,3", "C4,3", r"'C4' is in the table twice"),
    "date": ("facts.csv", "2015-03-05,2015-03-08", "5 March,2015-03-08", r"facts.csv, line 4, column date"),
    "window": ("facts.csv", "2015-03-05,2015-03-08", "2015-03-05,2015-03-01", r"ends on 2015-03-01, before it starts"),
    "count": ("counts.csv", "64,exact", "64,exactly", r"counts.csv, line 3.*exactly"),
    "column": ("facts.csv", ",fact,", ",event,", r"lacks the column 'fact'"),
    "title": ("ledger.toml", 'title = "An invented account"', "", r"title: is missing"),
    "head": ("ledger.toml", "note =", "notes =", r"notes.*did you mean 'note'"),
    "law": ("claims.csv", "The square was occupied", "The genocide began", r"'genocide', a verdict of law; split"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_refused(folder: Path, name: str) -> None:
    file, old, new, message = BROKEN[name]
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GroundswellError, match=message):
        ledgers_of(folder)


def test_every_fault_is_told_at_once(folder: Path) -> None:
    for name in ("claim", "key", "type"):
        file, old, new, _ = BROKEN[name]
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(GroundswellError) as caught:
        ledgers_of(folder)
    assert len(caught.value.problems) >= 3
    assert all(problem.where.startswith("mine/") for problem in caught.value.problems)


def test_the_commands(command: Callable[..., Any], tmp_path: Path) -> None:
    made = command("new", "mine", "--ledger")
    assert made.code == 0 and (tmp_path / "mine" / "claims.csv").is_file()
    again = command("new", "mine", "--ledger")
    assert again.code == 2 and "exists already" in again.err
    shown = command("claims", "mine")
    assert shown.code == 0 and re.search(r"^C5 +contradicted +.*\[effect before cause\]$", shown.out, re.M)
    detail = command("claims", "mine", "--claim", "C2")
    assert "https://example.org/hurt2" in detail.out and "C1 " not in detail.out
    some = command("claims", "mine", "--finding", "not testable", "--json").json
    assert [claim["claim"]["id"] for claim in some[0]["claims"]] == ["C4"]
    for words in (["--claim", "C9"], ["--ledger", "mien"], ["--finding", "false"]):
        refused = command("claims", "mine", *words)
        assert refused.code == 2 and "Traceback" not in refused.err and refused.err
    nothing = command("claims", "two-neighbours")
    assert nothing.code == 2 and "has no ledger" in nothing.err
    shutil.rmtree(tmp_path / "mine")


def test_made_up_ledgers_repeat_and_their_truth_is_found() -> None:
    found = madeup.rates(40, 3, **madeup.CREWS["careful"])
    assert found == madeup.rates(40, 3, **madeup.CREWS["careful"])
    assert tally([]) == dict.fromkeys(tally([]), 0)
    for (kind, truth), count in found.items():
        share = {word: count[word] / count["all"] for word in ("supported", "contradicted", "cannot tell")}
        if truth == "true":
            assert share["contradicted"] < 0.05, kind
        if truth in ("false", "moved"):
            assert share["contradicted"] > 0.9 and share["supported"] == 0, kind
        if truth in ("definition differs", "same day"):
            assert share["cannot tell"] > 0.9, kind


@pytest.mark.slow
def test_the_table_in_the_docs_is_the_table_that_is_made() -> None:
    page = (DOCS / "concepts" / "findings.md").read_text(encoding="utf-8")
    for crew, numbers in madeup.CREWS.items():
        text = page.split(f"Reporters who are {crew}:", 1)[1].strip().split("\n\n", 1)[0]
        assert text.splitlines() == madeup.table(madeup.rates(**numbers))
