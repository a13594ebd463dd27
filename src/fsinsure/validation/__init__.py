"""Persons against the cohort engine, figure by figure."""
