"""A campaign of a thousand units with ten thousand findings, and the same of ten units beside it."""
