"""Populations and files of persons for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.microdata.schema import Persons, Schema, schema_of
from fsinsure.region.load import find_region
from fsinsure.statuses import PENSIONERS, STATUSES

if TYPE_CHECKING:
    from pathlib import Path

REGION = find_region(None)
SCHEMA = schema_of(REGION)
COLUMNS = SCHEMA.columns

MAPPING = """
columns:
  id: {column: 身份证号}
  area: {column: 区, codes: {禅城区: chancheng, 440605: nanhai, 顺德: shunde}}
  sex: {column: 性别, codes: {男: male, 2: female}}
  birth: {column: 出生日期}
  status: {column: 状态, codes: {职工: employee, 退休: retiree}}
  industry_class: {value: 3}
  wage: {column: 工资, mean: 8000, cv: 0.5, blank: 8000}
  cadre: {column: 干部, codes: {否: no, 是: yes}, blank: no}
  months: {column: 缴费年限, unit: years}
  mean_index: {column: 指数}
  account: {column: 账户, unit: 万元}
  pension: {column: 养老金, unit: 元, blank: 0}
  entitled: {value: 0}
"""
HEADER = "身份证号,区,性别,出生日期,状态,工资,干部,缴费年限,指数,账户,养老金,备注"
ROWS = (
    "440604196203051234,禅城区,男,19620305,职工,9000.50,否,12.5,0.85,1.23456,,",
    "440605195511302345,440605,2,1955-11-30,退休,,是,30,1.1,0,3123.45,x",
    "440606199001013456,顺德,2,1990年1月1日,employee,3000,,0,1,0.01,0,",
)


def write_table(folder: Path, rows: tuple[str, ...] = ROWS, header: str = HEADER) -> Path:
    path = folder / "persons.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def write_mapping(folder: Path, text: str = MAPPING) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def some_persons(count: int, seed: int = 1, schema: Schema = SCHEMA) -> Persons:
    """Persons with random values over the whole range of every column."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, column in schema.columns.items():
        if column.unit == "yuan":
            values = np.rint(rng.uniform(0, 1e7, count))
        elif column.dtype == "float32":
            values = rng.uniform(0, 3, count)
        else:
            values = rng.integers(int(column.low), int(column.high) + 1, count)
        found[name] = values.astype(column.dtype)
    has_pension = np.isin(np.asarray(STATUSES), PENSIONERS)
    found["pension"][~has_pension[found["status"]]] = 0
    return Persons(found, schema)


def same(first: Persons, second: Persons) -> bool:
    """Return whether two populations have the same bits."""
    return (first.weight, first.schema) == (second.weight, second.schema) and all(
        np.array_equal(first[name], second[name]) and first[name].dtype == second[name].dtype
        for name in first.schema.columns
    )
