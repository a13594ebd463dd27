"""Compare results, or ensembles draw by draw."""

from __future__ import annotations

from typing import overload

from fsinsure.comparison import Comparison
from fsinsure.ensemble_comparison import EnsembleComparison
from fsinsure.ensembles import Ensemble
from fsinsure.errors import InputError
from fsinsure.messages import separated
from fsinsure.result import Result


@overload
def compare(*results: Result, persons: bool = False) -> Comparison: ...
@overload
def compare(*results: Ensemble, persons: bool = False) -> EnsembleComparison: ...
def compare(*results: Result | Ensemble, persons: bool = False) -> Comparison | EnsembleComparison:
    """Compare results, or ensembles draw by draw.

    Parameters
    ----------
    *results
        At least two, of scenarios with different names: all of :func:`fsinsure.run`, or all of
        :func:`fsinsure.ensemble` with the same number of draws, seed and design.
    persons
        Whether to compare persons too: every result must be of the person engine, with the same
        persons and seed.

    Raises
    ------
    InputError
        If there are fewer than two, two have the same name, or they are of different regions; if
        draws are not common.
    """
    kind = Ensemble if results and isinstance(results[0], Ensemble) else Result
    for result in results:
        if not isinstance(result, kind):
            raise InputError(
                "compare takes results of fsinsure.run, or ensembles of fsinsure.ensemble alone, "
                "not {result!r}",
                result=result,
            )
    if len(results) < 2:
        raise InputError("compare needs at least two results")
    names = [result.scenario.name for result in results]
    folded = [name.casefold() for name in names]  # files are named after them
    for name in names:
        if folded.count(name.casefold()) > 1:
            raise InputError(
                "two of the scenarios to compare are named {name!r} (case apart): give one of "
                "them another name, in its file or by with_(..., name=...)",
                name=name,
            )
    regions = {result.scenario.region.content: result.scenario.region for result in results}
    if len(regions) > 1:
        shown = separated(f"{one.name} ({one.folder})" for one in regions.values())
        raise InputError(
            "the scenarios to compare are of {regions_count} regions: {shown}. What differs "
            "between regions is not attributed to parameters: compare scenarios of one region",
            regions_count=len(regions),
            shown=shown,
        )
    ensembles = tuple(one for one in results if isinstance(one, Ensemble))
    if ensembles:
        if persons:
            raise InputError("persons of ensembles are not compared: compare results of runs")
        return EnsembleComparison(ensembles)
    found = Comparison(tuple(one for one in results if isinstance(one, Result)), persons)
    if persons:
        _ = found.persons  # raises now if persons cannot be compared
    return found
