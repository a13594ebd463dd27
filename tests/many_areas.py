"""A region with another number of areas, made from a shipped one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from fsinsure.region.load import find_region
from fsinsure.region.region import Area, Region, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@cache
def with_areas(count: int, name: str | None = None) -> Region:
    """Return a shipped region with its people spread over a number of areas.

    Areas have people of one of the shipped areas, in unequal parts, and its values; where there are
    fewer than shipped, they are put together. The people of the region do not change.

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
    people: dict[tuple[str, str], float] = defaultdict(float)
    for row in region.census:
        shares = parts[row["area"]]
        for code, share in shares:
            value = float(row["value"]) * share / sum(size for _, size in shares)
            cells[row["census"], code, row["sex"], row["age_group"]] += value
            people[code, row["area"]] += value
    rows = {row["census"]: row for row in region.census}
    names = ("census", "area", "sex", "age_group", "value")
    census = []
    for key, value in cells.items():
        of_cell = dict(zip(names, (*key, repr(value)), strict=True))
        row = rows[key[0]]
        census.append(replace(row, cells={**row.cells, **of_cell}))
    values = {
        name: tuple(_of_areas(known, people)) if any(one.area for one in known) else known
        for name, known in region.history.items()
    }
    return replace(
        region,
        history=values,
        name=f"{region.name}-{count}",
        areas=areas,
        census=tuple(census),
        area_figures={},
        digest=f"{region.digest}-{count}",
    )


def _of_areas(known: Sequence[Value], people: Mapping[tuple[str, str], float]) -> Iterator[Value]:
    """Yield the undated values of new areas, by the people that they have of each shipped one."""
    of = {one.area: one for one in known}
    for area in dict.fromkeys(code for code, _ in people):
        parts = {own: count for (code, own), count in people.items() if code == area}
        total = sum(count * float(of[own].text) for own, count in parts.items())
        mean = total / sum(parts.values())
        yield replace(known[0], area=area, text=repr(mean))
