"""Months of women who wait at the start: past the age of workers, and short of the minimum.

They lacked months in the base year, or they would draw a pension; who pays has half a year more
since. So their months are those of their birth year below a limit, as
:mod:`fsinsure.year.retirement` has it, while cadres of their cell have those of the whole year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import ACCOUNT, CADRES, FEMALE, HALF_YEAR, MONTHS
from fsinsure.state import RANKS
from fsinsure.statuses import AS_CADRES, INSURED, PAYING, STATUS

if TYPE_CHECKING:
    from fsinsure.arrays import Array, Ints
    from fsinsure.year.law import Law

WAITING: Final = [STATUS[status] for status in INSURED if status not in AS_CADRES]
PAYS: Final = [STATUS[status] for status in PAYING]


def short_of_months(law: Law, each: Array, spread: Array) -> tuple[Array, Ints]:
    """Return what persons of a cell carry, and which ranks of months the waiting have.

    Parameters
    ----------
    law
        Of the first projected year.
    each
        Mean share of cadres, months, account and pension ``[quantity - 1, status, area, sex,
        age]`` of persons at the end of the base year.
    spread
        Months relative to the mean at equal probabilities, ascending ``[RANKS]``.

    Returns
    -------
    each
        Months and account of the whole birth year where women wait, so that with the months of
        the waiting the mean of the cell is met; unchanged elsewhere.
    ranks
        Number of ranks, from the lowest, that workers have ``[status, area, sex, age]``.
    """
    minimum = float(np.max(law.cells("retirement.min_months_last_year")))
    limit = minimum - 1.0 + HALF_YEAR * np.isin(WAITING, PAYS)[:, None, None, None]
    past = np.flatnonzero(law.reach["worker"].past) - 1  # they are a year younger at the start
    areas, women = np.arange(each.shape[2]), np.array([FEMALE])
    here = np.ix_(np.array(WAITING), areas, women, past[past >= 0])
    cadres, mean = each[CADRES - 1][here], each[MONTHS - 1][here]
    # By the number of ranks: their mean, and the mean of a whole birth year that fits the cell.
    below = np.cumsum(spread) / np.arange(1, RANKS + 1)
    whole = mean[..., None] / (cadres[..., None] * (1.0 - below) + below)
    most = np.maximum((whole * spread <= limit[..., None]).sum(axis=-1), 1)
    fitting = np.take_along_axis(whole, most[..., None] - 1, axis=-1)[..., 0]
    ranks = np.full(each.shape[1:], RANKS)
    ranks[here] = most
    found = each.copy()
    # A mean beyond the limit has no such months: they have the most that leaves them waiting.
    found[MONTHS - 1][here] = np.minimum(fitting, limit / spread[most - 1])
    more = np.divide(fitting, mean, out=np.ones_like(mean), where=mean > 0)
    found[ACCOUNT - 1][here] *= more
    return found, ranks
