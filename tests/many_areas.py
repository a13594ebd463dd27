"""A region with another number of areas, made from a shipped one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache

from fsinsure.region.load import find_region
from fsinsure.region.region import Area, Region


@cache
def with_areas(count: int, name: str | None = None) -> Region:
    """Return a shipped region with its people spread over a number of areas.

    Areas have people of one of the shipped areas, in unequal parts; where there are fewer than
    shipped, they are put together. The people of the region do not change.

    Parameters
    ----------
    count
        Of areas.
    name
        Of the shipped region; by default the default one.
    """
    region = find_region(name)
    areas = tuple(Area(f"a{at:03d}", f"{at} 区", f"Area {at}") for at in range(count))
    parts: dict[str, list[tuple[str, float]]] = {code: [] for code in region.codes}
    for at in range(max(count, len(region.codes))):
        own = region.codes[at % len(region.codes)]
        parts[own].append((areas[at % count].code, 1.0 + at % 7 / 10))
    cells: dict[tuple[str, ...], float] = defaultdict(float)
    for row in region.census:
        shares = parts[row["area"]]
        for code, share in shares:
            value = float(row["value"]) * share / sum(size for _, size in shares)
            cells[row["census"], code, row["sex"], row["age_group"]] += value
    row, names = region.census[0], ("census", "area", "sex", "age_group", "value")
    census = tuple(
        replace(row, cells={**row.cells, **dict(zip(names, (*key, repr(value)), strict=True))})
        for key, value in cells.items()
    )
    return replace(
        region,
        name=f"{region.name}-{count}",
        areas=areas,
        census=census,
        area_figures={},
        digest=f"{region.digest}-{count}",
    )
