"""Measures (口径): which people are counted, as rows of the coverage matrix.

A measure counts a share (the *coverage*) of each of some *groups*; a group is a status, or the
people of a status between two ages. Coverage entries that a scenario can move are paths, named
``coverage.<measure>.<group>`` unless the entry names the path of another measure; the others are
the definition of the measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES
from fsinsure.errors import MeasureError
from fsinsure.messages import Message, both
from fsinsure.names import Names, code_of, listed, meant
from fsinsure.registry import registry, without_remarks
from fsinsure.sources import table
from fsinsure.statuses import MEASURE_ROWS, STATUS, STATUSES

PATH = "path"
SHARED_PATH = "coverage."
"""What the path of another measure begins with: one share that several measures count."""


@dataclass(frozen=True)
class Group:
    """A group of people: statuses, each with a range of ages."""

    name: str
    parts: tuple[tuple[str, int, int], ...]

    def count(self, persons: Array) -> Array:
        """Count the group in a stock of persons.

        Parameters
        ----------
        persons
            ``[..., status, area, sex, age]``

        Returns
        -------
        Array
            ``[..., area]``
        """
        total: Array | float = 0.0
        for status, low, high in self.parts:
            cells = persons[..., STATUS[status], :, :, low : high + 1]
            total = total + cells.sum(axis=(-2, -1))
        return np.asarray(total)


@dataclass(frozen=True)
class Entry:
    """One entry of the coverage matrix.

    Parameters
    ----------
    measure, group
        The measure, and the group of people that it counts.
    parameter
        The name of its path; empty where the share is fixed.
    fixed
        The share by definition; None where it is a path.
    """

    measure: str
    group: str
    parameter: str
    fixed: float | None

    def share(self, coverage: Mapping[str, Array | float]) -> Array | float:
        """Return the share that is counted, by the shares of the paths."""
        return coverage[self.parameter] if self.fixed is None else self.fixed


@cache
def groups() -> dict[str, Group]:
    """Return every group by name."""
    parts: dict[str, list[tuple[str, int, int]]] = {}
    for row in table("groups"):
        part = (row["status"], int(row["age_from"]), int(row["age_to"]))
        parts.setdefault(row["group"], []).append(part)
    return {name: Group(name, tuple(found)) for name, found in parts.items()}


@cache
def _masks() -> Array:
    """1.0 where a cell belongs to the group of an entry: ``[entry, status, age]``."""
    cells = np.zeros((len(entries()), len(STATUSES), AGES))
    for index, entry in enumerate(entries()):
        for status, low, high in groups()[entry.group].parts:
            cells[index, STATUS[status], low : high + 1] = 1.0
    return cells


@cache
def entries() -> tuple[Entry, ...]:
    """Return every entry of the coverage matrix."""
    return tuple(_entry(**row) for row in table("coverage"))


def _entry(measure: str, group: str, coverage: str, **_: str) -> Entry:
    if coverage == PATH:
        return Entry(measure, group, f"coverage.{measure}.{group}", None)
    if coverage.startswith(SHARED_PATH):
        return Entry(measure, group, coverage, None)
    return Entry(measure, group, "", float(coverage))


@cache
def measures() -> tuple[str, ...]:
    """Return the names of the measures that count people, in order."""
    return tuple(dict.fromkeys(entry.measure for entry in entries()))


@cache
def names_of(codes: tuple[str, ...]) -> Names:
    """Return what readers call measures, by code."""
    known = {row["measure"]: tuple(row.cells.values())[1:] for row in MEASURE_ROWS}
    return {code: tuple(dict.fromkeys(known.get(code, ()))) for code in codes}


def measure_shown(measure: str) -> Message:
    """Return a measure in messages: its short name in Chinese, in English its code."""
    return both(
        next((row["short_zh"] for row in MEASURE_ROWS if row["measure"] == measure), measure),
        measure,
    )


def measure_named(measure: str, codes: tuple[str, ...] = ()) -> str:
    """Return the measure that a word names, such as 失业保险 or its code, or the word itself.

    Parameters
    ----------
    measure
        The word.
    codes
        The measures that it may be; by default those that count people.
    """
    return code_of(measure, names_of(codes or measures())) if isinstance(measure, str) else measure


@cache
def parameter_names() -> Names:
    """Return what readers call parameters, by dotted key: with remarks in brackets and without."""
    titles = {name: (one.zh, one.en) for name, one in registry().items()}
    return {
        name: tuple(dict.fromkeys(filter(None, (*both, *map(without_remarks, both)))))
        for name, both in titles.items()
    }


def parameter_named(word: str) -> str:
    """Return the parameter that a word names, or the word itself.

    A word names the parameter whose title it is; the measure in the key of a coverage may be named
    as readers do.

    Examples
    --------
    >>> parameter_named("企业职工人数年增长率"), parameter_named("coverage.失业保险.flexible")
    ('growth.employee', 'coverage.unemployment.flexible')
    """
    text = word if isinstance(word, str) else ""
    measure, dot, group = text.removeprefix(SHARED_PATH).rpartition(".")
    if dot and text.startswith(SHARED_PATH):
        return f"{SHARED_PATH}{measure_named(measure)}.{group}"
    return code_of(text, parameter_names(), shorten=False) if text else word


def require(measure: str) -> str:
    """Return the measure that a word names.

    Raises
    ------
    MeasureError
        If there is none; the message lists the measures.
    """
    measure = measure_named(measure)
    if measure not in measures():
        raise MeasureError(
            "there is no measure {measure!r}.{hint} Measures: {measures}",
            measure=measure,
            hint=meant(str(measure), names_of(measures())),
            measures=listed(measure, names_of(measures())),
        )
    return measure


def enrollment(counts: Mapping[str, Array], coverage: Mapping[str, Array]) -> Array:
    """Enrollment of every measure: the sum of coverage times people over its groups.

    Parameters
    ----------
    counts
        People by group ``[..., area]``.
    coverage
        Share by path name ``[..., area]`` (``coverage.<measure>.<group>``); one area where all are
        alike.

    Returns
    -------
    Array
        ``[measure, ..., area]``
    """
    rows: dict[str, Array | float] = dict.fromkeys(measures(), 0.0)
    for entry in entries():
        rows[entry.measure] = rows[entry.measure] + entry.share(coverage) * counts[entry.group]
    return np.stack([np.asarray(row) for row in np.broadcast_arrays(*rows.values())])


def matrix(coverage: Mapping[str, Array]) -> Array:
    """Return the coverage matrix ``[measure, area, status, age]`` of one year.

    Parameters
    ----------
    coverage
        Share by path name ``[area]``; one area where all are alike.
    """
    index = {measure: position for position, measure in enumerate(measures())}
    areas = max(len(share) for share in coverage.values())
    cells = np.zeros((len(index), areas, len(STATUSES), AGES))
    for entry, mask in zip(entries(), _masks(), strict=True):
        cells[index[entry.measure]] += np.reshape(entry.share(coverage), (-1, 1, 1)) * mask
    return cells
