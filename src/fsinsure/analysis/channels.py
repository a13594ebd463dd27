"""Channels: the increment of every measure decomposed, adding up exactly.

Over one year the enrollment of a measure changes because its coverage widens (valued on the
opening stock), because people die, because they grow into or out of a covered age, and because
they join or leave a covered status. Each of these is computed from the flows, so that there is no
residual; :func:`decompose` checks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fsinsure.dims import AGES, DISTRICTS
from fsinsure.errors import IdentityError
from fsinsure.measures import entries, groups, matrix, measures
from fsinsure.state import DEAD
from fsinsure.statuses import STATUS, STATUSES
from fsinsure.tables import PLACES, with_city

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsinsure.arrays import Array
    from fsinsure.engine.projection import Projection
    from fsinsure.state import Flow


DEATHS = "deaths"
INJURY_ONLY = "injury_only"


class _Tally:
    """Persons by channel for one year: ``[measure, district]`` each."""

    def __init__(self, coverage: Array) -> None:
        self.coverage = coverage  # [measure, status, age]
        self.channels: dict[str, Array] = {}

    def add(self, channel: str, measure: int | slice, persons: Array) -> None:
        zero = np.zeros((len(measures()), len(DISTRICTS)))
        self.channels.setdefault(channel, zero)[measure] += persons

    def leg(self, status: str, ages: slice, persons: Array, channel: str | None = None) -> None:
        """Count people ``[district, age]`` who join (or, negative, leave) a status."""
        worth = _product(self.coverage[:, STATUS[status], ages], persons)
        for index, measure in enumerate(measures()):
            if worth[index].any():
                self.add(channel or channel_of(measure, status), index, worth[index])


def channel_of(measure: str, status: str) -> str:
    """Return the channel of a status in a measure: itself, or ``injury_only`` for a part of it."""
    for entry in entries():
        if entry.measure == measure and entry.group == status:
            return status
    return INJURY_ONLY


def decompose(projection: Projection) -> dict[int, dict[str, Array]]:
    """Decompose each year's increment of every measure.

    Returns
    -------
    dict
        By year, by channel: persons ``[measure, district]``.

    Raises
    ------
    IdentityError
        If the channels of a measure do not add up to its increment.
    """
    people = projection.persons
    found = {}
    shares = [
        {name: float(values[index]) for name, values in projection.coverage.items()}
        for index in range(len(projection.years))
    ]
    before = _enrolled(people[0], matrix(shares[0]))
    for index, (year, flows) in enumerate(projection.flows.items(), start=1):
        tally = _Tally(matrix(shares[index]))
        _widening(tally, people[index - 1], shares[index - 1], shares[index])
        _ageing(tally, people[index - 1], flows)
        _joining(tally, flows)
        after = _enrolled(people[index], tally.coverage)
        _check_sum(year, np.sum(list(tally.channels.values()), axis=0), after - before)
        found[year] = tally.channels
        before = after
    return found


def _enrolled(persons: Array, coverage: Array) -> Array:
    alive = persons.sum(axis=-2)
    parts = [_product(coverage[:, index], alive[index]) for index in range(len(STATUSES))]
    return np.asarray(np.sum(parts, axis=0))


def _product(coverage: Array, persons: Array) -> Array:
    """Return ``coverage[measure, age]`` times ``persons[district, age]``: ``[measure, district]``.

    Without BLAS, whose last digits depend on the processor.
    """
    return np.asarray((coverage[:, None] * persons).sum(axis=-1))


def _widening(
    tally: _Tally, opening: Array, before: dict[str, float], after: dict[str, float]
) -> None:
    for entry in entries():
        if entry.fixed is None and after[entry.parameter] != before[entry.parameter]:
            gained = after[entry.parameter] - before[entry.parameter]
            persons = gained * groups()[entry.group].count(opening)
            tally.add(f"coverage.{entry.group}", measures().index(entry.measure), persons)


def _ageing(tally: _Tally, opening: Array, flows: Iterable[Flow]) -> None:
    """Count deaths at their age, and survivors who turn one year older."""
    alive = opening.sum(axis=-2)  # [status, district, age at the start of the year]
    for flow in flows:
        if not flow.aged:
            dead = flow.persons.sum(axis=-2)
            alive[STATUS[flow.source], :, flow.ages] -= dead
            tally.leg(flow.source, flow.ages, -dead, DEATHS)
    older = np.minimum(np.arange(AGES) + 1, AGES - 1)
    step = tally.coverage[:, :, older] - tally.coverage
    for status in STATUSES:
        worth = _product(step[:, STATUS[status]], alive[STATUS[status]])
        for index, measure in enumerate(measures()):
            if worth[index].any():
                tally.add(channel_of(measure, status), index, worth[index])


def _joining(tally: _Tally, flows: Iterable[Flow]) -> None:
    for flow in flows:
        if not flow.aged:
            continue
        persons = flow.persons.sum(axis=-2)
        persons = np.broadcast_to(persons, (len(DISTRICTS), persons.shape[-1]))
        if flow.source in STATUS:
            tally.leg(flow.source, flow.ages, -persons, DEATHS if flow.target == DEAD else None)
        if flow.target in STATUS:
            tally.leg(flow.target, flow.ages, persons)


def _check_sum(year: int, found: Array, increment: Array) -> None:
    off = np.abs(found - increment)
    if not (off <= 1e-9 * np.maximum(np.abs(increment), 1e6)).all():
        measure, district = np.unravel_index(int(np.argmax(off)), off.shape)
        raise IdentityError(
            f"{year}: the channels of {measures()[measure]} in {DISTRICTS[district]} miss its "
            f"increment by {off.max():.6g} persons. Please report this."
        )


def table(projection: Projection, scenario: str) -> pd.DataFrame:
    """Build the channels of every measure, of each year and of the whole span.

    Columns: scenario, measure, district, from_year, to_year, channel, persons.
    """
    by_year = decompose(projection)
    spans = [(year - 1, year, channels) for year, channels in by_year.items()]
    names = list(dict.fromkeys(name for _, _, channels in spans for name in channels))
    none = np.zeros((len(measures()), len(DISTRICTS)))
    whole = {
        name: np.sum([channels.get(name, none) for *_, channels in spans], axis=0) for name in names
    }
    if len(spans) > 1:
        spans.append((int(projection.years[0]), int(projection.years[-1]), whole))
    rows: list[tuple[str, str, str, int, int, str, float]] = []
    for index, measure in enumerate(measures()):
        used = [name for name in names if whole[name][index].any()]
        for start, end, channels in spans:
            for name in used:
                by_place = with_city(channels.get(name, none)[index])
                rows.extend(
                    (scenario, measure, place, start, end, name, persons)
                    for place, persons in zip(PLACES, by_place, strict=True)
                )
    columns = ["scenario", "measure", "district", "from_year", "to_year", "channel", "persons"]
    return pd.DataFrame(rows, columns=columns)
