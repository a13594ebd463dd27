"""Statutory age, and vesting by contribution months.

Law: 国务院关于渐进式延迟法定退休年龄的办法 (adopted 2024-09-13 by the 全国人大常委会, in force
2025-01-01), 第一条 for the ages and 第二条 for the rising minimum contribution years; before it
国发〔1978〕104号 (60 for men, 55 for women cadres, 50 for women workers); 社会保险法 第十六条 for
the minimum contribution years.

Convention: a month is its *month index* ``12 * year + month - 1``. The statutory month is the month
of birth plus the age plus the delay; the person retires at the end of it and is a retiree in the
stock of 31 December of that year. Births are uniform over the twelve months of a year, so every
share of a birth year is an exact multiple of 1/12. Those aged ``a`` at 31 December of year ``y``
were born in ``y - a``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from fsinsure.rules import Numbers, formula, lognormal, reference, rule

share_above = formula(lognormal.share_above)
sum_share_above = formula(lognormal.sum_share_above)

NEVER: Final = 12 * 100_000
"""Month index of a delay that never starts (the ages of the law before 2025)."""


@rule
def month_index(year: Numbers, month: Numbers) -> Numbers:
    """Return ``12 * year + month - 1``, the month index.

    ``month`` is 1 to 12.

    >>> month_index(2025, 1)
    24300
    """
    return 12 * year + month - 1


@rule
def delay_months(
    due_month: Numbers, delay_start_month: Numbers, step: Numbers, most: Numbers
) -> Numbers:
    """Return the delay of the statutory age, months.

    ``0`` before the start, then ``min(most, floor((due - start) / step) + 1)``, and so 1
    month for those who are due in the starting month (每四个月延迟一个月, or 每二个月 for age 50).

    Law: 国务院关于渐进式延迟法定退休年龄的办法 第一条 and its tables.

    Parameters
    ----------
    due_month
        Month index in which the person reaches the age of the law before 2025.
    delay_start_month
        Month index from which the delay runs (2025-01), or :data:`NEVER`.
    step
        Months of birth per month of delay: 4 for ages 60 and 55, 2 for age 50.
    most
        Most months of delay: 36 for ages 60 and 55, 60 for age 50.

    Examples
    --------
    >>> start = month_index(2025, 1)
    >>> [int(delay_months(month_index(2025, m), start, 4, 36)) for m in (1, 4, 5)]
    [1, 1, 2]
    >>> int(delay_months(month_index(2024, 12), start, 4, 36))
    0
    """
    # Before the start the floor is -1 or less, so the maximum yields 0 without a branch.
    return np.maximum(0, np.minimum(most, (due_month - delay_start_month) // step + 1))


_delay = formula(delay_months)


@rule
def statutory_month(
    birth_month: Numbers,
    age_years: Numbers,
    delay_start_month: Numbers,
    step: Numbers,
    most: Numbers,
) -> Numbers:
    """Return the month index in which a person reaches the statutory age, delay included.

    ``birth + 12 * age + delay``; law and parameters as in :func:`delay_months`.

    Parameters
    ----------
    birth_month
        Month index of birth.
    age_years
        Statutory age before any delay: 60, 55 or 50.

    Examples
    --------
    A man born in May 1965 retires at 60 years and 2 months, in July 2025:

    >>> month = statutory_month(month_index(1965, 5), 60, month_index(2025, 1), 4, 36)
    >>> int(month // 12), int(month % 12 + 1)
    (2025, 7)
    """
    due = birth_month + 12 * age_years
    return due + _delay(due, delay_start_month, step, most)


@rule
def claiming_month(
    statutory: Numbers, original: Numbers, delay_start_month: Numbers, shift: Numbers
) -> Numbers:
    """Return the month index in which a pension is claimed that is claimed early or late.

    Those whose statutory month is not before the start of the delay may claim up to three years
    before it, but not below the age of the law before 2025, or after it by agreement.

    Law: 国务院关于渐进式延迟法定退休年龄的办法 第三条; 实施弹性退休制度暂行办法
    (人社部发〔2024〕94号).

    Parameters
    ----------
    statutory
        Month index of the statutory age (:func:`statutory_month`).
    original
        Month index of the age of the law before 2025.
    delay_start_month
        Month index from which the delay runs, or :data:`NEVER`.
    shift
        Months after the statutory month; negative for an early claim.

    Examples
    --------
    A man born in May 1965 is due in July 2025 and may claim in May 2025 at the earliest:

    >>> start, born = month_index(2025, 1), month_index(1965, 5)
    >>> due = statutory_month(born, 60, start, 4, 36)
    >>> early = claiming_month(due, born + 720, start, -36)
    >>> late = claiming_month(due, born + 720, start, 36)
    >>> [(int(month // 12), int(month % 12 + 1)) for month in (early, late)]
    [(2025, 5), (2028, 7)]
    """
    earliest = np.maximum(np.maximum(original, delay_start_month), statutory + shift)
    shifted = (shift < 0) * (earliest - statutory) + (shift > 0) * shift
    return statutory + (statutory >= delay_start_month) * shifted


_statutory = formula(statutory_month)


@reference
def due_share(
    birth_year: Numbers,
    year: Numbers,
    age_years: Numbers,
    delay_start_month: Numbers,
    step: Numbers,
    most: Numbers,
) -> Numbers:
    """Return the share of a birth year that reaches the statutory age in ``year``.

    The number of the twelve birth months whose :func:`statutory_month` falls in ``year``, over 12.

    Examples
    --------
    Of the men born in 1965, those of January to September retire in 2025 (the September-born are
    due in 2025-09, delayed by 3 months to 2025-12), the rest in 2026:

    >>> start = month_index(2025, 1)
    >>> [12 * float(due_share(1965, year, 60, start, 4, 36)) for year in (2024, 2025, 2026)]
    [0.0, 9.0, 3.0]
    """
    rule = (age_years, delay_start_month, step, most)
    months = sum(_statutory(12 * birth_year + m, *rule) // 12 == year for m in range(12))
    share: Numbers = months / 12
    return share


@reference
def not_yet_due_share(
    birth_year: Numbers,
    year: Numbers,
    age_years: Numbers,
    delay_start_month: Numbers,
    step: Numbers,
    most: Numbers,
) -> Numbers:
    """Return the share of a birth year still below the statutory age at 31 December of ``year``.

    The number of the twelve birth months whose :func:`statutory_month` is after ``year``, over 12.

    >>> 12 * float(not_yet_due_share(1965, 2025, 60, month_index(2025, 1), 4, 36))
    3.0
    """
    rule = (age_years, delay_start_month, step, most)
    months = sum(_statutory(12 * birth_year + m, *rule) // 12 > year for m in range(12))
    return months / 12


@rule
def vested(months: Numbers, minimum: Numbers) -> Numbers | np.bool:
    """Return whether own contribution months suffice for a monthly pension: ``months >= minimum``.

    Law: 社会保险法 第十六条 (15 years); 国务院关于渐进式延迟法定退休年龄的办法 第二条
    (from 2030 six months more each year, to 20 years in 2039).

    >>> vested(179, 180), vested(180, 180)
    (False, True)
    """
    return months >= minimum


@rule
def vested_share(mean_months: Numbers, minimum: Numbers, cv: Numbers) -> Numbers:
    """Return the share of the persons of a cell who have at least the minimum months.

    The expected value of :func:`vested` when months are lognormal with the cell's mean and
    coefficient of variation (closed form: :func:`fsinsure.rules.lognormal.share_above`).

    >>> round(float(vested_share(240, 180, 0.4)), 4)
    0.7102
    """
    return share_above(minimum, mean_months, cv)


@rule
def vested_months_share(mean_months: Numbers, minimum: Numbers, cv: Numbers) -> Numbers:
    """Return the share of the cell's total contribution months that its vested persons hold.

    Closed form: :func:`fsinsure.rules.lognormal.sum_share_above`. It is at least
    :func:`vested_share`, since the vested are those with the most months.

    >>> round(float(vested_months_share(240, 180, 0.4)), 4)
    0.8262
    """
    return sum_share_above(minimum, mean_months, cv)
