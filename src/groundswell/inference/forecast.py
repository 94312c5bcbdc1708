"""Forecasts that can lose: draws after a day, and scores on earlier days of what would have been said then.

Nothing known later than the day is used: a record is cut before any forecaster sees it, and rolling origins lie so that
what they are scored on had happened by that day. A forecaster's worth is its loss less that of the last value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.errors import GroundswellError, Problem
from groundswell.inference.forecasters import FORECASTERS, YEAR, Forecaster, Record
from groundswell.inference.panel import Floats, Integers
from groundswell.inference.scores import Contrast, contrast, covered, crps, ignorance, interval_score

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int], None]
BASELINE = "last value"
LEAST = 60  # days before the first origin, at least
ORIGINS = 12  # rolling origins by default
DRAWS = 1000  # science brief, C9


def refuse(where: str, fault: str, cure: str) -> GroundswellError:
    """The error about a forecast that cannot be made."""
    return GroundswellError(Problem("forecast", where, fault, cure))


@dataclass(frozen=True)
class Scored:
    """Scores of one forecaster over rolling origins: means, and its contrast with the last value by CRPS.

    CRPS, IGN and MIS are of the sum over the horizon in each place; `coverage` is the share of 95 % intervals that
    held. `total` is the CRPS of the sum over all places.
    """

    name: str
    crps: float
    ign: float
    mis: float
    coverage: float
    total: float
    against: Contrast

    def row(self) -> dict[str, Any]:
        """As one flat row; a standard error that cannot be had is None."""
        gap = self.against
        error = float(gap.error) if np.isfinite(gap.error) else None
        return {"forecaster": self.name, "crps": self.crps, "ign": self.ign, "mis": self.mis,
                "coverage_95": self.coverage, "crps_all_places": self.total, "crps_less_last_value": gap.difference,
                "standard_error": error, "origins": gap.blocks, "says": gap.says}  # fmt: skip


@dataclass(frozen=True)
class Forecast:
    """Draws (place, horizon day, draw) of each forecaster after `record.last`, and their scores on earlier days."""

    record: Record
    horizon: int
    draws: Mapping[str, Integers]
    scores: tuple[Scored, ...]
    origins: tuple[np.datetime64, ...]

    @property
    def days(self) -> Any:
        """The days that are forecast."""
        return self.record.last + np.arange(1, self.horizon + 1)

    @property
    def best(self) -> str:
        """The forecaster with the lowest mean CRPS, or the last value where there are no scores."""
        return min(self.scores, key=lambda one: one.crps).name if self.scores else BASELINE

    def words(self) -> tuple[str, ...]:
        """What the scores say, the losses first."""
        if not self.scores:
            return (
                f"The record is too short to score anything: it needs {LEAST} days and one horizon before it ends.",
            )
        said = []
        for one in self.scores:
            if one.name == BASELINE:
                continue
            gap = f"CRPS {one.crps:.3g} against {self.score(BASELINE).crps:.3g}"
            verb = {"loses": "loses to", "wins": "beats"}.get(one.against.says)
            said.append((one.against.says != "loses", f"{one.name} {verb} the last value ({gap})" if verb else
                         f"{one.name}: {one.against.says}, beside the last value ({gap})"))  # fmt: skip
        return tuple(text for _, text in sorted(said, key=lambda pair: pair[0]))

    def score(self, name: str) -> Scored:
        """The scores of one forecaster."""
        return next(one for one in self.scores if one.name == name)

    def frame(self, name: str) -> pd.DataFrame:
        """Draws of one forecaster as a long table: date, place, draw, outcome (counts); places in file order.

        These are the columns of prediction samples as the VIEWS challenge shares them (unit, time, draw, outcome), with
        days and place names instead of its numbers for months and countries.
        """
        import pandas as pd

        made = self.draws[name]
        places, days, draws = made.shape
        return pd.DataFrame({
            "date": np.tile(np.repeat(self.days.astype("datetime64[s]"), draws), places),
            "place": pd.Categorical(np.repeat(np.array(self.record.places, object), days * draws), self.record.places),
            "draw": np.tile(np.arange(draws, dtype=np.int32), places * days),
            "outcome": made.reshape(-1),
        })  # fmt: skip


def cut(counts: Integers, first: np.datetime64, until: str) -> Integers:
    """The counts up to and with `until`. Raises GroundswellError where the record ends before or begins after it."""
    try:
        end = np.datetime64(until, "D")
    except ValueError:
        raise refuse("--until", f"{until!r} is no date", "write it as 2019-10-25") from None
    length = int((end - first).astype(int)) + 1
    if length < 1 or length > counts.shape[1]:
        last = first + counts.shape[1] - 1
        raise refuse("--until", f"{until} lies outside the record, {first} to {last}", "a day of the record")
    return counts[:, :length]


def forecast(
    counts: Integers, places: tuple[str, ...], first: np.datetime64, until: str, *, horizon: int = 7,
    weights: Floats | None = None, draws: int = DRAWS, origins: int = ORIGINS, seed: int = 0,
    forecasters: Mapping[str, Forecaster] = FORECASTERS, progress: Progress | None = None,
) -> Forecast:  # fmt: skip
    """Forecast `horizon` days after `until` and score the same forecasters on earlier origins.

    Origins lie one horizon apart and end one horizon before `until`, so that no score looks past it. `counts` may go
    on after `until`: it is cut first. The bootstrap of 12 months is left out where the record is shorter than that.
    """
    if not 1 <= horizon <= YEAR or not 10 <= draws <= 100_000:
        raise refuse("--horizon or --draws", f"are {horizon} and {draws}", "1 to 365 days and 10 to 100,000 draws")
    seen = cut(counts, first, until)
    apart = np.zeros((len(places),) * 2) if weights is None else weights
    record = Record(seen, places, apart, first + seen.shape[1] - 1)
    if seen.shape[1] < 14:
        raise refuse("--until", f"leaves {seen.shape[1]} days of record", "at least 14 days before it")
    used = {n: f for n, f in forecasters.items() if n != "bootstrap" or seen.shape[1] >= YEAR}
    ends = [seen.shape[1] - horizon * k for k in range(origins, 0, -1)]
    ends = [end for end in ends if end >= LEAST]
    steps, done = (len(ends) + 1) * len(used), 0
    losses: dict[str, list[Any]] = {name: [] for name in used}
    for end in ends:
        then, truth = record.until(end), seen[:, end : end + horizon].sum(1)
        for name, make in used.items():
            losses[name].append(_losses(truth, make(then, horizon, draws, seed).sum(1)))
            done += 1
            if progress is not None:
                progress(done, steps)
    made = {}
    for name, make in used.items():
        made[name] = make(record, horizon, draws, seed)
        done += 1
        if progress is not None:
            progress(done, steps)
    scores = tuple(_scored(name, losses, seed) for name in used) if ends else ()
    return Forecast(record, horizon, made, scores, tuple(first + end - 1 for end in ends))


def _losses(truth: Integers, sums: Integers) -> tuple[Any, ...]:
    total = crps(truth.sum(), sums.sum(0))
    return crps(truth, sums), ignorance(truth, sums), interval_score(truth, sums), covered(truth, sums), total


def _scored(name: str, losses: Mapping[str, list[Any]], seed: int) -> Scored:
    crps_, ign, mis, held, total = (np.stack([one[k] for one in losses[name]]) for k in range(5))
    base = np.stack([one[0] for one in losses[BASELINE]])
    block = np.repeat(np.arange(len(base)), base.shape[1])
    against = contrast(crps_.ravel(), base.ravel(), block, seed=seed, name=f"contrast/{name}")
    means = [float(part.mean()) for part in (crps_, ign, mis, held, total)]
    return Scored(name, means[0], means[1], means[2], means[3], means[4], against)


def write_draws(made: Forecast, folder: Path) -> list[Path]:
    """`draws_<forecaster>.parquet` for each forecaster and `scores.csv`, each replaced only when whole."""
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in made.draws:
        path = folder / f"draws_{name.replace(' ', '_')}.parquet"
        part = path.with_suffix(".partial")
        made.frame(name).to_parquet(part, compression="zstd", index=False)
        paths.append(part.replace(path))
    part = folder / "scores.partial"
    pd.DataFrame([one.row() for one in made.scores]).to_csv(part, index=False)
    paths.append(part.replace(folder / "scores.csv"))
    return paths
