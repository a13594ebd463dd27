"""A result as one HTML page that opens offline: findings first, charts and tables beneath."""
