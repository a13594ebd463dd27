"""The methods of a backtest and the notes of its table, by name; the best of the naive rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.messages import Message, phrase

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

NOT_PUBLISHED: Final = phrase("not published")
IN_USE: Final = phrase("known to the scenario")
NO_START: Final = phrase("no figure of the base year")
TOO_SHORT: Final = phrase("too few figures before the base year")
NO_NATION: Final = phrase("no growth of a nation")
NO_PLACES: Final = phrase("no growth of comparable places")
FITTED: Final = "used to set "
"""What begins the note of a figure by which parameters were set; their names follow."""


def note_text(note: str) -> Message:
    """Return the note of a figure, as tables have it, as a message."""
    names = note.removeprefix(FITTED)
    return Message(note) if names == note else Message("used to set {names}", names=names)


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
