"""Solve a lever for a target: what it takes, what it costs, and until when there is time."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.analysis.asked import BALANCE, aim_of, lever_of, since_of, unreached
from fsinsure.analysis.observe import observe
from fsinsure.analysis.solve import CLOSE, Aim, Found, Lever, latest_start, solve_from
from fsinsure.api import run
from fsinsure.dims import TOTAL
from fsinsure.errors import (
    FsinsureWarning,
    IdentityError,
    InputError,
    ObservedWarning,
)
from fsinsure.files import write_run
from fsinsure.registry import registry
from fsinsure.result import Result, csv_bytes
from fsinsure.scenario import opened
from fsinsure.scenario.loader import parsed
from fsinsure.scenario.writing import file_text
from fsinsure.tables import cached_table
from fsinsure.units import show

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from fsinsure.scenario import Scenario

FILE: Final = "solved.yaml"
"""The scenario file of an answer."""

LONGEST_NAME: Final = 56
"""Letters of the name of the scenario that its answer keeps."""


def solve(
    scenario: Scenario | str | PathLike[str],
    target: str,
    lever: str | None = None,
    *,
    value: float | str | None = None,
    year: int | None = None,
    since: int | None = None,
) -> Answer:
    """Return what one lever must be so that one target is met exactly.

    Of a scenario that is above the target it returns how far the lever may give way. The lever is
    changed by the same amount in every year from `since` to that of the target. What is printed
    and returned is of a rerun of the scenario file of the answer.

    Parameters
    ----------
    scenario
        As of :func:`fsinsure.run`.
    target
        A measure of people, or ``balance.`` and a fund: its balance at the end of the year.
    lever
        A path or a number of the scenario; by default what ``closing_levers`` of the region names
        for the measure.
    value
        Persons or yuan, a number or a text such as ``"470万"``; by default that of the target of
        the scenario, of several the last one.
    year
        At the end of which it is to be met; by default that of the target of the scenario.
    since
        The first year in which the lever changes; by default the first one after those whose
        published figures are met.

    Returns
    -------
    Answer
        The lever, both runs, what the change costs, and the scenario file.

    Raises
    ------
    InputError
        As :func:`fsinsure.run`; if target, lever, year or value do not fit the scenario; if the
        target cannot be met: says what the lever gives at its bound.

    Examples
    --------
    >>> import fsinsure as fs
    >>> answer = fs.solve("baseline", "pension.enterprise", value="520万")
    >>> answer.lever, abs(answer.projected - 5_200_000) < 1
    ('growth.flexible', True)
    """
    chosen = opened(scenario)
    if chosen.actuals is not None:
        raise InputError(
            "a scenario that meets your own figures has no file that reproduces its answer: solve "
            "it without outcomes"
        )
    chosen = _observed(chosen)
    aim = aim_of(chosen, target, value, year)
    moved = Lever(chosen, lever_of(chosen, target, aim, lever), aim.year)
    start = since_of(moved, since)
    before = run(chosen)
    found = solve_from(moved, aim, start)
    short = _projected(before, aim) < aim.value
    if not found.met and (short or not found.change):
        raise unreached(moved, aim, start, found)
    latest = latest_start(moved, aim, start) if short else None
    return _answer(moved, aim, start, found, before, latest)


def _observed(scenario: Scenario) -> Scenario:
    """Return a scenario with what it observes solved."""
    solved, notes = observe(scenario)
    for text in notes:
        warnings.warn(text, ObservedWarning, stacklevel=3)
    return solved


def _projected(result: Result, aim: Aim) -> float:
    """Return what a run has in the place of the target."""
    if aim.money:
        index = aim.year - result.scenario.region.base_year
        return float(result.projection.ledger.closing[aim.subject][index])
    table = result.enrollment
    rows = (table["level"] == TOTAL) & (table["year"] == aim.year)
    return float(table.loc[rows & (table["measure"] == aim.subject), "persons"].iloc[0])


def _answer(
    lever: Lever,
    aim: Aim,
    since: int,
    found: Found,
    before: Result,
    latest: tuple[int, Found] | None,
) -> Answer:
    """Run the scenario file of an answer, and check that it meets the target."""
    name = f"{lever.scenario.name[:LONGEST_NAME]}-solved"
    solved = replace(
        lever.at(since, found.change), name=name, title={"zh": name, "en": name}, solved=None
    )
    what = f"{BALANCE if aim.money else ''}{aim.subject}"
    about = f"{lever.scenario.name} with {lever.name} solved"
    text = file_text(solved, [f"{about}: {what} is {found.level:,.0f} in {aim.year}"])
    assert lever.scenario.folder is not None
    with warnings.catch_warnings():  # those of the unsolved scenario were given
        warnings.simplefilter("ignore", FsinsureWarning)
        after = run(parsed(text, lever.scenario.folder, FILE))
    # A rerun that observes solves its years again, which leaves a part of a person.
    given = _projected(after, aim)
    if abs(given - found.level) > max(100 * CLOSE[aim.unit], 1e-9 * abs(found.level)):
        raise IdentityError(
            f"the scenario file of the answer gives {given:,.2f} for {what}, not "
            f"{found.level:,.2f}. Please report this."
        )
    start, there = latest or (None, None)
    needed = None if start is None or there is None else lever.values(start, there.change)
    at_end = None if needed is None else float(needed[lever.years == aim.year].mean())
    return Answer(what, aim, lever, since, found, before, after, text, start, at_end)


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
        meets it, or no later start does.
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

    def __repr__(self) -> str:
        """Return the target, the lever and its change."""
        change = show(self.found.change, registry()[self.lever].unit)
        return f"<Answer: {self.target} in {self.aim.year} by {self.lever}, changed by {change}>"

    @property
    def lever(self) -> str:
        """The name of the lever."""
        return self.moved.name

    @property
    def projected(self) -> float:
        """What the rerun gives, persons or yuan."""
        return _projected(self.after, self.aim)

    @property
    def unsolved(self) -> float:
        """What the unsolved scenario gives, persons or yuan."""
        return _projected(self.before, self.aim)

    @property
    def reached(self) -> bool:
        """Whether the unsolved scenario meets the target."""
        return self.unsolved >= self.aim.value

    @cached_table
    def path(self) -> pd.DataFrame:
        """The lever: scenario, lever, year, area (empty where alike), before, after, unit."""
        import pandas as pd

        own, new = self.moved.own, self.moved.values(self.since, self.found.change)
        areas = self.before.scenario.region.codes if own.shape[1] > 1 else ("",)
        rows = [
            (year, area, float(own[row, column]), float(new[row, column]))
            for row, year in enumerate(self.moved.years.tolist())
            for column, area in enumerate(areas)
        ]
        table = pd.DataFrame(rows, columns=["year", "area", "before", "after"])
        table.insert(0, "lever", self.lever)
        table["unit"] = registry()[self.lever].unit
        return self._named(table)

    @cached_table
    def people(self) -> pd.DataFrame:
        """People: scenario, year, level, area, measure, before, after, difference (persons)."""
        keys = ["year", "level", "area", "measure"]
        before, after = (one.enrollment[[*keys, "persons"]] for one in (self.before, self.after))
        table = before.rename(columns={"persons": "before"})
        table["after"] = after["persons"]
        table["difference"] = table["after"] - table["before"]
        return self._named(table)

    @cached_table
    def funds(self) -> pd.DataFrame:
        """Cost: scenario, year, fund, item (income, outgo, balance), before, after, difference.

        In yuan; income and outgo are those of the year, interest among the income.
        """
        before, after = (_accounts(one) for one in (self.before, self.after))
        table = before.rename(columns={"yuan": "before"})
        table["after"] = after["yuan"]
        table["difference"] = table["after"] - table["before"]
        return self._named(table)

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        table.insert(0, "scenario", self.before.scenario.name)
        return table

    def write(self, folder: str | Path) -> list[Path]:
        """Write the tables, the scenario file and ``run.json`` into a folder.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        InputError
            As :func:`fsinsure.files.write_run`.
        """
        contents = {
            "solve_path.csv": csv_bytes(self.path),
            "solve_people.csv": csv_bytes(self.people),
            "solve_funds.csv": csv_bytes(self.funds),
            FILE: self.text.encode("utf-8"),
        }
        asked = {
            **{"target": self.target, "value": self.aim.value, "year": self.aim.year},
            **{"lever": self.lever, "since": self.since, "change": self.found.change},
            **{"latest": self.latest, "latest_value": self.latest_value},
        }
        return write_run(Path(folder), contents, {**self.before.meta, "solve": asked})


def _accounts(result: Result) -> pd.DataFrame:
    """Return year, fund, item (income, outgo, balance) and yuan of the region."""
    table = result.ledger
    whole = table[table["level"] == TOTAL]
    item = whole["kind"].map({"income": "income", "outgo": "outgo", "closing": "balance"})
    found = whole.assign(item=item).dropna(subset="item")
    keys = ["year", "fund", "item"]
    return found[[*keys, "yuan"]].groupby(keys, sort=False, as_index=False).sum()
