"""Numbers of a sum rounded so that they add up as shown: largest remainders first."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.numeric.apportion import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Steps(NamedTuple):
    """A first total, the steps from it, and the total that they lead to; rounded, in units."""

    first: float
    parts: list[float]
    last: float


def rounded(edges: Sequence[float], step: float) -> Steps:
    """Round totals to a `step`, and the steps between them so that they add up.

    Parameters
    ----------
    edges
        The first total and the end of each step.
    step
        The last decimal that is shown, in persons or yuan.

    Examples
    --------
    >>> rounded([0.0, 20.674, 37.948, 46.392, 36.546], 0.01).parts  # 20.67 17.27 8.44 -9.85: 36.53
    [20.68, 17.27, 8.44, -9.84]
    """
    first, last = (math.floor(edge / step + 0.5) for edge in (edges[0], edges[-1]))
    parts = np.array([(after - before) / step for before, after in pairwise(edges)])
    counts = whole(last - first, parts).tolist() if len(parts) else []
    return Steps(first * step, [round(count * step, 9) for count in counts], last * step)


def parts_of(values: Iterable[float], step: float) -> list[float]:
    """Round parts so that they add up to their rounded sum."""
    return rounded([*accumulate(values, initial=0.0)], step).parts


def shown_parts(
    values: pd.Series[float], least: float, visible: float, other: str
) -> pd.Series[float]:
    """Return the parts of a sum, those below `least` summed under the name `other` at the end.

    A sum that is below `visible` is in the largest part instead, so that none is shown as zero.
    """
    values = values[values != 0]
    small = values.abs() < max(least, visible)
    if small.all() or not small.any():
        return values
    found, rest = values[~small].to_dict(), float(values[small].sum())
    if abs(rest) >= visible:
        found[other] = rest
    else:
        found[max(found, key=lambda name: abs(found[name]))] += rest
    return pd.Series(found)
