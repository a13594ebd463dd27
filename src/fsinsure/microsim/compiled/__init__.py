"""The loops over persons, compiled; numba is optional."""
