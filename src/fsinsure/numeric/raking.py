"""Raking (iterative proportional fitting): scale a table until its margins have given totals.

Deming and Stephan (1940), On a least squares adjustment of a sampled frequency table, Annals of
Mathematical Statistics 11. Each sweep scales the table to each margin in turn; the result keeps the
cross-product ratios of the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fsinsure.arrays import Array
from fsinsure.errors import DataError


@dataclass(frozen=True, eq=False)
class Margin:
    """Required totals of the groups of one axis.

    Parameters
    ----------
    name
        Name in messages, such as ``age``.
    axis
        The axis of the table.
    group
        Index of the group of each position on the axis ``[position]``.
    labels
        Names of the groups.
    totals
        Required total of each group ``[group]``.
    """

    name: str
    axis: int
    group: NDArray[np.intp]
    labels: tuple[str, ...]
    totals: Array

    def sums(self, table: Array) -> Array:
        """Return the totals of the groups in a table ``[group]``."""
        others = tuple(axis for axis in range(table.ndim) if axis != self.axis % table.ndim)
        return np.bincount(
            self.group, weights=table.sum(axis=others), minlength=len(self.labels)
        ).astype(np.float64)

    def scaled(self, table: Array) -> Array:
        """Return the table scaled so that this margin holds."""
        sums = self.sums(table)
        factor = np.divide(self.totals, sums, out=np.ones_like(sums), where=sums > 0)[self.group]
        shape = [1] * table.ndim
        shape[self.axis] = -1
        return table * factor.reshape(shape)


def rake(
    seed: Array, margins: Sequence[Margin], tolerance: float = 2e-14, sweeps: int = 500
) -> Array:
    """Scale a table until every margin holds.

    Parameters
    ----------
    seed
        Initial table, not negative, of any shape.
    margins
        The required margins; all must add up to the same total.
    tolerance
        Largest accepted difference of a margin, relative to the total.
    sweeps
        Largest number of sweeps over the margins.

    Returns
    -------
    Array
        Of the shape of the seed; zero only where the seed is zero.

    Raises
    ------
    DataError
        If the margins disagree on the total, the seed is empty in a group that should have
        people, or the sweeps do not suffice; the message names the margin and the group.
    """
    table = np.array(seed, dtype=np.float64)
    total = _checked_total(table, margins)
    for _ in range(sweeps):
        for margin in margins:
            table = margin.scaled(table)
        left = [np.abs(margin.sums(table) - margin.totals) for margin in margins]
        if max(np.max(each) for each in left) <= tolerance * total:
            return table
    worst = int(np.argmax([np.max(each) for each in left]))
    margin, differences = margins[worst], left[worst]
    label = margin.labels[int(np.argmax(differences))]
    raise DataError(
        f"raking does not converge: after {sweeps} sweeps the margin {margin.name} {label} is off "
        f"by {np.max(differences):,.6g} of {total:,.6g}. Its totals contradict another margin "
        "given the zeros of the seed: check both."
    )


def _checked_total(seed: Array, margins: Sequence[Margin]) -> float:
    total = float(margins[0].totals.sum())
    for margin in margins:
        own = float(margin.totals.sum())
        if abs(own - total) > 1e-12 * max(total, own):
            raise DataError(
                f"the margin {margin.name} adds up to {own:,.10g}, but {margins[0].name} to "
                f"{total:,.10g}: reconcile them first"
            )
        empty = (margin.sums(seed) <= 0) & (margin.totals > 0)
        if empty.any():
            label = margin.labels[int(np.argmax(empty))]
            raise DataError(
                f"the margin {margin.name} {label} should have people, but the seed has none there"
            )
    return total
