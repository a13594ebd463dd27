"""What a scenario draws: distributions of parameters, and correlations between them.

Numbers are in the unit of the parameter. Of a path they are those of its value in the first
projected year; all other years move by as much. Distributions are those of
:mod:`fsinsure.numeric.distributions`, correlations those of normal scores (a Gaussian copula;
Nelsen 2006, An Introduction to Copulas, 2.3).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fsinsure.documents.problems import Issue, fail
from fsinsure.draws import alike
from fsinsure.errors import Position
from fsinsure.messages import Message
from fsinsure.paths import flow
from fsinsure.registry import NONE, registry
from fsinsure.units import show

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from fsinsure.arrays import Array
    from fsinsure.numeric.distributions import Distribution
    from fsinsure.scenario.scenario import Scenario

EMPIRICAL: Final = "empirical"

FORMS: Final = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "sigma"),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "pert": ("low", "mode", "high"),
    "range": ("low", "central", "high"),
}
"""The numbers of each distribution by name; `EMPIRICAL` has a list of values instead."""

PERSISTENCE: Final = "persistence"
CORRELATIONS: Final = "correlations"


def families() -> dict[str, Callable[..., Distribution]]:
    """Return the distributions by their name in a file."""
    from fsinsure.numeric import distributions  # imports scipy

    return {
        "normal": distributions.Normal,
        "lognormal": distributions.Lognormal,
        "uniform": distributions.Uniform,
        "triangular": distributions.Triangular,
        "pert": distributions.Pert,
        "range": distributions.TwoPieceNormal,
        EMPIRICAL: distributions.Empirical,
    }


@dataclass(frozen=True)
class Drawn:
    """How a parameter is drawn.

    Parameters
    ----------
    distribution
        None: it is not drawn.
    persistence
        Of a path, from 0 to below 1: each year has a deviation of its own with the same
        distribution, and this is the correlation of normal scores from one year to the next
        (AR(1)). None: all years have the same deviation.
    """

    distribution: Distribution | None
    persistence: float | None = None

    @property
    def entry(self) -> dict[str, Any] | str:
        """What a file would hold."""
        if self.distribution is None:
            return NONE
        kind = type(self.distribution)
        name = next(name for name, family in families().items() if family is kind)
        numbers: dict[str, Any] = asdict(self.distribution)  # type: ignore[call-overload]
        found = {name: [*numbers["values"]] if name == EMPIRICAL else numbers}
        return found if self.persistence is None else {**found, PERSISTENCE: self.persistence}

    def text(self, unit: str) -> str:
        """Write it as YAML in one line; the numbers are of a parameter with a unit."""
        if isinstance(self.entry, str):
            return self.entry
        parts = {}
        for name, numbers in self.entry.items():
            if name == PERSISTENCE:
                parts[name] = show(numbers, "ratio")
            elif isinstance(numbers, list):
                parts[name] = f"[{', '.join(show(one, unit) for one in numbers)}]"
            else:
                units = {key: "ratio" if key == "sigma" else unit for key in numbers}
                parts[name] = flow({key: show(one, units[key]) for key, one in numbers.items()})
        return flow(parts)


@dataclass(frozen=True)
class Correlation:
    """The correlation between the normal scores of two parameters, between -1 and 1.

    Parameters
    ----------
    first, second
        The names of the parameters; their order is of no importance.
    value
        Above -1 and below 1.
    position
        Where it stands in a file.
    """

    first: str
    second: str
    value: float
    position: Position | None = field(default=None, compare=False)

    @property
    def pair(self) -> frozenset[str]:
        """The two names."""
        return frozenset((self.first, self.second))

    @property
    def entry(self) -> dict[str, object]:
        """What a file would hold."""
        return {"between": [self.first, self.second], "value": self.value}

    @property
    def text(self) -> str:
        """The entry as YAML in one line."""
        names = f"[{self.first}, {self.second}]"
        return flow({"between": names, "value": show(self.value, "ratio")})


@dataclass(frozen=True)
class Uncertainty:
    """What a scenario sets of draws.

    Parameters
    ----------
    values
        How parameters are drawn, by name.
    correlations
        Between parameters; those of all other pairs are zero. The matrix is positive definite.
    """

    values: Mapping[str, Drawn] = field(default_factory=dict)
    correlations: tuple[Correlation, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __reduce__(self) -> tuple[type[Uncertainty], tuple[object, ...]]:
        """Support pickling: a mapping proxy cannot be pickled."""
        return Uncertainty, (dict(self.values), self.correlations)

    def __bool__(self) -> bool:
        return bool(self.values or self.correlations)

    @property
    def entry(self) -> dict[str, object]:
        """What a file would hold, and everything that affects numbers."""
        found: dict[str, object] = {name: one.entry for name, one in self.values.items()}
        if self.correlations:
            found[CORRELATIONS] = [one.entry for one in self.correlations]
        return found

    @property
    def canonical(self) -> dict[str, object]:
        """Everything that affects numbers, whatever the order in a file."""
        pairs = sorted([*sorted(one.pair), one.value] for one in self.correlations)
        return {**self.entry, CORRELATIONS: pairs}

    def matrix(self, names: Sequence[str]) -> Array:
        """Return the correlation matrix of parameters ``[name, name]``."""
        return matrix(self.correlations, names)

    def factor(self, names: Sequence[str]) -> Array:
        """Return the Cholesky factor of the correlation matrix of parameters ``[name, name]``.

        Lower triangular: times independent standard normal scores it gives correlated ones. A
        parameter without correlations has a row of the identity matrix.
        """
        return np.asarray(np.linalg.cholesky(self.matrix(names)))

    def changed(
        self,
        values: Mapping[str, Drawn] | None,
        correlations: tuple[Correlation, ...] | None,
        set_here: Collection[str],
    ) -> Uncertainty:
        """Return it with what a file, or a call of ``with_``, sets.

        Distributions are replaced name by name, correlations as a list. A parameter that is set to
        another value, or not to be drawn, loses the distribution and the correlations that it had.

        Parameters
        ----------
        values, correlations
            What is set; None if it is not.
        set_here
            The parameters that are set to a value.
        """
        own = values or {}
        ended = {name for name in set_here if name not in own}
        kept = {name: one for name, one in self.values.items() if name not in ended}
        ended |= {name for name, one in own.items() if one.distribution is None}
        left = tuple(one for one in self.correlations if not one.pair & ended)
        return Uncertainty({**kept, **own}, left if correlations is None else correlations)


def matrix(correlations: Sequence[Correlation], names: Sequence[str]) -> Array:
    """Return the correlation matrix of parameters ``[name, name]``; others are left out."""
    found, index = np.eye(len(names)), {name: at for at, name in enumerate(names)}
    for one in correlations:
        if one.first in index and one.second in index:
            first, second = index[one.first], index[one.second]
            found[first, second] = found[second, first] = one.value
    return found


def drawn_names(scenario: Scenario) -> tuple[str, ...]:
    """Return the parameters that are drawn, in the order of the registry.

    Those of which ``uncertainty`` has a distribution, and those that the region assumes with a
    range, unless the scenario sets them or says that they are not drawn.
    """
    own, found = scenario.uncertainty.values, []
    for name, parameter in registry().items():
        if name in own:
            drawn = own[name].distribution is not None
        else:
            ranges = any(one.basis for one in scenario.region.values.get(name, ()))
            plain = parameter.kind in ("path", "scalar") and alike(name) is None
            drawn = ranges and plain and name not in scenario.values
        if drawn:
            found.append(name)
    return tuple(found)


def check_drawn(scenario: Scenario) -> None:
    """Refuse what only the whole scenario shows to be wrong in its ``uncertainty``.

    Raises
    ------
    ScenarioError
        If a parameter that is drawn has no value that draws could vary, or one that has a
        correlation is not drawn; with position.
    """
    uncertainty = scenario.uncertainty
    positions = dict(enumerate(one.position for one in uncertainty.correlations))

    def located(location: tuple[str | int, ...], _at_key: bool) -> Position | None:
        index = location[2] if len(location) > 2 else None
        if isinstance(index, int):
            return positions[index]
        origin = scenario.origins.get(f"uncertainty.{location[1]}")
        return origin if isinstance(origin, Position) else None

    if issues := [*_without_value(scenario), *_not_drawn(scenario)]:
        fail(issues, located)


def _without_value(scenario: Scenario) -> Iterator[Issue]:
    """Yield an issue for each parameter that is drawn and has no value, as a region may omit it."""
    for name, one in scenario.uncertainty.values.items():
        known = name in scenario.region.values or scenario.values.get(name) is not None
        if one.distribution is not None and not known:
            text = Message(
                "{name} has no value in {region_name}: set it, or do not draw it",
                name=name,
                region_name=scenario.region.name,
            )
            yield Issue(text, ("uncertainty", name))


def _not_drawn(scenario: Scenario) -> Iterator[Issue]:
    """Yield an issue for each correlation of a parameter that is not drawn."""
    if not scenario.uncertainty.correlations:
        return
    drawn = drawn_names(scenario)
    for index, one in enumerate(scenario.uncertainty.correlations):
        for name in (one.first, one.second):
            if name not in drawn:
                text = Message(
                    "{name} is not drawn{why}: give it a distribution under uncertainty, or leave "
                    "the correlation out",
                    name=name,
                    why=_why(name, scenario),
                )
                yield Issue(text, ("uncertainty", CORRELATIONS, index))


def _why(name: str, scenario: Scenario) -> Message:
    if name in scenario.uncertainty.values:
        return Message(" (uncertainty says none)")
    if name in scenario.values:
        return Message(", as the scenario sets it")
    return Message(", as {region} gives no range of it", region=scenario.region.name)
