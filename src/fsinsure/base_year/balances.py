"""What people bring along from before the base year: accounts, and pensions in payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import AGES, QUANTITIES, STATUS, STATUSES
from fsinsure.parameters import base_year_value
from fsinsure.rules.contributions import account_credit
from fsinsure.rules.wages import contribution_base, expected_base
from fsinsure.sources import facts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.parameters import Parameters

    Array = NDArray[np.float64]

CIVIL_MONTHS = 75
"""Months from October 2014, when civil staff got accounts, to the end of 2020 (国发〔2015〕2号)."""

FUND_SHARES = {
    "pension.civil": "fund.share_civil",
    "pension.resident": "fund.share_resident",
    "unemployment": "fund.share_unemployment",
    "injury": "fund.share_injury",
}


def base_quantities(parameters: Parameters, persons: Array, months: Array) -> Array:
    """Return the full base stock ``[quantity, status, district, sex, age]``.

    Parameters
    ----------
    persons
        ``[status, district, sex, age]``
    months
        Mean contribution months of those who still pay ``[status, 1, 1, age]``.
    """
    months = months.copy()
    for status in ("retiree", "civil_retiree"):
        months[STATUS[status]] = parameters.number("base.service_months_retiree")
    each = np.zeros((len(QUANTITIES), len(STATUSES), 1, 1, AGES))
    each[0] = 1.0
    each[1] = months
    each[2] = _accounts(parameters, months)
    each[3] = _pensions(parameters)
    return np.asarray(each * persons)


def _accounts(parameters: Parameters, months: Array) -> Array:
    """Mean account a person: months paid, times what a month credits, times the ratio."""
    number = parameters.number
    floor, cap = base_year_value("pension.base_floor"), base_year_value("pension.base_cap")
    rate = base_year_value("pension.account_rate")
    lowest = floor * base_year_value("pension.flexible_base")
    base = expected_base(number("wage.mean"), number("wage.cv"), floor, cap)
    flexible = contribution_base(lowest, floor, cap)
    civil_rate = base_year_value("civil.employee_rate")
    accounts = np.zeros((len(STATUSES), 1, 1, AGES))
    for status in ("employee", "unemployed", "dormant", "flexible"):
        monthly = account_credit(flexible if status == "flexible" else base, rate, 1)
        accounts[STATUS[status]] = number("base.account_ratio") * monthly * months[STATUS[status]]
    accounts[STATUS["civil"]] = account_credit(number("civil.wage"), civil_rate, CIVIL_MONTHS)
    accounts[STATUS["civil"]] *= number("base.account_ratio")
    accounts[STATUS["resident"]] = number("resident.account")
    return accounts


def _pensions(parameters: Parameters) -> Array:
    """Mean monthly pension a person: the published ones of 2020, and assumptions."""
    pensions = np.zeros((len(STATUSES), 1, 1, AGES))
    pensions[STATUS["retiree"]] = facts()["pension.enterprise_mean"].amount
    pensions[STATUS["civil_retiree"]] = parameters.number("civil.pension")
    pensions[STATUS["resident_pensioner"]] = facts()[
        "pension.resident_base"
    ].amount + parameters.number("resident.account_pension")
    return pensions


def opening_balances(parameters: Parameters) -> dict[str, float]:
    """Split the published balance of all funds; the enterprise pension fund has the rest."""
    fact = facts()["fund.balance"]
    share = {fund: parameters.number(name) for fund, name in FUND_SHARES.items()}
    rest = 1.0 - sum(share.values())
    share["pension.enterprise"] = max(0.0, rest)
    return {fund: part * fact.amount for fund, part in share.items()}
