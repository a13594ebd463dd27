"""What happens to people in a year: deaths, births, migration, retirement, work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import CARRIED, FEMALE, MONTHS, PERSONS, STATUS, STATUSES
from fsinsure.profiles import profile
from fsinsure.rules.retirement import vested_months_share, vested_share
from fsinsure.state import (
    ACCOUNT_TAKEN,
    ARRIVED,
    BORN,
    DEAD,
    DEPARTED,
    LAND_EXPROPRIATED,
    STATUTORY_AGE,
    Inflow,
    Move,
)
from fsinsure.year import demography

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.year.event import Opening
    from fsinsure.year.law import Law

    Array = NDArray[np.float64]

NEWBORN = slice(0, 1)
WORKING_FROM = 16


def deaths(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Deaths by the life table, at the age at the start of the year, in every status alike."""
    return [Move(status, DEAD, law.dying) for status in STATUSES]


def births(law: Law, stock: Array, start: Opening) -> list[Inflow]:
    """Births, into ``outside``: fertility times the mean of women at the start and now."""
    women = stock[..., PERSONS, :, :, FEMALE, :].sum(axis=-3)
    born = demography.births(start.women, women, law.fertility)
    by_sex = born[..., None] * demography.sex_shares(law.number["fertility.sex_ratio"])
    return [Inflow(BORN, "outside", by_sex[..., None], NEWBORN)]


def newborn_deaths(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Deaths of children born in the year, before its end."""
    return [Move("outside", DEAD, law.infant, NEWBORN)]


def migration(law: Law, stock: Array, start: Opening) -> list[Move | Inflow]:
    """Gross migration: arrivals, who are not insured yet, and departures."""
    mobility = profile("departure")
    leaving = [
        Move(status, DEPARTED, law.share(f"migration.departure_{status}") * mobility)
        for status in ("outside", "employee", "dormant")
    ]
    return [Inflow(ARRIVED, "outside", law.cells("migration.arrivals") * law.arrival), *leaving]


def retirement(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Statutory age: a pension for the vested; the others go on paying or take their account.

    The vested of a cell are those with at least the minimum contribution months; within a cell
    these are lognormal around its mean (``retirement.service_cv``), so they carry more months
    than the others, and accounts in the same proportion.
    """
    ages = law.insured.ages
    reach = law.insured.share[:, ages]
    minimum = law.cells("retirement.min_months")
    withdraw = law.share("retirement.withdraw_share")
    moves = []
    for status in ("employee", "flexible", "unemployed", "dormant"):
        persons = np.maximum(stock[..., PERSONS, STATUS[status], :, :, ages], 0.0)
        months = stock[..., MONTHS, STATUS[status], :, :, ages]
        mean = np.divide(months, persons, out=np.zeros_like(months), where=persons > 0)
        cv = law.number["retirement.service_cv"]
        vested = np.empty_like(stock[..., CARRIED[status], STATUS[status], :, :, ages])
        vested[..., 0, :, :, :] = vested_share(mean, minimum, cv)
        vested[..., 1:, :, :, :] = vested_months_share(mean, minimum, cv)[..., None, :, :, :]
        moves.append(Move(status, "retiree", reach * vested, ages, STATUTORY_AGE))
        leave = reach * (1.0 - vested) * withdraw
        moves.append(Move(status, "outside", leave, ages, ACCOUNT_TAKEN))
    for status, target, whole in (
        ("civil", "civil_retiree", law.civil),
        ("resident", "resident_pensioner", law.resident),
    ):
        moves.append(Move(status, target, whole.share[None, None, :, whole.ages], whole.ages))
    return moves


def labour(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Losing, finding and changing insured work, at working age."""
    share = law.share
    ages, working = _working_age(law)
    separated = share("labour.separation") * working
    to_unemployed = share("labour.separation_unemployed")
    to_flexible = share("labour.separation_flexible")
    return [
        Move("employee", "unemployed", separated * to_unemployed, ages),
        Move("employee", "flexible", separated * to_flexible, ages),
        Move("employee", "dormant", separated * (1.0 - to_unemployed - to_flexible), ages),
        Move("unemployed", "employee", share("labour.reemployment") * working, ages),
        Move("unemployed", "dormant", share("labour.exhaustion") * working, ages),
        Move("dormant", "employee", share("labour.return") * working, ages),
        Move("flexible", "dormant", share("labour.lapse") * working, ages),
        Move("flexible", "employee", share("labour.flexible_to_employee") * working, ages),
    ]


def land_expropriated(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Transfers of residents to flexible work with the subsidy, on top of the growth paths."""
    ages, working = _working_age(law)
    moved = law.share("transfer.land_expropriated") * working
    return [Move("resident", "flexible", moved, ages, LAND_EXPROPRIATED)]


def _working_age(law: Law) -> tuple[slice, Array]:
    """Return the ages, and 1.0 for each sex while anybody is below the statutory age."""
    below = law.insured.below > 0
    ages = slice(WORKING_FROM, int(np.flatnonzero(below.any(axis=0))[-1]) + 1)
    return ages, below[:, ages].astype(np.float64)
