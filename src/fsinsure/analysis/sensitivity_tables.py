"""The tables of a sensitivity analysis: effects of ranges, shares of variance, elementary effects.

In a linear scenario with independent parameters the variance of a subject is the sum of the squares
of what the ranges of the parameters move it by, each times the same number. So the share of a
parameter in the sum of squares is its share of the variance to first order. A standard deviation is
the distance of both ends over 2.563, that of the 10th and the 90th percentile of a normal
distribution in standard deviations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.analysis.subjects import unit_of
from fsinsure.numeric.distributions import TENTH
from fsinsure.registry import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.analysis.ends import Ends
    from fsinsure.analysis.sobol import Columns, Indices
    from fsinsure.arrays import Array

WIDTH: Final = 2.0 * TENTH
"""Standard deviations between the 10th and the 90th percentile of a normal distribution."""

BASES: Final = ("estimate", "analogue", "judgement", "scenario")
"""What ranges rest on, in this order; see docs/assumptions.md."""


@dataclass(frozen=True)
class Moved:
    """A parameter and its range: in the first projected year of a path, in the first area."""

    name: str
    basis: str
    low: float
    central: float
    high: float

    @property
    def unit(self) -> str:
        """The unit of the parameter."""
        return registry()[self.name].unit


def tornado(
    moved: Sequence[Moved], ends: Ends, level: Mapping[str, float], scenario: str
) -> pd.DataFrame:
    """List what both ends of each range move: largest first, subject by subject.

    Columns: scenario, subject, parameter, basis, low, central, high, unit, low_effect, high_effect
    (the change of the subject from the scenario's own value), effect_unit, share (of the sum of
    squares of high less low effect over all parameters), problem (why an end cannot be projected,
    and then its effect is missing; or that growth ended with the people there are).
    """
    rows = []
    for subject, own in level.items():
        effects = ends.amounts[subject] - own
        squares = (effects[:, 1] - effects[:, 0]) ** 2
        total = np.nansum(squares)
        for at in np.argsort(-np.nan_to_num(squares), kind="stable").tolist():
            one, share = moved[at], squares[at] / total if total else 0.0
            reasons = zip(("low", "high"), ends.reason[at], strict=True)
            problem = "; ".join(f"{end}: {reason}" for end, reason in reasons if reason)
            head = (scenario, subject, one.name, one.basis, one.low, one.central, one.high)
            rows.append((*head, one.unit, *effects[at], unit_of(subject), share, problem))
    columns = [
        *("scenario", "subject", "parameter", "basis", "low", "central", "high", "unit"),
        *("low_effect", "high_effect", "effect_unit", "share", "problem"),
    ]
    return pd.DataFrame(rows, columns=columns)


def by_basis(effects: pd.DataFrame) -> pd.DataFrame:
    """Sum the shares of a tornado by what the ranges rest on.

    Columns: scenario, subject, basis, parameters (how many), linear (the share of the sum of
    squares: of the variance to first order).
    """
    order = pd.CategoricalDtype([*BASES], ordered=True)
    kept = effects.assign(basis=effects["basis"].astype(order))
    found = kept.groupby(["scenario", "subject", "basis"], sort=False, observed=True)
    table = found.agg(parameters=("parameter", "size"), linear=("share", "sum")).reset_index()
    place = {name: at for at, name in enumerate(effects["subject"].unique())}
    table = table.assign(place=table["subject"].map(place)).sort_values(["place", "basis"])
    return table.drop(columns="place").astype({"basis": str}).reset_index(drop=True)


def subjects(
    effects: pd.DataFrame, level: Mapping[str, float], years: Mapping[str, int]
) -> pd.DataFrame:
    """List what is asked about.

    Columns: scenario, subject, year, unit, value (of the scenario itself), linear_sd (the standard
    deviation to first order, of all parameters).
    """
    rows = []
    for subject, own in level.items():
        rows_of = effects[effects["subject"] == subject]
        squares = (rows_of["high_effect"] - rows_of["low_effect"]) ** 2
        sd = float(np.sqrt(squares.sum())) / WIDTH
        scenario = rows_of["scenario"].iat[0]
        rows.append((scenario, subject, years[subject], unit_of(subject), own, sd))
    columns = ["scenario", "subject", "year", "unit", "value", "linear_sd"]
    return pd.DataFrame(rows, columns=columns)


def variances(
    table: pd.DataFrame, effects: pd.DataFrame, found: Mapping[str, Indices], names: Sequence[str]
) -> pd.DataFrame:
    """Add what the points say to the list of subjects.

    Columns beside those of :func:`subjects`: mean, sd (over the points), points (that could be
    projected), left_out (the tornado share of the parameters that keep their value).
    """
    kept = effects[effects["parameter"].isin([*names])].groupby("subject")["share"].sum()
    total = effects.groupby("subject")["share"].sum()
    return table.assign(
        mean=[one.mean for one in found.values()],
        sd=[one.sd for one in found.values()],
        points=[one.points for one in found.values()],
        left_out=[float(total[name] - kept.get(name, 0.0)) for name in found],
    )


def indices(
    found: Mapping[str, Indices], names: Sequence[str], basis: Mapping[str, str], scenario: str
) -> pd.DataFrame:
    """List first and total Sobol indices of each parameter: largest total first of a subject.

    Columns: scenario, subject, parameter, basis, first, first_low, first_high, total, total_low,
    total_high. Missing where nothing moves a subject.
    """
    rows = []
    for subject, one in found.items():
        own = one.total[: len(names), 0]
        for at in np.argsort(-np.nan_to_num(own), kind="stable").tolist():
            head = (scenario, subject, names[at], basis[names[at]])
            rows.append((*head, *one.first[at], *one.total[at]))
    return pd.DataFrame(rows, columns=["scenario", "subject", "parameter", "basis", *BOUNDED])


BOUNDED: Final = ("first", "first_low", "first_high", "total", "total_low", "total_high")


def grouped(
    found: Mapping[str, Indices],
    names: Sequence[str],
    groups: Mapping[str, Columns],
    scenario: str,
) -> pd.DataFrame:
    """List first and total Sobol indices of all parameters with the same basis together.

    Columns: scenario, subject, basis, drawn (how many), sum_first (the sum of their own first
    indices), first, first_low, first_high, total, total_low, total_high.
    """
    rows = []
    for subject, one in found.items():
        for at, (basis, own) in enumerate(groups.items(), start=len(names)):
            alone = float(one.first[sorted(own), 0].sum())
            head = (scenario, subject, basis, len(own), alone)
            rows.append((*head, *one.first[at], *one.total[at]))
    columns = ["scenario", "subject", "basis", "drawn", "sum_first", *BOUNDED]
    return pd.DataFrame(rows, columns=columns)


def screening(
    found: Mapping[str, Array], names: Sequence[str], basis: Mapping[str, str], scenario: str
) -> pd.DataFrame:
    """List elementary effects of each parameter: largest first, subject by subject.

    Columns: scenario, subject, parameter, basis, unit, mu (mean), mu_star (mean of sizes),
    mu_star_interval (half the width of its interval), sigma (standard deviation).
    """
    rows = []
    for subject, own in found.items():
        for at in np.argsort(-np.nan_to_num(own[:, 1]), kind="stable").tolist():
            head = (scenario, subject, names[at], basis[names[at]], unit_of(subject))
            rows.append((*head, *own[at]))
    columns = [
        *("scenario", "subject", "parameter", "basis", "unit"),
        *("mu", "mu_star", "mu_star_interval", "sigma"),
    ]
    return pd.DataFrame(rows, columns=columns)
