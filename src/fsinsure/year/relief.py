"""Effect of reliefs on the contributions of a half-year, and repayment of deferrals.

Reliefs reach firms and insured persons. Government and institutions pay on for their staff, as in
2020 (人社部发〔2020〕11号).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import numpy as np

from fsinsure.arrays import Array
from fsinsure.dims import HALF_YEAR
from fsinsure.ledger import Book
from fsinsure.rules import formula
from fsinsure.rules import relief as rules
from fsinsure.scenario.relief import DEFER, SMALL, WAIVE, Relief, sizes

Span: TypeAlias = tuple[int, int]
"""First and last month, both included, as month indices."""


@dataclass(frozen=True)
class Cut:
    """Shares of a payer's dues to a fund over a half-year ``[..., 1]``, to meet ``[..., area]``.

    Parameters
    ----------
    waived
        Never paid.
    refunded
        Paid and refunded.
    deferred
        Paid later, by the months in which it is repaid.
    """

    waived: Array | float = 0.0
    refunded: Array | float = 0.0
    deferred: Mapping[Span, Array | float] = field(default_factory=dict)


Half: TypeAlias = Mapping[tuple[str, str], Cut]
"""The cuts of a half-year by fund and payer; all others pay what is due."""

NO_RELIEF: Final[tuple[Half, Half]] = ({}, {})


def bind_relief(reliefs: Sequence[Relief], small_firm_share: Array) -> dict[int, tuple[Half, Half]]:
    """Return the cuts of the two half-years of every year that has any.

    Parameters
    ----------
    reliefs
        Of the scenario.
    small_firm_share
        Payroll share of small firms ``[..., 1]``.
    """
    found: dict[int, tuple[dict[tuple[str, str], Cut], dict[tuple[str, str], Cut]]] = {}
    for one in reliefs:
        halves = found.setdefault(one.year, ({}, {}))
        for half, months in zip(halves, _months(one), strict=True):
            for fund in one.insurance:
                before = half.get((fund, one.payer), Cut())
                half[fund, one.payer] = _and(before, one, months, small_firm_share)
    return dict(found)


def _months(one: Relief) -> tuple[int, int]:
    """Months of a relief in the first and in the second half of its year."""
    first_half = rules.months_in_year(
        one.first, min(one.last, 12 * one.year + HALF_YEAR - 1), one.year
    )
    whole = rules.months_in_year(one.first, one.last, one.year)
    return int(first_half), int(whole - first_half)


def _and(before: Cut, one: Relief, months: int, small_firm_share: Array) -> Cut:
    """Add what a relief takes of a half-year to what others take."""
    by_size = [small_firm_share if s == SMALL else 1.0 - small_firm_share for s in sizes(one.group)]
    # What is due in a month of a half-year is a sixth of it.
    terms = (1.0 / HALF_YEAR, one.share, months, np.minimum(1.0, sum(by_size)))
    if one.action == WAIVE:
        return replace(before, waived=before.waived + formula(rules.waived)(*terms))
    if one.action == DEFER:
        assert one.repay_first is not None  # a deferral says when it is repaid
        assert one.repay_last is not None
        span = (one.repay_first, one.repay_last)
        more = before.deferred.get(span, 0.0) + formula(rules.deferred)(*terms)
        return replace(before, deferred={**before.deferred, span: more})
    in_a_month, share, months, eligible = terms
    refunded = formula(rules.refund)(in_a_month * months, share, eligible)
    return replace(before, refunded=before.refunded + refunded)


def relieved(halves: tuple[Half, Half], fund: str, payer: str) -> Array | float:
    """Return the share of a year's contributions never paid or paid back ``[..., 1]``."""
    cuts = [half.get((fund, payer), Cut()) for half in halves]
    return sum(cut.waived + cut.refunded for cut in cuts) / len(cuts)


def paid_share(half: Half, fund: str, payer: str) -> Array | float:
    """Return the share ``[..., 1]`` of a half-year's contributions that the payer pays when due."""
    cut = half.get((fund, payer), Cut())
    return 1.0 - cut.waived - sum(cut.deferred.values())


def pay(book: Book, half: Half, fund: str, payer: str, due: Array) -> None:
    """Post the dues of a payer for a half-year: paid, waived, deferred or refunded.

    Parameters
    ----------
    book
        Of the year.
    half
        The cuts of the half-year.
    due
        Yuan ``[..., area]``.
    """
    book.note(f"due.{fund}", payer, due)
    cut = half.get((fund, payer))
    if cut is None:
        book.post(fund, payer, due)
        return
    waived = due * cut.waived
    later = due * sum(cut.deferred.values())
    book.post(fund, payer, due - waived - later)
    book.post(fund, "waived", waived)
    book.post(fund, "deferred", later)
    book.post(fund, "relief_refund", due * cut.refunded)
    for span, share in cut.deferred.items():
        book.defer(fund, payer, span, due * share)


def repay(year: int, book: Book) -> None:
    """Post the repayments of the year, and the deferrals outstanding at its end."""
    for (fund, payer, span), amount in book.deferrals.items():
        paid = formula(rules.repaid)(amount, *span, year)
        book.post(fund, "repaid", paid)
        book.note(f"repaid.{fund}", payer, paid)
        book.post(fund, "deferred_outstanding", formula(rules.still_owed)(amount, *span, year))


def paid_by(book: Book, fund: str, payers: Sequence[str]) -> Array:
    """Return what payers paid in a year ``[..., area]``, what they repaid included."""
    repaid = [book.tally.get((f"repaid.{fund}", payer), 0.0) for payer in payers]
    return book.sum(fund, payers) + sum(repaid)
