"""Panels: the state of persons at the end of every year.

The life of a person is a function of the seed and the id alone, so some persons can be simulated
without the others, and the same persons can be simulated under two scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fsinsure.dims import SEXES
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import Message, separated
from fsinsure.microsim import blocks
from fsinsure.microsim.block import decode
from fsinsure.microsim.plan import BLOCK
from fsinsure.state import FEN, People, joined
from fsinsure.statuses import STATUSES
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from fsinsure.arrays import Array, Ints
    from fsinsure.microsim.block import Block
    from fsinsure.microsim.plan import SimulationPlan
    from fsinsure.microsim.synthesis import Group
    from fsinsure.microsim.tables import YearTables
    from fsinsure.state import CellCodes


GONE: Final = "gone"
"""The status of persons who died or left the region."""
MONTHS: Final = 12
DENSE: Final = 2_000
"""Persons synthesized in a block in the time that one takes alone."""


def follow(plan: SimulationPlan, ids: Sequence[int] | Ints) -> dict[str, NDArray[np.generic]]:
    """Follow some persons.

    Parameters
    ----------
    plan
        Of the simulation.
    ids
        Of the persons; each once.

    Returns
    -------
    dict
        Columns id, year, area, sex, birth_year, status, wage_rank, months, account, pension,
        entitled, sorted by id and year: from the year in which they enter (the base year for most)
        to that in which they die or leave, or the last. Money in yuan.

    Raises
    ------
    InputError
        If no person has an id, or an id occurs twice.
    """
    wanted = _checked(plan, ids)
    parts = []
    for group in plan.groups:
        mine = wanted[(wanted >= group.first) & (wanted < group.first + group.count)]
        if len(mine):
            parts.append(_follow(plan, group, mine))
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((found["year"], found["id"]))
    return {name: array[order] for name, array in found.items()}


class Wanted(NamedTuple):
    """Which persons are followed, by what they are when they enter."""

    status: str | None = None
    sex: str | None = None
    ages: tuple[int, int] | None = None
    """Youngest and oldest at the end of that year, both included."""

    def keep(self, plan: SimulationPlan, cell: Ints, year: int) -> NDArray[np.bool_]:
        """Return which persons are wanted ``[person]``, by their cells at the end of a year.

        Raises
        ------
        InputError
            If a status or sex is unknown, or ages are no range.
        """
        cells = decode(plan.code)
        kept = np.ones(len(cell), dtype=np.bool_)
        if self.status is not None:
            kept &= cells.status.take(cell) == _index(Message("status"), self.status, STATUSES)
        if self.sex is not None:
            kept &= cells.place.take(cell) % 2 == _index(Message("sex"), self.sex, SEXES)
        if self.ages is not None:
            age = year - plan.code.first_birth - cells.birth.take(cell)
            youngest, oldest = _ages(self.ages)
            kept &= (age >= youngest) & (age <= oldest)
        return kept


def _index(what: Message, name: str, known: Sequence[str]) -> int:
    if name not in known:
        hint = did_you_mean(str(name), known)
        raise InputError(
            "no {what} {name!r}.{hint} Known: {known}.",
            what=what,
            name=name,
            hint=hint,
            known=separated(known),
        )
    return known.index(name)


def _ages(ages: tuple[int, int]) -> tuple[int, int]:
    if len(ages) != 2 or not all(map(is_whole, ages)) or not 0 <= ages[0] <= ages[1]:
        raise InputError(
            "ages are the youngest and the oldest, such as (40, 59), not {ages!r}", ages=ages
        )
    return int(ages[0]), int(ages[1])


EVERYBODY: Final = Wanted()


def sampled(plan: SimulationPlan, sample: int, entering: int, wanted: Wanted = EVERYBODY) -> Ints:
    """Return the ids of a sample, evenly from all who enter in a year and are wanted.

    Parameters
    ----------
    plan
        Of the simulation.
    sample
        Largest number of persons.
    entering
        The year at whose end they are first known: the base year, or one with births or arrivals.
    wanted
        What they are then.

    Raises
    ------
    InputError
        If no such person enters in that year.
    """
    if not is_whole(sample) or sample < 1:
        raise InputError(
            "a sample of {sample!r}: follow a whole number of persons, from 1 on", sample=sample
        )
    here = [group for group in plan.groups if _entry(plan, group) == entering]
    if not sum(group.count for group in here):
        first, last = plan.code.base_year, plan.years[-1].year
        raise InputError(
            "nobody enters in {entering}: give {first} for the residents of that year, or a later "
            "year up to {last}",
            entering=entering,
            first=first,
            last=last,
        )
    ids = np.concatenate(
        [one.first + np.flatnonzero(wanted.keep(plan, _cells(plan, one), entering)) for one in here]
    )
    if not len(ids):
        shown = separated((f"{name} {value}" for name, value in wanted._asdict().items() if value))
        raise InputError(
            "nobody enters in {entering} with {shown}: widen the choice",
            entering=entering,
            shown=shown,
        )
    count = min(sample, len(ids))
    return np.asarray(ids[np.arange(count) * len(ids) // count])


def _cells(plan: SimulationPlan, group: Group) -> Ints:
    """Return the cells of the persons of a group as they enter ``[person]``."""
    if plan.given is not None and group is plan.groups[0]:
        return plan.given.cell.astype(np.int64)
    return np.repeat(group.cell.astype(np.int64), np.diff(group.ends, prepend=0))


def _entry(plan: SimulationPlan, group: Group) -> int:
    """Return the year at whose end the persons of a group are first known."""
    present = group.start == (0, 0)
    return plan.code.base_year if present else plan.years[group.start[0]].year


def _checked(plan: SimulationPlan, ids: Sequence[int] | Ints) -> Ints:
    given = np.asarray(ids)
    if given.ndim == 1 and not len(given):
        raise InputError("nobody to follow: give the id of at least one person")
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise InputError("ids are a list of whole numbers such as [0, 1], not {ids!r}", ids=ids)
    wanted = np.unique(given.astype(np.int64))
    if len(wanted) < len(ids):
        raise InputError("an id occurs twice: name each person once")
    last = max(group.first + group.count for group in plan.groups) - 1
    if wanted[0] < 0 or wanted[-1] > last:
        wrong = wanted[0] if wanted[0] < 0 else wanted[-1]
        raise InputError(
            "nobody has the id {wrong}: ids go from 0 to {last} (to {persons} for the residents "
            "of {base_year})",
            wrong=wrong,
            last=last,
            persons=plan.persons - 1,
            base_year=plan.code.base_year,
        )
    return wanted


def _follow(plan: SimulationPlan, group: Group, ids: Ints) -> dict[str, NDArray[np.generic]]:
    people, code = _people(plan, ids), plan.code
    rows: list[dict[str, NDArray[np.generic]]] = []
    cells = decode(code)
    place = cells.place.take(people.cell)
    fixed = {
        "id": ids,
        "area": np.asarray(plan.schema.areas)[place // 2],
        "sex": np.asarray(SEXES)[place % 2],
        "birth_year": cells.birth.take(people.cell) + code.first_birth,
        "wage_rank": people.rank.astype(np.int64),
    }
    present = np.ones(len(ids), dtype=np.bool_)

    def record(year: int, now: People) -> None:
        nonlocal present
        status = np.asarray([*STATUSES, GONE])[cells.status.take(now.cell)]
        held = {
            "year": np.full(len(ids), year),
            "status": status,
            "months": now.months.astype(np.int64),
            "account": now.account / FEN,
            "pension": now.pension / FEN,
            "entitled": now.benefit_months_left.astype(np.int64),
        }
        rows.append({name: array[present] for name, array in {**fixed, **held}.items()})
        present = present & (status != GONE)

    if group.start == (0, 0):
        record(code.base_year, people)
    _live(plan, people, ids, group, lambda year, now: record(year.year, now))
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def _people(plan: SimulationPlan, ids: Ints) -> People:
    """Return persons of one group: by block where ids are dense, else one by one."""
    parts: list[People] = []
    for rows in np.split(ids, np.flatnonzero(np.diff(ids // BLOCK)) + 1):
        first, span = int(rows[0]), int(rows[-1] - rows[0]) + 1
        if span < DENSE * len(rows):
            parts.append(plan.people(first, span).take(rows - first))
        else:
            parts += [plan.people(int(one), 1) for one in rows]
    return joined(parts)


def _live(
    plan: SimulationPlan,
    people: People,
    first: int | Ints,
    group: Group,
    watch: Callable[[YearTables, People], None],
) -> None:
    counters = plan.empty_counters()

    def written(year: YearTables, block: Block) -> None:
        block.write(year.closing)
        watch(year, people)

    blocks.live(people, first, plan.years, counters, plan.seed, group.start, watch=written)


@dataclass(frozen=True, eq=False)
class LifetimeOutcome:
    """Outcomes of persons under a scenario ``[person]``.

    Parameters
    ----------
    pensions
        Pensions paid over the years, at their value of the end of the base year, fen: twelve times
        the pension in payment at the end of each year.
    pension
        In payment at the end of the last year, fen a month.
    months
        Contribution months: the most at the end of any year, so that they are known of the dead.
    """

    pensions: Ints
    pension: Ints
    months: Ints


def paired_lives(
    first: SimulationPlan, second: SimulationPlan, discount: Array
) -> Iterator[tuple[CellCodes, LifetimeOutcome, LifetimeOutcome]]:
    """Simulate the persons of the base year under two scenarios, block by block.

    Parameters
    ----------
    first, second
        Of the same seed, horizon and persons.
    discount
        Value of a yuan of each projected year at the end of the base year ``[year]``.

    Yields
    ------
    tuple
        The cells of the persons at the end of the base year, and their outcomes.

    Raises
    ------
    InputError
        If seed, horizon or persons differ.
    """
    for what, one, other in (
        (Message("seed"), first.seed, second.seed),
        (Message("number of persons"), first.persons, second.persons),
        (Message("last year"), first.years[-1].year, second.years[-1].year),
    ):
        if one != other:
            raise InputError(
                "person by person only runs of one {what} can be compared, not {one} and {other}",
                what=what,
                one=one,
                other=other,
            )
    for at in range(0, first.persons, BLOCK):
        count = min(BLOCK, first.persons - at)
        people, same = first.people(at, count), second.people(at, count)
        if not all(map(np.array_equal, vars(people).values(), vars(same).values())):
            raise InputError(
                "the scenarios start from different persons: compare person by person only what "
                "differs after the base year"
            )
        cell = people.cell.copy()
        yield cell, _outcome(first, people, at, discount), _outcome(second, same, at, discount)


def _outcome(plan: SimulationPlan, people: People, first: int, discount: Array) -> LifetimeOutcome:
    paid, months = np.zeros(len(people)), people.months.copy()

    def add(year: YearTables, now: People) -> None:
        value = MONTHS * discount[year.year - plan.code.base_year - 1]
        np.add(paid, np.rint(now.pension * value), out=paid)
        np.maximum(months, now.months, out=months)

    _live(plan, people, first, plan.groups[0], add)
    found = (paid, people.pension, months)
    return LifetimeOutcome(*(array.astype(np.int64) for array in found))
