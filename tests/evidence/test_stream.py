"""Streams: encodings found, archives opened, damage named; lines and quotes that have no end are refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from refusals import refusing

from groundswell.errors import GroundswellError
from groundswell.evidence.stream import MOST_LINE, Input, delimiter_of, encoding_of, rows

TEXT = "place,n\nBaghdad,1\n"


def zipped(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("_", ".")), data)  # dated 1980: the same bytes each time
    return held.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: zipped(a_csv=data, b_txt=b"x")])
def test_plain_and_packed_files_read_alike(tmp_path: Path, pack: object) -> None:
    data = pack(TEXT.encode())  # type: ignore[operator]
    path = tmp_path / "any.name"
    path.write_bytes(data)
    for source in (Input.of(path), Input.of(data)):
        assert list(rows(source, "utf-8")) == [(1, ["place", "n"]), (2, ["Baghdad", "1"])]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Nīnawá", "utf-8"), ("Nīnawá", "utf-8-sig"), ("ذي قار والناصرية", "cp1256"), ("Kébili, Médenine", "latin-1"),
     ("plain", "utf-8")],
)  # fmt: skip
def test_encodings_are_found(text: str, encoding: str) -> None:
    source = Input.of(f"place\n{text.replace(',', '')}\n".encode(encoding))
    assert encoding_of(source) == encoding
    assert list(rows(source, encoding))[-1][1] == [text.replace(",", "")]


def test_a_letter_cut_by_the_end_of_a_block_is_still_utf8() -> None:
    assert encoding_of(Input.of(b"x" * ((1 << 20) - 1) + "é".encode() * 10)) == "utf-8"
    assert encoding_of(Input.of(b"place\n\xd9")) == "latin-1"  # a letter that is not whole


@pytest.mark.parametrize(
    ("refusal", "data"),
    [
        ("data-encoding", TEXT.encode("utf-16")), ("data-encoding", TEXT.encode("utf-32")),
        ("data-archive", gzip.compress(TEXT.encode(), mtime=0)[:-9]), ("data-archive", b"\x1f\x8bnothing"),
        ("data-archive", b"PK\x03\x04nothing"), ("data-archive", zipped(a_txt=b"x")),
        ("data-archive", zipped(a_csv=b"x", b_csv=b"x")),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked_or_decoded_is_named(refusal: str, data: bytes) -> None:
    with pytest.raises(GroundswellError) as caught:
        encoding_of(Input.of(data))
    assert caught.value.problems[0].refusal == refusal and caught.value.problems[0].cure


def test_a_line_without_end_and_a_quote_without_end() -> None:
    with refusing("data-line", "line 2"):
        list(rows(Input.of(b"a\n" + b"x" * (MOST_LINE + 10)), "utf-8"))
    with refusing("data-quotes", "line 2"):
        list(rows(Input.of(b'a,b\n"x,1\n' + b"y,2\n" * 50_000), "utf-8"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(TEXT)
    with refusing("data-file", "did you mean 'export.csv'?"):
        encoding_of(Input.of(tmp_path / "exprt.csv"))
    with refusing("data-file", "cannot be read"):
        encoding_of(Input.of(tmp_path))


def test_delimiters_and_texts_over_several_lines() -> None:
    assert [delimiter_of(Input.of(t.encode()), "utf-8") for t in ("a;b;c\n", "\na\tb\n", "a,b\n", "a\n", "")] == [
        ";", "\t", ",", ",", ","]  # fmt: skip
    found = list(rows(Input.of(b'a,b\r\n"one\ntwo",2\r\n\r\nx,y\r\n'), "utf-8"))
    assert found == [(1, ["a", "b"]), (3, ["one\ntwo", "2"]), (5, ["x", "y"])]
