"""Attribution: the difference of two scenarios by lever, adding up exactly.

Starting from the first scenario, the levers that differ are switched to their value in the second
one after another, and the engine projects after each step. The change of a step is attributed to
its lever, so the steps add up to the whole difference. An interaction of two levers is attributed
to the later of them; the order is therefore fixed (:func:`levers`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from fsinsure.checks import closed
from fsinsure.engine import cohort
from fsinsure.errors import InputError, PoolError
from fsinsure.measures import enrollment, groups, measures
from fsinsure.parameters import GROWTH, as_set, resolve
from fsinsure.scenario import Scenario, registry
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from fsinsure.engine.projection import Projection
    from fsinsure.parameters import Parameters
    from fsinsure.scenario.relief import Relief

    Levels = NDArray[np.int64]

BEHAVIOUR: Final = "response."
"""Prefix of the keys of the elasticities; they come last."""

PER_PERSON: Final = 1024
"""Parts of a person that are counted: a power of two, so that sums have no rounding."""

JOINED: Final = " + "
"""Separator of the names of levers that cannot be switched one by one."""

SUBJECTS: Final = (
    *(("fund", fund, "yuan") for fund in FUNDS),
    *(("measure", measure, "persons") for measure in measures()),
)
"""Kind, name and unit of the subjects of attribution, in order."""

COLUMNS: Final = (
    *("scenario", "against", "step", "lever", "kind", "subject", "year", "value", "unit"),
)


class Side(NamedTuple):
    """One side of a comparison: a scenario and its projection."""

    scenario: Scenario
    projection: Projection


class Lever(NamedTuple):
    """A difference of two scenarios, and the function that switches a scenario to the second."""

    name: str
    switch: Callable[[Scenario], Scenario]


def levers(first: Scenario, second: Scenario) -> list[Lever]:
    """Return the levers that differ between two scenarios, in the order of the steps.

    The order: the keys as in ``data/parameters.csv`` (so the base year first), without the
    elasticities of behaviour; reliefs that only the first has (``relief[0] removed``), then those
    that only the second has (``relief[1] added``); last the elasticities (``response.*``), so that
    the direct effect of a policy is separate from that of behaviour. The index of a relief is its
    position in the list of the scenario that has it, as in the parameters table and in errors.
    Targets and the horizon are not levers.

    A key that is set on one side only is a lever unless it is set to the default. A key that
    neither sets is one where their regions hold other values of it, known by the day of one side
    only (``as_of``).
    """
    horizon = max(first.horizon, second.horizon)
    pair = [resolve(replace(side, horizon=horizon)) for side in (first, second)]
    keys = [name for name in registry() if _differs(name, *pair)]
    return [
        *(_key(name, second) for name in keys if not name.startswith(BEHAVIOUR)),
        *_reliefs(first.relief, second.relief),
        *(_key(name, second) for name in keys if name.startswith(BEHAVIOUR)),
    ]


def _differs(name: str, first: Parameters, second: Parameters) -> bool:
    """Return whether a key is set differently; a key that only follows another is no lever."""
    old, new = (side.scenario.values for side in (first, second))
    known, known_later = (side.region.values.get(name) for side in (first, second))
    same_default = known == known_later
    solved = any(
        one.lever == name for side in (first, second) for one in side.scenario.solved or ()
    )
    if name not in old and name not in new and same_default and not solved:
        return False
    if registry()[name].extend in GROWTH:
        if old.get(name) == new.get(name) and (name in old or same_default):
            return False  # where both follow wages or prices, these are the lever
        if name not in old or name not in new:
            return True  # the side without the key follows wages or prices
    if registry()[name].kind == "table":
        return first.tables[name] != second.tables[name]
    if registry()[name].kind == "profile":
        return first.profiles[name] != second.profiles[name]
    if registry()[name].kind != "path":
        file = str(first.scalars[name]).endswith(".csv")
        folders = first.scenario.folder != second.scenario.folder
        return first.scalars[name] != second.scalars[name] or (file and folders)
    held = [name not in side.paths and name not in side.area_paths for side in (first, second)]
    if any(held):
        return held[0] != held[1]  # held at the base year on one side
    old_path, new_path = np.broadcast_arrays(first.by_area(name), second.by_area(name))
    return not np.array_equal(old_path, new_path)


def _key(name: str, second: Scenario) -> Lever:
    def switch(scenario: Scenario) -> Scenario:
        values = {key: value for key, value in scenario.values.items() if key != name}
        if name in second.values:
            values[name] = second.values[name]
        elif scenario.region.values.get(name) != second.region.values.get(name):
            values[name] = as_set(name, second.region)
        # The files that values may name lie in the folder of their scenario.
        file = str(values.get(name)).endswith(".csv")
        return replace(
            scenario,
            values=values,
            solved=(
                *(one for one in scenario.solved or () if one.lever != name),
                *(one for one in second.solved or () if one.lever == name),
            ),
            folder=second.folder if file else scenario.folder,
            origins={**second.origins, **scenario.origins},
        )

    return Lever(name, switch)


def _reliefs(first: Sequence[Relief], second: Sequence[Relief]) -> list[Lever]:
    """Return the levers that remove the reliefs of the first only and add those of the second."""

    def lever(index: int, relief: Relief, *, added: bool) -> Lever:
        def switch(scenario: Scenario) -> Scenario:
            reliefs = list(scenario.relief)
            if added:
                reliefs.append(relief)
            else:
                reliefs.remove(relief)
            return replace(scenario, relief=tuple(reliefs))

        return Lever(f"relief[{index}] {'added' if added else 'removed'}", switch)

    return [
        *(lever(index, relief, added=False) for index, relief in _unmatched(first, second)),
        *(lever(index, relief, added=True) for index, relief in _unmatched(second, first)),
    ]


def _unmatched(reliefs: Sequence[Relief], others: Sequence[Relief]) -> Iterator[tuple[int, Relief]]:
    """Yield index and relief of those that the others lack, wherever they stand in a file."""
    left = [replace(other, position=None) for other in others]
    for index, relief in enumerate(reliefs):
        content = replace(relief, position=None)
        if content in left:
            left.remove(content)
        else:
            yield index, relief


def levels(projection: Projection, year: int) -> Levels:
    """Return the level of every subject at the end of a year, in whole counting units.

    Funds are counted in whole yuan and people in parts of a person (`PER_PERSON`): integers, so
    that differences add up without rounding.

    Returns
    -------
    Levels
        ``[subject]``, in the order of `SUBJECTS`.
    """
    index = year - projection.region.base_year
    balances = [projection.ledger.closing[fund][index] for fund in FUNDS]
    counts = {name: group.count(projection.persons[index]) for name, group in groups().items()}
    shares = {name: path[index] for name, path in projection.coverage.items()}
    people = enrollment(counts, shares).sum(axis=-1)
    return np.rint([*balances, *(PER_PERSON * people)]).astype(np.int64)


def steps(first: Side, second: Side) -> Iterator[tuple[str, Levels]]:
    """Switch the levers one after another and yield the name and the effect of each.

    Where an intermediate scenario cannot be projected (its shares are above one, its pools run
    dry), the lever is switched together with the next, and their names are joined (`JOINED`).

    Yields
    ------
    tuple
        The name, and the change at the end of the common final year ``[subject]``.
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

    Funds are in whole yuan and people in 1024ths of a person. The values of a subject add up over
    the steps, exactly and in any order, to the difference of its two levels in these units.
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
    # Without a lever there are no rows from which types could be inferred.
    return found.astype({"step": "int64", "year": "int64", "value": "float64"})
