"""The rules of Chinese social insurance as pure functions.

A rule takes numbers and returns numbers; it reads no file, no clock and no parameter. Tables of the
law are arguments. Rates and shares are fractions, money is yuan, and a calendar month is its *month
index* ``12 * year + month - 1`` (:func:`fsinsure.rules.retirement.month_index`).

Arguments are numbers, lists, numpy arrays or pandas Series of any numeric type, and broadcast. All
rules treat them alike (:func:`rule`):

- They compute in float64 or int64, whatever the type of the arguments: no integer wraps around.
- A missing number (NaN or None, in a Series also ``pd.NA``) gives NaN. Answers that are true or
  false become 1.0 and 0.0 where one of them is missing.
- An impossible value is a ValueError that names the argument and its :data:`BOUNDS`; so is a
  missing value in a table of the law. What is not a number is a TypeError.
- Series keep their index, and must share it. Lists and arrays give an array, numbers a number.

The engines call the :func:`formula` of a rule, on arrays that they have built and checked.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NamedTuple, ParamSpec, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")

Numbers: TypeAlias = float | np.int64 | NDArray[Any]
"""A number or an array of numbers. Rules also take lists and Series, and turn them into arrays."""

_LARGEST = sys.float_info.max
_TABLES: Final = ("Sequence[float]", "Sequence[Numbers]")
_KINDS: Final = ("Numbers", "float", "int", *_TABLES)
"""Annotations of the arguments that are checked."""


class Bounds(NamedTuple):
    """The least and the greatest possible value of an argument, and both in words."""

    low: float
    high: float
    text: str


NON_NEGATIVE: Final = Bounds(0, _LARGEST, "0 or more, and finite")
"""The bounds of the arguments that :data:`BOUNDS` does not name."""

_NAMES: Final = {
    Bounds(-np.inf, np.inf, "a number"): "code lower upper values x",
    Bounds(-_LARGEST, _LARGEST, "finite"): """after before credited elasticity flat food_trigger
        knots mean_top_up per_year price_trigger relieved shift thresholds""",
    Bounds(-1, _LARGEST, "-1 or more, and finite"): """cost_change food_growth percent price_growth
        rise wage_growth""",
    Bounds(0, np.inf, "0 or more"): "cap limit most wage",
    Bounds(0, 1, "0 to 1"): """account_rate accrual active base_rate coefficient cut eligible
        large_share monthly_exit own_share rate rates share shares small_share spouse""",
    Bounds(0, 150, "0 to 150"): "age age_years ages",
    Bounds(1, 8, "1 to 8"): "industry_class",
    Bounds(1, 10, "1 to 10"): "grade",
    Bounds(1, 12, "1 to 12"): "month",
    Bounds(1, 13, "1 to 13"): "change_month",
    Bounds(1, _LARGEST, "1 or more, and finite"): "count tier",
    Bounds(sys.float_info.min, _LARGEST, "above 0, and finite"): """cv divisor high_step low_step
        reference_wage step""",
    Bounds(sys.float_info.min, 1 - 2**-53, "between 0 and 1"): "rank",
}
BOUNDS: Final = {name: bounds for bounds, names in _NAMES.items() for name in names.split()}
"""The bounds of arguments by name, the same in all rules; :data:`NON_NEGATIVE` for all others."""


def rule(formula: Callable[P, Numbers | np.bool]) -> Callable[P, Any]:
    """Decorate a formula so that it treats its arguments as all rules do (see the module).

    The result is what the arguments are: a number, an array or a Series. Hence its type is Any.

    Raises
    ------
    ValueError
        An impossible value, a missing value in a table, Series with different indices.
    TypeError
        What is not a number, and arguments that the formula does not have.
    """
    signature, compute = inspect.signature(formula), cast("Callable[..., Any]", formula)
    kinds = {name: str(item.annotation) for name, item in signature.parameters.items()}
    numeric = [name for name, kind in kinds.items() if kind in _KINDS]

    @wraps(formula)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        like = _series(given)
        missing: Any = False
        for name in numeric:
            if name not in given:
                continue
            given[name] = _numbers(name, given[name])
            if kinds[name] not in _TABLES:
                missing = missing | np.isnan(given[name])
            elif np.isnan(given[name]).any():
                raise ValueError(f"{name} is a table of the law, and has no missing values")
            else:
                given[name] = np.atleast_1d(given[name]).tolist()
        if np.any(given.get("floor", 0) > given.get("cap", np.inf)):
            raise ValueError("floor must not be above cap")
        result = compute(**given)
        if np.any(missing):
            result = np.where(missing, np.nan, result)[()]
        return result if like is None else type(like)(result, index=like.index)

    return checked


def reference(formula: Callable[P, Numbers | np.bool]) -> Callable[P, Any]:
    """Decorate a formula as :func:`rule` does, and mark it as a reference case.

    No projection reads a reference case: parameters stand in for it (``docs/rules.md``).
    """
    formula.__doc__ = f"{formula.__doc__}\n    Reference case: no projection reads this rule.\n"
    return rule(formula)


def formula(rule: Callable[P, Any]) -> Callable[P, NDArray[np.float64]]:
    """Return the bare formula of a rule, for an engine that has checked what it computes with.

    The formula takes numbers and arrays only. It does not widen, check or mask its arguments.
    """
    bare: Callable[P, NDArray[np.float64]] = inspect.unwrap(rule)
    return bare


def _numbers(name: str, value: Any) -> Any:
    """Return an argument in float64 or int64, within its bounds or NaN."""
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63):
        numbers: Any = value
    else:
        array = _array(name, value)
        whole = array.dtype.kind in "biu" and array.dtype != np.uint64
        numbers = array.astype(np.int64 if whole else np.float64, copy=False)[()]
    low, high, text = BOUNDS.get(name, NON_NEGATIVE)
    wrong = np.asarray((numbers < low) | (numbers > high))  # NaN is neither
    if wrong.any():
        place = [int(at) for at in np.argwhere(wrong)[0]]
        where = f" at {place}" if place else ""
        raise ValueError(
            f"{name} must be {text}, but {np.asarray(numbers)[wrong][0]} was given{where}"
        )
    return numbers


def _array(name: str, value: Any) -> NDArray[Any]:
    """Return a list, array or Series of numbers as an array; what is missing is NaN."""
    try:
        if isinstance(value, np.ma.MaskedArray):
            value = np.ma.filled(value.astype(np.float64), np.nan)
        array: NDArray[Any] = value.to_numpy() if hasattr(value, "to_numpy") else np.asarray(value)
        if array.dtype.kind == "O" and hasattr(value, "to_numpy"):
            array = value.to_numpy(dtype=np.float64, na_value=np.nan)
        elif array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be numbers: {error}") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be numbers, but {value!r} was given")
    return array


def _series(given: dict[str, Any]) -> Any:
    """Return the first Series among the arguments, or None; all must have its index."""
    series = [
        (name, value)
        for name, value in given.items()
        if hasattr(value, "to_numpy") and hasattr(value, "index")
    ]
    for name, value in series[1:]:
        if not value.index.equals(series[0][1].index):
            raise ValueError(
                f"{series[0][0]} and {name} have different indices: align the Series first"
            )
    return series[0][1] if series else None
