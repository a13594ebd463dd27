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

from fsinsure.arrays import Array, Flags
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
        own = slice(max(ages.start, law.first_retiring[who]), ages.stop)
        if own.start >= own.stop:
            continue
        some = slice(own.start - ages.start, None)
        leaving = Leaving(*(found[..., sex, some] for found in (award, leave, paid)))
        people = weight[..., some], mean[..., sex, some], women.at(some)
        _leave(law, who, own, people, leaving)
    by_sex = [law.reach[who].divisor[ON_TIME, ages] for who in ("male", "worker")]
    divisor = np.empty_like(paid)
    divisor[...] = np.stack(by_sex)
    np.divide(award[..., MONTHS, :, :, :, :], paid, out=divisor, where=paid > 0)
    leave *= law.share("retirement.withdraw_share")[..., None, :, :, :]
    moves = []
    for row, status in enumerate(INSURED):
        pension, account = award[..., row, :, :, :], leave[..., row, :, :, :]
        paid_out = divisor[..., row, :, :, :]
        moves.append(Move(status, PENSION_OF[status], pension, ages, STATUTORY_AGE, paid_out))
        moves.append(Move(status, "not_insured", account, ages, ACCOUNT_TAKEN))
    return moves


class Leaving(NamedTuple):
    """The shares that leave, of one sex, added up in place.

    Parameters
    ----------
    award, leave
        With a pension and without ``[..., quantity, status, area, age]``.
    paid
        The months of the first over their annuity divisors ``[..., status, area, age]``.
    """

    award: Array
    leave: Array
    paid: Array


def _leave(
    law: Law, who: str, ages: slice, people: tuple[Array, Array, Mixture], leaving: Leaving
) -> None:
    """Add those with the pension age of some people.

    Parameters
    ----------
    people
        Their share of the persons of the sex, the mean months of those ``[..., status, area, age]``
        and, of women, what their cells are.
    """
    reach, (weight, mean, women) = law.reach[who], people
    award, leave = leaving.award, leaving.leave
    for claim in law.claims:
        if who == "male":
            vested = _vested(law, claim, mean)
        elif who == "cadre":
            vested = _vested_of_all(law, claim, mean, women)
        else:
            vested = _vested_workers(law, claim, ages, mean, women)
        share = reach.share[claim, ages]
        moving = weight * share
        months = moving * vested.months
        award[..., PERSONS, :, :, :] += moving * vested.persons
        award[..., MONTHS:, :, :, :] += months[..., None, :, :, :]
        leaving.paid[...] += months / reach.divisor[claim, ages]
        if who == "cadre":
            award[..., CADRES, :, :, :] += share * vested.persons
        # Those who lack months are asked at the statutory age, whenever they meant to claim.
        if claim == ON_TIME:
            asked = reach.statutory[ages]
            going, lacking = weight * asked, 1.0 - vested.persons
            leave[..., PERSONS, :, :, :] += going * lacking
            leave[..., MONTHS:, :, :, :] += (going * vested.others)[..., None, :, :, :]
            if who == "cadre":
                leave[..., CADRES, :, :, :] += asked * lacking


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


def _vested(law: Law, claim: int, mean: Array, some: Flags | None = None) -> Vested:
    """Return who is vested of those who reach the age, by the mean months of a cell.

    The minimum is that of the year of claiming; for late claims that of the statutory age's year.

    Parameters
    ----------
    some
        The cells ``[..., status, area, age]`` whose mean months are given ``[cell]``, in order.
    """
    late = "_late" if claim == LATE else ""
    minimum, cv = law.cells(f"retirement.min_months{late}"), law.cells("retirement.service_cv")
    if some is not None:
        minimum, cv = _of_cells(minimum, some), _of_cells(cv, some)
    months = vested_months_share(mean, minimum, cv)
    return Vested(vested_share(mean, minimum, cv), months, 1.0 - months)


def _of_cells(values: Array, some: Flags) -> Array:
    """Return the values of some cells ``[cell]``; one for all where they are alike."""
    return values.ravel() if values.size == 1 else np.broadcast_to(values, some.shape)[some]


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

    def at(self, ages: slice) -> Mixture:
        """Return the same at some of the ages."""
        return Mixture(self.lacking[..., ages], self.cell[..., ages])


def _mixture(law: Law, ages: slice, mean: Array, cadres: Array) -> Mixture:
    """Return what women in a cell with these mean months are, by the share of cadres.

    The mean of the whole birth year is that at which the cell has its mean: found by substitution,
    from the mean of the cell.
    """
    past = np.broadcast_to(law.reach["worker"].past[ages], mean.shape)
    found = Mixture(np.ones_like(mean), np.ones_like(mean))
    # Among cadres alone the cell is the whole birth year: one round finds that.
    for some, rounds in ((past & (cadres < 1.0), SUBSTITUTIONS), (past & (cadres >= 1.0), 1)):
        if not some.any():
            continue
        months, share = mean[some], cadres[some]
        lacking = cell = np.ones_like(months)
        for _ in range(rounds):
            now = _vested(law, ON_TIME, months / cell, some)
            ratio = np.ones_like(months)
            np.divide(1.0 - now.months, 1.0 - now.persons, out=ratio, where=now.persons < 1.0)
            lacking = np.clip(ratio, LEAST, 1.0)
            cell = share + (1.0 - share) * lacking
        found.lacking[some], found.cell[some] = lacking, cell
    return found


def _vested_of_all(law: Law, claim: int, mean: Array, mixture: Mixture) -> Vested:
    """Return who is vested of those whose months are those of the whole birth year."""
    whole = _vested(law, claim, mean / mixture.cell)
    return Vested(whole.persons, whole.months / mixture.cell, whole.others / mixture.cell)


def _vested_workers(law: Law, claim: int, ages: slice, mean: Array, mixture: Mixture) -> Vested:
    """Return who is vested of women who are workers.

    Past the age of workers they lacked months the year before. With S(x) the share of the whole
    birth year with at least x months, n the minimum and t that of the year before plus 12 (below t
    are those who lacked months then), those who pay reach the minimum within the year with
    probability ``(S(n) - S(t)) / (1 - S(t))``, and hold ``(n + t)/2`` months on average; those who
    do not pay reach it never. The mean of the whole birth year follows from that of the cell. Those
    who claim late are not among them: they have the months, and wait. Where all had the months the
    year before (S(t) is 1), those who are left have them now.
    """
    if claim == LATE:
        return _vested(law, claim, mean)
    minimum, cv = law.cells("retirement.min_months"), law.cells("retirement.service_cv")
    whole = mean / mixture.cell
    top = law.cells("retirement.min_months_last_year") + YEAR
    before = vested_share(whole, top, cv)
    lacked = law.reach["worker"].past[ages] & (before < 1.0)
    reached, some = np.zeros_like(mean), lacked & PAYS
    reach = vested_share(whole[some], _of_cells(minimum, some), _of_cells(cv, some))
    reached[some] = (reach - before[some]) / (1.0 - before[some])
    held = np.divide((minimum + top) / 2, mean, out=np.zeros_like(mean), where=mean > 0.0)
    all_lacking = mixture.lacking / mixture.cell
    of_reached = np.minimum(reached * held, all_lacking)
    found, others = Vested(reached, of_reached, all_lacking - of_reached), ~lacked
    now = _vested(law, claim, mean[others], others)
    for values, own in zip(found, now, strict=True):
        values[others] = own
    return found
