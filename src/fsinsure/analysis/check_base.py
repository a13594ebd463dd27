"""Base-year plausibility: published amounts against the rules.

Where they are published, three figures are compared with the values that the rules and the
base-year assumptions give: the relief of the base year, its pensions, and the growth of the
balance up to it. The payroll share of small firms is not published. Contribution base, rates and
people are plausible together only if the published relief implies a plausible share.

Some assumptions were set by these very figures, and a figure can only contradict what it did not
set: the column ``evidence`` says which figures are independent. Most amounts a member and
published wages (:mod:`fsinsure.analysis.anchors`) are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from fsinsure.analysis.anchors import (
    SET_BY,
    dilution,
    first_year,
    per_head,
    published_dilution,
    published_wage,
)
from fsinsure.analysis.observe import prepare
from fsinsure.base_year.balances import opening_balances
from fsinsure.dims import QUANTITIES
from fsinsure.ledger import ENTERPRISE, INJURY, UNEMPLOYMENT
from fsinsure.rules import contributions, pension, relief, wages
from fsinsure.statuses import STATUS
from fsinsure.year.terms import employer_rates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.engine.projection import Projection
    from fsinsure.parameters import Parameters
    from fsinsure.region.region import Region
    from fsinsure.scenario import Scenario

PLAUSIBLE_SHARE: Final = (0.5, 0.75)
"""Plausible payroll share of small firms."""

PLAUSIBLE_RESERVE: Final = (0.5, 120.0)
"""Plausible balance of the enterprise pension fund, months of its pensions; Guangdong had 50."""

MAX_DIFFERENCE: Final = 0.01
"""Largest relative difference between the relief by rule and the published one."""

PLAUSIBLE_HEAD: Final = (0.5, 2.0)
"""Plausible amounts a member, relative to the published one: half to double.

Places differ by less: bases start at 60 % of the mean wage, and provinces cut rates by up to a
half. A wrong unit, or months taken for years, differs by more.
"""

PLAUSIBLE_DECLARED: Final = (0.6, 1.0)
"""Plausible contribution base relative to the mean wage: few declare more, many declare less."""

PLAUSIBLE_DILUTION: Final = 0.01
"""Plausible difference of the yearly dilution from the published one: neither how many pensioners
were new is published nor the year from which the growth counts."""

INDEPENDENT, CALIBRATED, INPUT = EVIDENCE = ("independent", "calibrated", "input")
"""What a published figure says: independent, or an assumption was set by it, or it is the value."""

COLUMNS: Final = (
    *("check", "item", "value", "unit", "published", "low", "high", "plausible", "evidence"),
)


@dataclass(frozen=True)
class _Row:
    """A row of the table; without bounds it is informative only."""

    check: str
    item: str
    value: float
    unit: str
    published: float | None = None
    low: float | None = None
    high: float | None = None
    evidence: str = ""

    @property
    def plausible(self) -> bool | None:
        if self.low is None and self.high is None:
            return None
        above = self.low is None or self.value >= self.low
        return above and (self.high is None or self.value <= self.high)


@dataclass(frozen=True)
class _Due:
    """Contributions due in a month of the base year before relief, yuan, and their parts."""

    employees: float
    base: float
    rate: float
    employers: float
    pension: float


def check_base(scenario: Scenario) -> pd.DataFrame:
    """Compare the published figures of the base year with rules and assumptions.

    Parameters
    ----------
    scenario
        Its base-year assumptions are used (``base.*``, ``wage.*``, ``injury.payroll_share_*``);
        its values for the projected years are not.

    Returns
    -------
    pandas.DataFrame
        Columns

        check
            ``relief``, ``pension``, ``balance``, ``per_head`` or ``wages``.
        item, value, unit
            The computed value; the unit is ``persons``, ``yuan``, ``yuan_month``, ``yuan_year``,
            ``fraction`` or ``months``.
        published
            The published figure, where there is one for the item.
        low, high
            Plausible bounds; blank where the item is informative only.
        plausible
            Whether the value is within the bounds; missing where the item is informative only.
        evidence
            ``independent``, ``calibrated`` (an assumption was set so that it is met) or ``input``
            (it is the value itself); empty where nothing published is compared.

    Raises
    ------
    InputError
        As :func:`fsinsure.run`.
    """
    parameters, base = prepare(scenario)
    due = _due(parameters, base.totals)
    # The stock holds monthly pensions in payment.
    in_payment = base.stock[QUANTITIES.index("pension"), STATUS["retiree"]]
    bill = float(pension.pension_bill(in_payment, 1, 12).sum())
    reserve = float(opening_balances(parameters)["pension.enterprise"])
    region = parameters.region
    projection = first_year(scenario)
    rows = [*_relief(region, due), *_pension(parameters, bill, due, reserve)]
    rows += [*_dilution(projection), *_balance(region)]
    rows += [*_per_head(projection), *_wages(region, due)]
    cells = [[getattr(row, column) for column in COLUMNS] for row in rows]
    found = pd.DataFrame(cells, columns=list(COLUMNS))
    numbers = dict.fromkeys(("value", "published", "low", "high"), "float64")
    return found.astype({**numbers, "plausible": "boolean"})


def _due(parameters: Parameters, people: Mapping[str, float]) -> _Due:
    """Return what is due for employees: pension, unemployment and injury insurance."""
    wage, cv = parameters.number("wage.mean"), parameters.number("wage.cv")
    at = parameters.region.base_value
    floor, cap = at("pension.base_floor"), at("pension.base_cap")
    base = float(wages.expected_base(wage, cv, floor, cap))
    # The floor of the base of unemployment insurance is the minimum wage.
    minimum = at("unemployment.minimum_wage")
    unemployment_base = float(wages.expected_base(wage, cv, minimum, cap))
    chosen = wages.contribution_base(at("pension.flexible_base") * floor, floor, cap)
    rates = employer_rates(parameters, at)
    pension_rate, employees = rates[ENTERPRISE].item(), people["employee"]
    both_rates = pension_rate + at("pension.employee_rate")
    flexible_rate = at("pension.flexible_rate")
    due = contributions.contribution
    employers = due(base, pension_rate + rates[INJURY].item(), employees)
    employers += due(unemployment_base, rates[UNEMPLOYMENT].item(), employees)
    pensions = due(base, both_rates, employees)
    pensions += due(float(chosen), flexible_rate, people["flexible"])
    rate = employers / (base * employees)
    return _Due(employees, base, rate, float(employers), float(pensions))


def _relief(region: Region, due: _Due) -> list[_Row]:
    """Return the payroll share that the relief of the base year implies, and it by rule.

    Only the amounts due where no relief of the base year is published.
    """
    base = [
        _Row("relief", "employees", due.employees, "persons"),
        _Row("relief", "mean_base", due.base, "yuan_month"),
        _Row("relief", "employer_rate", due.rate, "fraction"),
        _Row("relief", "monthly_due", due.employers, "yuan"),
    ]
    year = region.base_year
    published = region.amount(f"relief.{year}")
    if published is None:
        return base
    law = {
        name: region.figure(f"relief.{year}_{name}").amount
        for name in ("small_share", "small_months", "large_share", "large_months")
    }
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
    low, high = PLAUSIBLE_SHARE
    within = min(max(small, low), high)
    by_rule = float(
        relief.waived(due.employers, law["small_share"], law["small_months"], within)
        + relief.waived(due.employers, law["large_share"], law["large_months"], 1.0 - within)
    )
    near = (published * (1.0 - MAX_DIFFERENCE), published * (1.0 + MAX_DIFFERENCE))
    return [
        *base,
        _Row("relief", "small_firm_share", small, "fraction", None, low, high, CALIBRATED),
        _Row("relief", "by_rule", by_rule, "yuan", published, *near, CALIBRATED),
    ]


def _pension(parameters: Parameters, bill: float, due: _Due, reserve: float) -> list[_Row]:
    """Compare the pensions in payment with the published ones, contributions and the reserve."""
    figures = parameters.region.figures
    compared: tuple[Any, ...] = ()
    if {"retirees.enterprise", "pension.enterprise_mean"} <= figures.keys():
        retirees, mean = figures["retirees.enterprise"], figures["pension.enterprise_mean"]
        published = float(pension.pension_bill(retirees.amount, mean.amount, 12))
        rounding = retirees.half_unit / retirees.amount + mean.half_unit / mean.amount
        compared = (published, published * (1.0 - rounding), published * (1.0 + rounding), INPUT)
    yearly_due = 12.0 * due.pension
    reserve_months = 12.0 * reserve / bill if bill else np.nan
    bounds = PLAUSIBLE_RESERVE if bill else (None, None)
    return [
        _Row("pension", "bill", bill, "yuan", *compared),
        _Row("pension", "contributions_due", yearly_due, "yuan"),
        _Row("pension", "bill_share", bill / yearly_due, "fraction"),
        _Row("pension", "reserve_months", reserve_months, "months", None, *bounds),
    ]


def _balance(region: Region) -> list[_Row]:
    """Return the balance of all funds before its growth, bounded below by the interest."""
    if not {"fund.balance", "fund.balance_growth"} <= region.figures.keys():
        return []
    closing, growth = region.figure("fund.balance").amount, region.figure("fund.balance_growth")
    first, last = (int(year) for year in growth.date.split("/"))
    years = last - first
    opening = closing / (1.0 + growth.amount)
    yearly = (1.0 + growth.amount) ** (1.0 / years) - 1.0
    return [
        _Row("balance", "growth", growth.amount, "fraction", growth.amount, evidence=INPUT),
        _Row("balance", "opening", opening, "yuan"),
        _Row(
            *("balance", "yearly_growth", yearly, "fraction", yearly),
            *(region.base_value("fund.interest"), None, INPUT),
        ),
        _Row("balance", "yearly_increase", (closing - opening) / years, "yuan"),
    ]


def _dilution(projection: Projection) -> list[_Row]:
    """Compare what new pensions do to the mean pension with what they did before the base year."""
    published = published_dilution(projection.region)
    if published is None:
        return []
    bounds = (published - PLAUSIBLE_DILUTION, published + PLAUSIBLE_DILUTION)
    found = dilution(projection)
    return [_Row("pension", "dilution", found, "fraction", published, *bounds, INDEPENDENT)]


def _per_head(projection: Projection) -> list[_Row]:
    """Compare what a member brings in and costs with what it is elsewhere."""
    low, high = PLAUSIBLE_HEAD
    return [
        _Row(
            *("per_head", one.name, one.value, "yuan_year", one.published),
            *(low * one.published, high * one.published),
            CALIBRATED if one.name in SET_BY else INDEPENDENT,
        )
        for one in per_head(projection)
    ]


def _wages(region: Region, due: _Due) -> list[_Row]:
    """Compare the mean contribution base with the published mean wage."""
    found = published_wage(region)
    if found is None:
        return []
    return [
        _Row("wages", "published_mean", found, "yuan_month", found),
        _Row(
            *("wages", "base_share", due.base / found, "fraction", None),
            *(*PLAUSIBLE_DECLARED, INDEPENDENT),
        ),
    ]
