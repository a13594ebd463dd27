"""Fee relief: contributions waived, reduced, deferred or refunded, and when.

Law: 人社部发〔2020〕11号 and 49号 (2020: the employers' part of pension, unemployment and injury
insurance; small firms all of it February to December, large firms half of it February to June).
Months are month indices (:func:`fsinsure.rules.retirement.month_index`); amounts are yuan.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers, formula, rule


@rule
def months_in_year(first_month: Numbers, last_month: Numbers, year: Numbers) -> Numbers:
    """Return the number of months of a span, both ends included, in a calendar year.

    ``max(min(last, December) - max(first, January) + 1, 0)``; a span that ends before it begins has
    none.

    >>> from fsinsure.rules.retirement import month_index
    >>> span = month_index(2020, 2), month_index(2021, 3)
    >>> [int(months_in_year(*span, year)) for year in (2019, 2020, 2021)]
    [0, 11, 3]
    """
    first = np.maximum(first_month, 12 * year)
    last = np.minimum(last_month, 12 * year + 11)
    months: Numbers = np.maximum(last - first + 1, 0)
    return months


_in_year = formula(months_in_year)


def _span(first_month: Numbers, last_month: Numbers) -> Numbers:
    """Return the months of a span; one that ends before it begins is an error."""
    if np.any(last_month < first_month):
        raise ValueError("last_month must not be before first_month")
    return last_month - first_month + 1


@rule
def waived(monthly_due: Numbers, share: Numbers, months: Numbers, eligible: Numbers) -> Numbers:
    """Return the contributions that a waiver or reduction cancels, yuan.

    ``monthly due * share * months * eligible``; the amount paid is the amount due less this.

    Parameters
    ----------
    monthly_due
        Amount due of all payers of the kind, yuan a month.
    share
        Share waived: 1 waives, less reduces.
    months
        Months of relief in the year (:func:`months_in_year`).
    eligible
        Payroll share of the firms that the relief reaches.

    Examples
    --------
    >>> waived(1_000_000, 0.5, 5, 0.4)
    1000000.0
    """
    return monthly_due * share * months * eligible


@rule
def combined_share(shares: Sequence[float]) -> float:
    """Return the share waived when reliefs apply to the same payer and month: their sum.

    Raises
    ------
    ValueError
        A negative share, or a sum above 1.

    Examples
    --------
    >>> combined_share([0.5, 0.25])
    0.75
    >>> combined_share([0.8, 0.5])
    Traceback (most recent call last):
    ValueError: reliefs on the same payer and month add up to 130 %, at most 100 % can be waived
    """
    total = sum(shares)
    if total > 1 + 1e-12:
        raise ValueError(
            f"reliefs on the same payer and month add up to {100 * total:.0f} %, "
            "at most 100 % can be waived"
        )
    return total


@rule
def deferred(monthly_due: Numbers, share: Numbers, months: Numbers, eligible: Numbers) -> Numbers:
    """Return the income that a deferral (缓缴) moves out of the year, yuan; it stays owed.

    The same product as :func:`waived`; repaid by :func:`repaid`.

    >>> deferred(1_000_000, 1.0, 3, 0.2)
    600000.0
    """
    return monthly_due * share * months * eligible


@rule
def repaid(owed: Numbers, first_month: Numbers, last_month: Numbers, year: Numbers) -> Numbers:
    """Return the repayment of a deferral in a year, in equal months from first to last, yuan.

    ``owed * months in the year / months``.

    >>> from fsinsure.rules.retirement import month_index
    >>> span = month_index(2022, 7), month_index(2023, 6)
    >>> [float(repaid(1200.0, *span, year)) for year in (2022, 2023, 2024)]
    [600.0, 600.0, 0.0]
    """
    return owed * _in_year(first_month, last_month, year) / _span(first_month, last_month)


@rule
def still_owed(owed: Numbers, first_month: Numbers, last_month: Numbers, year: Numbers) -> Numbers:
    """Return the part of a deferral not repaid by the end of a year, yuan.

    ``owed * months after the year / months``; the months are those of :func:`repaid`.

    >>> from fsinsure.rules.retirement import month_index
    >>> span = month_index(2022, 7), month_index(2023, 6)
    >>> [float(still_owed(1200.0, *span, year)) for year in (2021, 2022, 2023)]
    [1200.0, 600.0, 0.0]
    """
    left = np.maximum(last_month - np.maximum(first_month, 12 * (year + 1)) + 1, 0)
    return owed * left / _span(first_month, last_month)


@rule
def refund(paid: Numbers, share: Numbers, eligible: Numbers) -> Numbers:
    """Return the refund of contributions already paid: ``paid * share * eligible``, yuan.

    >>> refund(500_000, 0.3, 0.5)
    75000.0
    """
    return paid * share * eligible


@rule
def small_firm_share(
    relief: Numbers,
    monthly_due: Numbers,
    small_months: Numbers,
    small_share: Numbers,
    large_months: Numbers,
    large_share: Numbers,
) -> Numbers:
    """Return the payroll share of small firms that gives a published relief.

    The one unknown of ``relief = monthly due * (x * small months * small share + (1 - x) * large
    months * large share)``.

    Parameters
    ----------
    relief
        The published amount, yuan.
    monthly_due
        Employers' contributions of the insurances concerned in one month, yuan.

    Examples
    --------
    With 18 亿 a month, 137.64 亿 of 2020 (11 months in full, 5 months by half) means:

    >>> round(small_firm_share(137.64e8, 18e8, 11, 1.0, 5, 0.5), 4)
    0.6055
    """
    small = monthly_due * small_months * small_share
    large = monthly_due * large_months * large_share
    return (relief - large) / (small - large)


@rule
def labour_cost_change(wage: Numbers, employer_paid: Numbers, relieved: Numbers) -> Numbers:
    """Return the relative change of labour cost by a relief.

    ``-relieved / (wage + employer paid)``.

    Parameters
    ----------
    wage, employer_paid, relieved
        Yuan over the same time: wages, employer contributions before relief, and the relief.

    Examples
    --------
    >>> round(labour_cost_change(8000, 2000, 500), 4)
    -0.05
    """
    return -relieved / (wage + employer_paid)


@rule
def response(cost_change: Numbers, elasticity: Numbers) -> Numbers:
    """Return the relative change of employment or enrolment: ``(1 + cost change)^elasticity - 1``.

    ``elasticity`` is negative when cheaper labour raises employment; 0 means no response.

    >>> round(response(-0.05, -0.2), 6), response(-0.05, 0)
    (0.010311, 0.0)
    """
    return (1.0 + cost_change) ** elasticity - 1.0
