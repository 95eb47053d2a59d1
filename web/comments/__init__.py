"""Comments with mentions."""
