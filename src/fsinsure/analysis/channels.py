"""Decomposition of the yearly increment of every measure into channels, without a residual.

Over one year the enrollment of a measure changes because its coverage widens (valued on the
opening stock), because people die, because they reach or pass a covered age, and because they
move. Moves into the measure and out of it are channels of their own, gross: those who return and
those who leave in the same year both count. A move inside the measure is no channel: an employee
who retires stays in the pension scheme. Each channel is computed from the flows; :func:`decompose`
checks that they add up to the increment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fsinsure.dims import AGES
from fsinsure.errors import IdentityError
from fsinsure.measures import entries, groups, matrix, measures
from fsinsure.state import DEAD, DEPARTED
from fsinsure.statuses import ALL, OUTSIDE, STATUS, STATUSES
from fsinsure.tables import add_levels, with_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fsinsure.arrays import Array
    from fsinsure.engine.projection import Projection
    from fsinsure.region.region import Region
    from fsinsure.state import Flow


DEATHS = "deaths"
AGEING = "ageing"
INJURY_ONLY = "injury_only"
ENTRY, RETURN, PENSIONERS = "entry", "return", "pensioners"
SEPARATIONS, SWITCHES, RETIREMENTS = "separations", "switches", "retirements"
DEPARTURES, WITHDRAWALS = "departures", "withdrawals"
PENSION_STATUSES = frozenset(one.pension for one in ALL) - {""}
IDLE = frozenset(one.name for one in ALL if one.vests and not one.earns_months)
"""Former contributors who may come back: the unemployed and dormant members."""


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

    def add_weighted(self, weight: Array, persons: Array, name: Callable[[str], str]) -> None:
        """Add persons ``[area, age]`` with a weight ``[measure, area, age]``.

        The channel is the `name` of a measure.
        """
        counted = _product(weight, persons)
        for index, measure in enumerate(measures()):
            if counted[index].any():
                self.add(name(measure), index, counted[index])


def channel_into(measure: str, source: str, target: str) -> str:
    """Return the channel of those who join a measure by becoming `target`.

    >>> channel_into("pension.enterprise", "dormant", "employee")
    'return.employee'
    >>> channel_into("pension.enterprise", "dormant", "retiree")
    'pensioners'
    """
    whole = any(entry.measure == measure and entry.group == target for entry in entries())
    if target in PENSION_STATUSES and whole:
        return PENSIONERS
    return f"{RETURN if source in IDLE else ENTRY}.{target if whole else INJURY_ONLY}"


def channel_out(target: str) -> str:
    """Return the channel of those who leave a measure by becoming `target`.

    >>> channel_out("dormant"), channel_out("retiree"), channel_out("flexible")
    ('separations', 'retirements', 'switches')
    """
    known = {DEAD: DEATHS, DEPARTED: DEPARTURES, OUTSIDE: WITHDRAWALS}
    known |= dict.fromkeys(IDLE, SEPARATIONS) | dict.fromkeys(PENSION_STATUSES, RETIREMENTS)
    return known.get(target, SWITCHES)


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
        _add_moves(channels, flows)
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
            weight = channels.coverage[:, :, STATUS[flow.source], flow.ages]
            channels.add_weighted(weight, -dead, lambda _: DEATHS)
    older = np.minimum(np.arange(AGES) + 1, AGES - 1)
    step = channels.coverage[..., older] - channels.coverage
    for index in STATUS.values():
        channels.add_weighted(step[:, :, index], alive[index], lambda _: AGEING)


def _add_moves(channels: _Channels, flows: Iterable[Flow]) -> None:
    """Add those who join a measure and those who leave it; who stays in it is in neither."""
    for flow in flows:
        if not flow.aged:
            continue
        persons = flow.persons.sum(axis=-2)
        persons = np.broadcast_to(persons, (channels.areas, persons.shape[-1]))
        before, after = (
            channels.coverage[:, :, STATUS[name], flow.ages] if name in STATUS else 0.0
            for name in (flow.source, flow.target)
        )
        change = np.asarray(after - before)
        if change.ndim:
            _add_move(channels, flow, change, persons)


def _add_move(channels: _Channels, flow: Flow, change: Array, persons: Array) -> None:
    """Add one flow with the `change` of coverage that it brings: ``[measure, area, age]``."""
    source, target = flow.source, flow.target
    channels.add_weighted(
        np.maximum(change, 0.0), persons, lambda measure: channel_into(measure, source, target)
    )
    channels.add_weighted(np.minimum(change, 0.0), persons, lambda _: channel_out(target))


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
