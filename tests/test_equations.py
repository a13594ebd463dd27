"""The equations of the base year: solved exactly, or refused with the names of what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fsinsure as fs
from foshan import FOSHAN
from fsinsure.base_year.closure import base_coverage
from fsinsure.base_year.closure_table import (
    KINDS,
    Known,
    base_equations,
    base_shares,
    partial_groups,
    solve_base,
    total,
    unknowns,
)
from fsinsure.base_year.equations import Equation, Solution, solve
from fsinsure.dims import AGES
from fsinsure.errors import Position
from fsinsure.measures import entries, measures
from fsinsure.parameters import resolve
from fsinsure.registry import registry
from fsinsure.sources import Figure, table
from fsinsure.statuses import STATUSES


def equation(name: str, value: str, half: str = "0", **weights: str) -> Equation:
    """A published figure, or an assumption if its name begins with ``base.``."""
    return Equation(
        name,
        published=not name.startswith("base."),
        weights={unknown: Fraction(weight) for unknown, weight in weights.items()},
        value=Fraction(value or 0),
        half_unit=Fraction(half),
        text=f"{value} (a source)",
        missing=() if value else (name,),
        meaning=f"what {name} says",
    )


def people(solution: Solution) -> dict[str, float]:
    return dict(solution.people)


# --- hand-worked systems --------------------------------------------------------------------------


def test_two_figures_and_an_assumption_are_solved_by_hand():
    """X + y = 10, y + z/2 = 6 and z = 4 give y = 4 and x = 6."""
    rows = [
        equation("all", "10", x="1", y="1"),
        equation("some", "6", y="1", z="1/2"),
        equation("base.z", "4", z="1"),
    ]
    found = solve("xyz", rows)
    assert people(found) == {"x": 6, "y": 4, "z": 4}
    assert found.weights["x"] == {"all": 1, "some": -1, "base.z": Fraction(1, 2)}
    assert not found.checks


def test_the_solution_is_exact_where_floating_point_is_not():
    """Thirds, and a coefficient of 1e-15 that partial pivoting would lose."""
    rows = [
        equation("small", "1", x="1/1000000000000000", y="1"),
        equation("sum", "2", x="1", y="1"),
        equation("third", "1", z="3"),
    ]
    found = people(solve("xyz", rows))
    exact_x = Fraction(10**15, 10**15 - 1)
    assert found == {"x": float(exact_x), "y": float(2 - exact_x), "z": 1 / 3}


@given(st.permutations(["a", "b", "c", "base.w"]))
def test_the_order_of_independent_equations_does_not_matter(order):
    rows = {
        "a": equation("a", "7", w="1", x="1", y="1", z="1"),
        "b": equation("b", "3", x="1", y="2"),
        "c": equation("c", "2", y="1", z="1/3"),
        "base.w": equation("base.w", "1", w="1"),
    }
    found = solve("wxyz", [rows[name] for name in order])
    # x = 3 - 2y, z = 6 - 3y, 7 = 1 + x + y + z = 10 - 4y.
    assert people(found) == {"w": 1, "x": 1.5, "y": 0.75, "z": 3.75}


def test_a_share_that_leaves_less_than_a_millionth_of_a_person_is_no_one():
    rows = [equation("all", "1", x="1", y="1"), equation("base.y", "1.0000001", y="1")]
    assert people(solve("xy", rows)) == {"x": 0, "y": 1.0000001}


# --- contradictions ------------------------------------------------------------------------------

PARTS = [equation("men", "120", "5", x="1"), equation("women", "130", "5", y="1")]


@pytest.mark.parametrize(("published", "difference"), [("235", -15), ("250", 0), ("265", 15)])
def test_a_figure_that_follows_may_differ_by_the_rounding_of_all(published, difference):
    found = solve("xy", [*PARTS, equation("all", published, "5", x="1", y="1")])
    assert people(found) == {"x": 120, "y": 130}
    (check,) = found.checks
    assert (check.name, check.difference, check.rounding) == ("all", difference, 15)
    assert check.weights == {"men": -1, "women": -1, "all": 1}


@pytest.mark.parametrize("published", ["234.9", "265.1"])
def test_a_figure_beyond_the_rounding_is_refused_with_the_names_of_all(published):
    rows = [
        equation("children", "7", z="1"),
        *PARTS,
        equation("all", published, "5", x="1", y="1"),
    ]
    with pytest.raises(fs.ClosureError) as refused:
        solve("xyz", rows)
    text = str(refused.value)
    for part in ("published figures contradict", "people from men + women", "men of 120 (a source"):
        assert part in text
    assert "rounding explains at most 15" in text
    assert "children" not in text


def test_the_weights_of_a_combination_multiply_its_rounding():
    twice = equation("twice", "265", "0", x="2")
    assert solve("x", [equation("men", "130", "5", x="1"), twice]).checks[0].rounding == 10
    with pytest.raises(fs.ClosureError, match="2 × men"):
        solve("x", [equation("men", "127", "5", x="1"), twice])


def test_an_assumption_that_contradicts_a_figure_is_to_be_left_out():
    rows = [*PARTS, equation("base.x", "90", x="1")]
    with pytest.raises(fs.ClosureError, match=r"men of 120.*base\.x of 90.*Leave out .*base\.x"):
        solve("xy", rows)


# --- what is open ---------------------------------------------------------------------------------


def test_an_open_base_names_the_statuses_and_all_that_would_determine_them():
    rows = [
        equation("all", "10", x="1", y="1"),
        equation("rest", "3", z="1"),
        equation("women", "", y="1"),
        equation("others", "", z="2"),  # z is known: no help
        equation("sum", "", x="2", y="2"),  # twice `all`: no help
        equation("base.x", "", x="1"),
    ]
    with pytest.raises(fs.ClosureError) as refused:
        solve("xyz", rows)
    text = str(refused.value)
    assert "leave x and y open: 1 more equation is needed" in text
    assert text.endswith("Give 1 of: women (what women says); base.x (what base.x says).")
    for helpful in (equation("women", "4", y="1"), equation("base.x", "6", x="1")):
        assert people(solve("xyz", [*rows[:2], helpful])) == {"x": 6, "y": 4, "z": 3}


def test_an_open_base_without_any_remedy_says_so():
    with pytest.raises(fs.ClosureError, match=r"leave y open.*No known figure would"):
        solve("xy", [equation("men", "1", x="1")])


# --- negative people ------------------------------------------------------------------------------


def test_negative_people_name_what_forces_them_and_how_far_to_change_it():
    rows = [
        equation("all", "10", x="1", y="1"),
        equation("rest", "3", z="1"),
        equation("base.y", "12", y="1"),
    ]
    with pytest.raises(fs.ClosureError) as refused:
        solve("xyz", rows)
    text = str(refused.value)
    assert "cannot meet the published all of 10 (a source) with the assumptions base.y" in text
    assert "it would need -2 people of x, as x = all - base.y" in text
    assert "Lower base.y to at most 10." in text
    assert "rest" not in text


def test_figures_alone_that_force_negative_people_are_to_be_corrected():
    rows = [equation("all", "1", x="1", y="1"), equation("women", "3", y="1")]
    with pytest.raises(fs.ClosureError, match=r"all of 1 .*women of 3 .*Correct one of these"):
        solve("xy", rows)


# --- the table ------------------------------------------------------------------------------------


def figure(name: str, value: str | Decimal, unit: str = "人") -> Figure:
    number = Decimal(value)
    return Figure(
        *(name, "", number, unit, "2020-12-31", "a yearbook", "official", name, name, ""),
        Position("figures.csv", 2, "value"),
    )


def known(
    figures: Mapping[str, str], assumptions: Mapping[str, float], unit: str = "万人"
) -> Known:
    return Known({name: figure(name, value, unit) for name, value in figures.items()}, assumptions)


def test_the_unknowns_follow_from_the_tables():
    assert set(unknowns()) == {
        *("employee", "flexible", "civil_service", "unemployed", "dormant", "resident", "retiree"),
        *("civil_retiree", "resident_pensioner"),
        *("project_worker", "intern", "platform_worker", "over_age_worker"),
    }
    assert partial_groups()["intern"] == "coverage.injury.intern"


def test_every_name_of_the_table_is_a_group_a_sum_or_a_number_that_can_be_given():
    rows = table("closure")
    named = {row["equation"] for row in rows} | set(unknowns()) | {"{group}"}
    for row in rows:
        assert row["kind"] in KINDS
        for name in re.findall(r"[a-z{][\w.{}]*", f"{row['people']} {row['equals']}"):
            assert name in named or name in registry() or name == "registered_unemployment_rate"
        assert row["en"].isascii()
        assert not row["zh"].isascii()
    names = [one.name for one in base_equations(Known({}, {}))]
    assert len(set(names)) == len(names)
    assert {f"enrollment.{measure}" for measure in measures()} < set(names)


def test_every_coverage_path_has_a_base_year_share():
    shares = base_shares(Known({}, {"base.dormant_counted": 0.25, "base.institution_share": 0.6}))
    paths = {entry.parameter for entry in entries() if entry.parameter}
    assert paths == shares.keys() | set(partial_groups().values())
    assert list(shares.values()) == [0.25, 0.6, 0.0]
    with pytest.raises(fs.ClosureError, match=r"unemployment\.civil_service.*Give base\.instit"):
        base_shares(Known({}, {"base.dormant_counted": 0}))


# --- any base is recovered from its figures ------------------------------------------------------

PERCENT = st.integers(0, 100).map(lambda whole: Fraction(whole, 100))
PEOPLE = st.fixed_dictionaries({name: st.integers(0, 10**9) for name in unknowns()})


def published(true: Mapping[str, int], assumptions: Mapping[str, Fraction]) -> dict[str, Figure]:
    """Every figure of the table and the coverage matrix, exact, from the people of a base."""
    numbers = {name: float(value) for name, value in assumptions.items()}
    found = {}
    for one in base_equations(Known({}, numbers)):
        if one.published:
            exact = sum(weight * true[name] for name, weight in one.weights.items())
            found[one.name] = figure(
                one.name, Decimal(exact.numerator) / Decimal(exact.denominator)
            )
    return found


@given(st.data(), PEOPLE, PERCENT, PERCENT)
def test_any_base_is_recovered_from_all_its_figures_in_any_order(data, true, counted, share):
    assumptions = {"base.dormant_counted": counted, "base.institution_share": share}
    figures = published(true, assumptions)
    order = data.draw(st.permutations(list(figures)))
    numbers = {name: float(value) for name, value in assumptions.items()}
    found = solve_base(Known({name: figures[name] for name in order}, numbers))
    assert people(found) == pytest.approx(true, abs=1e-6)
    assert len(found.checks) == len(figures) - len(unknowns())
    assert all(check.difference == 0 for check in found.checks)


ENOUGH = (
    *(f"enrollment.{measure}" for measure in measures() if measure != "pension.urban_employee"),
    *("retirees.enterprise", "recipients.resident", "recipients.unemployment"),
)
SPLIT = ("project_worker", "intern", "over_age_worker")


@given(PEOPLE, st.integers(0, 10**7), st.tuples(PERCENT, PERCENT, PERCENT), PERCENT, PERCENT)
def test_any_base_is_recovered_from_few_figures_and_assumptions(true, only, parts, counted, share):
    shares = dict(zip(SPLIT, (part / 3 for part in parts), strict=True))
    total_only = 300 * only
    true |= {name: round(part * total_only) for name, part in shares.items()}
    true["platform_worker"] = total_only - sum(true[name] for name in SPLIT)
    numbers = {"base.dormant_counted": float(counted), "base.institution_share": float(share)}
    figures = published(true, {name: Fraction(repr(value)) for name, value in numbers.items()})
    numbers["base.dormant"] = true["dormant"]
    numbers |= {f"base.injury_only_{name}": float(part) for name, part in shares.items()}
    found = solve_base(Known({name: figures[name] for name in ENOUGH}, numbers))
    assert people(found) == pytest.approx(true, rel=1e-12, abs=1e-4)
    assert total("injury_only", found.people) == pytest.approx(total_only, abs=1e-4)
    assert not found.checks


# --- the default region ---------------------------------------------------------------------------


def test_people_that_no_one_can_be_are_refused_with_the_figures_that_need_them(baseline):
    parameters = resolve(baseline)
    solution = solve_base(Known(FOSHAN.figures, {**parameters.scalars}))
    nobody = np.zeros((len(STATUSES), 1, 2, AGES))
    with pytest.raises(fs.ClosureError) as refused:
        base_coverage(parameters, solution, nobody)
    text = str(refused.value)
    assert "cannot meet the published enrollment.pension.enterprise of 3,926,300 (plan" in text
    assert re.search(r"144,[78]\d\d project_worker wanted, 0 eligible", text)
    assert "14.48 万，符合条件的只有 0" in refused.value.text("zh")
    assert "万" not in text
    assert "392.63万人" in refused.value.text("zh")
    assert "Change base.institution_share or base.injury_only_project_worker, or have" in text


@pytest.mark.parametrize(
    ("left_out", "proposed"),
    [
        ("registered_unemployment_rate", "recipients.unemployment"),
        ("recipients.resident", "contributors.resident"),
        ("enrollment.injury", "members.injury_only"),
        ("retirees.enterprise", "contributors.enterprise"),
        ("enrollment.pension.urban_contributors", "retirees.urban_employee"),
    ],
)
def test_a_figure_of_another_kind_closes_the_same_base(baseline, left_out, proposed):
    scalars = {name: v for name, v in resolve(baseline).scalars.items() if "base." in name}
    whole = solve_base(Known(FOSHAN.figures, scalars)).people
    fewer = {name: one for name, one in FOSHAN.figures.items() if name != left_out}
    with pytest.raises(fs.ClosureError, match=re.escape(proposed)) as refused:
        solve_base(Known(fewer, scalars))
    # The sum of two figures that are given would not help.
    assert "enrollment.pension.urban_employee" not in str(refused.value)
    (other,) = (one for one in base_equations(Known({}, scalars)) if one.name == proposed)
    amount = sum(float(weight) * whole[name] for name, weight in other.weights.items())
    fewer[proposed] = figure(proposed, repr(amount))
    assert people(solve_base(Known(fewer, scalars))) == pytest.approx(dict(whole), rel=1e-9)


# --- other regions --------------------------------------------------------------------------------

NATION = {
    "enrollment.pension.urban_contributors": "32859",
    "retirees.urban_employee": "12762",
    "enrollment.pension.enterprise": "39908",
    "enrollment.pension.resident": "54244",
    "enrollment.unemployment": "21689",
    "enrollment.injury": "26770",
}
NATION_ASSUMED = {
    "base.resident_pensioner": 1.6e8,
    "base.civil_retiree": 2e7,
    "base.flexible": 6e7,
    "base.unemployed": 5e6,
    "base.dormant_counted": 0.8,
    "base.institution_share": 0.6,
    "base.injury_only_project_worker": 0.6,
    "base.injury_only_intern": 0.05,
    "base.injury_only_over_age_worker": 0.25,
}


def test_the_nation_closes_by_hand():
    found = people(solve_base(known(NATION, NATION_ASSUMED)))
    assert {name: amount / 1e4 for name, amount in found.items()} == pytest.approx(
        {
            "civil_service": 3713,  # 32859 + 12762 - 39908 - 2000
            "employee": 19461.2,  # 21689 - 0.6 × 3713
            "flexible": 6000,
            "dormant": 4606,  # (32859 - 19461.2 - 6000 - 3713) / 0.8
            "unemployed": 500,
            "retiree": 10762,
            "civil_retiree": 2000,
            "resident": 38244,
            "resident_pensioner": 16000,
            "project_worker": 0.6 * 3595.8,  # 26770 - 19461.2 - 3713
            "intern": 0.05 * 3595.8,
            "platform_worker": 0.1 * 3595.8,
            "over_age_worker": 0.25 * 3595.8,
        }
    )


def test_the_dormant_members_of_the_nation_may_be_assumed_instead_of_flexible_workers():
    assumed = NATION_ASSUMED | {"base.flexible": None, "base.dormant": 3e7}
    found = people(solve_base(known(NATION, assumed)))
    assert found["flexible"] / 1e4 == pytest.approx(32859 - 19461.2 - 3713 - 0.8 * 3000)
    with pytest.raises(
        fs.ClosureError,
        match=r"base\.flexible of 60,000,000.*Leave out or change .*base\.flexible, b",
    ):
        solve_base(known(NATION, NATION_ASSUMED | {"base.dormant": 3e7}))


@pytest.mark.parametrize(("whole", "agrees"), [("45621", True), ("45622", True), ("45638", False)])
def test_the_published_total_of_the_nation_is_a_check_of_its_parts(whole, agrees):
    figures = NATION | {"enrollment.pension.urban_employee": whole}
    if agrees:
        (check,) = solve_base(known(figures, NATION_ASSUMED)).checks
        assert (check.difference, check.rounding) == ((float(whole) - 45621) * 1e4, 15000)
        return
    with pytest.raises(fs.ClosureError) as refused:
        solve_base(known(figures, NATION_ASSUMED))
    text = str(refused.value)
    assert "of which rounding explains at most 15,000" in text
    for part in (
        "urban_employee of 456,380,000 (a yearbook)",
        "328,590,000",
        "127,620,000",
        "Correct one",
    ):
        assert part in text


def proposals(text: str) -> list[str]:
    """The names that a message about an open base proposes, patterns as one name a group."""
    found = []
    for option in text.partition(" of: ")[2].removesuffix(".").split("; "):
        if "{group}" in option:
            patterns, _, named = option.partition(" for ")
            groups = named.split(", ")
            found += [p.replace("{group}", g) for p in patterns.split(" or ") for g in groups]
        else:
            found.append(option.partition(" (")[0])
    return found


@pytest.mark.parametrize("left_out", [*NATION, *NATION_ASSUMED])
def test_what_is_left_out_is_proposed_and_any_proposal_closes_the_nation(left_out):
    whole = people(solve_base(known(NATION, NATION_ASSUMED)))
    figures = {name: value for name, value in NATION.items() if name != left_out}
    assumed = {name: value for name, value in NATION_ASSUMED.items() if name != left_out}
    with pytest.raises(fs.ClosureError) as refused:
        solve_base(known(figures, assumed))
    found = proposals(str(refused.value))
    assert left_out in found
    several = "more equations are needed" in str(refused.value)
    assert several == (left_out == "base.dormant_counted")
    weights = {one.name: one.weights for one in base_equations(Known({}, NATION_ASSUMED))}
    for name in () if several else found:
        if name in (left_out, "registered_unemployment_rate with base.benefit_share"):
            continue
        amount = sum(float(weight) * whole[one] for one, weight in weights[name].items())
        if name.startswith("base."):
            closed = solve_base(known(figures, assumed | {name: amount}))
        else:
            given = known(figures, assumed)
            more = {**given.figures, name: figure(name, repr(amount))}
            closed = solve_base(Known(more, given.assumptions))
        assert people(closed) == pytest.approx(whole), name


def test_a_figure_whose_share_is_not_given_proposes_the_share():
    assumed = {name: v for name, v in NATION_ASSUMED.items() if name != "base.institution_share"}
    with pytest.raises(fs.ClosureError, match=r"leave employee.*: base\.institution_share \(enr"):
        solve_base(known(NATION, assumed))


def test_negative_people_of_the_nation_name_the_figures_that_force_them():
    with pytest.raises(fs.ClosureError) as refused:
        solve_base(known(NATION | {"enrollment.injury": "20000"}, NATION_ASSUMED))
    text = str(refused.value)
    for part in ("enrollment.injury of 200,000,000", "enrollment.unemployment of 216,890,000"):
        assert part in text
    for part in (
        "people of project_worker",
        "negative too: intern",
        "base.institution_share of 60%",
    ):
        assert part in text
    for part in ("pension.resident", "base.flexible", "base.unemployed"):
        assert part not in text


def test_flexible_workers_beyond_the_contributors_are_to_be_lowered():
    with pytest.raises(
        fs.ClosureError, match=r"people of dormant.*Lower base\.flexible to at most"
    ):
        solve_base(known(NATION, NATION_ASSUMED | {"base.flexible": 1.2e8}))
