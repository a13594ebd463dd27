"""The rules of Chinese social insurance as pure functions.

Every function takes numbers and returns numbers: no files, no dates of today, no parameters inside.
The same function object serves both engines, and works on a number, a numpy array and a pandas
Series, because it only uses arithmetic and the ufuncs ``minimum``, ``maximum`` and ``where``.
Rates are fractions, money is yuan, and a calendar month is its *month index*
``12 * year + month - 1`` (:func:`fsinsure.rules.retirement.month_index`).
"""

from __future__ import annotations

from typing import Any, TypeAlias

Numbers: TypeAlias = Any
"""A number, a numpy array or a pandas Series; what goes in as one of them comes out as the same."""
