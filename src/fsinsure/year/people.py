"""What happens to people in a year, in order: the year is written once, here.

Each event takes the law of the year and the stock ``[..., quantity, status, district, sex, age]``
as the events before left it, and returns moves; the moves of one event happen at the same time.
Two events, :func:`ageing` and :func:`half_year`, change everybody in place and return none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from fsinsure.dims import CARRIED, PAYING, STATUS, STATUSES
from fsinsure.profiles import profile
from fsinsure.rules import formula
from fsinsure.rules import retirement as rules
from fsinsure.state import ARRIVED, BORN, DEAD, DEPARTED, Inflow, Move
from fsinsure.year import demography

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fsinsure.ledger import Book
    from fsinsure.year.law import Law

    Array = NDArray[np.float64]

vested_share = formula(rules.vested_share)
vested_months_share = formula(rules.vested_months_share)

NEWBORN = slice(0, 1)
WORKING_FROM = 16
LAND_EXPROPRIATED = "land-expropriated transfer"


@dataclass(frozen=True, eq=False)
class Opening:
    """The stock of 31 December before, as far as later events need it.

    Parameters
    ----------
    people
        Persons by status and district ``[..., status, district]``.
    women
        Women by age ``[..., district, age]``.
    book
        Where the money of the year is posted; None where only heads are counted.
    """

    people: Array
    women: Array
    book: Book | None = None


def opening(stock: Array, book: Book | None = None) -> Opening:
    """Note what later events of the year need of the opening stock."""
    persons = stock[..., 0, :, :, :, :]
    return Opening(persons.sum(axis=(-2, -1)), persons[..., :, :, 1, :].sum(axis=-3), book)


Event: TypeAlias = Callable[["Law", "Array", Opening], Sequence[Move | Inflow]]


def deaths(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Die at the life table's rate for the age at the start of the year, whatever the status."""
    return [Move(status, DEAD, law.dying) for status in STATUSES]


def ageing(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Turn everyone one year older, in place."""
    demography.age_by_one(stock)
    return []


def births(law: Law, stock: Array, start: Opening) -> list[Inflow]:
    """Be born, into ``outside``: national fertility times the level, on mid-year women."""
    women = stock[..., 0, :, :, 1, :].sum(axis=-3)
    born = demography.births(start.women, women, law.fertility)
    by_sex = born[..., None] * demography.sex_shares(law.number["fertility.sex_ratio"])
    return [Inflow(BORN, "outside", by_sex[..., None], NEWBORN)]


def newborn_deaths(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Die before the first 31 December."""
    return [Move("outside", DEAD, law.infant, NEWBORN)]


def migration(law: Law, stock: Array, start: Opening) -> list[Move | Inflow]:
    """Arrive in the city uninsured, or leave it."""
    arrivals = law.value["migration.arrivals"][..., 0, :, :, :] * law.arrival
    mobility = profile("departure")
    leaving = [
        Move(status, DEPARTED, law.value[f"migration.departure_{status}"] * mobility)
        for status in ("outside", "employee", "dormant")
    ]
    return [Inflow(ARRIVED, "outside", arrivals), *leaving]


def half_year(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Earn six contribution months, in place: everyone who pays now.

    It happens twice, before and after the year's moves: who pays all year earns twelve months, and
    who starts, stops, dies or leaves within it earns six on average. Who has taken the account has
    no months left.
    """
    stock[..., 1, STATUS["outside"], :, :, :] = 0.0
    for status in PAYING:
        stock[..., 1, STATUS[status], :, :, :] += 6.0 * stock[..., 0, STATUS[status], :, :, :]
    return []


def retirement(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Reach the statutory age: draw a pension if vested, else pay on or take the account.

    The vested of a cell are those with at least the minimum contribution months; within a cell
    these are lognormal around its mean (``retirement.service_cv``), so they carry more months
    than the others, and accounts in the same proportion.
    """
    ages = law.insured.ages
    reach = law.insured.share[:, ages]
    minimum = law.value["retirement.min_months"][..., 0, :, :, :]
    withdraw = law.value["retirement.withdraw_share"]
    moves = []
    for status in ("employee", "flexible", "unemployed", "dormant"):
        persons = np.maximum(stock[..., 0, STATUS[status], :, :, ages], 0.0)
        months = stock[..., 1, STATUS[status], :, :, ages]
        mean = np.divide(months, persons, out=np.zeros_like(months), where=persons > 0)
        cv = law.number["retirement.service_cv"]
        vested = np.empty_like(stock[..., CARRIED[status], STATUS[status], :, :, ages])
        vested[..., 0, :, :, :] = vested_share(mean, minimum, cv)
        vested[..., 1:, :, :, :] = vested_months_share(mean, minimum, cv)[..., None, :, :, :]
        moves.append(Move(status, "retiree", reach * vested, ages, "statutory age"))
        leave = reach * (1.0 - vested) * withdraw
        moves.append(Move(status, "outside", leave, ages, "account taken"))
    for status, target, whole in (
        ("civil", "civil_retiree", law.civil),
        ("resident", "resident_pensioner", law.resident),
    ):
        moves.append(Move(status, target, whole.share[None, None, :, whole.ages], whole.ages))
    return moves


def labour(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Lose, find and change insured work, at working age."""
    value = law.value
    ages, working = _working_age(law)
    separated = value["labour.separation"] * working
    to_unemployed = value["labour.separation_unemployed"]
    to_flexible = value["labour.separation_flexible"]
    return [
        Move("employee", "unemployed", separated * to_unemployed, ages),
        Move("employee", "flexible", separated * to_flexible, ages),
        Move("employee", "dormant", separated * (1.0 - to_unemployed - to_flexible), ages),
        Move("unemployed", "employee", value["labour.reemployment"] * working, ages),
        Move("unemployed", "dormant", value["labour.exhaustion"] * working, ages),
        Move("dormant", "employee", value["labour.return"] * working, ages),
        Move("flexible", "dormant", value["labour.lapse"] * working, ages),
        Move("flexible", "employee", value["labour.flexible_to_employee"] * working, ages),
    ]


def land_expropriated(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Join as flexible workers with the land-expropriation subsidy, on top of the growth paths."""
    ages, working = _working_age(law)
    moved = law.value["transfer.land_expropriated"] * working
    return [Move("resident", "flexible", moved, ages, LAND_EXPROPRIATED)]


def _working_age(law: Law) -> tuple[slice, Array]:
    """Return the ages, and 1.0 for each sex while anybody is below the statutory age."""
    below = law.insured.below > 0
    ages = slice(WORKING_FROM, int(np.flatnonzero(below.any(axis=0))[-1]) + 1)
    return ages, below[:, ages].astype(np.float64)
