"""What cannot be a base year is refused at the figure, profile or cell that forces it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.base_year.balances import opening_balances
from fsinsure.cli import app
from fsinsure.errors import ClosureError, InputError
from fsinsure.parameters import resolve
from fsinsure.year import amounts, pension_age
from region_files import EXAMPLE, assumed, copied, edit, row, text

FIGURES, CENSUS, ASSUMED, PROFILES = "figures.csv", "census.csv", "assumptions.csv", "profiles.csv"
Change = tuple[str, str, str]


def line_of(file: str, begin: str) -> int:
    return [one.startswith(begin) for one in text(file).splitlines()].index(True) + 1


def figure(name: str, value: str, unit: str, area: str = "", date: str = "2022-12-31") -> Change:
    """A row more at the end of figures.csv."""
    last = text(FIGURES).splitlines()[-1]
    return FIGURES, last, f"{last}\n{name},{area},{value},{unit},{date},invented,assumption,x,x,"


def more(name: str, old: str, new: str) -> Change:
    return FIGURES, f"{name},,{old},", f"{name},,{new},"


def emptied(file: str, begin: str) -> tuple[Change, ...]:
    """All rows that begin so, with 0 in the first cell with a number."""
    rows = [one for one in text(file).splitlines() if one.startswith(begin)]
    assert rows
    column = text(file).splitlines()[0].split(",").index("value" if file == CENSUS else "weight")
    changes = []
    for one in rows:
        cells = one.split(",")
        cells[column] = "0"
        changes.append((file, f"{one}\n", f"{','.join(cells)}\n"))
    return tuple(changes)


ADDED = len(text(FIGURES).splitlines()) + 1

MISTAKES: dict[str, tuple[tuple[Change, ...], str, str]] = {
    "a hundred million for ten thousand": (
        (more("enrollment.unemployment", "14.27,万人", "14.27,亿人"),),
        f"{FIGURES}:{line_of(FIGURES, 'enrollment.unemployment')}:value",
        "people of flexible",
    ),
    "figures that contradict each other": (
        (figure("enrollment.pension.urban_employee", "23.91", "万人"),),
        f"{FIGURES}:{ADDED}:value",
        "enrollment.pension.urban_employee differs by 2,000 people from",
    ),
    "more retirees than people of their age": (
        (
            more("retirees.enterprise", "5.18", "15.18"),
            more("enrollment.pension.enterprise", "21.40", "31.40"),
        ),
        f"{FIGURES}:{line_of(FIGURES, 'retirees.enterprise')}:value",
        "people of status retiree: only",
    ),
    "more people at work than of working age": (
        (
            more("enrollment.pension.enterprise", "21.40", "51.40"),
            more("enrollment.pension.urban_contributors", "17.62", "47.62"),
            more("enrollment.unemployment", "14.27", "44.27"),
            more("enrollment.injury", "15.94", "45.94"),
        ),
        f"{FIGURES}:{line_of(FIGURES, 'enrollment.unemployment')}:value",
        "too few residents of working age: employee 432,900",
    ),
    "more dormant members than people": (
        (assumed("base.dormant,", "2500000"),),
        f"{ASSUMED}:{line_of(ASSUMED, 'base.dormant,')}:value",
        "residents of 16-59, pensioners among them. Lower base.dormant.",
    ),
    "a figure too few": (
        ((FIGURES, row(FIGURES, "retirees.enterprise"), ""),),
        FIGURES,
        "Give 1 of: retirees.enterprise",
    ),
    "a profile without weight": (
        emptied(PROFILES, "flexible,"),
        f"{PROFILES}:{line_of(PROFILES, 'flexible,')}:weight",
        "profile.flexible.male and profile.flexible.female have no weight at any age below",
    ),
    "arrivals without an age": (
        emptied(PROFILES, "arrival,"),
        f"{PROFILES}:{line_of(PROFILES, 'arrival,')}:weight",
        "profile.arrival.male and profile.arrival.female have no weight at any age: nobody",
    ),
    "a census without people": (
        emptied(CENSUS, "2022,"),
        f"{CENSUS}:{line_of(CENSUS, '2022,')}:value",
        "the census 2022 has nobody of 16-59",
    ),
    "residents far from the census": (
        (
            more("population.resident", "603000", "703000"),
            (FIGURES, "population.resident,north,285000", "population.resident,north,385000"),
        ),
        f"{FIGURES}:{line_of(FIGURES, 'population.resident,north')}:value",
        "population.resident of north is 385,000, and the cells of census.csv add up to 285,000",
    ),
    "a negative balance": (
        (more("fund.balance", "31.60", "-31.60"),),
        f"{FIGURES}:{line_of(FIGURES, 'fund.balance,')}:value",
        "balances are not negative",
    ),
    "a fund that has more than all": (
        (figure("fund.balance.injury", "41.60", "亿元"),),
        f"{FIGURES}:{line_of(FIGURES, 'fund.balance,')}:value",
        "the balances of its funds are 41.60亿元: fund.balance.injury 41.60亿元",
    ),
    "more cards than anybody could hold": (
        (more("social_card", "55,万人", "55,亿人"),),
        f"{FIGURES}:{line_of(FIGURES, 'social_card')}:value",
        "social_card is 5,500,000,000 people, and 603,000 live in the region",
    ),
    "a rate in people": (
        (more("registered_unemployment_rate", "2.9,%", "2.9,万人"),),
        f"{FIGURES}:{line_of(FIGURES, 'registered_unemployment_rate')}:unit",
        "registered_unemployment_rate is in '万人': write %",
    ),
    "a rate without its unit": (
        (more("registered_unemployment_rate", "2.9,%", "2.9,fraction"),),
        f"{FIGURES}:{line_of(FIGURES, 'registered_unemployment_rate')}:value",
        "registered_unemployment_rate is 290%, not between 0 and 30%",
    ),
    "a rate of another year": (
        (more("registered_unemployment_rate", "2.9,%,2022", "2.9,%,2012"),),
        f"{FIGURES}:{line_of(FIGURES, 'registered_unemployment_rate')}:date",
        "registered_unemployment_rate is of 2012, and the base year is 2022",
    ),
    "cards of another day": (
        (more("social_card", "55,万人,2022-12-31", "55,万人,2019-12-31"),),
        f"{FIGURES}:{line_of(FIGURES, 'social_card')}:date",
        "social_card is of 2019-12-31, and the base date is 2022-12-31: give the holders of",
    ),
    "residents in a share": (
        (more("population.resident", "603000,人", "603000,%"),),
        f"{FIGURES}:{line_of(FIGURES, 'population.resident,,')}:unit",
        "population.resident is in '%': write 人 or 万人",
    ),
    "a goal of cards in yuan": (
        (figure("target.social_card", "-365", "亿元", date="2025-12-31"),),
        f"{FIGURES}:{ADDED}:unit",
        "target.social_card is in '亿元': write 人 or 万人",
    ),
    "a negative goal of cards": (
        (figure("target.social_card", "-36", "万人", date="2025-12-31"),),
        f"{FIGURES}:{ADDED}:value",
        "target.social_card is -360,000 people, and 603,000 live in the region",
    ),
    "a goal of more people than could live there": (
        (figure("target.reemployment", "1.5", "亿人", date="2023/2027"),),
        f"{FIGURES}:{ADDED}:value",
        "target.reemployment is 150,000,000 people, and 603,000 live in the region",
    ),
    "a goal of employment in a share": (
        (figure("target.new_urban_employment", "30", "%", date="2023/2027"),),
        f"{FIGURES}:{ADDED}:unit",
        "target.new_urban_employment is in '%': write 人 or 万人",
    ),
    "a goal of unemployment without its unit": (
        (figure("target.registered_unemployment_rate", "3.5", "fraction", date="2023/2027"),),
        f"{FIGURES}:{ADDED}:value",
        "target.registered_unemployment_rate is 350%, not between 0 and 30%",
    ),
    "a goal of unemployment in people": (
        (figure("target.registered_unemployment_rate", "3.5", "万人", date="2023/2027"),),
        f"{FIGURES}:{ADDED}:unit",
        "target.registered_unemployment_rate is in '万人': write %",
    ),
    "a sum that is of a day": (
        (figure("target.new_urban_employment", "3", "万人", date="2027-12-31"),),
        f"{FIGURES}:{ADDED}:date",
        "target.new_urban_employment is a sum over years, and is of 2027-12-31: write its years, "
        "such as 2023/2027",
    ),
}


def changed(home: Path, changes: tuple[Change, ...]) -> Path:
    folder = copied(home)
    for file, old, new in changes:
        edit(folder, file, old, new)
    return folder


@pytest.mark.parametrize(("changes", "where", "said"), MISTAKES.values(), ids=MISTAKES)
def test_what_cannot_be_a_base_year_is_refused_at_its_place(
    tmp_path: Path, changes: tuple[Change, ...], where: str, said: str
) -> None:
    folder = changed(tmp_path, changes)
    with pytest.raises(InputError, match=rf"^town/{re.escape(where)}: ") as caught:
        fs.check_region(fs.open_region(folder))
    assert said in str(caught.value)
    ended = CliRunner().invoke(app, ["region", "check", str(folder)])
    assert ended.exit_code == 2


def test_the_advice_names_the_figure_of_the_status(tmp_path: Path) -> None:
    changes, _, _ = MISTAKES["more retirees than people of their age"]
    with pytest.raises(ClosureError, match=r"Lower retirees\.enterprise\.$") as caught:
        fs.check_region(fs.open_region(changed(tmp_path, changes)))
    assert caught.value.names == ("retirees.enterprise",)


def test_people_at_work_are_counted_in_the_region_and_not_in_the_life_table(
    tmp_path: Path,
) -> None:
    changes, _, _ = MISTAKES["more people at work than of working age"]
    with pytest.raises(ClosureError) as caught:
        fs.check_region(fs.open_region(changed(tmp_path, changes)))
    message = str(caught.value)
    # 44.27 - 0.7 x (47.62 - (51.40 - 5.18)) = 43.29 employees.
    assert "employee 432,900 + flexible 29,300 + civil_service 14,000 + resident 94,000" in message
    assert "dormant 25,000" in message
    assert "growth." not in message
    assert "migration." not in message


@pytest.mark.parametrize("name", ["enrollment.injury", "persons.employee", "social_card"])
def test_figures_by_area_that_would_not_be_met_are_refused(tmp_path: Path, name: str) -> None:
    folder = copied(tmp_path)
    if name in EXAMPLE.figures:
        edit(folder, FIGURES, row(FIGURES, f"{name},"), "")
    rows = zip(("", *EXAMPLE.codes), ("15.94", "12", "2", "1.94"), strict=True)
    with (folder / FIGURES).open("a", encoding="utf-8") as handle:
        for area, value in rows:
            handle.write(f"{name},{area},{value},万人,2022-12-31,invented,assumption,x,x,\n")
    place = rf"^town/figures\.csv:\d+:value: {re.escape(name)} is given for {EXAMPLE.codes[0]}, but"
    with pytest.raises(InputError, match=place) as caught:
        fs.check_region(fs.open_region(folder))
    assert "outcomes.csv" in str(caught.value)


def balances(home: Path, *changes: Change) -> dict[str, float]:
    region = fs.open_region(changed(home, changes))
    scenario = fs.Scenario(name="bare", title={}, region=region, horizon=region.first_year)
    found = opening_balances(resolve(scenario))
    return {fund: round(yuan / 1e8, 9) for fund, yuan in found.items()}


def test_a_published_balance_is_used_and_the_others_share_the_rest(tmp_path: Path) -> None:
    """31.60 less 5 leaves 26.60; the shares 6, 16, 6 and the rest of 69 % are parts of 97 %."""
    found = balances(tmp_path, figure("fund.balance.injury", "5", "亿元"))
    assert found == {
        "pension.enterprise": pytest.approx(26.60 * 69 / 97),
        "pension.civil": pytest.approx(26.60 * 6 / 97),
        "pension.resident": pytest.approx(26.60 * 16 / 97),
        "unemployment": pytest.approx(26.60 * 6 / 97),
        "injury": 5.0,
    }


EVERY = {"pension.enterprise": "20", "pension.civil": "2", "pension.resident": "5"} | {
    "unemployment": "3",
    "injury": "1.60",
}


@pytest.mark.parametrize(("total", "agrees"), [("31.60", True), ("31.5", False)])
def test_balances_of_every_fund_must_add_up_to_the_total(
    tmp_path: Path, total: str, agrees: bool
) -> None:
    _, last, _ = figure("x", "0", "人")
    rows = [f"fund.balance.{fund},,{one}.00" for fund, one in EVERY.items() if "." not in one]
    rows += [f"fund.balance.{fund},,{one}" for fund, one in EVERY.items() if "." in one]
    added = "\n".join([last, *(f"{one},亿元,2022-12-31,invented,assumption,x,x," for one in rows)])
    changes = ((FIGURES, last, added), more("fund.balance", "31.60", total))
    if agrees:
        expected = {fund: float(one) for fund, one in EVERY.items()}
        assert balances(tmp_path, *changes) == expected
    else:
        with pytest.raises(InputError, match=r"fund\.balance is 31\.5亿元, and the balances"):
            balances(tmp_path, *changes)


# How plausible a region is.


def verdicts(home: Path, *changes: Change) -> dict[str, tuple[float, bool]]:
    table = fs.check_region(fs.open_region(changed(home, changes))).plausibility
    rows = zip(table["item"], table["value"], table["plausible"].fillna(True), strict=True)
    return {item: (value, bool(plausible)) for item, value, plausible in rows}


def test_arrivals_of_a_larger_place_are_in_doubt(tmp_path: Path) -> None:
    many = assumed("migration.arrivals,2023", "90000")
    growth, plausible = verdicts(tmp_path, many)["residents_growth"]
    assert growth > 0.1
    assert not plausible


def test_a_balance_in_the_wrong_unit_is_in_doubt(tmp_path: Path) -> None:
    found = verdicts(tmp_path, more("fund.balance", "31.60,亿元", "31.60,万元"))
    assert found["reserve_months"] == (pytest.approx(14.7 / 1e4, rel=0.01), False)


def test_more_pensioners_than_old_people_are_in_doubt(tmp_path: Path) -> None:
    """9.64万 are 60 and over; 6.60 + 5.18 + 0.91 draw a pension, some of the last two before 60."""
    changes = (
        more("recipients.resident", "5.20", "6.60"),
        more("enrollment.pension.resident", "14.60", "16.00"),
    )
    share, plausible = verdicts(tmp_path, *changes)["old_with_pension"]
    assert share > 1.1
    assert not plausible


@pytest.mark.parametrize(("rate", "expected"), [("0.026", False), ("2.6", True), ("12", False)])
def test_a_rate_that_no_city_publishes_is_in_doubt(
    tmp_path: Path, rate: str, expected: bool
) -> None:
    change = more("registered_unemployment_rate", "2.9", rate)
    found = verdicts(tmp_path, change)["registered_unemployment"]
    assert found == (pytest.approx(float(rate) / 100), expected)


def test_contributors_of_the_resident_scheme_count_too() -> None:
    table = fs.check_region(EXAMPLE).plausibility.set_index("item")["value"]
    working = sum(
        float(one["value"])
        for one in EXAMPLE.census
        if one["census"] == "2022" and 20 <= int(one["age_group"].split("-")[0].rstrip("+")) < 60
    )
    # 17.62万 at work and 9.40万 in the resident scheme; those of 16-19 are working ages too.
    assert 0.9 * 27.02e4 / working < table["workers_contribute"] < 27.02e4 / working
    assert table["card_holders"] == pytest.approx(55e4 / 603_000)


# What is remembered cannot be changed by who asks.


def test_shared_arrays_are_read_only() -> None:
    scenario = fs.Scenario("bare", {}, EXAMPLE, EXAMPLE.first_year)
    parameters = resolve(scenario)
    divisors = parameters.tables[pension_age.DIVISORS]
    reach = pension_age.reach_by_year(parameters)[0]
    drawn = amounts._one_share(divisors, EXAMPLE.first_year, 60.0, 50.0)
    shared = [drawn, amounts._by_age(divisors.points[0][1])]
    shared += [one for who in reach.values() for one in (who.share, who.below, who.divisor)]
    for one in shared:
        assert isinstance(one, np.ndarray)
        assert not one.flags.writeable


def test_a_base_year_that_closes_is_shown_although_growth_cannot_be_projected(
    tmp_path: Path,
) -> None:
    flexible = assumed("growth.flexible,2023", "0.6")  # the most
    arrivals = assumed("migration.arrivals,2023", "0")
    folder = changed(tmp_path, (flexible, arrivals))
    checked = fs.check_region(fs.open_region(folder))
    assert not checked.plausible
    assert checked.statuses["persons"].sum() == pytest.approx(603_000)
    place = f"town/{ASSUMED}:{line_of(ASSUMED, 'growth.resident,')}:value: 202"
    assert checked.projection.startswith(place), checked.projection
    shown = CliRunner().invoke(app, ["region", "check", str(folder), "--lang", "en"])
    assert shown.exit_code == 1
    assert "growth cannot be projected: town/assumptions.csv:" in re.sub(r"\s+", " ", shown.output)


def test_an_assumption_of_the_scenario_that_is_not_concerned_has_no_error(tmp_path: Path) -> None:
    folder = changed(tmp_path, ((FIGURES, row(FIGURES, "retirees.enterprise"), ""),))
    region = fs.open_region(folder)
    own = fs.Scenario("own", {}, region, region.horizon, {"base.account_ratio": 0.3})
    with pytest.raises(ClosureError, match=rf"^town/{FIGURES}: ") as caught:
        fs.run(own)
    assert "Give 1 of: retirees.enterprise" in str(caught.value)
