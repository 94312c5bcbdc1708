"""A mechanism touches every column it declares, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from tests.laws.worlds import small

from groundswell.chance import chance_for
from groundswell.engine.build import build
from groundswell.engine.run import Step, ordered
from groundswell.engine.warm import MONEY, SOCIETY, alternative, money, society
from groundswell.mechanisms.base import registry
from groundswell.scenario.mean_field import mean_field


class Watched:
    """Stands in for a view, or a part of one, and notes the columns that are looked at."""

    def __init__(self, inner: Any, seen: set[str], path: tuple[str, ...] = ()) -> None:
        self._inner, self._seen, self._path = inner, seen, path

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        path = (*self._path, name)
        if path == ("time",):
            return value
        deep = 3 if path[0] == "add" else 2
        if len(path) == deep:
            self._seen.add(".".join(path))
            return value
        return Watched(value, self._seen, path)


def package_mechanisms() -> list[str]:
    return sorted(name for name, cls in registry().items() if cls.__module__.startswith("groundswell.mechanisms."))


@pytest.mark.parametrize("name", package_mechanisms())
def test_a_mechanism_touches_what_it_declares(name: str) -> None:
    scenario = small(days=3)
    if name not in scenario.mechanism:
        rival = society if name in SOCIETY else money if name in MONEY else alternative
        scenario = (mean_field if registry()[name].twin_of else rival)(scenario)
    assert name in scenario.mechanism, f"no case or alternative uses {name}"
    world, numbers = build(scenario, 0, range(2))
    steps = {m.name: Step(m, world, numbers, 0, range(2)) for m in ordered(scenario, world)}
    mechanism, view, _ = steps[name].calls[0]
    seen: set[str] = set()
    mechanism.step(Watched(view, seen), chance_for(0, name))
    cls = registry()[name]
    declared = {
        *cls.reads,
        *cls.writes,
        *(f"add.{column}" for column in cls.adds),
        *(f"tie.{kind}" for kind in cls.ties),
    }
    assert seen == declared
