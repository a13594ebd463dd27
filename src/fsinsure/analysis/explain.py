"""Which flows, rates and sources made a number of people: level by level, adding up exactly.

A measure is the sum of its groups, each a share times people; a group consists of statuses between
two ages; the people of a status are those of the year before, a wider share, those who pass an age
of the group, and the flows of the year; each flow happened in events, and an event reads
parameters, whose values have a source. In the base year a group is the sum of the published
figures and assumptions that close it, each times its weight in the solution of the equations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from fsinsure.base_year.closure import solution_of
from fsinsure.dims import AGES
from fsinsure.errors import IdentityError, InputError
from fsinsure.measures import enrollment, entries, groups, measures, require
from fsinsure.names import listed, meant
from fsinsure.provenance import parameter_rows
from fsinsure.registry import registry
from fsinsure.statuses import STATUS
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fsinsure.arrays import Array
    from fsinsure.engine.projection import Projection
    from fsinsure.measures import Entry
    from fsinsure.parameters import Parameters
    from fsinsure.provenance import ParameterRow
    from fsinsure.state import Flow

PEOPLE: Final = ("measure", "group", "status", "opening", "coverage", "ageing", "flow", "event")
"""Kinds of rows whose value is people; those of one parent add up to it, as do `FIGURE`."""

FIGURE: Final = "figure"
"""The kind of a published figure or assumption that closes the base year."""

PARAMETER: Final = "parameter"
"""The kind of a value that an event, or the share of a group, reads."""

COLUMNS: Final = (
    *("scenario", "measure", "year", "area", "row", "parent", "kind", "name", "value", "unit"),
    *("people", "set_by", "source", "confidence", "known"),
)


@dataclass
class Item:
    """A row of an explanation and what it consists of.

    `value` are people that the measure counts (of a parameter its value), `people` all of them.
    """

    kind: str
    name: str
    value: float | str | None
    people: float | None = None
    unit: str = "persons"
    area: str = ""
    set_by: str = ""
    source: str = ""
    confidence: str = ""
    known: str = ""
    parts: list[Item] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Place:
    """The year and the place of an explanation, and what was projected.

    `areas` are the indices of the areas whose people are summed.
    """

    projection: Projection
    parameters: Parameters
    year: int
    areas: Sequence[int]

    @property
    def index(self) -> int:
        """The position of the year."""
        return self.year - self.projection.region.base_year

    def share(self, entry: Entry, index: int) -> Array:
        """Return the share that an entry counts at the end of a year ``[area]``."""
        coverage = {name: path[index] for name, path in self.projection.coverage.items()}
        whole = np.broadcast_to(entry.share(coverage), len(self.projection.region.codes))
        return np.asarray(whole[list(self.areas)])

    def of_status(self, status: str, index: int) -> Array:
        """Return the people of a status ``[area, age]``."""
        cells = self.projection.persons[index, STATUS[status]].sum(axis=-2)
        return np.asarray(cells[list(self.areas)])

    def by_age(self, flow: Flow) -> Array:
        """Return the people of a flow ``[area, age]``."""
        persons = flow.persons.sum(axis=-2)
        cells = np.zeros((len(self.projection.region.codes), AGES))
        cells[:, flow.ages] = persons
        return cells[list(self.areas)]


def table(
    projection: Projection,
    parameters: Parameters,
    measure: str,
    year: int,
    area: str | None = None,
) -> pd.DataFrame:
    """Explain the people of a measure at the end of a year, in an area or in the region.

    Columns: scenario, measure, year, area (a code, or the region; of a parameter that differs by
    area its own), row, parent (the row that it is a part of, 0 for the first), kind, name, value,
    unit, people (before the share that the measure counts), set_by, source, confidence, known.
    The parameters of an event stand once, under the first of its rows.

    Raises
    ------
    InputError
        If there is no such measure, year or area.
    IdentityError
        If the parts of a row do not add up to it.
    """
    measure = require(measure)
    region, years = projection.region, projection.years.tolist()
    if not is_whole(year):
        raise InputError(
            "a year is a whole number, such as {last}, not {year!r}", last=years[-1], year=year
        )
    if year not in years:
        raise InputError(
            "{year} is not a year of the projection, {first} to {last}",
            year=year,
            first=years[0],
            last=years[-1],
        )
    area = area if area is None else region.area_named(area)
    if area is not None and area not in (*region.codes, region.name):
        hint = meant(str(area), region.area_names)
        raise InputError(
            "no area {area!r}.{hint} Areas: {codes}",
            area=area,
            hint=hint,
            codes=listed(area, region.area_names),
        )
    whole = area is None or area not in region.codes
    areas = range(len(region.codes)) if whole else [region.codes.index(str(area))]
    place = _Place(projection, parameters, year, areas)
    top = _measure(place, measure)
    _check(top, year)
    rows = list(_rows(top, iter(range(1, 1_000_000)), 0))
    found = pd.DataFrame(rows, columns=list(COLUMNS[3:]))
    found["area"] = found["area"].replace("", region.name if whole else str(area))
    for name, value in (("year", year), ("measure", measure)):
        found.insert(0, name, value)
    found.insert(0, "scenario", parameters.scenario.name)
    return found


def _rows(item: Item, numbers: Iterator[int], parent: int) -> Iterator[tuple[Any, ...]]:
    """Yield an item and its parts, each after what it is a part of."""
    row = next(numbers)
    yield (
        *(item.area, row, parent, item.kind, item.name, item.value, item.unit, item.people),
        *(item.set_by, item.source, item.confidence, item.known),
    )
    for part in item.parts:
        yield from _rows(part, numbers, row)


def _check(item: Item, year: int) -> None:
    """Check that the parts of an item add up to it, and theirs to them.

    Raises
    ------
    IdentityError
        If they do not.
    """
    counted = [part for part in item.parts if part.kind != PARAMETER]
    if counted:
        assert isinstance(item.value, float)
        total = sum(float(part.value or 0.0) for part in counted)
        largest = max(abs(item.value), *(abs(float(part.value or 0.0)) for part in counted))
        if abs(total - item.value) > 1e-9 * max(largest, 1e6):
            raise IdentityError(
                "{year}: the parts of {kind} {name} are {total:,.6f} people and not {value:,.6f}. "
                "Please report this.",
                year=year,
                kind=item.kind,
                name=item.name,
                total=total,
                value=item.value,
            )
    for part in counted:
        _check(part, year)


def _measure(place: _Place, measure: str) -> Item:
    """Return a measure with its groups."""
    known = _Known(place)
    parts = [_group(place, entry, known) for entry in entries() if entry.measure == measure]
    persons = place.projection.persons[place.index]
    counts = {name: group.count(persons) for name, group in groups().items()}
    coverage = {name: path[place.index] for name, path in place.projection.coverage.items()}
    people = enrollment(counts, coverage)[measures().index(measure)]
    return Item("measure", measure, float(people[list(place.areas)].sum()), parts=parts)


class _Known:
    """The values of parameters of the year, and which events have been listed."""

    def __init__(self, place: _Place) -> None:
        self.listed: set[str] = set()
        codes = {place.projection.region.codes[index] for index in place.areas}
        self.rows: dict[str, list[ParameterRow]] = {}
        for row in parameter_rows(place.parameters):
            if row.year in (None, place.year) and row.area in ("", *codes):
                self.rows.setdefault(_registered(row.parameter), []).append(row)

    def of(self, name: str) -> list[Item]:
        """Return the values of a parameter; a table is one row without a value."""
        rows = self.rows.get(name, [])
        if name in registry() and registry()[name].kind in ("table", "profile"):
            rows = rows[:1]
            return [_parameter(name, row, None) for row in rows]
        return [_parameter(row.parameter, row, row.value) for row in rows]

    def of_event(self, name: str, levers: Sequence[str]) -> list[Item]:
        """Return what an event reads, the first time that it is asked for."""
        if name in self.listed:
            return []
        self.listed.add(name)
        read = [one for one in self.rows if any(fnmatchcase(one, lever) for lever in levers)]
        return [item for one in read for item in self.of(one)]


def _registered(shown: str) -> str:
    """Return the name of a parameter without the key of a table; ``relief`` for reliefs."""
    if shown in registry():
        return shown
    return "relief" if shown.startswith("relief[") else shown.rpartition(".")[0]


def _parameter(name: str, row: ParameterRow, value: float | str | None) -> Item:
    return Item(
        PARAMETER,
        name,
        value,
        unit=row.unit,
        area=row.area,
        set_by=row.set_by,
        source=row.source,
        confidence=row.confidence,
        known=row.known,
    )


def _group(place: _Place, entry: Entry, known: _Known) -> Item:
    """Return a group that a measure counts: by status, in the base year by figures."""
    share = place.share(entry, place.index)
    group = groups()[entry.group]
    count = group.count(place.projection.persons[place.index])[list(place.areas)]
    found = Item("group", entry.group, float((share * count).sum()), float(count.sum()))
    if place.index:
        found.parts = [_status(place, entry, part, known) for part in group.parts]
    else:
        found.parts = _figures(place, entry.group, float(found.value or 0.0))
    if entry.parameter:
        found.parts += known.of(entry.parameter) if place.index else []
    return found


def _figures(place: _Place, group: str, counted: float) -> list[Item]:
    """Return what closes a group of the base year, as people that the measure counts.

    Of an area the share that its people are of the region's.
    """
    solution = solution_of(place.parameters)
    people = float(solution.people.get(group, 0))
    if not people:
        return []
    figures, own = place.projection.region.figures, _Known(place)
    found = []
    for name, weight in solution.weights[group].items():
        value = float(weight * solution.equations[name].value) * counted / people
        one = figures.get(name)
        if one is not None:
            source, confidence, set_by = one.source, one.confidence, str(one.where)
            item = Item(FIGURE, name, value, source=source, confidence=confidence, set_by=set_by)
        else:
            rows = own.of(name)
            item = Item(FIGURE, name, value, parts=rows)
        found.append(item)
    return found


def _status(place: _Place, entry: Entry, part: tuple[str, int, int], known: _Known) -> Item:
    """Return the people of a status between two ages: the year before, and what has changed."""
    status, low, high = part
    inside = np.zeros(AGES)
    inside[low : high + 1] = 1.0
    share, before = (place.share(entry, place.index - back) for back in (0, 1))
    opening, now = (place.of_status(status, place.index - back) for back in (1, 0))
    count = opening @ inside

    def item(kind: str, name: str, people: Array, each: Array = share) -> Item:
        return Item(kind, name, float((each * people).sum()), float(people.sum()))

    found = item("status", status, now @ inside)
    found.parts = [
        item("opening", status, count, before),
        item("coverage", entry.group, count, share - before),
    ]
    alive, flows = opening.copy(), []
    for event, levers, flow in _happened(place):
        cells = place.by_age(flow)
        if flow.source == status and not flow.aged:
            alive -= cells
        sign = float(flow.target == status) - float(flow.source == status)
        if sign:
            one = item("event", event, sign * (cells @ inside))
            flows.append((f"{flow.source} > {flow.target}", one, levers))
    if (low, high) != (0, AGES - 1):
        older = np.zeros_like(alive)
        older[:, 1:] = alive[:, :-1]
        older[:, -1] += alive[:, -1]
        found.parts.append(item("ageing", f"{low}-{high}", (older - alive) @ inside))
    found.parts += _by_flow(flows, known)
    found.parts = [one for one in found.parts if one.value or one.kind == "opening"]
    return found


def _happened(place: _Place) -> Iterator[tuple[str, Sequence[str], Flow]]:
    """Yield every flow of the year with the name of its event and what that reads."""
    flows = iter(place.projection.flows[place.year])
    for event, moves in place.projection.transitions.by_year[place.year]:
        for _ in moves:
            yield event.name, event.levers, next(flows)


def _by_flow(found: Sequence[tuple[str, Item, Sequence[str]]], known: _Known) -> list[Item]:
    """Return the flows of a status, each with the events in which it happened."""
    flows: dict[str, Item] = {}
    for name, event, levers in found:
        if not event.value:
            continue
        flow = flows.setdefault(name, Item("flow", name, 0.0, 0.0))
        flow.value = float(flow.value or 0.0) + float(event.value)
        flow.people = (flow.people or 0.0) + (event.people or 0.0)
        same = next((one for one in flow.parts if one.name == event.name), None)
        if same is None:
            event.parts = known.of_event(event.name, levers)
            flow.parts.append(event)
        else:
            same.value = float(same.value or 0.0) + float(event.value)
            same.people = (same.people or 0.0) + (event.people or 0.0)
    return list(flows.values())
