"""`groundswell forecast`: draws after a day, scored on earlier days, of an event table or a case's published total."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from groundswell.cli.shared import Json, bar, say

TABLES = (".parquet", ".csv", ".gz", ".zip")


def forecast(
    source: str,
    *,
    until: str,
    horizon: int = 7,
    neighbours: Path | None = None,
    kind: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="Count events of this kind alone; may be given again. By default all."),
    ] = (),
    draws: int = 1000,
    origins: int = 12,
    simulate: int = 100,
    seed: int = 0,
    out: Path | None = None,
    as_json: Json = False,
) -> None:
    """Forecast the days after a day, and say how the same forecasters would have done before.

    SOURCE is an event table (.parquet), a CSV with date,place[,count], the export of a source that `groundswell data`
    lists, or a case whose published deaths are forecast. Nothing known after --until is used. Where a baseline does
    better, the page says so first.

    For example:

        groundswell forecast events.csv --until 2018-06-30 --horizon 14
        groundswell forecast events.parquet --until 2018-06-30 --neighbours neighbours.csv --out out/forecast
        groundswell forecast iraq-2019 --until 2019-11-11 --horizon 20

    Parameters
    ----------
    source
        A file of events or counts, or a case.
    until
        The last day that is known.
    horizon
        How many days to forecast.
    neighbours
        A CSV with source,target[,amount]: who is whose neighbour. By default nobody is.
    draws
        How many draws of each forecaster.
    origins
        How many earlier days to score, one horizon apart.
    simulate
        For a case: how many histories to simulate (0: none).
    seed
        The same seed gives the same bytes.
    out
        The folder to write; by default out/forecast-<name>.
    """
    folder = out or Path("out") / f"forecast-{Path(source).name.partition('.')[0]}"
    asked = {"until": until, "horizon": horizon, "draws": draws, "seed": seed}
    words = ["groundswell", "forecast", source, *(f"--{name}={value}" for name, value in asked.items())]
    if Path(source).suffix.lower() in TABLES:
        words += [f"--origins={origins}", *(f"--kind={one}" for one in kind)]
        words += [] if neighbours is None else [f"--neighbours={neighbours}"]
        facts, text = _of_events(Path(source), neighbours, kind, folder, shlex.join(words), origins, asked)
    else:
        words.append(f"--simulate={simulate}")
        facts, text = _of_case(source, folder, shlex.join(words), simulate, asked)
    say(as_json, facts, text)


def _of_events(
    path: Path, neighbours: Path | None, kinds: tuple[str, ...], folder: Path, command: str, origins: int,
    asked: dict[str, Any],
) -> tuple[Any, str]:  # fmt: skip
    from groundswell.inference.forecast import forecast as make
    from groundswell.inference.forecast import write_draws
    from groundswell.inference.records import read_counts, read_neighbours
    from groundswell.reports.forecast import write_page

    counts, places, first, notes = read_counts(path, until=asked["until"], kinds=kinds)
    weights = None if neighbours is None else read_neighbours(neighbours, places)
    with bar("forecasts") as progress:
        made = make(counts, places, first, weights=weights, origins=origins, progress=progress, **asked)
    files = write_draws(made, folder)
    page = write_page(made, path.name, command, folder)
    facts = {
        "page": str(page),
        "files": [str(file) for file in files],
        "best": made.best,
        "words": made.words(),
        "notes": notes,
        "scores": [one.row() for one in made.scores],
    }
    return facts, "\n".join([*made.words(), str(page)])


def _of_case(case: str, folder: Path, command: str, simulate: int, asked: dict[str, Any]) -> tuple[Any, str]:
    import pandas as pd

    from groundswell.inference.forecast_counts import forecast_totals
    from groundswell.reports.forecast import write_totals
    from groundswell.scenario.load import load

    scenario = load(case)
    with bar("replicates") as progress:
        made = forecast_totals(scenario, simulate=simulate, progress=progress, **asked)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, draws in made.draws.items():
        days = pd.date_range(made.until, periods=len(draws) + 1)[1:]
        frame = pd.DataFrame(draws, index=pd.Index(days, name="date"))
        long = frame.stack().rename_axis(["date", "draw"]).rename("outcome").reset_index()  # type: ignore[call-overload]
        path = folder / f"draws_{name.replace(' ', '_')}.parquet"
        long.to_parquet(path.with_suffix(".partial"), index=False)
        files.append(str(path.with_suffix(".partial").replace(path)))
    page = write_totals(made, command, folder)
    facts = {"page": str(page), "files": files, "words": made.words(), "scores": [one.row() for one in made.scores]}
    return facts, "\n".join([*made.words(), str(page)])
