"""Changes of accounts and pensions in a year, by cell, in fen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fsinsure.dims import AGES, HALF_YEAR, SEXES
from fsinsure.microsim.person_rules import PersonLaw, person_law
from fsinsure.rules import pension
from fsinsure.state import FEN, RANKS
from fsinsure.statuses import STATUS, STATUSES
from fsinsure.year.amounts import account_rates, credits_of, drawn_shares, rises

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fsinsure.arrays import Array
    from fsinsure.state import CellCode
    from fsinsure.year.law import Law


@dataclass(frozen=True, eq=False)
class Rates:
    """Changes of accounts and pensions in a year.

    Parameters
    ----------
    account_factor, account_credit
        An account after a year in a cell is
        ``account * account_factor[cell] + account_credit[status, rank]``, fen.
    account_factor_half, account_credit_half
        The same after the first and the second half-year ``[half, ...]``.
    flat, per_year, percent
        The rise of 1 January ``[cell]``, fen; ``flat`` contains the top-up by age.
    base
        Monthly contribution base of employees by wage rank ``[rank]``, yuan: ``base``, and that of
        unemployment insurance, ``base_unemployment``.
    law
        The parameters of rules of persons.
    """

    account_factor: Array
    account_credit: Array
    account_factor_half: Array
    account_credit_half: Array
    flat: Array
    per_year: Array
    percent: Array
    base: Mapping[str, Array]
    law: PersonLaw


def bind(law: Law, base: Mapping[str, Array], code: CellCode) -> Rates:
    """Bind the amounts of a year.

    Parameters
    ----------
    law
        Of the year.
    base
        By wage rank (:func:`fsinsure.year.terms.rank_bases`).
    code
        Of the cells.
    """
    # The first half of the money is computed before ageing.
    halves = [
        _half(law, float(rate), base["base"], code, law.year - 1 + half)
        for half, rate in enumerate(account_rates(law))
    ]
    (factor_1, credit_1), (factor_2, credit_2) = halves
    second = float(account_rates(law)[1])
    earns = 1.0 + float(pension.account_interest(1.0, 0.0, second, HALF_YEAR))
    return Rates(
        factor_1 * factor_2,
        # No status is both credited and drawn: the first credit earns interest in the second half.
        credit_1 * earns + credit_2,
        np.stack([factor_1, factor_2]),
        np.stack([credit_1, credit_2]),
        *_rises(law, code),
        base,
        person_law(law),
    )


def _half(law: Law, rate: float, base: Array, code: CellCode, year: int) -> tuple[Array, Array]:
    """Return the factor of accounts in half a year by cell, and credits by status and rank, fen.

    Parameters
    ----------
    year
        At whose end persons have the ages of this half-year.
    """
    factor = np.full(code.cells, 1.0 + float(pension.account_interest(1.0, 0.0, rate, HALF_YEAR)))
    by_cell = factor[:-1].reshape(len(STATUSES), code.areas, len(SEXES), code.births)
    for status, share in drawn_shares(law, year).items():
        by_cell[STATUS[status]] *= 1.0 - share[:, code.ages_at(year)]
    credit = np.zeros((len(STATUSES) + 1, RANKS))
    for status, amount in credits_of(law, base).items():
        fen = np.broadcast_to(amount.ravel() * FEN, RANKS)
        credit[STATUS[status]] = fen + pension.account_interest(0.0, fen, rate, HALF_YEAR)
    return factor, credit.ravel()


def _rises(law: Law, code: CellCode) -> tuple[Array, Array, Array]:
    before, size = code.ages_at(law.year - 1), code.places * code.births
    flat, per_year, percent = np.zeros((3, code.cells))
    for status, rise in rises(law).items():
        here = slice(STATUS[status] * size, (STATUS[status] + 1) * size)
        top_up = np.broadcast_to(rise.top_up.ravel(), AGES)[before]
        flat[here] = np.tile(FEN * (rise.flat.item() + top_up), code.places)
        per_year[here] = FEN * rise.per_year.item()
        percent[here] = rise.percent.item()
    return flat, per_year, percent
