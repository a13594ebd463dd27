"""Sampling variance of the money of persons.

Everything is a sum over independent persons. Amounts per capita are known: heads then bring their
own covariance (:mod:`fsinsure.validation.moments`), and amounts that differ within a cell multiply
the variance by ``1 + cv^2``. What movers carry counts as a compound Poisson sum, ``E[amount^2]`` a
move: an upper bound, since movers are few of those who may move. What is approximate is on the
safe side: see `docs/model.md`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fsinsure import statuses
from fsinsure.arrays import Array
from fsinsure.dims import ACCOUNT, AGES, HALF_YEAR, MONTHS, PENSION, PERSONS
from fsinsure.ledger import CIVIL, CONTRIBUTIONS, ENTERPRISE, INJURY, RESIDENT, UNEMPLOYMENT, Book
from fsinsure.parameters import Parameters
from fsinsure.state import ACCOUNT_TAKEN, DEAD, DEPARTED, Inflow
from fsinsure.statuses import (
    ACCOUNT_FUND,
    ALIGNED,
    FUNDS,
    INSURED,
    ITEMS,
    PENSIONERS,
    STATUS,
    STATUSES,
)
from fsinsure.validation.expected_books import Books, Settled
from fsinsure.validation.moments import Year
from fsinsure.year.law import Law
from fsinsure.year.money import pays, post_half
from fsinsure.year.terms import CLASSES, REST_CLASS, class_rates, shares

Key = tuple[str, str]

EMPLOYEE: Final = STATUS["employee"]
OWN_PAID: Final = {ENTERPRISE: ("employee", "flexible"), CIVIL: ("employee",)}
UNEVEN: Final = 8.0
"""Persons of a cell whose amounts count as random: traits of a cell's persons are points that are
even, but not quite. Measured over digital shifts, for bases, months and injury premiums in
cells of 2 to 100,000 persons, a total varies as that of at most 7.4 persons of the variance that
:class:`Dispersion` allows; in cells of up to 300, of 4 (tests/test_evenness.py)."""

BY_SHARE: Final = ("subsidy", "pool_transfer")
"""Amounts of the whole region that areas share by what they paid."""


@dataclass(frozen=True)
class Dispersion:
    """How much amounts differ within a cell: variance over squared mean, at most.

    Parameters
    ----------
    base
        Contribution bases: those of wages before floor and cap.
    pension
        Pensions in payment: those of contribution months.
    account
        Balances: months times base.
    premium
        Injury premiums of employers: base times the rate of the industry class.
    """

    base: float
    pension: float
    account: float
    premium: float


def dispersion(parameters: Parameters) -> Dispersion:
    """Return how much amounts differ within a cell."""
    base = parameters.number("wage.cv") ** 2
    months = parameters.number("retirement.service_cv") ** 2
    share = shares(parameters, "injury.payroll_share", CLASSES, REST_CLASS)
    rates = class_rates(parameters)  # [year, class]
    rate = float((rates**2 @ share / (rates @ share) ** 2 - 1.0).max())
    return Dispersion(
        base, months, (1.0 + base) * (1.0 + months) - 1.0, (1.0 + base) * (1.0 + rate) - 1.0
    )


class Variances:
    """Variance by fund and item.

    Parameters
    ----------
    areas
        How many areas there are.

    Attributes
    ----------
    none
        Zeros ``[area]``.
    variance
        Yuan squared ``[area]``.
    max_contribution
        The most that one person can change an item by, yuan.
    """

    def __init__(self, areas: int) -> None:
        self.none = np.zeros(areas)
        self.variance: dict[Key, Array] = defaultdict(self.none.copy)
        self.max_contribution: dict[Key, float] = defaultdict(float)

    def add(self, key: Key, variance: Array, max_contribution: float) -> None:
        """Add the variance of a part of an item, which does not grow with the other parts."""
        self.variance[key] = self.variance[key] + variance
        self.max_contribution[key] = max(self.max_contribution[key], max_contribution)


class SamplingVariance:
    """Variances of the ledger, year after year: what adds up over years is kept.

    Parameters
    ----------
    within
        How much amounts differ within a cell.
    weight
        How many people a person stands for.
    areas
        How many areas there are.
    """

    def __init__(self, within: Dispersion, weight: float, areas: int) -> None:
        self.within, self.weight, self.areas = within, weight, areas
        self.before: Variances | None = None
        self.credited = {fund: np.zeros(areas) for fund in (*OWN_PAID, RESIDENT)}
        self.deferred: dict[str, Array] = defaultdict(lambda: np.zeros(areas))
        self.earned = np.zeros((len(STATUSES), areas))

    def year(self, expected: Year, books: Books) -> Variances:
        """Return the variances of a year."""
        found = Variances(self.areas)
        self._paid(expected, books, found)
        self._pensions(expected, books, found)
        for settled in books.settled:
            self._carried(books, settled, found)
        for inflow in books.came:
            self._brought(inflow, found)
        self._land(books, found)
        self._accounts(expected, books, found)
        self._derived(books.book, found)
        self.before = found
        return found

    def heads(self, expected: Year, each: Array) -> Array:
        """Return the variance ``[area]`` of amounts per capita.

        Parameters
        ----------
        each
            ``[half, area, sex, age, status]``, broadcastable but for the status, which is whole.
        """
        held = np.flatnonzero(each.any(axis=(0, 1, 2, 3)))  # most items are of one status
        first, between, last = expected.covariance[..., held[:, None], held]
        middle, end = each[..., held]
        total = _quadratic_form(middle, first, middle) + _quadratic_form(end, last, end)
        return self.weight**2 * (total + 2.0 * _quadratic_form(middle, between, end))

    def _within(self, expected: Year, each: Array, heads: Array) -> Array:
        """Return what amounts that differ within a cell add, if their cv is 1 ``[area]``.

        `heads` is the variance of the same amounts by :meth:`heads`.

        Persons whose presence is random bring a random amount. All others are spread evenly over
        the amounts, but for :data:`UNEVEN` persons a cell.
        """
        once = np.minimum(expected.mean[-1], UNEVEN) * np.square(each.sum(axis=0))
        alone = self.weight**2 * once.sum(axis=(1, 2, 3))
        return np.asarray(heads + alone)

    def _paid(self, expected: Year, books: Books, found: Variances) -> None:
        """Add contributions and benefits, which vary with heads at an amount per capita."""
        for key, each in per_capita(books.law).items():
            if not each.any():
                continue
            own = np.zeros_like(each)
            own[..., EMPLOYEE] = each[..., EMPLOYEE]
            within = self.within.premium if key == (INJURY, "employer") else self.within.base
            differing = self._within(expected, own, self.heads(expected, own))
            variance = self.heads(expected, each) + within * differing
            found.add(key, variance, 2.0 * self.weight * np.abs(each.sum(axis=0)).max())

    def _pensions(self, expected: Year, books: Books, found: Variances) -> None:
        """Add pensions in payment, which vary with heads at the mean of each cell."""
        mean = _mean(books.stock, PENSION)
        for status, fund in statuses.PENSION_FUND.items():
            each = np.zeros_like(mean)
            each[..., STATUS[status]] = HALF_YEAR * mean[..., STATUS[status]]
            heads = self.heads(expected, each)
            variance = heads + self.within.pension * self._within(expected, each, heads)
            found.add((fund, "pension"), variance, 4.0 * self.weight * each.max())

    def _carried(self, books: Books, settled: Settled, found: Variances) -> None:
        """Add accounts refunded or transferred, and grants, which vary with movers.

        Where members and former members of a fund share a cell with people who never were, few of
        those who move have an account: each is taken to be as large as those of contributors.
        """
        law, move, amount = books.law, settled.move, settled.amount
        fund = ACCOUNT_FUND[move.source]
        if move.target in PENSIONERS or not pays(move):
            return
        least = 0.0 if move.source in INSURED else _largest(books.stock, fund)
        account = self._compound(amount[PERSONS], amount[ACCOUNT], self.within.account, least)
        refunded = move.target == DEAD or move.reason == ACCOUNT_TAKEN
        found.add((fund, "refund" if refunded else "account_out"), *account)
        if move.target == DEAD and move.source in statuses.DEATH_GRANT:
            grant = float(law.rate("income.urban") * law.rate("pension.death_months"))
            dead = self._compound(amount[PERSONS], amount[PERSONS] * grant, 0.0)
            found.add((fund, "death"), *dead)
        elif not refunded and move.target != DEPARTED:
            found.add((ACCOUNT_FUND[move.target], "account_in"), *account)

    def _brought(self, inflow: Inflow, found: Variances) -> None:
        """Add accounts that people from outside bring: how many come is given, balances differ."""
        if inflow.each is None:
            return
        persons = inflow.persons
        each = np.broadcast_to(inflow.each[ACCOUNT - MONTHS], persons.shape)
        variance = self.weight * self.within.account * (each**2 * persons).sum(axis=(-2, -1))
        most = 2.0 * self.weight * float(each.max())
        found.add((ACCOUNT_FUND[inflow.target], "account_in"), variance, most)

    def _compound(
        self, persons: Array, amounts: Array, within: float, least: float = 0.0
    ) -> tuple[Array, float]:
        """Return variance ``[area]`` and largest step of a compound Poisson sum over movers."""
        each = np.divide(amounts, persons, out=np.zeros_like(amounts), where=persons > 0)
        each = np.where(amounts > 0, np.maximum(each, least), 0.0)
        total = (each * amounts).sum(axis=(-2, -1))
        return self.weight * (1.0 + within) * total, 2.0 * self.weight * float(each.max())

    def _land(self, books: Books, found: Variances) -> None:
        """Add the land subsidy: a Poisson number of persons, each with the same sum."""
        amount = books.book.posted.get((ENTERPRISE, "land_subsidy"))
        if amount is None or books.book.land is None or not amount.any():
            return
        each = amount.sum() / max(books.book.land.sum(), self.weight)
        step = 4.0 * self.weight * each
        for item in ("land_subsidy", "flexible"):
            found.add((ENTERPRISE, item), step * amount, step)

    def _accounts(self, expected: Year, books: Books, found: Variances) -> None:
        """Add balances, which vary with their holders and with the credits of a cell's members.

        Credits of all years may vary together, so their standard deviations add up.
        """
        mean = _mean(books.stock, ACCOUNT)
        for fund, credited in self.credited.items():
            items = OWN_PAID.get(fund, ("resident", "subsidy"))
            credited += np.sqrt(sum(found.variance[fund, item] for item in items))
            each = np.zeros_like(mean)
            held = [STATUS[status] for status, keeper in ACCOUNT_FUND.items() if keeper == fund]
            each[1][..., held] = mean[1][..., held]
            deviation = np.sqrt((1.0 + self.within.account) * self.heads(expected, each))
            most = 4.0 * self.weight * each.max()
            found.add((fund, "accounts"), (deviation + credited) ** 2, most)

    def months(self, expected: Year, books: Books) -> tuple[Array, float]:
        """Return variance ``[status, area]`` and largest step of contribution months by status.

        As for balances: heads, and what each has earned since.
        """
        mean = _mean(books.stock, MONTHS)
        found = []
        for at in STATUS.values():
            each = np.zeros_like(mean)
            each[1][..., at] = mean[1][..., at]
            heads = self.heads(expected, each)
            held = np.sqrt(heads + self.within.pension * self._within(expected, each, heads))
            earned = np.zeros_like(mean)
            earned[..., at] = HALF_YEAR
            # Payers change status within the year: the months of all of them may end up here.
            self.earned[at] += np.sqrt(self.heads(expected, earned))
            found.append((held + self.earned[at]) ** 2)
        # Who joins a status brings the months of another.
        return np.stack(found), 2.0 * self.weight * float(mean.max())

    def _derived(self, book: Book, found: Variances) -> None:
        """Add what is computed from contributions once a year, in proportion to them."""
        before, last = self.before or found, book.before or book
        payers, refund = ("employer", "employee"), (UNEMPLOYMENT, "job_retention_refund")
        found.add(refund, *_share_of_paid(refund, book, last, before, payers))
        for fund in FUNDS:
            paid = [item for item in CONTRIBUTIONS if item in ITEMS[fund]]
            for item in BY_SHARE:
                if item in ITEMS[fund] and not found.variance[fund, item].any():
                    variance, most = _share_of_paid((fund, item), book, book, found, paid)
                    found.add((fund, item), 4.0 * variance, most)
            remitted = (fund, "remittance")
            found.add(remitted, *_share_of_paid(remitted, book, book, found, paid))
            if "deferred_outstanding" in ITEMS[fund]:
                self._owed(fund, book, found)

    def _owed(self, fund: str, book: Book, found: Variances) -> None:
        """Add deferrals outstanding and repaid, as variable as the deferrals of the worst year."""
        amount = book.sum(fund, ("deferred",)) + found.none
        share = np.zeros_like(amount)
        np.divide(np.sqrt(found.variance[fund, "deferred"]), amount, out=share, where=amount > 0)
        self.deferred[fund] = np.maximum(self.deferred[fund], share)
        for item in ("repaid", "deferred_outstanding"):
            variance = (self.deferred[fund] * book.sum(fund, (item,))) ** 2
            found.add((fund, item), variance, found.max_contribution[fund, "deferred"])


def _share_of_paid(
    key: Key, book: Book, paid_in: Book, variances: Variances, items: Sequence[str]
) -> tuple[Array, float]:
    """Return variance and largest step of an item in proportion to contributions."""
    fund, item = key
    paid = paid_in.sum(fund, items) + variances.none
    share = np.divide(book.sum(fund, (item,)), paid, out=variances.none.copy(), where=paid > 0)
    # Payers of the same people vary together: standard deviations add up.
    deviation = np.sum([np.sqrt(variances.variance[fund, one]) for one in items], axis=0)
    most = sum(variances.max_contribution[fund, one] for one in items)
    return (share * deviation) ** 2, float(share.max()) * most


def _quadratic_form(left: Array, matrix: Array, right: Array) -> Array:
    """Return ``left' matrix right`` summed over the cells of each area."""
    products = left[..., :, None] * matrix * right[..., None, :]
    return np.asarray(products.sum(axis=(1, 2, 3, 4)))


def _largest(stock: Array, fund: str) -> float:
    """Return the largest mean account in a cell of those who pay into a fund, yuan."""
    paying = [STATUS[status] for status in ALIGNED if ACCOUNT_FUND[status] == fund]
    return float(_mean(stock, ACCOUNT)[..., paying].max(initial=0.0))


def _mean(stock: Array, quantity: int) -> Array:
    """Return the mean of what people of a cell carry ``[half, area, sex, age, status]``."""
    persons = stock[:, PERSONS]
    mean = np.divide(stock[:, quantity], persons, out=np.zeros_like(persons), where=persons > 1e-9)
    return np.moveaxis(mean, 1, -1)


def per_capita(law: Law) -> Mapping[Key, Array]:
    """Return what one person of a status and age adds to each item in a half-year.

    Returns
    -------
    dict
        Yuan ``[half, area, 1, age, status]`` by fund and item, as a half-year with that one person
        posts them; one area where all are alike.
    """
    cells = (AGES, len(STATUSES))
    one = np.zeros((AGES * len(STATUSES), len(STATUSES), 1, 1, AGES))
    age, status = np.divmod(np.arange(len(one)), len(STATUSES))
    one[np.arange(len(one)), status, 0, 0, age] = 1.0
    books = Book(), Book()
    for half, book in enumerate(books):
        post_half(law, one, one.sum(axis=(-2, -1)), {}, book, second=bool(half))
    # By area only where a path of the law is, such as a coverage.
    areas = max(amount.shape[-1] for book in books for amount in book.posted.values())
    found: dict[Key, Array] = {}
    for half, book in enumerate(books):
        for key, amount in book.posted.items():
            each = np.broadcast_to(amount, (len(one), areas)).reshape(*cells, areas)
            both = found.setdefault(key, np.zeros((2, areas, 1, *cells)))
            both[half, :, 0] = np.moveaxis(each, -1, 0)
    for each in found.values():
        # By the age at the end of the year, like heads; those of 100 count like new ones.
        each[0, :, :, 1:] = each[0, :, :, :-1].copy()
    return found
