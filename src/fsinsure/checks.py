"""What a scenario must satisfy as a whole, and what to warn of, checked before the first year.

Single values are checked where they are read (`fsinsure.scenario`). What concerns several of them,
or the base year, is checked here: `prepare` runs the list, for every run and for validation alike.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.base_year.balances import opening_balances
from fsinsure.base_year.census import residents
from fsinsure.base_year.closure import close_base, enrolled
from fsinsure.base_year.published import check_published
from fsinsure.dims import SEXES
from fsinsure.documents.problems import Invalid, fail
from fsinsure.errors import ClosureError, DataError, MeasureError, ScenarioError, placed
from fsinsure.life_tables import read_life_table
from fsinsure.measures import measure_shown, measures
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.parameters import resolve
from fsinsure.paths import date_text, in_force
from fsinsure.registry import registry
from fsinsure.scenario import Scenario
from fsinsure.scenario.relief import late, overlaps
from fsinsure.statuses import ALIGNED
from fsinsure.units import rounded
from fsinsure.year.entries import ENTRY_AGES, below_pension_age
from fsinsure.year.response import growth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fsinsure.arrays import Array, Flags
    from fsinsure.base_year.closure import Base
    from fsinsure.errors import Position
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Target

SAME_PEOPLE: Final = (
    ("labour.separation_unemployed", "labour.separation_flexible"),
    ("labour.reemployment", "labour.exhaustion"),
    ("labour.lapse", "labour.flexible_to_employee"),
    ("retirement.early_share", "retirement.late_share"),
)
"""Paths that are shares of the same people in a year, and scalars that are in every year."""

WHOLES: Final = {
    "injury.payroll_share_": Message("the payroll"),
    "injury.grade_share_": Message("the injured"),
    "fund.share_": Message("the published balance of all funds"),
    "base.injury_only_": Message("the injury-only members"),
}
"""Scalars, by the beginning of their names, that are shares of one whole; the rest is unnamed."""

FLOORS: Final = ("pension.base_floor", "unemployment.minimum_wage")
CAP: Final = "pension.base_cap"
LIMITS: Final = ("reserve.watch", "reserve.warning", "reserve.alarm")
ROUNDING: Final = 1e-12


def unfit(parameters: Parameters) -> dict[Message, Flags]:
    """Return the draws ``[draw]`` in which parameters do not fit together, by reason.

    What :func:`people_leave_once`, :func:`wholes_are_not_exceeded`,
    :func:`floors_are_below_the_cap` and :func:`limits_descend` refuse where nothing is drawn.
    """
    draws = parameters.draws
    assert draws is not None
    found = {}
    for what, wrong in (*_exceeded(parameters), *_above_cap(parameters), _ascending(parameters)):
        where = np.asarray(np.broadcast_to(wrong, (draws, wrong.shape[-1])).any(axis=-1))
        if where.any():
            found[what] = where
    return found


def shares_of_wholes() -> list[tuple[str, ...]]:
    """Return the names of parameters that are shares of one whole, together at most 100 %."""
    return [*SAME_PEOPLE, *(tuple(_parts(stem)) for stem in WHOLES)]


def _exceeded(parameters: Parameters) -> Iterator[tuple[Message, Flags]]:
    """Yield shares that may add up to more than 1, and where they do ``[..., year]``."""
    for names in SAME_PEOPLE:
        text = Message("{names} above 100%", names=separated(names, " and "))
        yield text, _total(parameters, names) > 1.0 + ROUNDING
    for stem, whole in WHOLES.items():
        text = Message("{stem}* above 100% of {whole}", stem=stem, whole=whole)
        yield text, _total(parameters, _parts(stem)) > 1.0 + ROUNDING


def _above_cap(parameters: Parameters) -> Iterator[tuple[Message, Flags]]:
    """Yield the floors of contribution bases, and where they are above the cap ``[..., year]``."""
    for name in FLOORS:
        text = Message("{name} above {cap}", name=name, cap=CAP)
        yield text, np.asarray(parameters.path(name) > parameters.path(CAP))


def _ascending(parameters: Parameters) -> tuple[Message, Flags]:
    """Return the warning limits of reserves, and where they do not descend ``[..., 1]``."""
    watch, warning, alarm = (parameters.constant(name) for name in LIMITS)
    text = Message("{limits} do not descend", limits=separated(LIMITS))
    return text, (watch <= warning) | (warning <= alarm)


def _parts(stem: str) -> list[str]:
    """Return the shares of one of :data:`WHOLES`."""
    return [name for name in registry() if name.startswith(stem)]


def _total(parameters: Parameters, names: Sequence[str]) -> Array:
    """Add up numbers or paths ``[..., year]``; one year where all are alike."""
    yearly = names[0] in parameters.paths
    at = parameters.path if yearly else parameters.constant
    return np.asarray(sum(at(name) for name in names))


def people_leave_once(parameters: Parameters) -> None:
    """Refuse shares of the same people that add up to more than all of them in a year."""
    for names in SAME_PEOPLE:
        total = _total(parameters, names)
        if np.max(total) > 1.0 + ROUNDING:
            yearly = names[0] in parameters.paths
            year = parameters.years[np.argmax(total) % len(parameters.years)]
            text = Message(
                "{names} add up to {total:.1%}{more}: they are shares of the same people, so "
                "together at most 100%. Lower one of them.",
                names=separated(names, " and "),
                total=np.max(total),
                more=(Message(" in {year}", year=year) if yearly else EMPTY),
            )
            raise ScenarioError(text, parameters.position(*names))


def wholes_are_not_exceeded(parameters: Parameters) -> None:
    """Refuse shares of one whole that add up to more than it."""
    for stem, whole in WHOLES.items():
        names = _parts(stem)
        total = np.max(_total(parameters, names))
        if total > 1.0 + ROUNDING:
            text = Message(
                "{stem}* add up to {total:.1%} of {whole}: together at most 100%. Lower one of "
                "{names}.",
                stem=stem,
                total=total,
                whole=whole,
                names=separated(names),
            )
            raise ScenarioError(text, parameters.position(*names))


def floors_are_below_the_cap(parameters: Parameters) -> None:
    """Refuse a floor of contribution bases above the cap, in a year's mean or from a month on."""
    cap, caps = parameters.path(CAP), parameters.dated_values(CAP)
    for name in FLOORS:
        floors = parameters.dated_values(name)
        dates = sorted({date for date, _ in (*floors, *caps) if parameters.years[-1] + 1 > date})
        when = [date_text(date) for date in dates if in_force(floors, date) > in_force(caps, date)]
        above = (parameters.path(name) > cap).reshape(-1, len(parameters.years)).any(axis=0)
        when += [str(year) for year in parameters.years[above]]
        if when:
            text = Message(
                "{name} is above {cap} in {when}: lower it, or raise the cap.",
                name=name,
                cap=CAP,
                when=when[0],
            )
            raise ScenarioError(text, parameters.position(name, CAP))


def limits_descend(parameters: Parameters) -> None:
    """Refuse warning limits of reserves that do not descend."""
    _, wrong = _ascending(parameters)
    if wrong.any():
        limits = (parameters.constant(name) for name in LIMITS)
        watch, warning, alarm = (one[wrong][0] for one in np.broadcast_arrays(*limits))
        text = Message(
            "{limits} are {watch:g}, {warning:g} and {alarm:g} months: each must be below the one "
            "before. Change one of them.",
            limits=separated(LIMITS),
            watch=watch,
            warning=warning,
            alarm=alarm,
        )
        raise ScenarioError(text, parameters.position(*LIMITS))


def own_life_table_is_complete(parameters: Parameters) -> None:
    """Refuse a life table of the user that cannot be read, or whose year is not given."""
    name, year = "mortality.table", "mortality.table_year"
    table, position = str(parameters.scalars[name]), parameters.position(name)
    if not table.endswith(".csv"):
        return
    if year not in parameters.scenario.values:
        text = Message(
            "{name} is {table}: give its year in {year}, from which mortality.improvement is "
            "counted.",
            name=name,
            table=table,
            year=year,
        )
        raise ScenarioError(text, position)
    try:
        read_life_table((parameters.scenario.folder or Path()) / table)
    except DataError as error:
        raise ScenarioError(Message("{name}: {error}", name=name, error=error), position) from None


def profiles_have_weight(parameters: Parameters) -> None:
    """Refuse an age profile that places nobody: of arrivals, or of a status that people enter."""
    for name in ("arrival", *ALIGNED):
        weight = parameters.profile(name)
        if name in ALIGNED:
            below = below_pension_age(parameters.region, name)
            weight = weight[:, ENTRY_AGES] * below * _residents_who_enter(parameters)
        if not weight.any():
            names = [f"profile.{name}.{sex}" for sex in SEXES]
            ages = (
                Message("age below the pension age with residents")
                if name in ALIGNED
                else Message("age")
            )
            raise ScenarioError(
                Message(
                    "{names} have no weight at any {ages}: nobody could be placed. Give at least "
                    "one age a weight above 0.",
                    names=separated(names, " and "),
                    ages=ages,
                ),
                parameters.position(*names),
            )


def _residents_who_enter(parameters: Parameters) -> Array:
    """Return the residents ``[sex, age]`` of the ages at which people enter a status."""
    return np.asarray(residents(parameters.region)[..., ENTRY_AGES].sum(axis=0))


def figures_fit(parameters: Parameters) -> None:
    """Refuse published figures that cannot be those of the base year."""
    check_published(parameters.region)
    opening_balances(parameters)


def responses_have_a_cost(parameters: Parameters) -> None:
    """Refuse a response to contributions in a year without contributions."""
    growth(parameters)


def reliefs_fit(scenario: Scenario) -> None:
    """Refuse reliefs after the horizon, and reliefs that together exceed the amount due."""
    reliefs = scenario.relief
    issues = [*late(reliefs, scenario.horizon), *overlaps(reliefs)]
    if issues:
        located = Invalid(*issues).within(("relief",))
        fail(located, lambda location, _: reliefs[int(location[1])].position)


def baseline_is_of_its_measure(target: Target, base: Base, base_year: int) -> None:
    """Refuse a target of which the baseline is not the base-year figure of its measure.

    Parameters
    ----------
    target
        Without a baseline there is no figure to check.
    base, base_year
        The closed base year.
    """
    if target.baseline is None:
        return
    found = enrolled(base)
    tolerance = target.baseline_tolerance * (1.0 + 1e-9)
    if abs(found[target.measure] - target.baseline) <= tolerance:
        return
    others = [name for name in measures() if abs(found[name] - target.baseline) <= tolerance]
    hint = (
        Message(
            "that is {others}: set the target's measure to it, or write its own baseline",
            others=separated(map(measure_shown, others), " and "),
        )
        if others
        else Message("no measure has that figure: correct the baseline, or leave it out")
    )
    where = Message("{position}: ", position=target.position) if target.position else EMPTY
    raise MeasureError(
        "{where}the target of {measure} has a baseline of {baseline}, but {measure} had "
        "{found} in {base_year}; {hint}.",
        where=where,
        measure=measure_shown(target.measure),
        baseline=rounded(target.baseline, "persons"),
        found=rounded(found[target.measure], "persons"),
        base_year=base_year,
        hint=hint,
    )


CHECKS: Final[tuple[Callable[[Parameters], None], ...]] = (
    people_leave_once,
    wholes_are_not_exceeded,
    floors_are_below_the_cap,
    limits_descend,
    own_life_table_is_complete,
    profiles_have_weight,
)
"""What is checked of the parameters of every run, before the base year is closed.

Of parameters that vary by draw each holds in every draw.
"""


def prepare(scenario: Scenario) -> tuple[Parameters, Base]:
    """Resolve the parameters, check them, and close the base year.

    Returns
    -------
    tuple
        The parameters, held at the base year, and the closed base year.

    Raises
    ------
    InputError
        If a check fails; a ScenarioError with the position of a value that is involved.
    ClosureError
        If the base-year assumptions cannot meet a published figure.
    MeasureError
        If a target has a baseline of another measure.
    """
    reliefs_fit(scenario)
    parameters, base = closed(resolve(scenario))
    for target in scenario.targets:
        baseline_is_of_its_measure(target, base, scenario.region.base_year)
    return parameters, base


def closed(parameters: Parameters) -> tuple[Parameters, Base]:
    """Check the parameters and close the base year, without checks of reliefs and targets.

    For the mixtures of two scenarios that an attribution projects: their reliefs may overlap.
    Arguments and errors as of :func:`prepare`.
    """
    figures_fit(parameters)
    for check in CHECKS:
        check(parameters)
    try:
        base = close_base(parameters)
    except ClosureError as error:
        where = _where(parameters, error.names)
        raise ClosureError(placed(where, error.message), error.names) from None
    held = parameters.with_base_coverage(base.coverage)
    responses_have_a_cost(held)
    return held, base


def _where(parameters: Parameters, names: Sequence[str]) -> Position | str | None:
    """Return where to look first if the base year cannot be closed; None if set from Python.

    An assumption that the scenario sets, else the first of the figures and assumptions concerned,
    else the file of the figures.
    """
    own = [name for name in parameters.scenario.values if name.startswith("base.")]
    concerned = [name for name in names if name in own]
    if concerned:
        return parameters.position(*concerned)
    figures = parameters.region.figures
    for name in names:
        position = figures[name].where if name in figures else parameters.position(name)
        if position:
            return position
    return next((one.where.file for one in figures.values()), None)
