"""The tables of an ensemble: those of a run with mean and percentiles, and some of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from fsinsure.analysis.projected_draws import FUND_ITEMS
from fsinsure.analysis.solvency import limits, months_of_reserve
from fsinsure.analysis.spread import (
    COLUMNS,
    PERCENTILES,
    first_year,
    probability,
    spread,
    years_spread,
)
from fsinsure.measures import measures
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS, ITEMS
from fsinsure.tables import add_levels, tidy, with_total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fsinsure.analysis.projected_draws import Draws
    from fsinsure.analysis.sampling import Sample
    from fsinsure.analysis.uncertain import Uncertain
    from fsinsure.arrays import Array, Ints
    from fsinsure.parameters import Parameters
    from fsinsure.region.region import Region
    from fsinsure.scenario import Target

ALL: Final = "all"
"""The measure of the row of all targets together."""

SHORT: Final = "a growth path asks for more people than there are"


def enrollment(draws: Draws, region: Region, years: Ints, scenario: str) -> pd.DataFrame:
    """People in each measure at 31 December.

    Columns: scenario, year, level, area, measure, unit (persons), then
    :data:`fsinsure.analysis.spread.COLUMNS`.
    """
    cells = spread(with_total(draws.enrollment).transpose(0, 2, 3, 1))
    axes = {"year": years.tolist(), "area": region.places, "measure": measures()}
    return add_levels(_with_spread(scenario, cells, "persons", axes), region)


def ledger(draws: Draws, region: Region, years: Ints, scenario: str) -> pd.DataFrame:
    """Accounts of the funds of the region.

    Columns: scenario, year, level, area (the region), fund, item, kind as in the ledger of a run,
    unit (yuan), then :data:`fsinsure.analysis.spread.COLUMNS`. Percentiles of items do not add up.
    """
    flows = spread(draws.flows)
    closing = spread(draws.closing)
    rows = []
    for fund in FUNDS:
        balance = closing[FUNDS.index(fund)]
        for at, year in enumerate(years.tolist()):
            if at:
                rows.append((year, fund, "opening", "opening", *balance[at - 1]))
            for item, kind in ITEMS[fund].items() if at else ():
                own = flows[FUND_ITEMS.index((fund, item)), at - 1]
                rows.append((year, fund, item, kind, *own))
            rows.append((year, fund, "closing", "closing", *balance[at]))
    columns = ["year", "fund", "item", "kind", *COLUMNS]
    table = pd.DataFrame(rows, columns=columns).sort_values("year", kind="stable")
    table = table.reset_index(drop=True)
    table.insert(4, "unit", "yuan")
    table.insert(1, "area", region.name)
    table.insert(0, "scenario", scenario)
    return add_levels(table, region)


def targets(
    draws: Draws, wanted: Sequence[Target], years: Ints, horizon: int, scenario: str
) -> pd.DataFrame:
    """How likely the targets of a scenario are met by their year, each and all together.

    Columns: scenario, measure (``all`` for all together), year, target, unit (persons),
    probability, standard_error (of the number of draws), then the people of the year by
    :data:`fsinsure.analysis.spread.COLUMNS`. A target beyond the horizon has no probability, and
    then all together have none.
    """
    rows = []
    met = np.ones(len(draws.reason), dtype=bool)
    for one in wanted:
        head = (scenario, one.measure, one.year, one.value, "persons")
        if one.year > horizon:
            rows.append((*head, *[np.nan] * (2 + len(COLUMNS))))
            continue
        people = region_enrollment(draws, one.measure)[:, one.year - int(years[0])]
        met &= people >= one.value
        rows.append((*head, *probability(people >= one.value), *spread(people)))
    if wanted:
        late = any(one.year > horizon for one in wanted)
        chance = (np.nan, np.nan) if late else probability(met)
        last = max(one.year for one in wanted)
        empty = [np.nan] * len(COLUMNS)
        rows.append((scenario, ALL, last, np.nan, "persons", *chance, *empty))
    columns = ["scenario", "measure", "year", "target", "unit", "probability", "standard_error"]
    return pd.DataFrame(rows, columns=[*columns, *COLUMNS])


def arrivals(draws: Draws, wanted: Sequence[Target], years: Ints, scenario: str) -> pd.DataFrame:
    """When the targets are reached: the first year at or above the number.

    Columns: scenario, measure, target, unit (persons), year (none for never within the horizon),
    probability (that it is the first), cumulative (that it has been reached by then).
    """
    rows = []
    for one in wanted:
        found = first_year(region_enrollment(draws, one.measure) >= one.value)
        total = 0.0
        for at, year in enumerate(years.tolist()):
            share = float((found == at).mean())
            total += share
            rows.append((scenario, one.measure, one.value, "persons", year, share, total))
        never = float(np.isinf(found).mean())
        rows.append((scenario, one.measure, one.value, "persons", None, never, np.nan))
    columns = ["scenario", "measure", "target", "unit", "year", "probability", "cumulative"]
    return pd.DataFrame(rows, columns=columns).astype({"year": "Int64"})


def depletion(draws: Draws, years: Ints, scenario: str) -> pd.DataFrame:
    """When the funds run out: the first year that ends with a negative balance.

    Columns: scenario, fund, probability (within the horizon), standard_error, median_year (the
    median of those draws in which it does), then the year by percentile of all draws; a percentile
    that never comes within the horizon is empty, and so is all of a fund whose opening balance is
    not known.
    """
    rows = []
    for index, fund in enumerate(FUNDS):
        if np.isnan(draws.closing[:, index]).any():
            rows.append((scenario, fund, np.nan, np.nan, *[None] * (1 + len(PERCENTILES))))
            continue
        found = first_year(draws.closing[:, index] < 0.0)
        ended = np.isfinite(found)
        of_those = years_spread(found[ended])[PERCENTILES.index(50)] if ended.any() else np.inf
        when = np.array([of_those, *years_spread(found)]) + float(years[0])
        shown = [None if np.isinf(one) else int(one) for one in when]
        rows.append((scenario, fund, *probability(ended), *shown))
    names = ["median_year", *(f"p{one}" for one in PERCENTILES)]
    columns = ["scenario", "fund", "probability", "standard_error", *names]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(names, "Int64"))


def indicators(draws: Draws, parameters: Parameters, years: Ints, scenario: str) -> pd.DataFrame:
    """Months of reserve of the funds: balance by this year's outgo.

    Columns: scenario, year, fund, indicator (``reserve_months``), unit (months), below_watch,
    below_warning, below_alarm (probabilities that it is below the limits of the scenario), then
    :data:`fsinsure.analysis.spread.COLUMNS`.
    """
    own = limits(parameters)
    rows = []
    for index, fund in enumerate(FUNDS):
        paid = [at for at, key in enumerate(FUND_ITEMS) if _is_outgo(fund, key)]
        months = months_of_reserve(draws.closing[:, index, 1:], draws.flows[:, paid].sum(axis=1))
        for at, year in enumerate(years[1:].tolist()):
            known = months[:, at]
            below = [
                np.nan if np.isnan(known).any() else float((known < limit).mean())
                for limit in (own.watch, own.warning, own.alarm)
            ]
            head = (scenario, year, fund, "reserve_months", "months")
            rows.append((*head, *below, *spread(months[:, at])))
    columns = [
        *("scenario", "year", "fund", "indicator", "unit"),
        *("below_watch", "below_warning", "below_alarm"),
    ]
    return pd.DataFrame(rows, columns=[*columns, *COLUMNS])


def parameters(
    uncertain: Sequence[Uncertain], drawn: Sample, kept: Ints, scenario: str
) -> pd.DataFrame:
    """List what was drawn, and how its values spread over the draws that could be projected.

    Columns: scenario, parameter, basis, unit, truncated (the share of its distribution beyond the
    bounds), scaled (the share of draws in which it was scaled, as shares of one whole added up to
    more than it), then :data:`fsinsure.analysis.spread.COLUMNS` of its value, of a path that of
    the first year, where areas differ that of the first area.
    """
    rows = []
    for one in uncertain:
        first = first_values(drawn.values[one.name])[kept]
        rows.append(
            (
                *(scenario, one.name, one.basis, registry()[one.name].unit),
                *(drawn.truncated[one.name], drawn.scaled.get(one.name, 0.0)),
                *spread(first),
            )
        )
    columns = ["scenario", "parameter", "basis", "unit", "truncated", "scaled", *COLUMNS]
    return pd.DataFrame(rows, columns=columns)


def exceptions(draws: Draws, scenario: str) -> pd.DataFrame:
    """Draws that are not as they were drawn.

    Columns: scenario, outcome (``refused``: not projected, in no other table; ``limited``: growth
    ended when nobody was left who could enter), reason, draws, share (of all draws).
    """
    reasons, counts = np.unique(draws.reason[draws.reason != ""], return_counts=True)
    every = len(draws.reason)
    rows = [
        (scenario, "refused", str(reason), int(count), count / every)
        for reason, count in zip(reasons, counts, strict=True)
    ]
    limited = int(draws.limited.sum())
    if limited:
        rows.append((scenario, "limited", SHORT, limited, limited / every))
    return pd.DataFrame(rows, columns=["scenario", "outcome", "reason", "draws", "share"])


def convergence(
    draws: Draws, wanted: Sequence[Target], years: Ints, horizon: int, scenario: str
) -> pd.DataFrame:
    """Probabilities of the targets after a part of the draws.

    Columns: scenario, measure, year, draws, probability, standard_error; after an eighth, a
    quarter, half and all of the draws.
    """
    count, rows = len(draws.reason), []
    for part in sorted({max(1, count // one) for one in (8, 4, 2, 1)}):
        first = targets(draws.select(slice(part)), wanted, years, horizon, scenario)
        for row in first.itertuples(index=False):
            shown = (row.measure, row.year, part, row.probability, row.standard_error)
            rows.append((scenario, *shown))
    columns = ["scenario", "measure", "year", "draws", "probability", "standard_error"]
    return pd.DataFrame(rows, columns=columns)


def drivers(
    uncertain: Sequence[Uncertain],
    values: Mapping[str, Array],
    subjects: Mapping[str, Array],
    scenario: str,
) -> pd.DataFrame:
    """Which of the parameters that are drawn moves what most.

    Columns: scenario, subject, parameter, basis, coefficient (of a linear regression of the ranks
    of the subject on those of all parameters, in standard deviations; Saltelli et al. 2008, 1.2.5),
    share (of the sum of their squares). For a subject that follows independent parameters in one
    direction it is about the share of the variance that a parameter explains; docs/sensitivity.md
    has exact ones. No rows where draws are fewer than twice the parameters.

    Parameters
    ----------
    uncertain, scenario
        What was drawn, in which scenario.
    values, subjects
        By parameter and by subject ``[draw]``.
    """
    own = _ranks(np.stack([*values.values()])) if values else np.empty((0, 0))
    names = [one.name for one in uncertain if one.name in values]
    basis = {one.name: one.basis for one in uncertain}
    rows = []
    for subject, amounts in subjects.items() if own.shape[1] >= 2 * len(own) else ():
        rank = _ranks(amounts[None])[0]
        found, *_ = np.linalg.lstsq(own.T, rank)
        squares = found**2
        total = squares.sum()
        for at in np.argsort(-squares, kind="stable").tolist():
            share = squares[at] / total if total else 0.0
            rows.append((scenario, subject, names[at], basis[names[at]], found[at], share))
    columns = ["scenario", "subject", "parameter", "basis", "coefficient", "share"]
    return pd.DataFrame(rows, columns=columns)


def region_enrollment(draws: Draws, measure: str) -> Array:
    """Return the people of the region in a measure ``[draw, year]``."""
    return np.asarray(draws.enrollment[:, measures().index(measure)].sum(axis=-1))


def first_values(values: Array) -> Array:
    """Return the value ``[draw]`` of a number, or of a path in its first year and area."""
    return values.reshape(len(values), -1)[:, 0]


def _ranks(values: Array) -> Array:
    """Return ranks ``[row, draw]`` with mean zero and length one; zeros where all are alike."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=-1)
    ranks = ranks - ranks.mean(axis=-1, keepdims=True)
    length = np.sqrt((ranks**2).sum(axis=-1, keepdims=True))
    return np.asarray(np.divide(ranks, length, out=np.zeros_like(ranks), where=length > 0))


def _is_outgo(fund: str, key: tuple[str, str]) -> bool:
    return key[0] == fund and ITEMS[fund][key[1]] == "outgo"


def _with_spread(
    scenario: str, cells: Array, unit: str, axes: Mapping[str, Sequence[object]]
) -> pd.DataFrame:
    """Return mean and percentiles ``[..., column]`` as a tidy table."""
    table = tidy(scenario, cells[..., 0], COLUMNS[0], **axes)
    for at, name in enumerate(COLUMNS[1:], start=1):
        table[name] = cells[..., at].ravel()
    table.insert(table.columns.tolist().index(COLUMNS[0]), "unit", unit)
    return table


def draws_table(
    draws: Draws, drawn: Sample, kept: Ints, region: Region, years: Ints, scenario: str
) -> pd.DataFrame:
    """Return everything that is kept of every projected draw, a value a row.

    Columns: scenario, draw (counted from 0 among all that were asked for), quantity
    (``enrollment``, ``closing``, ``flow`` or ``parameter``), name (measure, fund or parameter),
    item (of a fund), area (the region where it is not by area), year (none of a number),
    value, unit (persons, yuan, or that of the parameter).
    """
    number = np.arange(len(kept))  # a weighted draw may be there several times
    parts = [
        _long(draws.enrollment, draw=number, name=measures(), year=years, area=region.codes).assign(
            quantity="enrollment", item="", unit="persons"
        ),
        _long(draws.closing, draw=number, name=FUNDS, year=years).assign(
            quantity="closing", item="", area=region.name, unit="yuan"
        ),
    ]
    flows = _long(draws.flows, draw=number, key=range(len(FUND_ITEMS)), year=years[1:])
    fund, item = (np.array(one)[flows["key"]] for one in zip(*FUND_ITEMS, strict=True))
    parts.append(flows.assign(quantity="flow", name=fund, item=item, area=region.name, unit="yuan"))
    for name, values in drawn.values.items():
        areas = region.codes if values.ndim == 3 else [region.name]
        own = values[kept].reshape(len(number), -1, len(areas))
        when = years[1:] if values.ndim > 1 else [0]
        table = _long(own, draw=number, year=when, area=areas)
        unit = registry()[name].unit
        parts.append(table.assign(quantity="parameter", name=name, item="", unit=unit))
    found = pd.concat(parts, ignore_index=True)
    found["year"] = found["year"].astype("Int64").mask(found["year"] == 0)
    found["draw"] = kept[found["draw"].to_numpy()]
    found.insert(0, "scenario", scenario)
    columns = ["scenario", "draw", "quantity", "name", "item", "area", "year", "value", "unit"]
    return found[columns]


def _long(cells: Array, **axes: Iterable[object]) -> pd.DataFrame:
    """Return an array as a tidy table with the column ``value``."""
    index = pd.MultiIndex.from_product([[*one] for one in axes.values()], names=[*axes])
    return pd.DataFrame({"value": cells.ravel()}, index=index).reset_index()
