"""Calibrate a scenario: the parameters with which it comes closest to published figures."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, overload

import numpy as np

from fsinsure.analysis import calibration_tables as tables
from fsinsure.analysis.calibration import (
    calibrated,
    comments,
    not_distinguished,
    shown,
    with_figures,
)
from fsinsure.analysis.calibration_asked import (
    LEAST_SQUARES,
    LIKELIHOOD,
    check_asked,
    errors_of,
    parameters_of,
)
from fsinsure.analysis.calibration_figures import FITTED, HELD_OUT, Choice, candidates
from fsinsure.analysis.measured import base_year, projected
from fsinsure.api import run
from fsinsure.cached import cached_table
from fsinsure.drawings import check_selection, of_one
from fsinsure.encode import csv_files, png_bytes
from fsinsure.errors import (
    FsinsureWarning,
    IdentifiabilityWarning,
    IdentityError,
    InputError,
    ObservedWarning,
    PoolError,
)
from fsinsure.files import write_run
from fsinsure.region.outcomes import comparable_named, of_region, published
from fsinsure.region.own_outcomes import judging, with_own
from fsinsure.scenario import opened
from fsinsure.scenario.loader import parsed
from fsinsure.scenario.writing import file_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    import pandas as pd
    from matplotlib.axes import Axes

    from fsinsure.analysis.calibration import Model
    from fsinsure.analysis.calibration_asked import Bound, Varied
    from fsinsure.analysis.calibration_figures import Candidate
    from fsinsure.arrays import Array
    from fsinsure.drawings import Selection
    from fsinsure.numeric.estimation import Estimate
    from fsinsure.output.figures.sheet import Picture
    from fsinsure.region.own_outcomes import Actuals
    from fsinsure.result import Result
    from fsinsure.scenario import Scenario

FILE: Final = "calibrated.yaml"
"""The scenario file of a calibration."""

LONGEST_NAME: Final = 52
"""Letters of the name of the scenario that the calibrated one keeps."""

REPRODUCED: Final = 1e-9
"""How far the rerun may be from what the search found, relative."""

HISTORY: Final = 5
"""Years before the base year of which the picture shows what was published."""


def calibrate(  # noqa: PLR0913 (flat, so that a notebook needs no other name)
    scenario: Scenario | str | PathLike[str],
    parameters: Sequence[str] | str,
    *,
    bounds: Mapping[str, Bound] | None = None,
    years: Mapping[str, tuple[int, int]] | None = None,
    measures: Sequence[str] | None = None,
    outcomes: str | PathLike[str] | pd.DataFrame | None = None,
    hold_out: Sequence[int] = (),
    sigma: Mapping[str, float | str] | float | str | None = None,
    method: str = LEAST_SQUARES,
) -> Calibration:
    """Return the parameters with which a scenario comes closest to published figures.

    Each parameter changes by the same amount in all of its years. Minimised is the sum of squares
    of the logarithms of projected over published (docs/calibrate.md). What is printed and returned
    is of a rerun of the scenario file of the calibration.

    Parameters
    ----------
    scenario
        As of :func:`fsinsure.run`; it observes no figures itself.
    parameters
        The names of paths or numbers.
    bounds
        The lowest and the highest value by parameter, numbers or texts such as ``"5%"``; by default
        what the parameter may be at all.
    years
        The first and the last year in which a path changes, by parameter; by default all projected
        years.
    measures
        Those whose figures are used; by default all that have figures.
    outcomes
        A CSV file or a DataFrame with the columns measure, date, value and unit at least
        (docs/regions.md), in the place of the region's figures of the same measure and year.
    hold_out
        Years whose figures are not used for the fit: they judge it, beside the last growth carried
        on.
    sigma
        The relative standard error of a figure by measure, or one for all; by default equal.
    method
        ``least_squares``: the size of the errors is estimated from the residuals. ``likelihood``:
        it is `sigma`.

    Returns
    -------
    Calibration
        The estimates with intervals, the fit, and the scenario with its file.

    Warns
    -----
    IdentifiabilityWarning
        If the figures do not tell some parameters apart; names them.
    ObservedWarning
        If a row of `outcomes` is not later than the base year, or later than the horizon.

    Raises
    ------
    InputError
        As :func:`fsinsure.run`; if a parameter, bounds, years, measures, figures, errors or the
        method cannot be used; if a parameter moves no figure: says what to change.

    Examples
    --------
    >>> import fsinsure as fs
    >>> found = fs.calibrate("example", ["growth.employee", "growth.flexible"], hold_out=[2024])
    >>> bool(found.errors["fit_after"] < found.errors["fit_before"])
    True
    """
    chosen = opened(scenario)
    check_asked(chosen, method, hold_out)
    own = _own(chosen, outcomes)
    varied = parameters_of(chosen, parameters, bounds or {}, years or {})
    names = tuple(one.name for one in varied)
    wanted = None if measures is None else _listed(measures)
    before = run(chosen)
    held = tuple(int(one) for one in hold_out)
    found = candidates(chosen, Choice(names, wanted, held, own, base_year(before.projection)))
    found, model = with_figures(chosen, varied, found)
    used = [one for one in found if one.use == FITTED]
    error = errors_of(sigma, _measures(used), needed=method == LIKELIHOOD)
    estimate = calibrated(
        model,
        np.array([one.outcome.amount for one in used]),
        np.array([error[one.measure] for one in used]),
        known=method == LIKELIHOOD,
    )
    for note in not_distinguished(varied, estimate):
        warnings.warn(IdentifiabilityWarning(note), stacklevel=2)
    after, text = _rerun(model, estimate, method)
    return Calibration(before, after, varied, tuple(found), estimate, method, error, own, text)


def _listed(measures: Sequence[str]) -> tuple[str, ...]:
    asked = (measures,) if isinstance(measures, str) else measures
    return tuple(dict.fromkeys(comparable_named(one) for one in asked))


def _measures(found: Sequence[Candidate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.measure for one in found))


def _own(scenario: Scenario, outcomes: str | PathLike[str] | pd.DataFrame | None) -> Actuals | None:
    """Return the figures of a table of the user that can be compared."""
    if outcomes is None:
        return None
    own, notes = judging(outcomes, scenario.region, scenario.horizon)
    for text in notes:
        warnings.warn(ObservedWarning(text), stacklevel=3)
    return own


def _rerun(model: Model, found: Estimate, method: str) -> tuple[Result, str]:
    """Run the scenario file of a calibration, and check that it is what the search found."""
    old = model.scenario
    name = f"{old.name[:LONGEST_NAME]}-calibrated"
    moved = model.at(found.values)
    measures = [measure for measure, _ in model.figures]
    by = tables.fitted_by(model.varied, found, measures)
    solved = replace(
        moved, name=name, title={"zh": name, "en": name}, fitted={**by, **moved.fitted}
    )
    text = file_text(solved, comments(model, method))
    assert old.folder is not None
    with warnings.catch_warnings():  # those of the scenario as it was were given
        warnings.simplefilter("ignore", FsinsureWarning)
        try:
            after = run(parsed(text, old.folder, FILE))
        except (PoolError, InputError) as error:
            raise InputError(
                "with {shown} the scenario cannot be projected: {error} Narrow the bounds, or let "
                "paths change up to the last figure only (years)",
                shown=shown(model, found),
                error=error,
            ) from None
    expected = model.levels(found.values[None])[0]
    given = _levels(after, model.figures)
    if not np.allclose(given, expected, rtol=REPRODUCED, atol=0.0):
        worst = int(np.argmax(np.abs(given / expected - 1.0)))
        raise IdentityError(
            "the scenario file of the calibration gives {given:,.2f} for {figures}, not "
            "{expected:,.2f}. Please report this.",
            given=given[worst],
            figures=" ".join(map(str, model.figures[worst])),
            expected=expected[worst],
        )
    return after, text


def _levels(result: Result, figures: Sequence[tuple[str, int]]) -> Array:
    """Return what a run has in the place of figures ``[figure]``."""
    by_measure = {name: projected(result.projection, name) for name, _ in figures}
    return np.array([by_measure[name][year] for name, year in figures])


@dataclass(frozen=True, eq=False)
class Calibration:
    """The parameters with which a scenario comes closest to published figures.

    Parameters
    ----------
    before, after
        The run of the scenario as it was, and that of :attr:`text`.
    varied
        The parameters with their own values.
    figures
        The published figures and their use.
    estimate
        What the search found.
    method, sigma
        As asked; the standard errors by measure, 1 where only their relation counts.
    actuals
        The figures of the user; None without any.
    text
        The scenario file with the estimates; it belongs into the folder of the scenario where that
        names files or a region of its own.
    """

    before: Result
    after: Result
    varied: tuple[Varied, ...]
    figures: tuple[Candidate, ...]
    estimate: Estimate
    method: str
    sigma: Mapping[str, float]
    actuals: Actuals | None
    text: str

    def __repr__(self) -> str:
        """Return the scenario, the parameters and the number of figures."""
        names = ", ".join(one.name for one in self.varied)
        used = len(self.estimate.residuals)
        return f"<Calibration of {self.before.scenario.name}: {names} by {used} figures>"

    @property
    def scenario(self) -> Scenario:
        """The scenario with the estimates; what its figures set is named by its ``fitted``."""
        return self.after.scenario

    @property
    def errors(self) -> dict[str, float]:
        """Mean absolute errors; see :func:`fsinsure.analysis.calibration_tables.mean_errors`."""
        return tables.mean_errors(self.fit)

    @property
    def together(self) -> tuple[tuple[str, ...], ...]:
        """The groups of parameters that the figures do not tell apart."""
        groups = self.estimate.together()
        return tuple(tuple(self.varied[index].name for index in group) for group in groups)

    @cached_table
    def parameters(self) -> pd.DataFrame:
        """Estimates; see :func:`fsinsure.analysis.calibration_tables.parameters`."""
        return self._named(tables.parameters(self.varied, self.estimate))

    @cached_table
    def fit(self) -> pd.DataFrame:
        """Published and projected; see :func:`fsinsure.analysis.calibration_tables.figures`."""
        names = _measures(self.figures)
        return self._named(tables.figures(self.figures, *self._projected(names)))

    @cached_table
    def directions(self) -> pd.DataFrame:
        """Conditions; see :func:`fsinsure.analysis.calibration_tables.directions_of`."""
        return self._named(tables.directions_of(self.varied, self.estimate))

    @cached_table
    def correlations(self) -> pd.DataFrame:
        """Of estimates; see :func:`fsinsure.analysis.calibration_tables.correlations_of`."""
        return self._named(tables.correlations_of(self.varied, self.estimate))

    @cached_table
    def curves(self) -> pd.DataFrame:
        """Projections of the measures: scenario, measure, year, before, after."""
        names = tables.shown_measures(self.figures)
        return self._named(tables.curves(names, *self._projected(names)))

    def _projected(self, names: Sequence[str]) -> list[dict[str, dict[int, float]]]:
        runs = (self.before, self.after)
        return [{name: projected(one.projection, name) for name in names} for one in runs]

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        table.insert(0, "scenario", self.before.scenario.name)
        return table

    @overload
    def plot(self, lang: str = ..., *, measure: str | None = ...) -> Picture: ...
    @overload
    def plot(self, lang: str = ..., *, measure: str | None = ..., ax: Axes) -> Axes: ...
    def plot(
        self, lang: str = "zh", *, measure: str | None = None, ax: Axes | None = None
    ) -> Picture | Axes:
        """Draw published figures and the projections before and after, a panel a measure.

        Of all measures, or of one `measure`; with `ax` on these axes, which are returned.
        """
        from fsinsure.output.figures.calibration import calibration as draw
        from fsinsure.output.figures.context import drawing

        scenario = self.before.scenario
        region = scenario.region
        known = published(with_own(region, self.actuals), region.conflicts)
        history = [
            (name, year, one.amount)
            for name in tables.shown_measures(self.figures)
            for year, one in of_region(known, name).items()
            if region.base_year - HISTORY <= year <= region.base_year
        ]
        title = scenario.title.get(lang, scenario.name)
        curves = of_one(self.curves, "curves", "measure", measure)
        fit = of_one(self.fit, "fit", "measure", measure)
        shown, errors = (curves, fit, history, region.base_year), tables.mean_errors(fit)
        with drawing(self.before.plot.about, ax):
            picture = draw(*shown, errors=errors, lang=lang, title=title)
        return picture if ax is None else ax

    def write(
        self, folder: str | Path, *, lang: str = "zh", plots: Selection = "main"
    ) -> list[Path]:
        """Write the tables, the scenario file, ``run.json`` and the picture into a folder.

        Parameters
        ----------
        folder
            Made if it is not there. A run that it holds is replaced as a whole.
        lang
            ``zh`` or ``en``, for the picture; the tables are the same.
        plots
            ``none`` draws no picture; ``main`` and ``all`` draw the one there is.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        InputError
            If `plots` is none of these; as :func:`fsinsure.files.write_run`.
        """
        check_selection(plots)
        contents = {**csv_files("calibration", self, lang), FILE: self.text.encode("utf-8")}
        if plots != "none":
            contents["calibrate.png"] = png_bytes(self.plot(lang))
        return write_run(Path(folder), contents, {**self.before.meta, "calibrate": self._asked})

    @property
    def _asked(self) -> dict[str, object]:
        """What ``run.json`` says of the calibration."""
        scale = self.estimate.scale
        return {
            **{"method": self.method, "sigma": dict(self.sigma)},
            **{"parameters": [one.name for one in self.varied]},
            **{"figures": len(self.estimate.residuals), "freedom": self.estimate.freedom},
            **{"scale": None if np.isnan(scale) else scale},
            **{"together": [list(group) for group in self.together]},
            "hold_out": sorted({one.year for one in self.figures if one.use == HELD_OUT}),
            "outcomes": None if self.actuals is None else self.actuals.record,
        }
