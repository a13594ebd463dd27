"""Documents that users write: YAML and CSV read strictly, with the position of every problem."""
