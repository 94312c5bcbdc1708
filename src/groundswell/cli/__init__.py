"""The command line: thin functions over the library; errors are one line each and end with code 2."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from groundswell import __version__
from groundswell.cli.shared import AS_WRITTEN, Asked, Explanation, Json, Sets, With, bar, interruptible, say, usage
from groundswell.errors import GroundswellError

app = App(
    name="groundswell",
    version=__version__,
    help="Make a written account of political conflict executable, and test it against the record.\n\n"
    "Start with `groundswell cases`, then `groundswell run two-neighbours`.",
    help_format="plaintext",
)
app.command("groundswell.canon.cli:app", name="canon", help="Published models as yardsticks, each in seconds.")
app.command("groundswell.cli.odd:odd", name="odd", help="Write the ODD+D protocol of a case, as Markdown.")
app.command("groundswell.cli.claims:claims", name="claims", help="What the record says of each claim of an account.")
app.command("groundswell.cli.test_claims:test_claims", name="test-claims", help="Test causal claims by simulation.")
app.command("groundswell.cli.rivals:rivals", name="rivals", help="Explanations side by side, before any fit.")
app.command("groundswell.cli.data:data", name="data", help="Sources of recorded events: list, read, get, show.")
app.command("groundswell.cli.calibrate:calibrate", name="calibrate", help="Fit a case to what was known by a day.")
app.command(
    "groundswell.cli.compare:compare", name="compare", help="Which explanation made the data, if it can be told."
)
app.command("groundswell.cli.check_inference:check_inference", name="check-inference", help="Is the inference right?")
app.command("groundswell.cli.forecast:forecast", name="forecast", help="Forecast the days after a day, with scores.")


@app.command
def cases(*, as_json: Json = False) -> None:
    """List the cases that ship with the package.

    For example:

        groundswell cases
        groundswell cases --json
    """
    from groundswell.scenario.catalogue import list_cases

    found = list_cases()
    say(as_json, found, "\n".join(f"{case['name']:<18} {case['title']}" for case in found))


@app.command
def check(case: str, *, with_: With = (), as_json: Json = False) -> None:
    """Check a case: every fault is listed with its file, line and cure.

    For example:

        groundswell check iraq-2019
        groundswell check my_case/scenario.toml --with my_mechanism.py
    """
    scenario = Asked(case, with_, AS_WRITTEN).load()
    from groundswell.scenario.numbers import quantities

    numbers = quantities(scenario)
    guesses = sum(entry.prior is not None for entry in numbers.values())
    unsourced = sorted(path for path, entry in numbers.items() if not entry.source)
    facts = {"case": scenario.name, "title": scenario.title, "numbers": len(numbers), "guesses": guesses,
             "without_source": unsourced, "mechanisms": sorted(scenario.mechanism),
             "explanations": sorted(scenario.explanation)}  # fmt: skip
    text = f"{scenario.title}: no fault found. {len(numbers)} numbers, {guesses} of them guesses, "
    text += f"{len(unsourced)} without a source."
    say(as_json, facts, "\n".join([text, *(f"  without a source: {path}" for path in unsourced)]))


@app.command
def explain(
    case: str, *, explanation: Explanation = "", set_: Sets = (), with_: With = (), as_json: Json = False
) -> None:
    """Print what a case will do: phases, mechanisms, columns, numbers with sources, shocks and explanations.

    For example:

        groundswell explain two-neighbours
        groundswell explain iraq-2019 --explanation given_responses --json
    """
    from groundswell.scenario.explain import plan

    scenario = Asked(case, with_, explanation, set_).load()
    say(as_json, plan(scenario) if as_json else {}, "" if as_json else scenario.explain())


@app.command
def run(
    case: str = "",
    *,
    explanation: Explanation = "",
    replicates: int = 200,
    seed: int = 0,
    jobs: int | None = None,
    out: Path | None = None,
    set_: Sets = (),
    with_: With = (),
    what_if: str = "",
    at_default: Annotated[bool, Parameter(negative=())] = False,
    force: Annotated[bool, Parameter(negative=())] = False,
    resume: Path | None = None,
    as_json: Json = False,
) -> None:
    """Run an ensemble and write a folder: runs.zarr, events.parquet, summary.csv and report/index.html.

    By default every guess is drawn from its stated range, once a replicate (a prior predictive).

    For example:

        groundswell run iraq-2019
        groundswell run iraq-2019 --explanation given_responses --replicates 50 --seed 7 --out out/given
        groundswell run iraq-2019 --explanation given_responses --what-if no_shutdown
        groundswell run two-neighbours --set mobilisation.network=0 --at-default
        groundswell run --resume out/iraq-2019

    Parameters
    ----------
    case
        A case that ships with the package, a folder, or a scenario file.
    replicates
        How many times to simulate.
    seed
        The same seed gives the same bytes, for any number of jobs.
    jobs
        Threads; by default as many as there are processors.
    out
        The folder to write; by default out/<case>, with the explanation's name added if it is not the first.
    what_if
        One of the case's named changes, made on top of the explanation, with the same chances.
    at_default
        Keep every guess at its default instead of drawing it.
    force
        Replace an earlier result in that folder.
    resume
        Finish an interrupted run in this folder.
    """
    from groundswell.reports import folder

    if bool(case) == bool(resume):
        raise SystemExit(usage("give a case, or --resume with the folder of an interrupted run"))
    if resume is not None and (explanation, replicates, seed, out, set_, with_, what_if, at_default, force) != (
        "", 200, 0, None, (), (), "", False, False):  # fmt: skip
        raise SystemExit(usage("--resume finishes the run as it was asked for: only --jobs and --json go with it"))
    if resume is None:
        asked = Asked(case, with_, explanation, set_, what_if, at_default)
        scenario = asked.load()
        target = out or asked.folder(scenario)
        words = ["groundswell", "run", case, "--replicates", str(replicates), "--seed", str(seed), *asked.words()]
        task = folder.Task(target, scenario, replicates, seed, jobs, with_, shlex.join(words), force)
    else:
        target, task = resume, None
    with interruptible(target), bar("replicates") as progress:
        done = folder.finish(target, jobs, progress) if task is None else folder.make(task, progress)
    say(
        as_json,
        done,
        f"{done['report']}\ndigest {done['digest']}  ({done['replicates']} replicates, {done['seconds']:.1f} s)",
    )


@app.command
def report(folder: Path, *, as_json: Json = False) -> None:
    """Write the report of a finished run again, from its runs.zarr.

    For example:

        groundswell report out/iraq-2019
    """
    from groundswell.reports import folder as folders

    page = folders.write(folder)
    say(as_json, {"report": str(page)}, str(page))


@app.command
def rerun(folder: Path, *, replicate: int | None = None, jobs: int | None = None, as_json: Json = False) -> None:
    """Remake results from their own provenance and compare: all replicates, or one.

    Ends with code 1 where the digest differs.

    For example:

        groundswell rerun out/iraq-2019
        groundswell rerun out/iraq-2019 --replicate 17
    """
    from groundswell.engine.ensemble import rerun as again
    from groundswell.reports.folder import check_kept, compare

    check_kept(folder, replicate)
    with bar("replicates") as progress:
        made = again(folder, replicate=replicate, jobs=jobs, progress=progress)
    outcome = compare(folder, made, replicate)
    since = f"; not as it was: {', '.join(outcome['changed_since'])}" if outcome["changed_since"] else ""
    say(as_json, outcome, f"{'same' if outcome['same'] else 'DIFFERENT'}: {outcome['digest']}{since}")
    if not outcome["same"]:
        raise SystemExit(1)


@app.command
def new(
    folder: Path,
    *,
    template: str = "two-neighbours",
    ledger: Annotated[bool, Parameter(negative=())] = False,
    as_json: Json = False,
) -> None:
    """Start a case of your own in a new folder, from a case that ships with the package, or a ledger.

    For example:

        groundswell new my_case
        groundswell new my_case --template iraq-2019
        groundswell new my_ledger --ledger

    Parameters
    ----------
    template
        The case to start from.
    ledger
        Start the ledger of a written account instead: claims, facts, counts and tests, made up, for you to replace.
    """
    if ledger:
        from groundswell.ledger.load import new_ledger

        made = new_ledger(folder)
        say(as_json, {"folder": str(made)}, f"{made}: edit its files, then `groundswell claims {made}`")
        return
    from groundswell.scenario.catalogue import copy_case

    made = copy_case(template, folder)
    say(as_json, {"folder": str(made)}, f"{made}: edit scenario.toml, then `groundswell check {made}`")


@app.command
def warmup(*, as_json: Json = False) -> None:
    """Compile the kernels of the engine now, once an installation, so that the first run starts at once.

    Those of `groundswell canon` compile when they are first used.

    For example:

        groundswell warmup
    """
    import time

    from groundswell.compiled import cache_folder
    from groundswell.engine.warm import compile_all

    start = time.perf_counter()
    with bar("kernels") as progress:
        compile_all(progress)
    seconds = time.perf_counter() - start
    say(
        as_json,
        {"cache": str(cache_folder()), "seconds": seconds},
        f"compiled in {seconds:.1f} s, kept in {cache_folder()}",
    )


def main() -> None:
    """The entry point: errors of ours are printed without a traceback, and end with code 2."""
    try:
        app()
    except GroundswellError as error:
        print("\n".join(f"error: {problem}" for problem in error.problems), file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
