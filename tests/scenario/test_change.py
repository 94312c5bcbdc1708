"""Changes: what each path sets, what stays as it was, and what is refused."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from groundswell.errors import ScenarioError
from groundswell.scenario.change import paths
from groundswell.scenario.load import parse
from groundswell.scenario.numbers import guesses, quantities
from groundswell.scenario.schema import Scenario

TEXT = Path(__file__).with_name("small.toml").read_text()


@pytest.fixture(scope="module")
def small() -> Scenario:
    return parse(
        TEXT + '\n[prior]\n"mobilisation.noise" = { loguniform = [0.02, 0.2] }\n'
        '"community.legitimacy.river" = { uniform = [0.1, 0.2] }\n'
    )


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("mobilisation.noise", "0.1", "mobilisation.noise"),
        ("mechanism.mobilisation.noise", 0.1, "mobilisation.noise"),
        ("calendar.holy_day_cost", 0.1, "calendar.holy_day_cost"),
        ("actor.guard.doctrine", "0.1", "actor.guard.doctrine"),
        ("unit.guard@north.strength", "1e3", "unit.guard@north.strength"),
        ("country.aria.population", "1_000", "country.aria.population"),
        ("place.north.latitude", 12, None),
        ("shock.border_closed.multiply", 0.9, "shock.border_closed.multiply"),
        ("community.legitimacy.hill", 0.25, "community.legitimacy.hill"),
        ("community.legitimacy", 0.25, "community.legitimacy.river"),
        ("community.identity_share.north.hill", "0.25", "community.identity_share.north.hill"),
        ("community.class_share.poor", "0.25", "community.class_share.poor"),
        ("person.threshold.mean", 0.25, "person.threshold.mean"),
        ("person.hardship.poor.concentration", 3, "person.hardship.poor.concentration"),
        ("person.risk_aversion.low", 0.25, "person.risk_aversion.low"),
    ],
)
def test_set_a_number(small: Scenario, path: str, value: Any, found: str | None) -> None:
    if found is None:
        with pytest.raises(ScenarioError, match="column-gap"):
            small.changed(set={path: value})
        return
    before = small.resolved()
    entry = quantities(small.changed(set={path: value}))[found]
    assert entry.value == float(value)
    assert entry.prior is None
    assert entry.source == "set by the analyst" or path.startswith("person.risk")
    assert small.resolved() == before


def test_set_what_is_no_number(small: Scenario) -> None:
    made = small.changed(
        set={
            "period.end": "2020-02-29",
            "period.start": dt.date(2020, 1, 2),
            "people": "3_000",
            "at_default": "true",
            "actor.guard.kind": "armed_group",
            "actor.guard.owner": "nobody",
            "shock.border_closed.at": "2020-01-05",
            "shock.border_closed.until": "2020-01-06",
            "actor.guard.doctrine": {"guess": 0.5, "range": [0.4, 0.6]},
        }
    )
    assert (made.period.start, made.period.end) == (dt.date(2020, 1, 2), dt.date(2020, 2, 29))
    assert (made.people, made.at_default) == (3_000, True)
    assert made.actor["guard"].links["kind"] == "armed_group"
    assert made.actor["guard"].labels["owner"] == "nobody"
    assert made.shock["border_closed"].until == dt.date(2020, 1, 6)
    assert "actor.guard.doctrine" in {entry.path for entry in guesses(made)}
    assert small.changed() == small


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("mobilisation.nois", 1, "did you mean 'mobilisation.noise'"),
        ("mobilisaton.noise", 1, "did you mean 'mobilisation.noise'"),
        ("actor.guard.doctrin", 1, "did you mean 'actor.guard.doctrine'"),
        ("actor.gard.doctrine", 1, "did you mean 'actor.guard.doctrine'"),
        ("period.ends", "2020-01-01", "did you mean 'period.end'"),
        ("community.legitimacy.hil", 1, "did you mean 'community.legitimacy.hill'"),
        ("community.class_share.por", 1, "did you mean 'community.class_share.poor'"),
        ("person.hardship.mean", 1, "did you mean 'person.hardship"),
        ("person.threshold.poor.mean", 1, "did you mean 'person.threshold.mean'"),
        ("shock.border_closed.set", 1, "path-unknown"),
        ("title", "x", "path-unknown"),
        ("", 1, "path-unknown"),
        ("..", 1, "path-unknown"),
        ("mobilisation.noise", "loud", "change-value"),
        ("mobilisation.noise", True, "change-value"),
        ("mobilisation.noise", "nan", "change-value"),
        ("mobilisation.noise", float("inf"), "change-value"),
        ("mobilisation.noise", 10**400, "change-value"),
        ("mobilisation.noise", [1], "change-value"),
        ("mobilisation.noise", {"guess": 1}, "change-value"),
        ("mobilisation.noise", -1, "parameter-range"),
        ("actor.guard.doctrine", 1.5, "perhaps 0.015"),
        ("actor.guard.country", "arria", "did you mean 'aria'"),
        ("actor.guard.kind", 3, "change-value"),
        ("period.end", "2019-01-01", "change-value"),
        ("period.end", "soon", "change-value"),
        ("period.end", "2300-01-01", "too-large"),
        ("period.step", "month", "change-value"),
        ("period.step", "week", "which are not whole weeks"),
        ("people", "many", "change-value"),
        ("people", 2.5, "change-value"),
        ("people", -1, "change-value"),
        ("people", 0, "people-none"),
        ("at_default", "maybe", "change-value"),
        ("shock.border_closed.until", "2019-01-01", "change-value"),
        ("person.risk_aversion.low", 2, "change-value"),
        ("community.identity_share.north.hill", 0.0001, "small-cell"),
        ("community.class_share.poor", -1, "range"),
    ],
)
def test_refused_values(small: Scenario, path: str, value: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        small.changed(set={path: value})
    assert message in str(caught.value)
    assert all(p.where and p.cure for p in caught.value.problems)


def test_all_faults_at_once(small: Scenario) -> None:
    with pytest.raises(ScenarioError) as caught:
        small.changed(set={"a.b": 1, "people": "x", "mobilisation.noise": "y"})
    assert len(caught.value.problems) == 3


def test_every_path_listed_for_a_number_can_be_set(small: Scenario) -> None:
    listed = paths(small)
    for path, entry in quantities(small).items():
        assert path in listed
        assert quantities(small.changed(set={path: entry.value}))[path].value == entry.value


def test_drop(small: Scenario) -> None:
    assert not small.changed(drop=["shock.border_closed"]).shock
    for path in ("mechanism.anger", "anger"):
        made = small.changed(drop=[path])
        assert "anger" not in made.mechanism and made.record_weekly == ()
        assert made.record == small.record
    assert "mobilisation.noise" in small.prior
    with pytest.raises(ScenarioError, match="unfed"):
        small.changed(drop=["mobilisation"])
    with pytest.raises(ScenarioError, match=r"did you mean 'shock.border_closed'\?.*drop-unknown"):
        small.changed(drop=["shock.border"])
    with pytest.raises(ScenarioError, match="drop-unknown"):
        small.changed(drop=["border_closed"])


def test_setting_a_number_fixes_it_although_a_prior_names_it(small: Scenario) -> None:
    assert "mobilisation.noise" in {entry.path for entry in guesses(small)}
    made = small.changed(set={"mobilisation.noise": 0.05})
    assert "mobilisation.noise" not in {entry.path for entry in guesses(made)}
    made = small.changed(set={"community.legitimacy": 0.5})
    assert not [entry for entry in guesses(made) if entry.path.startswith("community.legitimacy")]


def test_under() -> None:
    text = TEXT.replace(
        'without = ["anger"]',
        'without = ["anger", "risk_perception"]\nset = { "arrest.rate" = 0.002 }\n'
        "with = { risk_floor = {}, mobilisation = { media = 0.1 } }",
    )
    small = parse(text)
    made = small.under("fear_only")
    assert made.chosen == "fear_only"
    assert {"anger", "risk_perception"}.isdisjoint(made.mechanism) and "risk_floor" in made.mechanism
    assert set(made.mechanism["mobilisation"]) == {"noise", "media"}
    assert quantities(made)["arrest.rate"].source == "set by the explanation 'fear_only'"
    assert made.record_weekly == ()
    assert small.record_weekly == ("community.anger",)
    assert made.changed(set={"mobilisation.noise": 0.1}).chosen == "fear_only"
    assert list(made.shock) == ["border_closed"]  # no anchor: part of the described system


def test_under_withholds_facts_of_a_class(tmp_path: Path) -> None:
    (tmp_path / "anchors.csv").write_text(
        "id,date,country,place,fact,class,known_on,source\n"
        "A1,2020-01-10,aria,all,closed,response,2020-01-10,x\n"
        "A2,2020-01-10,aria,all,feast,outside,2020-01-10,x\n"
    )
    shocks = "".join(
        f'[shock.{a}]\nat = 2020-01-10\nfield = "place.internet"\nset = 0\nanchor = "{a}"\n' for a in ("A1", "A2")
    )
    rivals = '[explanation.blind]\nanchors = ["outside"]\n[explanation.none]\nanchors = []\n[explanation.all]\n'
    text = TEXT.replace("title =", 'anchors = "anchors.csv"\ntitle =', 1).replace("[mechanism]", shocks + "[mechanism]")
    small = parse(text + rivals, folder=tmp_path)
    assert set(small.under("blind").shock) == {"border_closed", "A2"}
    assert small.under("blind").anchors_given == ("outside",)
    assert set(small.under("none").shock) == {"border_closed"}
    assert set(small.under("all").shock) == {"border_closed", "A1", "A2"}
    assert set(small.shock) == {"border_closed", "A1", "A2"}
