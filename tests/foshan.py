"""The region of most tests, and names of its parts."""

from __future__ import annotations

from fsinsure.region.load import shipped_region

FOSHAN = shipped_region("foshan")
AREAS = FOSHAN.codes
CITY = FOSHAN.name
"""The column ``area`` of its total."""
