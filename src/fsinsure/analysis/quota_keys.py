"""Keys by which the task of a region is divided among its areas: who is where.

The keys of a year are of the end of the year before it, when the plan figures of the year are set;
people are those of the projection by expected values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError, did_you_mean
from fsinsure.measures import matrix, measures
from fsinsure.messages import separated
from fsinsure.statuses import OUTSIDE, PAYING, STATUS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.arrays import Array
    from fsinsure.engine.projection import Projection
    from fsinsure.region.region import Region

KEYS: Final = ("employment", "registered", "enrollment", "uncovered", "capacity")
DEFAULT: Final = "employment"
WORKING: Final = slice(16, 60)
"""Working ages, 16 to 59, as the statistics of the labour force have them."""
DORMANT: Final = "dormant"
REGISTERED: Final = re.compile(r"population\.registered(?:\.([0-9]{4}))?")
"""The figures of registered population, with or without their year."""


def key_weights(by: str | Mapping[str, float]) -> dict[str, float]:
    """Return the weight of each key, adding up to 1, in the order of :data:`KEYS`.

    Parameters
    ----------
    by
        The name of a key, or weights by name.

    Raises
    ------
    InputError
        If a key is unknown, a weight is no number of 0 or more, or none is above 0.

    Examples
    --------
    >>> key_weights({"uncovered": 3, "enrollment": 1})
    {'enrollment': 0.25, 'uncovered': 0.75}
    """
    given = {by: 1.0} if isinstance(by, str) else {str(name): by[name] for name in by}
    for name, weight in given.items():
        if name not in KEYS:
            raise InputError(
                "there is no key {name!r}.{hint} Keys: {keys}",
                name=name,
                hint=did_you_mean(name, KEYS),
                keys=separated(KEYS),
            )
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise InputError(
                "the weight of {name} must be a number, not {weight!r}", name=name, weight=weight
            )
        if not 0 <= weight < np.inf:
            raise InputError(
                "the weight of {name} must be a number of 0 or more, not {weight}",
                name=name,
                weight=weight,
            )
    total = sum(given.values())
    if not 0 < total < np.inf:
        raise InputError("a key needs a weight above 0, such as employment=1")
    return {name: float(given[name] / total) for name in KEYS if given.get(name)}


def key_text(weights: Mapping[str, float]) -> str:
    """Return keys and weights as the column ``key`` of the tables has them.

    >>> key_text({"enrollment": 0.25, "uncovered": 0.75})
    'enrollment=0.25 uncovered=0.75'
    """
    return " ".join(f"{name}={weight:.6g}" for name, weight in weights.items())


def area_key(name: str, projection: Projection, measure: str, year: int) -> Array:
    """Return a key that the projection or the region gives, ``[area]``, persons.

    Parameters
    ----------
    name
        ``employment``: people at work who pay contributions; ``registered``: the published
        registered population; ``enrollment``: people in the measure; ``uncovered``: residents of
        16 to 59 in no scheme or with interrupted contributions, whom the measure does not count.
    projection
        Of expected values.
    measure
        The measure that is divided.
    year
        The year at whose end people are counted.

    Raises
    ------
    InputError
        If the region has no registered population of every area.
    """
    if name == "registered":
        return registered(projection.region)
    at = year - int(projection.years[0])
    persons = projection.persons[at].sum(axis=2)  # [status, area, age]
    if name == "employment":
        return np.asarray(persons[[STATUS[one] for one in PAYING]].sum(axis=(0, 2)))
    shares = {path: share[at] for path, share in projection.coverage.items()}
    counted = matrix(shares)[measures().index(measure)].swapaxes(0, 1)  # [status, area, age]
    if name == "enrollment":
        return np.asarray((counted * persons).sum(axis=(0, 2)))
    outside = [STATUS[OUTSIDE], STATUS[DORMANT]]
    uncovered = (1.0 - counted[outside]) * persons[outside]
    return np.asarray(uncovered[..., WORKING].sum(axis=(0, 2)))


def registered(region: Region) -> Array:
    """Return the latest published registered population of the areas, ``[area]``, persons.

    Raises
    ------
    InputError
        If no figure has it for every area.
    """
    found = {name: REGISTERED.fullmatch(name) for name, _ in region.area_figures}
    years = {name: int(match[1] or region.base_year) for name, match in found.items() if match}
    full = [
        name for name in years if all((name, area) in region.area_figures for area in region.codes)
    ]
    if not full:
        raise InputError(
            "the region {name} has no registered population of every area: add rows "
            "population.registered.{base_year} to its figures.csv, one for each of {codes}, or "
            "divide by another key",
            name=region.name,
            base_year=region.base_year,
            codes=separated(region.codes),
        )
    name = max(full, key=years.__getitem__)
    return np.array([region.area_figures[name, area].amount for area in region.codes])


def combined(keys: Mapping[str, Array], weights: Mapping[str, float]) -> Array:
    """Return the weights of areas by several keys: ``sum_k a_k * key_k / sum(key_k)``.

    Parameters
    ----------
    keys
        ``[area]`` by name, 0 or more.
    weights
        ``a_k`` by name, adding up to 1.

    Returns
    -------
    Array
        ``[area]``, adding up to 1.

    Raises
    ------
    InputError
        If a key is zero in every area.
    """
    for name in weights:
        if not keys[name].sum() > 0:
            raise InputError("the key {name} is 0 in every area: divide by another key", name=name)
    parts = [weights[name] * keys[name] / keys[name].sum() for name in weights]
    return np.asarray(np.sum(parts, axis=0))
