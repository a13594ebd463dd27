"""Members with the land-expropriation subsidy, followed while they pay as flexible workers.

The government pays a share of their contribution in their place: the fund gets no yuan more than
from other flexible workers, and the account is credited alike. Each year's joiners are a vintage,
paid for so many years from joining, until the sum set aside for them is used up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES, HALF_YEAR
from fsinsure.ledger import ENTERPRISE, Book
from fsinsure.rules import contributions, formula, resident
from fsinsure.state import LAND_EXPROPRIATED, Inflow, Move
from fsinsure.year import demography
from fsinsure.year.event import Opening
from fsinsure.year.law import Law
from fsinsure.year.relief import paid_share

contribution, land_subsidy = formula(contributions.contribution), formula(resident.land_subsidy)

JOINED = "flexible"


def ageing(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Ageing by one year, of the stock and of the subsidised, in place."""
    demography.age_by_one(stock)
    if start.book is not None:
        age(law, start.book)
    return []


def age(law: Law, book: Book) -> None:
    """Age the subsidised by one year, open a vintage and drop the one that is paid in full."""
    if book.land is not None:
        older = book.land.copy()
        demography.age_by_one(older)
        kept = int(np.ceil(law.areas("transfer.land_subsidy_years").max()))
        new = np.zeros_like(older[..., :1, :, :, :])
        book.land = np.concatenate([new, older[..., :kept, :, :, :]], axis=-4)


def follow(moves: Sequence[Move | Inflow], amounts: Sequence[Array], book: Book) -> None:
    """Move the subsidised out like all flexible workers of their cell, and add those who join."""
    before = book.land
    if before is not None:
        left = before.copy()
        for move in moves:
            if isinstance(move, Move) and move.source == JOINED:
                # One probability for all vintages: that of persons.
                share = move.probability[..., :1, :, :, :]
                left[..., move.ages] -= before[..., move.ages] * share
        book.land = left
    for move, amount in zip(moves, amounts, strict=True):
        if move.reason == LAND_EXPROPRIATED:
            _join(move.ages, amount[..., 0, :, :, :], book)


def _join(ages: slice, persons: Array, book: Book) -> None:
    if book.land is None and persons.any():
        book.land = np.zeros((*persons.shape[:-3], 1, *persons.shape[-3:-1], AGES))
    if book.land is not None:
        book.land[..., 0, :, :, ages] += persons


def subsidise(law: Law, book: Book, *, second: bool) -> None:
    """Post half a year of subsidy, in the place of part of the flexible workers' contributions.

    It is a share of what they pay; what a relief waives or defers is not subsidised.

    Parameters
    ----------
    second
        Whether it is the second half-year, in which the new vintage is paid for the first time.
    """
    if book.land is None:
        return
    persons = book.land.sum(axis=(-2, -1))  # [..., vintage, area]
    vintage = np.arange(persons.shape[-2])[:, None]
    # In the first half-year the vintage of the year is not open yet.
    paid = HALF_YEAR * (2 * vintage + (0 if second else 1))
    years = law.areas("transfer.land_subsidy_years")[..., None, :]
    left = np.maximum(12 * years - paid, 0.0)
    share = law.areas("transfer.land_subsidy_share")[..., None, :]
    rate = law.areas("pension.flexible_rate")[..., None, :]
    monthly = contribution(law.areas("base_flexible")[..., None, :], rate, 1)
    each = land_subsidy(monthly * HALF_YEAR, share, monthly * share * left)
    amount = (persons * each).sum(axis=-2)
    amount = amount * paid_share(law.relief[int(second)], ENTERPRISE, JOINED)
    book.post(ENTERPRISE, "land_subsidy", amount)
    book.post(ENTERPRISE, JOINED, -amount)
