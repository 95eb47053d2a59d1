"""The page of opinion phrases."""
