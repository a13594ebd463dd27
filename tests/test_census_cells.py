"""The shipped census by area, sex and age group against the bulletins."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import fsinsure

FILE = Path(fsinsure.__file__).parent / "data" / "regions" / "foshan" / "census.csv"
GROUPS = ["0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 85, 5)), "85+"]


def cells(census: str) -> dict[tuple[str, str, str], int]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["census"] == census]
    found = {(row["area"], row["sex"], row["age_group"]): int(row["value"]) for row in rows}
    assert len(found) == len(rows) == 5 * 2 * len(GROUPS)
    return found


def test_every_area_and_sex_has_every_group_in_order() -> None:
    for census in ("2010", "2020"):
        groups = defaultdict(list)
        for area, sex, group in cells(census):
            groups[area, sex].append(group)
        assert len(groups) == 10
        assert all(found == GROUPS for found in groups.values())


def test_the_cells_of_2020_add_up_to_the_bulletins() -> None:
    # 佛山市第七次全国人口普查公报; 佛山市顺德区第七次全国人口普查公报.
    found = cells("2020")
    assert sum(found.values()) == 9_498_863
    assert sum(n for (_, sex, _), n in found.items() if sex == "male") == 5_163_849
    assert sum(n for (area, _, _), n in found.items() if area == "shunde") == 3_229_090
    over_60 = ("60-64", "65-69", "70-74", "75-79", "80-84", "85+")
    old = sum(n for (_, _, group), n in found.items() if group in over_60)
    assert round(old / 1e4, 2) == 99.96
    young = sum(n for (_, _, group), n in found.items() if group in GROUPS[:4])
    assert round(young / 1e4, 2) == 143.47


def test_the_cells_of_2010_are_3083_above_the_bulletin() -> None:
    assert sum(cells("2010").values()) == 7_194_311 + 3_083
