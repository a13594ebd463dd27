"""Plan figures: by hand from published figures, exact sums, errors with positions, and tracking."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.quota_keys import area_key, combined, key_weights
from fsinsure.analysis.quotas import divided, path_to, seasonal
from fsinsure.cli import app
from fsinsure.output.figures.sheet import Picture
from fsinsure.region.area_limits import read_limits
from fsinsure.statuses import STATUS
from many_areas import with_areas

AREAS = ["chancheng", "nanhai", "shunde", "gaoming", "sanshui"]
REGISTERED = [736_000, 1_700_400, 1_589_100, 336_700, 479_100]  # published, end of 2021
START, AIM = 3_926_300, 4_700_000  # the plan: end of 2020, and the target of 2025
MEASURES = ["pension.enterprise", "unemployment", "injury"]


@pytest.fixture(scope="module")
def result() -> fs.Result:
    return fs.run("baseline")


@pytest.fixture(scope="module")
def plan(result: fs.Result) -> pd.DataFrame:
    return fs.quotas(result).table


def areas_of(table: pd.DataFrame, measure: str, year: int) -> pd.DataFrame:
    rows = table[(table["measure"] == measure) & (table["year"] == year)]
    return rows[rows["level"] == "area"].set_index("area")


def csv_file(folder: Path, name: str, *lines: str) -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_the_task_by_registered_population_by_hand(result: fs.Result) -> None:
    table = fs.quotas(result, "registered", measures=["pension.enterprise"]).table
    growth = (AIM / START) ** (1 / 5)
    levels = [round(START * growth**step) for step in range(6)]
    assert levels[5] == AIM
    for step in range(5):
        task = levels[step + 1] - levels[step]
        exact = [Fraction(task * people, sum(REGISTERED)) for people in REGISTERED]
        shares = [math.floor(part) for part in exact]
        order = sorted(range(5), key=lambda at: shares[at] - exact[at])
        for at in order[: task - sum(shares)]:
            shares[at] += 1
        rows = areas_of(table, "pension.enterprise", 2021 + step)
        assert rows.loc[AREAS, "increment"].tolist() == shares
        assert rows.loc[AREAS, "weight"].to_numpy() == pytest.approx(
            np.array(REGISTERED) / sum(REGISTERED)
        )


def test_the_path_between_two_targets() -> None:
    assert path_to(100, 2020, [(2022, 121), (2024, 484)], 2024).tolist() == [
        100, 110, 121, 242, 484,
    ]  # fmt: skip
    assert path_to(0, 2020, [(2024, 8)], 2023).tolist() == [0, 2, 4, 6]


def test_figures_add_up_and_continue(plan: pd.DataFrame) -> None:
    assert plan["measure"].unique().tolist() == MEASURES
    assert plan["year"].unique().tolist() == [2021, 2022, 2023, 2024, 2025]
    total = plan[plan["level"] == "total"].set_index(["measure", "year"])
    columns = ["opening", "increment", "persons"]
    sums = plan[plan["level"] == "area"].groupby(["measure", "year"])[columns].sum()
    assert sums.loc[total.index].equals(total[columns])
    assert (plan["opening"] + plan["increment"] == plan["persons"]).all()
    for _, rows in plan.groupby(["area", "measure"]):
        assert rows["opening"].tolist()[1:] == rows["persons"].tolist()[:-1]
    assert total.loc[("pension.enterprise", 2021), "opening"] == START
    assert total.loc[("pension.enterprise", 2025), "persons"] == AIM
    assert {str(plan[name].dtype) for name in columns} == {"int64"}


def test_months_add_up_to_years(result: fs.Result, plan: pd.DataFrame) -> None:
    profile = [0, 0, 3, 2, 1, 1, 1, 1, 1, 1, 1, 0.5]
    months = fs.quotas(result, profile=profile).monthly
    index = ["area", "measure", "year"]
    years = plan.set_index(index)
    added = months.groupby(index)["increment"].sum().loc[years.index]
    assert added.equals(years["increment"].rename("increment"))
    december = months[months["month"] == 12].set_index(index)["persons"].loc[years.index]
    assert december.equals(years["persons"])
    areas = months[months["level"] == "area"].groupby(["measure", "year", "month"])
    total = months[months["level"] == "total"].set_index(["measure", "year", "month"])
    assert areas["persons"].sum().loc[total.index].equals(total["persons"])
    of_march = months[(months["month"] == 3) & (months["level"] == "area")].set_index(index)
    share = 3 / sum(profile)
    exact = years["increment"].loc[of_march.index] * share
    assert (of_march["increment"] - exact).abs().max() <= 0.5


def test_keys_are_of_the_end_of_the_year_before(result: fs.Result) -> None:
    enrollment = result.enrollment.query("year == 2022 and level == 'area'")
    stocks = result.stocks.query("year == 2022 and level == 'area'")
    at_work = stocks[stocks["status"].isin(["employee", "flexible", "civil_service"])]
    persons = result.projection.persons[2][
        [STATUS["not_insured"], STATUS["dormant"]], ..., 16:60
    ].sum(axis=(0, 2, 3))
    expected = {
        "enrollment": enrollment[enrollment["measure"] == "unemployment"].set_index("area")[
            "persons"
        ],
        "employment": at_work.groupby("area")["persons"].sum(),
        "uncovered": pd.Series(persons, index=AREAS),  # unemployment insurance counts none of them
    }
    for name, people in expected.items():
        key = area_key(name, result.projection, "unemployment", 2022)
        assert key == pytest.approx(people.loc[AREAS].to_numpy()), name
        weight = areas_of(fs.quotas(result, name).table, "unemployment", 2023)["weight"]
        assert weight.loc[AREAS].to_numpy() == pytest.approx(key / key.sum())


def test_keys_are_combined_by_their_parts() -> None:
    keys = {"enrollment": np.array([30.0, 70.0]), "uncovered": np.array([9.0, 1.0])}
    weights = key_weights({"uncovered": 3, "enrollment": 1})
    assert combined(keys, weights) == pytest.approx([0.25 * 0.3 + 0.75 * 0.9, 0.25 * 0.7 + 0.075])


def test_the_projection_itself_may_be_divided(result: fs.Result) -> None:
    table = fs.quotas(result, task="projection", measures=["pension.resident"]).table
    total = table[table["level"] == "total"].set_index("year")["persons"]
    projected = result.enrollment.query("level == 'total' and measure == 'pension.resident'")
    for year, persons in projected.set_index("year")["persons"].loc[2021:].items():
        assert total[year] == round(persons)


def test_an_observed_scenario_divides_what_is_left() -> None:
    table = fs.quotas(fs.run("observed")).table
    pension = table.query("measure == 'pension.enterprise' and level == 'total'")
    assert pension["year"].min() == 2024
    assert pension["persons"].tolist()[-1] == AIM


def test_what_one_cannot_take_others_take(result: fs.Result, tmp_path: Path) -> None:
    table = csv_file(
        tmp_path,
        "areas.csv",
        "area,measure,year,least,most",
        "chancheng,pension.enterprise,2021,,10000",
        "gaoming,pension.enterprise,,9000,",
    )
    with_bounds = fs.quotas(result, "registered", areas=table).table
    rows = areas_of(with_bounds, "pension.enterprise", 2021)
    assert rows.loc["chancheng", "increment"] == rows.loc["chancheng", "most"] == 10_000
    others = ["nanhai", "shunde", "sanshui", "gaoming"]
    people = dict(zip(AREAS, REGISTERED, strict=True))
    task = int(rows["increment"].sum())
    rest = (task - 10_000) / sum(people[area] for area in others)
    for area in others:
        assert abs(rows.loc[area, "increment"] - people[area] * rest) < 1
    assert areas_of(with_bounds, "unemployment", 2021)["most"].isna().all()


@given(st.lists(st.integers(0, 10**6), min_size=5, max_size=5).filter(any))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_capacity_adds_up(result: fs.Result, capacity: list[int]) -> None:
    given_by_user = pd.DataFrame({"area": AREAS, "capacity": capacity})
    table = fs.quotas(result, "capacity", areas=given_by_user, measures=["injury"]).table
    total = table[table["level"] == "total"].set_index("year")["persons"]
    sums = table[table["level"] == "area"].groupby("year")["persons"].sum()
    assert sums.equals(total)
    zero = [area for area, one in zip(AREAS, capacity, strict=True) if not one]
    assert not table[table["area"].isin(zero)]["increment"].any()


def test_no_area_loses_more_people_than_it_has() -> None:
    """30 by 1 : 1 : 1 is 10 each; the first has 4, so the others lose 13 each."""
    region, opening = fs.regions()["example"], np.array([4, 50, 50])
    found, *_ = divided(("injury", 2024), -30, opening, np.ones(3), {}, region)
    assert found.tolist() == [-4, -13, -13]
    limits = read_limits(pd.DataFrame({"area": ["north"], "most": [-5]}), region)
    with pytest.raises(fs.DataError, match=r"areas:2:most: injury 2024: north has 4 people"):
        divided(
            ("injury", 2024),
            -30,
            opening,
            np.ones(3),
            limits.of("injury", 2024, region),
            region,
        )


def test_a_hundred_areas_add_up() -> None:
    scenario = fs.load("baseline").with_({"horizon": 2022})
    scenario = replace(scenario, region=with_areas(100).as_of(scenario.as_of))
    found = fs.quotas(fs.run(scenario))
    sums = found.table.query("level == 'area'").groupby(["measure", "year"])["persons"].sum()
    total = found.table.query("level == 'total'").set_index(["measure", "year"])["persons"]
    assert sums.loc[total.index].equals(total)
    found.plot("en")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["area", "nowhere"], r"areas\.csv:2:area: 'nowhere' is not one of chancheng"),
        (["area,least,most", "nanhai,9,8"], r"areas\.csv:2:least: 9 is more than the most, 8"),
        (["area,least", "nanhai,1.5"], r"areas\.csv:2:least: 1\.5 is not a whole number"),
        (["area,year,most", "nanhai,2019,1"], r"areas\.csv:2:year: 2019 is not between"),
        (["area,measure", "nanhai,pension"], r"areas\.csv:2:measure: 'pension' is not one of"),
        (["area,year,most", "nanhai,2030,1"], r"areas\.csv:2:year: there is no plan figure of any"),
        (["area,measure", "nanhai,pension.civil"], r"areas\.csv:2:measure: there is no plan fig"),
        (["area,ceiling", "nanhai,1"], r"areas\.csv:1:ceiling: unknown column"),
        (
            ["area,year,most", "nanhai,,5", "nanhai,2022,5"],
            r"areas\.csv:3:area: nanhai has pension\.enterprise 2022 in row 2 too",
        ),
        (
            ["area,measure,least", "nanhai,injury,50000", "shunde,injury,20000"],
            r"areas\.csv:2:least: injury 2021: the least of all areas together is 70,000, more",
        ),
        (
            ["area,measure,most", *(f"{area},injury,10" for area in AREAS)],
            r"areas\.csv:\d:most: injury 2021: the most of all areas together is 50, less than",
        ),
    ],
)
def test_tables_of_areas_that_cannot_be_used(
    result: fs.Result, tmp_path: Path, rows: list[str], message: str
) -> None:
    table = csv_file(tmp_path, "areas.csv", *rows)
    with pytest.raises(fs.DataError, match=message):
        fs.quotas(result, areas=table)


def test_what_cannot_be_divided(result: fs.Result) -> None:
    with pytest.raises(fs.InputError, match=r"no key 'employ'\. Did you mean 'employment'"):
        fs.quotas(result, "employ")
    with pytest.raises(fs.InputError, match="weight of enrollment must be a number of 0 or more"):
        fs.quotas(result, {"enrollment": -1})
    with pytest.raises(fs.InputError, match="a key needs a weight above 0"):
        fs.quotas(result, {"enrollment": 0})
    with pytest.raises(fs.InputError, match="the key capacity of pension"):
        fs.quotas(result, "capacity")
    with pytest.raises(fs.InputError, match="the key capacity is 0 in every area"):
        fs.quotas(result, "capacity", areas=pd.DataFrame({"area": AREAS, "capacity": 0}))
    with pytest.raises(fs.InputError, match=r"pension\.resident has no target after 2020"):
        fs.quotas(result, measures=["pension.resident"])
    with pytest.raises(fs.InputError, match="task must be 'target' or 'projection'"):
        fs.quotas(result, task="targets")
    with pytest.raises(fs.InputError, match="12 numbers, January first, not 2"):
        fs.quotas(result, profile=[1, 2])
    with pytest.raises(fs.InputError, match="sum above 0"):
        seasonal([0] * 12)
    with pytest.raises(fs.InputError, match=r"fs\.quotas"):
        fs.quotas("baseline")  # type: ignore[arg-type]
    with pytest.raises(
        fs.InputError, match=r"add rows population\.registered\.\d{4} to its figures.csv"
    ):
        fs.quotas(fs.run("example"), "registered")
    only = pd.DataFrame({"area": AREAS, "capacity": [1, 0, 0, 0, 0], "most": [20_000, *[None] * 4]})
    with pytest.raises(fs.InputError, match="areas with a weight can take 0 to 20,000 persons"):
        fs.quotas(result, "capacity", areas=only, measures=["pension.enterprise"])


def actuals(*rows: tuple[str, str, str, object, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["measure", "area", "date", "value", "unit"])


def test_tracking_by_hand(result: fs.Result) -> None:
    found = fs.quotas(result, measures=["pension.enterprise"])
    year = found.table.query("level == 'total' and year == 2021").iloc[0]
    task = round(START * (AIM / START) ** 0.2) - START
    assert year["increment"] == task
    rows = found.track(actuals(("pension.enterprise", "", "2021-03", 3_950_000, "人")))
    row = rows.iloc[0]
    planned = START + round(task / 4)
    assert (row["level"], row["area"], row["month"]) == ("total", "foshan", 3)
    assert (row["planned"], row["gap"]) == (planned, 3_950_000 - planned)
    assert not row["on_track"]
    assert row["added"] == 3_950_000 - START
    assert row["done"] == pytest.approx((3_950_000 - START) / task)
    assert row["rate_to_date"] == pytest.approx((3_950_000 - START) / 3)
    assert row["rate_needed"] == pytest.approx((START + task - 3_950_000) / 9)
    assert row["months_left"] == 9


def test_a_figure_is_on_track_within_its_rounding(result: fs.Result) -> None:
    found = fs.quotas(result, measures=["pension.enterprise"])
    plan_of_june = found.monthly.query("level == 'total' and year == 2021 and month == 6")
    planned = int(plan_of_june["persons"].iloc[0])
    rounded = f"{planned / 1e4:.2f}"  # as published, to 100 persons
    table = actuals(
        ("pension.enterprise", "", "2021-06-30", rounded, "万人"),
        ("pension.enterprise", "nanhai", "2021-06", 1_000_000, "人"),
    )
    assert found.track(table)["on_track"].tolist() == [False, True]
    december = found.track(actuals(("pension.enterprise", "", "2021", planned, "人")))
    assert np.isnan(december["rate_needed"].iloc[0])


def test_all_areas_give_the_region(result: fs.Result) -> None:
    rows = [("injury", area, "2022-06", 400_000, "人") for area in AREAS]
    tracked = fs.quotas(result).track(actuals(*rows))
    assert tracked["area"].tolist() == [*AREAS, "foshan"]
    assert tracked["actual"].iloc[-1] == 2_000_000
    assert len(fs.quotas(result).track(actuals(*rows[1:]))) == 4


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("pension.resident,,2021-06,50,万人", r"actuals\.csv:2:measure: pension\.resident is ano"),
        ("unemployment.income,,2021,5,亿元", r"actuals\.csv:2:measure: unemployment\.income is mo"),
        ("injury,nowhere,2021-06,50,万人", r"actuals\.csv:2:area: 'nowhere' is not one of"),
        ("injury,,2019-06,340,万人", r"actuals\.csv:2:date: 2019-06 is not in a year with plan"),
        ("injury,,2021-06-15,340,万人", r"actuals\.csv:2:date: 2021-06-15 is not the end of a m"),
        ("injury,gaoming,2021-06,15,人", r"actuals\.csv:2:value: 15人 is .* check the unit"),
        ("injury,,2021-13,340,万人", r"actuals\.csv:2:date: '2021-13' is not a day"),
    ],
)
def test_actual_figures_that_cannot_be_used(
    result: fs.Result, tmp_path: Path, row: str, message: str
) -> None:
    table = csv_file(tmp_path, "actuals.csv", "measure,area,date,value,unit", row)
    with pytest.raises(fs.DataError, match=message):
        fs.quotas(result).track(table)


def test_the_command_writes_tables_and_a_picture(tmp_path: Path) -> None:
    table = csv_file(
        tmp_path, "a.csv", "measure,area,date,value,unit", "injury,nanhai,2021-06,132.7,万人"
    )
    arguments = ["quotas", "baseline", "--by", "enrollment=0.5,uncovered=0.5", "--lang", "en"]
    out = tmp_path / "out"
    ran = CliRunner().invoke(app, [*arguments, "--actuals", str(table), "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "present enrollment 50% + uncovered people 50%" in ran.output
    assert "on track" in ran.output
    meta = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert meta["quotas"]["by"] == {"enrollment": 0.5, "uncovered": 0.5}
    assert meta["quotas"]["actuals"]["file"] == "a.csv"
    written = pd.read_csv(out / "quotas.csv")
    total = written[written["level"] == "total"]
    assert total.query("measure == 'pension.enterprise' and year == 2025")["persons"].item() == AIM
    assert {file.name for file in out.iterdir()} >= {
        "quotas.csv", "quotas_monthly.csv", "quotas_tracking.csv", "quotas.png",
        "quotas_tracking.png",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--by", "enrollment=much"], "--by: 'much' is not a number"),
        (["--by", "enrollment,enrollment"], "--by: enrollment is there twice"),
        (["--profile", "1,2,x"], "--profile: 'x' is not a number"),
        (["--measure", "pension"], "there is no measure 'pension'"),
        (["--areas", "none.csv"], "none.csv: cannot be read"),
    ],
)
def test_the_command_refuses_with_2(options: list[str], message: str) -> None:
    ran = CliRunner().invoke(app, ["quotas", *options])
    assert ran.exit_code == 2
    assert message in ran.output


def texts_of(picture: Picture) -> list[str]:
    return [text.get_text() for text in picture.findobj(Text)]


@pytest.mark.parametrize(("lang", "total"), [("zh", "77.37 万人"), ("en", "774,000")])
def test_the_picture_in_both_languages(result: fs.Result, lang: str, total: str) -> None:
    """4,700,000 - 3,926,300 = 773,700."""
    assert any(total in text for text in texts_of(fs.quotas(result).plot(lang)))


@pytest.mark.parametrize(("lang", "title"), [("zh", "2 项中 1 项"), ("en", "1 of 2 figures")])
def test_the_picture_of_tracking_has_the_last_figures(
    result: fs.Result, lang: str, title: str
) -> None:
    table = actuals(
        ("injury", "", "2021-03", 3_900_000, "人"),
        ("injury", "", "2021-06", 3_360_000, "人"),  # 54,240 in the year: behind in June
        ("injury", "nanhai", "2021-12", 1_400_000, "人"),
    )
    texts = texts_of(fs.quotas(result).plot_tracking(table, lang))
    assert any(title in text for text in texts)
    assert not any("2021-03" in text for text in texts)
    assert any("+9,023" in text for text in texts)  # (3,359,900 + 54,240 - 3,360,000) / 6


def test_a_year_without_a_task_has_no_part_done(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path,
        "flat.yaml",
        "extends: baseline",
        "name: flat",
        "horizon: 2021",
        "targets:",
        "  - {measure: injury, year: 2021, value: 335.99万}",
    )
    plan = fs.quotas(fs.run(file), measures=["injury"])
    assert not plan.table["increment"].any()
    table = actuals(("injury", "", "2021-06", 3_360_000, "人"))
    assert np.isnan(plan.track(table)["done"]).all()
    plan.plot_tracking(table, "en")
    plan.plot("en")
