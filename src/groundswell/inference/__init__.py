"""What follows from the record: fits, comparisons, forecasts, and when none of them can tell."""
