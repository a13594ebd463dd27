"""The ledger of the funds: income, outgo and balances.

A fund is named like the measure of its insurance. Every item is income, outgo or a memo: opening +
income - outgo = closing, and interest is earned on the opening balance and half the year's net
flow. Flows are kept by area; balances and their interest belong to the region. What a fund lacks to
end a year at zero the treasury may pay, on the last day: that earns no interest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from fsinsure.arrays import Array, Flags, Ints
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
SHORTFALL: Final = "deficit_subsidy"
"""What the treasury pays of what a fund lacks to end a year at zero."""


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
        """Yield the funds whose balance becomes negative, in any draw, and the first such year."""
        for fund, balance in self.closing.items():
            first = _first(balance < 0)
            if first is not None:
                yield fund, int(self.years[first])

    def subsidised(self) -> Iterator[tuple[str, int]]:
        """Yield the funds of which the treasury pays a shortfall, and the first such year."""
        for fund, items in ITEMS.items():
            if SHORTFALL in items:
                first = _first(self.flows[fund, SHORTFALL].sum(axis=-1) > 0)
                if first is not None:
                    yield fund, int(self.years[1 + first])


def _first(found: Flags) -> int | None:
    """Return the position of the first year with anything found ``[..., year]``, None: nowhere."""
    years = np.flatnonzero(found.reshape(-1, found.shape[-1]).any(axis=0))
    return int(years[0]) if years.size else None


def close(
    years: Ints,
    books: Sequence[Book],
    opening: Mapping[str, Array | float],
    rate: Array,
    paid: Mapping[str, Array] | None = None,
) -> Ledger:
    """Close the books: balances, interest and subsidies to a shortfall, year after year.

    Parameters
    ----------
    years
        ``[year]``, the base year first.
    books
        Of every projected year.
    opening
        Balance at the end of the base year by fund, yuan ``[...]``.
    rate
        Interest rate ``[..., year]`` of the projected years.
    paid
        Part that the treasury pays of what a fund lacks to end a year at zero ``[..., year]``, by
        fund; areas share the amount in proportion to the contributions that they paid.
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
        net, part = _net(fund, flows), (paid or {}).get(fund, np.zeros(1))
        first = (*np.shape(opening[fund]), 1)
        shape = np.broadcast_shapes(net.shape, rate.shape, part.shape, first)
        part = np.broadcast_to(part, shape)
        earned, added = np.empty(shape), np.zeros(shape)
        balance = np.empty((*shape[:-1], len(years)))
        balance[..., 0] = opening[fund]
        for index in range(len(years) - 1):
            before, flow = balance[..., index], net[..., index]
            earned[..., index] = fund_interest(before, flow, rate[..., index])
            left = before + flow + earned[..., index]
            added[..., index] = shortfall_subsidy(left, part[..., index])
            balance[..., index + 1] = left + added[..., index]
        interest[fund], closing[fund] = earned, balance
        if part.any():
            flows[fund, SHORTFALL] = added[..., None] * shares_paid(contributions(fund, flows))
    return Ledger(years, flows, interest, closing, books)


def fund_interest(opening: Numbers, net: Numbers, rate: Numbers) -> Numbers:
    """Return a year's interest: on the opening balance and half of income less outgo, yuan.

    >>> fund_interest(1000.0, 200.0, 0.02)
    22.0
    """
    return rate * (opening + net / 2)


def shortfall_subsidy(balance: Array | float, part: Array | float) -> Array:
    """Return what the treasury pays to a fund that would end the year with a balance, yuan.

    >>> [float(shortfall_subsidy(balance, 0.5)) for balance in (-100.0, 0.0, 100.0)]
    [50.0, 0.0, 0.0]
    """
    return np.asarray(part * np.maximum(0.0, -np.asarray(balance)))


def contributions(fund: str, flows: Mapping[tuple[str, str], Array]) -> Array:
    """Return the contributions paid to a fund ``[..., year, area]``, yuan."""
    items = [item for item in CONTRIBUTIONS if item in ITEMS[fund]]
    return np.asarray(sum(flows[fund, item] for item in items))


def shares_paid(paid: Array) -> Array:
    """Return each area's share of contributions ``[..., area]``; all alike where none are paid."""
    total = paid.sum(axis=-1, keepdims=True)
    even = np.full_like(paid, 1.0 / paid.shape[-1])
    return np.asarray(np.divide(paid, total, out=even, where=total > 0))


def _net(fund: str, flows: Mapping[tuple[str, str], Array]) -> Array:
    sign = {"income": 1.0, "outgo": -1.0, "memo": 0.0}
    total: Array | float = 0.0
    for item, kind in ITEMS[fund].items():
        if item != "interest" and sign[kind]:
            total = total + sign[kind] * flows[fund, item].sum(axis=-1)
    return np.asarray(total)
