"""All rules treat their arguments alike: types, missing numbers, impossible values, shapes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from itertools import product
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fsinsure.rules
from fsinsure.rules import BOUNDS, NON_NEGATIVE, formula, unemployment
from fsinsure.rules.injury import class_rate, floating_rate
from fsinsure.rules.pension import annuity_divisor, pension_bill
from fsinsure.rules.relief import repaid
from fsinsure.rules.retirement import month_index, vested
from fsinsure.rules.tables import interpolate, lookup, steps
from fsinsure.rules.wages import contribution_base

Rule = Callable[..., Any]
MODULES = [
    import_module(f"fsinsure.rules.{found.name}") for found in iter_modules(fsinsure.rules.__path__)
]
RULES: dict[str, Rule] = {
    f"{module.__name__.rpartition('.')[2]}.{name}": item
    for module in MODULES
    for name, item in vars(module).items()
    if inspect.isfunction(item) and item.__module__ == module.__name__ and name[0] != "_"
}
NARROW = ("uint8", "int8", "uint16", "int16", "int32", "uint32", "uint64", "float16", "float32")
GUANGDONG = (48, 12, 6, 24)
TABLES = {
    "ages": [50, 60, 70],
    "amounts": [30, 60, 90],
    "factors": [0.5, 1.0, 1.5],
    "from_amounts": [0, 50, 100],
    "from_years": [0, 5, 10],
    "knots": [0, 5, 10],
    "lowest_class_factors": [1, 2],
    "months": [27, 25, 23],
    "other_factors": [1, 2],
    "rates": [0, 1, 1],
    "shares": [1, 0, 0],
    "subsidies": [30, 60, 90],
    "thresholds": [0, 5, 10],
    "values": [3, 6, 9],
}
"""A table for each argument that is one; codes 1 to 3 are in all."""

WHOLE = {"cap": 120, "last_month": 120, "floor": 1, "first_month": 1, "small_share": 0}
"""Values of arguments that depend on one another; the rest is 1, which all bounds contain."""


def arguments(rule: Rule) -> dict[str, Any]:
    """The arguments of a rule: a whole number for each number, a table for each table."""
    found: dict[str, Any] = {}
    for name, item in inspect.signature(rule).parameters.items():
        if item.annotation.startswith("Sequence["):
            found[name] = TABLES[name]
        elif item.annotation in ("Numbers", "float", "int") and item.default is item.empty:
            found[name] = WHOLE.get(name, 0.5 if name == "rank" else 1)
        elif item.annotation == "int | None":
            found[name] = 1
    return found


def numbers(rule: Rule) -> list[str]:
    """The arguments of a rule that may be arrays."""
    parameters = inspect.signature(rule).parameters.items()
    return [name for name, item in parameters if item.annotation == "Numbers"]


def checked(rule: Rule) -> list[str]:
    """The arguments of a rule that have bounds: numbers, and tables of them."""
    kinds = ("Numbers", "float", "int")
    parameters = inspect.signature(rule).parameters.items()
    return [n for n, item in parameters if n in TABLES or item.annotation in kinds]


each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
WITH_NUMBERS = {name: rule for name, rule in RULES.items() if numbers(rule)}
each_rule_of_numbers = pytest.mark.parametrize("rule", WITH_NUMBERS.values(), ids=WITH_NUMBERS)


def test_the_rules_are_found() -> None:
    assert len(RULES) > 80
    assert len(RULES) - len(WITH_NUMBERS) <= 3  # combined_share, bin_means, bases_by_rank


@each_rule
def test_a_rule_is_decorated(rule: Rule) -> None:
    assert formula(rule) is not rule


def test_every_bound_is_of_an_argument() -> None:
    used = {name for rule in RULES.values() for name in inspect.signature(rule).parameters}
    assert not BOUNDS.keys() - used


@each_rule_of_numbers
def test_the_type_of_an_array_does_not_matter(rule: Rule) -> None:
    plain = arguments(rule)
    want = rule(**plain)
    whole = [name for name in numbers(rule) if name != "rank"]
    for dtype in NARROW:
        narrow = {name: np.array([plain[name]] * 2, dtype) for name in whole}
        found = rule(**{**plain, **narrow})
        assert found.shape == (2,)
        assert found.dtype in (np.float64, np.int64, np.bool)
        np.testing.assert_array_equal(found, [want, want], err_msg=dtype)


@each_rule_of_numbers
def test_numbers_lists_arrays_and_series_agree(rule: Rule) -> None:
    plain = arguments(rule)
    want = rule(**plain)
    assert np.ndim(want) == 0
    columns = {
        "list": lambda value: [value, value],
        "array": lambda value: np.array([value, value]),
        "series": lambda value: pd.Series([value, value], index=["a", "b"]),
        "nullable": lambda value: pd.Series([value, value], index=["a", "b"]).convert_dtypes(),
    }
    for kind, column in columns.items():
        found = rule(**{n: column(v) if n in numbers(rule) else v for n, v in plain.items()})
        np.testing.assert_array_equal(np.asarray(found, float), [want, want])
        assert isinstance(found, pd.Series) == (kind in ("series", "nullable"))
        if isinstance(found, pd.Series):
            assert found.index.tolist() == ["a", "b"]


@each_rule_of_numbers
def test_a_missing_number_gives_nan_and_no_other_does(rule: Rule) -> None:
    plain = arguments(rule)
    want = rule(**plain)
    for name in numbers(rule):
        assert np.isnan(rule(**{**plain, name: float("nan")})), name
        assert np.isnan(rule(**{**plain, name: None})), name
        for column in ([plain[name], float("nan")], pd.array([plain[name], pd.NA])):
            items = (
                pd.Series(column)
                if isinstance(column, pd.api.extensions.ExtensionArray)
                else column
            )
            found = np.asarray(rule(**{**plain, name: items}), float)
            np.testing.assert_array_equal(found, [want, np.nan], err_msg=name)


@each_rule
def test_an_impossible_value_is_an_error_that_names_argument_and_bounds(rule: Rule) -> None:
    plain = arguments(rule)
    for name in checked(rule):
        low, high, text = BOUNDS.get(name, NON_NEGATIVE)
        for wrong in (low - 1, high + 1 if high < 1e300 else np.inf):
            if low <= wrong <= high:
                continue  # without a bound on this side
            for items in (wrong, [wrong], np.array([wrong]), pd.Series([wrong])):
                with pytest.raises(ValueError, match=f"^{name} must be {text}, but"):
                    rule(**{**plain, name: items})


@each_rule
def test_what_is_no_number_is_an_error_that_names_the_argument(rule: Rule) -> None:
    plain = arguments(rule)
    wrongs: tuple[object, ...] = ("12", ["a"], object(), 1j, np.datetime64("2025-01-01"))
    for name, wrong in product(checked(rule), wrongs):
        with pytest.raises(TypeError, match=f"^{name} must be numbers"):
            rule(**{**plain, name: wrong})


@each_rule
def test_a_table_has_no_missing_values(rule: Rule) -> None:
    plain = arguments(rule)
    for name in plain.keys() & TABLES.keys():
        if isinstance(plain[name], list):
            with pytest.raises(ValueError, match=f"{name} is a table of the law"):
                rule(**{**plain, name: [float("nan"), *plain[name][1:]]})


VALUES = st.one_of(st.none(), st.integers(-1, 127))


@settings(max_examples=300)
@given(st.data())
def test_a_column_gives_what_its_rows_give_one_by_one(data: st.DataObject) -> None:
    """Of any type, missing and impossible numbers included: then both are errors."""
    rule = WITH_NUMBERS[data.draw(st.sampled_from(sorted(WITH_NUMBERS)))]
    plain = arguments(rule)
    varied = [name for name in numbers(rule) if data.draw(st.booleans())] or numbers(rule)[:1]
    rows = [{**plain, **{name: data.draw(VALUES) for name in varied}} for _ in range(3)]
    columns = {name: [row[name] for row in rows] for name in varied}
    dtype = data.draw(st.sampled_from(("float16", "float32", "int8", "int16", "int32")))
    if dtype[0] == "f" or not any(None in column for column in columns.values()):
        columns = {name: np.array(column, dtype) for name, column in columns.items()}
    try:
        want = [rule(**row) for row in rows]
    except (ValueError, ZeroDivisionError, RuntimeWarning):
        with pytest.raises((ValueError, RuntimeWarning)):
            rule(**{**plain, **columns})
    else:
        np.testing.assert_allclose(rule(**{**plain, **columns}), want, rtol=1e-12)


@given(st.lists(st.integers(0, 255), min_size=1))
def test_benefit_months_of_a_column_of_bytes(months: list[int]) -> None:
    """The law counted by hand: a month a year for four years, then a month a half-year."""
    want = [min(min(month, 48) // 12 + max(month - 48, 0) // 6, 24) for month in months]
    assert unemployment.benefit_months(np.array(months, np.uint8), *GUANGDONG).tolist() == want


def test_the_bill_of_a_city_does_not_wrap_around() -> None:
    found = pension_bill(np.array([650_000], np.int32), np.array([3_449], np.int32), 12)
    assert found.tolist() == [26_902_200_000]
    assert pension_bill(np.int32(650_000), np.int32(3_449), np.uint8(12)) == 26_902_200_000


def test_a_masked_array_has_missing_numbers() -> None:
    months = np.ma.MaskedArray([179, 180, 181], mask=[False, False, True])
    np.testing.assert_array_equal(vested(months, 180), [0.0, 1.0, np.nan])


def test_an_error_says_where() -> None:
    with pytest.raises(ValueError, match=r"months must be 0 or more.* -1 was given at \[1\]$"):
        vested([180, -1], 180)


def test_series_of_different_people_are_not_mixed() -> None:
    months = pd.Series([180, 181], index=["a", "b"])
    with pytest.raises(ValueError, match="months and minimum have different indices"):
        vested(months, pd.Series([180, 180], index=["b", "a"]))


def test_values_that_contradict_one_another_are_errors() -> None:
    with pytest.raises(ValueError, match="floor must not be above cap"):
        contribution_base(5_000, [3_000, 4_000], [2_000, 9_000])
    with pytest.raises(ValueError, match="last_month must not be before first_month"):
        repaid(1_200, month_index(2022, 7), month_index(2022, 6), 2022)


def test_a_table_that_does_not_rise_or_is_too_short_is_an_error() -> None:
    for read in (steps, interpolate):
        with pytest.raises(ValueError, match="must rise"):
            read(5, [0, 10, 5], [1, 2, 3])
        with pytest.raises(ValueError, match="needs as many values"):
            read(5, [0, 10], [1, 2, 3])
    with pytest.raises(ValueError, match="must rise"):
        annuity_divisor(60, [61, 60], [132, 139])


def test_decimals_are_not_negative() -> None:
    with pytest.raises(ValueError, match="decimals must be 0 or more, or None, but -1 was given"):
        annuity_divisor(60, [60, 61], [139, 132], decimals=-1)


@pytest.mark.parametrize("wrong", [1.5, 4])
def test_a_code_must_be_in_the_table(wrong: float) -> None:
    with pytest.raises(ValueError, match="code must be 1 to 3"):
        lookup(wrong, [1, 2, 3])
    with pytest.raises(ValueError, match="industry class must be 1 to 3"):
        class_rate(wrong, [0.002, 0.004, 0.006])


def test_an_unknown_class_has_no_tiers() -> None:
    with pytest.raises(ValueError, match="industry_class must be 1 to 8"):
        floating_rate(9, 0.002, 1.0, (1.0, 1.2), (0.5, 1.0))
    with pytest.raises(ValueError, match="industry class must be 1 to 8"):
        floating_rate(1.5, 0.002, 1.0, (1.0, 1.2), (0.5, 1.0))
