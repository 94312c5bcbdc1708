"""Declaring, finding and loading mechanisms; every refusal of mechanisms/base.py, by id, fault and cure."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from groundswell.errors import MechanismError
from groundswell.mechanisms import base
from groundswell.mechanisms.base import REGISTRY, Mechanism, find, load_file, param, parameters, registry

pytestmark = pytest.mark.usefixtures("clean_registry")
GUESS: dict[str, Any] = {"source": "guess; test"}


def refused(attempt, *words: str) -> tuple[str, str]:
    """(refusal, where) of the one problem; its fault and cure together hold the words."""
    with pytest.raises(MechanismError) as caught:
        attempt()
    (p,) = caught.value.problems
    for word in words:
        assert word in f"{p.fault}; {p.cure}", str(p)
    assert p.fault and p.cure
    return p.refusal, p.where


def declare(name: str = "Probe", /, **keywords: Any) -> type[Mechanism]:
    return type(Mechanism)(name, (Mechanism,), {"__module__": __name__, "__qualname__": name}, **keywords)


def test_the_class_line_is_read() -> None:
    class CloudCover(
        Mechanism,
        phase="act",
        reads="place.turnout place.media?",
        writes="place.deployed",
        adds="community.anger",
        after="crowd arrest",
        ties="neighbour",
        daily=True,
    ):
        share: float = param(0.5, low=0, high=1, source="a book", unit="share", doc="of the sky")

    assert CloudCover.name == "cloud_cover" and REGISTRY["cloud_cover"] is CloudCover
    assert CloudCover.phase == "act" and CloudCover.daily and not CloudCover.stacked
    assert CloudCover.reads == ("place.turnout", "place.media") and CloudCover.optional == {"place.media"}
    assert CloudCover.writes == ("place.deployed",) and CloudCover.adds == ("community.anger",)
    assert CloudCover.after == ("crowd", "arrest") and CloudCover.ties == ("neighbour",)
    assert parameters(CloudCover) == {
        "share": {
            "default": 0.5,
            "doc": "of the sky",
            "unit": "share",
            "source": "a book",
            "range": None,
            "log": False,
            "low": 0,
            "high": 1,
        }
    }


@pytest.mark.parametrize(
    ("keywords", "refusal", "words"),
    [
        ({"phase": "act", "readz": "place.turnout"}, "class-keyword", ["'readz'", "did you mean 'reads'?"]),
        ({}, "phase", ["phase ''", "perceive, decide, act, settle"]),
        ({"phase": "Act"}, "phase", ["phase 'Act'"]),
        (
            {"phase": "act", "reads": "place.trunout"},
            "field-unknown",
            ["'place.trunout'", "did you mean 'place.turnout'?"],
        ),
        ({"phase": "act", "writes": "place.zzz"}, "field-unknown", ["'place.zzz'"]),
        ({"phase": "act", "adds": "anger"}, "field-unknown", ["'anger'"]),
        (
            {"phase": "act", "writes": "place.country"},
            "write-link",
            ["writes place.country", "when the world is built"],
        ),
        ({"phase": "act", "adds": "unit.place"}, "write-link", ["unit.place"]),
        (
            {"phase": "act", "writes": "community.anger community.fear", "adds": "community.fear"},
            "write-and-add",
            ["both writes and adds community.fear", "choose one"],
        ),
    ],
)
def test_declarations_that_are_refused(keywords: dict[str, Any], refusal: str, words: list[str]) -> None:
    assert refused(lambda: declare(**keywords), *words) == (refusal, "mechanism 'probe'")
    assert "probe" not in REGISTRY


def test_a_name_belongs_to_one_class() -> None:
    first = declare(phase="act")
    again = declare(phase="settle")  # the same class once more, as after an edit in a notebook
    assert REGISTRY["probe"] is again is not first

    def other() -> None:
        class Anger(Mechanism, phase="act"):
            pass

    assert refused(other, "groundswell.mechanisms.anger", "another class name") == (
        "mechanism-twice",
        "mechanism 'anger'",
    )
    assert REGISTRY["anger"].__module__ == "groundswell.mechanisms.anger"


def test_parameters_are_checked_and_frozen() -> None:
    class Probe(Mechanism, phase="act"):
        rate: float = param(0.5, low=0, high=1, source="a book")

    assert Probe().rate == 0.5 and Probe(rate=1).rate == 1.0
    for wrong in ({"rate": 1.5}, {"rate": -0.1}, {"rate": float("nan")}, {"speed": 1}):
        with pytest.raises(ValueError, match=r"rate|speed"):
            Probe(**wrong)
    with pytest.raises(ValueError, match="frozen"):
        Probe().rate = 0.1


def test_stack_holds_arrays() -> None:
    class Probe(Mechanism, phase="act"):
        rate: float = param(0.5, low=0, source="a book")
        kept: float = param(2.0, source="a book")

    stacked = Probe().stack(rate=np.array([1.0, 2.0]))
    assert stacked.rate.tolist() == [1.0, 2.0] and stacked.kept == 2.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({**GUESS}, ["guess without a range", "range=(low, high)"]),
        ({"source": "a book", "range": (0, 1)}, ["has a range but is not a guess"]),
        ({**GUESS, "range": (1, 2)}, ["(1, 2)", "the default within the range"]),
        ({**GUESS, "range": (2, 1)}, ["(2, 1)"]),
        ({**GUESS, "range": (0, 1), "log": True}, ["scale"]),
        ({**GUESS, "range": (-1, 1), "low": 0}, ["limits"]),
        ({**GUESS, "range": (0, 3), "high": 2}, ["limits"]),
    ],
)
def test_guesses_that_do_not_fit(arguments: dict[str, Any], words: list[str]) -> None:
    refusal, where = refused(lambda: param(0.5, **arguments), *words)
    assert refusal == "guess-range" and where.startswith("a parameter with")


def test_a_parameter_without_source() -> None:
    class Probe(Mechanism, phase="act"):
        rate: float = 0.5

    assert refused(lambda: parameters(Probe), "'rate'", "param(..., source=...)") == (
        "plain-parameter",
        "mechanism 'probe'",
    )


def test_a_mechanism_without_step() -> None:
    with pytest.raises(NotImplementedError, match="probe"):
        declare(phase="act")().step(None, None)  # type: ignore[arg-type]


def test_find() -> None:
    assert list(find(["crowd", "anger"])) == ["crowd", "anger"]
    with pytest.raises(MechanismError) as caught:
        find(["crowds", "anger", "zzz"], "case.toml, mechanism")
    one, two = caught.value.problems
    assert (one.refusal, one.where, one.cure) == (
        "mechanism-unknown",
        "case.toml, mechanism.crowds",
        "did you mean 'crowd'?",
    )
    assert two.where.endswith(".zzz") and two.cure.startswith("known are: ")


GOOD = """
from groundswell import Mechanism
class {name}(Mechanism, phase="act"):
    def step(self, world, chance):
        pass
"""


def test_load_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOOD.format(name="MineToo") + GOOD.format(name="Mine"))
    assert load_file(path) == ["mine", "mine_too"]
    assert load_file(str(path)) == ["mine", "mine_too"]  # again: nothing is defined twice
    assert REGISTRY["mine"].__module__.startswith("groundswell_user_mine")
    path.write_text(GOOD.format(name="Mine").replace("act", "settle"))
    assert load_file(path) == ["mine"] and REGISTRY["mine"].phase == "settle"  # its text changed


def test_two_files_may_share_a_name_but_not_a_mechanism(tmp_path: Path) -> None:
    for folder, name in (("a", "Mine"), ("b", "Yours"), ("c", "Mine")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "rules.py").write_text(GOOD.format(name=name))
    assert load_file(tmp_path / "a" / "rules.py") + load_file(tmp_path / "b" / "rules.py") == ["mine", "yours"]
    assert refused(lambda: load_file(tmp_path / "c" / "rules.py"), "is defined already")[0] == "mechanism-twice"


@pytest.mark.parametrize(
    ("text", "refusal", "words"),
    [
        (None, "with-file", ["is not a Python file", "--with path/to/file.py"]),
        ("x = 1\n", "with-file", ["defines no mechanism", "subclass groundswell.Mechanism"]),
        ("from groundswell.mechanisms.anger import Anger\n", "with-file", ["defines no mechanism"]),
        ("1 / 0\n", "with-file", ["failed: ZeroDivisionError: division by zero", "run it with python"]),
        ("def f(:\n", "with-file", ["failed: SyntaxError"]),
        ("import nowhere_at_all\n", "with-file", ["failed: ModuleNotFoundError"]),
        ("raise SystemExit(0)\n", "with-file", ["failed: SystemExit"]),
        ("from groundswell import Mechanism\nclass M(Mechanism, phase='later'): pass\n", "phase", ["phase 'later'"]),
        (GOOD.format(name="Fear"), "mechanism-twice", ["is defined already"]),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str | None, refusal: str, words: list[str]) -> None:
    path = tmp_path / "wrong.py"
    if text is not None:
        path.write_text(text)
    assert refused(lambda: load_file(path), *words)[0] == refusal
    assert REGISTRY["fear"].__module__ == "groundswell.mechanisms.fear"


@pytest.mark.parametrize("name", ["notes.txt", "folder", "folder.py"])
def test_what_is_no_python_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith(".txt"):
        path.write_text(GOOD.format(name="Mine"))
    else:
        path.mkdir()
    assert refused(lambda: load_file(path), "is not a Python file") == ("with-file", str(path))


class Point:
    """An entry point as installed packages offer it."""

    def __init__(self, attempt) -> None:
        self.name, self.value, self.load = "weather", "weather_package.rules", attempt


def offer(monkeypatch: pytest.MonkeyPatch, attempt) -> None:
    def points(*, group: str) -> list[Point]:
        return [Point(attempt)] if group == "groundswell.mechanisms" else []

    monkeypatch.setattr(importlib.metadata, "entry_points", points)
    registry.cache_clear()
    monkeypatch.setattr(base, "registry", registry)


@pytest.fixture
def fresh() -> Any:
    yield
    registry.cache_clear()


def test_entry_points_are_loaded(monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    offer(monkeypatch, lambda: declare("Weather", phase="act"))
    assert "weather" in registry() and "crowd" in registry()


def test_an_entry_point_that_fails_is_named(monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    def broken() -> None:
        raise ImportError("no module named rain")

    offer(monkeypatch, broken)
    refusal, where = refused(registry, "failed: ImportError: no module named rain", "uninstall or mend")
    assert refusal == "entry-point" and "weather" in where


def test_the_package_defines_what_its_files_say() -> None:
    for name, cls in registry().items():
        if cls.__module__.startswith("groundswell.mechanisms."):
            assert cls.__module__ == f"groundswell.mechanisms.{name}"  # one mechanism a file
            assert cls.__doc__ and cls.step is not Mechanism.step
            for key, p in parameters(cls).items():
                assert p["source"], f"{name}.{key}"
            cls.model_validate(dict(cls()))  # every default fits its limits


@pytest.mark.parametrize(("default", "limits"), [(2.0, {"high": 1}), (-1.0, {"low": 0})])
def test_a_default_outside_its_own_limits(default: float, limits: dict[str, float]) -> None:
    with pytest.raises(MechanismError, match=r"lies outside its own limits.*\[param-default\]") as caught:
        param(default, source="invented", **limits)
    assert caught.value.problems[0].refusal == "param-default"
