"""The residents of the base year by area, sex and single year of age, from the census."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import AGES, SEXES
from fsinsure.sources import base_amount

if TYPE_CHECKING:
    from fsinsure.arrays import Array
    from fsinsure.regions.region import Region


@lru_cache(maxsize=64)
def residents(region: Region) -> Array:
    """Residents at the census ``[area, sex, age]``, read-only."""
    people = np.zeros((len(region.codes), len(SEXES), AGES))
    for row in region.census:
        age = int(row["age_group"].rstrip("+"))
        people[region.codes.index(row["area"]), SEXES.index(row["sex"]), age] = base_amount(
            row.number("value"), row["unit"]
        )
    people.flags.writeable = False
    return people
