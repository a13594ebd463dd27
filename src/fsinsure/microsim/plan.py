"""What is to be simulated: the years, the persons and the seed. A pure map over persons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, BASE_YEAR, CADRES
from fsinsure.microdata.schema import Persons, persons_of
from fsinsure.microsim.compiled import dispatch
from fsinsure.microsim.counters import CLASSES, Sums, fen, pack
from fsinsure.microsim.movers import EMPLOYEE
from fsinsure.microsim.randomness import CLAIMS, TRAITS, uniform, words
from fsinsure.microsim.synthesis import AXES, Group, Traits, claim_tracks, class_table, make, whole
from fsinsure.microsim.year_tables import Year, year_tables
from fsinsure.parameters import base_year_value
from fsinsure.rules.lognormal import bin_means
from fsinsure.rules.wages import bases_by_rank
from fsinsure.state import PLACES, RANKS, births, cell_of
from fsinsure.year.pension_age import claim_shares
from fsinsure.year.terms import CLASSES as INDUSTRIES
from fsinsure.year.terms import REST_CLASS, shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Ints
    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.parameters import Parameters
    from fsinsure.state import CellCodes, People


BLOCK: Final = 65_536
"""Persons that advance together: the overhead of calls is small, and their arrays fit the cache."""


@dataclass(frozen=True, eq=False)
class Task:
    """Everything that is needed to simulate any of the persons.

    Parameters
    ----------
    years
        The projected years.
    groups
        The base population, then each inflow in order.
    traits
        Distribution of the traits of persons.
    seed
        Of the random numbers.
    scale
        Persons that are simulated for each expected one.
    given
        The persons of the base year where they come from a file; otherwise they are synthesized.
    given_from
        Id of the first of those given: a worker receives only the persons that it simulates.
    accelerate
        Whether to run compiled (:mod:`fsinsure.microsim.compiled`); the results are the same.
    """

    years: tuple[Year, ...]
    groups: tuple[Group, ...]
    traits: Traits
    seed: int
    scale: float
    given: People | None = None
    given_from: int = 0
    accelerate: bool | None = None

    @property
    def persons(self) -> int:
        """Number of persons of the base year."""
        return self.groups[0].count

    def group_of(self, first: int) -> Group:
        """Return the group that an id belongs to."""
        firsts = [group.first for group in self.groups if group.count]
        found = [group for group in self.groups if group.count]
        return found[int(np.searchsorted(firsts, first, side="right")) - 1]

    def inflows(self, index: int) -> dict[int, Ints]:
        """Return the persons of each inflow of a year ``[place, birth]``, by number of its move."""
        year = self.years[index]
        groups = [group for group in self.groups if group.start[0] == index and group.start[1]]
        return {
            entry.move: np.diff(group.ends, prepend=0).reshape(entry.persons.shape)
            for entry, group in zip(year.entries, groups, strict=True)
        }

    def people(self, first: int, count: int) -> People:
        """Return the persons with consecutive ids of one group, as they enter the model."""
        row = first - self.given_from
        if self.given is not None and 0 <= row < len(self.given):
            return self.given.take(np.arange(row, row + count))  # copies: they will change
        return make(self.group_of(first), self.traits, first, count)

    def saved(self) -> Iterator[Persons]:
        """Yield the persons of the base year as files have them, batch by batch."""
        count = self.years[0].births
        for first in range(0, self.persons, BLOCK):
            people = self.people(first, min(BLOCK, self.persons - first))
            yield persons_of(people, count, 1.0 / self.scale)

    def run(self, ranges: Iterable[tuple[int, int]], block: int = BLOCK) -> dict[str, Ints]:
        """Simulate persons and add up their counts.

        Parameters
        ----------
        ranges
            First id and number of persons, each range of one group.
        block
            Persons that advance together; the results do not depend on it.

        Returns
        -------
        dict
            Sums by year and name (:func:`fsinsure.microsim.counters.pack`), all int64.
        """
        sums = self.sums()
        live = dispatch.chosen(self.accelerate)
        by_year = [sums[year.year] for year in self.years]
        for first, count in ranges:
            start = self.group_of(first).start
            for at in range(first, first + count, block):
                people = self.people(at, min(block, first + count - at))
                if start == (0, 0):
                    _count_opening(people, sums[BASE_YEAR], self.years[0].births)
                live(people, at, self.years, by_year, self.seed, start)
        return pack(sums)

    def sums(self) -> dict[int, Sums]:
        """Return empty sums for the base year and every projected one."""
        count = self.years[0].births
        by_year = {year.year: Sums(len(year.moves), count) for year in self.years}
        return {BASE_YEAR: Sums(0, count), **by_year}


def with_people(task: Task, people: People) -> Task:
    """Return a task whose persons of the base year are given ones.

    Parameters
    ----------
    task
        With synthesized persons; the ids of its inflows are shifted to follow those of the given.
    people
        In order of their ids, from 0.
    """
    own, *others = task.groups
    more = len(people) - own.count
    here = replace(own, ends=np.array([len(people)]))
    moved = [replace(group, first=group.first + more) for group in others]
    return replace(task, groups=(here, *moved), given=people)


def _count_opening(people: People, sums: Sums, births: int) -> None:
    """Count the persons at the end of the base year, and their months, accounts and pensions."""
    cell, size = people.cell.astype(np.intp), sums.heads.shape[1]
    sums.heads[1] += np.bincount(cell, minlength=size)
    held: Sequence[NDArray[np.generic]] = (people.months, people.account, people.pension)
    for place, amount in enumerate(held):
        sums.closing[place] += fen(cell, amount, size)[:-1].reshape(-1, 2 * births).sum(axis=1)
    first = EMPLOYEE * PLACES * births
    rows = np.flatnonzero((cell >= first) & (cell < first + PLACES * births))
    district = (cell[rows] - first) // (2 * births)
    job = (district * CLASSES + people.klass[rows]) * RANKS + people.rank[rows]
    sums.jobs[1] += np.bincount(job, minlength=sums.jobs.shape[1])
    sums.note_pensions(cell, people.pension)


def plan(
    expected: Projection,
    parameters: Parameters,
    base: Base,
    persons: float | Persons | None,
    seed: int,
) -> Task:
    """Return what is to be simulated.

    Parameters
    ----------
    expected
        The projection of the cohort engine, whose transitions persons follow.
    parameters, base
        Those it was projected with.
    persons
        Number of persons of the base year to simulate; None for all; or the persons.
    seed
        Of the random numbers.
    """
    if isinstance(persons, Persons):
        total = float(base.stock[0].sum())
        made = plan(expected, parameters, base, total / persons.weight, seed)
        people = persons.people(made.years[0].births)
        if made.traits.early or made.traits.late:
            draw = uniform(words(seed, CLAIMS, 0, len(people), 0)[0])
            people.track[:] += claim_tracks(draw, made.traits)
        return with_people(made, people)
    count = births(int(expected.years[-1]))
    years = tuple(
        year_tables(expected, parameters, index, count) for index in range(len(expected.laws))
    )
    total = float(base.stock[0].sum())
    scale = 1.0 if persons is None else persons / total
    groups = _groups(base, years, scale, (seed, parameters.number("retirement.cadre_share")))
    return Task(years, groups, _traits(parameters), seed, scale)


def _traits(parameters: Parameters) -> Traits:
    number = parameters.number
    payroll = shares(parameters, "injury.payroll_share", INDUSTRIES, REST_CLASS)
    floor, cap = (base_year_value(f"pension.base_{name}") for name in ("floor", "cap"))
    bases = bases_by_rank(number("wage.mean"), number("wage.cv"), floor, cap, RANKS)
    early, _, late = claim_shares(parameters)
    return Traits(
        class_table(payroll),
        early,
        late,
        bin_means(number("retirement.service_cv"), RANKS),
        (bases / bases.mean()).astype(np.float32),
    )


def _groups(
    base: Base, years: Sequence[Year], scale: float, traits: tuple[int, float]
) -> tuple[Group, ...]:
    """Return the base population and the inflows as whole persons; `traits`: seed, cadre share."""
    seed, cadre_share = traits
    count = years[0].births
    status, district, sex, age = np.indices(base.stock.shape[1:]).reshape(4, -1)
    heads = base.stock[0].ravel()
    none = np.zeros((len(base.stock) - 1, len(heads)))
    each = np.divide(base.stock[1:].reshape(len(none), -1), heads, out=none, where=heads > 0)
    cell = cell_of(status, 2 * district + sex, AGES - 1 - age, count)
    groups = [_group((0, 0), (cell, status), whole(heads, scale), each, (0, 0, seed))]
    entries = [(index, entry) for index, year in enumerate(years) for entry in year.entries]
    if not entries:
        return tuple(groups)
    rounded = whole(np.concatenate([entry.persons.ravel() for _, entry in entries]), scale)
    place, birth = np.indices(entries[0][1].persons.shape).reshape(2, -1)
    none = np.zeros((len(none), len(place)))
    none[CADRES - 1] = cadre_share
    first, number, before = groups[0].count, len(cell), 0
    for (index, entry), upto in zip(entries, rounded.reshape(len(entries), -1), strict=True):
        status = np.full(len(place), entry.status)
        cell = cell_of(status, place, birth, count)
        start, at = (index, entry.step), (first + before, number, seed)
        groups.append(_group(start, (cell, status), upto - before, none, at))
        number, before = number + len(cell), int(upto[-1])
    return tuple(groups)


def _group(
    start: tuple[int, int],
    cells: tuple[CellCodes, Ints],
    ends: Ints,
    each: Array,
    at: tuple[int, int, int],
) -> Group:
    """Return a group of cells and their statuses; `at`: first id, number of first cell, seed."""
    first, number, seed = at
    cell, status = cells
    shifts = np.concatenate([words(seed, TRAITS, number, len(cell), part) for part in (0, 1)])
    return Group(first, start, cell, status, ends, each, shifts[:AXES])
