"""What happens in a year, in order."""
