"""The tables of a run, each made on first access; columns are described in ``data/columns.csv``.

The modules that make them import pandas, and are imported with the first table: a run has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from fsinsure.analysis.observations import met_ends
from fsinsure.cached import cached_table
from fsinsure.errors import InputError
from fsinsure.output.labelled import labelled
from fsinsure.output.labels import check_language

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd

    from fsinsure.engine.identities import Check
    from fsinsure.engine.projection import Projection
    from fsinsure.microsim.simulate import Simulation
    from fsinsure.parameters import Parameters
    from fsinsure.scenario import Scenario

OF_PERSONS = ("distributions", "quantiles", "panel")
"""Tables of simulated persons."""


@dataclass(frozen=True, eq=False)
class ResultTables:
    """The tables of a run.

    Each access to a table returns a copy: editing it changes neither the result nor its files.

    Parameters
    ----------
    scenario
        The scenario that was run.
    resolved
        Its parameters as arrays.
    projection
        The arrays that the engine returned.
    checks
        The identities that were checked; all hold.
    started, seconds
        Start of the run, and its duration in seconds.
    simulation
        The simulated persons and their exact counts; None for the cohort engine.
    """

    scenario: Scenario
    resolved: Parameters
    projection: Projection
    checks: tuple[Check, ...]
    started: datetime
    seconds: float
    simulation: Simulation | None = None

    def tables(self, lang: str = "zh") -> pd.DataFrame:
        """List the tables of a result.

        Columns: table, title, levels (whether it has areas and their total), columns, file.

        Parameters
        ----------
        lang
            ``zh`` or ``en``, for the titles.
        """
        from fsinsure import tables

        others = () if self.simulation else OF_PERSONS
        return tables.listing("result", check_language(lang), others)

    def total(self, table: str) -> pd.DataFrame:
        """Return the rows of the whole region, without level and area.

        Parameters
        ----------
        table
            A table with areas and their total: ``enrollment``, ``stocks``, ``flows``,
            ``channels``, ``ledger`` or ``published``; else InputError.
        """
        from fsinsure import tables

        return tables.of_level(self, table, "total")

    def areas(self, table: str) -> pd.DataFrame:
        """Return the rows of the areas, without their total; `table` as in :meth:`total`.

        Areas are in the order of the region. Balances of the funds are of the region only.
        """
        from fsinsure import tables

        return tables.of_level(self, table, "area")

    def labelled(self, table: str, *, lang: str = "zh", unit: str | None = None) -> pd.DataFrame:
        """Return a table with headings, texts and units in words; values keep their digits.

        Parameters
        ----------
        table
            A name of :meth:`tables`, except ``explain``, ``panel`` and ``remaining``.
        lang
            ``zh`` or ``en``.
        unit
            In which people or money are shown, such as ``万人``, ``亿元`` or ``billion yuan``; as
            they are by default. Shares are shown as per cent.

        Raises
        ------
        InputError
            If the table, the language or the unit is unknown, or no column has such a unit.
        """
        from fsinsure import tables

        one = tables.registered(self, table)
        places = self.scenario.region.names(check_language(lang))
        return labelled(getattr(self, table), one, places, lang=lang, unit=unit)

    @cached_table
    def enrollment(self) -> pd.DataFrame:
        """People in each measure: scenario, year, level, area, measure, persons."""
        from fsinsure import tables

        return tables.enrollment(self.projection, self.scenario.name)

    @cached_table
    def stocks(self) -> pd.DataFrame:
        """People of each status: scenario, year, level, area, sex, age_group, status, persons."""
        from fsinsure import tables

        return tables.stocks(self.projection, self.scenario.name)

    @cached_table
    def flows(self) -> pd.DataFrame:
        """Changes of status: scenario, year, level, area, from_status, to_status, persons."""
        from fsinsure import tables

        return tables.flows(self.projection, self.scenario.name)

    @cached_table
    def channels(self) -> pd.DataFrame:
        """Decomposition of the increments of each measure into channels.

        Columns: scenario, measure, level, area, from_year, to_year, channel, persons.
        """
        from fsinsure.analysis import channels

        return channels.table(self.projection, self.scenario.name)

    @cached_table
    def targets(self) -> pd.DataFrame:
        """Projection against the plan; columns in :func:`fsinsure.analysis.targets.table`."""
        from fsinsure.analysis import targets

        plan, published = self.scenario, self.expected.enrollment
        return targets.table(self.enrollment, published, plan.targets, plan.horizon, plan.name)

    def remaining(self, since: int | None = None) -> pd.DataFrame:
        """Return what the years after one must bring to each target.

        Columns: scenario, measure, since, published, persons, year, target, growth_required; see
        :func:`fsinsure.analysis.targets.remaining`. People are expected values, also where persons
        were simulated.

        Parameters
        ----------
        since
            A projected year or the base year for all measures; by default for each the last year
            whose end has a figure of it that the scenario observes, or as
            :func:`fsinsure.analysis.targets.last_known`.

        Raises
        ------
        InputError
            If `since` is not a year of the projection.
        """
        from fsinsure.analysis import targets

        plan, years = self.scenario, self.projection.years.tolist()
        known = targets.known_since(plan.targets, met_ends(plan), years, since)
        return targets.remaining(self.expected.enrollment, plan.targets, known, plan.name)

    def explain(self, measure: str, year: int, area: str | None = None) -> pd.DataFrame:
        """Explain people level by level; see :func:`fsinsure.analysis.explain.table`.

        They are expected values, also where persons were simulated.
        """
        from fsinsure.analysis import explain

        return explain.table(self.expected.projection, self.resolved, measure, year, area)

    @cached_table
    def published(self) -> pd.DataFrame:
        """Published figures of the region, and a user's own that are met.

        Columns in :func:`fsinsure.tables.published`.
        """
        from fsinsure import tables

        own = {one.outcome for one in self.scenario.solved or ()}
        given = self.scenario.actuals.rows if self.scenario.actuals else ()
        return tables.published(self.scenario.region, [one for one in given if one in own])

    @cached_table
    def ledger(self) -> pd.DataFrame:
        """Accounts of the funds: scenario, year, level, area, fund, item, kind, yuan."""
        from fsinsure import tables

        return tables.ledger(self.projection, self.scenario.name)

    @cached_table
    def indicators(self) -> pd.DataFrame:
        """Indicators of the funds and of the other goals of the plan.

        Columns: scenario, year, fund, indicator, value, unit, low, high, bound, level; see
        :func:`fsinsure.analysis.indicators.table`.
        """
        from fsinsure.analysis import indicators

        return indicators.table(self.projection, self.resolved, self.scenario.name)

    @cached_table
    def distributions(self) -> pd.DataFrame:
        """Histograms of pensions, contribution months and replacement rates.

        Columns: scenario, year, quantity, group, of, low, high, persons; see
        :func:`fsinsure.analysis.distributions.histogram`. For simulated persons only.
        """
        from fsinsure.analysis import distributions

        persons = self._persons
        return distributions.histogram(
            persons.counters, persons.plan.members, 1.0 / persons.plan.scale, self.scenario.name
        )

    @cached_table
    def quantiles(self) -> pd.DataFrame:
        """Means and quantiles of the same quantities.

        Columns: scenario, year, quantity, unit, group, of, persons, mean, p5 to p95; see
        :func:`fsinsure.analysis.distributions.quantiles`.
        """
        from fsinsure.analysis import distributions

        persons = self._persons
        return distributions.quantiles(
            persons.counters, persons.plan.members, 1.0 / persons.plan.scale, self.scenario.name
        )

    def panel(
        self,
        ids: Sequence[int] | None = None,
        *,
        sample: int = 1_000,
        entering: int | None = None,
        status: str | None = None,
        sex: str | None = None,
        ages: tuple[int, int] | None = None,
    ) -> pd.DataFrame:
        """Return persons year by year: those with `ids`, or a sample.

        Columns: scenario, and those of :func:`fsinsure.microsim.panel.follow`.

        Parameters
        ----------
        ids
            The persons to follow.
        sample
            Number of persons if no `ids` are given, spread evenly over those who enter in a year.
        entering
            The year at whose end the sampled persons are first present: the base year unless a
            later one is given, for births and arrivals of that year.
        status, sex, ages
            Of whom the sample is, at the end of that year: such as ``employee``, ``female`` and
            ``(40, 59)``, the youngest and the oldest.

        Raises
        ------
        InputError
            If nobody is such; if `ids` are given too, which need no choice.
        """
        import pandas as pd

        from fsinsure.microsim.panel import EVERYBODY, Wanted, follow, sampled

        plan, wanted = self._persons.plan, Wanted(status, sex, ages)
        if ids is not None and wanted != EVERYBODY:
            raise InputError("give ids, or status, sex and ages of a sample, not both")
        year = self.scenario.region.base_year if entering is None else entering
        chosen = sampled(plan, sample, year, wanted) if ids is None else ids
        found = pd.DataFrame(follow(plan, chosen))
        found.insert(0, "scenario", self.scenario.name)
        return found

    @property
    def expected(self) -> Self:
        """The same result by the expected values of the cohort engine."""
        if self.simulation is None:
            return self
        return replace(self, projection=self.simulation.expected, simulation=None)

    @property
    def _persons(self) -> Simulation:
        if self.simulation is None:
            raise InputError(
                "the cohort engine has no individual persons: run the scenario with engine='micro'"
            )
        return self.simulation

    @cached_table
    def parameters(self) -> pd.DataFrame:
        """Values in use; columns in :func:`fsinsure.tables.parameters`."""
        from fsinsure import tables

        return tables.parameters(self.resolved, self.scenario.name)
