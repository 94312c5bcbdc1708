"""The page of one or more ledgers: every claim with its finding, and the evidence one click below it."""

from groundswell.reports.ledger.page import write_page

__all__ = ["write_page"]
