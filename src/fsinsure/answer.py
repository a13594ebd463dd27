"""The answer of a solve of one lever: tables, the scenario file, and its rerun."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.analysis import solved
from fsinsure.analysis.solve import CLOSE, Aim, Found, Lever
from fsinsure.api import run
from fsinsure.cached import cached_table
from fsinsure.dims import TOTAL
from fsinsure.encode import csv_files
from fsinsure.errors import FsinsureWarning, IdentityError
from fsinsure.files import write_run
from fsinsure.messages import Message
from fsinsure.registry import registry
from fsinsure.result import Result
from fsinsure.scenario.loader import parsed
from fsinsure.scenario.writing import file_text
from fsinsure.units import show

if TYPE_CHECKING:
    import pandas as pd

    from fsinsure.analysis.likely import Chances
    from fsinsure.output.terminal.solve import Solution
    from fsinsure.scenario import Scenario

FILE: Final = "solved.yaml"
"""The scenario file of an answer."""

LONGEST_NAME: Final = 56
"""Letters of the name of the scenario that its answer keeps."""


def projected(result: Result, aim: Aim) -> float:
    """Return what a run has in the place of a target."""
    if aim.money:
        return balance(result, aim.subject, aim.year)
    table = result.enrollment
    rows = (table["level"] == TOTAL) & (table["year"] == aim.year)
    return float(table.loc[rows & (table["measure"] == aim.subject), "persons"].iloc[0])


def balance(result: Result, fund: str, year: int) -> float:
    """Return the balance of a fund at the end of a year, yuan."""
    index = year - result.scenario.region.base_year
    return float(result.projection.ledger.closing[fund][index])


def rerun(changed: Scenario, comment: str) -> tuple[str, Result]:
    """Return a scenario with changes as the text of a file, and the run of that file."""
    name = f"{changed.name[:LONGEST_NAME]}-solved"
    titled = replace(changed, name=name, title={"zh": name, "en": name}, solved=None)
    text = file_text(titled, [comment])
    assert changed.folder is not None
    with warnings.catch_warnings():  # those of the unsolved scenario were given
        warnings.simplefilter("ignore", FsinsureWarning)
        return text, run(parsed(text, changed.folder, FILE))


def reproduced(after: Result, aim: Aim, level: float, what: str | Message) -> None:
    """Raise an IdentityError if a rerun does not give a level."""
    # A rerun that observes solves its years again, which leaves a part of a person.
    given = projected(after, aim)
    if abs(given - level) > max(100 * CLOSE[aim.unit], 1e-9 * abs(level)):
        raise IdentityError(
            "the scenario file of the answer gives {given:,.2f} for {what}, not {level:,.2f}. "
            "Please report this.",
            given=given,
            what=what,
            level=level,
        )


@dataclass(frozen=True, eq=False)
class Answer:
    """What it takes to meet a target, and what that costs.

    Parameters
    ----------
    target
        The measure, or ``balance.`` and the fund.
    aim
        What is met, in which year.
    moved
        The lever with its own values.
    since, found
        The first year in which it changes, and by how much in every year. Where the unsolved
        scenario is above the target, that is how far the lever may give way: until the target is
        met exactly, or up to its bound.
    before, after
        The run of the unsolved scenario, and that of :attr:`text`.
    text
        The scenario file that reproduces the answer; it belongs into the folder of the scenario
        where that names files or a region of its own.
    latest, latest_value
        The latest year from which a change within the bounds still meets the target, and the value
        of the lever that it takes in the year of the target. None where the unsolved scenario
        meets it, or no later start does, or a probability was asked for.
    chances
        The probability of the target, where one was asked for; `found` then has the level that
        such a share of the draws reaches.
    """

    target: str
    aim: Aim
    moved: Lever
    since: int
    found: Found
    before: Result
    after: Result
    text: str
    latest: int | None
    latest_value: float | None
    chances: Chances | None = None

    def __repr__(self) -> str:
        """Return the target, the lever and its change."""
        change = show(round(self.found.change, 6), registry()[self.lever].unit)
        return f"<Answer: {self.target} in {self.aim.year} by {self.lever}, changed by {change}>"

    @property
    def lever(self) -> str:
        """The name of the lever."""
        return self.moved.name

    @property
    def projected(self) -> float:
        """What the rerun gives, persons or yuan."""
        return projected(self.after, self.aim)

    @property
    def unsolved(self) -> float:
        """What the unsolved scenario gives, persons or yuan."""
        return projected(self.before, self.aim)

    @property
    def reached(self) -> bool:
        """Whether the unsolved scenario meets the target, with the probability if one was asked."""
        if self.chances is not None:
            return self.chances.before >= self.chances.wanted
        return self.unsolved >= self.aim.value

    @cached_table
    def path(self) -> pd.DataFrame:
        """The lever: scenario, lever, year, area (empty where alike), before, after, unit."""
        codes = self.before.scenario.region.codes
        rows = solved.path(self.moved, self.since, self.found.change, codes)
        return solved.named(rows, self.before.scenario.name)

    @cached_table
    def people(self) -> pd.DataFrame:
        """People: scenario, year, level, area, measure, before, after, difference (persons)."""
        return solved.people(self.before.enrollment, self.after.enrollment)

    @cached_table
    def funds(self) -> pd.DataFrame:
        """Cost: scenario, year, fund, item (income, outgo, balance), before, after, difference.

        In yuan; income and outgo are those of the year, interest among the income.
        """
        return solved.funds(self.before.ledger, self.after.ledger)

    @property
    def solution(self) -> Solution:
        """What is reported of it, as plain values and tables."""
        from fsinsure.output.terminal.solve import Solution

        aim, chances = self.aim, self.chances
        return Solution(
            scenario=self.before.scenario.name,
            subject=aim.subject,
            money=aim.money,
            year=aim.year,
            value=aim.value,
            lever=self.lever,
            since=self.since,
            before=self.unsolved,
            after=self.projected,
            exact=self.found.met,
            latest=self.latest,
            latest_value=self.latest_value,
            path=self.path,
            people=self.people,
            funds=self.funds,
            chances=chances[:3] if chances else None,
            draws=chances.draws if chances else 0,
        )

    def write(self, folder: str | Path, *, lang: str = "zh") -> list[Path]:
        """Write the tables, the scenario file and ``run.json`` into a folder; alike in `lang`.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        InputError
            As :func:`fsinsure.files.write_run`.
        """
        contents = {**csv_files("answer", self, lang), FILE: self.text.encode("utf-8")}
        asked = {
            **{"target": self.target, "value": self.aim.value, "year": self.aim.year},
            **{"lever": self.lever, "since": self.since, "change": self.found.change},
            **{"latest": self.latest, "latest_value": self.latest_value},
            **({"probability": self.chances._asdict()} if self.chances else {}),
        }
        return write_run(Path(folder), contents, {**self.before.meta, "solve": asked})
