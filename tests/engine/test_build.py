"""From scenario to world: rows, links, populations, decks, weights and traits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from groundswell.engine.build import build, lay_out
from groundswell.errors import ScenarioError
from groundswell.scenario.schema import Quantity, Scenario
from groundswell.world.people import TRAITS


@pytest.fixture(scope="module")
def made(small: Scenario) -> Any:
    world, numbers = build(small, 5, range(3, 7))
    return small, world, numbers


def test_rows_and_links(made: Any) -> None:
    _, world, _ = made
    places = world.tables["place"].names
    assert set(places) == {"Varn", "Ostrel", "Mirn"}
    assert [world.tables["country"].names[k] for k in world["place.country"]] == ["arvenia"] * 3
    units = world.tables["unit"]
    assert [places[k] for k in units.columns["place"]] == [name.partition("@")[2] for name in units.names]
    assert [world.tables["actor"].names[k] for k in units.columns["actor"]] == ["guard"] * 3
    names = [name.split("/") for name in world.tables["community"].names]
    assert [places[k] for k in world["community.place"]] == [parts[0] for parts in names]
    assert (np.diff(world["community.place"]) >= 0).all()


def test_guesses_differ_between_replicates_and_facts_do_not(made: Any) -> None:
    _, world, numbers = made
    assert len(set(world["unit.strength"][:, 0])) == 4
    assert len(set(world["place.population"][:, 0])) == 1
    assert world["actor.doctrine"][:, 0].tolist() == numbers["actor.guard.doctrine"].tolist()


def test_populations_sum_to_those_of_the_places(made: Any) -> None:
    _, world, _ = made
    for p in range(world.tables["place"].rows):
        mine = world["community.population"][:, world["community.place"] == p]
        np.testing.assert_allclose(mine.sum(axis=1), world["place.population"][:, p], atol=mine.shape[1])


def test_shares_are_scaled_to_sum_to_one(made: Any) -> None:
    """Drawn shares of identities and classes need not sum to 1; the communities' do."""
    _, world, numbers = made
    drawn = numbers["community.identity_share.Varn.hill"] + numbers["community.identity_share.Varn.river"]
    assert (np.abs(drawn - 1) > 0.001).any()
    names = world.tables["community"].names
    hill = world["community.population"][:, [n.startswith("Varn/hill/") for n in names]].sum(axis=1)
    share = numbers["community.identity_share.Varn.hill"] / drawn
    np.testing.assert_allclose(hill / 1_400_000, share, atol=1e-5)
    classes = numbers["community.class_share.poor"] + numbers["community.class_share.better_off"]
    poor = world["community.population"][:, [n.endswith("/poor") for n in names]].sum(axis=1)
    np.testing.assert_allclose(poor / 3_000_000, numbers["community.class_share.poor"] / classes, atol=1e-5)


def test_weights_sum_to_the_population(made: Any) -> None:
    _, world, _ = made
    for c in range(world.tables["community"].rows):
        mine = world["person.weight"][:, world["person.community"] == c].astype(float).sum(axis=1)
        np.testing.assert_allclose(mine, world["community.population"][:, c], rtol=1e-5)


def test_decks_are_rows_of_their_community(made: Any) -> None:
    scenario, world, _ = made
    community = world["person.community"]
    for c in range(world.tables["community"].rows):
        rows: list[int] = []
        for deck in ("tail", "bulk"):
            first, count = (world[f"community.{deck}_{part}"][c] for part in ("first", "rows"))
            assert count >= 4
            rows += range(first, first + count)
        assert rows == np.flatnonzero(community == c).tolist()
    assert community.size == lay_out(scenario).decks.people  # type: ignore[union-attr]


def test_traits_and_their_means(made: Any) -> None:
    _, world, numbers = made
    for trait in TRAITS:
        values = world[f"person.{trait}"]
        assert values.min() >= 0.0 and values.max() <= 1.0 and values.std() > 0.05
    for r in range(4):
        poor = [n.endswith("/poor") for n in world.tables["community"].names]
        mean = world["community.mean_hardship"][r, poor].mean()
        assert mean == pytest.approx(numbers["person.hardship.poor.mean"][r], abs=0.15)


def test_a_replicate_does_not_depend_on_its_stack(made: Any) -> None:
    scenario, world, _ = made
    alone, _ = build(scenario, 5, range(5, 6))
    for name, table in world.tables.items():
        for column, values in table.columns.items():
            other = alone.tables[name].columns[column]
            np.testing.assert_array_equal(
                other if values.ndim == 1 else other[0], values if values.ndim == 1 else values[2]
            )


def test_the_smallest_community(small: Scenario) -> None:
    """One resident, of three million: at least four and four simulated people, who weigh one together."""
    shares = {**small.community.identity_share["Mirn"], "hill": Quantity(value=2e-6)}  # type: ignore[union-attr]
    community = small.community.model_copy(  # type: ignore[union-attr]
        update={"identity_share": {**small.community.identity_share, "Mirn": shares}}  # type: ignore[union-attr]
    )
    tiny = small.model_copy(update={"community": community, "at_default": True})
    world, _ = build(tiny, 0, range(1))
    names = world.tables["community"].names
    c = names.index("Mirn/hill/better_off")
    assert world["community.population"][0, c] == 1
    assert (world["community.tail_rows"][c], world["community.bulk_rows"][c]) == (4, 4)
    assert world["person.weight"][0, world["person.community"] == c].sum() == pytest.approx(1.0)
    none = small.model_copy(
        update={"community": community.model_copy(update={"identity_share": {
            **small.community.identity_share, "Mirn": {**shares, "hill": Quantity(value=1e-9)}}})}  # type: ignore[union-attr]
    )  # fmt: skip
    assert "Mirn/hill/poor" not in lay_out(none).community_names  # fewer than half a resident: no row


def test_no_people_at_all(small: Scenario) -> None:
    world, _ = build(small.model_copy(update={"people": 0}), 0, range(2))
    assert "person" not in world.tables and world["community.population"].shape[0] == 2
    world, _ = build(small.model_copy(update={"community": None, "person": {}, "prior": {}}), 0, range(2))
    assert set(world.tables) == {"country", "place", "actor", "unit"}


def test_traits_that_no_case_gives_have_no_column(small: Scenario) -> None:
    person = {name: spec for name, spec in small.person.items() if name != "adherence"}
    world, _ = build(small.model_copy(update={"person": person}), 0, range(1))
    assert "person.adherence" not in world and "person.hardship" in world


def test_a_gap_in_a_column(small: Scenario) -> None:
    rows = dict(small.place)
    columns = {name: q for name, q in rows["Varn"].columns.items() if name != "internet"}
    rows["Varn"] = rows["Varn"].model_copy(update={"columns": columns})
    with pytest.raises(ScenarioError) as caught:
        build(small.model_copy(update={"place": rows}), 0, range(1))
    (problem,) = caught.value.problems
    assert (problem.refusal, problem.where) == ("column-gap", "place.Varn")
    assert "internet" in problem.fault and "every row" in problem.cure


def test_ties_join_rows(made: Any) -> None:
    scenario, world, _ = made
    t, names = world.ties["neighbour"], world.tables["place"].names
    found = {
        (names[s], names[target]): t.amount[k]
        for target in range(3)
        for k, s in enumerate(t.source[t.offset[target] : t.offset[target + 1]], t.offset[target])
    }
    assert found == {(source, target): amount for source, target, amount in scenario.tie["neighbour"].pairs}
