"""The employee pension: award, account, and benefits at death.

Law: 国发〔2005〕38号 第六条 (award and 计发月数), 劳办发〔1997〕116号 and 人社部发〔2017〕31号
(account and its interest), 社会保险法 第十四条 to 第十七条, 人社部发〔2021〕18号 (survivors).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fsinsure.rules import Numbers, formula, reference, rule, tables

interpolate, rounded = formula(tables.interpolate), formula(tables.rounded)
steps = formula(tables.steps)


@rule
def basic_pension(
    award_base: Numbers, mean_index: Numbers, years: Numbers, accrual: Numbers
) -> Numbers:
    """Return the monthly basic pension (基础养老金), yuan.

    ``P (1 + index) / 2 * years * accrual``. Law: 国发〔2005〕38号 第六条.

    Parameters
    ----------
    award_base
        计发基数 of the year of award, yuan a month.
    mean_index
        Mean contribution index (本人平均缴费工资指数).
    years
        Contribution years, deemed years included; months are twelfths of a year.
    accrual
        Share per year, 0.01 by law.

    Examples
    --------
    >>> round(basic_pension(9028, 0.6, 15, 0.01), 2)
    1083.36
    """
    return award_base * (1 + mean_index) / 2 * years * accrual


@rule
def annuity_divisor(
    age: Numbers, ages: Sequence[float], months: Sequence[float], decimals: int | None = None
) -> Numbers:
    """Return the divisor of an account (计发月数) at an age that need not be whole, months.

    Linear between whole ages, so each month of age is a twelfth of the way; outside the table the
    end rows hold. Law: 国发〔2005〕38号 annex, which gives whole ages only and does not round.
    Between them local bureaus use tables by month of age that round the same line to one decimal,
    half up (济南, 2025: 138.4 at 60 years 1 month, 194.6 at 50 years 1 month; secondary source).

    Parameters
    ----------
    age
        Age at award, years, 0 to 150.
    ages, months
        The table: whole ages, rising, and the months at each.
    decimals
        Decimals of the result; None does not round. 1 gives the tables by month of age.

    Raises
    ------
    ValueError
        Ages that do not rise, or tables of unequal length.

    Examples
    --------
    A man retiring at 60 years and 1 month:

    >>> round(float(annuity_divisor(60 + 1 / 12, [60, 61], [139, 132])), 4)
    138.4167
    >>> float(annuity_divisor(60 + 1 / 12, [60, 61], [139, 132], decimals=1))
    138.4
    """
    return rounded(interpolate(age, ages, months), decimals)


@reference
def contribution_years(months: Numbers, decimals: int | None = None) -> Numbers:
    """Return contribution months in years: ``months / 12``, for :func:`basic_pension`.

    Law: 国发〔2005〕38号 第六条 (每满1年发给1%), months counting as twelfths. Notices of award
    round the years to two decimals: 208 months at a 计发基数 of 8079 and an index of 0.84 are 17.33
    years and 1288.08 yuan (secondary source).

    Parameters
    ----------
    months
        Contribution months, deemed months included, 0 or more.
    decimals
        Decimals of the result, half up; None does not round. 2 gives the years of award notices.

    Examples
    --------
    >>> float(contribution_years(208, decimals=2))
    17.33
    >>> round(float(basic_pension(8079, 0.84, contribution_years(208, 2), 0.01)), 2)
    1288.08
    """
    return rounded(months / 12, decimals)


@rule
def account_pension(balance: Numbers, divisor: Numbers) -> Numbers:
    """Return the monthly account pension (个人账户养老金): ``balance / divisor``, yuan.

    Law: 国发〔2005〕38号 第六条; ``divisor`` from :func:`annuity_divisor`, above 0.

    >>> account_pension(139000, 139)
    1000.0
    """
    return balance / divisor


@rule
def transitional_pension(
    award_base: Numbers, deemed_index: Numbers, deemed_years: Numbers, coefficient: Numbers
) -> Numbers:
    """Return the monthly transitional pension (过渡性养老金), yuan.

    ``P * index * deemed years * coefficient``, for work before individual accounts. Law:
    国发〔2005〕38号 第六条 leaves the form to the provinces; the coefficient is a parameter (1.0
    to 1.4 %).

    >>> round(transitional_pension(9028, 1.0, 10, 0.012), 2)
    1083.36
    """
    return award_base * deemed_index * deemed_years * coefficient


_basic, _account = formula(basic_pension), formula(account_pension)
_transitional = formula(transitional_pension)


@rule
def employee_pension(  # noqa: PLR0913 (the terms of the formula)
    award_base: Numbers,
    mean_index: Numbers,
    years: Numbers,
    accrual: Numbers,
    balance: Numbers,
    divisor: Numbers,
    deemed_index: Numbers,
    deemed_years: Numbers,
    coefficient: Numbers,
) -> Numbers:
    """Return the monthly pension at award: basic, account and transitional together, yuan.

    Law: 国发〔2005〕38号 第六条; arguments as in :func:`basic_pension`, :func:`account_pension`
    and :func:`transitional_pension`.

    >>> round(employee_pension(9028, 0.8, 20, 0.01, 139000, 139, 0.8, 2, 0.012), 2)
    2798.38
    """
    return (
        _basic(award_base, mean_index, years, accrual)
        + _account(balance, divisor)
        + _transitional(award_base, deemed_index, deemed_years, coefficient)
    )


@rule
def civil_pension(base: Numbers, replacement: Numbers) -> Numbers:
    """Return the monthly pension of civil staff at award: ``base * replacement``, yuan.

    Law: 国发〔2015〕2号 leaves the transition to the provinces; one replacement rate stands for it.

    >>> civil_pension(10000, 0.5)
    5000.0
    """
    return base * replacement


@rule
def account_interest(
    opening: Numbers, credited: Numbers, rate: Numbers, months: Numbers
) -> Numbers:
    """Return the interest of an account after ``months`` months of the year, yuan.

    The month convention: the opening balance earns ``rate * months / 12``, and equal credits in
    each of these months earn from their own month on, ``(months + 1) / 2`` months on average.
    Over a full year this is 年度计算法: ``opening * rate + credited * rate * 1.083 / 2``, with
    1.083 = 13/12. Payments out of the account are negative credits. Law: 劳办发〔1997〕116号
    (年度计算法, 月积数法); rates by 人社部发〔2017〕31号 and yearly notices.

    Parameters
    ----------
    opening
        Balance at the end of the year before, yuan.
    credited
        Sum credited in the ``months`` months, yuan; negative for payments.
    rate
        记账利率 of the year, 0 to 1.
    months
        12, or the month of award or death.

    Examples
    --------
    >>> round(account_interest(10000, 1200, 0.0604, 12), 2)
    643.26
    """
    return rate / 12 * (opening * months + credited * (months + 1) / 2)


_interest = formula(account_interest)


@reference
def account_closing(
    opening: Numbers, credited: Numbers, paid: Numbers, rate: Numbers, months: Numbers
) -> Numbers:
    """Return the balance after ``months`` months of credits and payments, never below 0.

    ``max(opening + credited - paid + interest, 0)``; law as in :func:`account_interest`. An
    exhausted account stays at 0, and the pooled fund pays the pension.

    >>> round(float(account_closing(10000, 0, 1200, 0.0604, 12)), 2)
    9364.74
    >>> float(account_closing(1000, 0, 1200, 0.0604, 12))
    0.0
    """
    change = credited - paid
    interest = _interest(opening, change, rate, months)
    return np.maximum(opening + change + interest, 0.0)


@rule
def death_refund(balance: Numbers, own_share: Numbers) -> Numbers:
    """Return the part of the account that is inherited: ``balance * own_share``, yuan.

    Law: 社会保险法 第十四条 (个人账户余额可以继承). A member who leaves without
    the minimum years receives the same sum (社会保险法实施细则 第三条).

    Parameters
    ----------
    own_share
        Share of the balance that came from own contributions and their interest: 1 since 2006.

    Examples
    --------
    >>> death_refund(24000, 1)
    24000
    """
    return balance * own_share


@rule
def pension_bill(pensioners: Numbers, mean_pension: Numbers, months: Numbers) -> Numbers:
    """Return the cost of pensions: ``pensioners * mean pension * months``, yuan.

    Foshan's enterprise pensions of 2020 by the plan's figures, 269.02 亿:

    >>> pension_bill(650_000, 3449, 12)
    26902200000
    """
    return pensioners * mean_pension * months


@reference
def survivor_months(
    years: Numbers, from_years: Sequence[float], months: Sequence[float]
) -> Numbers:
    """Return the months of the survivors' grant (抚恤金) of a member who had not retired.

    Law: 人社部发〔2021〕18号 第五条: 3 months below 5 years, 6 below 10, 9 to 15 years, then one
    more month a full year, to 24 at 30 years; the table is the argument.

    >>> [float(survivor_months(years, [0, 5, 10, 16], [3, 6, 9, 10])) for years in (4, 5, 15.5, 16)]
    [3.0, 6.0, 9.0, 10.0]
    """
    return steps(years, from_years, months)


@reference
def survivor_months_retired(most: Numbers, drawn_years: Numbers, least: Numbers) -> Numbers:
    """Return the months of the survivors' grant of a pensioner.

    ``max(least, most - full years drawn)``: law 人社部发〔2021〕18号 第五条 (每领取1年减少1个月,
    不少于 9个月), ``most`` from :func:`survivor_months` at the contribution years.

    >>> [float(survivor_months_retired(24, drawn, 9)) for drawn in (0, 5.9, 30)]
    [24.0, 19.0, 9.0]
    """
    return np.maximum(least, most - drawn_years // 1)


@rule
def death_benefit(income: Numbers, funeral_months: Numbers, grant_months: Numbers) -> Numbers:
    """Return funeral grant and survivors' grant together, yuan.

    ``income * (funeral months + grant months)``. Law: 人社部发〔2021〕18号 第四条 and 第五条:
    income is the province's monthly urban disposable income per head of the year before, the
    funeral 2 months.

    >>> death_benefit(4000, 2, 9)
    44000
    """
    return income * (funeral_months + grant_months)
