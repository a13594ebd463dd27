"""Who lives in the region at the start, and what the funds hold."""
