"""Cascade (分解下发): units file plans of their own derived from the one above, tighter but never looser."""
