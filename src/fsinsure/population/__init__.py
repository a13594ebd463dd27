"""Who lives in the city at the start, and how a population ages."""
