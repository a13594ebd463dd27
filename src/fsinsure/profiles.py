"""Age profiles of statuses, moves and migrants by sex, from ``profiles.csv``.

A profile is relative: only its shape matters. It is given at some ages (knots) and is linear
between them, zero before the first and after the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES, SEXES
from fsinsure.errors import InputError, did_you_mean
from fsinsure.sources import package_records
from fsinsure.tabular import Record

BOTH = "both"


def profile(name: str) -> Array:
    """Return a profile ``[sex, age]`` (2 x 101), read-only.

    Parameters
    ----------
    name
        ``arrival``, ``departure``, ``inflow``, ``entry_<status>`` or ``stock_<status>``.

    Raises
    ------
    InputError
        If there is no such profile; the message lists them.
    """
    known = profiles()
    if name not in known:
        raise InputError(
            f"there is no profile {name!r}.{did_you_mean(name, known)} Known: {', '.join(known)}"
        )
    return known[name]


@cache
def profiles() -> Mapping[str, Array]:
    """Return every profile by name."""
    return MappingProxyType(profiles_in(package_records("profiles")))


def profiles_in(rows: Sequence[Record]) -> dict[str, Array]:
    """Turn rows of knots into profiles ``[sex, age]`` by name.

    Raises
    ------
    DataError
        If an age is not a whole number from 0 to 100, the ages do not increase, a weight is
        negative or a sex is missing; the message names file, row and column.
    """
    knots: dict[str, dict[str, list[tuple[int, float]]]] = {}
    last: dict[str, Record] = {}
    for row in rows:
        name = row.required("profile")
        age = row.number("age", 0, AGES - 1)
        if age != int(age):
            raise row.error("age", f"{row['age']} is not a whole age")
        sex = row.choice("sex", (*SEXES, BOTH))
        for each in SEXES if sex == BOTH else (sex,):
            found = knots.setdefault(name, {}).setdefault(each, [])
            if found and age <= found[-1][0]:
                raise row.error("age", f"{age} after {found[-1][0]}; ages of a profile must rise")
            found.append((int(age), float(row.number("weight", 0, 1000))))
        last[name] = row
    for name, by_sex in knots.items():
        if len(by_sex) < len(SEXES):
            missing = ", ".join(sex for sex in SEXES if sex not in by_sex)
            raise last[name].error("sex", f"the profile {name} has no knots for {missing}")
    return {name: _interpolated(by_sex) for name, by_sex in knots.items()}


def _interpolated(knots: Mapping[str, Sequence[tuple[int, float]]]) -> Array:
    curves = []
    for sex in SEXES:
        ages, weights = zip(*knots[sex], strict=True)
        curves.append(np.interp(np.arange(AGES), ages, weights, left=0.0, right=0.0))
    profile_by_sex = np.stack(curves)
    profile_by_sex.flags.writeable = False
    return profile_by_sex
