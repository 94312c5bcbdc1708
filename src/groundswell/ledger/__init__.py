"""What a written account claims, and what the record says of each claim."""
