"""Persons followed through life: what each has at the end of every year.

A life is a function of the seed and the id alone, so some persons can be followed without anybody
else, and two scenarios can be lived by the same persons side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.dims import BASE_YEAR, DISTRICTS, SEXES
from fsinsure.errors import InputError
from fsinsure.microsim import blocks, histograms
from fsinsure.microsim.histograms import FIRST_BIRTH
from fsinsure.microsim.plan import BLOCK
from fsinsure.state import FEN, PLACES, People
from fsinsure.statuses import STATUSES
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.plan import Task
    from fsinsure.microsim.synthesis import Group
    from fsinsure.microsim.year_tables import Year


GONE: Final = "gone"
"""The status of who died or left the city."""
MONTHS: Final = 12
DENSE: Final = 2_000
"""Persons that are made in a block in the time that one takes alone."""


def follow(task: Task, ids: Sequence[int] | Ints) -> dict[str, NDArray[np.generic]]:
    """Follow some persons.

    Parameters
    ----------
    task
        What was simulated.
    ids
        Of whom; each once.

    Returns
    -------
    dict
        Columns id, year, district, sex, birth_year, status, wage_rank, months, account, pension,
        entitled, sorted by id and year: from the year in which they enter (the base year for most)
        to that in which they are gone, or the last. Money in yuan.

    Raises
    ------
    InputError
        If there is nobody with an id, or an id is there twice.
    """
    wanted = _checked(task, ids)
    parts = []
    for group in task.groups:
        mine = wanted[(wanted >= group.first) & (wanted < group.first + group.count)]
        if len(mine):
            parts.append(_follow(task, group, mine))
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((found["year"], found["id"]))
    return {name: array[order] for name, array in found.items()}


def sampled(task: Task, sample: int, entering: int) -> Ints:
    """Return the ids of a sample, evenly from all who enter in a year.

    Parameters
    ----------
    task
        What was simulated.
    sample
        How many, at most; everybody where there are no more.
    entering
        The year at whose end they are first known: the base year, or one in which people are born
        or arrive.

    Raises
    ------
    InputError
        If there is nobody to sample.
    """
    if not is_whole(sample) or sample < 1:
        raise InputError(f"a sample of {sample!r}: follow a whole number of persons, from 1 on")
    here = [group for group in task.groups if _entry(group) == entering]
    ids = np.concatenate(
        [np.empty(0, np.int64), *(np.arange(one.first, one.first + one.count) for one in here)]
    )
    if not len(ids):
        last = task.years[-1].year
        raise InputError(
            f"nobody enters in {entering}: give {BASE_YEAR} for who lived here then, or a later "
            f"year up to {last}"
        )
    count = min(sample, len(ids))
    return np.asarray(ids[np.arange(count) * len(ids) // count])


def _entry(group: Group) -> int:
    """Return the year at whose end the persons of a group are first known."""
    return BASE_YEAR if group.start == (0, 0) else BASE_YEAR + 1 + group.start[0]


def _checked(task: Task, ids: Sequence[int] | Ints) -> Ints:
    given = np.asarray(ids)
    if given.ndim == 1 and not len(given):
        raise InputError("nobody to follow: give the id of at least one person")
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise InputError(f"ids are a list of whole numbers such as [0, 1], not {ids!r}")
    wanted = np.unique(given.astype(np.int64))
    if len(wanted) < len(ids):
        raise InputError("an id is there twice: name each person once")
    last = max(group.first + group.count for group in task.groups) - 1
    if wanted[0] < 0 or wanted[-1] > last:
        wrong = wanted[0] if wanted[0] < 0 else wanted[-1]
        raise InputError(
            f"nobody has the id {wrong}: ids go from 0 to {last} "
            f"(to {task.persons - 1} for who lived here in {BASE_YEAR})"
        )
    return wanted


def _follow(task: Task, group: Group, ids: Ints) -> dict[str, NDArray[np.generic]]:
    people = _people(task, ids)
    births = task.years[0].births
    rows: list[dict[str, NDArray[np.generic]]] = []
    place, birth = np.divmod(people.cell.astype(np.int64), births)
    fixed = {
        "id": ids,
        "district": np.asarray(DISTRICTS)[place % PLACES // 2],
        "sex": np.asarray(SEXES)[place % 2],
        "birth_year": birth + FIRST_BIRTH,
        "wage_rank": people.rank.astype(np.int64),
    }
    here = np.ones(len(ids), dtype=np.bool_)

    def note(year: int, cell: Ints, now: People) -> None:
        nonlocal here
        status = np.asarray([*STATUSES, GONE])[cell // (PLACES * births)]
        held = {
            "year": np.full(len(ids), year),
            "status": status,
            "months": now.months.astype(np.int64),
            "account": now.account / FEN,
            "pension": now.pension / FEN,
            "entitled": now.entitled.astype(np.int64),
        }
        rows.append({name: array[here] for name, array in {**fixed, **held}.items()})
        here = here & (status != GONE)

    if group.start == (0, 0):
        note(BASE_YEAR, people.cell.astype(np.int64), people)
    _live(task, people, ids, group, lambda year, cell, now: note(year.year, cell, now))
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def _people(task: Task, ids: Ints) -> People:
    """Make persons of one group: block by block where ids are dense, else one by one."""
    parts = []
    for rows in np.split(ids, np.flatnonzero(np.diff(ids // BLOCK)) + 1):
        first, span = int(rows[0]), int(rows[-1] - rows[0]) + 1
        if span < DENSE * len(rows):
            parts.append(task.people(first, span).take(rows - first))
        else:
            parts += [task.people(int(one), 1) for one in rows]
    return joined(parts)


def _live(task: Task, people: People, first: int | Ints, group: Group, watch: blocks.Watch) -> None:
    sums = list(task.sums().values())[1:]
    blocks.live(people, first, task.years, sums, task.seed, group.start, watch)


def joined(parts: Sequence[People]) -> People:
    """Return persons one after another."""
    names = [field.name for field in fields(People)]
    return People(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True, eq=False)
class Lot:
    """What becomes of persons under a scenario ``[person]``.

    Parameters
    ----------
    pensions
        Pensions paid over the years, at their value of the end of the base year, fen: twelve times
        the pension in payment at the end of each year.
    pension
        In payment at the end of the last year, fen a month.
    months
        Contribution months: the most at the end of any year, so that they are known of who died.
    """

    pensions: Ints
    pension: Ints
    months: Ints


def side_by_side(first: Task, second: Task, discount: Array) -> Iterator[tuple[Ints, Lot, Lot]]:
    """Let the persons of the base year live two scenarios, block by block.

    Parameters
    ----------
    first, second
        Of the same seed, horizon and persons.
    discount
        What a yuan of each projected year is worth at the end of the base year ``[year]``.

    Yields
    ------
    tuple
        The codes of the persons at the end of the base year
        (:func:`fsinsure.microsim.histograms.codes`), and their lots.

    Raises
    ------
    InputError
        If seed, horizon or persons differ.
    """
    _check_same(first, second)
    births = first.years[0].births
    for at in range(0, first.persons, BLOCK):
        count = min(BLOCK, first.persons - at)
        one, other = first.people(at, count), second.people(at, count)
        if not all(
            np.array_equal(getattr(one, field.name), getattr(other, field.name))
            for field in fields(People)
        ):
            raise InputError(
                "the scenarios start from different persons: compare person by person only what "
                "differs after the base year"
            )
        code = histograms.codes(births).take(one.cell)
        yield code, _lot(first, one, at, discount), _lot(second, other, at, discount)


def _check_same(first: Task, second: Task) -> None:
    for what, one, other in (
        ("seed", first.seed, second.seed),
        ("number of persons", first.persons, second.persons),
        ("last year", first.years[-1].year, second.years[-1].year),
    ):
        if one != other:
            raise InputError(
                f"person by person only runs of one {what} can be compared, not {one} and {other}"
            )


def _lot(task: Task, people: People, first: int, discount: Array) -> Lot:
    paid, months = np.zeros(len(people)), people.months.copy()

    def add(year: Year, _: Ints, now: People) -> None:
        worth = MONTHS * discount[year.year - BASE_YEAR - 1]
        np.add(paid, np.rint(now.pension * worth), out=paid)
        np.maximum(months, now.months, out=months)

    _live(task, people, first, task.groups[0], add)
    whole = (paid, people.pension, months)
    return Lot(*(array.astype(np.int64) for array in whole))
