"""Persons, one by one: the same year, drawn at random."""
