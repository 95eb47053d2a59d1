"""Makes diagrams, forms and decisions from a plan, the same bytes from the same plan (docs/plans.md, Compiling)."""
