"""Ledgers and pages that are refused: one id each, with the file, the line or key, and a cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from refusals import refusing

from groundswell.ledger.load import ledgers_of, new_ledger


@pytest.mark.parametrize(
    ("file", "old", "new", "refusal", "words"),
    [
        ("claims.csv", "author,,quantity", "author,,quantety", "claim-type", ("claims.csv", "line 4", "quantity")),
        ("tests.toml", 'claim = "C2"', 'claim = "C22"', "claim-unknown", ("tests.toml", "'C22'", "C2")),
        ("tests.toml", 'facts = ["F1"]', 'facts = ["F11"]', "fact-unknown", ("tests.toml", "'F11'", "F1")),
        ("tests.toml", 'measures = ["injured"]', 'measures = ["wounded"]', "count-unknown", ("'wounded'", "injured")),
        ("tests.toml", 'place = "Harbour"', 'place = "Harbor"', "count-unknown", ("'Harbor'", "Harbour")),
        ("facts.csv", "2015-03-05,2015-03-08", "2015-03-05,2015-03-01", "fact-window", ("facts.csv", "line 4")),
        ("claims.csv", "Two hundred people were hurt", "A genocide hurt people", "legal-term", ("C2", "genocide")),
    ],
)
def test_a_broken_ledger(tmp_path: Path, file: str, old: str, new: str, refusal: str, words: tuple[str, ...]) -> None:
    path = new_ledger(tmp_path / "mine") / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with refusing(refusal, *words):
        ledgers_of(tmp_path / "mine")


def test_a_broken_table_is_told_once_and_not_what_follows_from_it(tmp_path: Path) -> None:
    path = new_ledger(tmp_path / "mine") / "claims.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("paraphrase", "parafrase"), encoding="utf-8")
    with refusing("csv-column", "parafrase"):
        ledgers_of(tmp_path / "mine")


def test_a_case_without_a_ledger() -> None:
    with refusing("ledger-missing", "two-neighbours", "groundswell new --ledger"):
        ledgers_of("two-neighbours")


def test_a_ledger_that_the_case_does_not_have(command: Callable[..., Any]) -> None:
    refusal = "ledger-unknown"
    done = command("claims", "iraq-2019", "--ledger", "esay", "--out", "page")
    assert done.code == 2 and f"[{refusal}]" in done.err and "essay" in done.err
    assert not Path("page").exists()


@pytest.mark.parametrize(("words", "refusal"), [(("claims", "iraq-2019"), "page-write"),
                                                (("rivals", "two-neighbours", "--replicates", "2", "--people", "400"),
                                                 "rivals-write")])  # fmt: skip
def test_a_page_that_cannot_be_written(
    command: Callable[..., Any], tmp_path: Path, words: tuple[str, ...], refusal: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    done = command(*words, "--out", "taken")
    assert done.code == 2 and f"[{refusal}]" in done.err
    assert (tmp_path / "taken").read_text() == "a file"
