"""What we say: figures, tables and the page.

`write_report(runs, folder)` writes the page and its figures, `summary(runs)` gives the table of quantiles.
"""

from groundswell.report.page import write_report
from groundswell.report.summary import summary

__all__ = ["summary", "write_report"]
