"""`groundswell canon`: published models as commands of their own."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from groundswell.canon import epstein as model_one
from groundswell.canon import epstein_groups as model_two
from groundswell.canon import granovetter as thresholds
from groundswell.canon import hawkes as excitation
from groundswell.canon import lang_de_sterck as compartments
from groundswell.canon import outbursts
from groundswell.canon.base import Text, plain, rows_of

if TYPE_CHECKING:
    import pandas as pd

    from groundswell.canon.page import Picture

app = App(name="canon", help_format="plaintext", help="Published models as yardsticks, each in seconds.")
Json = Annotated[bool, Parameter(name="--json", negative=(), help="Print one JSON document on standard output.")]
Out = Annotated[
    Path | None, Parameter(name="--out", help="Write a page with figures and a table to this file (.html).")
]
Seed = Annotated[int, Parameter(name="--seed", help="The same seed gives the same bytes.")]
Jobs = Annotated[int | None, Parameter(name="--jobs", help="Threads; by default as many as there are processors.")]
Replicates = Annotated[int, Parameter(name="--replicates", help="How many times to simulate.")]
Steps = Annotated[int, Parameter(name="--steps", help="Steps of one replicate.")]


@app.command
def granovetter(
    rules: Annotated[thresholds.Rules, Parameter(name="*")] = thresholds.DEFAULT,
    *,
    replicates: Replicates = 10,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Granovetter 1978: who joins once enough others have.

    For example:

        groundswell canon granovetter
        groundswell canon granovetter --thresholds missing-link
        groundswell canon granovetter --thresholds normal --sd 12.2 --out cascade.html
    """
    runs = thresholds.simulate(rules, replicates=replicates, seed=seed, jobs=1)
    table = thresholds.summary(runs)
    pictures: list[Picture] = []
    if out:
        from groundswell.canon import figures

        pictures = [figures.cascade(runs, rules, seed), figures.normal_ends()]
    _tell(thresholds, rules, runs.attrs, table, pictures, out, as_json)


@app.command
def epstein(
    rules: Annotated[model_one.Rules, Parameter(name="*")] = model_one.DEFAULT,
    *,
    steps: Steps = 2000,
    replicates: Replicates = 10,
    seed: Seed = 0,
    jobs: Jobs = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Epstein 2002, Model I: civil violence on a torus, with each variant of its rules as an option.

    For example:

        groundswell canon epstein --police 0.04 --steps 5000 --replicates 10 --json
        groundswell canon epstein --risk ratio
        groundswell canon epstein --legitimacy 0.9 --legitimacy-to 0.7 --fall-start 76 --steps 250 --out fall.html
    """
    runs = model_one.simulate(rules, steps=steps, replicates=replicates, seed=seed, jobs=jobs)
    table = outbursts.summary(runs)
    pictures: list[Picture] = []
    if out:
        from groundswell.canon import figures

        active = runs["active"].values[0]
        first = outbursts.outbursts(active)[0]
        start = int(first[first > 20].min(initial=first.max(initial=5))) + 1 if first.size else int(active.argmax()) + 1
        shown = tuple(range(max(0, start - 3), min(steps, start + 8) + 1))
        again = model_one.simulate(rules, steps=steps, replicates=1, seed=seed, shown=shown)
        pictures = [figures.epstein_course(runs), figures.epstein_steps(again)]
    _tell(model_one, rules, runs.attrs, table, pictures, out, as_json)


@app.command(name="epstein-groups")
def epstein_groups(
    rules: Annotated[model_two.Rules, Parameter(name="*")] = model_two.DEFAULT,
    *,
    steps: Steps = 2000,
    replicates: Replicates = 10,
    seed: Seed = 0,
    jobs: Jobs = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Epstein 2002, Model II: two groups and peacekeepers, in our own reading of the rules.

    For example:

        groundswell canon epstein-groups
        groundswell canon epstein-groups --police 0 --legitimacy 0.9 --steps 500 --out groups.html
    """
    runs = model_two.simulate(rules, steps=steps, replicates=replicates, seed=seed, jobs=jobs)
    table = model_two.summary(runs)
    pictures: list[Picture] = []
    if out:
        from groundswell.canon import figures

        last = int(runs["extinct"].values[0]) or steps
        shown = tuple(sorted({round(last * k / 11) for k in range(12)}))
        again = model_two.simulate(rules, steps=last, replicates=1, seed=seed, shown=shown)
        pictures = [figures.groups_course(runs), figures.groups_steps(again)]
    _tell(model_two, rules, runs.attrs, table, pictures, out, as_json)


@app.command(name="lang-de-sterck")
def lang_de_sterck(
    rules: Annotated[compartments.Rules, Parameter(name="*")] = compartments.DEFAULT,
    *,
    starts: int = 21,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Lang and De Sterck 2014: a revolution as one share that grows while visible and shrinks while policed.

    For example:

        groundswell canon lang-de-sterck
        groundswell canon lang-de-sterck --alpha 0.9 --c1 2 --c2 1 --json

    Parameters
    ----------
    starts
        Shares to start from, evenly between 0 and 1.
    """
    runs = compartments.simulate(rules, starts=starts)
    table = compartments.summary(runs)
    pictures: list[Picture] = []
    if out:
        from groundswell.canon import figures

        pictures = [figures.flow(runs, rules)]
    found = {"region": compartments.region(rules), "region_by_integration": compartments.observed_region(rules)}
    _tell(compartments, rules, runs.attrs, table, pictures, out, as_json, found)


@app.command
def hawkes(
    rules: Annotated[excitation.Rules, Parameter(name="*")] = excitation.DEFAULT,
    *,
    span: float = 2000.0,
    replicates: Replicates = 10,
    seed: Seed = 0,
    jobs: Jobs = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Hawkes processes: events that make more events, simulated, and fitted again.

    For example:

        groundswell canon hawkes
        groundswell canon hawkes --streams 1 --own 0.5 --span 500 --replicates 5 --out hawkes.html

    Parameters
    ----------
    span
        How long to watch, in units of time.
    """
    runs = excitation.simulate(rules, span=span, replicates=replicates, seed=seed, jobs=jobs)
    table = excitation.summary(runs)
    pictures: list[Picture] = []
    if out:
        from groundswell.canon import figures

        pictures = [figures.recovered(table, rules), figures.events(runs, rules)]
    _tell(excitation, rules, runs.attrs, table, pictures, out, as_json)


@app.command
def sharpness(
    *,
    police: float = 0.04,
    legitimacy: float = 0.82,
    steps: Steps = 2000,
    replicates: Replicates = 3,
    seed: Seed = 0,
    jobs: Jobs = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Why outbursts exist: Epstein's Model I with the floor, without it, and with slopes between, side by side.

    For example:

        groundswell canon sharpness --out why.html

    Parameters
    ----------
    police
        Police, as a share of cells.
    legitimacy
        Legitimacy of the government.
    """
    from groundswell.canon import sharpness as forms

    rules = model_one.Rules(police=police, legitimacy=legitimacy)
    runs = forms.compare(rules, steps=steps, replicates=replicates, seed=seed, jobs=jobs)
    pictures = [forms.curves(), forms.courses(runs)] if out else []
    attrs = {"seed": seed, "digest": forms.digest(runs)}
    _tell(forms, rules, attrs, forms.summary(runs), pictures, out, as_json)


def _tell(model: Any, rules: Any, attrs: dict[Any, Any], table: pd.DataFrame, pictures: list[Picture], out: Path | None,
          as_json: bool, found: dict[str, Any] | None = None) -> None:  # fmt: skip
    """Print the table of a run, or all of it as JSON; write the page where one is asked for."""
    text: Text = model.TEXT
    facts: dict[str, Any] = {
        "model": text.title, "source": text.source, "command": shlex.join(["groundswell", *sys.argv[1:]]),
        "seed": attrs["seed"], "rules": asdict(rules), "digest": attrs["digest"], **(found or {}),
        "rows": list(rows_of(table)), "verified": text.verified, "not_verified": text.not_verified,
    }  # fmt: skip
    if "replicate" in table and len(table) > 1:
        facts["mean"] = plain(table.drop(columns="replicate").astype(float).mean().to_dict())
    if out:
        facts["page"] = str(_write(model, text, rules, facts, table, pictures, out))
    if as_json:
        print(json.dumps(plain(facts), indent=2))
        return
    print(text.title)
    for key, value in (found or {}).items():
        print(f"{key.replace('_', ' ')}: {value}")
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4g}", na_rep="-"))
    if "mean" in facts:
        print("mean: " + ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in facts["mean"].items() if v is not None))
    print(facts.get("page", f"digest {facts['digest']}"))


def _write(model: Any, text: Text, rules: Any, facts: dict[str, Any], table: pd.DataFrame, pictures: list[Picture],
           out: Path) -> Path:  # fmt: skip
    from groundswell.canon import page

    made = page.Page(
        text=text,
        equations=(model.__doc__ or "").strip(),
        command=facts["command"],
        digest=facts["digest"],
        pictures=tuple(pictures),
        tables=(page.table_of("Results", table), page.options_of(rules)),
        lines=("A published model, not a case: it describes no country.",
               "What was checked against its paper, and what was not, is at the end."),
    )  # fmt: skip
    return page.write(made, out)
