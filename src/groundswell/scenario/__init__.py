"""What is asked: a scenario, its rivals and what-ifs."""
