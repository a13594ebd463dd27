"""Solvers and point sets, independent of insurance."""
