"""The plan: complete, narrow enough, and honest about what is a guess."""

import json
from pathlib import Path

import pytest

from groundswell.scenario.explain import WIDTH, explain, plan
from groundswell.scenario.load import cases, load, parse
from groundswell.scenario.numbers import guesses, quantities

TEXT = Path(__file__).with_name("small.toml").read_text()


@pytest.mark.parametrize("name", sorted(cases()))
def test_cases(name: str) -> None:
    for scenario in (load(name), *(load(name).under(rival) for rival in load(name).explanation)):
        text = explain(scenario)
        assert max(map(len, text.splitlines())) <= WIDTH
        assert all(line == line.rstrip() for line in text.splitlines())
        assert all(f" {mechanism} " in text for mechanism in scenario.mechanism)
        assert all(f"  {shock} " in text for shock in scenario.shock)
        assert f"guesses: {len(guesses(scenario))} " in text
        assert scenario.chosen in text
        assert json.loads(json.dumps(plan(scenario))) == plan(scenario)


def test_order_and_content() -> None:
    scenario = parse(TEXT)
    p = plan(scenario)
    names = [m["name"] for m in p["mechanisms"]]
    assert names.index("influence") < names.index("mobilisation") < names.index("crowd") < names.index("anger")
    assert p["tables"] == {"country": 1, "place": 2, "actor": 1, "unit": 1, "community": 6, "person": 2_000}
    pushes = [f"community.{push}" for push in ("common_shock", "contagion", "efficacy", "pact")]
    others = ["community.endorsement", "community.fear_floor", "community.holy_day", "community.legitimacy_change"]
    assert p["at_zero"] == sorted((*pushes, *others, "unit.shirking"))
    assert p["numbers"] == len(quantities(scenario))
    assert "community.class_share.poor" in p["unsourced"] and "country.aria.population" not in p["unsourced"]
    assert p["shocks"][0]["does"] == "multiply" and p["shocks"][0]["guess"]
    text = scenario.explain()
    assert f"WITHOUT A SOURCE: {len(p['unsourced'])}" in text
    assert f"they stand at 0: {' '.join(p['at_zero'])}" in " ".join(text.split())
    assert "noise = 0.06 utility [NO SOURCE]" in " ".join(text.split())
    assert "fear_only: force only deters; given outside and response facts; without anger" in text
    assert "open_border: drop shock.border_closed" in text
    assert "each drawn once a replicate" in text
    assert "held at their default" in scenario.changed(set={"at_default": True}).explain()


def test_fixed_guess_is_told() -> None:
    scenario = parse(TEXT.replace("internet = 1", 'internet = { value = 1, source = "guess: normal" }'))
    assert plan(scenario)["fixed_guesses"] == ["place.north.internet", "place.south.internet"]
    assert "guesses without a range, held fixed: 2" in scenario.explain()


def test_long_names_wrap() -> None:
    text = TEXT.replace("border_closed", "b" * 75).replace("A small invented system", "long words " * 20)
    scenario = parse(text)
    assert max(map(len, explain(scenario).splitlines())) <= WIDTH


def test_empty_scenario() -> None:
    scenario = parse(
        'schema = 1\ntitle = "x"\nperiod = { start = 2020-01-01, end = 2020-01-14, step = "week" }\n'
        "[country]\n[mechanism]\n"
    )
    assert "2 steps of a week" in scenario.explain()
