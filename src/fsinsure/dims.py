"""The dimensions of every array, named once.

A stock array has the axes ``(..., quantity, status, area, sex, age)``: the leading ``...`` is
empty for one projection or a draw axis for many. The status stands in front of the cells so that
the people of one status lie side by side in memory: an event touches one or two statuses at a time.
"""

from __future__ import annotations

from typing import Final

SEXES: Final = ("male", "female")
MALE, FEMALE = range(len(SEXES))
AGES: Final = 101
"""Ages 0..100; the last is open (100 and over)."""

QUANTITIES: Final = ("persons", "cadres", "months", "account", "pension")
"""What a stock counts: persons, and what they carry with them.

The women among them with the pension age of cadres; contribution months; the balance of the
individual account in yuan; the pension in payment in yuan a month. Head counts alone need the first
:data:`COUNTED` of them.
"""

PERSONS, CADRES, MONTHS, ACCOUNT, PENSION = range(len(QUANTITIES))
"""Position of each quantity on the quantity axis."""

COUNTED: Final = 3
"""Quantities that head counts depend on: persons, cadres and months."""

YEAR: Final = 12
HALF_YEAR: Final = 6
"""Months of a year and of a half-year."""

TOTAL: Final = "total"
AREA: Final = "area"
"""Levels of a table: the region as a whole, or one of its areas."""

EARLIEST_YEAR: Final = 1950
LAST_YEAR: Final = 2100
"""The first and the last year of any data and projection."""

AGE_GROUPS: Final = (*(f"{age}-{age + 4}" for age in range(0, 100, 5)), "100+")
