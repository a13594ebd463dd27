"""The plan of a simulation: the years, the persons and the seed. A pure map over persons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import AGES, CADRES, MONTHS, PENSION, SEXES
from fsinsure.errors import InputError
from fsinsure.microdata.schema import Persons, Schema, persons_of, schema_of
from fsinsure.microsim import blocks, synthesis
from fsinsure.microsim.block import EMPLOYEE, decode
from fsinsure.microsim.compiled import dispatch
from fsinsure.microsim.counters import Counters, YearlyCounters, job_of, pack
from fsinsure.microsim.growth import UNIT, stored_at_start
from fsinsure.microsim.histograms import member_names
from fsinsure.microsim.randomness import CLAIMS, TRAITS, random_bits, uniform
from fsinsure.microsim.synthesis import Group, Traits, cumulative_round
from fsinsure.microsim.waiting import short_of_months
from fsinsure.microsim.year_tables import all_years
from fsinsure.rules.lognormal import bin_means
from fsinsure.rules.wages import bases_by_rank
from fsinsure.state import FEN, RANKS, CellCode, joined
from fsinsure.year.pension_age import claim_shares
from fsinsure.year.terms import CLASSES as INDUSTRIES
from fsinsure.year.terms import REST_CLASS, shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fsinsure.arrays import Bits, Ints
    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.microsim.tables import InflowGroup, YearTables
    from fsinsure.parameters import Parameters
    from fsinsure.state import People
    from fsinsure.year.law import Law


BLOCK: Final = 131_072
"""Persons simulated together: the overhead of calls is small, and their arrays fit the cache."""


MOST_UNITS: Final = 2.0**61
"""Units (:data:`fsinsure.microsim.growth.UNIT`) in the accounts of a cell at the start, at most: a
quarter of what 64 bits hold, since credits are added."""


@dataclass(frozen=True, eq=False)
class SimulationPlan:
    """Everything that is needed to simulate any of the persons.

    Parameters
    ----------
    schema
        The region, and how files of its persons look.
    code
        Of the cells.
    years
        The projected years.
    groups
        The base population, then each inflow in order.
    traits
        Distribution of the traits of persons.
    seed
        Of the random numbers.
    scale
        Persons simulated for each expected person.
    given
        The persons of the base year where they come from a file; otherwise they are synthesized.
    given_from
        Id of the first of those given: a worker receives only the persons that it simulates.
    accelerate
        Whether to use the compiled loops (:mod:`fsinsure.microsim.compiled`); the results are the
        same.
    """

    schema: Schema
    code: CellCode
    years: tuple[YearTables, ...]
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

    @property
    def person_years(self) -> int:
        """Years that all persons are simulated, if none dies or leaves."""
        years = len(self.years)
        return sum(group.count * (years - group.start[0]) for group in self.groups)

    @property
    def members(self) -> tuple[tuple[str, str], ...]:
        """Group and member of the counts of histograms ``[member]``."""
        return member_names(self.schema.areas, self.code)

    def group_of(self, first: int) -> Group:
        """Return the group that an id belongs to."""
        return next(group for group in self.groups[::-1] if group.count and group.first <= first)

    def inflows(self, index: int) -> dict[int, Ints]:
        """Return persons of the inflows of a year ``[place, birth]``, by number of move."""
        year = self.years[index]
        groups = [group for group in self.groups if group.start[0] == index and group.start[1]]
        return {
            entry.move: np.diff(group.ends, prepend=0).reshape(entry.persons.shape)
            for entry, group in zip(year.entries, groups, strict=True)
        }

    def people(self, first: int, count: int, engine: blocks.Engine = blocks.ARRAYS) -> People:
        """Return the persons with consecutive ids of one group, as they enter the model.

        Parameters
        ----------
        first, count
            First id and number of ids.
        engine
            What synthesizes them.
        """
        row = first - self.given_from
        if self.given is not None and 0 <= row < len(self.given):
            return self.given.take(np.arange(row, row + count))  # copies: they will change
        return engine.synthesize(self.group_of(first), self.traits, first, count)

    def saved(self) -> Iterator[Persons]:
        """Yield the persons of the base year as files have them, batch by batch."""
        for first in range(0, self.persons, BLOCK):
            people = self.people(first, min(BLOCK, self.persons - first))
            yield persons_of(people, self.code, self.schema, 1.0 / self.scale)

    def run(self, ranges: Iterable[tuple[int, int]], block: int = BLOCK) -> dict[str, Ints]:
        """Simulate persons and add up their counts.

        Parameters
        ----------
        ranges
            First id and number of persons, each range of one group.
        block
            Persons simulated together; the results do not depend on it.

        Returns
        -------
        dict
            Counters by year and name (:func:`fsinsure.microsim.counters.pack`), all int64.
        """
        engine = dispatch.select_engine(self.accelerate)
        opening, counters = YearlyCounters.empty(0, self.code), self.empty_counters(engine)
        run = blocks.Run(self.years, counters, self.seed, engine)
        for pieces in _together(ranges, block):
            parts = [self.people(first, count, engine) for first, count in pieces]
            entries = []
            for (first, count), people in zip(pieces, parts, strict=True):
                start = self.group_of(first).start
                entry = self._entry(start)
                if entry is None:
                    count_opening(people, opening.of_year(0), self.code)
                else:
                    counters.of_year(start[0]).add_brought(entry.move, people, self.code)
                entries.append(blocks.Entry(*start, count))
            ids = np.concatenate([first + np.arange(count) for first, count in pieces])
            blocks.live_entering(joined(parts), blocks.Lives(ids, entries), run)
        return pack(self.by_year(opening.of_year(0), counters))

    def _entry(self, start: tuple[int, int]) -> InflowGroup | None:
        """Return the inflow that enters at a year and step; None for the base year."""
        if start == (0, 0):
            return None
        return next(one for one in self.years[start[0]].entries if one.step == start[1])

    def empty_counters(self, engine: blocks.Engine = blocks.ARRAYS) -> YearlyCounters:
        """Return zeros for the projected years together, in the order of an engine."""
        most = max(len(year.moves) for year in self.years)
        return YearlyCounters.empty(most, self.code, len(self.years), engine.order)

    def by_year(self, opening: Counters, counters: YearlyCounters) -> dict[int, Counters]:
        """Return counts by year, from those of the base year and of the projected ones."""
        later = {year.year: counters.of_year(index) for index, year in enumerate(self.years)}
        return {self.code.base_year: opening, **later}


def _together(ranges: Iterable[tuple[int, int]], block: int) -> Iterator[list[tuple[int, int]]]:
    """Yield ranges of persons that are simulated together: large ones cut, small ones joined."""
    pieces: list[tuple[int, int]] = []
    space = block
    for first, count in ranges:
        for at in range(first, first + count, block):
            size = min(block, first + count - at)
            if size > space:
                yield pieces
                pieces, space = [], block
            pieces.append((at, size))
            space -= size
    if pieces:
        yield pieces


def with_people(plan: SimulationPlan, people: People) -> SimulationPlan:
    """Return a plan whose persons of the base year are given ones.

    Parameters
    ----------
    plan
        With synthesized persons; the ids of its inflows are shifted to follow those of the given.
    people
        In order of their ids, from 0.

    Raises
    ------
    InputError
        If the accounts of a cell are too large to be added up exactly.
    """
    _check_sums(people)
    own, *others = plan.groups
    more = len(people) - own.count
    here = replace(own, ends=np.array([len(people)]))
    moved = [replace(group, first=group.first + more) for group in others]
    return replace(plan, groups=(here, *moved), given=people)


def _check_sums(people: People) -> None:
    most = np.bincount(people.cell, people.account).max(initial=0.0)
    if most / UNIT > MOST_UNITS:
        raise InputError(
            "the accounts of persons of one status, area, sex and year of birth add up to "
            "{yuan:.3g} yuan, too much to be added exactly: check the unit of the column account.",
            yuan=most / FEN,
        )


def count_opening(people: People, counters: Counters, code: CellCode) -> None:
    """Count the persons at the end of the base year, and their months, accounts and pensions."""
    if not len(people):
        return
    starts = np.append(0, np.flatnonzero(people.cell[1:] != people.cell[:-1]) + 1)
    lengths = np.diff(starts, append=len(people))
    cell = people.cell.take(starts).astype(np.intp)  # of each run of persons of a cell
    np.add.at(counters.heads[1], cell, lengths)
    for total, amount in zip(counters.held, stored_at_start(people), strict=True):
        np.add.at(total, cell, np.add.reduceat(amount.astype(np.int64), starts))
    status, place, _ = decode(code)
    employed = status.take(cell) == EMPLOYEE
    rows = np.flatnonzero(np.repeat(employed, lengths))
    area = np.repeat(place.take(cell[employed]) // len(SEXES), lengths[employed])
    at = job_of(area, people.industry_class.take(rows), people.rank.take(rows))
    counters.jobs[1] += np.bincount(at, minlength=counters.jobs.shape[1])
    paid = np.flatnonzero(people.pension)
    of_paid = people.cell.take(paid).astype(np.intp)
    counters.record_pensions(of_paid, people.pension.take(paid), code)


def make_plan(
    expected: Projection,
    parameters: Parameters,
    base: Base,
    persons: float | Persons | None,
    seed: int,
) -> SimulationPlan:
    """Return the plan of a simulation.

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
    total = float(base.stock[0].sum())
    if isinstance(persons, Persons):
        plan = make_plan(expected, parameters, base, total / persons.weight, seed)
        people = persons.people(plan.code)
        if plan.traits.early or plan.traits.late:
            draw = uniform(random_bits(seed, CLAIMS, 0, len(people), 0)[:, 0])
            late = synthesis.claim_track(draw, plan.traits.early, plan.traits.late)
            people.track[:] += np.asarray(late, dtype=np.uint8)
        return with_people(plan, people)
    region = parameters.region
    code = CellCode(len(region.areas), region.base_year, int(expected.years[-1]))
    years = all_years(expected, parameters, code)
    scale = 1.0 if persons is None else persons / total
    traits = _traits(parameters)
    share = parameters.number("retirement.cadre_share")
    own = _residents(base, expected.laws[0], traits, (years[0].code, seed, scale))
    groups = (own, *_arrivals(own, years, share, (seed, scale)))
    return SimulationPlan(schema_of(region), code, years, groups, traits, seed, scale)


def _traits(parameters: Parameters) -> Traits:
    number = parameters.number
    payroll = shares(parameters, "injury.payroll_share", INDUSTRIES, REST_CLASS)
    floor, cap = (parameters.region.base_value(f"pension.base_{name}") for name in ("floor", "cap"))
    bases = bases_by_rank(number("wage.mean"), number("wage.cv"), floor, cap, RANKS)
    early, _, late = claim_shares(parameters)
    return Traits(
        synthesis.class_table(payroll),
        early,
        late,
        bin_means(number("retirement.service_cv"), RANKS),
        (bases / bases.mean()).astype(np.float32),
    )


def _residents(base: Base, law: Law, traits: Traits, sample: tuple[CellCode, int, float]) -> Group:
    """Return the base population as whole persons; `sample`: code, seed, scale."""
    code, seed, scale = sample
    status, area, sex, age = np.indices(base.stock.shape[1:]).reshape(4, -1)
    heads = base.stock[0]
    none = np.zeros_like(base.stock[1:])
    each = np.divide(base.stock[1:], heads, out=none, where=heads > 0)
    each, ranks = short_of_months(law, each, traits.spread)
    cell = code.of(status, 2 * area + sex, AGES - 1 - age)
    shifts = _shifts(seed, 0, len(cell))
    ends = cumulative_round(heads.ravel(), scale)
    carried = each.reshape(len(each), -1)
    return Group(0, (0, 0), cell, status, ends, carried, ranks.ravel(), shifts)


def _arrivals(
    own: Group, years: Sequence[YearTables], cadre_share: float, sample: tuple[int, float]
) -> Iterator[Group]:
    """Yield the inflows as whole persons; `sample`: seed, scale."""
    seed, scale = sample
    code = years[0].code
    entries = [(index, entry) for index, year in enumerate(years) for entry in year.entries]
    if not entries:
        return
    rounded = cumulative_round(
        np.concatenate([entry.persons.ravel() for _, entry in entries]), scale
    )
    place, birth = np.indices(entries[0][1].persons.shape).reshape(2, -1)
    ranks = np.full(len(place), RANKS)
    number, before = len(own.cell), 0
    for (index, entry), ends in zip(entries, rounded.reshape(len(entries), -1), strict=True):
        status = np.full(len(place), entry.status)
        cell = code.of(status, place, birth)
        shifts = _shifts(seed, number, len(cell))
        start, here = (index, entry.step), ends - before
        each = np.zeros((len(own.each), len(place)))
        each[CADRES - 1] = cadre_share
        each[MONTHS - 1 : PENSION - 1] = entry.each.reshape(PENSION - MONTHS, -1)
        yield Group(own.count + before, start, cell, status, here, each, ranks, shifts)
        number, before = number + len(cell), int(ends[-1])


def _shifts(seed: int, first: int, count: int) -> Bits:
    """Return the digital shifts of cells with consecutive numbers ``[axis, cell]``."""
    bits = [random_bits(seed, TRAITS, first, count, part) for part in (0, 1)]
    return np.concatenate(bits, axis=1)[:, : synthesis.AXES].T
