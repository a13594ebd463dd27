"""The tables of a calibration: parameters, figures, and which parameters move together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.analysis.calibration_figures import FITTED, HELD_OUT
from fsinsure.numeric.estimation import directions, unit_columns
from fsinsure.region.known import outcome_known
from fsinsure.registry import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.analysis.calibration_asked import Varied
    from fsinsure.analysis.calibration_figures import Candidate
    from fsinsure.numeric.estimation import Estimate

    Curves = Mapping[str, Mapping[int, float]]

AT_BOUND: Final = {-1.0: "low", 0.0: "", 1.0: "high"}


def parameters(varied: Sequence[Varied], found: Estimate) -> pd.DataFrame:
    """Return the estimates: one row a parameter.

    Columns: parameter, unit, first, last (years; missing of a number), low, high (bounds), initial,
    estimate (means over years and areas), change, standard_error, interval_low, interval_high (80
    %, cut at the bounds), at_bound (``low``, ``high`` or empty).
    """
    intervals, errors = found.interval(), found.errors
    rows = []
    for index, one in enumerate(varied):
        down, up = one.changes
        low, high = np.clip(intervals[:, index], down, up) + one.mean
        path = registry()[one.name].kind == "path"
        change = float(found.values[index])
        rows.append(
            {
                **{"parameter": one.name, "unit": one.unit},
                **{"first": one.first if path else None},
                **{"last": one.lever.last if path else None},
                **{"low": one.low, "high": one.high},
                **{"initial": one.mean, "estimate": one.mean + change, "change": change},
                **{"standard_error": errors[index], "interval_low": low, "interval_high": high},
                "at_bound": AT_BOUND[float(found.bound[index])],
            }
        )
    return pd.DataFrame(rows).astype({"first": "Int64", "last": "Int64"})


def figures(found: Sequence[Candidate], before: Curves, after: Curves) -> pd.DataFrame:
    """Return what was published and projected: one row a figure.

    Columns: measure, unit, year, date, published, before, after (projected without and with the
    estimates), error_before, error_after (projected over published, less 1), residual (of the
    logarithms, after), use (``fitted``, ``held_out``, ``left_out``), judged (held out, and set
    nothing), naive, naive_error (the last growth carried on; of those held out), note, known,
    confidence, source.

    Parameters
    ----------
    found
        The figures.
    before, after
        What is projected by measure and year.
    """
    rows = []
    for one in found:
        amount = one.outcome.amount
        old, new = before[one.measure][one.year], after[one.measure][one.year]
        rows.append(
            {
                **{"measure": one.measure, "unit": one.unit},
                **{"year": one.year, "date": one.outcome.date, "published": amount},
                **{"before": old, "after": new},
                **{"error_before": old / amount - 1.0, "error_after": new / amount - 1.0},
                "residual": float(np.log(new / amount)) if new > 0.0 else float("nan"),
                "use": one.use,
                "judged": one.use == HELD_OUT and not one.note,
                **{"naive": one.naive, "naive_error": one.naive / amount - 1.0},
                **{"note": one.note, "known": str(outcome_known(one.outcome))},
                **{"confidence": one.outcome.confidence, "source": one.outcome.source},
            }
        )
    return pd.DataFrame(rows)


def curves(names: Sequence[str], before: Curves, after: Curves) -> pd.DataFrame:
    """Return what is projected of some measures: measure, year, before, after."""
    rows = [
        (name, year, value, after[name][year])
        for name in names
        for year, value in before[name].items()
    ]
    return pd.DataFrame(rows, columns=["measure", "year", "before", "after"])


def shown_measures(found: Sequence[Candidate]) -> list[str]:
    """Return the measures with a figure that is fitted, or held out and judges."""
    used = (one for one in found if one.use == FITTED or (one.use == HELD_OUT and not one.note))
    return list(dict.fromkeys(one.measure for one in used))


def directions_of(varied: Sequence[Varied], found: Estimate) -> pd.DataFrame:
    """Return how well the figures determine directions of the parameters.

    Columns: direction (1 the best determined), singular (the singular value of the Jacobian with
    columns of unit length), condition (the largest singular value over it), parameter, share (the
    entry of the direction). One row a direction and parameter.
    """
    singular, vectors = directions(unit_columns(found.jacobian)[0])
    with np.errstate(divide="ignore"):
        conditions = singular[0] / singular
    rows = [
        (number + 1, singular[number], conditions[number], one.name, vectors[number, index])
        for number in range(len(singular))
        for index, one in enumerate(varied)
    ]
    names = ["direction", "singular", "condition", "parameter", "share"]
    return pd.DataFrame(rows, columns=names)


def correlations_of(varied: Sequence[Varied], found: Estimate) -> pd.DataFrame:
    """Return the correlation of each pair of estimates: parameter, other, correlation."""
    values = found.correlation
    rows = [
        (varied[first].name, varied[other].name, values[first, other])
        for first, other in combinations(range(len(varied)), 2)
    ]
    return pd.DataFrame(rows, columns=["parameter", "other", "correlation"])


def fitted_by(varied: Sequence[Varied], found: Estimate, measures: Sequence[str]) -> dict[str, str]:
    """Return for each measure of the fit the parameter that its figures determine most.

    That with the largest part of its derivatives in them.

    Parameters
    ----------
    measures
        Of each figure of the fit.
    """
    share = unit_columns(found.jacobian)[0] ** 2
    rows = np.asarray(measures)
    return {
        name: varied[int(np.argmax(share[rows == name].sum(axis=0)))].name
        for name in dict.fromkeys(measures)
    }


def mean_errors(table: pd.DataFrame) -> dict[str, float]:
    """Return mean absolute errors: of the fit before and after, of what judges also naive.

    Keys ``fit_before``, ``fit_after``, ``held_before``, ``held_after``, ``held_naive``; NaN
    without a figure. There is a naive one if all figures that judge have a naive forecast.
    """
    fit, held = table[table["use"] == FITTED], table[table["judged"].astype(bool)]
    return {
        "fit_before": float(fit["error_before"].abs().mean()),
        "fit_after": float(fit["error_after"].abs().mean()),
        "held_before": float(held["error_before"].abs().mean()),
        "held_after": float(held["error_after"].abs().mean()),
        "held_naive": float(held["naive_error"].abs().mean(skipna=False)),
    }
