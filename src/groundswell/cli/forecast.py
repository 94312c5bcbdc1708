"""`groundswell forecast`: draws after a day, scored on earlier days, of an event table or a case's published total."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from groundswell.cli.shared import Json, bar, say

TABLES = (".parquet", ".csv")


def forecast(
    source: str,
    *,
    until: str,
    horizon: int = 7,
    neighbours: Annotated[
        Path | None, Parameter(help="A CSV with source,target[,amount]: who is whose neighbour.")
    ] = None,
    draws: int = 1000,
    origins: int = 12,
    simulate: int = 100,
    seed: int = 0,
    out: Path | None = None,
    as_json: Json = False,
) -> None:
    """Forecast the days after a day, and say how the same forecasters would have done before.

    SOURCE is an event table (.parquet), a CSV with date,place[,count], an ACLED-format CSV, or a case whose published
    deaths are forecast. Nothing known after --until is used. Where a baseline does better, the page says so first.

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
    words = ["groundswell", "forecast", source, "--until", until, "--horizon", str(horizon), "--seed", str(seed)]
    folder = out or Path("out") / f"forecast-{Path(source).stem}"
    asked = {"until": until, "horizon": horizon, "draws": draws, "seed": seed}
    if Path(source).suffix.lower() in TABLES:
        facts, text = _of_events(Path(source), neighbours, folder, shlex.join(words), {**asked, "origins": origins})
    else:
        facts, text = _of_case(source, folder, shlex.join(words), {**asked, "simulate": simulate})
    say(as_json, facts, text)


def _of_events(
    path: Path, neighbours: Path | None, folder: Path, command: str, asked: dict[str, Any]
) -> tuple[Any, str]:
    from groundswell.inference.forecast import forecast as make
    from groundswell.inference.forecast import write_draws
    from groundswell.inference.records import read_counts, read_neighbours
    from groundswell.reports.forecast import write_page

    counts, places, first, notes = read_counts(path)
    weights = None if neighbours is None else read_neighbours(neighbours, places)
    with bar("forecasts") as progress:
        made = make(counts, places, first, asked.pop("until"), weights=weights, progress=progress, **asked)
    files = write_draws(made, folder)
    page = write_page(made, path.name, command, folder)
    facts = {
        "page": str(page),
        "files": [str(file) for file in files],
        "best": made.best,
        "words": made.words(),
        "notes": notes,
        "scores": [one._asdict() if hasattr(one, "_asdict") else vars(one) for one in made.scores],
    }
    return facts, "\n".join([*made.words(), str(page)])


def _of_case(case: str, folder: Path, command: str, asked: dict[str, Any]) -> tuple[Any, str]:
    import pandas as pd

    from groundswell.inference.forecast_counts import forecast_totals
    from groundswell.reports.forecast import write_totals
    from groundswell.scenario.load import load

    scenario = load(case)
    with bar("replicates") as progress:
        made = forecast_totals(scenario, asked.pop("until"), progress=progress, **asked)
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
    facts = {"page": str(page), "files": files, "words": made.words(), "scores": [vars(one) for one in made.scores]}
    return facts, "\n".join([*made.words(), str(page)])
