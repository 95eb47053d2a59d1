"""Ratings, scores with their reasons, and what follows from them."""
