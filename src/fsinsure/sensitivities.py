"""Sensitivity: which of the uncertain parameters moves people and funds, and by how much."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Final, overload

from fsinsure.analysis import sensitivity as analysis
from fsinsure.analysis.ends import run_amounts
from fsinsure.analysis.morris import available
from fsinsure.analysis.sensitivity import Points, Question
from fsinsure.analysis.subjects import subjects_of
from fsinsure.api import run
from fsinsure.checks import prepare
from fsinsure.columns import of_holder
from fsinsure.drawings import Selection, check_selection, of_one
from fsinsure.draws import alike
from fsinsure.encode import csv_files, png_bytes
from fsinsure.errors import InputError, did_you_mean
from fsinsure.files import write_run
from fsinsure.messages import separated
from fsinsure.microsim.parallel.executors import Execution
from fsinsure.result import Result
from fsinsure.scenario import opened
from fsinsure.units import is_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    import pandas as pd
    from distributed import Client
    from matplotlib.axes import Axes

    from fsinsure.analysis.uncertain import Assumption
    from fsinsure.microsim.parallel.executors import Progress
    from fsinsure.output.figures.sheet import Picture
    from fsinsure.scenario import Scenario

TORNADO, SOBOL, MORRIS = METHODS = ("tornado", "sobol", "morris")

POINTS: Final = {TORNADO: 0, SOBOL: 1_024, MORRIS: 10}
"""Points, or trajectories, unless a number is given."""

MOST: Final = 20
"""Parameters of Sobol indices, unless they are named."""

SIZES: Final = tuple(1 << power for power in range(4, 21))
"""Numbers of points of Sobol indices: powers of two, for which Sobol points are balanced."""


def sensitivity(  # noqa: PLR0913 (flat, as run)
    scenario: Scenario | str | PathLike[str],
    method: str = TORNADO,
    *,
    parameters: Sequence[str] | None = None,
    subjects: Sequence[str] | None = None,
    points: int | None = None,
    seed: int = 0,
    level: float = 0.95,
    threads: int | None = None,
    client: Client | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Return which of the uncertain parameters moves people and funds, and by how much.

    What is uncertain is what :func:`fsinsure.ensemble` draws, and with ``tornado`` also the
    assumptions that cannot be drawn. Parameters are independent; a path moves as a whole.

    Parameters
    ----------
    scenario
        As of :func:`fsinsure.run`.
    method
        ``tornado``: each parameter at its 10th and at its 90th percentile, all others as they are.
        ``sobol``: the shares of the variance that each parameter, and each group with the same
        basis, explains alone (first) and with all its interactions (total).
        ``morris``: mean and standard deviation of elementary effects; needs the extra
        ``sensitivity``.
    parameters
        What is moved; by default everything uncertain, of Sobol indices the 20 with the largest
        share in the tornado of any subject. The others keep the values of the scenario.
    subjects
        What is asked about, such as ``measure.unemployment`` (in the year of its target) or
        ``fund.pension.enterprise`` (balance at the horizon); by default each measure with a target
        (without targets each measure) and each fund. Without funds only people are projected, which
        is faster.
    points
        Of ``sobol``: points of each of two matrices, a power of two; of ``morris``: trajectories.
        By default 1,024 and 10. Each takes two projections, and one more for each parameter and
        group; of ``morris`` one for each parameter, and one more.
    seed
        Of points, trajectories and intervals.
    level
        Of the intervals of indices.
    threads, client, progress
        As of :func:`fsinsure.ensemble`.

    Returns
    -------
    Sensitivity
        Tables and pictures; the same bits for any threads and workers.

    Raises
    ------
    InputError
        If an argument is invalid; if nothing is uncertain; if parameters of ``sobol`` or ``morris``
        are correlated; if no point could be projected; as :func:`fsinsure.run`.

    Examples
    --------
    >>> import fsinsure as fs
    >>> found = fs.sensitivity("baseline", subjects=["measure.unemployment"])
    >>> found.tornado["parameter"].iat[0]
    'growth.employee'
    """
    asked_points = _checked(method, points, seed, level)
    clock, started = time.perf_counter(), datetime.now(UTC)
    central = run(opened(scenario))
    plan = central.scenario
    asked = _asked(plan, run_amounts(central.projection, subjects_of(plan)), subjects)
    question = Question(plan, *prepare(plan), central.projection, asked)
    drawn, alone = analysis.movable(plan, parameters)
    where = Execution(threads, client, progress)
    if method == TORNADO:
        found = analysis.tornado(question, drawn, alone, where)
        names = (*(one.name for one in drawn), *(one.name for one in alone))
    else:
        _drawable(alone if parameters is not None else (), method)
        if parameters is not None:
            analysis.independent(plan, drawn, method)
        everything = analysis.movable(plan, None)
        found = analysis.tornado(question, *everything, Execution(threads, client))
        if parameters is None and method == SOBOL:
            drawn = analysis.chosen(found["tornado"], drawn, MOST)
        analysis.independent(plan, drawn, method)
        compute = analysis.variance if method == SOBOL else analysis.screening
        found = compute(question, drawn, found, asked_points, where)
        names = tuple(one.name for one in drawn)
    setting = Setting(method, names, asked_points)
    return Sensitivity(central, setting, found, started, time.perf_counter() - clock)


def _checked(method: str, points: int | None, seed: int, level: float) -> Points:
    """Refuse invalid arguments."""
    if method not in METHODS:
        hint = did_you_mean(str(method), METHODS)
        raise InputError(
            "method must be one of {methods}, not {method!r}.{hint}",
            methods=separated(METHODS),
            method=method,
            hint=hint,
        )
    if method == MORRIS:
        available()
    if points is not None and method == TORNADO:
        raise InputError("points are of method='sobol' and method='morris': leave them out")
    count = POINTS[method] if points is None else points
    if method == SOBOL and (not is_whole(count) or count not in SIZES):
        raise InputError(
            "points must be a power of two from {least} to {most:,}, not {count!r}",
            least=SIZES[0],
            most=SIZES[-1],
            count=count,
        )
    if method == MORRIS and (not is_whole(count) or not 2 <= count <= SIZES[-1]):
        raise InputError("points must be a whole number from 2 on, not {count!r}", count=count)
    if not is_whole(seed) or not 0 <= seed < 2**32:
        raise InputError("seed must be a whole number from 0 to 2^32 - 1, not {seed!r}", seed=seed)
    if not 0.0 < level < 1.0:
        raise InputError("level must lie between 0 and 1, such as 0.95, not {level!r}", level=level)
    return Points(count, seed, level)


def _asked(
    scenario: Scenario, amounts: Mapping[str, float], subjects: Sequence[str] | None
) -> dict[str, int]:
    """Return what is asked about, and when; a balance that is not known is none."""
    wanted = subjects_of(scenario)
    known = {name: year for name, year in wanted.items() if not isnan(amounts[name])}
    if subjects is None:
        return known
    chosen = [subjects] if isinstance(subjects, str) else [*subjects]
    for name in chosen:
        if name not in known:
            hint = did_you_mean(str(name), known)
            raise InputError(
                "{name!r} is not a subject.{hint} Use one of {known}",
                name=name,
                hint=hint,
                known=separated(known),
            )
    if not chosen:
        raise InputError(
            "subjects is empty: name one of {known}, or leave it out", known=separated(known)
        )
    return {name: known[name] for name in known if name in chosen}


def _drawable(alone: Sequence[Assumption], method: str) -> None:
    """Refuse named parameters that cannot vary by draw."""
    for one in alone:
        raise InputError(
            "{name} cannot vary by draw: {alike}. Leave it out with method={method!r}; "
            "method='tornado' has it",
            name=one.name,
            alike=alike(one.name),
            method=method,
        )


@dataclass(frozen=True)
class Setting:
    """The method, what was moved, and the points."""

    method: str
    parameters: tuple[str, ...]
    points: Points


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Which parameters move people and funds.

    Each access to a table returns a copy: editing it changes neither the object nor its files.

    Parameters
    ----------
    central
        The run of the scenario itself.
    setting
        How it was made.
    tables
        The tables by name.
    started, seconds
        Start, and duration in seconds.
    """

    central: Result
    setting: Setting
    tables: Mapping[str, pd.DataFrame]
    started: datetime
    seconds: float

    def __repr__(self) -> str:
        """Return the scenario, the method, the number of parameters and the duration."""
        count = len(self.setting.parameters)
        return (
            f"<Sensitivity of {self.scenario.name}: {self.setting.method} of {count} parameters, "
            f"{self.seconds:.1f} s>"
        )

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.central.scenario

    @property
    def tornado(self) -> pd.DataFrame:
        """What both ends of each range move; of everything uncertain, whatever the method.

        Columns in :func:`fsinsure.analysis.sensitivity_tables.tornado`.
        """
        return self._table("tornado", TORNADO)

    @property
    def groups(self) -> pd.DataFrame:
        """How much of the variance each basis explains: what research could remove.

        Columns in :func:`fsinsure.analysis.sensitivity_tables.by_basis`, with ``sobol`` also in
        :func:`fsinsure.analysis.sensitivity_tables.grouped`.
        """
        return self._table("groups", TORNADO)

    @property
    def subjects(self) -> pd.DataFrame:
        """What is asked about; columns in :func:`fsinsure.analysis.sensitivity_tables.subjects`.

        With ``sobol`` also in :func:`fsinsure.analysis.sensitivity_tables.variances`.
        """
        return self._table("subjects", TORNADO)

    @property
    def indices(self) -> pd.DataFrame:
        """Sobol indices; columns in :func:`fsinsure.analysis.sensitivity_tables.indices`."""
        return self._table("indices", SOBOL)

    @property
    def screening(self) -> pd.DataFrame:
        """Elementary effects; columns in :func:`fsinsure.analysis.sensitivity_tables.screening`."""
        return self._table("screening", MORRIS)

    def _table(self, name: str, method: str) -> pd.DataFrame:
        """Return a copy of a table; InputError if another method makes it."""
        if name not in self.tables:
            raise InputError(
                "{name} needs method={method!r}, not {setting_method!r}",
                name=name,
                method=method,
                setting_method=self.setting.method,
            )
        return self.tables[name].copy()

    @property
    def meta(self) -> dict[str, object]:
        """Identification, as in ``run.json``."""
        setting = self.setting
        of = {"method": setting.method, "parameters": [*setting.parameters]}
        points = {} if setting.method == TORNADO else asdict(setting.points)
        return {
            **self.central.meta,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 4),
            "sensitivity": {**of, **points},
        }

    def about(self, lang: str = "zh") -> str:
        """Return what the picture rests on: data, assumptions, engine, points and their seed."""
        from fsinsure.output.labels import label

        words, points = self.central.plot.about(lang), self.setting.points
        if self.setting.method != SOBOL:
            return words
        return f"{words} · {label('about.points', lang, points=points.count, seed=points.seed)}"

    @overload
    def plot(self, lang: str = ..., *, subject: str | None = ...) -> Picture: ...
    @overload
    def plot(self, lang: str = ..., *, subject: str | None = ..., ax: Axes) -> Axes: ...
    def plot(
        self, lang: str = "zh", *, subject: str | None = None, ax: Axes | None = None
    ) -> Picture | Axes:
        """Draw the tornado of each subject, with ``sobol`` its indices; ``lang`` zh or en.

        Of all subjects, or of one `subject`. With `ax` one is drawn on these axes, which are
        returned.
        """
        from fsinsure.output.figures.context import drawing
        from fsinsure.output.figures.indices import indices
        from fsinsure.output.figures.tornado import tornado

        title = self.scenario.title.get(lang, self.scenario.name)
        subjects = of_one(self.subjects, "subjects", "subject", subject)
        sobol = self.setting.method == SOBOL
        draw, table = (indices, self.indices) if sobol else (tornado, self.tornado)
        with drawing(self.about, ax):
            picture = draw(table, self.groups, subjects, lang=lang, title=title)
        return picture if ax is None else ax

    def write(
        self, folder: str | Path, *, lang: str = "zh", plots: Selection = "main"
    ) -> list[Path]:
        """Write the tables, ``run.json`` and the picture into a folder.

        Parameters
        ----------
        folder
            Made if it is not there. A run that it holds is replaced as a whole.
        lang
            ``zh`` or ``en``, for the picture; the tables are the same.
        plots
            ``none`` draws no picture; ``main`` and ``all`` draw the one there is.

        Raises
        ------
        InputError
            If `plots` is none of these; as :func:`fsinsure.files.write_run`.
        """
        check_selection(plots)
        others = of_holder("sensitivity").keys() - self.tables.keys()
        contents = csv_files("sensitivity", self, lang, leave_out=others)
        if plots != "none":
            name = "indices" if self.setting.method == SOBOL else TORNADO
            contents[f"{name}.png"] = png_bytes(self.plot(lang))
        return write_run(Path(folder), contents, self.meta)
