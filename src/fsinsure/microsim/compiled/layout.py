"""The arrays of the person engine as compiled loops read them.

Tables are those of :class:`fsinsure.microsim.tables.YearTables`, of all years together, so that a
person goes through a life in one call. What a person reads of a cell and year lies in one row: the
numbers of a mover would otherwise be fetched from some forty places of the memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import numpy as np

from fsinsure.dims import SEXES
from fsinsure.microsim.block import EMPLOYEE, decode
from fsinsure.microsim.counters import Rows, row_type
from fsinsure.microsim.histograms import members_of
from fsinsure.microsim.person_rules import PersonLaw
from fsinsure.microsim.randomness import NUMBERS
from fsinsure.microsim.tables import Retirement, window_thresholds
from fsinsure.state import CODE, GONE, RANKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Bits, Ints
    from fsinsure.microsim.block import Block
    from fsinsure.microsim.growth import Growth
    from fsinsure.microsim.histograms import Members
    from fsinsure.microsim.tables import YearTables


At: Final = np.uintp
"""The type of indices in loops: unsigned, as numba tests for negative ones at every access."""
Whole: TypeAlias = Any
Real: TypeAlias = Any
"""Numbers of persons in the loops: of numpy's types where they are not compiled."""


class Persons(NamedTuple):
    """The persons of a block (:class:`fsinsure.microsim.block.Block`), and their random numbers.

    Parameters
    ----------
    cell, months, account, pension, benefit_months_left, months_at_last_claim
        What changes; amounts as they are stored ``[person]``.
    rank, industry_class, month, track, contribution_index
        Traits.
    ids
        Of the persons: what their random numbers depend on.
    year, step
        The year in which each enters, and the first step of it in which it takes part; 0 for those
        who were present before.
    bits, upper
        The block of random bits of the person at hand ``[4]``, and the same as the upper 16 bits of
        each year ``[16]``.
    """

    cell: Ints
    months: Ints
    account: Array
    pension: Array
    benefit_months_left: Ints
    months_at_last_claim: NDArray[np.uint16]
    rank: NDArray[np.uint8]
    industry_class: NDArray[np.uint8]
    month: NDArray[np.uint8]
    track: NDArray[np.uint8]
    contribution_index: NDArray[np.float32]
    ids: Ints
    year: Ints
    step: Ints
    bits: Bits
    upper: NDArray[np.uint16]


def persons_of(block: Block, ids: Ints, year: Ints, step: Ints) -> Persons:
    """Return the persons of a block; what changes of them changes in the block.

    Parameters
    ----------
    ids, year, step
        What else :class:`Persons` has.
    """
    traits, bits = block.people, np.empty(NUMBERS, dtype=np.uint64)
    found: tuple[NDArray[Any], ...] = (
        block.cell,
        block.months,
        block.account,
        block.pension,
        block.benefit_months_left,
        traits.months_at_last_claim,
        traits.rank,
        traits.industry_class,
        traits.month,
        traits.track,
        traits.contribution_index,
        ids,
        year,
        step,
        bits,
        bits.view(np.uint16),
    )
    # Arrays that cannot be written, or do not lie in order, would be compiled anew.
    writable = [np.require(array, requirements=["C", "W"]) for array in found]
    if any(one is not other for one, other in zip(found[:6], writable[:6], strict=True)):
        raise RuntimeError("what changes of persons must be writable and in order in the block")
    return Persons(*writable)


OF_CELL: Final = row_type(
    "account_scale f8",
    "pension_scale f8",
    "pension_flat f8",
    "pension_per_month f8",
    "cumulative_before f8 3",
    "move_threshold u8",
    "account_factor f8 2",
    "rise_flat f8",
    "rise_per_year f8",
    "rise_percent f8",
    "months i4",
    "drawn i4",
    "place u4",
    "area u2",
    "birth u2",
    "status u1",
    "sex u1",
    "examined ?",
    "restarts u1",
)
"""What persons read of their cell in a year: what has grown until its start
(:class:`fsinsure.microsim.growth.Growth`), and what the year does (``MoverTables`` and
``StayerTables``)."""

OF_CREDIT: Final = row_type("credited f8", "account_credit f8 2")
"""The same of the credit of an account."""

OF_STEP: Final = row_type("move u4", "target u2", "next_event u2")
"""What a step of a year is for a status (``MoverTables``)."""

LAW: Final = row_type(*(f"{name} f8" for name in PersonLaw._fields))
"""The parameters of rules of persons (:class:`fsinsure.microsim.person_rules.PersonLaw`)."""


class Tables(NamedTuple):
    """The tables of all years; the years of a cell lie together.

    What depends on the region is a value here, and no constant of the loops, so that they are
    compiled once for all regions.

    Parameters
    ----------
    of_cell
        :data:`OF_CELL`, of the year after the last what has grown alone ``[cell, year]``.
    of_credit
        :data:`OF_CREDIT` in the same years, by wage rank of employees, and then by status of the
        others, whose credit does not depend on the rank ``[rank or status, year]``.
    of_step
        :data:`OF_STEP` ``[status, year, step]``.
    candidate_threshold
        :func:`fsinsure.microsim.tables.window_thresholds` ``[window, cell, 16]``.
    cumulative_probability
        As in ``MoverTables`` ``[cell, year, step]``.
    first_half, retirement
        The steps before the first half-year of money and before retirement ``[year]``.
    dates
        Who retires ``[year, ...]``.
    law
        Of :data:`LAW` ``[year]``.
    members
        Of the histograms.
    areas, births
        Sizes of the code of the cells.
    """

    of_cell: Rows
    of_credit: Rows
    of_step: Rows
    candidate_threshold: NDArray[np.uint16]
    cumulative_probability: Array
    first_half: Ints
    retirement: Ints
    dates: Retirement
    law: Rows
    members: Members
    areas: int
    births: int


def tables(years: Sequence[YearTables]) -> Tables:
    """Return the tables of consecutive years for compiled loops, copied."""
    code, movers = years[0].code, [year.movers for year in years]
    grown = [*(year.opening for year in years), years[-1].closing]
    most = max(len(year.target) for year in movers)
    return Tables(
        _of_cell(years, grown),
        _of_credit(years, grown),
        _of_step(years, most),
        window_thresholds(years),
        _ladders(years, most + 1),
        np.array([year.first_half for year in movers]),
        np.array([year.retirement for year in movers]),
        Retirement(*map(np.stack, zip(*(year.retirement for year in years), strict=True))),
        np.array([tuple(year.rates.law) for year in years], dtype=LAW),
        members_of(code),
        code.areas,
        code.births,
    )


def _of_cell(years: Sequence[YearTables], grown: Sequence[Growth]) -> Rows:
    status, place, birth = decode(years[0].code)
    found = np.zeros((len(status), len(grown)), dtype=OF_CELL)
    area, sex = np.divmod(place, len(SEXES))
    found["status"], found["birth"] = status[:, None], birth[:, None]
    found["place"], found["area"], found["sex"] = place[:, None], area[:, None], sex[:, None]
    for row, growth in zip(found.T, grown, strict=True):
        row["account_scale"], row["pension_scale"] = growth.account_scale, growth.pension_scale
        row["pension_flat"], row["pension_per_month"] = growth.flat, growth.per_month
        row["months"], row["drawn"] = growth.months[status], growth.drawn[status]
    for row, year in zip(found.T, years, strict=False):
        movers, stayers = year.movers, year.stayers
        row["cumulative_before"] = movers.cumulative_before.T
        row["account_factor"] = movers.account_factor.T
        row["rise_flat"], row["rise_per_year"] = movers.flat, movers.per_year
        row["rise_percent"] = movers.percent
        for name in ("move_threshold", "examined", "restarts"):
            row[name] = getattr(stayers, name)
    return found


def _of_credit(years: Sequence[YearTables], grown: Sequence[Growth]) -> Rows:
    found = np.zeros((RANKS + GONE + 1, len(grown)), dtype=OF_CREDIT)
    for index, growth in enumerate(grown):
        found["credited"][:, index] = _by_credit(growth.credited)
    for index, year in enumerate(years):
        for half, credit in enumerate(year.movers.account_credit):
            found["account_credit"][:, index, half] = _by_credit(credit)
    return found


def _by_credit(credits: Array) -> Array:
    by_rank = credits.reshape(-1, RANKS)
    return np.concatenate([by_rank[EMPLOYEE], by_rank[:, 0]])


def _ladders(years: Sequence[YearTables], size: int) -> Array:
    found = np.empty((years[0].code.cells, len(years), size))
    for index, year in enumerate(years):
        ladder = year.movers.cumulative_probability
        found[:, index, : ladder.shape[1]] = ladder
        found[:, index, ladder.shape[1] :] = ladder[:, -1:]
    return found


def _of_step(years: Sequence[YearTables], most: int) -> Rows:
    movers = [year.movers for year in years]
    found = np.zeros((len(CODE), len(years), most), dtype=OF_STEP)
    found["move"] = _stack((year.move for year in movers), most).transpose(2, 0, 1)
    found["target"] = _stack((year.target for year in movers), most).transpose(2, 0, 1)
    found["next_event"] = _stack((year.next_event for year in movers), most)
    return found


def _stack(arrays: Iterable[NDArray[Any]], size: int) -> NDArray[Any]:
    """Return arrays with a first axis of years, each with its last row repeated up to a size.

    Years may have steps that others do not; no person reads the rows that are added.
    """
    padded = []
    for array in arrays:
        more = np.repeat(array[-1:], size - len(array), axis=0)
        padded.append(np.concatenate([array, more]))
    return np.stack(padded)
