"""Tables of the law are parameters: dated, set by a scenario, read by the year in both engines."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fsinsure as fs
from foshan import CITY
from fsinsure.errors import InputError, ScenarioError
from fsinsure.microsim.year_tables import year_tables
from fsinsure.parameters import resolve
from fsinsure.paths import Table, date_text, table_path
from fsinsure.registry import registry
from fsinsure.scenario import TablePath, explain, load
from fsinsure.state import CellCode
from fsinsure.statuses import STATUS
from fsinsure.year.amounts import drawn_shares, rises
from fsinsure.year.pension_age import ON_TIME, divisor_at
from scenario_files import refused, write

DIVISORS, LUMP = "pension.annuity_divisors", "injury.lump_months"
ANNEX = dict(zip(range(40, 71), (
    *(233, 230, 226, 223, 220, 216, 212, 208, 204, 199, 195, 190, 185, 180, 175, 170),
    *(164, 158, 152, 145, 139, 132, 125, 117, 109, 101, 93, 84, 75, 65, 56),
), strict=True))  # fmt: skip
"""国发〔2005〕38号 annex."""
CODE = CellCode(5, 2020, 2025)
TABLES = [name for name, parameter in registry().items() if parameter.kind == "table"]


def law(scenario: fs.Scenario, year: int):
    (found,) = [one for one in fs.run(scenario).projection.laws if one.year == year]
    return found


def new_pensions(result: fs.Result) -> dict[int, float]:
    ledger = result.ledger
    rows = ledger[
        (ledger["area"] == CITY)
        & (ledger["fund"] == "pension.enterprise")
        & (ledger["item"] == "new_pensions")
    ]
    return dict(zip(rows["year"], rows["yuan"], strict=True))


def shown(scenario: fs.Scenario, name: str) -> list[tuple[object, ...]]:
    """Year, value, source and origin of the rows of a name in the parameters table."""
    table = fs.run(scenario).parameters
    rows = table[table["parameter"] == name]
    assert set(rows["unit"]) == {"months"}
    return list(rows[["year", "value", "source", "set_by"]].itertuples(index=False, name=None))


# Dates.


@pytest.fixture
def with_default(tmp_path: Path):
    """Append a row to the law of Guangdong, as a new law would."""

    def append(scenario: fs.Scenario, name: str, year: str, value: str) -> fs.Scenario:
        folder = tmp_path / scenario.region.name
        shutil.copytree(scenario.region.folder, folder)
        home = scenario.region.folder.parents[1] / "law" / scenario.region.laws[-1]
        shutil.copytree(home, folder / "law" / home.name)
        unit = registry()[name.rpartition(".")[0]].unit
        # The layer that names a key gives all its values, so the earlier one too.
        key = int(name.rpartition(".")[2])
        entries = scenario.region.values[name.rpartition(".")[0]]
        rows = [
            f"{name},{date_text(one.date)},{one.text},{unit},{one.source},official,,,,,\n"
            for one in entries
            if one.key == key and one.date is not None
        ]
        with (folder / "law" / home.name / "values.csv").open("a", encoding="utf-8") as file:
            file.writelines([*rows, f"{name},{year},{value},{unit},a new law,official,,,,,2021\n"])
        return replace(scenario, region=fs.open_region(folder).as_of(scenario.as_of))

    return append


def test_a_row_of_a_year_changes_that_year_and_none_before(baseline, result, with_default) -> None:
    before = new_pensions(result)
    changed_law = with_default(baseline, f"{DIVISORS}.60", "2024", "170")
    after = new_pensions(fs.run(changed_law))
    assert [year for year in before if after[year] != before[year]] == [2024, 2025]
    assert after[2024] < before[2024]
    assert resolve(changed_law).table(DIVISORS, 2023) == Table(tuple(ANNEX), tuple(ANNEX.values()))
    changed = {**ANNEX, 60: 170.0}
    assert resolve(changed_law).table(DIVISORS, 2024) == Table(
        tuple(changed), tuple(changed.values())
    )


def test_the_law_of_a_year_keeps_its_source(baseline, with_default) -> None:
    changed_law = with_default(baseline, f"{DIVISORS}.60", "2024", "170")
    annex = "国发〔2005〕38号 annex (计发月数表)"
    assert shown(changed_law, f"{DIVISORS}.60")[2:] == [
        (2023, 139.0, annex, "law/guangdong"),
        (2024, 170.0, "a new law", "law/guangdong"),
        (2025, 170.0, "a new law", "law/guangdong"),
    ]


def test_a_key_of_thresholds_may_start_late(baseline, with_default) -> None:
    name = "indexing.pension_top_up_multiple.65"
    found = resolve(with_default(baseline, name, "2023", "0.5"))
    assert found.table("indexing.pension_top_up_multiple", 2022) == ((70, 80), (1.0, 2.0))
    assert found.table("indexing.pension_top_up_multiple", 2023) == ((65, 70, 80), (0.5, 1.0, 2.0))


def test_before_the_year_that_a_scenario_sets_the_law_holds(baseline, result) -> None:
    reform = baseline.with_({DIVISORS: {2024: dict.fromkeys(ANNEX, 200)}}, name="reform")
    before, after = new_pensions(result), new_pensions(fs.run(reform))
    assert [year for year in before if after[year] != before[year]] == [2024, 2025]
    annex = "国发〔2005〕38号 annex (计发月数表)"
    assert shown(reform, f"{DIVISORS}.60") == [
        *((year, 139.0, annex, "law/china") for year in (2021, 2022, 2023)),
        *((year, 200.0, "scenario", "with_") for year in (2024, 2025)),
    ]


def test_a_table_without_a_year_holds_from_the_first_projected_year(baseline) -> None:
    undated = baseline.with_({DIVISORS: ANNEX | {60: 150}})
    dated = baseline.with_({DIVISORS: {2021: ANNEX | {60: 150}}})
    assert undated.values == dated.values
    assert undated.hash == dated.hash != baseline.hash
    assert resolve(undated).tables[DIVISORS].at(2020).values == tuple(ANNEX.values())
    assert resolve(undated).table(DIVISORS, 2021).values[20] == 150.0


def test_a_table_that_repeats_the_law_has_no_effect(baseline, result) -> None:
    same = baseline.with_({DIVISORS: {2023: ANNEX}}, name="same")
    assert resolve(same).tables == resolve(baseline).tables
    assert fs.compare(result, fs.run(same)).reasons.empty


def test_every_table_enters_the_hash(baseline) -> None:
    seen = {baseline.hash}
    for name in TABLES:
        keys, values = resolve(baseline).table(name, 2021)
        for year in (2021, 2023):
            table = dict(zip(keys, (values[0] + 1, *values[1:]), strict=True))
            seen.add(baseline.with_({name: {year: table}}).hash)
    assert len(seen) == 1 + 2 * len(TABLES) == 9


def test_a_table_has_no_draws(baseline) -> None:
    with pytest.raises(InputError, match="is neither a path nor a number"):
        resolve(baseline).with_draws({DIVISORS: np.ones((3, 5))})


def test_a_table_has_no_year_before_its_first() -> None:
    path = table_path([(2006, 60, 139.0)])
    assert path.at(2006) == ((60,), (139.0,))
    with pytest.raises(InputError, match="starts in 2006 has none for 2005"):
        path.at(2005)


# What reads them.


def test_both_engines_award_by_the_divisors_of_the_year(baseline) -> None:
    reform = baseline.with_({DIVISORS: {2024: dict.fromkeys(ANNEX, 250) | {60: 170}}}, name="late")
    result = fs.run(reform)
    for year, divisor in ((2023, 139.0), (2024, 170.0)):
        index = year - 2021
        own = result.projection.laws[index]
        assert own.reach["male"].divisor[ON_TIME, 60] == divisor
        tables = year_tables(result.projection, result.resolved, index, CODE, None)
        # Men born in January of 60 years before; the rule for men is the first.
        born = year - 60 - (2020 - 100)
        assert tables.retirement.reached[0, born, 0]
        assert tables.retirement.divisor[0, born, 0] == divisor


def test_an_account_is_paid_out_by_the_divisor_of_its_award(baseline) -> None:
    """A man awarded in 2022 at 60 draws 1/139 of the account a month, whatever the law of 2024."""
    reform = baseline.with_({DIVISORS: {2024: dict.fromkeys(ANNEX, 200)}}, name="reform")
    own = law(reform, 2025)

    def share(left: float) -> float:
        return 6.0 / (left - 3.0)

    men = drawn_shares(own, 2025)["retiree"][0]
    assert men[63] == pytest.approx(share(139 - 36), rel=1e-12)  # awarded in 2022
    assert men[62] == pytest.approx(share(139 - 24), rel=1e-12)  # in 2023
    assert men[61] == pytest.approx(share(200 - 12), rel=1e-12)  # in 2024
    assert men[60] == pytest.approx(share(200), rel=1e-12)
    # In the first half of 2025 they have the ages of the end of 2024.
    earlier = drawn_shares(own, 2024)["retiree"][0]
    assert earlier[60] == men[60] and earlier[61] == men[62] * share(127) / share(115)


def test_persons_draw_their_accounts_as_the_cohort_does(baseline) -> None:
    reform = baseline.with_({DIVISORS: {2024: dict.fromkeys(ANNEX, 200)}}, name="reform")
    found = fs.run(reform, engine="micro", persons=20_000, seed=5)
    assert found.agreement.passed
    index = 2025 - 2021
    tables = year_tables(found.simulation.expected, found.resolved, index, CODE, None)
    own = found.simulation.expected.laws[index]
    keep = tables.rates.account_factor_half[:, :-1].reshape(2, len(STATUS), -1, 2, CODE.births)
    interest = keep[:, STATUS["employee"], 0, 0, 0]
    for half, year in enumerate((2024, 2025)):  # at 61, awarded in 2023 and in 2024
        born = year - 61 - (2020 - 100)
        kept = 1.0 - drawn_shares(own, year)["retiree"][0, 61]
        assert keep[half, STATUS["retiree"], 0, 0, born] == pytest.approx(
            interest[half] * kept, rel=1e-12
        )


def test_top_ups_are_those_of_the_year_of_the_rise(baseline) -> None:
    top_up = {
        "indexing.pension_top_up": 20,
        "indexing.pension_top_up_multiple": {2023: {65: 0.5, 75: 3}},
    }
    reform = baseline.with_(top_up, name="top-ups")
    for year, wanted in ((2022, [0, 0, 20, 20, 40]), (2023, [0, 10, 10, 60, 60])):
        by_age = rises(law(reform, year))["retiree"].top_up.ravel()
        assert by_age[[64, 65, 70, 75, 80]].tolist() == wanted


def test_injury_lump_sums_are_those_of_the_year(baseline) -> None:
    """With all grades alike a lump sum is that many monthly bases, without the grant."""
    ten = range(1, 11)
    alike = {
        LUMP: {2021: dict.fromkeys(ten, 10), 2024: dict.fromkeys(ten, 16)},
        "injury.medical_grant_months": {2021: dict.fromkeys(ten, 0), 2025: dict.fromkeys(ten, 2)},
        "injury.death_multiple": {2021: 0, 2024: 10},
        "injury.funeral_months": {2021: 3, 2025: 5},
    }
    laws = {one.year: one for one in fs.run(baseline.with_(alike, name="alike")).projection.laws}
    for year, months, funeral, multiple in ((2023, 10, 3, 0), (2024, 16, 3, 10), (2025, 18, 5, 10)):
        lump, death, base = (
            laws[year].areas(name).item() for name in ("injury_lump", "injury_death", "base")
        )
        assert lump == pytest.approx(months * base, rel=1e-12)
        income = float(laws[year].rate("income.national_urban"))
        assert death == pytest.approx(multiple * income + funeral * base, rel=1e-12)


def test_the_duration_of_benefit_is_that_of_the_year_of_the_claim(baseline) -> None:
    changed = {"unemployment.most_months": {2021: 24, 2024: 18}, "unemployment.low_step": 6}
    result = fs.run(baseline.with_(changed, name="shorter"))
    for year, most in ((2023, 24.0), (2024, 18.0)):
        tables = year_tables(result.projection, result.resolved, year - 2021, CODE, None)
        own = tables.rates.law
        assert (own.low_months, own.low_step, own.high_step) == (48.0, 6.0, 6.0)
        assert own.most_months == most


def test_divisors_of_persons_are_by_exact_age(baseline) -> None:
    """Half a year past 60 lies half way between the rows of 60 and 61."""
    table = law(baseline, 2025).table(DIVISORS)
    found = divisor_at(np.array([12 * 60, 12 * 60 + 6, 12 * 61]), table)
    np.testing.assert_allclose(found, [139, (139 + 132) / 2, 132], rtol=1e-12)


# In a file.


def test_a_file_sets_a_table(tmp_path: Path) -> None:
    text = "name: mine\nextends: baseline\ninjury:\n  lump_months:\n    2023: {%s}\n"
    grades = {grade: 30 - grade for grade in range(1, 11)}
    cells = ", ".join(f"{grade}: {months}" for grade, months in grades.items())
    scenario = load(write(tmp_path, text % cells))
    table = Table(tuple(grades), tuple(float(months) for months in grades.values()))
    assert scenario.values[LUMP] == TablePath(((2023, table),))
    (row,) = [row for row in explain(scenario) if row.key == LUMP]
    assert row.value == f"{{2023: {{{cells}}}}}"
    assert row.set_by == "mine.yaml:5:5"
    assert [(year, value, origin) for year, value, _, origin in shown(scenario, f"{LUMP}.10")] == [
        (2021, 7.0, "law/china"),
        (2022, 7.0, "law/china"),
        *((year, 20.0, "mine.yaml:5:5") for year in (2023, 2024, 2025)),
    ]
    again = load("baseline").with_({LUMP: scenario.values[LUMP]})
    assert again.values[LUMP] == scenario.values[LUMP]


@pytest.mark.parametrize(
    ("body", "where", "text"),
    [
        ("{1: 27}", "4:16", "no value for 2, 3, 4, 5, 6, 7, 8, 9, 10: give each of the keys 1 to"),
        ("{2023: {1: 27, 11: 3}}", "4:31", "2023.11: expected a key from 1 to 10"),
        ("{2023: {1: x}}", "4:27", "2023.1: 'x' is not a number: expected a number of months"),
        ("{2023: {1: 121}}", "4:27", "2023.1: 121 is out of bounds: expected a number of months"),
        ("{2023: {01: 12}}", "4:24", "2023.01: expected a key from 1 to 10"),
        ("{2023-07: {1: 27}}", "4:17", "2023-07: expected a year from 2021 to 2100"),
        ("{2020: {1: 27}}", "4:17", "2020: expected a year from 2021 to 2100"),
        ("{2023: {1: 27}, 2: 25}", "4:32", "2: expected a year from 2021 to 2100"),
        ("27", "4:16", "expected {key: value} with each of the keys 1 to 10"),
        ("{}", "4:16", "got an empty mapping"),
        ("{2023: {}}", "4:23", "2023: expected {key: value} with each of the keys 1 to 10"),
        ("{2023: none}", "4:17", "2023: expected a key from 1 to 10"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_where_it_stands(
    tmp_path: Path, body: str, where: str, text: str
) -> None:
    message = refused(tmp_path, f"name: mine\nextends: baseline\ninjury:\n  lump_months: {body}\n")
    (line,) = [line for line in message.splitlines() if text in line]
    assert f"mine.yaml:{where}: injury.lump_months" in line


def test_thresholds_may_be_any_keys_but_not_none(tmp_path: Path) -> None:
    text = "name: mine\nextends: baseline\nindexing:\n  pension_top_up_multiple: "
    found = load(write(tmp_path, f"{text}{{90: 2, 0: 1}}\n")).values
    assert found["indexing.pension_top_up_multiple"].at(2021) == ((0, 90), (1.0, 2.0))
    assert "some of the keys 0 to 100" in refused(tmp_path, f"{text}{{}}\n")
    assert "expected a key from 0 to 100" in refused(tmp_path, f"{text}{{101: 1}}\n")


def test_python_has_the_same_errors(baseline) -> None:
    with pytest.raises(ScenarioError, match=r"annuity_divisors\.2024: no value for 41, 42, "):
        baseline.with_({DIVISORS: {2024: {40: 233}}})
    with pytest.raises(ScenarioError, match=r"annuity_divisors\.60: 0 is out of bounds"):
        baseline.with_({DIVISORS: ANNEX | {60: 0}})
