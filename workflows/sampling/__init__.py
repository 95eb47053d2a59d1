"""Samples that anybody can draw again from the published seed."""
