"""The backtest: naive rules by independent code, errors by hand, and which figures may judge."""

from __future__ import annotations

import csv
import itertools
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import fsinsure as fs
from fsinsure.analysis.backtest import Series, forecasts
from fsinsure.analysis.backtest import table as backtest_table
from fsinsure.analysis.methods import RULES, best_rule
from fsinsure.analysis.relief_record import relief_record
from fsinsure.backtests import Backtest
from fsinsure.cli import app
from fsinsure.errors import ObservedWarning, Position
from fsinsure.numeric import naive
from fsinsure.output.terminal.backtest import NOTES, note
from fsinsure.output.terminal.backtest import relief as relief_text
from fsinsure.parameters import resolve
from fsinsure.region.analogues import Analogue
from fsinsure.sources import Outcome
from fsinsure.tables import published as published_table
from region_files import copied

UNEMPLOYMENT = {  # China City Statistical Yearbook
    2011: 1811886, 2012: 1940515, 2013: 2088290, 2014: 2201481, 2015: 2223240,
    2016: 2298121, 2017: 2448370, 2018: 2639945, 2019: 2832250, 2020: 3063907,
    2021: 3236854, 2022: 3260141, 2023: 3295414,
}  # fmt: skip
PENSION = {2020: 3926300 + 179600, 2021: 4355000, 2022: 4556105, 2023: 4616988}
NATION = {2019: 205426638, 2020: 216890000}


@pytest.fixture(scope="module")
def region() -> Backtest:
    return fs.backtest(fs.load("baseline"))


@pytest.fixture(scope="module")
def nation() -> Backtest:
    return fs.backtest(fs.load("china"))


def mape(forecasts: list[float], published: list[float]) -> float:
    return sum(abs(f / p - 1) for f, p in zip(forecasts, published, strict=True)) / len(published)


def damped(values: list[float], steps: int) -> list[float]:
    """The damped trend written out: the constants by errors of mean growth one to five years on."""
    logs = [math.log(value) for value in values]
    best: tuple[float, list[float]] = (math.inf, [])
    for alpha, relative, phi in itertools.product(
        [n / 5 for n in range(6)], [n / 5 for n in range(6)], [n / 50 for n in range(40, 50)]
    ):
        constants = (alpha, alpha * relative, phi)
        off = [
            (logs[origin + step - 1] - ahead) / step
            for origin in range(5, len(logs))
            for step, ahead in enumerate(smoothed(logs[:origin], 5, *constants), start=1)
            if origin + step <= len(logs)
        ]
        mean = sum(each**2 for each in off) / len(off)
        if mean < best[0] - 1e-15:
            best = (mean, smoothed(logs, steps, *constants))
    return [math.exp(each) for each in best[1]]


def smoothed(logs: list[float], steps: int, a: float, b: float, phi: float) -> list[float]:
    """Forecast with given constants; level and trend at the start by least squares."""

    def follow(level: float, trend: float, figures: list[float]) -> tuple[list[float], list[float]]:
        off = []
        for one in figures:
            expected = level + phi * trend
            off.append(one - expected)
            level, trend = expected + a * off[-1], phi * trend + b * off[-1]
        reach = [sum(phi**k for k in range(1, step + 1)) for step in range(1, steps + 1)]
        return off, [level + each * trend for each in reach]

    # Errors and forecasts are linear in the start: follow the series without one, and each alone.
    none = [0.0] * len(logs)
    (fixed, plain), (first, by_level), (second, by_trend) = (
        follow(0.0, 0.0, logs),
        follow(1.0, 0.0, none),
        follow(0.0, 1.0, none),
    )
    (level, trend), *_ = np.linalg.lstsq(
        np.transpose([first, second]), -np.array(fixed), rcond=None
    )
    return [
        one + level * two + trend * three
        for one, two, three in zip(plain, by_level, by_trend, strict=True)
    ]


def errors(tested: Backtest, measure: str) -> dict[str, float]:
    rows = tested.errors[tested.errors["measure"] == measure]
    return dict(zip(rows["method"], rows["mape"], strict=True))


def test_naive_rules_of_a_city_by_hand(region: Backtest) -> None:
    later = [UNEMPLOYMENT[year] for year in (2021, 2022, 2023)]
    start, growth = UNEMPLOYMENT[2020], UNEMPLOYMENT[2020] / UNEMPLOYMENT[2019]
    of_nation = NATION[2020] / NATION[2019]
    found = errors(region, "unemployment")
    assert found["no_change"] == pytest.approx(mape([start] * 3, later), abs=1e-9)
    assert found["no_change"] == pytest.approx(0.061, abs=0.0005)  # as the issue has it
    assert found["last_growth"] == pytest.approx(
        mape([start * growth**n for n in (1, 2, 3)], later), abs=1e-9
    )
    assert found["nation"] == pytest.approx(
        mape([start * of_nation**n for n in (1, 2, 3)], later), abs=1e-7
    )
    history = [float(UNEMPLOYMENT[year]) for year in range(2011, 2021)]
    assert found["damped_trend"] == pytest.approx(mape(damped(history, 3), later), abs=1e-9)
    pensions = errors(region, "pension.urban_employee")
    later = [PENSION[year] for year in (2021, 2022, 2023)]
    assert pensions["no_change"] == pytest.approx(mape([PENSION[2020]] * 3, later), abs=1e-9)
    assert pensions["no_change"] == pytest.approx(0.089, abs=0.0005)
    # One figure of this scope before 2021: no growth can be taken, least of all across scopes.
    assert math.isnan(pensions["last_growth"])
    assert math.isnan(pensions["damped_trend"])


def test_the_projection_is_compared_with_what_a_run_gives(region: Backtest) -> None:
    result = fs.run(fs.load("baseline"))
    enrolled = result.enrollment[result.enrollment["level"] == "total"]
    for measure, published in (("unemployment", UNEMPLOYMENT), ("pension.urban_employee", PENSION)):
        path = enrolled[enrolled["measure"] == measure].set_index("year")["persons"]
        years = [2021, 2022, 2023]
        expected = mape([path[year] for year in years], [published[year] for year in years])
        assert errors(region, measure)["projection"] == pytest.approx(expected, rel=1e-9)


def test_income_and_outgo_are_those_of_the_funds_of_a_scheme(nation: Backtest) -> None:
    ledger = fs.run(fs.load("china")).ledger
    funds = ledger[(ledger["level"] == "total") & (ledger["year"] == 2022)]
    pension = funds[funds["fund"].isin(["pension.enterprise", "pension.civil"])]
    for kind, published in (("income", 6312.23e9), ("outgo", 5903.03e9)):
        yuan = pension.loc[pension["kind"] == kind, "yuan"].sum()
        rows = nation.table[nation.table["measure"] == f"pension.urban_employee.{kind}"]
        row = rows[(rows["year"] == 2022) & (rows["method"] == "projection")].iloc[0]
        assert row["forecast"] == pytest.approx(yuan, rel=1e-12)
        assert row["published"] == pytest.approx(published, rel=1e-12)
        assert row["error"] == pytest.approx(yuan / published - 1, abs=1e-12)


def test_a_figure_that_set_a_parameter_judges_nothing(nation: Backtest) -> None:
    rows = nation.table[nation.table["measure"] == "pension.urban_employee.income"]
    first = rows[rows["year"] == 2021]
    assert not first["judged"].any()
    assert set(first["note"]) == {"used to set wage.mean pension.subsidy civil.subsidy"}
    for measure in ("unemployment.income", "injury.income"):  # contributions on the same wage
        small = nation.table[nation.table["measure"] == measure]
        assert set(small.loc[small["year"] == 2021, "note"]) == {"used to set wage.mean"}
        assert small.loc[small["year"] == 2022, "judged"].all()
    own = rows[(rows["method"] == "projection") & rows["year"].isin([2022, 2023])]
    assert errors(nation, "pension.urban_employee.income")["projection"] == pytest.approx(
        own["error"].abs().mean()
    )


def test_missing_figures_are_said_to_be_missing(region: Backtest) -> None:
    rows = region.errors[region.errors["measure"] == "injury"]
    assert set(rows["missing"]) == {"2021 2022 2023 2024 2025"}
    assert set(rows["years"]) == {0}
    assert rows["mape"].isna().all()
    notes = region.table[region.table["measure"] == "injury"]["note"]
    assert set(notes) == {"not published"}


def test_rolling_origins_by_hand(region: Backtest) -> None:
    found = region.rolling.set_index(["measure", "method", "step"]).loc["unemployment"]
    for step in (1, 2, 3):
        origins = [year for year in range(2012, 2020) if year + step <= 2020]
        flat = [UNEMPLOYMENT[year] for year in origins]
        grown = [
            UNEMPLOYMENT[year] * (UNEMPLOYMENT[year] / UNEMPLOYMENT[year - 1]) ** step
            for year in origins
        ]
        later = [UNEMPLOYMENT[year + step] for year in origins]
        assert found.loc[("no_change", step), "origins"] == len(origins)
        assert found.loc[("no_change", step), "mape"] == pytest.approx(mape(flat, later), abs=1e-12)
        assert found.loc[("last_growth", step), "mape"] == pytest.approx(
            mape(grown, later), abs=1e-12
        )
    origins = list(range(2017, 2020))  # seven figures: two after the first five
    ahead = [damped([UNEMPLOYMENT[y] for y in range(2011, year + 1)], 1)[0] for year in origins]
    assert found.loc[("damped_trend", 1), "origins"] == len(origins)
    assert found.loc[("damped_trend", 1), "mape"] == pytest.approx(
        mape(ahead, [UNEMPLOYMENT[year + 1] for year in origins]), abs=1e-9
    )


def test_the_damped_trend_forgets_noise_and_keeps_a_trend() -> None:
    steady = 100.0 * 1.05 ** np.arange(10)
    ahead = naive.damped_trend(steady, 3)
    # The least damping that is tried, 0.98, loses little of 5 % a year within three years.
    np.testing.assert_allclose(ahead, steady[-1] * 1.05 ** np.arange(1, 4), rtol=0.01)
    noise = np.random.default_rng(1).normal(0.0, 0.05, 40)
    flat = 100.0 * np.exp(noise)
    assert abs(naive.damped_trend(flat, 3)[2] / 100.0 - 1.0) < 0.05


def figure(year: int, value: str, known: str = "", fitted: tuple[str, ...] = ()) -> Outcome:
    where = Position("outcomes.csv", year, "value")
    return Outcome(
        "x", "", f"{year}-12-31", Decimal(value), "人", "", "x", "official", "", where,
        "injury", known, fitted,
    )  # fmt: skip


def series(as_of: str = "", met: frozenset[int] = frozenset()) -> Series:
    figures = {
        2017: figure(2017, "100"),
        2018: figure(2018, "110", known="2021-06-30"),
        2019: figure(2019, "121"),
        2020: figure(2020, "130"),
        2021: figure(2021, "140"),
        2022: figure(2022, "150", fitted=("growth.employee",)),
        2023: figure(2023, "160"),
    }
    projected = {year: 121.0 + year - 2019 for year in range(2019, 2024)}
    return Series("injury", 2019, projected, figures, {}, as_of, met)


def judged(one: Series) -> set[int]:
    table = backtest_table([one], 2023, "x")
    return set(table.loc[table["judged"], "year"])


def test_figures_that_a_scenario_knows_do_not_judge_it() -> None:
    assert judged(series()) == {2020, 2021, 2023}
    # The figure of 2020 is known at the end of 2021, where nothing else is stated.
    assert judged(series(as_of="2021-12-31")) == {2021, 2023}
    assert judged(series(met=frozenset({2020, 2021}))) == {2023}


def test_figures_that_set_a_parameter_of_the_scenario_do_not_judge_it() -> None:
    scenario = fs.load("as-implemented")
    assert scenario.fitted == {"residents": "migration.arrivals"}
    table = fs.backtest(scenario).table
    residents = table[(table["measure"] == "residents") & table["published"].notna()]
    assert set(residents["year"]) == {2021, 2023, 2025}
    assert not residents["judged"].any()
    assert set(residents["note"]) == {"used to set migration.arrivals"}
    assert table.loc[table["measure"] == "unemployment", "judged"].any()
    errors = fs.backtest(scenario).errors.set_index(["measure", "method"])
    assert errors.loc[("residents", "projection"), "years"] == 0
    # With arrivals of its own nothing is fitted any more.
    other = scenario.with_({"migration.arrivals": 100_000})
    assert not other.fitted
    table = fs.backtest(other).table
    assert table.loc[table["measure"] == "residents", "judged"].sum() > 0
    assert scenario.with_({"growth.employee": "1%"}).fitted == scenario.fitted
    assert other.with_({"fitted": {"unemployment": "growth.employee"}}).fitted == {
        "unemployment": "growth.employee"
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("fitted: {residents: migration.arivals}", "Did you mean 'migration.arrivals'"),
        ("fitted: {residents: 3}", "expected a parameter, such as growth.employee, got 3"),
        ("fitted: {resident: migration.arrivals}", "fitted.resident: unknown key"),
        ("fitted: migration.arrivals", "expected the keys"),
    ],
)
def test_what_is_fitted_names_a_measure_and_a_parameter(
    tmp_path: Path, line: str, message: str
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(f"name: own\n{line}\n", encoding="utf-8")
    with pytest.raises(fs.ScenarioError, match=r"own\.yaml:2") as caught:
        fs.load(path)
    assert message in str(caught.value)


def test_naive_rules_know_no_more_than_the_scenario() -> None:
    everything = forecasts(series(), 2020)
    assert everything["last_growth"][2020] == pytest.approx(121 * 121 / 110)
    # At the end of 2020 the figure of 2018 was not known: no growth can be taken.
    early = forecasts(series(as_of="2020-12-31"), 2020)
    assert math.isnan(early["last_growth"][2020])
    assert early["no_change"][2020] == 121  # the base year is known to everybody


def test_the_nation_and_comparable_places_are_no_better_known_than_the_scenario_knows() -> None:
    nation = {
        2018: figure(2018, "1000"),
        2019: figure(2019, "1100", known="2021-06-30"),
    }
    places = (
        Analogue("injury", "towns", 5, 2018, 0.02, 0.0, 0.02, 0.02, "2019-12-31"),
        Analogue("injury", "towns", 5, 2019, 0.08, 0.0, 0.08, 0.08, "2021-06-30"),
    )
    whole = replace(series(), nation=nation, places=places)
    every = forecasts(whole, 2021)
    assert every["nation"][2021] == pytest.approx(121 * 1.1**2)
    assert every["places"][2021] == pytest.approx(121 * 1.05**2)
    early = forecasts(replace(whole, as_of="2020-12-31"), 2021)
    assert math.isnan(early["nation"][2021])
    assert early["places"][2021] == pytest.approx(121 * 1.02**2)
    later = forecasts(replace(whole, as_of="2021-06-30"), 2021)
    assert later["nation"][2021] == pytest.approx(121 * 1.1**2)
    assert later["places"][2021] == pytest.approx(121 * 1.05**2)


def notes(one: Series) -> dict[str, str]:
    rows = backtest_table([one], one.base_year + 1, "x")
    return dict(zip(rows["method"], rows["note"], strict=True))


def test_a_rule_without_a_forecast_says_what_it_lacks(nation: Backtest) -> None:
    lacking = {
        "damped_trend": "too few figures before the base year",
        "nation": "no growth of a nation",
        "places": "no growth of comparable places",
    }
    known = {"projection": "", "no_change": "", "last_growth": ""}
    assert notes(series()) == known | lacking
    figures = {2020: figure(2020, "130")}
    blind = Series("injury", 2019, {2020: 131.0}, figures, {})
    assert notes(blind) == {"projection": "", **dict.fromkeys(RULES, "no figure of the base year")}
    rows = nation.table[(nation.table["measure"] == "unemployment") & nation.table["judged"]]
    for method in ("nation", "places"):
        assert set(rows.loc[rows["method"] == method, "note"]) == {lacking[method]}
    # Every note has words in both languages.
    for words in {*NOTES, "used to set wage.mean"}:
        assert note(words, "en") and note(words, "zh") != note(words, "en")
    assert {*lacking.values(), "no figure of the base year"} < {*NOTES}


def test_a_long_series_without_a_start_above_0_has_no_trend() -> None:
    before = {year: figure(year, str(year - 1900)) for year in range(2010, 2019)}
    later = {2020: figure(2020, "130")}
    for start in ({}, {2019: 0.0}):
        one = Series("injury", 2019, {**start, 2020: 131.0}, before | later, {})
        assert math.isnan(forecasts(one, 2020)["damped_trend"][2020])


def test_the_best_rule_is_the_nearest_of_those_with_an_error() -> None:
    sizes = {"projection": 0.01, "no_change": 0.05, "last_growth": math.nan, "places": 0.05}
    assert best_rule(sizes) == "no_change"
    assert best_rule(sizes | {"nation": 0.0}) == "nation"
    assert best_rule({"projection": 0.01}) == ""


def relieved(changes: dict[str, str], kept: Callable[[Outcome], bool]) -> pd.DataFrame:
    """The record of relief of the nation with other figures, and some outcomes."""
    found = resolve(fs.load("china"))
    region = found.region
    figures = {
        name: replace(one, value=Decimal(changes[name])) if name in changes else one
        for name, one in region.figures.items()
    }
    scenario = replace(found.scenario, region=replace(region, figures=figures))
    outcomes = [one for one in region.outcomes if kept(one)]
    record = relief_record(replace(found, scenario=scenario), outcomes, "china")
    return record.set_index("measure")


def test_relief_that_treats_firms_alike_implies_no_share() -> None:
    alike = {"relief.2020_large_share": "100", "relief.2020_large_months": "11"}
    row = relieved(alike, lambda one: True).loc["unemployment.income"]
    assert row["if_all_small"] == row["if_all_large"] == pytest.approx(row["by_rule"])
    assert math.isnan(row["small_share_implied"])
    tables = {"relief": row.to_frame().T.assign(measure="unemployment.income")}
    assert "60% / –" in relief_text(tables["relief"], "en")


def test_without_published_outgo_the_balance_is_taken_to_stand_still() -> None:
    row = relieved({}, lambda one: not one.measure.endswith(".outgo")).loc["unemployment.income"]
    interest = 0.025 * 3353 / (1 + 0.025 / 2)  # 亿元; the balance is that of the base date
    due = (1272.5764 - interest) / 2
    assert row["if_all_small"] == pytest.approx(-due * 11 / 12 / 1272.5764)


def test_the_relief_of_2020_by_hand(nation: Backtest, region: Backtest) -> None:
    found = nation.relief.set_index("measure")
    row = found.loc["unemployment.income"]
    assert row["change"] == pytest.approx(963.4 / 1272.5764 - 1)  # -24 %
    end = 3353 - 963.4 + 2120.1  # 亿元 at the end of 2019
    opening = end - 1272.5764 + 1340.2144
    # Interest of 2019 on the opening balance and half of what income without it leaves.
    interest = 0.025 * (opening + end) / 2 / (1 + 0.025 / 2)
    left = 1272.5764 - interest - 1340.2144
    assert interest == pytest.approx(0.025 * (opening + left / 2))
    due = (1272.5764 - interest) * 0.005 / (0.005 + 0.005)
    small, large = due * 11 / 12 / 1272.5764, due * 0.5 * 5 / 12 / 1272.5764
    assert row["if_all_small"] == pytest.approx(-small)
    assert row["if_all_large"] == pytest.approx(-large)
    assert row["by_rule"] == pytest.approx(-(0.6 * small + 0.4 * large))
    implied = (1 - 963.4 / 1272.5764 - large) / (small - large)
    assert row["small_share_implied"] == pytest.approx(implied)
    injury = found.loc["injury.income"]
    assert injury["change"] == pytest.approx(481.6 / 815.6662 - 1)  # -41 %
    for name in ("unemployment.income", "injury.income"):
        assert found.loc[name, "if_all_small"] < found.loc[name, "change"]
        assert found.loc[name, "change"] < found.loc[name, "if_all_large"]
    assert region.relief.empty  # the income of the city's funds is not published


def test_own_figures_take_the_place_of_those_of_the_region(tmp_path: Path) -> None:
    table = tmp_path / "actuals.csv"
    table.write_text(
        "measure,date,value,unit\ninjury,2021-12-31,345.00,万人\nunemployment,2021-12-31,300,万人\n",
        encoding="utf-8",
    )
    scenario = fs.load("baseline")
    for own in (table, str(table), pd.read_csv(table, dtype=str)):
        found = fs.backtest(scenario, own).table
        rows = found[(found["year"] == 2021) & (found["method"] == "projection")]
        published = rows.set_index("measure")["published"]
        assert published["injury"] == 3450000
        assert published["unemployment"] == 3000000
        assert published["pension.urban_employee"] == PENSION[2021]


@pytest.mark.parametrize(
    ("line", "where", "words"),
    [
        ("injry,2021-12-31,345,万人", "actuals.csv:2:measure", "Did you mean 'injury'"),
        (",2021-12-31,345,万人", "actuals.csv:2:measure", "blank"),
        ("injury,2021-12-31,many,万人", "actuals.csv:2:value", "plain number"),
        ("injury,2021-12-31,345,亿元", "actuals.csv:2:unit", "人 or 万人"),
        ("injury,2021,345,万人", "actuals.csv:2:date", "31 December"),
        ("injury,2020/2021,345,万人", "actuals.csv:2:date", "give one day"),
        ("injury,2021-02-30,345,万人", "actuals.csv:2:date", "'2021-02-30' is not a day"),
        ("injury,2023-06-31,345,万人", "actuals.csv:2:date", "'2023-06-31' is not a day"),
        ("injury,2021-12-31,0,万人", "actuals.csv:2:value", "must be more than 0"),
        ("unemployment,2024-12-31,331.2,人", "actuals.csv:2:value", "check the unit"),
        ("unemployment,2024-12-31,33120,万人", "actuals.csv:2:value", "101 times the published"),
        ("injury,2021-12-31,-345,万人", "actuals.csv:2:value", "must be more than 0"),
        ("unemployment,2019-12-31,0,人", "actuals.csv:2:value", "must be more than 0"),
        ("unemployment.outgo,2021,0,亿元", "actuals.csv:2:value", "must be more than 0"),
        (
            "injury,2021-12-31,345.0,万人\ninjury,2021-12-31,346.0,万人",
            "actuals.csv:3:value",
            "346.0 万人, and 345.0 万人 at actuals.csv:2:value",
        ),
    ],
)
def test_own_figures_that_cannot_be_used_are_refused_with_their_position(
    tmp_path: Path, line: str, where: str, words: str
) -> None:
    table = tmp_path / "actuals.csv"
    table.write_text(f"measure,date,value,unit\n{line}\n", encoding="utf-8")
    with pytest.raises(fs.DataError) as caught:
        fs.backtest(fs.load("baseline"), table)
    assert where in str(caught.value)
    assert words in str(caught.value)
    shown = CliRunner().invoke(app, ["backtest", "--outcomes", str(table)])
    assert shown.exit_code == 2
    assert where in shown.stderr


def test_own_figures_by_area_are_refused_as_a_run_refuses_them() -> None:
    columns = ["measure", "date", "value", "unit", "area"]
    table = pd.DataFrame([("injury", "2021-12-31", "345", "万人", "nanhai")], columns=columns)
    for use in (lambda: fs.backtest("baseline", table), lambda: fs.run("baseline", outcomes=table)):
        with pytest.raises(fs.DataError, match="outcomes:2:area: only figures of the whole region"):
            use()


def test_own_figures_after_the_horizon_are_named(tmp_path: Path) -> None:
    table = tmp_path / "actuals.csv"
    table.write_text(
        "measure,date,value,unit\ninjury,2021-12-31,345.00,万人\ninjury,2026-12-31,360,万人\n",
        encoding="utf-8",
    )
    note = r"later than the horizon 2025: injury 2026-12-31 \(actuals.csv:3:value\)"
    with pytest.warns(ObservedWarning, match=note):
        found = fs.backtest("baseline", table)
    assert found.last_year == 2025


def test_an_own_figure_in_the_place_of_one_that_set_a_parameter_judges_nothing() -> None:
    columns = ["measure", "date", "value", "unit"]
    rows = [
        ("injury.outgo", "2021", "990.0", "亿元"),
        ("injury.outgo", "2022", "1030.0", "亿元"),
    ]
    found = fs.backtest("china", pd.DataFrame(rows, columns=columns)).table
    own = found[(found["measure"] == "injury.outgo") & (found["method"] == "projection")]
    own = own.set_index("year")
    assert own.loc[2021, "published"] == 990e8
    assert own.loc[2021, "note"] == "used to set injury.long_term_cost"
    assert not own.loc[2021, "judged"]
    assert own.loc[2022, "published"] == 1030e8
    assert own.loc[2022, "judged"]


def test_published_figures_are_grouped_once_for_all_measures_and_areas(nation: Backtest) -> None:
    class Counted(tuple[Outcome, ...]):
        passes = 0

        def __iter__(self) -> Iterator[Outcome]:
            type(self).passes += 1
            return super().__iter__()

    region = nation.region
    rows = Counted(region.outcomes)
    found = published_table(replace(region, outcomes=rows))
    assert len(found) > 100
    assert Counted.passes == 1
    Counted.passes = 0
    assert len(Backtest(nation.result, rows).series) == len(nation.series)
    assert Counted.passes == 1


def test_a_region_without_a_figure_to_compare_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "outcomes.csv").write_text("", encoding="utf-8")
    (tmp_path / "plain.yaml").write_text(
        "extends: example\nregion: ./town\nname: plain\n", encoding="utf-8"
    )
    with pytest.raises(fs.InputError, match="no figure with a measure after 2022"):
        fs.backtest(fs.load(tmp_path / "plain.yaml"))


def test_the_command_writes_tables_and_a_picture(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    shown = CliRunner().invoke(app, ["backtest", "--lang", "en", "--out", str(folder)])
    assert shown.exit_code == 0, shown.stderr
    assert "Mean absolute percentage error" in shown.stdout
    names = {
        *("backtest.csv", "backtest_errors.csv", "backtest_rolling.csv", "backtest_relief.csv"),
        *("backtest.png", "run.json"),
    }
    assert {path.name for path in folder.iterdir()} == names
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["scenario"] == "baseline"
    with (folder / "backtest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["method"] for row in rows} == {
        *("projection", "no_change", "last_growth", "damped_trend", "nation", "places")
    }


def test_own_figures_up_to_the_base_year_change_nothing_and_are_named(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    lines = ["unemployment,2018-12-31,400,万人", "unemployment,2020-12-31,400,万人"]
    later = "unemployment,2024-12-31,331.2,万人"
    file.write_text("\n".join(["measure,date,value,unit", *lines, later, ""]), encoding="utf-8")
    with pytest.warns(ObservedWarning, match=r"not later than the base year 2020.*2018.*2020"):
        found = fs.backtest("baseline", file)
    own = found.table[(found.table["measure"] == "unemployment") & (found.table["year"] < 2024)]
    without = fs.backtest("baseline").table
    without = without[(without["measure"] == "unemployment") & (without["year"] < 2024)]
    pd.testing.assert_frame_equal(own.reset_index(drop=True), without.reset_index(drop=True))
    (folder := tmp_path / "out").mkdir()
    found.write(folder, plots="none")
    seen = json.loads((folder / "run.json").read_text(encoding="utf-8"))["backtest_outcomes"]
    assert seen["file"] == "own.csv"
    assert len(seen["sha256"]) == 64


def test_a_selection_of_pictures_that_does_not_exist_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(fs.InputError, match="plots"):
        fs.backtest("baseline").write(tmp_path / "out", plots="some")
    assert not (tmp_path / "out").exists()
