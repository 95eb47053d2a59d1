"""A human task: read, fill, decide, return."""
