"""The parameters in which results differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from fsinsure.parameters import resolve
from fsinsure.tables import parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.result import Result


def differing(results: Sequence[Result]) -> pd.DataFrame:
    """Return the parameters that differ; columns as of ``Comparison.parameters``."""
    longest = max(result.scenario.horizon for result in results)
    values = {result.scenario.name: _values(result, longest) for result in results}
    by_area = {
        name for table in values.values() for name in table.loc[table["area"] != "", "parameter"]
    }
    codes = results[0].scenario.region.codes
    keys = ["parameter", "area", "year"]
    table = pd.concat(
        {
            name: _in_each_area(one, by_area, codes).set_index(keys)["value"]
            for name, one in values.items()
        },
        axis=1,
    )
    differs = [
        not all(_same(first, other) for other in others) for first, *others in table.to_numpy()
    ]
    return table[differs].reset_index()


def _values(result: Result, horizon: int) -> pd.DataFrame:
    """Every value of a scenario by parameter, area and year, up to a horizon."""
    further = resolve(replace(result.scenario, horizon=horizon))
    base = {name: float(values[0, 0]) for name, values in result.projection.coverage.items()}
    table = parameters(further.with_base_coverage(base), result.scenario.name)
    day = result.scenario.as_of
    last = pd.DataFrame(
        {
            "parameter": ["horizon", "as_of"],
            "area": "",
            "value": [result.scenario.horizon, None if day is None else day.isoformat()],
        }
    )
    return pd.concat([table.astype({"value": object}), last.astype({"value": object})])


def _in_each_area(table: pd.DataFrame, names: set[str], codes: Sequence[str]) -> pd.DataFrame:
    """Give every area its row of the named parameters, also where one value holds for all."""
    uniform = table["parameter"].isin(names) & (table["area"] == "")
    each = [table[uniform].assign(area=code) for code in codes]
    return pd.concat([table[~uniform], *each])


def _same(first: Any, second: Any) -> bool:
    return bool(first == second or (pd.isna(first) and pd.isna(second)))
