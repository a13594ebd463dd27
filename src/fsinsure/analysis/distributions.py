"""Distributions over persons: histograms and quantiles of pensions, months and rates.

They are computed from the exact counts in fine bins that the person engine returns
(:mod:`fsinsure.microsim.histograms`). A bin includes its lower end and excludes its upper end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.microsim.histograms import BINS, FIRST_BIN, QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.histograms import Quantity

    Members = Sequence[tuple[str, str]]


SHARES: Final = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
COLUMNS: Final = ("scenario", "year", "quantity", "group", "of", "low", "high", "persons")
PERCENTILES: Final = tuple(f"p{round(100 * share)}" for share in SHARES)
QUANTILE_COLUMNS: Final = (
    *("scenario", "year", "quantity", "unit", "group", "of", "persons", "mean"),
    *PERCENTILES,
)

TABLE_BINS: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "fraction": ((0.05, 3),),
    "months": ((12, 600),),
    "yuan": ((100, 2_000), (500, 10_000), (2_500, 50_000), (12_500, 250_000)),
}
"""Bins of tables by unit, each a run of (width, end) from 0; every end is that of a fine bin."""
SINGLE: Final = ("vested", "months_of_benefit")
"""Quantities with so few values that each has a bin of its own in tables."""


class Cell(NamedTuple):
    """Counts in fine bins of one year, quantity and member of a group."""

    year: int
    quantity: Quantity
    group: str
    of: str
    counts: Ints
    total: int


def cells(counters: Mapping[int, Counters], members: Members) -> Iterator[Cell]:
    """Yield every cell that has persons, by year, quantity, group and member.

    Parameters
    ----------
    counters
        Counts of each year.
    members
        Group and member ``[member]``, in the order in which persons are counted.
    """
    for year, counted in counters.items():
        counts = counted.histogram_counts.reshape(len(members), BINS)
        totals = counted.totals.reshape(len(QUANTITIES), len(members))
        for index, quantity in enumerate(QUANTITIES):
            bins = counts[:, FIRST_BIN[index] : FIRST_BIN[index + 1]]
            for member in np.flatnonzero(bins.any(axis=1)).tolist():
                total = int(totals[index, member])
                yield Cell(year, quantity, *members[member], bins[member], total)


def table_edges(quantity: Quantity) -> Ints:
    """Return the lower ends of the bins of tables, in whole numbers of the quantity."""
    if quantity.name in SINGLE:
        return quantity.edges
    runs = [(width * quantity.per, end * quantity.per) for width, end in TABLE_BINS[quantity.unit]]
    return replace(quantity, steps=tuple((round(width), round(end)) for width, end in runs)).edges


def histogram(
    counters: Mapping[int, Counters], members: Members, weight: float, scenario: str
) -> pd.DataFrame:
    """Return the number of persons in each bin of tables; empty bins are left out.

    Columns: scenario, year, quantity, group (``all``, ``sex``, ``area``, ``status`` before the
    event, ``born``), of, low, high (infinite for the last bin), persons.

    Parameters
    ----------
    counters
        Counts of each year.
    members
        As for :func:`cells`.
    weight
        People that each person stands for.
    scenario
        Its name.
    """
    ends = {quantity.name: table_edges(quantity) for quantity in QUANTITIES}
    rows = []
    for cell in cells(counters, members):
        edges = ends[cell.quantity.name]
        persons = np.add.reduceat(cell.counts, np.searchsorted(cell.quantity.edges, edges))
        low = edges / cell.quantity.per
        high = np.append(low[1:], np.inf)
        key = (scenario, cell.year, cell.quantity.name, cell.group, cell.of)
        rows += [(*key, low[at], high[at], persons[at] * weight) for at in np.flatnonzero(persons)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def quantiles(
    counters: Mapping[int, Counters], members: Members, weight: float, scenario: str
) -> pd.DataFrame:
    """Return the mean and quantiles of each quantity over persons.

    Columns: scenario, year, quantity, unit, group, of, persons, mean, p5, p10, p25, p50, p75, p90,
    p95. Means are exact. A quantile of whole months is a whole month. Within the bins of money and
    rates persons are assumed to be evenly spread, so the error of a quantile is less than a bin
    (0.01 for rates, 20 yuan below 2,000).
    """
    rows = []
    for cell in cells(counters, members):
        count = int(cell.counts.sum())
        mean = cell.total / count / cell.quantity.per
        key = (scenario, cell.year, cell.quantity.name, cell.quantity.unit, cell.group, cell.of)
        rows.append((*key, count * weight, mean, *quantiles_of(cell.counts, cell.quantity)))
    return pd.DataFrame(rows, columns=list(QUANTILE_COLUMNS))


def quantiles_of(counts: Ints, quantity: Quantity) -> Array:
    """Return the quantiles of :data:`SHARES` of persons in fine bins, in the unit of tables."""
    cumulative = np.cumsum(counts)
    wanted = np.asarray(SHARES) * cumulative[-1]
    at = np.searchsorted(cumulative, wanted)
    edges = quantity.edges
    low = edges[at].astype(np.float64)
    if not quantity.exact:
        # The last bin has no upper end: its lower end is the least that its persons have.
        width = np.append(np.diff(edges), 0)[at]
        low += width * (wanted - (cumulative - counts)[at]) / counts[at]
    return np.asarray(low / quantity.per)
