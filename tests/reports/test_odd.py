"""The ODD+D protocol: that all that the code and the case declare is in it, and that it is well-formed Markdown."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import groundswell as gs
from groundswell.compiled import Kernel
from groundswell.mechanisms.base import parameters, registry
from groundswell.reports.odd import odd
from groundswell.scenario.mean_field import mean_field
from groundswell.scenario.numbers import quantities

HEADINGS = ["Purpose", "Entities", "Process overview", "Theoretical", "decision-making", "Learning", "sensing",
            "prediction", "Interaction", "Collectives", "Heterogeneity", "Stochasticity", "Observation",
            "Implementation", "Initialization", "Input data", "Submodels"]  # fmt: skip


def every_case() -> list[Any]:
    found = []
    for name in ("two-neighbours", "iraq-2019"):
        scenario = gs.load(name)
        found += [pytest.param(scenario.under(e), id=f"{name}-{e}") for e in scenario.explanation]
        found.append(pytest.param(mean_field(scenario), id=f"{name}-mean-field"))
    return found


@pytest.mark.parametrize("scenario", every_case())
def test_all_that_is_declared_is_in_it(scenario: gs.Scenario) -> None:
    text = odd(scenario)
    at = [text.index(heading) for heading in (f" {h}" for h in HEADINGS)]
    assert at == sorted(at)
    for name in scenario.mechanism:
        cls = registry()[name]
        assert f"#### {name} (" in text
        assert inspect.cleandoc(cls.__doc__ or "") in text
        assert all(f"`{column}`" in text for column in (*cls.reads, *cls.writes, *cls.adds))
        assert all(f"| `{name}.{key}` |" in text for key in parameters(cls))
        for k in vars(sys.modules[cls.__module__]).values():
            if isinstance(k, Kernel) and k.function.__module__ == cls.__module__:
                assert inspect.cleandoc(k.function.__doc__ or "") in text
    for path, entry in quantities(scenario).items():
        assert f"| `{path}` | {entry.value:g} |" in text
    for name in scenario.shock:
        assert f"| `{name}` |" in text
    assert all(name in text for name in (*scenario.record, *scenario.record_weekly))


@pytest.mark.parametrize("scenario", every_case())
def test_tables_are_whole(scenario: gs.Scenario) -> None:
    lines = odd(scenario).splitlines()
    rules = [k for k, line in enumerate(lines) if line.startswith("|---")]
    assert len(rules) > 10
    for k in rules:
        columns = lines[k].count("|")
        assert lines[k - 1].count("|") == columns and lines[k - 2] == "" and lines[k + 1].startswith("| ")
        rows = k + 1
        while lines[rows].startswith("|"):
            assert lines[rows].replace("\\|", "").count("|") == columns, lines[rows]
            rows += 1


def test_the_command(command: Callable[..., Any], tmp_path: Path) -> None:
    printed = command("odd", "two-neighbours")
    assert printed.code == 0 and printed.out.startswith("# Two neighbours")
    written = command("odd", "two-neighbours", "--out", "two.md")
    assert written.code == 0 and (tmp_path / "two.md").read_text(encoding="utf-8") + "\n" == printed.out
    refused = command("odd", "two-neighbour")
    assert refused.code == 2 and "did you mean" in refused.err and "Traceback" not in refused.err
