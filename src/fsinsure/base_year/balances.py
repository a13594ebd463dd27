"""Accounts, contribution months and pensions in payment at the base year, and fund balances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import ACCOUNT, AGES, CADRES, FEMALE, MONTHS, PENSION, PERSONS, QUANTITIES
from fsinsure.errors import DataError
from fsinsure.parameters import Parameters
from fsinsure.rules.contributions import account_credit
from fsinsure.rules.wages import contribution_base, expected_base
from fsinsure.sources import Figure
from fsinsure.statuses import OPENING_SHARE, PENSIONERS, STATUS, STATUSES

TOTAL: Final = "fund.balance"
"""The published balance of all funds together."""


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


def opening_balances(parameters: Parameters) -> dict[str, Array | float]:
    """Return the published balance of each fund; the others share what is left of the total.

    They share it as their parameters say; one fund has what these leave of 100 %.

    Returns
    -------
    dict
        Yuan ``[...]`` by fund.

    Raises
    ------
    InputError
        If a balance is negative, balances contradict the total, or nobody has the rest; the
        message names the position of a figure.
    """
    region = parameters.region
    published = {fund: region.figures.get(f"fund.balance.{fund}") for fund in OPENING_SHARE}
    known = {fund: figure for fund, figure in published.items() if figure}
    for figure in (*known.values(), region.figures.get(TOTAL)):
        if figure and figure.value < 0:
            raise DataError(
                f"{figure.where}: {figure.name} is {figure.value}{figure.unit}: balances are not "
                "negative; give 0 for a fund in debt"
            )
    balances = {fund: figure.amount for fund, figure in known.items()}
    if known and (TOTAL in region.figures or len(known) < len(published)):
        rest = _rest(region.figure(TOTAL), [*known.values()], whole=len(known) == len(published))
    else:
        rest = 0.0 if known else region.figure(TOTAL).amount
    named = {fund: name for fund, name in OPENING_SHARE.items() if name}
    share = {fund: parameters.constant(name)[..., 0] for fund, name in named.items()}
    (remainder,) = (fund for fund, name in OPENING_SHARE.items() if not name)
    share[remainder] = np.maximum(0.0, 1.0 - sum(share.values()))  # below 0 by rounding only
    others = {fund: part for fund, part in share.items() if fund not in known}
    whole = np.asarray(sum(others.values()))
    if rest and not whole.all():
        raise DataError(
            f"{region.figure(TOTAL).where}: {TOTAL} leaves {rest / 1e8:,.2f}亿元 to "
            f"{', '.join(others)}, and fund.share_* give them nothing: give their balances, "
            "fund.balance.<fund>, or raise their shares"
        )
    left = {fund: rest * part / whole if rest else 0.0 for fund, part in others.items()}
    return {fund: (balances | left)[fund] for fund in OPENING_SHARE}


def _rest(total: Figure, known: Sequence[Figure], *, whole: bool) -> float:
    """Return what balances of funds leave of the total, 0 where they are the `whole` of it."""
    rest = total.amount - sum(one.amount for one in known)
    rounding = sum(one.half_unit for one in (total, *known)) * (1 + 1e-9)
    if rest < -rounding or (whole and rest > rounding):
        names = ", ".join(f"{one.name} {one.value}{one.unit}" for one in known)
        raise DataError(
            f"{total.where}: {total.name} is {total.value}{total.unit}, and the balances of its "
            f"funds are {(total.amount - rest) / 1e8:,.2f}亿元: {names}. Correct one of them, or "
            f"leave {total.name} out if every fund has its own"
        )
    return 0.0 if whole else max(0.0, rest)
