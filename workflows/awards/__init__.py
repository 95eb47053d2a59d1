"""Ranking and awards (评比表彰): ranks with stated ties, quotas, flags, money, public notices, standing histories."""
