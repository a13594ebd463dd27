"""Scenarios side by side: targets, enrollment, channels, and the parameters that differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from fsinsure.errors import InputError
from fsinsure.files import write_whole
from fsinsure.parameters import resolve
from fsinsure.result import Result, csv_bytes, png_bytes
from fsinsure.tables import parameters

if TYPE_CHECKING:
    from fsinsure.output.picture import Picture

TABLES = ("targets", "enrollment", "channels", "parameters")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two or more results side by side, the first being what the others are compared with."""

    results: tuple[Result, ...]

    @cached_property
    def targets(self) -> pd.DataFrame:
        """The targets of every scenario; columns as in ``Result.targets``."""
        return pd.concat([result.targets for result in self.results], ignore_index=True)

    @cached_property
    def enrollment(self) -> pd.DataFrame:
        """Enrollment of every scenario.

        Columns: scenario, year, district, measure, persons, difference (from the first scenario,
        empty for a year that it does not reach).
        """
        table = pd.concat([result.enrollment for result in self.results], ignore_index=True)
        keys = ["year", "district", "measure"]
        first = self.results[0].enrollment.set_index(keys)["persons"]
        table["difference"] = (
            table["persons"] - first.reindex(pd.MultiIndex.from_frame(table[keys])).to_numpy()
        )
        return table

    @cached_property
    def channels(self) -> pd.DataFrame:
        """The channels of every scenario; columns as in ``Result.channels``."""
        return pd.concat([result.channels for result in self.results], ignore_index=True)

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """Only what differs, the horizon included: parameter, year, and one column a scenario.

        Paths are compared up to the longest horizon, whether or not a scenario runs so far.
        """
        longest = max(result.scenario.horizon for result in self.results)
        table = pd.concat(
            {result.scenario.name: _values(result, longest) for result in self.results}, axis=1
        )
        first = table.iloc[:, 0]
        differs = [
            any(not _same(first[row], value) for value in values)
            for row, values in zip(table.index, table.to_numpy()[:, 1:], strict=True)
        ]
        return table[differs].reset_index()

    def plot(self, lang: str = "zh") -> Picture:
        """Draw the enrollment of every scenario against the targets."""
        from fsinsure.output.comparison import comparison

        titles = {
            result.scenario.name: result.scenario.title.get(lang, result.scenario.name)
            for result in self.results
        }
        return comparison(self.enrollment, self.targets, lang=lang, titles=titles)

    def write(self, folder: str | Path, *, lang: str = "zh", plots: bool = True) -> list[Path]:
        """Write the tables and the picture into a folder, each file whole or not at all.

        Parameters
        ----------
        folder
            Made if it is not there.
        lang
            ``zh`` or ``en``, for the picture.
        plots
            Whether to draw.
        """
        contents = {f"{name}.csv": csv_bytes(getattr(self, name)) for name in TABLES}
        if plots:
            contents["comparison.png"] = png_bytes(self.plot(lang))
        return write_whole(Path(folder), contents)


def _values(result: Result, horizon: int) -> pd.Series[Any]:
    """Every value of a scenario by parameter and year, as if it ran to a horizon."""
    further = resolve(replace(result.scenario, horizon=horizon))
    base = {name: float(values[0]) for name, values in result.projection.coverage.items()}
    table = parameters(further.hold(base), result.scenario.name)
    last = pd.DataFrame({"parameter": ["horizon"], "value": [result.scenario.horizon]})
    rows = pd.concat([table.astype({"value": object}), last.astype({"value": object})])
    return rows.set_index(["parameter", "year"])["value"]


def _same(one: Any, other: Any) -> bool:
    return bool(one == other or (pd.isna(one) and pd.isna(other)))


def compare(*results: Result) -> Comparison:
    """Set results side by side.

    Parameters
    ----------
    *results
        At least two, of scenarios with different names.

    Raises
    ------
    InputError
        If there are fewer than two, or two have the same name.
    """
    for result in results:
        if not isinstance(result, Result):
            raise InputError(f"compare takes results of fsinsure.run, not {result!r}")
    if len(results) < 2:
        raise InputError("compare needs at least two results")
    names = [result.scenario.name for result in results]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"two of the scenarios to compare are named {name!r}: "
                "give one of them another name (with_(..., name=...))"
            )
    return Comparison(results)
