"""Text for a terminal, from tidy tables only."""
