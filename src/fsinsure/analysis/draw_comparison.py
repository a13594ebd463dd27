"""Scenarios compared draw by draw: differences, which is best how often, regret, trade-off.

Draws with the same number have the same values of all parameters that both scenarios draw (common
random numbers; Law 2015, Simulation Modeling and Analysis, 11.2), so that a difference is of the
scenarios and not of chance. Regret is that of Savage (1951): how far a scenario is
from the best of them in the same draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.analysis.spread import COLUMNS, probability, spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.arrays import Array

EQUAL: Final = 1e-6
"""Differences below a millionth of the level are none."""

COST: Final = "cost"
"""The subject of which less is better; of all others more is."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the scenarios.

    Parameters
    ----------
    name
        Of the scenario.
    subjects
        People of a measure (``measure.<name>``), balances of a fund (``fund.<name>``) and the cost
        ``[draw]``, the same subjects and draws in every scenario.
    """

    name: str
    subjects: Mapping[str, Array]


def unit(subject: str) -> str:
    """Return the unit of a subject."""
    return "persons" if subject.startswith("measure.") else "yuan"


def differences(sides: Sequence[Side]) -> pd.DataFrame:
    """How every scenario differs from the first, draw by draw.

    Columns: scenario, against, subject, unit, probability_higher (that it is above the first),
    standard_error, then the difference by :data:`fsinsure.analysis.spread.COLUMNS`.
    """
    first, *others = sides
    rows = []
    for side in others:
        for subject, own in side.subjects.items():
            change = own - first.subjects[subject]
            head = (side.name, first.name, subject, unit(subject))
            higher = change > EQUAL * np.abs(first.subjects[subject])
            rows.append((*head, *probability(higher), *spread(change)))
    columns = ["scenario", "against", "subject", "unit", "probability_higher", "standard_error"]
    return pd.DataFrame(rows, columns=[*columns, *COLUMNS])


def regret(sides: Sequence[Side]) -> pd.DataFrame:
    """How far every scenario is from the best in the same draw.

    Columns: scenario, subject, unit, probability_best (ties count for all), mean, p90, largest
    (regret: zero in the draws in which the scenario is best). More people and higher balances are
    better, and a lower cost.
    """
    rows = []
    for subject in sides[0].subjects:
        sign = -1.0 if subject == COST else 1.0
        values = np.stack([sign * side.subjects[subject] for side in sides])
        behind = values.max(axis=0) - values
        for side, own in zip(sides, behind, strict=True):
            best = own <= EQUAL * np.abs(values).max(axis=0)
            head = (side.name, subject, unit(subject), float(best.mean()))
            rows.append((*head, own.mean(), np.percentile(own, 90), own.max()))
    columns = ["scenario", "subject", "unit", "probability_best", "mean", "p90", "largest"]
    return pd.DataFrame(rows, columns=columns)


def trade_off(sides: Sequence[Side]) -> pd.DataFrame:
    """People of every measure against the cost.

    Columns: scenario, subject (``measure.<name>``), people_mean, people_p10, people_p90 (persons),
    cost_mean, cost_p10, cost_p90 (yuan), dominated_by (the first scenario with at least as many
    people at no more cost on average, and better in one of both; empty if there is none, which
    makes it efficient in the sense of Pareto).
    """
    rows = []
    for subject in (name for name in sides[0].subjects if name.startswith("measure.")):
        means = {
            side.name: (float(side.subjects[subject].mean()), float(side.subjects[COST].mean()))
            for side in sides
        }
        for side in sides:
            people, cost = side.subjects[subject], side.subjects[COST]
            ends = [np.percentile(one, (10, 90)) for one in (people, cost)]
            better = [name for name, other in means.items() if _dominates(other, means[side.name])]
            mean = means[side.name]
            rows.append(
                (
                    *(side.name, subject, mean[0], *ends[0], mean[1], *ends[1]),
                    better[0] if better else "",
                )
            )
    ends_of = [
        f"{what}_{column}" for what in ("people", "cost") for column in ("mean", "p10", "p90")
    ]
    return pd.DataFrame(rows, columns=["scenario", "subject", *ends_of, "dominated_by"])


def _dominates(other: tuple[float, float], own: tuple[float, float]) -> bool:
    """Return whether one pair of people and cost is at least as good as another, and not equal."""
    more = [EQUAL * max(abs(one), abs(two)) for one, two in zip(other, own, strict=True)]
    people, cost = other[0] - own[0], own[1] - other[1]
    no_worse = people >= -more[0] and cost >= -more[1]
    return no_worse and (people > more[0] or cost > more[1])
