"""Every refusal: one broken scenario a file, each loaded; and no refusal id without one, or without a direct test."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from groundswell.errors import GroundswellError, MechanismError, ScenarioError
from groundswell.mechanisms import base
from groundswell.mechanisms.base import Mechanism, load_file, param, registry
from groundswell.mechanisms.schedule import schedule
from groundswell.scenario.load import from_resolved, load
from groundswell.world import fields

HERE = Path(__file__).parent
TESTS = HERE.parent
SMALL = TESTS / "scenario" / "small.toml"
SOURCE = Path(base.__file__).parents[1]
BROKEN = sorted([*HERE.glob("*.toml"), *HERE.glob("*/scenario.toml")])
DIRECT = {
    "after-cycle": "test_conflicts_of_a_schedule",
    "after-phase": "test_conflicts_of_a_schedule",
    "after-unknown": "test_conflicts_of_a_schedule",
    "case-unknown": "test_source_that_is_nowhere",
    "class-keyword": "test_class_lines",
    "event-columns": "test_events_with_other_columns",
    "explanation-chosen": "test_one_explanation_at_a_time",
    "explanation-unknown": "test_unknown_explanation",
    "field-name": "test_fields",
    "field-twice": "test_fields",
    "field-unknown": "test_class_lines",
    "file-size": "test_file_size",
    "guess-range": "test_parameters",
    "mechanism-twice": "test_mechanism_twice",
    "phase": "test_class_lines",
    "plain-parameter": "test_parameters",
    "resolved": "test_resolved_text",
    "two-writers": "test_conflicts_of_a_schedule",
    "undeclared": "test_undeclared",
    "with-file": "test_with_file",
    "write-and-add": "test_class_lines",
    "write-and-read": "test_conflicts_of_a_schedule",
    "write-link": "test_class_lines",
}


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Mechanisms that a test defines are gone after it."""
    before = dict(registry())
    yield
    base.REGISTRY.clear()
    base.REGISTRY.update(before)


def of(path: Path) -> tuple[str, str, str]:
    """(refusal id, text of the message, where) from the first two comment lines of a broken scenario."""
    first, second = path.read_text().splitlines()[:2]
    _, refusal, text = first.removeprefix("# ").split(": ", 2)
    return refusal, text, second.removeprefix("# where: ")


def ids() -> set[str]:
    texts = [path.read_text() for path in SOURCE.rglob("*.py")]
    return {found for text in texts for found in re.findall(r'Problem\(\s*"([a-z-]+)"', text)}


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.parent.name if p.name == "scenario.toml" else p.stem)
def test_refused(path: Path) -> None:
    refusal, text, where = of(path)
    with pytest.raises(ScenarioError) as caught:
        load(path)
    problems = caught.value.problems
    assert {p.refusal for p in problems} == {refusal}, f"other refusals beside it:\n{caught.value}"
    assert any(text in str(p) and p.where == where for p in problems), str(caught.value)
    assert all(p.where and p.fault and p.cure for p in problems)
    assert str(path.parent.parent) not in str(caught.value)


def test_every_refusal_has_a_test() -> None:
    broken = {of(path)[0] for path in BROKEN}
    functions = "\n".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    assert not [name for name in DIRECT.values() if f"def {name}(" not in functions]
    elsewhere = "\n".join(p.read_text() for p in TESTS.rglob("test_*.py") if p != Path(__file__))
    # the refusals of runs, stores and reports are tried where those are tested, by their quoted id
    named = {found for found in ids() if f'"{found}"' in elsewhere}
    assert not sorted(ids() - broken - set(DIRECT) - named)
    assert not sorted((broken | set(DIRECT)) - ids()), "tests of refusals that are no longer in the source"


def test_all_faults_at_once(tmp_path: Path) -> None:
    text = SMALL.read_text().replace("hill = 0.5", "hill = 5").replace('"guard"', '"gard"').replace("noise", "nois")
    (tmp_path / "scenario.toml").write_text(text.replace("until =", "untill ="))
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path)
    found = {p.refusal for p in caught.value.problems}
    assert found == {"range", "link-unknown", "parameter-unknown", "key-unknown"}


@pytest.mark.parametrize("source", ["irak_2020", "no/such/folder", "none.toml", "a" * 5000, "nul\0"])
def test_source_that_is_nowhere(source: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(source)
    assert caught.value.problems[0].refusal in ("case-unknown", "file-missing")


def test_nearest_case() -> None:
    with pytest.raises(ScenarioError, match=r"did you mean 'two_neighbours'\?.*case-unknown"):
        load("two-neighbors")


def test_folder_without_a_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="file-missing"):
        load(tmp_path)


def test_file_size(tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").write_text("#" * 5_000_001)
    with pytest.raises(ScenarioError, match="file-size"):
        load(tmp_path)


def test_link_out_of_the_folder(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    (tmp_path / "secret.csv").write_text("name,country\nnorth,aria\n")
    (case / "places.csv").symlink_to(tmp_path / "secret.csv")
    (case / "scenario.toml").write_text(
        SMALL.read_text().replace("[place.north]", '[place]\nfile = "places.csv"\n[place.north]')
    )
    with pytest.raises(ScenarioError, match="path-escape"):
        load(case)


def test_unknown_explanation() -> None:
    with pytest.raises(ScenarioError, match=r"did you mean 'fear_only'\?.*explanation-unknown"):
        load(SMALL).under("fear")


def test_one_explanation_at_a_time() -> None:
    with pytest.raises(ScenarioError, match="explanation-chosen"):
        load(SMALL).under("fear_only").under("fear_only")


@pytest.mark.parametrize("text", ["", "[", '{"schema": 1}', '{"schema": 1, "name": 3}', "[1]", "[" * 100_000])
def test_resolved_text(text: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        from_resolved(text)
    assert caught.value.problems[0].refusal in ("resolved", "schema-number")


@pytest.mark.parametrize("number", ["2", "0", '"1"', "null", "true"])
def test_resolved_of_another_schema(number: str) -> None:
    with pytest.raises(ScenarioError, match="schema-number"):
        from_resolved(load(SMALL).resolved().replace('"schema": 1', f'"schema": {number}'))


@pytest.mark.parametrize(
    ("refusal", "keywords"),
    [
        ("class-keyword", {"phase": "act", "read": "place.turnout"}),
        ("phase", {"phase": "acts"}),
        ("field-unknown", {"phase": "act", "reads": "place.turnot"}),
        ("write-link", {"phase": "act", "writes": "place.country"}),
        ("write-and-add", {"phase": "act", "writes": "community.anger", "adds": "community.anger"}),
    ],
)
def test_class_lines(refusal: str, keywords: dict[str, Any]) -> None:
    with pytest.raises(MechanismError, match=refusal):
        type("BrokenLine", (Mechanism,), {"__module__": __name__}, **keywords)


def test_parameters() -> None:
    for source, span in (("guess", None), ("a book", (0, 1)), ("guess", (2, 3))):
        with pytest.raises(MechanismError, match="guess-range"):
            param(1.0, source=source, range=span)

    class PlainOne(Mechanism, phase="act"):
        rate: float = 1.0

    with pytest.raises(MechanismError, match="plain-parameter"):
        base.parameters(PlainOne)


def test_plain_parameter_in_a_case(tmp_path: Path) -> None:
    class PlainTwo(Mechanism, phase="act"):
        rate: float = 1.0

    (tmp_path / "scenario.toml").write_text(SMALL.read_text().replace("harm = {}", "harm = {}\nplain_two = {}"))
    with pytest.raises(ScenarioError, match="plain-parameter"):
        load(tmp_path)


def test_mechanism_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(
            "from groundswell.mechanisms.base import Mechanism\nclass Twin(Mechanism, phase='act'):\n    pass\n"
        )
    assert load_file(tmp_path / "one.py") == ["twin"]
    with pytest.raises(MechanismError, match="mechanism-twice"):
        load_file(tmp_path / "two.py")


@pytest.mark.parametrize("text", [None, "x = 1", "1 / 0"])
def test_with_file(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "mine.py").write_text(text)
    with pytest.raises(ScenarioError, match="with-file"):
        load(SMALL, with_files=[tmp_path / "mine.py"])


def test_fields() -> None:
    with pytest.raises(MechanismError, match="field-name"):
        fields.field("planet.size", "f8", unit="km", doc="", source="")
    with pytest.raises(MechanismError, match="field-twice"):
        fields.field("place.turnout", "f8", unit="km", doc="", source="")


def test_events_with_other_columns() -> None:
    from groundswell.world.events import Events

    with pytest.raises(GroundswellError, match="event-columns"):
        Events({})


def test_undeclared() -> None:
    from groundswell.world.tables import Group

    with pytest.raises(MechanismError, match="undeclared"):
        _ = Group("crowd", "place", {}).turnout


def made(name: str, **keywords: Any) -> type[Mechanism]:
    return type(name, (Mechanism,), {"__module__": __name__}, **keywords)


def test_conflicts_of_a_schedule() -> None:
    writer = made("FirstWriter", phase="act", writes="place.turnout")
    other = made("OtherWriter", phase="act", writes="place.turnout")
    reader = made("FirstReader", phase="act", reads="place.turnout")
    circle = made("FirstCircle", phase="settle", after="second_circle")
    second = made("SecondCircle", phase="settle", after="first_circle")
    lost = made("LostOne", phase="decide", after="nobody")
    astray = made("AstrayOne", phase="decide", after="first_writer")
    with pytest.raises(MechanismError) as caught:
        schedule([cls() for cls in (writer, other, reader, circle, second, lost, astray)], ())
    assert {p.refusal for p in caught.value.problems} == {
        "two-writers", "write-and-read", "after-cycle", "after-unknown", "after-phase",
    }  # fmt: skip


def test_conflict_in_a_case_names_the_file(tmp_path: Path) -> None:
    made("OtherCrowd", phase="act", writes="place.turnout")
    (tmp_path / "scenario.toml").write_text(SMALL.read_text().replace("harm = {}", "harm = {}\nother_crowd = {}"))
    with pytest.raises(ScenarioError, match=r"scenario.toml: phase act: .*place.turnout.*two-writers"):
        load(tmp_path)
