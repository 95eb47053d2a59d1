"""Scoring (评分): sheets with items, composites with weights, each result explained down to its entries."""
