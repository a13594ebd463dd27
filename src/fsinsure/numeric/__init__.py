"""Solvers and point sets that know nothing of insurance."""
