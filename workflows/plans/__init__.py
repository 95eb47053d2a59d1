"""Plans (实施方案): what ``plan.yaml`` says, checked, dated, and compiled to diagrams (docs/plans.md)."""
