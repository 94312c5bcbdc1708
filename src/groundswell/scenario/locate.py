"""Where a key stands: the line of every table header, key and inline key of a TOML text."""

from __future__ import annotations

import re
import tomllib

Path = tuple[str, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{1,2}(?!"))?' r"|'''.*?'''(?:'{1,2}(?!'))?"
    r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'" r"|\#[^\n]*|[A-Za-z0-9_-]+|[ \t\r]+|.",
    re.DOTALL,
)  # fmt: skip
_MARKS = ("", "\n", "=", "]", ".", "[", "{", "}", ",")
_DEPTH = 200  # deeper than any table that is meant


def locate(text: str) -> dict[Path, int]:
    """Path to line (from 1) of every table header, key and inline key; elements of an array are named by their index.

    The text is taken to be valid TOML. Nothing is raised where it is not: paths are then missing or wrong.
    """
    return _Scan(text).lines


class _Scan:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, int]] = []
        self.lines: dict[Path, int] = {}
        self.at, line = 0, 1
        for word in _TOKEN.findall(text):
            if word.strip(" \t\r") and not word.startswith("#"):
                self.tokens.append((word, line))
            line += word.count("\n")
        self.tokens.append(("", line))
        self._document()

    def _next(self) -> str:
        return self.tokens[self.at][0]

    def _take(self, word: str) -> bool:
        self.at += (found := self._next() == word)
        return found

    def _document(self) -> None:
        prefix: Path = ()
        arrays: dict[Path, int] = {}
        while self._next():
            line = self.tokens[self.at][1]
            if self._take("["):
                prefix = self._header(self._take("["), self._key(), arrays)
                self._note(prefix, line)
            elif self._next() != "\n":
                self._pair(prefix, 0)
            while self._next() and not self._take("\n"):
                self.at += 1

    def _header(self, many: bool, parts: list[str], arrays: dict[Path, int]) -> Path:
        path: Path = ()
        for n, part in enumerate(parts, start=1):
            path += (part,)
            if many and n == len(parts):
                arrays[path] = arrays.get(path, -1) + 1
            if path in arrays:
                path += (str(arrays[path]),)
        return path

    def _key(self) -> list[str]:
        parts: list[str] = []
        while self._next() not in _MARKS:
            parts.append(_plain(self._next()))
            self.at += 1
            self._take(".")
        return parts

    def _pair(self, prefix: Path, depth: int) -> None:
        line = self.tokens[self.at][1]
        path = (*prefix, *self._key())
        if len(path) > len(prefix) and self._take("="):
            self._note(path, line)
            self._value(path, depth + 1)

    def _value(self, path: Path, depth: int) -> None:
        opener = self._next()
        if opener not in ("{", "[") or depth > _DEPTH:
            while self._next() not in ("", "\n", ",", "]", "}"):
                self.at += 1
            return
        self.at, index = self.at + 1, 0
        while self._next() not in ("", "}", "]"):
            before = self.at
            if self._take(","):
                index += 1
            elif not self._take("\n") and opener == "{":
                self._pair(path, depth)
            elif self.at == before:
                self._note((*path, str(index)), self.tokens[self.at][1])
                self._value((*path, str(index)), depth + 1)
            self.at += self.at == before
        self.at += self._next() != ""

    def _note(self, path: Path, line: int) -> None:
        for length in range(1, len(path)):
            self.lines.setdefault(path[:length], line)
        self.lines[path] = line


def _plain(word: str) -> str:
    try:
        return str(tomllib.loads(f"k = {word}")["k"]) if word[0] in "\"'" else word
    except ValueError:
        return word
