"""An earlier census carried forward to the base date, against cohorts worked out by hand."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import fsinsure as fs
from fsinsure.base_year.census import residents
from fsinsure.base_year.forward import carried_forward, mortality, without_migration
from fsinsure.errors import DataError
from fsinsure.life_tables import fertility_in
from fsinsure.region.region import Region
from region_files import EXAMPLE, copied, edit

LATER = datetime.date(2024, 12, 31)
NAME = "population.resident"


def later(**published: str) -> Region:
    """The example two years after its census, with residents by area (`region`: of all)."""
    one = EXAMPLE.figures[NAME]
    made = {
        area: replace(one, area="" if area == "region" else area, value=Decimal(value))
        for area, value in published.items()
    }
    made = {area: replace(figure, date=str(LATER)) for area, figure in made.items()}
    figures = {name: figure for name, figure in EXAMPLE.figures.items() if name != NAME}
    if "region" in made:
        figures[NAME] = made.pop("region")
    return replace(
        EXAMPLE,
        base_date=LATER,
        figures=figures,
        area_figures={(NAME, area): figure for area, figure in made.items()},
        digest=f"later {sorted(published.items())}",
    )


OPENING = residents(EXAMPLE, "2022")
DYING, INFANT = mortality(EXAMPLE, 2022, 2024)


def test_a_census_of_the_base_year_is_met_exactly() -> None:
    assert np.array_equal(residents(EXAMPLE), OPENING)


def test_cohorts_survive_two_years_and_women_have_children() -> None:
    found = without_migration(later(region="603000"), OPENING, 2022)
    alive = OPENING[..., 30] * (1 - DYING[0, :, 30]) * (1 - DYING[1, :, 31])
    assert found[..., 32] == pytest.approx(alive)
    oldest = OPENING[..., 99:] * (1 - DYING[0, :, 99:])
    oldest = oldest.sum(axis=-1) + 0.0
    before = OPENING[..., 98] * (1 - DYING[0, :, 98])
    both = oldest * (1 - DYING[1, :, 100]) + before * (1 - DYING[1, :, 99])
    assert found[..., 100] == pytest.approx(both)
    # Births of the first year: rates on the mean of the women at its start and its end.
    women = OPENING[:, 1]
    closing = np.zeros_like(women)
    closing[:, 1:] = women[:, :-1] * (1 - DYING[0, 1, :-1])
    rates = 0.9 * fertility_in(EXAMPLE.tables["fertility"])
    born = ((women + closing) / 2 * rates).sum(axis=-1)
    boys = float(EXAMPLE.values["fertility.sex_ratio"][0].text)
    boys /= 1 + boys
    one = born * boys * (1 - INFANT[0, 0]) * (1 - DYING[1, 0, 0])
    assert found[:, 0, 1] == pytest.approx(one)


@pytest.mark.parametrize(
    "published",
    [
        {"region": "620000"},
        {"north": "290000", "south": "240000", "islands": "88000"},
    ],
)
def test_the_published_residents_are_met_by_those_below_60(published: dict[str, str]) -> None:
    region = later(**published)
    people = residents(region)
    stayed = without_migration(region, OPENING, 2022)
    assert people[..., 60:] == pytest.approx(stayed[..., 60:])
    factor = people[..., :60] / stayed[..., :60]
    assert people.sum() == pytest.approx(sum(map(float, published.values())))
    for index, code in enumerate(EXAMPLE.codes):
        assert factor[index] == pytest.approx(factor[index].flat[0])
        if code in published:
            assert people[index].sum() == pytest.approx(float(published[code]))
    if "region" in published:
        assert factor == pytest.approx(factor.flat[0])
    assert not people.flags.writeable


def test_residents_of_the_base_date_must_be_published() -> None:
    wanted = (
        r"census\.csv: no census of 2024, and that of 2022 is carried forward .* add population\.r"
    )
    with pytest.raises(DataError, match=wanted):
        residents(later())


@pytest.mark.parametrize("value", ["500000", "700000", "60.3"])
def test_residents_far_from_the_survivors_are_refused(value: str) -> None:
    with pytest.raises(DataError, match=r"figures\.csv:\d+:value: population\.resident is .* 5% a"):
        residents(later(region=value))


def at_2024(home: Path) -> Path:
    folder = copied(home)
    edit(folder, "region.yaml", "2022-12-31", "2024-12-31")
    edit(folder, "region.yaml", "horizon: 2027", "horizon: 2029")
    edit(folder, "figures.csv", "2022-12-31", "2024-12-31", 99)
    edit(folder, "figures.csv", "registered_unemployment_rate,,2.9,%,2022", "x,,2.9,%,2022")
    edit(folder, "figures.csv", "x,,2.9,%,2022", "registered_unemployment_rate,,2.9,%,2024")
    return folder


def test_a_region_without_a_census_of_its_base_year_runs(tmp_path: Path) -> None:
    region = fs.open_region(at_2024(tmp_path))
    assert residents(region).sum() == pytest.approx(603_000)
    checked = fs.check_region(region)
    assert checked.plausible
    moved = checked.plausibility.set_index("item")["value"]["moved_since_census"]
    assert moved == pytest.approx(603_000 / without_migration(region, OPENING, 2022).sum() - 1)
    assert "moved_since_census" not in set(fs.check_region(EXAMPLE).plausibility["item"])
    result = fs.run(fs.Scenario(name="bare", title={}, region=region, horizon=2026))
    assert result.enrollment["year"].min() == 2024


def test_an_area_where_nobody_is_young_or_nobody_lives_is_no_traceback() -> None:
    old = OPENING.copy()
    old[0, :, :60] = 0.0
    one = later(north=str(round(old[0].sum() * 0.99)), south="228000", islands="90000")
    with pytest.raises(DataError, match="nobody is under 60: correct one of them"):
        carried_forward(one, old, 2022)
    empty = OPENING.copy()
    empty[2] = 0.0
    nobody = later(north="285000", south="228000", islands="0")
    assert carried_forward(nobody, empty, 2022).sum(axis=(1, 2))[2] == 0.0
