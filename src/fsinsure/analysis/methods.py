"""The methods of a backtest and the notes of its table, by name; the best of the naive rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

PROJECTION: Final = "projection"
NO_CHANGE: Final = "no_change"
LAST_GROWTH: Final = "last_growth"
DAMPED_TREND: Final = "damped_trend"
NATION: Final = "nation"
PLACES: Final = "places"

RULES: Final = (NO_CHANGE, LAST_GROWTH, DAMPED_TREND, NATION, PLACES)
"""The naive rules; ``nation`` is the last growth of the nation, carried on, ``places`` the median
growth of comparable places in the years that are known."""

METHODS: Final = (PROJECTION, *RULES)

NOT_PUBLISHED: Final = "not published"
IN_USE: Final = "known to the scenario"
NO_START: Final = "no figure of the base year"
TOO_SHORT: Final = "too few figures before the base year"
NO_NATION: Final = "no growth of a nation"
NO_PLACES: Final = "no growth of comparable places"
FITTED: Final = "used to set "
"""What begins the note of a figure by which parameters were set; their names follow."""

LACKING: Final = {NATION: NO_NATION, PLACES: NO_PLACES}
"""What a rule lacks that has a start and no forecast; for the others, :data:`TOO_SHORT`."""


def best_rule(sizes: Mapping[str, float] | pd.Series[float]) -> str:
    """Return the naive rule with the smallest error, the first of equal ones; empty without any.

    Parameters
    ----------
    sizes
        Errors by method; NaN where a rule has none.

    Examples
    --------
    >>> best_rule({"projection": 0.01, "no_change": 0.03, "nation": 0.02, "places": float("nan")})
    'nation'
    """
    known = [rule for rule in RULES if sizes.get(rule, float("nan")) >= 0.0]
    return min(known, key=lambda rule: sizes[rule], default="")
