"""Files of persons: reading, checking, writing."""
