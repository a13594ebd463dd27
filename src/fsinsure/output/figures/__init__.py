"""Figures, drawn from tidy tables only."""
