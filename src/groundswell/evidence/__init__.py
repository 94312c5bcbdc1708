"""What was seen: the chance of being recorded, and simulated results as events."""
