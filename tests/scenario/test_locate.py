"""The scanner finds every key that the parser finds, on its line."""

import datetime as dt
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.scenario.load import cases
from groundswell.scenario.locate import locate
from groundswell.scenario.tables import Origins


def paths(data: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if at:
        yield at
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths(value, (*at, str(key)))


@pytest.mark.parametrize("name", sorted(cases()))
def test_cases(name: str) -> None:
    text = (cases()[name] / "scenario.toml").read_text()
    assert set(locate(text)) == set(paths(tomllib.loads(text)))


def test_lines() -> None:
    text = (
        '# one\na = 1\n\n[b."c d"]\ne = { f = 1, g = [\n  1,\n  { h = 2 }, # no\n] }\n'
        's = """x\n[not.this]\ny = 1 """"\nt = \'\'\'\n\'\'\'\nu.v = "[=]" # k = 1\n'
        "[[w]]\nx = 1\n[[w]]\nx = 2\n[w.y]\nz = 3\n"
    )
    lines = locate(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    assert lines["a",] == 2
    assert lines["b", "c d"] == 4
    assert lines["b", "c d", "e", "g", "0"] == 6
    assert lines["b", "c d", "e", "g", "1", "h"] == 7
    assert lines["b", "c d", "s"] == 9
    assert lines["b", "c d", "u", "v"] == 14
    assert (lines["w", "0", "x"], lines["w", "1", "x"], lines["w", "1", "y", "z"]) == (16, 18, 20)


def test_where() -> None:
    origins = Origins(
        "a.toml", {("x",): 3}, {("place", "north"): ("p.csv", 4, ""), ("place", "north", "b"): ("p.csv", 4, "b")}
    )
    assert origins.where(("x", "y", "z")) == "a.toml:3: x.y.z"
    assert origins.where(("place", "north", "b", "value")) == "p.csv, line 4, column b"
    assert origins.where(("place", "north", "c")) == "p.csv, line 4"
    assert origins.where(("q",)) == "a.toml: q"
    assert origins.where(()) == "a.toml"


@given(st.text(alphabet=st.sampled_from("ab[]{}=.,'\"#\n\\ 1é")) | st.text())
def test_any_text_is_scanned(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for line in locate(text).values())


KEY = st.text(min_size=1, max_size=6)
LEAF = st.integers() | st.booleans() | st.text(max_size=8) | st.dates(min_value=dt.date(1, 1, 1))
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3), max_leaves=8
)


def quoted(text: str) -> str:
    escaped = "".join(f"\\U{ord(c):08X}" if ord(c) < 32 or c in '"\\\x7f' else c for c in text)
    return f'"{escaped}"'


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(k)} = {written(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + "".join(f"  {written(v)}, # [x]\n" for v in value) + "]"
    return str(value).lower() if isinstance(value, bool) else quoted(value) if isinstance(value, str) else str(value)


@given(st.dictionaries(KEY.map(lambda k: f"t{k}"), st.dictionaries(KEY, VALUE, max_size=3), max_size=3))
def test_finds_what_the_parser_finds(data: dict[str, dict[str, Any]]) -> None:
    text = "".join(
        f"[{quoted(name)}]\n" + "".join(f"{quoted(k)} = {written(v)}\n" for k, v in table.items())
        for name, table in data.items()
    )
    assert tomllib.loads(text) == data
    lines = locate(text)
    assert set(lines) == set(paths(data))
    for name in data:
        assert text.split("\n")[lines[name,] - 1] == f"[{quoted(name)}]"


def test_no_machine_paths() -> None:
    assert "/" not in Origins(Path("/x/y.toml").name).where(("a",))
