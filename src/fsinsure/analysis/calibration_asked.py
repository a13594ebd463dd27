"""What a calibration is asked: parameters, bounds, years and errors, or what to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from fsinsure.analysis.solve import Lever
from fsinsure.errors import InputError, did_you_mean
from fsinsure.measures import parameter_named, parameter_names
from fsinsure.messages import Message, separated
from fsinsure.names import by_code, meant, texts
from fsinsure.registry import registry
from fsinsure.units import is_whole, measure_in, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fsinsure.arrays import Array
    from fsinsure.scenario import Scenario

    Bound = tuple[float | str, float | str]


LEAST_SQUARES: Final = "least_squares"
LIKELIHOOD: Final = "likelihood"
METHODS: Final = (LEAST_SQUARES, LIKELIHOOD)


def check_asked(scenario: Scenario, method: str, hold_out: Sequence[int]) -> None:
    """Refuse an unknown method, a scenario that meets the figures, and what are no years."""
    if method not in METHODS:
        raise InputError(
            "method must be {methods}, not {method!r}",
            methods=separated(METHODS, " or "),
            method=method,
        )
    if scenario.observes:
        raise InputError(
            "{name} meets published figures year by year, so they are not left to calibrate by: "
            "take a scenario that does not, or set observe.until to none",
            name=scenario.name,
        )
    if isinstance(hold_out, str | int) or not all(is_whole(year) for year in hold_out):
        raise InputError(
            "hold_out is a list of years, such as [2024], not {hold_out!r}", hold_out=hold_out
        )


@dataclass(frozen=True, eq=False)
class Varied:
    """A parameter that is calibrated: it changes by the same amount in all of its years.

    Parameters
    ----------
    lever
        The parameter with its own values and its last year.
    first
        The first year in which it changes.
    low, high
        Of its values in these years.
    """

    lever: Lever
    first: int
    low: float
    high: float

    @property
    def name(self) -> str:
        """The parameter."""
        return self.lever.name

    @property
    def unit(self) -> str:
        """Its unit."""
        return registry()[self.name].unit

    @cached_property
    def own(self) -> Array:
        """Its own values in these years ``[year, area]``."""
        if registry()[self.name].kind != "path":
            return self.lever.own[:1]
        years = self.lever.years
        return self.lever.own[(years >= self.first) & (years <= self.lever.last)]

    @property
    def mean(self) -> float:
        """The mean of its own values over years and areas, which stands for them in tables."""
        return float(self.own.mean())

    @property
    def changes(self) -> tuple[float, float]:
        """The largest changes down and up with which no value leaves the bounds."""
        return self.low - float(self.own.min()), self.high - float(self.own.max())


def parameters_of(
    scenario: Scenario,
    names: Sequence[str] | str,
    bounds: Mapping[str, Bound],
    years: Mapping[str, tuple[int, int]],
) -> tuple[Varied, ...]:
    """Return the parameters that are calibrated.

    Raises
    ------
    InputError
        If there is none, one is unknown, no number or named twice; if bounds or years are of
        another parameter, not in order, or not possible.
    """
    asked = tuple(map(parameter_named, texts(names, Message("parameters"))))
    bounds = by_code(bounds, parameter_named, Message("bounds"))
    years = by_code(years, parameter_named, Message("years"))
    if not asked:
        raise InputError("name at least one parameter to calibrate, such as growth.employee")
    for index, name in enumerate(asked):
        _check_name(scenario, name)
        if name in asked[:index]:
            raise InputError("{name} is named twice: name each parameter once", name=name)
    for what, given in (("bounds", bounds), ("years", years)):
        for name in given:
            if name not in asked:
                hint = meant(str(name), {one: parameter_names()[one] for one in asked})
                raise InputError(
                    "{argument} of {name}, which is not calibrated.{hint}",
                    argument=what,
                    name=name,
                    hint=hint,
                )
    return tuple(_varied(scenario, name, bounds.get(name), years.get(name)) for name in asked)


def _check_name(scenario: Scenario, name: str) -> None:
    known = registry()
    if name not in known:
        raise InputError(
            "there is no parameter {name!r}.{hint}",
            name=name,
            hint=meant(str(name), parameter_names()),
        )
    given = {**scenario.region.values, **scenario.values}
    number = known[name].kind == "scalar" and given.get(name) is not None
    if known[name].kind != "path" and not number:
        raise InputError(
            "{name} is not a number in {scenario_name}: calibrate a path or a number, such as "
            "growth.employee",
            name=name,
            scenario_name=scenario.name,
        )


def _varied(
    scenario: Scenario, name: str, bound: Bound | None, span: tuple[int, int] | None
) -> Varied:
    known, region = registry()[name], scenario.region
    first, last = _span(name, span, region.first_year, scenario.horizon)
    assert known.low is not None
    assert known.high is not None
    low, high = known.low, known.high
    if bound is not None:
        low, high = _bounds(name, bound)
        if not (known.low <= low and high <= known.high):
            allowed = separated((shown(end, known.unit) for end in (known.low, known.high)), " to ")
            raise InputError(
                "bounds of {name}: {low} to {high} leave what it may be at all, {allowed}: narrow "
                "them",
                name=name,
                low=shown(low, known.unit),
                high=shown(high, known.unit),
                allowed=allowed,
            )
    varied = Varied(Lever(scenario, name, last), first, low, high)
    down, up = varied.changes
    if not down < up:
        values = separated((shown(float(end), known.unit) for end in _ends(varied.own)), " to ")
        raise InputError(
            "bounds of {name}: its values in {first}-{last} are {values}, further apart than "
            "{low} to {high}, and all move by as much: widen the bounds, or name fewer years",
            name=name,
            first=first,
            last=last,
            values=values,
            low=shown(low, known.unit),
            high=shown(high, known.unit),
        )
    return varied


def _ends(values: Array) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _span(name: str, span: object, first: int, horizon: int) -> tuple[int, int]:
    """Return the first and the last year in which a parameter changes."""
    if span is None:
        return first, horizon
    if registry()[name].kind != "path":
        raise InputError(
            "years of {name}: it is one number for all years; leave them out", name=name
        )
    ends = tuple(span) if isinstance(span, list | tuple) else (span,)
    if (
        len(ends) != 2
        or not all(is_whole(one) for one in ends)
        or not first <= ends[0] <= ends[1] <= horizon
    ):
        raise InputError(
            "years of {name}: give the first and the last, from {first} to {horizon}, not {span}",
            name=name,
            first=first,
            horizon=horizon,
            span=span,
        )
    return int(ends[0]), int(ends[1])


def _bounds(name: str, bound: object) -> tuple[float, float]:
    """Return the bounds of a parameter."""
    if not isinstance(bound, list | tuple) or len(bound) != 2:
        raise InputError(
            "bounds of {name}: give a low and a high value, not {bound!r}", name=name, bound=bound
        )
    low, high = (
        number(Message("bounds of {name}", name=name), one, registry()[name].unit) for one in bound
    )
    if not low < high:
        raise InputError(
            "bounds of {name}: the low value, {low}, is not below {high}",
            name=name,
            low=bound[0],
            high=bound[1],
        )
    return low, high


def number(what: Message, value: object, unit: str) -> float:
    """Return a number that is given as such or as a text in a unit; the error names what it is."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError(
            "{what}: give a number, or a text such as '5%', not {value!r}", what=what, value=value
        )
    text = value if isinstance(value, str) else repr(float(value))
    try:
        return float(measure_in(text, unit).amount)
    except InputError as error:
        raise InputError(separated((what, error), ": ")) from None


def errors_of(
    sigma: Mapping[str, float | str] | float | str | None, measures: Sequence[str], *, needed: bool
) -> dict[str, float]:
    """Return the relative standard error of the figures of each measure.

    Parameters
    ----------
    sigma
        By measure, or one for all; None for equal ones.
    measures
        Those of the figures.
    needed
        Whether they must be given.

    Raises
    ------
    InputError
        If a measure has none or is unknown, or one is not above 0.
    """
    if sigma is None:
        if needed:
            raise InputError(
                "method likelihood needs sigma, the relative standard error of the figures, such "
                "as 1%: give it, or use least_squares, which estimates it"
            )
        return dict.fromkeys(measures, 1.0)
    given = dict(sigma) if isinstance(sigma, Mapping) else dict.fromkeys(measures, sigma)
    for name in given:
        if name not in measures:
            hint = did_you_mean(str(name), measures)
            raise InputError(
                "sigma of {name}, and no figure of it is used.{hint} Measures: {measures}",
                name=name,
                hint=hint,
                measures=separated(measures),
            )
    found = {
        name: number(Message("sigma of {name}", name=name), one, "fraction")
        for name, one in given.items()
    }
    for name, one in found.items():
        if one <= 0.0:
            raise InputError(
                "sigma of {name} must be above 0, such as 1%, not {given}",
                name=name,
                given=given[name],
            )
    lacking = [name for name in measures if name not in given]
    if lacking:
        raise InputError(
            "sigma lacks {lacking}: give one for each measure, or for all",
            lacking=separated(lacking),
        )
    return found
