"""Analyses of a projection: targets, decomposition, indicators, attribution, distributions."""
