"""Points in the unit cube from which draws are made, each coordinate by the name of what it draws.

A coordinate depends on the seed and its name alone, not on which others are asked for: so the same
seed gives the same draw to the same parameter in every scenario, and differences of scenarios have
less noise. Three designs:

- ``random``: independent uniform numbers, counter-based (Philox 4x64, Salmon et al. 2011); the
  first points do not depend on how many there are.
- ``latin``: Latin hypercube (McKay, Beckman and Conover 1979): one point in each of as many equal
  intervals of every coordinate as there are points.
- ``sobol``: scrambled Sobol points (Owen 1998) in a fixed number of dimensions, of which each known
  name has one; other names have ``latin`` coordinates.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.arrays import Array

DESIGNS: Final = ("sobol", "latin", "random")

INSIDE: Final = 2.0**-54
"""How far from 0 and 1 every coordinate is at least, so that quantiles are finite."""


def coordinates(
    names: Sequence[str], count: int, seed: int, design: str, known: Sequence[str]
) -> Array:
    """Return points in the open unit cube ``[name, point]``.

    Parameters
    ----------
    names
        What is drawn, each once.
    count
        Number of points.
    seed
        Of all designs.
    design
        One of :data:`DESIGNS`.
    known
        All names that may ever have a Sobol dimension, in an order that does not change.
    """
    if design == "sobol":
        found = np.empty((len(names), count))
        inner = [name for name in names if name in known]
        points = _sobol(len(known), count, seed)
        place = {name: index for index, name in enumerate(known)}
        for row, name in enumerate(names):
            own = name in inner
            found[row] = points[:, place[name]] if own else _latin(name, count, seed)
    else:
        one = _latin if design == "latin" else _random
        found = np.stack([one(name, count, seed) for name in names]) if names else np.empty((0, 0))
    return np.clip(found, INSIDE, 1.0 - INSIDE)


def _generator(name: str, seed: int) -> np.random.Generator:
    """Return a counter-based generator of its own for a name and a seed."""
    key = int.from_bytes(sha256(f"{seed}/{name}".encode()).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key))


def _random(name: str, count: int, seed: int) -> Array:
    return _generator(name, seed).random(count)


def _latin(name: str, count: int, seed: int) -> Array:
    generator = _generator(name, seed)
    within = generator.random(count)
    return np.asarray((generator.permutation(count) + within) / count)


def _sobol(dimensions: int, count: int, seed: int) -> Array:
    """Return the first scrambled Sobol points ``[point, dimension]``."""
    from scipy.stats.qmc import Sobol

    whole = 1 << max(count - 1, 0).bit_length()
    return np.asarray(Sobol(dimensions, scramble=True, rng=seed).random(whole)[:count])


def correlated(points: Array, factor: Array) -> Array:
    """Correlate standard normal scores (Gaussian copula).

    Parameters
    ----------
    points
        Independent standard normal scores ``[name, point]``.
    factor
        Lower triangular Cholesky factor of the correlation matrix ``[name, name]``.

    Returns
    -------
    Array
        ``[name, point]``; the first name keeps its scores.
    """
    return np.asarray(factor @ points)
