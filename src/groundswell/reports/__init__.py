"""What we say: figures, tables and the page.

`report(runs, folder)` writes all of it, `write_report` the page and its figures; `summary` is the table of quantiles.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.reports.page import write_report
from groundswell.reports.summary import summary

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["report", "summary", "write_report"]


def report(runs: xr.Dataset | str | Path, folder: str | Path) -> Path:
    """Write summary.csv, report/index.html and its figures into a folder, and return the page.

    `runs` is what `simulate` returned, or a folder with results. Raises StoreError where it holds none.
    """
    from groundswell.engine.store import open_runs

    opened = open_runs(runs) if isinstance(runs, str | Path) else runs
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    summary(opened).to_csv(folder / "summary.csv", index=False)
    return write_report(opened, folder)
