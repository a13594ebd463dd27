"""Engines: they apply the moves of the year to people."""
