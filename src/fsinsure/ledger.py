"""The ledger of the funds: income, outgo and balances.

A fund is named like the measure of its insurance. Every item is income, outgo or a memo: opening +
income - outgo = closing, and interest is earned on the opening balance and half the year's net
flow. Flows are kept by area; balances and their interest belong to the region.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from fsinsure.arrays import Array, Ints
from fsinsure.rules import Numbers
from fsinsure.statuses import FUNDS, ITEMS

ENTERPRISE: Final = "pension.enterprise"
CIVIL: Final = "pension.civil"
RESIDENT: Final = "pension.resident"
UNEMPLOYMENT: Final = "unemployment"
INJURY: Final = "injury"

RELIEVED: Final = tuple(fund for fund, items in ITEMS.items() if "deferred_outstanding" in items)
"""The funds that know reliefs."""
CONTRIBUTIONS: Final = ("employer", "employee", "flexible", "land_subsidy", "resident", "flat")
"""What members and their employers pay when due, or the government in the place of members.

``repaid`` is what they pay later.
"""


class Book:
    """The postings of one year.

    Parameters
    ----------
    before
        The book of the year before; None in the first projected year.

    Attributes
    ----------
    posted
        Yuan by fund and item ``[..., area]``.
    tally
        What happened to accounts (yuan) and pensions in payment (yuan a month), ``[..., area]``
        by quantity and event, and what was due and repaid (yuan) by payer, for the identities.
    deferrals
        Contributions deferred in this year or an earlier one (yuan ``[..., area]``) by fund,
        payer, and first and last month of repayment.
    land
        Members with the land-expropriation subsidy, newest vintage first
        ``[..., vintage, area, sex, age]``; None before anybody has.
    """

    def __init__(self, before: Book | None = None) -> None:
        self.before = before
        self.posted: dict[tuple[str, str], Array] = {}
        self.tally: dict[tuple[str, str], Array] = {}
        self.land: Array | None = None if before is None else before.land
        self.deferrals: dict[tuple[str, str, tuple[int, int]], Array] = {}
        if before is not None:
            self.deferrals.update(before.deferrals)

    def post(self, fund: str, item: str, amount: Array) -> None:
        """Add an amount ``[..., area]`` to an item of a fund."""
        key = (fund, item)
        if key in self.posted:
            self.posted[key] = self.posted[key] + amount
        else:
            ITEMS[fund][item]  # an item that the fund does not have is a defect
            self.posted[key] = np.asarray(amount, dtype=np.float64)

    def note(self, quantity: str, event: str, amount: Array) -> None:
        """Add to the tally of a quantity."""
        key = (quantity, event)
        self.tally[key] = self.tally[key] + amount if key in self.tally else np.asarray(amount)

    def noted(self, quantity: str, event: str) -> Array:
        """Return the tally of a quantity ``[..., area]``, 0 where nothing was added."""
        return self.tally.get((quantity, event), np.zeros(1))

    def defer(self, fund: str, payer: str, span: tuple[int, int], amount: Array) -> None:
        """Add to what a payer owes, repaid over a span of months."""
        key = (fund, payer, span)
        self.deferrals[key] = self.deferrals.get(key, np.zeros(1)) + amount

    def sum(self, fund: str, items: Sequence[str]) -> Array:
        """Return the total of some items ``[..., area]``; what was not posted is zero."""
        found = [self.posted[fund, item] for item in items if (fund, item) in self.posted]
        return np.asarray(sum(found[1:], found[0])) if found else np.zeros(1)


@dataclass(frozen=True, eq=False)
class Ledger:
    """The funds of a projection.

    Parameters
    ----------
    years
        ``[year]``, the base year first.
    flows
        Yuan ``[..., year, area]`` of the projected years by fund and item, interest apart.
    interest
        Yuan ``[..., year]`` of the projected years by fund.
    closing
        Yuan ``[..., year]`` by fund, the base year first.
    books
        The books of the projected years.
    """

    years: Ints
    flows: Mapping[tuple[str, str], Array]
    interest: Mapping[str, Array]
    closing: Mapping[str, Array]
    books: Sequence[Book] = field(repr=False)

    def net(self, fund: str) -> Array:
        """Return income less outgo ``[..., year]`` of the projected years, interest apart."""
        return _net(fund, self.flows)

    def deficits(self) -> Iterator[tuple[str, int]]:
        """Yield the funds whose balance becomes negative, each with the first such year."""
        for fund, balance in self.closing.items():
            below = np.flatnonzero(balance < 0)
            if below.size:
                yield fund, int(self.years[below[0]])


def close(years: Ints, books: Sequence[Book], opening: Mapping[str, float], rate: Array) -> Ledger:
    """Close the books: balances and interest, year after year.

    Parameters
    ----------
    years
        ``[year]``, the base year first.
    books
        Of every projected year.
    opening
        Balance at the end of the base year by fund, yuan.
    rate
        Interest rate ``[..., year]`` of the projected years.
    """
    keys = [(fund, item) for fund, items in ITEMS.items() for item in items if item != "interest"]
    shapes = {amount.shape for book in books for amount in book.posted.values()}
    *draws, areas = np.broadcast_shapes(*shapes)
    flows = {key: np.zeros((*draws, len(books), areas)) for key in keys}
    for index, book in enumerate(books):
        for key, amount in book.posted.items():
            flows[key][..., index, :] = amount
    interest, closing = {}, {}
    for fund in FUNDS:
        net = _net(fund, flows)
        earned = np.empty(np.broadcast_shapes(net.shape, rate.shape))
        balance = np.empty((*earned.shape[:-1], len(years)))
        balance[..., 0] = opening[fund]
        for index in range(len(years) - 1):
            before, flow = balance[..., index], net[..., index]
            earned[..., index] = fund_interest(before, flow, rate[..., index])
            balance[..., index + 1] = before + flow + earned[..., index]
        interest[fund], closing[fund] = earned, balance
    return Ledger(years, flows, interest, closing, books)


def fund_interest(opening: Numbers, net: Numbers, rate: Numbers) -> Numbers:
    """Return a year's interest: on the opening balance and half of income less outgo, yuan.

    >>> fund_interest(1000.0, 200.0, 0.02)
    22.0
    """
    return rate * (opening + net / 2)


def _net(fund: str, flows: Mapping[tuple[str, str], Array]) -> Array:
    sign = {"income": 1.0, "outgo": -1.0, "memo": 0.0}
    total: Array | float = 0.0
    for item, kind in ITEMS[fund].items():
        if item != "interest" and sign[kind]:
            total = total + sign[kind] * flows[fund, item].sum(axis=-1)
    return np.asarray(total)
