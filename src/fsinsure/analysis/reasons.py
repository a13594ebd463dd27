"""Why two scenarios differ: the difference attributed to their levers, adding up exactly.

From the first scenario, the levers that differ are switched to the second one's value one after
another, and the engine projects after each step. What a step moves is what its lever explains, so
the steps add up to the whole difference. What two levers do only together falls to the later of
them; the order is therefore fixed (:func:`levers`).
"""

from __future__ import annotations

from dataclasses import Field, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.checks import closed
from fsinsure.dims import BASE_YEAR
from fsinsure.engine import cohort
from fsinsure.errors import InputError, PoolError
from fsinsure.measures import enrollment, groups, measures
from fsinsure.parameters import GROWTH, resolve
from fsinsure.scenario import Scenario, registry
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from fsinsure.engine.projection import Projection
    from fsinsure.parameters import Parameters

    Levels = NDArray[np.int64]

LISTS: Final = ("relief",)
"""Fields of a scenario that hold a list whose entries are levers, each by itself."""

BEHAVIOUR: Final = "response."
"""How the keys of the elasticities begin; they come last."""

PER_PERSON: Final = 1024
"""Parts of a person that are counted: a power of two, so that a sum of them has no rounding."""

JOINED: Final = " + "
"""What stands between the names of levers that could not be switched one by one."""

SUBJECTS: Final = (
    *(("fund", fund, "yuan") for fund in FUNDS),
    *(("measure", measure, "persons") for measure in measures()),
)
"""Kind, name and unit of what is explained, in order."""

COLUMNS: Final = (
    *("scenario", "against", "step", "lever", "kind", "subject", "year", "value", "unit"),
)


class Side(NamedTuple):
    """One of the two that are compared: a scenario and what the engine made of it."""

    scenario: Scenario
    projection: Projection


@dataclass(frozen=True)
class Lever:
    """Something in which two scenarios differ, and how to switch a scenario to the second's."""

    name: str
    switch: Callable[[Scenario], Scenario]


def levers(first: Scenario, second: Scenario) -> list[Lever]:
    """Return what differs between two scenarios, in the order of the steps.

    The order: the keys as they stand in ``data/parameters.csv`` (so the base year first), without
    the elasticities of behaviour; entries of relief that the second does not have, then those that
    only the second has; last the elasticities (``response.*``), so that what a policy costs by
    itself and what behaviour makes of it are told apart. Targets and the horizon are no levers.

    A key that is set on one side only is a lever unless it is set to the default.
    """
    horizon = max(first.horizon, second.horizon)
    pair = [resolve(replace(side, horizon=horizon)) for side in (first, second)]
    keys = [name for name in registry() if _differs(name, *pair)]
    found = [_key(name, second) for name in keys if not name.startswith(BEHAVIOUR)]
    for name in LISTS:
        found += _entries(name, first, second)
    return found + [_key(name, second) for name in keys if name.startswith(BEHAVIOUR)]


def _differs(name: str, first: Parameters, second: Parameters) -> bool:
    """Tell whether a key is set differently; what only follows another key is no lever."""
    one, other = (side.scenario.values for side in (first, second))
    if name not in one and name not in other:
        return False
    if registry()[name].extend in GROWTH:
        if one.get(name) == other.get(name):
            return False  # where both follow wages or prices, these are the lever
        if name not in one or name not in other:
            return True  # the side without it follows wages or prices, whatever they turn out to be
    if registry()[name].kind == "table":
        return first.tables[name] != second.tables[name]
    if registry()[name].kind != "path":
        file = str(first.scalars[name]).endswith(".csv")
        folders = first.scenario.folder != second.scenario.folder
        return first.scalars[name] != second.scalars[name] or (file and folders)
    if (name in first.paths) != (name in second.paths):
        return True  # held at the base year on one side
    return not np.array_equal(first.path(name), second.path(name))


def _key(name: str, second: Scenario) -> Lever:
    def switch(scenario: Scenario) -> Scenario:
        values = {key: value for key, value in scenario.values.items() if key != name}
        if name in second.values:
            values[name] = second.values[name]
        # The files that values may name lie in the folder of their scenario.
        file = str(values.get(name)).endswith(".csv")
        return replace(
            scenario,
            values=values,
            folder=second.folder if file else scenario.folder,
            origins={**second.origins, **scenario.origins},
        )

    return Lever(name, switch)


def _entries(name: str, first: Scenario, second: Scenario) -> list[Lever]:
    """Return the entries of a list that go, then those that come: ``-relief[0]``, ``+relief[1]``.

    The number is the place in the list of the scenario that has the entry, from 0 as in the
    parameters table and in errors.
    """
    old, new = (tuple(getattr(side, name)) for side in (first, second))

    def lever(sign: str, index: int, entry: Any) -> Lever:
        def switch(scenario: Scenario) -> Scenario:
            held = list(getattr(scenario, name))
            if sign == "-":
                held.remove(entry)
            else:
                held.append(entry)
            changed: dict[str, Any] = {name: tuple(held)}
            return replace(scenario, **changed)

        return Lever(f"{sign}{name}[{index}]", switch)

    gone = [lever("-", index, old[index]) for index in _unmatched(old, new)]
    return gone + [lever("+", index, new[index]) for index in _unmatched(new, old)]


def _unmatched(entries: Sequence[Any], others: Sequence[Any]) -> Iterator[int]:
    """Yield the places of the entries that the others do not have, wherever they were written."""
    left = [_content(entry) for entry in others]
    for index, entry in enumerate(entries):
        content = _content(entry)
        if content in left:
            left.remove(content)
        else:
            yield index


def _content(entry: Any) -> list[Any]:
    told: tuple[Field[Any], ...] = fields(entry)
    return [getattr(entry, field.name) for field in told if field.name != "position"]


def levels(projection: Projection, year: int) -> Levels:
    """Return where every subject stands at the end of a year, in whole counting units.

    Funds are counted in whole yuan and people in parts of a person (`PER_PERSON`): integers, so
    that differences add up without any rounding.

    Returns
    -------
    Levels
        ``[subject]``, in the order of `SUBJECTS`.
    """
    index = year - BASE_YEAR
    balances = [projection.ledger.closing[fund][index] for fund in FUNDS]
    counts = {name: group.count(projection.persons[index]) for name, group in groups().items()}
    shares = {name: path[index] for name, path in projection.coverage.items()}
    people = enrollment(counts, shares).sum(axis=-1)
    return np.rint([*balances, *(PER_PERSON * people)]).astype(np.int64)


def steps(first: Side, second: Side) -> Iterator[tuple[str, Levels]]:
    """Switch the levers one after another and yield the name and the effect of each.

    Where a scenario half-way cannot be projected (its shares are above one, its pools run dry),
    the lever is switched together with the next, and they are named together.

    Yields
    ------
    tuple
        The name, and what it moves at the end of the common final year ``[subject]``.
    """
    year = common_year(first, second)
    found = levers(first.scenario, second.scenario)
    scenario = replace(first.scenario, horizon=year)
    before = levels(first.projection, year)
    names: list[str] = []
    for lever in found:
        scenario = lever.switch(scenario)
        names.append(lever.name)
        try:
            last = lever is found[-1]
            after = levels(second.projection if last else _project(scenario), year)
        except (InputError, PoolError):
            continue
        yield JOINED.join(names), after - before
        before, names = after, []


def common_year(first: Side, second: Side) -> int:
    """Return the last year that both reach."""
    return min(first.scenario.horizon, second.scenario.horizon)


def _project(scenario: Scenario) -> Projection:
    return cohort.project(*closed(resolve(scenario)))


def table(first: Side, second: Side) -> pd.DataFrame:
    """Attribute the difference of the second scenario from the first to the levers that differ.

    Columns: scenario (the second), against (the first), step (1, 2, ...), lever, kind (``fund``:
    closing balance, or ``measure``: enrollment), subject, year (the last that both reach), value,
    unit (yuan or persons).

    Funds are told in whole yuan and people in 1024ths of a person. The values of a subject add up
    over the steps, exactly and in any order, to the difference of its two levels in these units.
    """
    year = common_year(first, second)
    names = (second.scenario.name, first.scenario.name)
    parts = {"yuan": 1, "persons": PER_PERSON}
    rows = [
        (*names, number, lever, kind, subject, year, int(amount) / parts[unit], unit)
        for number, (lever, moved) in enumerate(steps(first, second), start=1)
        for (kind, subject, unit), amount in zip(SUBJECTS, moved, strict=True)
    ]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    # Without a lever there are no rows to tell the types from.
    return found.astype({"step": "int64", "year": "int64", "value": "float64"})
