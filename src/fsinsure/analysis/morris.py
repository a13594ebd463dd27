"""Morris screening: elementary effects along trajectories through the ranges, by SALib."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.analysis.uncertain import TAILS
from fsinsure.errors import InputError
from fsinsure.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.arrays import Array

LEVELS: Final = 4
"""Levels of the grid, as in Morris (1991)."""

EXTRA: Final = Message(
    "method='morris' needs SALib: install the extra sensitivity, pip install "
    "'fsinsure[sensitivity]'"
)


def available() -> None:
    """Raise InputError unless SALib is installed."""
    if find_spec("SALib") is None:
        raise InputError(EXTRA)


def trajectories(names: Sequence[str], count: int, seed: int) -> Array:
    """Return shares ``[name, trajectory x step]`` between the 10th and the 90th percentile.

    A step moves one parameter by two thirds of its range; a trajectory has one step more than there
    are parameters.

    SALib has to be :func:`available`.
    """
    from SALib.sample.morris import sample

    return np.asarray(sample(_problem(names), count, num_levels=LEVELS, seed=seed)).T


def effects(shares: Array, values: Array, names: Sequence[str], level: float, seed: int) -> Array:
    """Return elementary effects: mean, mean of sizes, its half interval, standard deviation.

    They are changes of the value over the whole range of a parameter, from its 10th to its 90th
    percentile. A trajectory with a missing value is left out.

    Parameters
    ----------
    shares
        From :func:`trajectories`.
    values
        ``[trajectory x step]``, NaN where there is none.
    names
        The parameters.
    level, seed
        Of the interval, by resampling.

    Returns
    -------
    Array
        ``[name, column]``; missing where no trajectory is complete.
    """
    from SALib.analyze.morris import analyze

    steps = len(names) + 1
    complete = np.isfinite(values).reshape(-1, steps).all(axis=1)
    if not complete.any():
        return np.full((len(names), 4), np.nan)
    kept = np.repeat(complete, steps)
    found: Any = analyze(
        _problem(names),
        shares.T[kept],
        values[kept],
        num_levels=LEVELS,
        conf_level=level,
        seed=seed,
    )
    columns = ("mu", "mu_star", "mu_star_conf", "sigma")
    return np.stack([np.asarray(found[one], dtype=np.float64) for one in columns], axis=-1)


def _problem(names: Sequence[str]) -> dict[str, object]:
    return {"num_vars": len(names), "names": [*names], "bounds": [[*TAILS]] * len(names)}
