"""Both ends of the range of one parameter at a time, projected together as draws.

What cannot vary by draw is projected run by run: :func:`moved`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.analysis.draw_blocks import DrawPlan, run_draws
from fsinsure.analysis.observe import observe
from fsinsure.analysis.projected_draws import Draws, residents_of
from fsinsure.analysis.sampling import at_ends
from fsinsure.analysis.subjects import amounts_of, asks_money, counted
from fsinsure.checks import closed
from fsinsure.draws import alike
from fsinsure.engine import cohort
from fsinsure.errors import InputError, PoolError
from fsinsure.measures import enrollment, groups
from fsinsure.microsim.parallel.executors import LOCAL
from fsinsure.parameters import GROWTH, resolve
from fsinsure.paths import YearPath
from fsinsure.registry import registry
from fsinsure.statuses import FUNDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.analysis.uncertain import Assumption, Uncertain
    from fsinsure.arrays import Array
    from fsinsure.base_year.closure import Base
    from fsinsure.engine.projection import Projection
    from fsinsure.microsim.parallel.executors import Execution
    from fsinsure.parameters import Parameters
    from fsinsure.region.region import Region, Value
    from fsinsure.scenario import Scenario

BLOCK: Final = 64
"""Draws that are closed together: there are few, and each thread should have some."""

ENDS: Final = ("low", "high")
"""The ends of a range: its 10th and its 90th percentile."""

COURSE: Final = ("mortality", "fertility", "migration", "retirement", "labour", "entry")
"""Sections of parameters that the ages and months of the base year follow from."""


AT_BASE: Final = ("pension.base_floor", "pension.base_cap")
"""Amounts whose value at the base date the accounts of the base year follow from.

Draws of them leave the base year as it is; a region that is given another value does not.
"""


def together(name: str) -> bool:
    """Return whether both ends of an assumption can be projected as draws."""
    return alike(name) is None and name not in AT_BASE


LIMITED: Final = "growth ended as nobody was left who could enter"
"""What is said of an end that draws project, and a run of its own refuses."""


@dataclass(frozen=True, eq=False)
class Ends:
    """What comes of both ends of some parameters.

    Parameters
    ----------
    amounts
        By subject ``[parameter, end]``; missing (NaN) where an end cannot be projected.
    reason
        Why an end cannot be projected ``[parameter][end]``, or :data:`LIMITED`; else empty.
    """

    amounts: Mapping[str, Array]
    reason: Sequence[Sequence[str]]


def project_ends(
    parameters: Parameters,
    base: Base,
    uncertain: Sequence[Uncertain],
    subjects: Mapping[str, int],
    execution: Execution = LOCAL,
) -> Ends:
    """Project each parameter at both ends, all others as they are.

    Parameters
    ----------
    parameters, base
        Of the scenario: held at its base year, and that base year.
    uncertain
        What is moved.
    subjects
        As of :func:`fsinsure.analysis.subjects.subjects_of`.
    execution
        Where, and how the number of finished projections is reported.
    """
    count, money = 2 * len(uncertain), asks_money(subjects)
    drawn = at_ends(parameters, uncertain)
    plan = DrawPlan(parameters, base, drawn, count, money=money, block=BLOCK)
    found = run_draws(plan, execution) if count else Draws.empty(parameters, 0, money=money)
    reason = np.where(found.limited, LIMITED, found.reason).reshape(-1, 2).tolist()
    return Ends(_pairs(found, parameters, subjects), reason)


def run_ends(scenario: Scenario, assumption: Assumption, subjects: Mapping[str, int]) -> Ends:
    """Project an assumption at both ends in runs of their own, which close the base year anew.

    Levers that meet observed figures are solved again in each. Arguments as of :func:`moved` and
    :func:`project_ends`.
    """
    found, reason = [], []
    for end in ENDS:
        try:
            other = observe(moved(scenario, assumption, end))[0]
            found.append(run_amounts(cohort.project(*closed(resolve(other))), subjects))
            reason.append("")
        except (InputError, PoolError) as error:
            found.append(dict.fromkeys(subjects, np.nan))
            reason.append(error.text("en"))
    return Ends({name: np.array([[one[name] for one in found]]) for name in subjects}, [reason])


def run_amounts(projection: Projection, subjects: Mapping[str, int]) -> dict[str, float]:
    """Return the amount of each subject in its year in a single projection."""
    years = projection.years
    counts = {name: group.count(projection.persons) for name, group in groups().items()}
    people = enrollment(counts, projection.coverage)
    closing = np.stack([projection.ledger.closing[fund] for fund in FUNDS])
    one = Draws(
        reason=np.array([""]),
        limited=np.array([False]),
        enrollment=people[None],
        residents=residents_of(projection)[None],
        closing=closing[None],
        flows=np.empty((1, 0, len(years) - 1)),
    )
    found = amounts_of(one, years, subjects)
    return {name: float(counted(name, own)[0]) for name, own in found.items()}


def moved(scenario: Scenario, assumption: Assumption, end: str) -> Scenario:
    """Return a scenario with an assumption of its region at one end of its range.

    Parameters
    ----------
    scenario, assumption
        The assumption is one of :func:`fsinsure.analysis.uncertain.assumptions_of` the scenario.
    end
        ``low`` or ``high``.
    """
    name, parameter = assumption.name, registry()[assumption.name]
    ends = {one: float(getattr(one, end)) for one in assumption.values}
    values = scenario.region.values[name]
    follows = name.partition(".")[0] in COURSE or parameter.extend in GROWTH
    if follows or any(one.area for one in values):
        text = {one: repr(number) for one, number in ends.items()}
        changed = tuple(replace(one, text=text.get(one, one.text)) for one in values)
        return replace(scenario, region=_with(scenario.region, {name: changed}))
    # As a value of the scenario it leaves the region alone, and what is remembered of it.
    numbers = [(one.date or 0, ends.get(one, float(one.text))) for one in values]
    own = YearPath(tuple(numbers)) if parameter.kind == "path" else numbers[0][1]
    return replace(scenario, values={**scenario.values, name: own})


def _with(region: Region, changed: Mapping[str, tuple[Value, ...]]) -> Region:
    """Return a region with other values of some parameters; it is equal to no other region."""
    written = [f"{name} {[one.text for one in values]}" for name, values in changed.items()]
    digest = "; ".join([region.digest, *written])
    return replace(region, history={**region.history, **changed}, digest=digest)


def _pairs(draws: Draws, parameters: Parameters, subjects: Mapping[str, int]) -> dict[str, Array]:
    """Return the amounts of draws at both ends ``[parameter, end]`` by subject."""
    first = int(parameters.years[0]) - 1
    years = np.array([first, *parameters.years])
    found = amounts_of(draws, years, subjects)
    return {name: counted(name, own).reshape(-1, 2) for name, own in found.items()}
