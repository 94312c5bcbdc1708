"""A CSV as a stream of rows: plain, .gz or .zip, in one of four encodings, in bounded memory whatever its size."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from groundswell.errors import GroundswellError, Problem, nearest

ENCODINGS = ("utf-8", "utf-8-sig", "cp1256", "latin-1")
MOST_LINE = 1_000_000  # characters; the longest row of UCDP GED is far below a tenth of it
_BLOCK = 1 << 20
_HIGH = re.compile(rb"[\x80-\xff]+")
_BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class Input:
    """What is read: a file by path, or bytes in memory; `name` is how errors call it."""

    name: str
    path: Path | None = None
    held: bytes = b""

    @classmethod
    def of(cls, source: Path | str | bytes) -> Input:
        """A path, or the bytes themselves."""
        if isinstance(source, bytes):
            return cls("input", None, source)
        return cls(Path(source).name, Path(source))

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes from the start, unpacked. Raises GroundswellError where there is no such file or archive member."""
        with ExitStack() as held:
            try:
                raw: BinaryIO = io.BytesIO(self.held) if self.path is None else self.path.open("rb")
            except OSError as error:
                raise GroundswellError(self._missing(error)) from error
            held.enter_context(raw)
            try:
                stream = self._unpacked(raw, held)
            except (*_BROKEN, ValueError) as error:
                raise self.broken(error) from error
            yield stream

    def _unpacked(self, raw: BinaryIO, held: ExitStack) -> BinaryIO:
        start = raw.read(4)
        raw.seek(0)
        if start[:2] == b"\x1f\x8b":
            return cast(BinaryIO, held.enter_context(gzip.GzipFile(fileobj=raw)))
        if start == b"PK\x03\x04":
            archive = held.enter_context(zipfile.ZipFile(raw))
            members = [m for m in archive.namelist() if m.casefold().endswith(".csv") and not m.startswith("__MACOSX")]
            if len(members) != 1:
                fault = f"holds {len(members)} CSV files" if members else "holds no CSV file"
                raise GroundswellError(
                    Problem("data-archive", self.name, fault, "unpack it, and name the file to read")
                )
            return cast(BinaryIO, held.enter_context(archive.open(members[0])))
        return raw

    def _missing(self, error: OSError) -> Problem:
        folder = self.path.parent if self.path is not None else Path()
        try:
            found = [p.name for p in folder.iterdir() if p.is_file()]
        except OSError:
            found = []
        fault = "is not there" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        return Problem("data-file", self.name, fault, f"check the name; {nearest(self.name, found)}")

    def broken(self, error: Exception) -> GroundswellError:
        """What to raise where unpacking fails."""
        return GroundswellError(
            Problem("data-archive", self.name, f"is damaged ({str(error) or type(error).__name__})", "get it again")
        )


def encoding_of(source: Input) -> str:
    """UTF-8 (with or without a byte order mark) where the whole file is that; else a guess between two one-byte codes.

    In Arabic text (cp1256) bytes above 127 stand in runs, in Western text (latin-1) they stand alone between letters:
    whichever is the rule decides. Raises GroundswellError for UTF-16 and UTF-32, and for a damaged archive.
    """
    with source.open() as stream:
        start = _read(source, stream)
        if start[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE) or start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise GroundswellError(
                Problem("data-encoding", source.name, "is UTF-16 or UTF-32 text", "save the file as CSV UTF-8")
            )
        decoder = codecs.getincrementaldecoder("utf-8")()
        fine, runs, alone, block = True, 0, 0, start
        while block:
            if fine:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    fine = False
            for run in _HIGH.findall(block[:65536]):
                runs, alone = runs + (len(run) > 1), alone + (len(run) == 1)
            block = _read(source, stream)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        fine = False
    if fine:
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    return "cp1256" if runs > alone else "latin-1"


def _read(source: Input, stream: BinaryIO) -> bytes:
    try:
        return stream.read(_BLOCK)
    except _BROKEN as error:
        raise source.broken(error) from error


def delimiter_of(source: Input, encoding: str) -> str:
    """Comma, semicolon or tabulator: whichever is the most frequent in the first line that is not empty."""
    with source.open() as stream:
        for line in _lines(source, stream, encoding):
            if line.strip():
                return max(",;\t", key=line.count)
    return ","


def rows(source: Input, encoding: str, delimiter: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Number of the line on which each row ends (from 1), and its cells, stripped. Empty lines are passed over.

    Raises GroundswellError for a line longer than MOST_LINE and a quoted text that is not closed: what follows either
    cannot be told apart from it.
    """
    with source.open() as stream:
        reader = csv.reader(_lines(source, stream, encoding), delimiter=delimiter)
        while True:
            start = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise GroundswellError(
                    Problem("data-quotes", f"{source.name}, line {start}", f"cannot be parted into cells ({error})",
                            "close each double quote, and double it inside a text")
                ) from error  # fmt: skip
            if any(row):
                yield reader.line_num, [cell.strip() for cell in row]


def _lines(source: Input, stream: BinaryIO, encoding: str) -> Iterator[str]:
    number = 0
    try:
        with io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="") as text:
            while line := text.readline(MOST_LINE):
                number += 1
                if len(line) == MOST_LINE and not line.endswith(("\n", "\r")):
                    raise GroundswellError(
                        Problem("data-line", f"{source.name}, line {number}", f"is longer than {MOST_LINE:,} letters",
                                "this is no CSV of events; check the file")
                    )  # fmt: skip
                yield line
    except _BROKEN as error:
        raise source.broken(error) from error
