"""Settings of the documentation; `make docs` builds it."""

project = "groundswell"
author = "groundswell contributors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "groundswell"
myst_heading_anchors = 3
exclude_patterns: list[str] = []
nitpicky = True
