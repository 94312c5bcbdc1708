"""The ledgers of Iraq 2019: what ships, that known traps are caught, and that names and addresses are well-formed."""

from __future__ import annotations

import re
from functools import cache

import pytest

from groundswell.cli.claims import judged
from groundswell.ledger.findings import Finding, findings, tally
from groundswell.ledger.load import ledgers_of
from groundswell.scenario.load import find_file


@cache
def found(name: str) -> dict[str, Finding]:
    book = next(one for one in ledgers_of("iraq-2019") if one.name == name)
    return {one.claim.id: one for one in findings(book)}


def test_both_ledgers_ship() -> None:
    assert [book.name for book in ledgers_of("iraq-2019")] == ["essay", "rival"]
    assert {claim[:3] for claim in found("essay")} == {f"C{n:02}" for n in range(1, 81)}
    assert len(found("rival")) >= 20


def test_every_claim_of_both_has_a_test() -> None:
    bare = [c for name in ("essay", "rival") for c, one in found(name).items() if "No test of it" in one.reason]
    assert bare == []


def test_at_least_thirty_of_the_eighty_have_a_finding_with_evidence() -> None:
    spoken = {c[:3] for c, one in found("essay").items()
              if one.finding in ("supported", "contradicted", "cannot tell") and one.evidence}  # fmt: skip
    assert len(spoken) >= 30


@pytest.mark.parametrize(
    ("claim", "word", "flag"),
    [
        ("C65a", "contradicted", ""),  # the bridges fell back a week later
        ("C66b", "contradicted", "effect before cause"),
        ("C78", "contradicted", ""),  # the month of the speech
        ("C69", "contradicted", "double-counted? (C73a)"),
        ("C30", "contradicted", "single source"),
        ("C36", "cannot tell", "definition differs"),
        ("C03", "cannot tell", "inconsistent with C58"),
        ("C58", "not checked", "inconsistent with C03"),
        ("C29b", "not testable", ""),
        ("C75c", "not testable", ""),
    ],
)
def test_the_known_traps(claim: str, word: str, flag: str) -> None:
    one = found("essay")[claim]
    assert one.finding == word
    assert not flag or flag in one.flags


@pytest.mark.parametrize(
    ("claim", "word", "flag"),
    [
        ("R60", "contradicted", ""),  # a misdated speech, as C78
        ("R63", "contradicted", ""),  # misdated bridges, as C65a
        ("R51", "contradicted", ""),
        ("R49", "contradicted", "inconsistent with R48c"),
        ("R19", "cannot tell", ""),  # a rights group's count has no more say than officials'
        ("R40", "cannot tell", ""),
        ("R38a", "cannot tell", "definition differs"),
        ("R55b", "not testable", ""),
        ("R56", "not testable", ""),
    ],
)
def test_rivals_meet_the_same_rules(claim: str, word: str, flag: str) -> None:
    one = found("rival")[claim]
    assert one.finding == word
    assert not flag or flag in one.flags


def test_every_rival_claim_says_where_it_was_read() -> None:
    assert [c for c, one in found("rival").items() if not one.claim.source.startswith("http")] == []


def test_speakers_stand_by_office_or_role() -> None:
    people = re.compile(r"Khamenei|Rouhani|Sistani|Sadr\b|Soleimani|Mahdi|Nasrallah|Shammari|Muhandis|Jafari|Le Drian")
    for name in ("essay", "rival"):
        for one in found(name).values():
            assert not people.search(f"{one.claim.speaker} {one.claim.paraphrase}"), one.claim.id


def test_the_readme_has_the_counts_of_today() -> None:
    text = (find_file("iraq-2019").parent / "ledgers" / "README.md").read_text(encoding="utf-8")
    for ledger, some in judged("iraq-2019"):
        assert f"| {ledger.name} | {' | '.join(str(n) for n in tally(some).values())} |" in text


def test_addresses_are_addresses_or_say_that_they_are_missing() -> None:
    for name in ("essay", "rival"):
        for one in found(name).values():
            for e in one.evidence:
                assert re.fullmatch(r"https?://\S+|address missing", e.url), e.url
            assert not one.claim.source or re.match(r"https?://|.*could not be had", one.claim.source)


def test_a_claim_that_nothing_settles_says_what_would() -> None:
    for name in ("essay", "rival"):
        for one in found(name).values():
            if one.finding in ("cannot tell", "not checked"):
                assert one.settle or one.flags, one.claim.id


def test_no_finding_weighs_a_person() -> None:
    words = re.compile(r"\b(guilty|guilt|ordered the killing|responsible for|perpetrator|murder)\b", re.I)
    for name in ("essay", "rival"):
        for one in found(name).values():
            assert not words.search(one.reason), one.claim.id


def test_nobody_is_a_source_for_their_own_number() -> None:
    one = found("rival")["R17"]
    assert "IHCHR" not in {e.reporter for e in one.evidence}
