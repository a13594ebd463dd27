"""Tables that are made once, on first access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, overload

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd


class cached_table:
    """A property whose table is built once; each access returns a copy that the caller may edit.

    Parameters
    ----------
    make
        The method that builds the table.
    """

    def __init__(self, make: Callable[[Any], pd.DataFrame]) -> None:
        self._make = make
        self._key = f"_{make.__name__}"
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, holder: None, owner: type) -> Self: ...
    @overload
    def __get__(self, holder: object, owner: type) -> pd.DataFrame: ...
    def __get__(self, holder: object | None, owner: type) -> Self | pd.DataFrame:
        """Return a copy of the table of an instance."""
        if holder is None:
            return self
        cache: dict[str, pd.DataFrame] = holder.__dict__
        if self._key not in cache:
            cache[self._key] = self._make(holder)
        return cache[self._key].copy()
