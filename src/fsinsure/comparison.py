"""Scenarios side by side: targets, enrollment, channels, and the parameters that differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from fsinsure.errors import InputError
from fsinsure.files import write_whole
from fsinsure.result import csv_bytes, png_bytes

if TYPE_CHECKING:
    from fsinsure.output.picture import Picture
    from fsinsure.result import Result

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
        """Only the parameters that differ: parameter, year, and one column a scenario."""
        columns = {
            result.scenario.name: result.parameters.set_index(["parameter", "year"])["value"]
            for result in self.results
        }
        table = pd.concat(columns, axis=1)
        # Years that one scenario does not reach are not a difference of its parameters.
        horizon = min(result.scenario.horizon for result in self.results)
        years = table.index.get_level_values("year")
        table = table[years.isna() | (years <= horizon)]
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
