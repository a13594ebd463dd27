"""Numbers as people write them are read exactly, and written so that they read the same."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fsinsure.errors import InputError
from fsinsure.units import describe, measure_in, parse, show


@pytest.mark.parametrize(
    ("text", "amount", "step"),
    [
        ("470万", "4700000", "10000"),
        ("392.63万", "3926300", "100"),
        ("341.30万", "3413000", "100"),
        ("336万人", "3360000", "10000"),
        ("643.36亿", "64336000000", "1000000"),
        ("643.36亿元", "64336000000", "1000000"),
        ("137.64 亿元", "13764000000", "1000000"),
        ("6.59万亿元", "6590000000000", "10000000000"),
        ("1.5%", "0.015", "0.001"),
        ("1.5 %", "0.015", "0.001"),
        ("-0.5%", "-0.005", "0.001"),
        ("3.66%", "0.0366", "0.0001"),
        ("0.015", "0.015", "0.001"),
        ("125000", "125000", "1"),
        ("28人", "28", "1"),
        (".5", "0.5", "0.1"),
        ("5.", "5", "1"),
        ("1e3", "1000", "1000"),
        ("+7", "7", "1"),
        ("４７０万", "4700000", "10000"),
        ("１．５％", "0.015", "0.001"),
        ("12345678901234567890.123456789亿", "1234567890123456789012345678.9", "0.1"),
    ],
)
def test_quantities_are_exact(text: str, amount: str, step: str) -> None:
    quantity = parse(text)
    assert quantity.amount == Decimal(amount)
    assert quantity.step == Decimal(step)


def test_suffix_and_noun_are_kept() -> None:
    assert (parse("470万人").suffix, parse("470万人").noun) == ("万", "人")
    assert (parse("7").suffix, parse("7").noun) == ("", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("much", "'much' is not a number"),
        ("", "'' is not a number"),
        ("万", "is not a number"),
        ("4,700,000", "without commas"),
        ("4，700", "without commas"),
        ("20_50", "is not a number"),
        ("1.2.3", "is not a number"),
        ("470万亿万", "is not a number"),
        ("人470万", "is not a number"),
        ("٤٧٠", "is not a number"),
        (".nan", "not a finite number"),
        ("NaN", "not a finite number"),
        ("-.inf", "not a finite number"),
        ("Infinity", "not a finite number"),
        ("1e999999999", "beyond any amount"),
        ("1e-999999999", "beyond any amount"),
        ("9" * 41, "more than 40 characters"),
    ],
)
def test_what_is_no_number_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse(text)


def test_huge_integers_do_not_hang() -> None:
    start = time.perf_counter()
    with pytest.raises(InputError):
        parse("9" * 1_000_000)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        ("1万", "fraction", "万 does not go with a share"),
        ("5%", "persons", "% does not go with a number of people"),
        ("5元", "persons", "元 is money, not a number of people"),
        ("5人", "yuan", "人 is people, not an amount of money"),
        ("5%人", "fraction", "人 is people, not a share"),
        ("6.59万亿", "persons", "万亿 does not go with a number of people"),
        ("5%", "months", "% does not go with a number of months"),
        ("5万", "years", "万 does not go with a number of years"),
    ],
)
def test_suffixes_go_with_their_unit(text: str, unit: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        measure_in(text, unit)


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (0.015, "fraction", "1.5%"),
        (-0.3, "fraction", "-30%"),
        (1.0, "fraction", "100%"),
        (0.0, "fraction", "0%"),
        (-0.0, "months", "0"),
        (4_700_000.0, "persons", "470万"),
        (392_630.0, "persons", "39.263万"),
        (9_999.0, "persons", "9999"),
        (64_336_000_000.0, "yuan", "643.36亿"),
        (180.0, "months", "180"),
        (1.11, "ratio", "1.11"),
    ],
)
def test_amounts_are_shown_as_people_write_them(amount: float, unit: str, text: str) -> None:
    assert show(amount, unit) == text


@given(
    st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).map(lambda x: round(x, 6)),
    st.sampled_from(["fraction", "ratio", "persons", "yuan", "months", "years"]),
)
def test_what_is_shown_reads_the_same(amount: float, unit: str) -> None:
    assert float(measure_in(show(amount, unit), unit).amount) == amount


def test_describe_names_unit_and_bounds() -> None:
    assert str(describe("fraction", -0.3, 0.6)) == "a share between -30% and 60%"
    assert str(describe("persons", 0, 5e6)) == "a number of people between 0 and 5,000,000"
    assert str(describe("months")) == "a number of months"
