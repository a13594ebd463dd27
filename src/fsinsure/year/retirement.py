"""Retirement: at the pension age a pension for the vested, else the account or further payment.

The vested of a cell are those with at least the minimum contribution months; within a cell these
are lognormal around its mean (``retirement.service_cv``), so the vested carry more months than the
others, and accounts in the same proportion. Women have the age of cadres or of workers; the stock
counts the first (the quantity ``cadres``). Women insured as flexible workers have the age of
cadres, 55 (劳社部发〔2001〕20号 art. 1).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import AGES, CADRES, FEMALE, HALF_YEAR, MALE, MONTHS, PERSONS, YEAR
from fsinsure.rules import formula
from fsinsure.rules import retirement as rules
from fsinsure.state import ACCOUNT_TAKEN, STATUTORY_AGE, Move
from fsinsure.statuses import AS_CADRES, CARRIED, INSURED, PAYING, PENSION_OF, STATUS
from fsinsure.year.event import Opening
from fsinsure.year.law import Law
from fsinsure.year.pension_age import LATE, ON_TIME

vested_share = formula(rules.vested_share)
vested_months_share = formula(rules.vested_months_share)


def retirement(law: Law, stock: Array, start: Opening) -> list[Move]:
    """Return the moves of those who reach the pension age."""
    insured = [move for status in INSURED for move in _insured(law, stock, status)]
    civil = np.stack([law.reach[who].share.sum(axis=0) for who in ("male", "cadre")])
    resident = law.reach["resident"]
    return [
        *insured,
        _all_vest("civil_service", civil, None),
        _all_vest("resident", resident.share[[ON_TIME] * 2], resident.divisor),
    ]


def _all_vest(source: str, share: Array, divisor: Array | None) -> Move:
    """Return the move of a status whose members all draw a pension at the age ``[sex, age]``."""
    ages = slice(int(np.argmax(share.any(axis=0))), AGES)
    paid = None if divisor is None else divisor[ON_TIME, ages]
    return Move(source, PENSION_OF[source], share[None, None, :, ages], ages, divisor=paid)


def _insured(law: Law, stock: Array, status: str) -> list[Move]:
    """Return the moves of an insured status: to a pension, and out with the account."""
    ages = law.retiring
    cells = stock[..., STATUS[status], :, :, ages]
    persons = np.maximum(cells[..., PERSONS, :, :, :], 0.0)
    months = cells[..., MONTHS, :, :, :]
    mean = np.divide(months, persons, out=np.zeros_like(months), where=persons > 0)
    shape = cells[..., CARRIED[status], :, :, :].shape
    award, leave, paid = np.zeros(shape), np.zeros(shape), np.zeros_like(persons)
    cadres = _cadres(cells, status)
    for sex, who, weight in (
        (MALE, "male", np.ones_like(cadres)),
        (FEMALE, "cadre", cadres),
        (FEMALE, "worker", 1.0 - cadres),
    ):
        reach, here = law.reach[who], mean[..., sex, :]
        for claim in law.claims:
            vested = _vested(law, claim, here)
            if who == "worker":
                vested = _vested_later(law, claim, here, cadres, status, vested)
            share = reach.share[claim, ages]
            moving = weight * share
            award[..., PERSONS, :, sex, :] += moving * vested.persons
            award[..., MONTHS:, :, sex, :] += (moving * vested.months)[..., None, :, :]
            paid[..., sex, :] += moving * vested.months / reach.divisor[claim, ages]
            if who == "cadre":
                award[..., CADRES, :, sex, :] += share * vested.persons
            # Those who lack months are asked at the statutory age, whenever they meant to claim.
            if claim == ON_TIME:
                asked = reach.statutory[ages]
                leave[..., PERSONS, :, sex, :] += weight * asked * (1.0 - vested.persons)
                others = weight * asked * vested.others
                leave[..., MONTHS:, :, sex, :] += others[..., None, :, :]
                if who == "cadre":
                    leave[..., CADRES, :, sex, :] += asked * (1.0 - vested.persons)
    by_sex = [law.reach[who].divisor[ON_TIME, ages] for who in ("male", "worker")]
    divisor = np.broadcast_to(np.stack(by_sex), paid.shape).copy()
    np.divide(award[..., MONTHS, :, :, :], paid, out=divisor, where=paid > 0)
    leave *= law.share("retirement.withdraw_share")
    return [
        Move(status, "retiree", award, ages, STATUTORY_AGE, divisor),
        Move(status, "not_insured", leave, ages, ACCOUNT_TAKEN),
    ]


def _cadres(cells: Array, status: str) -> Array:
    """Return the share of women with the pension age of cadres ``[..., district, age]``."""
    women = np.maximum(cells[..., PERSONS, :, FEMALE, :], 0.0)
    share = np.ones_like(women)
    if status not in AS_CADRES:
        count = np.maximum(cells[..., CADRES, :, FEMALE, :], 0.0)
        np.divide(count, women, out=share, where=women > 0)
        np.minimum(share, 1.0, out=share)
    return share


class Vested(NamedTuple):
    """Who of those who reach the pension age is vested ``[..., district, age]``.

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


def _minimum(law: Law, claim: int) -> Array:
    """Return the minimum contribution months ``[..., 1, 1]``.

    That of the year of claiming; for late claims that of the year of the statutory age.
    """
    late = claim == LATE
    return law.areas("retirement.min_months_late" if late else "retirement.min_months")[..., None]


def _vested(law: Law, claim: int, mean: Array) -> Vested:
    """Return who is vested of those who reach the age, by the mean months of a cell."""
    minimum, cv = _minimum(law, claim), law.number["retirement.service_cv"]
    months = vested_months_share(mean, minimum, cv)
    return Vested(vested_share(mean, minimum, cv), months, 1.0 - months)


def _vested_later(
    law: Law, claim: int, mean: Array, cadres: Array, status: str, now: Vested
) -> Vested:
    """Return who is vested of women past the age of workers, who lacked months the year before.

    With S(x) the share of the whole birth year with at least x months, those who pay reach the
    minimum n within the year with probability ``(S(n) - S(n + 12)) / (1 - S(n + 12))``, and hold
    n + 6 months on average; those who do not pay reach it never. The cell mixes them with cadres,
    whose months are those of the whole birth year: its mean m follows from that of the cell.
    """
    past = law.reach["worker"].past[law.retiring]
    minimum, cv = _minimum(law, claim), law.number["retirement.service_cv"]
    below = np.divide(
        1.0 - now.months, 1.0 - now.persons, out=np.ones_like(mean), where=now.persons < 1.0
    )
    whole = mean / (cadres + (1.0 - cadres) * below)
    before = vested_share(whole, minimum + YEAR, cv)
    reached = np.zeros_like(mean)
    if status in PAYING:
        some = vested_share(whole, minimum, cv) - before
        np.divide(some, 1.0 - before, out=reached, where=before < 1.0)
    held = np.divide(minimum + HALF_YEAR, mean, out=np.zeros_like(mean), where=mean > 0.0)
    later = Vested(reached, np.minimum(reached * held, 1.0), (1.0 - reached) * below)
    return Vested(*(np.where(past, *pair) for pair in zip(later, now, strict=True)))
