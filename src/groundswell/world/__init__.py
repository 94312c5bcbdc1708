"""What exists: fields, tables, ties and events."""
