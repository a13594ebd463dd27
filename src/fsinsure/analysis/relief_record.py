"""The relief of the base year by rule, against the published fall of income in that year.

The base year is not projected, so its relief is checked by itself: the income of the year before is
put under the relief of the base year, all else as it was (static). Growth of wages and members and
employers whom the relief does not reach make the fall smaller than this. Rates are those of the
base year, that of interest too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from fsinsure.dims import YEAR
from fsinsure.ledger import INJURY, UNEMPLOYMENT
from fsinsure.region.outcomes import of_region, published
from fsinsure.rules import relief
from fsinsure.year.terms import employer_rates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.parameters import Parameters
    from fsinsure.sources import Outcome

COLUMNS: Final = (
    *("measure", "year", "income_before", "income", "change", "by_rule"),
    *("if_all_small", "if_all_large", "small_share", "small_share_implied"),
)
FUNDS: Final = (UNEMPLOYMENT, INJURY)
"""Funds whose income is contributions and interest. That of pensions has subsidies and the payments
of flexible workers too, which are not published apart."""

LAW: Final = ("small_share", "small_months", "large_share", "large_months")


def relief_record(
    parameters: Parameters, outcomes: Sequence[Outcome], scenario: str
) -> pd.DataFrame:
    """Compare the published fall of income in the base year with the relief by rule.

    A row for each fund of :data:`FUNDS` that has published income (``<fund>.income``) of the base
    year and the year before; empty if there is none, or the relief of the base year is not among
    the figures (``relief.<year>_small_share`` ...).

    The income of the year before is interest and contributions; of these the employers' part is
    waived as the figures say, by the payroll share of small firms. Interest follows from the
    balance of that year, which goes back from that of the base date by income and outgo; a year
    without published outgo is taken to spend its income.

    Columns: scenario, measure, year, income_before and income (yuan), change (published, a
    fraction), by_rule (with the share of small firms that the region assumes), if_all_small and
    if_all_large (its bounds), small_share (assumed), small_share_implied (the one that would give
    the published change; NaN where it would be below 0 or above 1, or small and large firms are
    treated alike).
    """
    rows = [(scenario, *row) for row in _rows(parameters, outcomes)]
    return pd.DataFrame(rows, columns=["scenario", *COLUMNS])


def _rows(parameters: Parameters, outcomes: Sequence[Outcome]) -> Iterator[tuple[object, ...]]:
    region = parameters.region
    year = region.base_year
    found = [region.amount(f"relief.{year}_{name}") for name in LAW]
    law = [one for one in found if one is not None]
    if len(law) < len(LAW):
        return
    assumed = parameters.number("wage.small_firm_share")
    figures = published(outcomes, region.conflicts)
    for fund in FUNDS:
        incomes, outgoes = (of_region(figures, f"{fund}.{kind}") for kind in ("income", "outgo"))
        if not {year - 1, year} <= incomes.keys():
            continue
        before, income = incomes[year - 1].amount, incomes[year].amount
        spent_before, spent = (
            (outgoes if one in outgoes else incomes)[one].amount for one in (year - 1, year)
        )
        closing = (region.amount(f"fund.balance.{fund}") or 0.0) - income + spent
        interest = interest_of(closing, before - spent_before, region.base_value("fund.interest"))
        due = max(before - interest, 0.0) * _employers_part(parameters, fund)
        small, large, by_rule = (-cut(due, law, share) / before for share in (1.0, 0.0, assumed))
        change = income / before - 1.0
        yield (
            *(f"{fund}.income", year, before, income, change, by_rule, small, large, assumed),
            implied_share(change, small, large),
        )


def interest_of(closing: float, saved: float, rate: float) -> float:
    """Return the interest within the income of a year, yuan.

    As the books have it (:func:`fsinsure.ledger.fund_interest`): ``i = rate (opening + (saved - i)
    / 2)``, and the opening balance is `closing` less `saved`. None is earned on a debt.

    Parameters
    ----------
    closing
        The balance at the end of the year, yuan.
    saved
        Income, with interest, less outgo, yuan.
    rate
        Of interest, a fraction.

    Examples
    --------
    >>> round(interest_of(1220.0, 220.0, 0.02), 6)  # 0.02 (1000 + (220 - i) / 2)
    21.980198
    """
    return max(rate * (closing - saved / 2.0) / (1.0 + rate / 2.0), 0.0)


def implied_share(change: float, small: float, large: float) -> float:
    """Return the share of small firms that gives a change of income; NaN if none does.

    Parameters
    ----------
    change
        The published one, a fraction.
    small, large
        Those by rule if all firms are small, or large.

    Examples
    --------
    >>> implied_share(-0.25, -0.5, 0.0), implied_share(-0.25, -0.5, -0.5)
    (0.5, nan)
    """
    if small == large:
        return float("nan")
    share = (change - large) / (small - large)
    return share if 0.0 <= share <= 1.0 else float("nan")


def cut(due: float, law: Sequence[float], small: float) -> float:
    """Return the contributions waived in the year, yuan.

    Parameters
    ----------
    due
        What employers owe in the year.
    law
        Share and months for small firms, share and months for large ones (:data:`LAW`).
    small
        Payroll share of small firms.

    Examples
    --------
    >>> round(cut(120.0, (1.0, 11, 0.5, 5), 0.4), 6)  # 10 a month: 4 x 11 + 6 x 5 / 2
    59.0
    """
    monthly = due / YEAR
    of_small = relief.waived(monthly, law[0], law[1], small)
    of_large = relief.waived(monthly, law[2], law[3], 1.0 - small)
    return float(of_small + of_large)


def _employers_part(parameters: Parameters, fund: str) -> float:
    """Return the employers' share of the contributions of employees to a fund."""
    at = parameters.region.base_value
    employers = employer_rates(parameters, at)[fund].item()
    employees = at("unemployment.employee_rate") if fund == UNEMPLOYMENT else 0.0
    # Nobody owes anything without a rate.
    return employers / (employers + employees) if employers else 0.0
