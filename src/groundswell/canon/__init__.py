"""Published models, as yardsticks and for teaching: one file a model, with our chances and our way to store results.

None is a part of a case. Each file says what was checked against its paper, and what was not.
"""
