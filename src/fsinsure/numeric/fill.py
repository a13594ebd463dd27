"""Solve for the share of limited cells, taken in proportion to weights, that meets a total."""

from __future__ import annotations

import numpy as np

from fsinsure.arrays import Array


def fill_scale(need: Array, available: Array, weight: Array) -> Array:
    """Solve ``sum(available * min(1, scale * weight)) = need`` for the scale.

    Parameters
    ----------
    need
        Wanted totals ``[...]``, none negative and none above the people with a positive weight.
    available
        People available in each cell ``[..., cell]``.
    weight
        Relative propensity of each cell ``[..., cell]`` (broadcast against `available`).

    Returns
    -------
    Array
        The scale ``[...]``; ``min(1, scale * weight)`` is the share of each cell taken.

    Notes
    -----
    The sum is concave and piecewise linear in the scale, so Newton's method from below climbs to
    the root without overshooting and ends after as many steps as there are distinct breaks; with
    no cell full it is exact at once.
    """
    slope = (available * weight).sum(axis=-1)  # no BLAS: its last digits depend on the processor
    scale = np.divide(need, slope, out=np.zeros_like(slope), where=slope > 0)
    largest = np.max(weight, axis=-1)
    while (scale * largest > 1.0).any():
        full = scale[..., None] * weight > 1.0
        taken = np.where(full, np.where(weight > 0, available, 0.0), 0.0).sum(axis=-1)
        slope = np.where(full, 0.0, available * weight).sum(axis=-1)
        # Where every cell is full the need is met (or nearly, by rounding): keep the scale.
        better = np.divide(need - taken, slope, out=np.array(scale), where=slope > 0)
        if (better <= scale * (1.0 + 1e-15)).all():
            break
        scale = np.maximum(better, scale)
    return np.asarray(scale)
