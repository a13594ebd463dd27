"""Published figures by measure: what may be compared, and errors with their position."""

from __future__ import annotations

from pathlib import Path

import pytest

import fsinsure as fs
from fsinsure.measures import measures
from fsinsure.region.known import outcome_known
from fsinsure.region.outcomes import comparable, of_region, published, unit_of, yearly_growth
from region_files import copied, edit, row

FILE = "outcomes.csv"
UNEMPLOYMENT = row(FILE, "unemployment,,2023")


def added(home: Path, line: str) -> Path:
    """Copy the example region with one more outcome."""
    folder = copied(home)
    edit(folder, FILE, UNEMPLOYMENT, UNEMPLOYMENT + line)
    return folder


def outcome(value: str, unit: str = "万人", date: str = "2023-12-31", measure: str = "") -> str:
    scope, source = "members at year end", "invented,assumption"
    return f"another,,{date},{value},{unit},{scope},{source},,{measure or 'unemployment'},\n"


def test_measures_are_those_of_the_coverage_matrix_residents_and_accounts() -> None:
    assert set(measures()) < set(comparable())
    assert {"residents", "injury.income", "pension.urban_employee.outgo"} < set(comparable())
    assert unit_of("injury") == "persons"
    assert unit_of("injury.outgo") == "yuan"


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (outcome("14.38", measure="unemploymnt"), "measure", "Did you mean 'unemployment'"),
        (outcome("14.38", unit="亿元"), "unit", "write 人 or 万人"),
        (outcome("1.5", date="2023", measure="unemployment.income"), "unit", "write 元 or 亿元"),
        (outcome("14.38", date="2023"), "date", "a 31 December"),
        (outcome("14.38", date="2023-06-30"), "date", "a 31 December"),
        (outcome("-1"), "value", "unemployment is -1, and it must be more than 0"),
        (outcome("0.00"), "value", "unemployment is 0.00, and it must be more than 0"),
        (outcome("0", date="2019-12-31"), "value", "must be more than 0"),
        (outcome("0", "亿元", "2023", "unemployment.outgo"), "value", "must be more than 0"),
        (outcome("14.38", date="2021-02-30"), "date", "'2021-02-30' is not a day"),
        (outcome("14.50"), "value", "14.38"),
        (
            outcome("1.5", "亿元", "2023-12-31", "unemployment.income"),
            "date",
            "a whole year, such as 2019",
        ),
    ],
)
def test_an_outcome_that_is_not_of_its_measure_is_refused(
    tmp_path: Path, line: str, column: str, words: str
) -> None:
    folder = added(tmp_path, line)
    number = (folder / FILE).read_text(encoding="utf-8").splitlines().index(line.rstrip("\n")) + 1
    with pytest.raises(fs.DataError) as caught:
        fs.open_region(folder)
    assert f"{FILE}:{number}:{column}: " in str(caught.value)
    assert words in str(caught.value)


def test_figures_that_agree_within_rounding_stand_side_by_side(tmp_path: Path) -> None:
    # 14.38万 is 143,750 to 143,850 people: 143,812 is one of them.
    region = fs.open_region(
        added(tmp_path, outcome("143812", "人").replace("assumption", "official"))
    )
    found = of_region(published(region.outcomes, region.conflicts), "unemployment")
    assert found[2023].amount == 143812  # the more confident of the two


def test_a_figure_without_a_measure_is_not_compared(tmp_path: Path) -> None:
    line = outcome("99").replace(",unemployment,", ",,")
    region = fs.open_region(added(tmp_path, line))
    assert of_region(published(region.outcomes, ()), "unemployment")[2023].amount == 143800


@pytest.mark.parametrize(("used", "amount"), [("a", 143800), ("b", 145000)])
def test_a_conflict_says_which_of_two_figures_is_used(
    tmp_path: Path, used: str, amount: float
) -> None:
    folder = added(tmp_path, outcome("14.50"))
    with (folder / "conflicts.csv").open("a", encoding="utf-8") as file:
        file.write(
            f"X9,unemployment,14.38万人 in 2023,14.50万人 in 2023,x; y,{used},because,因为\n"
        )
    region = fs.open_region(folder)
    found = of_region(published(region.outcomes, region.conflicts), "unemployment")
    assert found[2023].amount == amount


def test_growth_across_scopes_is_refused() -> None:
    region = fs.regions()["foshan"]
    contributors = of_region(
        published(region.outcomes, region.conflicts), "pension.urban_contributors"
    )
    everybody = of_region(published(region.outcomes, region.conflicts), "pension.urban_employee")
    # 3,413,009 contributors are not 4,355,000 people with pensioners: no growth of 28 %.
    with pytest.raises(fs.MeasureError, match=r"outcomes.csv:\d+:value and .*outcomes.csv:\d+"):
        yearly_growth(contributors[2020], everybody[2021])
    assert yearly_growth(contributors[2019], contributors[2020]) == pytest.approx(
        3413009 / 3202120 - 1
    )
    with pytest.raises(fs.MeasureError, match="not later"):
        yearly_growth(contributors[2020], contributors[2019])


def test_the_column_of_the_yearbook_that_changes_scope_has_no_single_measure() -> None:
    rows = [
        one for one in fs.regions()["foshan"].outcomes if one.series == "pension.urban_employee"
    ]
    assert {one.measure for one in rows if one.date < "2015" or "2019" <= one.date < "2021"} == {
        "pension.urban_contributors"
    }
    assert {one.measure for one in rows if "2015" <= one.date < "2019"} == {""}
    assert {one.measure for one in rows if one.date > "2021"} == {"pension.urban_employee"}
    assert all("infer" in one.note for one in rows)


def test_every_compared_figure_says_when_it_was_known() -> None:
    for region in fs.regions().values():
        for one in region.outcomes:
            if one.measure:
                assert int(one.date[:4]) < outcome_known(one).day.year <= int(one.date[:4]) + 2
