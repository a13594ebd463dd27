"""Accounts, contribution months and pensions in payment at the base year, and fund balances."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import ACCOUNT, AGES, CADRES, FEMALE, MONTHS, PENSION, PERSONS, QUANTITIES
from fsinsure.errors import DataError
from fsinsure.messages import separated
from fsinsure.parameters import Parameters
from fsinsure.rules.contributions import account_credit
from fsinsure.rules.wages import contribution_base, expected_base
from fsinsure.sources import Figure
from fsinsure.statuses import OPENING_SHARE, PENSIONERS, STATUS, STATUSES

FEW: Final = 1e-9
"""Share of the people of an age below which nobody is in a status."""

TOTAL: Final = "fund.balance"
"""The published balance of all funds together."""


def base_quantities(parameters: Parameters, persons: Array, months: Array, course: Array) -> Array:
    """Return the full base stock ``[..., quantity, status, area, sex, age]``.

    Parameters
    ----------
    parameters
        Its numbers may have values by draw (:func:`cells_of`).
    persons
        ``[..., status, area, sex, age]``
    months
        Mean contribution months of those who may still pay ``[..., status, 1, sex, age]``.
    course
        :func:`fsinsure.base_year.life_course.life_course`.
    """
    retired = cells_of(parameters, "base.service_months_retiree")
    months = _of_draws(months, retired)
    for status in ("retiree", "civil_retiree"):
        months[..., STATUS[status], :, :, :] = retired
    accounts, pensions = _accounts(parameters, months), _pensions(parameters)
    draws = np.broadcast_shapes(*(one.shape[:-4] for one in (persons, months, accounts, pensions)))
    stock = np.zeros((*draws, len(QUANTITIES), *persons.shape[-4:]))
    stock[..., PERSONS, :, :, :, :] = persons
    stock[..., MONTHS, :, :, :, :] = months * persons
    stock[..., ACCOUNT, :, :, :, :] = accounts * persons
    stock[..., PENSION, :, :, :, :] = pensions * persons
    women = persons[..., FEMALE, :]
    stock[..., CADRES, :, :, FEMALE, :] = women * _cadre_share(parameters, course)[..., None, :]
    return stock


def cells_of(parameters: Parameters, name: str) -> Array:
    """Return a number, or one for each draw, that meets ``[..., area, sex, age]``."""
    return np.asarray(parameters.scalars[name], dtype=np.float64)[..., None, None, None]


def _of_draws(cells: Array, *numbers: Array) -> Array:
    """Copy ``[..., status, area, sex, age]`` for all draws of some numbers of :func:`cells_of`."""
    draws = np.broadcast_shapes(cells.shape[:-4], *(one.shape[:-3] for one in numbers))
    return np.broadcast_to(cells, (*draws, *cells.shape[-4:])).copy()


def _cadre_share(parameters: Parameters, course: Array) -> Array:
    """Return the share of women with the pension age of cadres ``[..., status, age]``.

    From the age of workers in the law of the base year on, of those without a pension the share of
    the life course: workers who lack months wait among the cadres.
    """
    all_ages = cells_of(parameters, "retirement.cadre_share")[..., 0, :]
    draws = np.broadcast_shapes(all_ages.shape[:-2], course.shape[:-4])
    share = np.broadcast_to(all_ages, (*draws, len(STATUSES), AGES)).copy()
    waiting = [STATUS[status] for status in STATUSES if status not in PENSIONERS]
    older = slice(int(parameters.region.base_value("retirement.age_worker")), AGES)
    women, cadres = (
        course[..., number, :, FEMALE, older][..., waiting, :] for number in (PERSONS, CADRES)
    )
    found = np.divide(cadres, women, out=np.ones_like(women), where=women > FEW)
    share[..., waiting, older] = found
    return np.asarray(np.clip(share, 0.0, 1.0))


def _accounts(parameters: Parameters, months: Array) -> Array:
    """Mean account balance: months paid × credit of a month × ``base.account_ratio``."""
    at, cells = parameters.region.base_value, partial(cells_of, parameters)
    floor, cap = at("pension.base_floor"), at("pension.base_cap")
    rate = at("pension.account_rate")
    lowest = floor * at("pension.flexible_base")
    base = expected_base(cells("wage.mean"), cells("wage.cv"), floor, cap)
    flexible = contribution_base(lowest, floor, cap)
    ratio = cells("base.account_ratio")
    months_paid = 12 * parameters.region.first_year - round(12 * _civil_start(parameters))
    civil = account_credit(cells("civil.wage"), at("civil.employee_rate"), months_paid)
    resident = cells("resident.account")
    numbers = (np.asarray(base), ratio, np.asarray(civil), resident)
    accounts = _of_draws(np.zeros(months.shape[-4:]), months[..., 0, :, :, :], *numbers)
    for status in ("employee", "unemployed", "dormant", "flexible"):
        monthly = account_credit(flexible if status == "flexible" else base, rate, 1)
        own = months[..., STATUS[status], :, :, :]
        accounts[..., STATUS[status], :, :, :] = ratio * monthly * own
    accounts[..., STATUS["civil_service"], :, :, :] = civil * ratio
    accounts[..., STATUS["resident"], :, :, :] = resident
    return accounts


def _civil_start(parameters: Parameters) -> float:
    """Return since when civil staff have accounts: the first date of their own contributions."""
    return parameters.region.values["civil.employee_rate"][0].date or 0.0


def _pensions(parameters: Parameters) -> Array:
    """Mean monthly pension in payment ``[..., status, 1, 1, 1]``."""
    cells = partial(cells_of, parameters)
    of = {
        "retiree": cells("pension.in_payment"),
        "civil_retiree": cells("civil.pension"),
        "resident_pensioner": cells("resident.base_pension") + cells("resident.account_pension"),
    }
    pensions = _of_draws(np.zeros((len(STATUSES), 1, 1, 1)), *of.values())
    for status, pension in of.items():
        pensions[..., STATUS[status], :, :, :] = pension
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
                "{where}: {name} is {value}{unit}: balances are not negative; give 0 for a fund "
                "in debt",
                where=figure.where,
                name=figure.name,
                value=figure.value,
                unit=figure.unit,
            )
    balances = {fund: np.asarray(figure.amount) for fund, figure in known.items()}
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
            "{where}: {total} leaves {rest:,.2f}亿元 to {others}, and fund.share_* give them "
            "nothing: give their balances, fund.balance.<fund>, or raise their shares",
            where=region.figure(TOTAL).where,
            total=TOTAL,
            rest=rest / 1e8,
            others=separated(others),
        )
    left = {fund: np.asarray(rest * part / whole if rest else 0.0) for fund, part in others.items()}
    return {fund: (balances | left)[fund] for fund in OPENING_SHARE}


def _rest(total: Figure, known: Sequence[Figure], *, whole: bool) -> float:
    """Return what balances of funds leave of the total, 0 where they are the `whole` of it."""
    rest = total.amount - sum(one.amount for one in known)
    rounding = sum(one.half_unit for one in (total, *known)) * (1 + 1e-9)
    if rest < -rounding or (whole and rest > rounding):
        names = separated(f"{one.name} {one.value}{one.unit}" for one in known)
        raise DataError(
            "{where}: {name} is {value}{unit}, and the balances of its funds are "
            "{amount:,.2f}亿元: {names}. Correct one of them, or leave {name} out if every fund "
            "has its own",
            where=total.where,
            name=total.name,
            value=total.value,
            unit=total.unit,
            amount=(total.amount - rest) / 1e8,
            names=names,
        )
    return 0.0 if whole else max(0.0, rest)
