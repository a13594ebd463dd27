"""Parameters that bring a projection closest to published figures: the model and the search.

Each parameter changes by one amount in all of its years. What figures say is the logarithm of
projected over published. Some changes are projected at once, as draws: those of parameters that
leave the base year as it is; for each value of the others the base year is closed again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from fsinsure.analysis.calibration_figures import FITTED, LEFT_OUT, without_unmoved
from fsinsure.analysis.measured import projected_draws
from fsinsure.checks import CHECKS, closed
from fsinsure.draws import alike, closing
from fsinsure.engine import cohort
from fsinsure.errors import InputError, PoolError
from fsinsure.messages import Message, separated
from fsinsure.numeric.estimation import estimate
from fsinsure.parameters import resolve
from fsinsure.region.outcomes import account, comparable_shown
from fsinsure.registry import registry
from fsinsure.scenario.scenario import WITH
from fsinsure.units import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fsinsure.analysis.calibration_asked import Varied
    from fsinsure.analysis.calibration_figures import Candidate
    from fsinsure.arrays import Array, Flags
    from fsinsure.base_year.closure import Base
    from fsinsure.engine.cohort import Counts
    from fsinsure.numeric.estimation import Estimate
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario

STEP: Final = 1e-4
"""The difference for derivatives, of the mean of a parameter or a hundredth of its bounds."""

PROBE: Final = 1e-3
"""The change with which it is found whether the base year moves, of that up to a bound."""

SLIGHT: Final = 0.1
"""The derivative of a figure, of the largest one, below which a parameter hardly moves it."""

FLAT: Final = 1e-12
"""The change of the logarithm of a figure below which it does not move: rounding."""

Key = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Model:
    """What a scenario projects of some figures as its parameters change.

    Parameters
    ----------
    scenario
        It observes no figures.
    varied
        The parameters.
    figures
        Measure and year of each figure.
    """

    scenario: Scenario
    varied: tuple[Varied, ...]
    figures: Sequence[tuple[str, int]]
    _bases: dict[Key, tuple[Parameters, Base]] = field(default_factory=dict, repr=False)

    @property
    def bounds(self) -> tuple[Array, Array]:
        """The largest changes down and up ``[parameter]``."""
        low, high = zip(*(one.changes for one in self.varied), strict=True)
        return np.array(low), np.array(high)

    def at(self, changes: Sequence[float] | Array) -> Scenario:
        """Return the scenario with some changes ``[parameter]``; it is fitted to no figures yet."""
        scenario = self.scenario
        values, origins = dict(scenario.values), dict(scenario.origins)
        for one, change in zip(self.varied, changes, strict=True):
            if change:
                moved = one.lever.at(one.first, float(change))
                values[one.name], origins[one.name] = moved.values[one.name], WITH
        names = {one.name for one in self.varied}
        fitted = {key: name for key, name in scenario.fitted.items() if name not in names}
        # A distribution was of the value before: the file draws around the estimate no more.
        uncertainty = scenario.uncertainty.changed(None, None, names)
        return replace(
            scenario, values=values, origins=origins, fitted=fitted, uncertainty=uncertainty
        )

    def levels(self, changes: Array) -> Array:
        """Return what is projected ``[draw, figure]``, NaN where changes are not possible.

        Parameters
        ----------
        changes
            ``[draw, parameter]``
        """
        found = np.empty((len(changes), len(self.figures)))
        run_anew = changes * ~self._drawn
        for key in dict.fromkeys(map(tuple, run_anew.tolist())):
            rows = np.flatnonzero((run_anew == key).all(axis=1))
            found[rows] = self._of_base(key, changes[rows])
        return found

    def _of_base(self, key: Key, changes: Array) -> Array:
        """Project changes ``[draw, parameter]`` from one base year."""
        try:
            return self._projected(key, changes)
        except (PoolError, InputError):
            if len(changes) == 1:
                return np.full((1, len(self.figures)), np.nan)
        return np.concatenate([self._of_base(key, one[None]) for one in changes])

    @property
    def start(self) -> Array:
        """The changes from which the search starts ``[parameter]``: none, or up to a bound."""
        return np.clip(np.zeros(len(self.varied)), *self.bounds)

    def require_start(self) -> None:
        """Refuse a start that cannot be projected, or has zero in the place of a figure.

        Raises
        ------
        InputError, PoolError
            As a run of it; if a figure cannot be compared.
        """
        key = tuple((self.start * ~self._drawn).tolist())
        levels = self._projected(key, self.start[None])[0]
        for (measure, year), level in zip(self.figures, levels.tolist(), strict=True):
            if not level > 0.0:
                raise InputError(
                    "{name} projects {level:,.0f} for {measure} in {year}, which cannot be "
                    "compared in relative terms: leave the measure out",
                    name=self.scenario.name,
                    level=level,
                    measure=comparable_shown(measure),
                    year=year,
                )

    def _projected(self, key: Key, changes: Array) -> Array:
        parameters, base = self._closed(key)
        years, moved = len(parameters.years), {}
        for index in np.flatnonzero(self._drawn):
            one = self.varied[index]
            cells = np.stack([one.lever.values(one.first, x) for x in changes[:, index]])
            path = cells[:, :years] if cells.shape[-1] > 1 else cells[:, :years, 0]
            moved[one.name] = path if registry()[one.name].kind == "path" else path[:, 0]
        drawn = parameters.with_draws(moved) if moved else parameters
        for check in CHECKS:
            check(drawn)
        money = any(account(measure) for measure, _ in self.figures)
        blocks = list(cohort.stream(drawn, base, money=money))
        return np.concatenate([self._read(counts) for counts in blocks])

    def _read(self, counts: Counts) -> Array:
        """Return the figures ``[draw, figure]`` of some draws."""
        by_measure = {name: projected_draws(counts, name) for name, _ in self.figures}
        first = int(counts.years[0])
        return np.stack([by_measure[name][:, year - first] for name, year in self.figures], axis=-1)

    @cached_property
    def _drawn(self) -> Flags:
        """Which parameters are projected as draws ``[parameter]``."""
        return np.array([self._stays(index) for index in range(len(self.varied))])

    def _stays(self, index: int) -> bool:
        """Return whether the base year is the same with another value of a parameter."""
        if alike(self.varied[index].name) or closing(self.varied[index].name):
            return False
        low, high = (end[index] for end in self.bounds)
        probe = [0.0] * len(self.varied)
        probe[index] = PROBE * (high if high > 0.0 else low)
        try:
            _, other = self._closed(tuple(probe))
        except InputError:
            return False
        _, own = self._closed((0.0,) * len(self.varied))
        return bool(
            np.array_equal(own.stock, other.stock)
            and (own.totals, own.coverage) == (other.totals, other.coverage)
        )

    def _closed(self, key: Key) -> tuple[Parameters, Base]:
        """Return parameters and base year with some changes, up to the last year of a figure."""
        if key not in self._bases:
            last = max(year for _, year in self.figures)
            self._bases[key] = closed(resolve(replace(self.at(key), horizon=last)))
        return self._bases[key]

    def slopes(self, at: Array) -> Array:
        """Return the derivatives of the logarithms of the figures ``[figure, parameter]``.

        Differences to both sides, or to one where the other is not possible; zero if neither is.
        """
        low, high = self.bounds
        mean = np.array([abs(one.mean) for one in self.varied])
        step = np.diag(STEP * np.maximum(mean, 0.01 * (high - low)))
        sides = np.clip(np.concatenate([at + step, at - step]), low, high)
        points = np.concatenate([at[None], sides])
        logs = _log(self.levels(points))
        # Where a side is not possible, the middle stands for it.
        possible = np.all(np.isfinite(logs), axis=1)[:, None]
        points, logs = np.where(possible, points, at), np.where(possible, logs, logs[0])
        up, down = np.split(logs[1:], 2)
        to, back = np.split(points[1:], 2)
        width = np.diag(to - back)
        change = up - down
        change[np.abs(change) <= FLAT] = 0.0
        return np.asarray((change / np.where(width > 0.0, width, 1.0)[:, None]).T)


def _log(levels: Array) -> Array:
    """Return logarithms, NaN of what is not above zero."""
    return np.log(np.where(levels > 0.0, levels, np.nan))


def moved_figures(slopes: Array, measures: Sequence[str], fitted: Flags) -> Flags:
    """Return which figures the parameters move ``[figure]``.

    Those of a measure that some parameter moves at least :data:`SLIGHT` as much as the figure of
    the fit that it moves most: what is hardly moved says hardly anything of the parameters, and its
    residual would count as their error.

    Parameters
    ----------
    slopes
        ``[figure, parameter]``
    measures
        Of each figure.
    fitted
        Which figures are of the fit ``[figure]``.

    Examples
    --------
    >>> slopes = np.array([[0.4], [2.0], [0.1], [0.0]])
    >>> moved_figures(slopes, ["a", "a", "b", "a"], np.ones(4, dtype=bool)).tolist()
    [True, True, False, False]
    """
    size = np.abs(slopes)
    most = size[fitted].max(axis=0)
    relative = (size / np.where(most > 0.0, most, 1.0)).max(axis=1)
    names = np.asarray(measures)
    of_measure = np.array([relative[names == name].max() for name in measures])
    return np.asarray((of_measure >= SLIGHT) & size.any(axis=1))


def refuse_without_effect(varied: Iterable[Varied], slopes: Array, names: Sequence[str]) -> None:
    """Refuse parameters that move no figure.

    Raises
    ------
    InputError
        Names them.
    """
    still = [one.name for one, column in zip(varied, slopes.T, strict=True) if not column.any()]
    if still:
        raise InputError(
            "{still} moves no figure of {names}: name other parameters, years in which they "
            "count, or figures that they move"
            if len(still) == 1
            else "{still} move no figure of {names}: name other parameters, years in which they "
            "count, or figures that they move",
            still=separated(still),
            names=separated(dict.fromkeys(names)),
        )


def with_figures(
    scenario: Scenario, varied: tuple[Varied, ...], found: Sequence[Candidate]
) -> tuple[list[Candidate], Model]:
    """Return the figures, those of the fit that no parameter moves left out, and their model.

    Raises
    ------
    InputError
        If a parameter moves no figure of the fit, or the scenario cannot be projected.
    """
    used = [one for one in found if one.use != LEFT_OUT]
    keys = [(one.measure, one.year) for one in used]
    fitted = np.array([one.use == FITTED for one in used])
    model = Model(scenario, varied, keys)
    model.require_start()
    slopes = model.slopes(model.start)
    measures = np.array([measure for measure, _ in keys])
    refuse_without_effect(varied, slopes[fitted], measures[fitted].tolist())
    moved = moved_figures(slopes, measures.tolist(), fitted)
    kept = [key for key, one in zip(keys, fitted & moved, strict=True) if one]
    return (
        without_unmoved(found, dict(zip(keys, moved.tolist(), strict=True))),
        replace(model, figures=kept),
    )


def calibrated(model: Model, published: Array, errors: Array, *, known: bool) -> Estimate:
    """Return the changes of the parameters with which the figures are met best.

    Parameters
    ----------
    model
        Of the figures that are fitted.
    published
        ``[figure]``
    errors
        Their relative standard errors ``[figure]``.
    known
        Whether these are known; else only relative to each other.

    Raises
    ------
    InputError
        If the search does not end.
    """

    def residuals(changes: Array) -> Array:
        found: Array = (_log(model.levels(changes[None])[0]) - np.log(published)) / errors
        return found

    def jacobian(changes: Array) -> Array:
        return np.asarray(model.slopes(changes) / errors[:, None])

    try:
        return estimate(residuals, jacobian, model.start, model.bounds, known=known)
    except ArithmeticError as error:
        raise InputError(
            "the search finds no best {varied} ({error}): narrow the bounds, name other "
            "parameters, or correct the figures",
            varied=separated((one.name for one in model.varied), " and "),
            error=error,
        ) from None


def not_distinguished(varied: Sequence[Varied], found: Estimate) -> list[Message]:
    """Return a warning for each group of parameters that the figures do not tell apart."""
    figures, parameters = found.jacobian.shape
    notes = []
    if figures < parameters:
        notes.append(
            Message(
                "{parameters} parameters and only {figures} figures: the estimates are one of "
                "many that fit as well; calibrate fewer parameters, or give more figures",
                parameters=parameters,
                figures=figures,
            )
        )
    for group in found.together():
        names = separated((varied[index].name for index in group), " and ")
        notes.append(
            Message(
                "{names} hardly moves the figures: its estimate is arbitrary; leave it",
                names=names,
            )
            if len(group) == 1
            else Message(
                "{names} only move together: the figures determine a combination of them, not "
                "each; leave one of them out, narrow its bounds, or add figures of a measure that "
                "only one moves",
                names=names,
            )
        )
    return notes


def comments(model: Model, method: str) -> list[str]:
    """Return the lines at the top of the scenario file."""
    by = ", ".join(f"{measure} {year}" for measure, year in model.figures)
    names = ", ".join(one.name for one in model.varied)
    return [f"{model.scenario.name} with {names} calibrated ({method})", f"by {by}"]


def shown(model: Model, found: Estimate) -> Message:
    """Return the parameters with their estimates."""
    return separated(
        Message(
            "{name} at {shown}",
            name=one.name,
            shown=show(round(one.mean + float(change), 6), one.unit),
        )
        for one, change in zip(model.varied, found.values, strict=True)
    )
