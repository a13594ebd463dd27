"""What a scenario observes: published figures that its levers are solved to meet, year by year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from fsinsure.arrays import Array
    from fsinsure.sources import Outcome

OBSERVED: Final = "observed"
"""The column ``set_by`` of a value that was solved."""


@dataclass(frozen=True)
class Observe:
    """Which published figures of its region a scenario meets.

    Parameters
    ----------
    until
        The last year of which figures are met; None if none are.
    """

    until: int | None


NOTHING: Final = Observe(None)


@dataclass(frozen=True)
class Solved:
    """The value of a lever in a year with which a published figure is met.

    Parameters
    ----------
    lever, year
        The path, and the year of the value.
    values
        By area; one where all areas are alike.
    outcome
        The figure.
    """

    lever: str
    year: int
    values: tuple[float, ...]
    outcome: Outcome

    @property
    def source(self) -> str:
        """The figure with its date and source, for the parameters table."""
        one = self.outcome
        return f"{one.measure} {one.value} {one.unit} on {one.date} ({one.series}): {one.source}"


def lay_over(
    solved: Iterable[Solved],
    years: NDArray[np.int64],
    paths: Mapping[str, Array],
    area_paths: Mapping[str, Array],
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Put solved values in the place of those of a path; other years keep theirs.

    Parameters
    ----------
    solved
        Values of levers; those of other paths or years are left out.
    years
        The projected years ``[year]``.
    paths, area_paths
        Paths ``[..., year]`` and, where areas differ, ``[..., year, area]``, by name.
    """
    paths, area_paths = dict(paths), dict(area_paths)
    for one in solved:
        index = np.flatnonzero(years == one.year)
        if one.lever in paths and len(one.values) > 1:
            alike = paths.pop(one.lever)
            area_paths[one.lever] = np.repeat(alike[..., None], len(one.values), axis=-1)
        home = area_paths if one.lever in area_paths else paths
        if one.lever in home and index.size:
            home[one.lever] = home[one.lever].copy()
            values = np.array(one.values)
            if home is area_paths:
                home[one.lever][..., index[0], :] = values
            else:
                home[one.lever][..., index[0]] = values[0]
    return paths, area_paths
