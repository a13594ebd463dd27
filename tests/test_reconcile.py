"""Reconciling published ledgers: what does not add up is shown to the yuan, and where it stands."""

from __future__ import annotations

import doctest
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fsinsure as fs
from foshan import CITY
from fsinsure.errors import DataError, InputError

COLUMNS = ["fund", "year", "opening", "income", "outgo", "closing"]
AMOUNT = st.integers(0, 10**14)
YI = 1e8

# 人力资源和社会保障事业发展统计公报 of 2020 and 2021, 亿元; of 2020 only the closings (58,075,
# 3,354, 1,449) are taken, and the sums of its flows (50,667 and 57,580) fit the three funds.
NATION = [
    ("pension", 2020, None, None, None, "58075亿"),
    ("pension", 2021, None, "65793亿", "60197亿", "63970亿"),
    ("unemployment", 2020, None, None, None, "3354亿"),
    ("unemployment", 2021, None, "1460亿", "1500亿", "3313亿"),
    ("injury", 2020, None, None, None, "1449亿"),
    ("injury", 2021, None, "952亿", "990亿", "1411亿"),
]

# 福建统计年鉴2022 table 10-7, 亿元.
FUJIAN = [
    ("enterprise", 2020, None, "391.99亿", "532.89亿", "562.49亿"),
    ("enterprise", 2021, None, "729.17亿", "594.91亿", "555.93亿"),
    ("civil", 2020, None, "189.22亿", "355.42亿", "147.67亿"),
    ("civil", 2021, None, "334.69亿", "332.10亿", "150.26亿"),
]


def test_the_example_of_the_documentation() -> None:
    outcome = doctest.testmod(import_module("fsinsure.analysis.reconcile"))
    assert outcome.attempted > 0
    assert outcome.failed == 0


def ledger(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def of(found: pd.DataFrame, fund: str, year: int) -> pd.Series:
    return found[(found["fund"] == fund) & (found["year"] == year)].iloc[0]


@pytest.mark.parametrize(
    ("fund", "expected", "unexplained"),
    [
        ("pension", 58_075 + 65_793 - 60_197, 299),  # in no flow of the bulletin
        ("unemployment", 3_354 + 1_460 - 1_500, -1),  # rounding
        ("injury", 1_449 + 952 - 990, 0),
    ],
)
def test_the_nation_2021(fund: str, expected: float, unexplained: float) -> None:
    row = of(fs.reconcile(ledger(NATION)), fund, 2021)
    assert row["expected_closing"] == expected * YI
    assert row["unexplained"] == unexplained * YI
    assert row["opening_from"] == "closing of 2020"
    assert row["rounding"] == 2 * YI  # four figures in whole 亿, half a 亿 each


def test_a_province_whose_enterprise_fund_does_not_add_up() -> None:
    """141 亿 left Fujian's enterprise fund in 2021 beside its income and outgo; the civil adds up.

    562.49 + 729.17 - 594.91 = 696.75 against 555.93; 147.67 + 334.69 - 332.10 = 150.26.
    """
    found = fs.reconcile(ledger(FUJIAN))
    assert of(found, "enterprise", 2021)["unexplained"] == -140.82 * YI
    assert of(found, "enterprise", 2021)["unexplained_share"] == pytest.approx(-140.82 / 555.93)
    assert of(found, "civil", 2021)["unexplained"] == 0


def test_a_first_count_does_not_match_the_final_one() -> None:
    """The press said 6.13万亿 for the three funds at the end of 2020, the bulletins 62878 亿."""
    flash = [("three", 2021, "6.13万亿", "68205亿", "62687亿", "68694亿")]
    row = of(fs.reconcile(ledger(flash)), "three", 2021)
    assert row["unexplained"] == 1_876 * YI
    assert row["rounding"] == (50 + 1.5) * YI
    final = [("three", 2020, None, "50667亿", "57580亿", "62878亿"), *flash]
    row = of(fs.reconcile(ledger(final)), "three", 2021)
    assert row["opening_less_closing_before"] == (61_300 - 62_878) * YI
    assert row["opening_from"] == "table"
    assert row["unexplained"] == 1_876 * YI  # the opening of the table is not replaced


def test_the_pension_bulletin_is_the_sum_of_its_schemes() -> None:
    """Employees 60455 / 56481 / 52574 and residents 5339 / 3715 / 11396 against 65793 / 60197."""
    schemes = [
        ("employee", 2021, None, 60_455e8, 56_481e8, 52_574e8),
        ("resident", 2021, None, 5_339e8, 3_715e8, 11_396e8),
    ]
    found = fs.reconcile(ledger(schemes))
    total = found[["income", "outgo", "closing"]].sum() / YI
    assert total.tolist() == [65_794, 60_196, 63_970]
    assert (found["opening_from"] == "not published").all()
    assert found["unexplained"].isna().all()


@given(st.lists(st.tuples(AMOUNT, AMOUNT, st.integers(-(10**9), 10**9)), min_size=1), AMOUNT)
def test_exactly_what_was_hidden_is_found(years: list[tuple[int, int, int]], start: int) -> None:
    rows, balance = [], Decimal(start)
    for number, (income, outgo, hidden) in enumerate(years):
        cents = Decimal(hidden) / 100
        closing = balance + income - outgo + cents
        opening = balance if number == 0 else None
        rows.append(("all", 1990 + number, opening, income, outgo, closing))
        balance = closing
    found = fs.reconcile(ledger(rows)).sort_values("year")
    assert found["unexplained"].tolist() == [hidden / 100 for *_, hidden in years]
    assert (found["rounding"] == 0).all()


@given(st.permutations(NATION + FUJIAN))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[object, ...]]) -> None:
    found = fs.reconcile(ledger(rows)).sort_values(["fund", "year"], ignore_index=True)
    same = fs.reconcile(ledger(NATION + FUJIAN)).sort_values(["fund", "year"], ignore_index=True)
    pd.testing.assert_frame_equal(found, same)


def test_numbers_in_floats_add_up_as_printed() -> None:
    rows = [("all", 2021, 0.1, 0.2, 0.0, 0.3)]
    assert fs.reconcile(ledger(rows))["unexplained"].tolist() == [0.0]


def test_the_books_of_a_run_add_up() -> None:
    """What the library keeps itself is reconciled like anybody's ledger."""
    books = fs.run(fs.load("baseline")).ledger
    city = books[(books["area"] == CITY) & (books["kind"] != "memo")]
    table = city.pivot_table(index=["fund", "year"], columns="kind", values="yuan", aggfunc="sum")
    found = fs.reconcile(table.reset_index())
    later = found[found["year"] > 2020]
    assert len(later) == 5 * 5
    assert (later["unexplained_share"].abs() < 1e-9).all()
    assert (later["opening_less_closing_before"].abs() <= 1e-9 * later["closing"].abs()).all()


def test_dust_in_floats_is_a_number() -> None:
    found = fs.reconcile(ledger([("all", 2021.0, 1.0, 1e-25, 1e-300, Decimal("1.5"))]))
    assert found["unexplained"].tolist() == [0.5]


def test_a_gap_in_the_years_is_not_bridged() -> None:
    rows = [("all", 2019, 1, 1, 1, 1), ("all", 2021, None, 1, 1, 1), ("all", 2023, 5, 1, 1, 5)]
    found = fs.reconcile(ledger(rows))
    assert found["opening_from"].tolist() == ["table", "not published", "table"]
    assert found["unexplained"].isna().tolist() == [False, True, False]
    assert found["opening_less_closing_before"].isna().all()


def test_funds_do_not_lend_each_other_their_closings() -> None:
    rows = [("a", 2020, 1, 0, 0, 1), ("b", 2021, None, 0, 0, 1)]
    assert of(fs.reconcile(ledger(rows)), "b", 2021)["opening_from"] == "not published"


def test_a_table_without_funds_has_one_and_a_deficit_is_a_number() -> None:
    table = ledger([("x", "2021年", -5.0, np.int64(3), np.float32(4), "-6")]).drop(columns="fund")
    row = of(fs.reconcile(table), "all", 2021)
    assert row["unexplained"] == 0
    assert row["closing"] == -6


def test_a_closing_of_zero_has_no_share() -> None:
    row = of(fs.reconcile(ledger([("x", 2021, 0, 3, 1, 0)])), "x", 2021)
    assert row["unexplained"] == -2
    assert np.isnan(row["unexplained_share"])


def test_the_table_is_left_as_it_was() -> None:
    table = ledger(NATION)
    before = table.copy(deep=True)
    fs.reconcile(table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("income", "1,460亿", "ledger row c, column income: .*write it without commas"),
        ("outgo", "much", "ledger row c, column outgo: 'much' is not a number"),
        ("closing", float("inf"), "ledger row c, column closing: inf is beyond any amount"),
        ("closing", 1j, "column closing: 1j is not an amount"),
        ("opening", "5%", "ledger row c, column opening: % does not go with an amount of money"),
        ("opening", "5万人", "column opening: 人 is people"),
        ("closing", True, "column closing: True is not an amount"),
        ("closing", [1], r"column closing: \[1\] is not an amount"),
        ("outgo", -3, "column outgo: -3 is negative"),
        ("year", "last", "ledger row c, column year: 'last' is not a year"),
        ("year", 2021.5, "column year: 2021.5 is not a year"),
        ("year", Decimal("NaN"), r"column year: Decimal\('NaN'\) is not a year"),
        ("year", True, "column year: True is not a year"),
        ("year", "二〇二一", "column year: '二〇二一' is not a year"),
        ("year", None, "column year: None is not a year"),
        ("year", "9" * 5000, "column year: '9*... is not a year"),
        ("year", 2020, "ledger row c, column year: 2020 of fund 'pension' is in row b too"),
        ("fund", " ", "ledger row c, column fund: the cell is blank"),
    ],
)
def test_errors_name_row_and_column(column: str, value: object, said: str) -> None:
    table = ledger([("pension", 2019, *NATION[0][2:]), *NATION[:2]]).astype(object)
    table = table.set_axis(["a", "b", "c"])
    table.at["c", column] = value
    with pytest.raises(DataError, match=said):
        fs.reconcile(table)


@pytest.mark.parametrize("column", ["closing", "year"])
def test_a_number_too_long_to_write_is_refused(column: str) -> None:
    table = ledger(NATION).astype(object)
    table.at[0, column] = 10**5000
    with pytest.raises(DataError, match=f"ledger row 0, column {column}: a huge number is"):
        fs.reconcile(table)


def test_missing_and_double_columns_and_no_rows() -> None:
    with pytest.raises(DataError, match=r"no column 'opening'\. Did you mean 'openning'"):
        fs.reconcile(ledger(NATION).rename(columns={"opening": "openning"}))
    twice = ledger(NATION).rename(columns={"fund": "income"})
    with pytest.raises(DataError, match="2 columns 'income': keep one"):
        fs.reconcile(twice)
    with pytest.raises(InputError, match="has no rows"):
        fs.reconcile(ledger([]))
    with pytest.raises(InputError, match="a pandas DataFrame, not list"):
        fs.reconcile([(2020, 1)])


ROW = {"year": 2021, "opening": 3, "income": 2, "outgo": 1, "closing": 4}


def reconciled(**cells: object) -> pd.Series:
    columns = {name: pd.Series([cell], dtype=object) for name, cell in (ROW | cells).items()}
    return fs.reconcile(pd.DataFrame(columns)).iloc[0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"income": timedelta(1)}, "datetime.timedelta(days=1) is not an amount"),
        ({"income": np.timedelta64(1, "s")}, "np.timedelta64(1,'s') is not an amount"),
        ({"income": np.bool_(True)}, "is not an amount"),
        ({"income": 10**5000}, "a huge number is beyond any amount"),
        ({"income": Fraction(10**400, 3)}, "is beyond any amount"),
        ({"income": Decimal("1e99999")}, "is beyond any amount"),
        ({"income": float("inf")}, "is beyond any amount"),
        ({"income": np.float32("inf")}, "is beyond any amount"),
        ({"year": Decimal("sNaN")}, "Decimal('sNaN') is not a year"),
        ({"year": np.timedelta64(2021, "Y")}, "is not a year"),
        ({"year": 10**5000}, "a huge number is not a year"),
        ({"year": Decimal("2021.5")}, "is not a year"),
        ({"fund": 10**5000}, "a huge number is not the name of a fund"),
        ({"fund": Decimal("sNaN")}, "the cell is blank"),
    ],
    ids=range(14),
)
def test_values_of_odd_types_are_refused_with_row_and_column(
    cells: dict[str, object], said: str
) -> None:
    with pytest.raises(DataError) as caught:
        reconciled(**cells)
    (column,) = cells
    assert str(caught.value).startswith(f"ledger row 0, column {column}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("nan", [Decimal("sNaN"), Decimal("-sNaN12"), Decimal("NaN"), pd.NaT])
def test_every_nan_is_a_blank_cell(nan: object) -> None:
    assert reconciled(opening=nan)["opening_from"] == "not published"


def test_numbers_of_every_type_are_taken_as_they_print() -> None:
    tenth = [np.float32(0.1), np.float64(0.1), 0.1, Decimal("0.1"), Fraction(1, 10)]
    for income in tenth:
        found = reconciled(opening=0, income=income, outgo=Decimal("0.3"), closing=Decimal("-0.2"))
        assert found["unexplained"] == 0.0, income
    for year in (np.int16(2021), 2021.0, np.float32(2021), Decimal(2021), "2021年"):
        assert reconciled(year=year)["year"] == 2021


def test_huge_numbers_as_labels_do_not_break_messages() -> None:
    with pytest.raises(DataError, match="ledger row a huge number, column income"):
        fs.reconcile(pd.DataFrame([ROW | {"income": "x"}], index=[10**5000]))
    with pytest.raises(DataError, match="no column 'year'"):
        fs.reconcile(pd.DataFrame({10**5000: [1]}))
