"""Retirement: at the pension age a pension for the vested, else the account or further payment.

The vested of a cell are those with at least the minimum contribution months; within a cell these
are lognormal around its mean (``retirement.service_cv``), so the vested carry more months than the
others, and accounts in the same proportion. Women have the age of cadres or of workers; the stock
counts the first (the quantity ``cadres``). Women insured as flexible workers have the age of
cadres, 55 (劳社部发〔2001〕20号 art. 1).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES, CADRES, FEMALE, MALE, MONTHS, PENSION, PERSONS, YEAR
from fsinsure.rules import formula
from fsinsure.rules import retirement as rules
from fsinsure.state import ACCOUNT_TAKEN, STATUTORY_AGE, Move
from fsinsure.statuses import AS_CADRES, INSURED, PAYING, PENSION_OF, STATUS
from fsinsure.year.event import Opening
from fsinsure.year.law import Law
from fsinsure.year.pension_age import LATE, ON_TIME

vested_share = formula(rules.vested_share)
vested_months_share = formula(rules.vested_months_share)

SUBSTITUTIONS: Final = 6
"""Rounds in which the mean months of a birth year are found from those of a mixed cell."""

LEAST: Final = 0.25
"""Of the mean months of a birth year, what those who lack months have at least."""

ROWS: Final = [STATUS[status] for status in INSURED]
PAYS: Final = np.isin(INSURED, PAYING)[:, None, None]
ALL_AS_CADRES: Final = np.isin(INSURED, AS_CADRES)[:, None, None]
"""By insured status ``[status, 1, 1]``."""


def retirement(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Return the moves of those who reach the pension age."""
    return [*insured(law, stock, law.retiring), *without_months(law)]


def without_months(law: Law) -> list[Move]:
    """Return the moves of the statuses whose members all draw a pension at the age."""
    civil = np.stack([law.reach[who].share.sum(axis=0) for who in ("male", "cadre")])
    resident = law.reach["resident"]
    return [
        _all_vest("civil_service", civil, None),
        _all_vest("resident", resident.share[[ON_TIME] * 2], resident.divisor),
    ]


def _all_vest(source: str, share: Array, divisor: Array | None) -> Move:
    """Return the move of a status whose members all draw a pension at the age ``[sex, age]``."""
    ages = slice(int(np.argmax(share.any(axis=0))), AGES)
    paid = None if divisor is None else divisor[ON_TIME, ages]
    return Move(source, PENSION_OF[source], share[None, None, :, ages], ages, divisor=paid)


def insured(law: Law, stock: Array, ages: slice) -> list[Move]:
    """Return the moves of the insured at some ages: to a pension, and out with the account.

    Parameters
    ----------
    law
        Of the year.
    stock
        ``[..., quantity, status, area, sex, age]``, all ages.
    ages
        Of :attr:`fsinsure.year.law.Law.retiring`.
    """
    cells = stock[..., ROWS, :, :, ages]  # [..., quantity, status, area, sex, age]
    persons = np.maximum(cells[..., PERSONS, :, :, :, :], 0.0)
    months = cells[..., MONTHS, :, :, :, :]
    mean = np.divide(months, persons, out=np.zeros_like(months), where=persons > 0)
    award = np.zeros_like(cells[..., :PENSION, :, :, :, :])
    leave, paid = np.zeros_like(award), np.zeros_like(persons)
    cadres = _cadres(cells)
    women = _mixture(law, ages, mean[..., FEMALE, :], cadres)
    for sex, who, weight in (
        (MALE, "male", np.ones_like(cadres)),
        (FEMALE, "cadre", cadres),
        (FEMALE, "worker", 1.0 - cadres),
    ):
        reach, here = law.reach[who], mean[..., sex, :]
        to_pension, out = award[..., sex, :], leave[..., sex, :]
        for claim in law.claims:
            if who == "cadre":
                vested = _vested_of_all(law, claim, here, women)
            else:
                vested = _vested(law, claim, here)
                if who == "worker" and claim != LATE:
                    vested = _vested_later(law, ages, here, women, vested)
            share = reach.share[claim, ages]
            moving = weight * share
            to_pension[..., PERSONS, :, :, :] += moving * vested.persons
            to_pension[..., MONTHS:, :, :, :] += (moving * vested.months)[..., None, :, :, :]
            paid[..., sex, :] += moving * vested.months / reach.divisor[claim, ages]
            if who == "cadre":
                to_pension[..., CADRES, :, :, :] += share * vested.persons
            # Those who lack months are asked at the statutory age, whenever they meant to claim.
            if claim == ON_TIME:
                asked = reach.statutory[ages]
                out[..., PERSONS, :, :, :] += weight * asked * (1.0 - vested.persons)
                out[..., MONTHS:, :, :, :] += (weight * asked * vested.others)[..., None, :, :, :]
                if who == "cadre":
                    out[..., CADRES, :, :, :] += asked * (1.0 - vested.persons)
    by_sex = [law.reach[who].divisor[ON_TIME, ages] for who in ("male", "worker")]
    divisor = np.broadcast_to(np.stack(by_sex), paid.shape).copy()
    np.divide(award[..., MONTHS, :, :, :, :], paid, out=divisor, where=paid > 0)
    leave *= law.share("retirement.withdraw_share")[..., None, :, :, :]
    moves = []
    for row, status in enumerate(INSURED):
        pension, account = award[..., row, :, :, :], leave[..., row, :, :, :]
        paid_out = divisor[..., row, :, :, :]
        moves.append(Move(status, PENSION_OF[status], pension, ages, STATUTORY_AGE, paid_out))
        moves.append(Move(status, "not_insured", account, ages, ACCOUNT_TAKEN))
    return moves


def _cadres(cells: Array) -> Array:
    """Return the share of women with the pension age of cadres ``[..., status, area, age]``."""
    women = np.maximum(cells[..., PERSONS, :, :, FEMALE, :], 0.0)
    count = np.maximum(cells[..., CADRES, :, :, FEMALE, :], 0.0)
    share = np.divide(count, women, out=np.ones_like(women), where=women > 0)
    return np.where(ALL_AS_CADRES, 1.0, np.minimum(share, 1.0))


class Vested(NamedTuple):
    """Who of those who reach the pension age is vested ``[..., status, area, age]``.

    Parameters
    ----------
    persons
        Share of persons who are.
    months
        Share of the contribution months that they hold.
    others
        Share of the months that the others hold.
    """

    persons: Array
    months: Array
    others: Array


def _vested(law: Law, claim: int, mean: Array) -> Vested:
    """Return who is vested of those who reach the age, by the mean months of a cell.

    The minimum is that of the year of claiming; for late claims that of the statutory age's year.
    """
    late = "_late" if claim == LATE else ""
    minimum, cv = law.cells(f"retirement.min_months{late}"), law.cells("retirement.service_cv")
    months = vested_months_share(mean, minimum, cv)
    return Vested(vested_share(mean, minimum, cv), months, 1.0 - months)


class Mixture(NamedTuple):
    """Mean months in a cell of women, relative to those of the whole birth year.

    Past the age of workers a cell mixes cadres, whose months are those of the whole birth year,
    with the workers who lacked months. Both are 1 before that age. ``[..., status, area, age]``

    Parameters
    ----------
    lacking
        Of the workers who lacked months.
    cell
        Of all in the cell.
    """

    lacking: Array
    cell: Array


def _mixture(law: Law, ages: slice, mean: Array, cadres: Array) -> Mixture:
    """Return what women in a cell with these mean months are, by the share of cadres.

    The mean of the whole birth year is that at which the cell has its mean: found by substitution,
    from the mean of the cell.
    """
    past = law.reach["worker"].past[ages]
    found = Mixture(np.ones_like(mean), np.ones_like(mean))
    for _ in range(SUBSTITUTIONS):
        now = _vested(law, ON_TIME, mean / found.cell)
        some = past & (now.persons < 1.0)
        ratio = np.divide(1.0 - now.months, 1.0 - now.persons, out=np.ones_like(mean), where=some)
        lacking = np.clip(ratio, LEAST, 1.0)
        found = Mixture(lacking, cadres + (1.0 - cadres) * lacking)
    return found


def _vested_of_all(law: Law, claim: int, mean: Array, mixture: Mixture) -> Vested:
    """Return who is vested of those whose months are those of the whole birth year."""
    whole = _vested(law, claim, mean / mixture.cell)
    return Vested(whole.persons, whole.months / mixture.cell, whole.others / mixture.cell)


def _vested_later(law: Law, ages: slice, mean: Array, mixture: Mixture, now: Vested) -> Vested:
    """Return who is vested of women past the age of workers, who lacked months the year before.

    With S(x) the share of the whole birth year with at least x months, n the minimum and t that of
    the year before plus 12 (below t are those who lacked months then), those who pay reach the
    minimum within the year with probability ``(S(n) - S(t)) / (1 - S(t))``, and hold ``(n + t)/2``
    months on average; those who do not pay reach it never. The mean of the whole birth year
    follows from that of the cell. Those who claim late are not among them: they have the months,
    and wait. Where all had the months the year before (S(t) is 1), those who are left have them
    now.
    """
    past = law.reach["worker"].past[ages]
    minimum, cv = law.cells("retirement.min_months"), law.cells("retirement.service_cv")
    whole = mean / mixture.cell
    top = law.cells("retirement.min_months_last_year") + YEAR
    before = vested_share(whole, top, cv)
    some = vested_share(whole, minimum, cv) - before
    reached = np.zeros_like(mean)
    np.divide(some, 1.0 - before, out=reached, where=(before < 1.0) & PAYS)
    held = np.divide((minimum + top) / 2, mean, out=np.zeros_like(mean), where=mean > 0.0)
    all_lacking = mixture.lacking / mixture.cell
    of_reached = np.minimum(reached * held, all_lacking)
    later = Vested(reached, of_reached, all_lacking - of_reached)
    lacked = past & (before < 1.0)
    return Vested(*(np.where(lacked, *pair) for pair in zip(later, now, strict=True)))
