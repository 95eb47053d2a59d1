"""Campaigns with their phases, units and the phase × unit matrix."""
