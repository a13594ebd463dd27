"""Where batches of persons run, and what is kept of a run that stops."""
