"""The registry of tables says what the tables have, in both languages."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import fsinsure as fs
from fsinsure.columns import DTYPES, Table, columns, of_holder, tables
from fsinsure.encode import csv_bytes
from fsinsure.errors import InputError
from fsinsure.output.labelled import UNITS

SCENARIO = "baseline"


@cache
def run() -> fs.Result:
    return fs.run(SCENARIO)


@cache
def persons() -> fs.Result:
    return fs.run(SCENARIO, engine="micro", persons=5_000, seed=3)


@cache
def holders() -> dict[str, Any]:
    """One object of every class that has tables."""
    few = {"draws": 16}
    ensemble = fs.ensemble(SCENARIO, **few)
    drive = fs.load(SCENARIO).with_({"growth.flexible": "18%"}, name="drive")
    return {
        "result": persons(),
        "comparison": fs.compare(
            persons(), fs.run(drive, engine="micro", persons=5_000, seed=3), persons=True
        ),
        "ensemble": ensemble,
        "ensemble_comparison": fs.compare(ensemble, fs.ensemble(drive, **few)),
        "backtest": fs.backtest(SCENARIO),
        "quotas": fs.quotas(run()),
        "answer": fs.solve(SCENARIO, "pension.enterprise"),
        "joint": fs.solve(SCENARIO, ["pension.enterprise", "unemployment"]),
        "sensitivity": fs.sensitivity(SCENARIO),
        "calibration": fs.calibrate("as-implemented", ["growth.employee"]),
    }


def frame(table: Table) -> pd.DataFrame | None:
    """The table itself; None where a test of its own makes it."""
    holder, name = table.name.split(".")
    alone = {
        "assumptions": lambda: fs.assumptions(SCENARIO),
        "events": fs.events,
        "migration": lambda: fs.net_migration(fs.load(SCENARIO).region),
        "region_check": lambda: getattr(fs.check_region(fs.load(SCENARIO).region), name),
        "reconcile": lambda: fs.reconcile(
            pd.DataFrame(
                {"year": [2020], "opening": [1], "income": [1], "outgo": [0], "closing": [2]}
            )
        ),
    }
    if holder in alone:
        return alone[holder]()
    special = {
        "result.explain": lambda: run().explain("injury", 2025),
        "result.remaining": lambda: run().remaining(),
        "result.panel": lambda: persons().panel(sample=20),
        "quotas.tracking": lambda: holders()["quotas"].track(
            pd.DataFrame(
                {
                    "measure": ["pension.enterprise"],
                    "date": ["2021-06-30"],
                    "value": [4_000_000],
                    "unit": ["人"],
                }
            )
        ),
        "ensemble.coverage": lambda: holders()["ensemble"].coverage(),
    }
    if table.name in special:
        return special[table.name]()
    if table.name in ("sensitivity.indices", "sensitivity.screening"):
        return None
    found = getattr(holders()[holder], name)
    assert isinstance(found, pd.DataFrame)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("table", tables().values(), ids=list(tables()))
def test_a_table_has_the_columns_of_the_registry(table: Table) -> None:
    found = frame(table)
    if found is None:
        pytest.skip("made in the tests of sensitivity, which check its columns")
    patterns = [re.escape(one).replace(r"\*", ".*") for one in table.names]
    fixed = [name for name in found if name in table.names]
    expected = [one for one in table.names if "*" not in one and one not in table.optional]
    assert [name for name in fixed if name not in table.optional] == expected
    for name in map(str, found):
        assert any(re.fullmatch(one, name) for one in patterns), name
        if len(found):
            check(found[name], table.column(name).dtype)


def check(column: pd.Series, dtype: str) -> None:
    """The values of a column are of the dtype that the registry gives."""
    values = column.dropna()
    kinds = {
        "text": lambda: values.map(lambda one: isinstance(one, str)).all(),
        "category": lambda: values.map(lambda one: isinstance(one, str)).all(),
        "integer": lambda: pd.api.types.is_integer_dtype(column),
        "number": lambda: pd.api.types.is_float_dtype(column) or values.empty,
        "boolean": lambda: pd.api.types.is_bool_dtype(column) or values.empty,
        "mixed": lambda: True,
    }
    assert kinds[dtype](), (column.name, column.dtype, dtype)


def test_no_table_of_a_result_is_missing() -> None:
    made = {
        name for name in dir(fs.Result) if type(inspect.getattr_static(fs.Result, name)) is property
    }
    assert not made & of_holder("result").keys()
    cached = {
        name
        for name in dir(fs.Result)
        if type(inspect.getattr_static(fs.Result, name)).__name__ == "cached_table"
    }
    assert cached == of_holder("result").keys() - {"explain", "remaining", "panel"}


def test_every_column_is_described_in_both_languages() -> None:
    for one in columns().values():
        assert one.dtype in DTYPES
        assert not one.meaning["zh"].isascii() and one.meaning["en"].isascii(), one.name
        assert not one.title["zh"].isascii() or "*" in one.name, one.name


def test_no_column_is_described_for_nothing() -> None:
    used = {id(one) for table in tables().values() for one in table.columns}
    assert [one.name for one in columns().values() if id(one) not in used] == []


def test_areas_and_ages_are_in_order() -> None:
    stocks = run().areas("stocks")
    ages = stocks["age_group"].sort_values().unique().tolist()
    assert ages[:3] == ["0-4", "5-9", "10-14"] and ages[-1] == "100+"
    codes = [one.code for one in run().scenario.region.areas]
    assert stocks["area"].sort_values().unique().tolist() == codes
    assert codes != sorted(codes)  # else the order would prove nothing


def test_a_plain_pivot_of_the_areas_is_the_total() -> None:
    areas = (
        run()
        .areas("enrollment")
        .pivot_table(index="year", columns="measure", values="persons", aggfunc="sum")
    )
    total = run().total("enrollment").pivot_table(index="year", columns="measure", values="persons")
    np.testing.assert_allclose(areas, total, rtol=1e-12)
    assert "level" not in run().total("enrollment") and "area" not in run().total("enrollment")


@pytest.mark.parametrize("name", ["targets", "indicators", "enrolment", "panel"])
def test_only_tables_with_levels_have_a_total(name: str) -> None:
    with pytest.raises(InputError, match="not a table with areas and their total"):
        run().total(name)


def test_labels_and_units() -> None:
    plain, shown = run().enrollment, run().labelled("enrollment", lang="zh", unit="万人")
    assert list(shown)[-2:] == ["口径", "人数（万人）"]
    assert (shown["人数（万人）"] * 10_000).round(6).tolist() == plain["persons"].round(6).tolist()
    assert shown["区域"].iloc[0] == "禅城区" and shown["口径"].iloc[0] == "企业职工养老保险"
    english = run().labelled("targets", lang="en", unit="million persons")
    assert english["Target (million persons)"].tolist() == [4.7, 3.16, 3.64]
    share = english["Attainment (%)"] / 100
    np.testing.assert_allclose(share, run().targets["attainment"])


def test_wrong_names_are_refused_with_the_next_step() -> None:
    with pytest.raises(InputError, match="Did you mean 'enrollment'"):
        run().labelled("enrolment")
    for wrong in (None, 3, ["enrollment"]):
        with pytest.raises(InputError, match="is not a table of a result"):
            run().labelled(wrong)
    for unit in ("万", 10_000, ["万人"]):
        with pytest.raises(InputError, match="not a unit of people or money"):
            run().labelled("enrollment", unit=unit)
    with pytest.raises(InputError, match="has no column in yuan"):
        run().labelled("enrollment", unit="亿元")


def test_units_have_the_size_of_their_names() -> None:
    sizes = {"千": 1e3, "百万": 1e6, "万": 1e4, "亿": 1e8}
    sizes |= {"thousand ": 1e3, "million ": 1e6, "billion ": 1e9}
    for name, unit in UNITS.items():
        factor = next((size for word, size in sizes.items() if name.startswith(word)), 1.0)
        assert unit.divisor == factor, name


def test_csv_has_no_binary_tails_and_whole_persons_stay_whole() -> None:
    table = pd.DataFrame({"a": [0.1 + 0.2, 4_700_000.0], "b": [0.1 + 0.2, "x"], "c": [True, False]})
    assert csv_bytes(table) == b"a,b,c\n0.3,0.3,True\n4700000,x,False\n"
    assert csv_bytes(table, bom=True).startswith(b"\xef\xbb\xbfa,b,c\n")


def test_chinese_files_begin_with_a_byte_order_mark_by_default(tmp_path: Any) -> None:
    for lang, bom, expected in (("zh", None, True), ("en", None, False), ("zh", False, False)):
        folder = tmp_path / f"{lang}{bom}"
        run().write(folder, lang=lang, plots="none", bom=bom)
        starts = {file.read_bytes()[:3] == b"\xef\xbb\xbf" for file in folder.glob("*.csv")}
        assert starts == {expected}
        back = pd.read_csv(folder / "targets.csv")
        assert back.columns[0] == "scenario"
