"""Distributions over persons: histograms and quantiles of what becomes of them.

From the exact counts in fine bins that the person engine returns
(:mod:`fsinsure.microsim.histograms`). Bins hold their lower end and not their upper one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.microsim.histograms import BINS, FIRST_BIN, GROUPS, MEMBERS, QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.counters import Counters
    from fsinsure.microsim.histograms import Quantity


SHARES: Final = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
COLUMNS: Final = ("scenario", "year", "quantity", "group", "of", "low", "high", "persons")
QUANTILE_COLUMNS: Final = (
    *("scenario", "year", "quantity", "unit", "group", "of", "persons", "mean"),
    *(f"p{round(100 * share)}" for share in SHARES),
)

TOLD: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "fraction": ((0.05, 3),),
    "months": ((12, 600),),
    "yuan": ((100, 2_000), (500, 10_000), (2_500, 50_000), (12_500, 250_000)),
}
"""Bins of tables by unit, each a run of (width, end) from 0; every end is that of a fine bin."""
SINGLE: Final = ("vested", "months_of_benefit")
"""Quantities whose few values are told one by one."""


class Cell(NamedTuple):
    """The persons of one year, quantity and member of a group, in fine bins."""

    year: int
    quantity: Quantity
    group: str
    of: str
    counts: Ints
    total: int


def cells(counters: Mapping[int, Counters]) -> Iterator[Cell]:
    """Yield every cell in which there is anybody, by year, quantity, group and member."""
    names = [(group, of) for group, found in GROUPS.items() for of in found]
    for year, one in counters.items():
        counts = one.histogram_counts.reshape(MEMBERS, BINS)
        totals = one.totals.reshape(len(QUANTITIES), MEMBERS)
        for number, quantity in enumerate(QUANTITIES):
            bins = counts[:, FIRST_BIN[number] : FIRST_BIN[number + 1]]
            for at in np.flatnonzero(bins.any(axis=1)).tolist():
                yield Cell(year, quantity, *names[at], bins[at], int(totals[number, at]))


def told(quantity: Quantity) -> Array:
    """Return the lower ends of the bins of tables, in the unit of the quantity."""
    edges = quantity.edges / quantity.per
    if quantity.name in SINGLE:
        return np.asarray(edges)
    found, start = [], 0.0
    for width, end in TOLD[quantity.unit]:
        found.append(start + width * np.arange(round((end - start) / width)))
        start = end
    return np.concatenate([*found, [start]])


def histogram(counters: Mapping[int, Counters], weight: float, scenario: str) -> pd.DataFrame:
    """Return how many persons have how much.

    Columns: scenario, year, quantity, group (``all``, ``sex``, ``district``, ``status``, the one
    before the event, ``born``), of, low, high (infinite for the last bin), persons. Bins without
    anybody are left out.

    Parameters
    ----------
    counters
        Counts of each year.
    weight
        People that each person stands for.
    scenario
        Its name.
    """
    ends = {quantity.name: told(quantity) for quantity in QUANTITIES}
    rows = []
    for cell in cells(counters):
        low = ends[cell.quantity.name]
        high = np.append(low[1:], np.inf)
        fine = np.rint(low * cell.quantity.per).astype(np.int64)
        persons = np.add.reduceat(cell.counts, np.searchsorted(cell.quantity.edges, fine))
        key = (scenario, cell.year, cell.quantity.name, cell.group, cell.of)
        rows += [(*key, low[at], high[at], persons[at] * weight) for at in np.flatnonzero(persons)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def quantiles(counters: Mapping[int, Counters], weight: float, scenario: str) -> pd.DataFrame:
    """Return the mean and quantiles of what persons have.

    Columns: scenario, year, quantity, unit, group, of, persons, mean, p5, p10, p25, p50, p75, p90,
    p95. Means are exact. A quantile of whole months is one of them; within the bins of money and
    rates persons are taken as evenly spread, so that it is right to less than a bin (1 % of a rate,
    20 yuan below 2,000).
    """
    rows = []
    for cell in cells(counters):
        count = int(cell.counts.sum())
        mean = cell.total / count / cell.quantity.per
        key = (scenario, cell.year, cell.quantity.name, cell.quantity.unit, cell.group, cell.of)
        rows.append((*key, count * weight, mean, *quantiles_of(cell.counts, cell.quantity)))
    return pd.DataFrame(rows, columns=list(QUANTILE_COLUMNS))


def quantiles_of(counts: Ints, quantity: Quantity) -> Array:
    """Return the quantiles of :data:`SHARES` of persons in fine bins, in the unit of tables."""
    upto = np.cumsum(counts)
    wanted = np.asarray(SHARES) * upto[-1]
    at = np.searchsorted(upto, wanted)
    edges = quantity.edges
    low = edges[at].astype(np.float64)
    if not quantity.exact:
        # The last bin has no upper end: whoever is in it has at least its lower one.
        width = np.append(np.diff(edges), 0)[at]
        low += width * (wanted - (upto - counts)[at]) / counts[at]
    return np.asarray(low / quantity.per)
