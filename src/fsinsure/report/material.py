"""What a page is made of: results and what was asked about them, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fsinsure.columns import of_holder
from fsinsure.dims import TOTAL
from fsinsure.output.figures.fan_funds import Accounts, Fund, fund_of
from fsinsure.output.figures.money import total_books
from fsinsure.output.figures.style import SERIES
from fsinsure.output.figures.targets import Goal, goals
from fsinsure.output.labels import join_words, label
from fsinsure.output.numbers import Unit, unit_for, yuan_unit
from fsinsure.report.charts import Look

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from fsinsure.answer import Answer
    from fsinsure.ensembles import Ensemble
    from fsinsure.result import Result
    from fsinsure.sensitivities import Sensitivity


@dataclass(frozen=True, eq=False)
class Material:
    """What a page is made of.

    Parameters
    ----------
    result
        The run that the page is about.
    lang
        ``zh`` or ``en``.
    ensemble
        Draws of the same scenario; None where there are none.
    sensitivity
        What moves its targets and funds; None where it was not asked.
    answers
        What it takes to meet targets.
    others
        Runs to compare with.
    """

    result: Result
    lang: str
    ensemble: Ensemble | None = None
    sensitivity: Sensitivity | None = None
    answers: Sequence[Answer] = ()
    others: Sequence[Result] = ()

    def say(self, key: str, **values: object) -> str:
        """Return a label of the page."""
        return label(f"report.{key}", self.lang, **values)

    def named(self, key: str, **values: object) -> str:
        """Return a label of any kind."""
        return label(key, self.lang, **values)

    def table_name(self, table: str) -> str:
        """Return the title of a table of a result, such as ``enrollment``."""
        return of_holder("result")[table].title[self.lang]

    def short(self, name: str) -> str:
        """Return the short name of a measure or fund."""
        return label(f"short.{name}", self.lang)

    def listed(self, words: Sequence[str]) -> str:
        """Return words as a list."""
        return join_words(words, self.lang)

    def ended(self, sentence: str) -> str:
        """Return a sentence with its full stop."""
        return self.say("sentence", words=sentence)

    @property
    def every(self) -> list[Result]:
        """The run that the page is about, and those to compare with."""
        return [self.result, *self.others]

    @cached_property
    def titles(self) -> list[str]:
        """The titles of :attr:`every`."""
        return [one.scenario.title.get(self.lang, one.scenario.name) for one in self.every]

    @cached_property
    def looks(self) -> list[Look]:
        """How the lines of :attr:`every` are drawn, without their names."""
        styles = [SERIES[at % len(SERIES)] for at in range(len(self.every))]
        return [Look("", colour, dash, scenario=at) for at, (colour, dash, _) in enumerate(styles)]

    @property
    def first_year(self) -> int:
        """The base year."""
        return self.result.scenario.region.base_year

    @property
    def horizon(self) -> int:
        """The last projected year."""
        return self.result.scenario.horizon

    @property
    def place(self) -> str:
        """The name of the region."""
        region = self.result.scenario.region
        return region.names(self.lang)[region.name]

    @cached_property
    def goals(self) -> list[Goal]:
        """The targets."""
        return goals(self.result.targets, self.first_year, self.horizon)

    @cached_property
    def measures(self) -> list[str]:
        """The measures with a target, or without targets all measures of people."""
        found = dict.fromkeys(one.measure for one in self.goals)
        return [*(found or dict.fromkeys(self.people(self.result)["measure"]))]

    def people(self, result: Result) -> pd.DataFrame:
        """Return the enrollment of the region as a whole."""
        table = result.enrollment
        return table[table["level"] == TOTAL]

    def curve(self, result: Result, measure: str) -> pd.Series[float]:
        """Return the people of a measure by year."""
        rows = self.people(result)
        return rows[rows["measure"] == measure].set_index("year")["persons"].sort_index()

    @cached_property
    def unit(self) -> Unit:
        """The unit in which all people are written."""
        peaks = [self.curve(self.result, name).max() for name in self.measures]
        return unit_for(self.lang, max(float(peak) for peak in peaks))

    @cached_property
    def money(self) -> Unit:
        """The unit in which all amounts of funds are written."""
        table = self.result.ledger
        rows = table[(table["level"] == TOTAL) & (table["kind"] != "memo")]
        return yuan_unit(self.lang, float(rows["yuan"].abs().max()))

    @cached_property
    def accounts(self) -> list[dict[tuple[str, str], pd.Series[float]]]:
        """Yuan by year of each fund and kind (income, outgo, closing), of :attr:`every`."""
        return [accounts_of(one) for one in self.every]

    @cached_property
    def risks(self) -> list[Fund]:
        """The funds over the draws; none without draws."""
        if self.ensemble is None:
            return []
        tables = (self.ensemble.ledger, self.ensemble.indicators, self.ensemble.depletion)
        accounts = Accounts(*tables, self.result.ledger)
        names = self.ensemble.depletion["fund"]
        return [fund_of(accounts, str(name), self.horizon, in_yuan=True) for name in names]


def accounts_of(result: Result) -> dict[tuple[str, str], pd.Series[float]]:
    """Return yuan by year of each fund and kind."""
    books = total_books(result.ledger)
    found = {}
    for fund, kind in dict.fromkeys(zip(books["fund"], books["kind"], strict=True)):
        rows = books[(books["fund"] == fund) & (books["kind"] == kind)]
        found[str(fund), str(kind)] = rows.groupby("year")["yuan"].sum()
    return found
