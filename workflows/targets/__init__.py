"""Targets (目标考核): baseline, target, what the unit reports, what others verify, and whether the figures add up."""
