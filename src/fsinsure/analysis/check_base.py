"""Is the money of the base year plausible? Published figures against the rules.

Three figures of the plan are set against what the rules and the base-year assumptions make of them:
the relief of 2020, the pensions of 2020, and the growth of the balance from 2015 to 2020. The base,
the rates and the people are right together only if the relief needs a believable payroll share of
small firms, the one thing about it that nobody published.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.base_year.balances import opening_balances
from fsinsure.checks import prepare
from fsinsure.dims import BASE_YEAR, QUANTITIES, STATUS
from fsinsure.parameters import base_year_value
from fsinsure.rules import contributions, injury, pension, relief, unemployment, wages
from fsinsure.sources import base_amount, facts, table
from fsinsure.year.terms import CLASSES, REST_CLASS, shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario

BELIEVABLE: Final = (0.5, 0.75)
"""Payroll share of small firms that is believable."""

NEAR: Final = 0.01
"""How near the relief by rule must come to the published one."""

COLUMNS: Final = ("check", "item", "value", "unit", "published", "low", "high", "plausible")


@dataclass(frozen=True)
class _Row:
    """One line; without bounds it is there to be read, not judged."""

    check: str
    item: str
    value: float
    unit: str
    published: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def plausible(self) -> bool | None:
        if self.low is None and self.high is None:
            return None
        above = self.low is None or self.value >= self.low
        return above and (self.high is None or self.value <= self.high)


@dataclass(frozen=True)
class _Due:
    """What was owed each month of the base year, yuan, before any relief."""

    employees: float
    base: float
    rate: float
    employers: float
    pension: float


def check_base(scenario: Scenario) -> pd.DataFrame:
    """Set the published figures of the base year against rules and assumptions.

    Parameters
    ----------
    scenario
        Its base-year assumptions count (``base.*``, ``wage.*``, ``injury.payroll_share_*``); what
        it sets for the projected years does not.

    Returns
    -------
    pandas.DataFrame
        Columns

        check
            ``relief``, ``pension`` or ``balance``.
        item, value, unit
            What is computed; unit is ``persons``, ``yuan``, ``yuan_month``, ``fraction`` or
            ``months``.
        published
            The figure of the plan where there is one for the item.
        low, high
            What is believable; blank where the item is not judged.
        plausible
            Whether it lies between them; none where the item is not judged.

    Raises
    ------
    InputError
        As :func:`fsinsure.checks.prepare`.
    """
    parameters, base = prepare(scenario)
    due = _due(parameters, base.totals)
    # The stock carries the pension in payment of a month.
    in_payment = base.stock[QUANTITIES.index("pension"), STATUS["retiree"]]
    bill = float(pension.pension_bill(in_payment, 1, 12).sum())
    reserve = opening_balances(parameters)["pension.enterprise"]
    rows = [*_relief(due), *_pension(bill, due, reserve), *_balance()]
    cells = [[getattr(row, column) for column in COLUMNS] for row in rows]
    found = pd.DataFrame(cells, columns=list(COLUMNS))
    numbers = dict.fromkeys(("value", "published", "low", "high"), "float64")
    return found.astype({**numbers, "plausible": "boolean"})


def law_of_relief() -> dict[str, float]:
    """Return shares and months of the relief of 2020 by size of firm."""
    prefix = f"relief.{BASE_YEAR}."
    return {
        row["rule"].removeprefix(prefix): base_amount(Decimal(row["value"]), row["unit"])
        for row in table("rules")
        if row["rule"].startswith(prefix)
    }


def _due(parameters: Parameters, people: Mapping[str, float]) -> _Due:
    """Owed by the employers of employees: pension, unemployment and injury insurance."""
    wage, cv = parameters.number("wage.mean"), parameters.number("wage.cv")
    cap = base_year_value("pension.base_cap")
    base = float(wages.expected_base(wage, cv, base_year_value("pension.base_floor"), cap))
    # Unemployment insurance has a floor of its own, the minimum wage.
    own = float(wages.expected_base(wage, cv, base_year_value("unemployment.minimum_wage"), cap))
    payroll = shares(parameters, "injury.payroll_share", CLASSES, REST_CLASS)
    classes = [base_year_value(f"injury.class_rate_{number}") for number in CLASSES]
    injury_rate = injury.cut_rate(
        contributions.floating_mean(base_year_value("injury.floating_factor"), classes, payroll),
        base_year_value("injury.cut"),
    )
    unemployment_rate = unemployment.employer_rate(
        base_year_value("unemployment.employer_rate"),
        base_year_value("unemployment.floating_factor"),
    )
    pension_rate = base_year_value("pension.employer_rate")
    employees = people["employee"]
    employers = contributions.contribution(base, pension_rate + injury_rate, employees)
    employers += contributions.contribution(own, unemployment_rate, employees)
    both = contributions.contribution(
        base, pension_rate + base_year_value("pension.employee_rate"), employees
    )
    floor = base_year_value("pension.base_floor")
    chosen = wages.contribution_base(base_year_value("pension.flexible_base") * floor, floor, cap)
    flexible = contributions.contribution(
        float(chosen), base_year_value("pension.flexible_rate"), people["flexible"]
    )
    rate = employers / (base * employees)
    return _Due(employees, base, rate, float(employers), float(both + flexible))


def _relief(due: _Due) -> list[_Row]:
    """Find the payroll share behind the relief of 2020, and what the rule gives within bounds."""
    published = facts()[f"relief.{BASE_YEAR}"].amount
    law = law_of_relief()
    small = float(
        relief.small_firm_share(
            published,
            due.employers,
            law["small_months"],
            law["small_share"],
            law["large_months"],
            law["large_share"],
        )
    )
    low, high = BELIEVABLE
    within = min(max(small, low), high)
    by_rule = float(
        relief.forgone(due.employers, law["small_share"], law["small_months"], within)
        + relief.forgone(due.employers, law["large_share"], law["large_months"], 1.0 - within)
    )
    near = (published * (1.0 - NEAR), published * (1.0 + NEAR))
    return [
        _Row("relief", "employees", due.employees, "persons"),
        _Row("relief", "mean_base", due.base, "yuan_month"),
        _Row("relief", "employer_rate", due.rate, "fraction"),
        _Row("relief", "monthly_due", due.employers, "yuan"),
        _Row("relief", "small_firm_share", small, "fraction", None, low, high),
        _Row("relief", "by_rule", by_rule, "yuan", published, *near),
    ]


def _pension(bill: float, due: _Due, reserve: float) -> list[_Row]:
    """Set the pensions in payment against those published, and what is there to pay them."""
    retirees, mean = facts()["retirees.enterprise"], facts()["pension.enterprise_mean"]
    published = float(pension.pension_bill(retirees.amount, mean.amount, 12))
    rounding = retirees.half_unit / retirees.amount + mean.half_unit / mean.amount
    bounds = (published * (1.0 - rounding), published * (1.0 + rounding))
    owed = 12.0 * due.pension
    return [
        _Row("pension", "bill", bill, "yuan", published, *bounds),
        _Row("pension", "contributions_due", owed, "yuan"),
        _Row("pension", "bill_share", bill / owed, "fraction"),
        _Row("pension", "reserve_months", 12.0 * reserve / bill, "months"),
    ]


def _balance() -> list[_Row]:
    """Find the balance of all funds in 2015, and whether it grew faster than by interest."""
    closing, growth = facts()["fund.balance"].amount, facts()["fund.balance_growth"]
    first, last = (int(year) for year in growth.date.split("/"))
    years = last - first
    opening = closing / (1.0 + growth.amount)
    yearly = (1.0 + growth.amount) ** (1.0 / years) - 1.0
    return [
        _Row("balance", "growth", growth.amount, "fraction", growth.amount),
        _Row("balance", "opening", opening, "yuan"),
        _Row(
            "balance", "yearly_growth", yearly, "fraction", None, base_year_value("fund.interest")
        ),
        _Row("balance", "yearly_increase", (closing - opening) / years, "yuan"),
    ]
