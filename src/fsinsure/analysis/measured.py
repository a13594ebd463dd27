"""What a projection says about a measure of the published figures, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fsinsure.measures import enrollment, groups, measures
from fsinsure.region.outcomes import PEOPLE, account, comparable, schemes
from fsinsure.statuses import ITEMS

if TYPE_CHECKING:
    from fsinsure.arrays import Array
    from fsinsure.engine.cohort import Counts
    from fsinsure.engine.projection import Projection


def projected(projection: Projection, measure: str) -> dict[int, float]:
    """Return a measure of the region by year.

    Parameters
    ----------
    projection
        Of either engine.
    measure
        One of :func:`fsinsure.region.outcomes.comparable`.

    Returns
    -------
    dict
        Persons at 31 December from the base year on, or yuan of each projected year.
    """
    of_account = account(measure)
    years = projection.years if of_account is None else projection.years[1:]
    values = _people(projection, measure) if of_account is None else _yuan(projection, *of_account)
    return dict(zip(years.tolist(), values.tolist(), strict=True))


def base_year(projection: Projection) -> dict[str, float]:
    """Return the people of each measure in the closed base year."""
    year = int(projection.years[0])
    names = [name for name in comparable() if account(name) is None]
    return {name: projected(projection, name)[year] for name in names}


def _people(projection: Projection, measure: str) -> Array:
    """Return the people of a measure ``[year]``."""
    persons = projection.persons
    if measure == PEOPLE:
        return np.asarray(persons.sum(axis=(-4, -3, -2, -1)))
    counts = {name: group.count(persons) for name, group in groups().items()}
    people = enrollment(counts, projection.coverage)[measures().index(measure)]
    return np.asarray(people.sum(axis=-1))


def _yuan(projection: Projection, scheme: str, kind: str) -> Array:
    """Return income or outgo of a scheme, interest included, ``[projected year]``."""
    ledger = projection.ledger
    total = np.zeros(len(ledger.years) - 1)
    for fund in schemes()[scheme]:
        for item, its in ITEMS[fund].items():
            if its == kind:
                interest = item == "interest"
                total += ledger.interest[fund] if interest else ledger.flows[fund, item].sum(-1)
    return total


def projected_draws(counts: Counts, measure: str) -> Array:
    """Return a measure of the region by draw and year ``[draw, year]``, the base year first.

    Parameters
    ----------
    counts
        Of some draws; with the funds for a measure of money.
    measure
        One of :func:`fsinsure.region.outcomes.comparable`.

    Returns
    -------
    Array
        Persons at 31 December, or yuan of each year, NaN in the base year.
    """
    of_account = account(measure)
    if measure == PEOPLE:
        return counts.residents
    if of_account is None:
        return np.asarray(counts.enrollment[measures().index(measure)].sum(axis=-1))
    scheme, kind = of_account
    total = np.full(counts.residents.shape, np.nan)
    total[:, 1:] = sum(
        counts.flows[fund, item]
        for fund in schemes()[scheme]
        for item, its in ITEMS[fund].items()
        if its == kind
    )
    return total
