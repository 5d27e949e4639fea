"""Many draws: batches of them, joined into one result."""
