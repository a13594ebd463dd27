"""The dated values in use are those of the law, and the engine uses what it is given.

国务院关于渐进式延迟法定退休年龄的办法 (2024): 第一条 (ages) and tables, 第二条 (years);
国发〔1978〕104号 (ages before).
"""

from __future__ import annotations

import numpy as np
import pytest

import fsinsure as fs
from foshan import FOSHAN
from fsinsure.base_year.closure import close_base
from fsinsure.dims import COUNTED, MONTHS, PERSONS
from fsinsure.engine.cohort import project, run_year
from fsinsure.life_tables import published_life_table
from fsinsure.parameters import resolve
from fsinsure.scenario import Scenario
from fsinsure.state import ACCOUNT_TAKEN, Inflow, Move
from fsinsure.statuses import STATUS
from fsinsure.year.law import bind

BARE = Scenario(name="bare", title={}, region=FOSHAN, horizon=2045)
"""No scenario file: every value is the library's own default."""


def held(scenario):
    parameters = resolve(scenario)
    base = close_base(parameters)
    return parameters.with_base_coverage(base.coverage), base


@pytest.mark.parametrize(
    ("year", "years_needed"),
    [
        (2025, 15),
        (2029, 15),
        (2030, 15.5),
        (2031, 16),
        (2032, 16.5),
        (2033, 17),
        (2034, 17.5),
        (2035, 18),
        (2036, 18.5),
        (2037, 19),
        (2038, 19.5),
        (2039, 20),
        (2045, 20),
    ],
)
def test_minimum_contribution_years_by_year(year, years_needed):
    assert resolve(BARE).path("retirement.min_months")[year - 2021] == 12 * years_needed


@pytest.mark.parametrize(
    ("who", "age", "step", "most"),
    [("male", 60, 4, 36), ("cadre", 55, 4, 36), ("worker", 50, 2, 60)],
)
def test_ages_steps_and_longest_delays(who, age, step, most):
    parameters = resolve(BARE)
    assert parameters.number(f"retirement.age_{who}") == age
    assert parameters.number(f"retirement.delay_step_{who}") == step
    assert parameters.number(f"retirement.delay_max_{who}") == most
    assert parameters.number("retirement.delay_from") == 2025


@pytest.mark.parametrize(
    ("sex", "birth_year", "year", "below"),
    [
        # Men born in 1965, the first to be delayed: October to December still work at the end of
        # 2025 (due in October, delayed 3 months to January 2026).
        (0, 1965, 2025, 3 / 12),
        # Men born in 1976: January and February are due 132 and 133 months after the start and
        # delayed by 34, to November and December 2038; the last at 63, in December 2039.
        (0, 1976, 2038, 10 / 12),
        (0, 1976, 2039, 0),
        # Women: a quarter cadres. Workers born in 1975: July is due in July 2025 and delayed by 4
        # months to November, August by 4 to December, September by 5 to February 2026.
        (1, 1975, 2025, 0.25 + 0.75 * 4 / 12),
        # Workers born in December 1984 retire at 55 in December 2039; cadres of 1984 at 58.
        (1, 1984, 2039, 0.25),
    ],
)
def test_who_is_below_the_age_at_year_end(sex, birth_year, year, below):
    laws = {law.year: law for law in bind(held(BARE)[0])}
    reach, cadres = laws[year].reach, laws[year].cadre_share
    age = year - birth_year
    women = cadres * reach["cadre"].below[age] + (1 - cadres) * reach["worker"].below[age]
    assert (reach["male"].below[age], women)[sex] == pytest.approx(below)


def test_the_delayed_scenario_is_the_law_in_force(baseline):
    delayed = resolve(fs.load("delayed-retirement").with_({"horizon": 2045}))
    law = resolve(BARE)
    np.testing.assert_array_equal(
        delayed.path("retirement.min_months"), law.path("retirement.min_months")
    )
    names = [name for name in law.scalars if name.startswith("retirement.")]
    assert [delayed.scalars[name] for name in names] == [law.scalars[name] for name in names]
    assert resolve(baseline).scalars["retirement.delay_from"] is None


def test_the_probability_of_death_of_a_year_by_hand():
    q = published_life_table("CL1-CL2", FOSHAN.tables["mortality"])
    # One per cent less for every year since the table, at the level of the region.
    kept = resolve(BARE).number("mortality.level") * 0.99 ** (2023 - 2013)
    before, after = kept * q[0, 70], kept * q[0, 71]
    expected = 1 - (1 - before) * (2 - after) / (2 - before)
    law = next(law for law in bind(held(BARE)[0]) if law.year == 2023)
    assert law.dying[0, 0, 0, 70] == pytest.approx(expected, rel=1e-12)
    assert law.infant[0, 0, 1, 0] == pytest.approx(kept * q[1, 0] / 2, rel=1e-12)


def test_a_life_table_of_the_user_needs_its_year(baseline, tmp_path):
    rows = "\n".join(f"{age},0.02,0.01" for age in range(101))
    (tmp_path / "mine.csv").write_text(f"age,male,female\n{rows}\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        "name: mine\nextends: baseline\nmortality: {table: mine.csv}\n", encoding="utf-8"
    )
    mine = fs.load(tmp_path / "s.yaml")
    with pytest.raises(fs.InputError, match=r"mortality\.table_year"):
        fs.run(mine)
    dated = mine.with_(
        {"mortality.table_year": 2020, "mortality.improvement": "1%", "mortality.level": 1}
    )
    law = bind(held(dated)[0])[0]
    # One year after the table: 2 % less one per cent of it, the same at every age.
    assert law.dying[0, 0, 0, 40] == pytest.approx(0.02 * 0.99)


def test_contribution_months_are_earned_by_payers_and_move_with_those_who_move(baseline):
    parameters, base = held(baseline.with_({"horizon": 2021}))
    projection = project(parameters, base)
    without = [STATUS[one] for one in ("not_insured", "resident", "resident_pensioner")]
    earned = lost = brought = 0.0
    stock = base.stock.copy()
    before = stock.copy()
    (law,) = projection.laws
    for event, moves, amounts in run_year(law, stock, None):
        months = before[MONTHS].sum()
        paying = sum(
            before[PERSONS, STATUS[s]].sum() for s in ("employee", "flexible", "civil_service")
        )
        gone = sum(
            amount[MONTHS].sum()
            for move, amount in zip(moves, amounts, strict=True)
            if isinstance(move, Move)
            and (move.target not in STATUS or move.reason == ACCOUNT_TAKEN)
        )
        carried = [one.brought() for one in moves if isinstance(one, Inflow)]
        came = sum(each[0].sum() for each in carried if each is not None)  # months come first
        # Recruits alone bring months.
        assert (came > 0) == (event.name == "employee_entries"), event
        if event.name in ("first_half", "second_half"):
            earned += 6 * paying
            assert stock[MONTHS].sum() == pytest.approx(months + 6 * paying, rel=1e-12), event
        else:
            lost += gone
            brought += came
            assert stock[MONTHS].sum() == pytest.approx(months + came - gone, rel=1e-12), event
        # Those who took the account have no months, and bring none to another status in the year.
        assert not stock[MONTHS, without].any(), event
        before = stock.copy()
    opening = base.stock[MONTHS].sum()
    assert stock[MONTHS].sum() == pytest.approx(opening + earned + brought - lost, rel=1e-12)
    # Without a book no money is posted, but persons and months are those of the full run.
    np.testing.assert_array_equal(stock[:COUNTED], projection.stock[1, :COUNTED])


def test_the_vested_carry_more_months_than_the_mean_of_their_cell(baseline):
    projection = fs.run(baseline.with_({"horizon": 2021})).projection
    (move,) = projection.transitions.find(2021, "employee", "retiree")
    persons, months = move.probability[PERSONS], move.probability[MONTHS]
    # Men, of whom all who reach the age do so now; women past theirs were asked before.
    first = persons[:, 0, 60 - move.ages.start]
    assert ((first > 1e-6) & (first < 0.999)).all()
    assert (months[:, 0, 60 - move.ages.start] > first).all()
