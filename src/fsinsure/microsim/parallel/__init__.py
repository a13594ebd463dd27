"""Where batches of persons run, and the checkpoint of a run that stops."""
