"""Winners and losers: two scenarios compared person by person, with the same random numbers.

The persons are those of the base year. Because both scenarios use the same random numbers, a change
for a person comes from policy and its consequences, not from sampling.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.analysis.distributions import PERCENTILES, SHARES
from fsinsure.analysis.solvency import discount
from fsinsure.microsim.histograms import members_of
from fsinsure.microsim.panel import paired_lives
from fsinsure.state import FEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.plan import SimulationPlan
    from fsinsure.state import CellCodes


QUANTITIES: Final = {
    "pensions": ("yuan", FEN, 100 * FEN),
    "pension": ("yuan a month", FEN, FEN),
    "months": ("months", 1, 1),
}
"""Fields of :class:`fsinsure.microsim.panel.LifetimeOutcome`: unit, whole numbers a unit, and the
least change of a winner or loser: 100 yuan of pensions, a yuan a month, a month."""

COLUMNS: Final = (
    *("scenario", "against", "quantity", "unit", "group", "of", "persons", "winners", "losers"),
    *("mean", "mean_winners", "mean_losers", *PERCENTILES),
)


def changes(
    first: SimulationPlan, second: SimulationPlan, rate: Array
) -> tuple[CellCodes, dict[str, Ints]]:
    """Return the cell of every person of the base year, and the change under the second scenario.

    Parameters
    ----------
    first, second
        The simulations to compare.
    rate
        Discount rate of pensions, by projected year ``[year]``.

    Returns
    -------
    tuple
        Cells and the changes by quantity, in fen and months ``[person]``.
    """
    cells, parts = [], []
    for cell, old, new in paired_lives(first, second, discount(rate)):
        cells.append(cell)
        parts.append([getattr(new, name) - getattr(old, name) for name in QUANTITIES])
    change = [np.concatenate(found) for found in zip(*parts, strict=True)]
    return np.concatenate(cells), dict(zip(QUANTITIES, change, strict=True))


def table(
    first: tuple[str, SimulationPlan], second: tuple[str, SimulationPlan], rate: Array
) -> pd.DataFrame:
    """Return the numbers and amounts of winners and losers under the second scenario, by group.

    Columns: scenario, against, quantity (``pensions``: their present value, ``pension``: in payment
    at the end of the last year, ``months``: the most at any year's end), unit, group (``all``,
    ``sex``, ``area``, ``status`` of the base year, ``born``), of, persons, winners, losers,
    mean (over all), mean_winners, mean_losers, and the quantiles p5 to p95 of the change among
    winners and losers together (NaN where there are neither). Changes below the least one of
    `QUANTITIES` count in the mean only.

    Parameters
    ----------
    first, second
        Names and simulations.
    rate
        Discount rate of pensions, by projected year ``[year]``.
    """
    plan = first[1]
    cell, change = changes(plan, second[1], rate)
    weight, who = 1.0 / plan.scale, (second[0], first[0])
    rows = [
        (*who, name, unit, group, of, *_row(change[name][members], per, least, weight))
        for name, (unit, per, least) in QUANTITIES.items()
        for group, of, members in _members(plan, cell)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _members(plan: SimulationPlan, cell: CellCodes) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield group, name and persons ``[person]`` of every member of a group that has persons."""
    for members in members_of(plan.code):
        member_of = members.take(cell)
        for member in np.flatnonzero(np.bincount(member_of)).tolist():
            yield (*plan.members[member], member_of == member)


def _row(change: Ints, per: int, least: int, weight: float) -> list[float]:
    """Return the columns from persons on, of the changes of a member ``[person]``."""
    won, lost = change[change >= least] / per, change[change <= -least] / per
    moved = np.concatenate([won, lost])
    return [
        *(len(part) * weight for part in (change, won, lost)),
        float(change.sum() / len(change) / per),
        *(float(part.mean()) if len(part) else 0.0 for part in (won, lost)),
        *(np.quantile(moved, SHARES) if len(moved) else np.full(len(SHARES), np.nan)),
    ]
