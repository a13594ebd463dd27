"""Accounts, contribution months and pensions in payment at the base year, and fund balances."""

from __future__ import annotations

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import ACCOUNT, AGES, CADRES, FEMALE, MONTHS, PENSION, PERSONS, QUANTITIES
from fsinsure.parameters import Parameters
from fsinsure.rules.contributions import account_credit
from fsinsure.rules.wages import contribution_base, expected_base
from fsinsure.statuses import OPENING_SHARE, PENSIONERS, STATUS, STATUSES


def base_quantities(parameters: Parameters, persons: Array, months: Array, course: Array) -> Array:
    """Return the full base stock ``[quantity, status, area, sex, age]``.

    Parameters
    ----------
    persons
        ``[status, area, sex, age]``
    months
        Mean contribution months of those who may still pay ``[status, 1, sex, age]``.
    course
        :func:`fsinsure.base_year.life_course.life_course`.
    """
    months = months.copy()
    for status in ("retiree", "civil_retiree"):
        months[STATUS[status]] = parameters.number("base.service_months_retiree")
    each = np.zeros((len(QUANTITIES), *months.shape))
    each[PERSONS] = 1.0
    each[MONTHS] = months
    each[ACCOUNT] = _accounts(parameters, months)
    each[PENSION] = _pensions(parameters)
    stock = np.asarray(each * persons)
    women = persons[:, :, FEMALE, :]
    stock[CADRES, :, :, FEMALE, :] = women * _cadre_share(parameters, course)[:, None, :]
    return stock


def _cadre_share(parameters: Parameters, course: Array) -> Array:
    """Return the share of women with the pension age of cadres ``[status, age]``.

    From the age of workers in the law of the base year on, of those without a pension the share of
    the life course: workers who lack months wait among the cadres.
    """
    share = np.full((len(STATUSES), AGES), parameters.number("retirement.cadre_share"))
    waiting = [STATUS[status] for status in STATUSES if status not in PENSIONERS]
    older = slice(int(parameters.region.base_value("retirement.age_worker")), AGES)
    women, cadres = (course[number, waiting, FEMALE, older] for number in (PERSONS, CADRES))
    share[waiting, older] = np.divide(cadres, women, out=np.ones_like(women), where=women > 0)
    return np.asarray(np.clip(share, 0.0, 1.0))


def _accounts(parameters: Parameters, months: Array) -> Array:
    """Mean account balance: months paid × credit of a month × ``base.account_ratio``."""
    number = parameters.number
    at = parameters.region.base_value
    floor, cap = at("pension.base_floor"), at("pension.base_cap")
    rate = at("pension.account_rate")
    lowest = floor * at("pension.flexible_base")
    base = expected_base(number("wage.mean"), number("wage.cv"), floor, cap)
    flexible = contribution_base(lowest, floor, cap)
    civil_rate = at("civil.employee_rate")
    accounts = np.zeros_like(months)
    for status in ("employee", "unemployed", "dormant", "flexible"):
        monthly = account_credit(flexible if status == "flexible" else base, rate, 1)
        accounts[STATUS[status]] = number("base.account_ratio") * monthly * months[STATUS[status]]
    months_paid = 12 * parameters.region.first_year - round(12 * _civil_start(parameters))
    civil = account_credit(number("civil.wage"), civil_rate, months_paid)
    accounts[STATUS["civil_service"]] = civil * number("base.account_ratio")
    accounts[STATUS["resident"]] = number("resident.account")
    return accounts


def _civil_start(parameters: Parameters) -> float:
    """Return since when civil staff have accounts: the first date of their own contributions."""
    return parameters.region.values["civil.employee_rate"][0].date or 0.0


def _pensions(parameters: Parameters) -> Array:
    """Mean monthly pension in payment."""
    pensions = np.zeros((len(STATUSES), 1, 1, AGES))
    pensions[STATUS["retiree"]] = parameters.number("pension.in_payment")
    pensions[STATUS["civil_retiree"]] = parameters.number("civil.pension")
    base = parameters.number("resident.base_pension")
    pensions[STATUS["resident_pensioner"]] = base + parameters.number("resident.account_pension")
    return pensions


def opening_balances(parameters: Parameters) -> dict[str, float]:
    """Return the published balance of each fund, or split that of all funds together.

    Funds share what is left of the total by their parameters; one has the rest.

    Returns
    -------
    dict
        Yuan by fund.
    """
    region = parameters.region
    known = {fund: region.amount(f"fund.balance.{fund}") for fund in OPENING_SHARE}
    if all(balance is not None for balance in known.values()):
        return {fund: balance or 0.0 for fund, balance in known.items()}
    total = region.figure("fund.balance").amount
    share = {fund: parameters.number(name) for fund, name in OPENING_SHARE.items() if name}
    (remainder,) = (fund for fund, name in OPENING_SHARE.items() if not name)
    share[remainder] = max(0.0, 1.0 - sum(share.values()))  # below 0 by rounding only
    return {fund: part * total for fund, part in share.items()}
