"""A result in the forms of other tools: xarray, Parquet, and the IAMC format of scenario databases.

Rows of areas and of their total are kept apart: arrays have the areas only.
"""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from fsinsure.dims import TOTAL
from fsinsure.errors import InputError
from fsinsure.output.labels import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import xarray

    from fsinsure.result_tables import ResultTables

MODEL: Final = "fsinsure"

INDEX: Final = {
    "enrollment": ("year", "area", "measure"),
    "stocks": ("year", "area", "sex", "age_group", "status"),
    "channels": ("to_year", "area", "measure", "channel"),
}
"""Dimensions of the arrays of people, by table."""

UNITS: Final = {"persons": "persons", "yuan": "CNY"}


def needed(package: str, extra: str) -> Any:
    """Return a package of an extra.

    Raises
    ------
    InputError
        If it is not installed; the message says how.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package.partition(".")[0]:
            raise
        raise InputError(
            "this needs {package}, which is not installed: pip install 'fsinsure[{extra}]', or in "
            "a checkout pip install -e '.[{extra}]'",
            package=package,
            extra=extra,
        ) from None


def to_xarray(result: ResultTables) -> xarray.Dataset:
    """Return people and balances as arrays with labelled axes.

    Returns
    -------
    xarray.Dataset
        ``enrollment [year, area, measure]``, ``stocks [year, area, sex, age_group, status]`` and
        ``channels [to_year, area, measure, channel]`` (of one year each) in persons, ``balance
        [year, fund]`` in yuan; identified by the attributes.

    Raises
    ------
    InputError
        If xarray is not installed (the extra ``xarray``).
    """
    xr = needed("xarray", "xarray")
    arrays = {}
    for name, axes in INDEX.items():
        table = result.areas(name)
        if name == "channels":
            table = table[table["to_year"] - table["from_year"] == 1]
        arrays[name] = _array(table, axes, "persons", name)
    closing = result.total("ledger").query("item == 'closing'")
    arrays["balance"] = _array(closing, ("year", "fund"), "yuan", "balance")
    plan = result.scenario
    about = {"model": MODEL, "scenario": plan.name, "region": plan.region.name, "hash": plan.hash}
    found: xarray.Dataset = xr.Dataset(arrays, attrs=about)
    return found


def _array(table: pd.DataFrame, axes: tuple[str, ...], value: str, name: str) -> xarray.DataArray:
    """Return a column as an array; labels of an axis stay in their order."""
    plain = table.astype(
        {axis: object for axis in axes if table[axis].dtype not in ("int64", "Int64")}
    )
    array = plain.set_index([*axes])[value].to_xarray().rename(name)
    in_order = {axis: table[axis].drop_duplicates().tolist() for axis in axes}
    for axis in axes:
        if table[axis].dtype == "category":
            in_order[axis] = table[axis].cat.categories.tolist()
    found: xarray.DataArray = array.reindex(in_order)
    return found.assign_attrs(units=value)


def to_iamc(result: ResultTables) -> pd.DataFrame:
    """Return people and money of the region and its areas in the IAMC format.

    Returns
    -------
    DataFrame
        Columns Model, Scenario, Region, Variable, Unit and one for each year. Variables are
        ``Insured|<measure>`` (at year end), ``Fund Balance|<fund>``, ``Fund Income|<fund>`` and
        ``Fund Outgo|<fund>``; an area is ``<region>|<area>``.
    """
    import pandas as pd

    names = result.scenario.region.names("en")
    whole = names[result.scenario.region.name]
    people = result.enrollment.rename(columns={"persons": "value"}).assign(
        Variable=lambda rows: "Insured|" + _words(rows["measure"]), Unit=UNITS["persons"]
    )
    books = result.ledger.rename(columns={"yuan": "value"})
    titles = {"closing": "Balance", "income": "Income", "outgo": "Outgo"}
    books = books[books["kind"].isin(titles)].assign(
        Variable=lambda rows: "Fund " + rows["kind"].map(titles) + "|" + _words(rows["fund"]),
        Unit=UNITS["yuan"],
    )
    columns = ["year", "level", "area", "Variable", "Unit", "value"]
    rows = pd.concat([people[columns], books[columns]])
    place = rows["area"].astype(object).map(names)
    rows = rows.assign(
        Model=MODEL,
        Scenario=result.scenario.name,
        Region=place.where(rows["level"] == TOTAL, whole + "|" + place),
    )
    keys = ["Model", "Scenario", "Region", "Variable", "Unit"]
    wide = rows.pivot_table(
        index=keys, columns="year", values="value", aggfunc="sum", sort=False, observed=True
    )
    return wide.reset_index().rename_axis(columns=None)


def _words(codes: pd.Series[str]) -> pd.Series[str]:
    """Return the English names of measures or funds."""
    words = {code: label(f"short.{code}", "en") for code in codes.unique()}
    return codes.map(words)


def parquet_files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return tables as Parquet files by name, dtypes and order of categories included.

    Raises
    ------
    InputError
        If pyarrow is not installed (the extra ``parquet``).
    """
    needed("pyarrow", "parquet")
    contents = {}
    for name, table in tables.items():
        buffer = io.BytesIO()
        mixed = [column for column in table if table[column].dtype == object]
        table.astype(dict.fromkeys(mixed, "string")).to_parquet(buffer, index=False)
        contents[f"{name}.parquet"] = buffer.getvalue()
    return contents
