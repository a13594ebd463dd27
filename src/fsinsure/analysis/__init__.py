"""Questions asked of a projection."""
