"""The demographic step against a published projection: the nation, 2020 to 2025.

Population and fertility by age of the United Nations (World Population Prospects 2022, China,
estimates and medium variant, files POP/02-1 and FERT/02; CC BY 3.0 IGO). Mortality is ours,
CL1/CL2: insured lives of 2010-2013, which is why the old differ by a few per cent.
"""

from __future__ import annotations

import numpy as np
import pytest

import fsinsure as fs
from foshan import FOSHAN
from fsinsure.base_year.census import residents
from fsinsure.dims import AGES
from fsinsure.life_tables import published_life_table
from fsinsure.year.demography import death_in_year, step

# Births per 1,000 women aged 15-19, 20-24 ... 45-49.
FERTILITY = {
    2021: [11.05, 50.57, 80.32, 57.45, 26.24, 6.27, 0.90],
    2022: [11.15, 48.90, 80.63, 58.64, 27.99, 6.73, 0.87],
    2023: [11.23, 47.52, 81.09, 60.10, 29.61, 7.05, 0.85],
    2024: [11.27, 46.26, 81.57, 61.86, 30.97, 7.29, 0.85],
    2025: [11.24, 44.64, 81.51, 63.77, 32.22, 7.61, 0.84],
}
# Thousands aged 0-4, 5-9 ... 100 and over at mid-2025.
PUBLISHED_2025 = np.array([
    53832, 80844, 90289, 85172, 78980, 81939, 98482, 121789, 103689, 92190, 114829, 116499, 93860,
    70002, 65180, 39174, 21458, 11190, 4156, 763, 67,
])  # fmt: skip


@pytest.fixture(scope="module")
def projected() -> np.ndarray:
    """Thousands by five-year age group, projected by five steps without migration."""
    people = residents(fs.regions()["china"])[0] / 1000
    mortality = death_in_year(published_life_table("CL1-CL2", FOSHAN.tables["mortality"]))
    for rates in FERTILITY.values():
        fertility = np.zeros(AGES)
        fertility[15:50] = np.repeat(rates, 5) / 1000
        people = step(people, *mortality, fertility, sex_ratio=1.11).population
    return np.add.reduceat(people.sum(axis=0), np.arange(0, AGES, 5))


def test_the_total_is_the_published_one_within_a_tenth_of_a_per_cent(projected):
    assert projected.sum() == pytest.approx(PUBLISHED_2025.sum(), rel=1e-3)


def test_ages_5_to_69_agree_within_one_per_cent(projected):
    np.testing.assert_allclose(projected[1:14], PUBLISHED_2025[1:14], rtol=0.01)


def test_the_children_born_meanwhile_agree_within_two_per_cent(projected):
    assert projected[0] == pytest.approx(PUBLISHED_2025[0], rel=0.02)


def test_the_old_agree_within_what_the_life_tables_differ(projected):
    np.testing.assert_allclose(projected[14:19], PUBLISHED_2025[14:19], rtol=0.05)
