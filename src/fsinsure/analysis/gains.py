"""Who gains and who loses: two scenarios lived by the same persons with the same luck.

Persons are those of the base year. What differs between the two lots of a person is policy and what
follows from it, not noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.analysis.distributions import SHARES
from fsinsure.analysis.solvency import discount
from fsinsure.microsim.histograms import GROUPS, MEMBERS_OF
from fsinsure.microsim.panel import paired_lives
from fsinsure.state import FEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.plan import SimulationPlan


QUANTITIES: Final = {
    "pensions": ("yuan", FEN),
    "pension": ("yuan a month", FEN),
    "months": ("months", 1),
}
"""Quantity, its unit, and whole numbers in one
(:class:`fsinsure.microsim.panel.LifetimeOutcome`)."""

COLUMNS: Final = (
    *("scenario", "against", "quantity", "unit", "group", "of", "persons", "winners", "losers"),
    *("mean", "mean_winners", "mean_losers"),
    *(f"p{round(100 * share)}" for share in SHARES),
)


def changes(
    first: SimulationPlan, second: SimulationPlan, rate: Array
) -> tuple[NDArray[np.int16], dict[str, Ints]]:
    """Return the code of every person of the base year, and what the second scenario changes.

    Parameters
    ----------
    first, second
        What was simulated.
    rate
        At which pensions are discounted, by projected year ``[year]``.

    Returns
    -------
    tuple
        Codes (:func:`fsinsure.microsim.histograms.codes`) and the changes by quantity, in fen and
        months ``[person]``.
    """
    codes, parts = [], []
    for code, old, new in paired_lives(first, second, discount(rate)):
        codes.append(code.astype(np.int16))
        parts.append([getattr(new, name) - getattr(old, name) for name in QUANTITIES])
    change = [np.concatenate(found) for found in zip(*parts, strict=True)]
    return np.concatenate(codes), dict(zip(QUANTITIES, change, strict=True))


def table(
    first: tuple[str, SimulationPlan], second: tuple[str, SimulationPlan], rate: Array
) -> pd.DataFrame:
    """Return who gains and who loses under the second scenario, by group.

    Columns: scenario, against, quantity (``pensions``: their present value, ``pension``: in payment
    at the end of the last year, ``months``: the most at any year's end), unit, group (``all``,
    ``sex``, ``district``, ``status`` of the base year, ``born``), of, persons, winners, losers,
    mean (over all), mean_winners, mean_losers, and the quantiles p5 to p95 of the change among
    winners and losers together (NaN where nobody's lot changes).

    Parameters
    ----------
    first, second
        Names and what was simulated.
    rate
        At which pensions are discounted, by projected year ``[year]``.
    """
    code, change = changes(first[1], second[1], rate)
    weight = 1.0 / first[1].scale
    rows = []
    for name, (unit, per) in QUANTITIES.items():
        for group, of, mine in _members(code):
            told = _row(change[name][mine], per, weight)
            rows.append((second[0], first[0], name, unit, group, of, *told))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _members(code: NDArray[np.int16]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield every member of a group that has persons, and who they are."""
    names = [(group, of) for group, found in GROUPS.items() for of in found]
    for members in MEMBERS_OF.astype(np.int8):
        at = members.take(code)
        for member in np.flatnonzero(np.bincount(at)).tolist():
            yield (*names[member], at == member)


def _row(change: Ints, per: int, weight: float) -> list[float]:
    won, lost = change[change > 0] / per, change[change < 0] / per
    moved = np.concatenate([won, lost])
    empty = np.full(len(SHARES), np.nan)
    return [
        len(change) * weight,
        len(won) * weight,
        len(lost) * weight,
        float(change.sum() / len(change) / per),
        float(won.mean()) if len(won) else 0.0,
        float(lost.mean()) if len(lost) else 0.0,
        *(np.quantile(moved, SHARES) if len(moved) else empty),
    ]
