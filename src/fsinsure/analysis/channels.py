"""Decomposition of the yearly increment of every measure into channels, without a residual.

Over one year the enrollment of a measure changes because its coverage widens (valued on the
opening stock), because people die, because they reach or pass a covered age, and because they
join or leave a covered status. Each channel is computed from the flows; :func:`decompose` checks
that they add up to the increment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fsinsure.dims import AGES
from fsinsure.errors import IdentityError
from fsinsure.measures import entries, groups, matrix, measures
from fsinsure.state import DEAD
from fsinsure.statuses import STATUS, STATUSES
from fsinsure.tables import add_levels, with_total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsinsure.arrays import Array
    from fsinsure.engine.projection import Projection
    from fsinsure.region.region import Region
    from fsinsure.state import Flow


DEATHS = "deaths"
INJURY_ONLY = "injury_only"


class _Channels:
    """Persons by channel in one year, each ``[measure, area]``."""

    def __init__(self, coverage: Array, areas: int) -> None:
        self.coverage = coverage  # [measure, area, status, age]
        self.areas = areas
        self.persons: dict[str, Array] = {}

    def add(self, channel: str, measure: int, persons: Array) -> None:
        """Add persons ``[area]`` to a channel of a measure."""
        zero = np.zeros((len(measures()), self.areas))
        self.persons.setdefault(channel, zero)[measure] += persons

    def add_status(
        self, status: str, weight: Array, persons: Array, channel: str | None = None
    ) -> None:
        """Add persons ``[area, age]`` of a status with a weight ``[measure, area, age]``."""
        counted = _product(weight, persons)
        for index, measure in enumerate(measures()):
            if counted[index].any():
                self.add(channel or channel_of(measure, status), index, counted[index])

    def add_transition(
        self, status: str, ages: slice, persons: Array, channel: str | None = None
    ) -> None:
        """Add persons ``[area, age]`` who join a status, or leave it if negative."""
        self.add_status(status, self.coverage[:, :, STATUS[status], ages], persons, channel)


def channel_of(measure: str, status: str) -> str:
    """Return the channel of a status in a measure: itself, or ``injury_only`` for a part of it."""
    whole = any(entry.measure == measure and entry.group == status for entry in entries())
    return status if whole else INJURY_ONLY


def decompose(projection: Projection) -> dict[int, dict[str, Array]]:
    """Decompose each year's increment of every measure.

    Returns
    -------
    dict
        By year, by channel: persons ``[measure, area]``.

    Raises
    ------
    IdentityError
        If the channels of a measure do not add up to its increment.
    """
    people = projection.persons
    found: dict[int, dict[str, Array]] = {}
    shares = [
        {name: values[index] for name, values in projection.coverage.items()}
        for index in range(len(projection.years))
    ]
    before = _enrolled(people[0], matrix(shares[0]))
    for index, (year, flows) in enumerate(projection.flows.items(), start=1):
        channels = _Channels(matrix(shares[index]), people.shape[2])
        _add_widening(channels, people[index - 1], shares[index - 1], shares[index])
        _add_ageing(channels, people[index - 1], flows)
        _add_joining(channels, flows)
        after = _enrolled(people[index], channels.coverage)
        total = np.sum(list(channels.persons.values()), axis=0)
        _check_sum(year, projection.region, total, after - before)
        found[year] = channels.persons
        before = after
    return found


def _enrolled(persons: Array, coverage: Array) -> Array:
    alive = persons.sum(axis=-2)
    parts = [_product(coverage[:, :, index], alive[index]) for index in range(len(STATUSES))]
    return np.asarray(np.sum(parts, axis=0))


def _product(coverage: Array, persons: Array) -> Array:
    """Return ``coverage[measure, area, age]`` times ``persons[area, age]``: ``[measure, area]``.

    Without BLAS, whose last digits depend on the processor.
    """
    return np.asarray((coverage * persons).sum(axis=-1))


def _add_widening(
    channels: _Channels, opening: Array, before: dict[str, Array], after: dict[str, Array]
) -> None:
    for entry in entries():
        gained = (
            0.0 if entry.fixed is not None else after[entry.parameter] - before[entry.parameter]
        )
        if np.any(gained):
            persons = gained * groups()[entry.group].count(opening)
            channels.add(f"coverage.{entry.group}", measures().index(entry.measure), persons)


def _add_ageing(channels: _Channels, opening: Array, flows: Iterable[Flow]) -> None:
    """Add deaths at their age, and survivors who turn one year older."""
    alive = opening.sum(axis=-2)  # [status, area, age at the start of the year]
    for flow in flows:
        if not flow.aged:
            dead = flow.persons.sum(axis=-2)
            alive[STATUS[flow.source], :, flow.ages] -= dead
            channels.add_transition(flow.source, flow.ages, -dead, DEATHS)
    older = np.minimum(np.arange(AGES) + 1, AGES - 1)
    step = channels.coverage[..., older] - channels.coverage
    for status, index in STATUS.items():
        channels.add_status(status, step[:, :, index], alive[index])


def _add_joining(channels: _Channels, flows: Iterable[Flow]) -> None:
    for flow in flows:
        if not flow.aged:
            continue
        persons = flow.persons.sum(axis=-2)
        persons = np.broadcast_to(persons, (channels.areas, persons.shape[-1]))
        if flow.source in STATUS:
            channel = DEATHS if flow.target == DEAD else None
            channels.add_transition(flow.source, flow.ages, -persons, channel)
        if flow.target in STATUS:
            channels.add_transition(flow.target, flow.ages, persons)


def _check_sum(year: int, region: Region, found: Array, increment: Array) -> None:
    off = np.abs(found - increment)
    if not (off <= 1e-9 * np.maximum(np.abs(increment), 1e6)).all():
        measure, area = np.unravel_index(int(np.argmax(off)), off.shape)
        raise IdentityError(
            "{year}: the channels of {measures} in {codes} miss its increment by {off:.6g} "
            "persons. Please report this.",
            year=year,
            measures=measures()[measure],
            codes=region.codes[area],
            off=off.max(),
        )


def table(projection: Projection, scenario: str) -> pd.DataFrame:
    """Build the decomposition of every measure, of each year and of the whole span.

    Columns: scenario, measure, level, area, from_year, to_year, channel, persons.
    """
    by_year = decompose(projection)
    names = list(dict.fromkeys(name for channels in by_year.values() for name in channels))
    region = projection.region
    zero = np.zeros((len(measures()), len(region.codes)))
    cells = np.array([[found.get(name, zero) for name in names] for found in by_year.values()])
    cells = cells.reshape(len(by_year), len(names), *zero.shape)  # there may be no name
    whole = cells.sum(axis=0)  # [channel, measure, area]
    spans = [(year - 1, year) for year in by_year]
    if len(spans) > 1:
        spans.append((spans[0][0], spans[-1][1]))
        cells = np.concatenate([cells, whole[None]])
    by_place = with_total(cells)  # [span, channel, measure, place]
    used = whole.any(axis=-1)
    rows = [
        (scenario, measure, place, *span, names[channel], persons)
        for index, measure in enumerate(measures())
        for span, found in zip(spans, by_place, strict=True)
        for channel in np.flatnonzero(used[:, index])
        for place, persons in zip(region.places, found[channel, index].tolist(), strict=True)
    ]
    columns = ["scenario", "measure", "area", "from_year", "to_year", "channel", "persons"]
    return add_levels(pd.DataFrame(rows, columns=columns), region)
