"""Values that vary by draw: which parameters may, in which shape and within which bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import Message, separated
from fsinsure.registry import Parameter, registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from fsinsure.arrays import Array, Ints

WITH_AREAS: Final = 3
"""Axes of a path that varies by draw and by area."""

_CLAIMS: Final = Message(
    "it sets the months in which people claim, and so the ages of the moves of all"
)

ALIKE: Final = {
    "mortality.table_year": Message("it belongs to the life table, and all draws have the same"),
    "retirement.age_": _CLAIMS,
    "retirement.delay_": _CLAIMS,
    "retirement.early_": _CLAIMS,
    "retirement.late_": _CLAIMS,
}
"""The numbers that are alike in all draws, and why.

What ends with a dot or an underscore stands for all names that begin so.
"""


CLOSING: Final = (
    "base.",
    "wage.mean",
    "wage.cv",
    "pension.in_payment",
    "civil.wage",
    "civil.pension",
    "resident.account",
    "resident.account_pension",
    "resident.base_pension",
)
"""The numbers that close the base year: where they vary, each draw has its own.

What ends with a dot stands for all names that begin so.
"""


def closing(name: str) -> bool:
    """Return whether a parameter closes the base year.

    >>> closing("base.dormant"), closing("pension.in_payment_growth")
    (True, False)
    """
    return name in CLOSING or any(name.startswith(one) for one in CLOSING if one[-1] == ".")


def alike(name: str) -> Message | None:
    """Return why a parameter is alike in all draws, None where it may vary.

    >>> alike("wage.mean") is None, alike("retirement.age_male") is None
    (True, False)
    """
    stems = (why for stem, why in ALIKE.items() if name.startswith(stem) and stem[-1] in "._")
    return ALIKE.get(name) or next(stems, None)


def checked(name: str, values: ArrayLike, years: Ints, areas: Sequence[str]) -> Array:
    """Return the values of a parameter as an array, if it may have them.

    Parameters
    ----------
    name
        Of a number or a path.
    values
        Of a number ``[draw]`` or ``[]``; of a path ``[draw, year]`` or ``[year]``, or
        ``[draw, year, area]`` where areas may differ.
    years
        The projected years ``[year]``.
    areas
        The codes of the areas.

    Raises
    ------
    InputError
        If the parameter is neither a number nor a path, or is alike in all draws; if draws, years
        or areas do not fit; if a value leaves the bounds of the registry.
    """
    known = registry()
    if name not in known or known[name].kind not in ("path", "scalar"):
        raise InputError(
            "{name!r} is neither a path nor a number.{hint}",
            name=name,
            hint=did_you_mean(name, known),
        )
    found = np.asarray(values, dtype=np.float64)
    _fits(known[name], found.shape, years, areas)
    low, high = known[name].low, known[name].high
    if low is not None and high is not None and not ((found >= low) & (found <= high)).all():
        raise InputError(
            "{name} must lie between {low:g} and {high:g} in every draw",
            name=name,
            low=low,
            high=high,
        )
    return found


def _fits(known: Parameter, shape: tuple[int, ...], years: Ints, areas: Sequence[str]) -> None:
    """Refuse values of a shape that a parameter cannot have."""
    name, path, axes = known.name, known.kind == "path", len(shape)
    if axes > (WITH_AREAS if path else 1):
        wanted = "[draw, year]" if path else "[draw]"
        raise InputError(
            "{name} has the axes {wanted}, got an array of shape {shape}",
            name=name,
            wanted=wanted,
            shape=shape,
        )
    by_area = path and axes == WITH_AREAS
    if by_area and not known.by_area:
        raise InputError("{name} is the same in all areas: give [draw, year]", name=name)
    if by_area and shape[-1] != len(areas):
        raise InputError(
            "{name} needs one value for each of the areas {areas}",
            name=name,
            areas=separated(areas),
        )
    given = shape[1 if by_area else -1] if shape else Message("a single number")
    if path and given != len(years):
        raise InputError(
            "{name} needs one value for each of the {years_count} years {first}-{last}, got "
            "{given}",
            name=name,
            years_count=len(years),
            first=years[0],
            last=years[-1],
            given=given,
        )
    why = alike(name)
    if why and shape:
        raise InputError(
            "{name} cannot vary by draw: {why}. Set it in the scenario, alike for all",
            name=name,
            why=why,
        )


def varying(groups: Sequence[Mapping[str, object]]) -> dict[str, Array]:
    """Return what varies by draw of numbers, paths and paths by area, in this order."""
    return {
        name: values
        for alone, group in enumerate(groups)  # axes of what does not vary
        for name, values in group.items()
        if isinstance(values, np.ndarray) and values.ndim > alone
    }


def count(drawn: Mapping[str, Array]) -> int | None:
    """Return the number of draws of what varies, None where nothing does.

    Raises
    ------
    InputError
        If parameters disagree.
    """
    sizes = {len(values): name for name, values in drawn.items()}
    if len(sizes) > 1:
        several = separated(
            Message("{name} has {size}", name=name, size=size)
            for size, name in sorted(sizes.items())
        )
        raise InputError("parameters disagree on the number of draws: {several}", several=several)
    return next(iter(sizes), None)
