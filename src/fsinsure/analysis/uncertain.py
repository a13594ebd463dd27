"""What is uncertain in a scenario: the assumptions of its region, and what it says itself.

What the region assumes with a range is uncertain unless the scenario sets it: low, central and high
are the 10th, 50th and 90th percentile, and all dates and areas of an assumption move together. What
the scenario names under ``uncertainty`` is drawn as it says there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from fsinsure.draws import alike
from fsinsure.errors import InputError
from fsinsure.numeric.distributions import TwoPieceNormal, truncated
from fsinsure.paths import YearPath
from fsinsure.region.region import of_area
from fsinsure.registry import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fsinsure.arrays import Array, Ints
    from fsinsure.numeric.distributions import Distribution
    from fsinsure.parameters import Parameters
    from fsinsure.region.region import Value
    from fsinsure.registry import Parameter
    from fsinsure.scenario import Scenario

SCENARIO: Final = "scenario"
"""The basis of what a scenario says to be uncertain."""

PLAIN: Final = ("path", "scalar")
"""Kinds of parameters that a range may be given for."""

TAILS: Final = (0.1, 0.9)
"""The shares below the two ends of a range: its 10th and 90th percentile."""


@dataclass(frozen=True)
class Assumption:
    """What a region assumes of a parameter.

    Parameters
    ----------
    name
        The parameter.
    values
        Its values with a range, ascending by date; first those of all areas, then area by area.
    """

    name: str
    values: tuple[Value, ...]

    @property
    def at_start(self) -> Value:
        """The first of its values."""
        return self.values[0]


def assumptions_of(scenario: Scenario) -> list[Assumption]:
    """Return the assumptions of the region that have a range and that the scenario leaves alone."""
    found = []
    for name, values in scenario.region.values.items():
        own = tuple(sorted((one for one in values if one.basis), key=lambda one: one.area))
        if own and name not in scenario.values and registry()[name].kind in PLAIN:
            found.append(Assumption(name, own))
    return found


class Uncertain(Protocol):
    """A parameter that is drawn."""

    @property
    def name(self) -> str:
        """A number or a path."""
        ...

    @property
    def basis(self) -> str:
        """What its range rests on: estimate, analogue, judgement, or the scenario."""
        ...

    @property
    def persistence(self) -> float | None:
        """The autocorrelation of yearly deviations; None where all years move together."""
        ...

    def values(self, parameters: Parameters, share: Array) -> tuple[Array, float]:
        """Return the values of draws, and the largest share of a distribution beyond the bounds.

        Parameters
        ----------
        parameters
            Of the scenario, held at its base year.
        share
            ``[draw]``, with persistence also ``[draw, year]``: probabilities of a smaller value.

        Returns
        -------
        tuple
            Of a number ``[draw]``, of a path ``[draw, year]``, where areas differ ``[draw, year,
            area]``; and the share.
        """
        ...

    def ends(self, parameters: Parameters) -> Array:
        """Return the values at the 10th and the 90th percentile ``[2, ...]``, axes as of values.

        Of an assumption these are the ends of its range as the region states them, also where its
        distribution is cut off at a bound.
        """
        ...


def uncertain_in(scenario: Scenario) -> list[Uncertain]:
    """Return what is uncertain in a scenario, in the order of the registry.

    Assumptions that cannot vary by draw are not among them: :func:`fixed_in`.
    """
    said = scenario.uncertainty.values
    found: dict[str, Uncertain] = {
        one.name: Assumed(one)
        for one in assumptions_of(scenario)
        if alike(one.name) is None and one.name not in said
    }
    for name, one in said.items():
        if one.distribution is not None:
            found[name] = Said(name, one.distribution, one.persistence)
    return [found[name] for name in registry() if name in found]


def fixed_in(scenario: Scenario) -> list[str]:
    """Return the assumptions with a range that are the same in all draws, with the reason."""
    return [one.name for one in assumptions_of(scenario) if alike(one.name) is not None]


@dataclass(frozen=True)
class Assumed:
    """An assumption of the region."""

    assumption: Assumption
    persistence: None = None

    @property
    def name(self) -> str:
        """The parameter."""
        return self.assumption.name

    @property
    def basis(self) -> str:
        """What the range of its first value rests on."""
        return str(self.assumption.at_start.basis)

    def values(self, parameters: Parameters, share: Array) -> tuple[Array, float]:
        """Return the values of draws: :meth:`Uncertain.values`."""
        known, cuts = registry()[self.name], [0.0]

        def drawn(own: Sequence[Value]) -> Array:
            deviation, cut = _deviations(known, own, share)
            cuts.append(cut)
            return deviation

        return self._moved_by(parameters, drawn), max(cuts)

    def ends(self, parameters: Parameters) -> Array:
        """Return the values at both ends: :meth:`Uncertain.ends`."""
        return self._moved_by(parameters, _to_ends)

    def _moved_by(
        self, parameters: Parameters, deviations: Callable[[Sequence[Value]], Array]
    ) -> Array:
        """Add deviations ``[value, draw]`` of the values of an area."""
        entries = parameters.region.values[self.name]
        if registry()[self.name].kind == "scalar":
            return np.asarray(parameters.number(self.name) + deviations(entries)[0])
        areas = parameters.region.codes if any(one.area for one in entries) else ("",)
        paths = []
        for area in areas:
            own = of_area(entries, area) if area else entries
            paths.append(_of_years(own, deviations(own), parameters.years))
        return _moved(parameters, self.name, np.stack(paths, axis=-1))


@dataclass(frozen=True)
class Said:
    """What a scenario says to be uncertain.

    Parameters
    ----------
    name
        The parameter.
    distribution
        Of a number, or of the value of a path in the first projected year (where areas differ that
        of the first area); the other years and areas move by as much.
    persistence
        The autocorrelation of yearly deviations; None where all years move together.
    """

    name: str
    distribution: Distribution
    persistence: float | None = None

    @property
    def basis(self) -> str:
        """The scenario itself."""
        return SCENARIO

    def values(self, parameters: Parameters, share: Array) -> tuple[Array, float]:
        """Return the values of draws: :meth:`Uncertain.values`.

        Raises
        ------
        InputError
            If no value keeps the whole path within its bounds.
        """
        known = registry()[self.name]
        if known.kind == "scalar":
            return truncated(self.distribution, share, known.low, known.high)
        path = parameters.by_area(self.name)
        first = float(path[0, 0])
        low = None if known.low is None else known.low - float((path - first).min())
        high = None if known.high is None else known.high - float((path - first).max())
        try:
            found, cut = truncated(self.distribution, share, low, high)
        except ValueError:
            raise InputError(
                "uncertainty of {name}: no value keeps the path between {low} and {high} in every "
                "year; move its distribution, or narrow the path",
                name=self.name,
                low=known.low,
                high=known.high,
            ) from None
        yearly = found if found.ndim > 1 else found[:, None]
        return _moved(parameters, self.name, (yearly - first)[..., None]), cut

    def ends(self, parameters: Parameters) -> Array:
        """Return the values at both ends: :meth:`Uncertain.ends`; a path moves as a whole."""
        return self.values(parameters, np.array(TAILS))[0]


def _deviations(known: Parameter, entries: Sequence[Value], share: Array) -> tuple[Array, float]:
    """Return how far each value is from its central one ``[value, draw]``, and what is cut off."""
    found, cuts = np.zeros((len(entries), *share.shape)), [0.0]
    for row, one in zip(found, entries, strict=True):
        if one.basis:
            central = float(one.text)
            low, high = float(one.low or 0.0), float(one.high or 0.0)
            range_ = TwoPieceNormal(low, central, high)
            values, cut = truncated(range_, share, known.low, known.high)
            row[:] = values - central
            cuts.append(cut)
    return found, max(cuts)


def _to_ends(entries: Sequence[Value]) -> Array:
    """Return how far the low and the high end of each value are from its central one."""
    found = np.zeros((len(entries), 2))
    for row, one in zip(found, entries, strict=True):
        if one.basis:
            row[:] = float(one.low or 0.0), float(one.high or 0.0)
            row -= float(one.text)
    return found


def _of_years(entries: Sequence[Value], deviation: Array, years: Ints) -> Array:
    """Return the deviations of a path ``[draw, year]`` from those of its values."""
    dates = [one.date or 0 for one in entries]
    unit = np.eye(len(dates))
    weights = [YearPath(tuple(zip(dates, one, strict=True))).at(years) for one in unit.tolist()]
    # Not a matrix product, whose last digits depend on the processor.
    return np.asarray(np.einsum("pd,py->dy", deviation, np.stack(weights)))


def unmoved(parameters: Parameters, name: str) -> Array:
    """Return a number ``[]``, a path ``[year]``, or where areas differ ``[year, area]``."""
    if registry()[name].kind == "scalar":
        return np.asarray(parameters.number(name))
    found = parameters.by_area(name)
    return found if found.shape[-1] > 1 else np.asarray(found[..., 0])


def _moved(parameters: Parameters, name: str, deviation: Array) -> Array:
    """Add deviations ``[draw, year, area]`` to a path; one area where all are alike."""
    found = parameters.by_area(name) + deviation
    return found if found.shape[-1] > 1 else np.asarray(found[..., 0])
