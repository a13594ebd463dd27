"""The workbook of a result: what it holds, and how it is written."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fsinsure._version import __version__
from fsinsure.analysis.uncertain import assumptions_of
from fsinsure.backtests import Backtest
from fsinsure.errors import InputError
from fsinsure.files import write_file
from fsinsure.output.labels import check_language
from fsinsure.quota_plan import quotas
from fsinsure.region.own_outcomes import with_own
from fsinsure.workbook.book import Book
from fsinsure.workbook.channels import channels
from fsinsure.workbook.checks import checks
from fsinsure.workbook.compare import side_by_side
from fsinsure.workbook.contents import Contents
from fsinsure.workbook.cover import cover, fill
from fsinsure.workbook.draws import draws
from fsinsure.workbook.enrollment import enrollment, people
from fsinsure.workbook.funds import funds
from fsinsure.workbook.indicators import indicators
from fsinsure.workbook.plan import plan
from fsinsure.workbook.record import record
from fsinsure.workbook.sources import parameters, ranges
from fsinsure.workbook.targets import targets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from fsinsure.ensembles import Ensemble
    from fsinsure.quota_plan import QuotaPlan
    from fsinsure.result import Result
    from fsinsure.scenario import Scenario

SUFFIX = ".xlsx"


def save(
    result: Result,
    path: str | PathLike[str],
    *,
    lang: str = "zh",
    ensemble: Ensemble | None = None,
    compare: Sequence[Result] = (),
) -> Path:
    """Write a workbook for planners: sheets with formulas and charts (docs/workbook.md).

    Parameters
    ----------
    result
        Of a run.
    path
        The file, which ends in ``.xlsx``; one that is there is replaced as a whole, and its folder
        is made if it is not there. The same result gives the same bytes.
    lang
        ``zh`` or ``en``.
    ensemble
        Draws of the same scenario, for a sheet of probabilities and ranges.
    compare
        Results of other scenarios of the region, for a sheet beside this one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If `path` does not end in ``.xlsx`` or cannot be written, `ensemble` is of another scenario,
        or a result to compare with is of another region or has the same name.
    """
    check_language(lang)
    file = Path(path)
    if file.suffix.lower() != SUFFIX:
        raise InputError("{file}: a workbook ends in .xlsx.", file=file)
    write_file(file, workbook_bytes(contents_of(result, lang, ensemble, compare)))
    return file


def contents_of(
    result: Result,
    lang: str,
    ensemble: Ensemble | None = None,
    compare: Sequence[Result] = (),
) -> Contents:
    """Return what the workbook of a result holds.

    Raises
    ------
    InputError
        As :func:`save`.
    """
    if ensemble is not None and ensemble.scenario.hash != result.scenario.hash:
        raise InputError(
            "the ensemble is of {other}, not of this {name}: draw the scenario that was run, "
            "fs.ensemble(result.scenario)",
            other=ensemble.scenario.name,
            name=result.scenario.name,
        )
    check_beside(result.scenario, [other.scenario for other in compare])
    return Contents(result, lang, _plan(result), _record(result), ensemble, tuple(compare))


def check_beside(scenario: Scenario, others: Sequence[Scenario]) -> None:
    """Check that scenarios can stand beside another one.

    Raises
    ------
    InputError
        If one is of another region, or has the name of one before.
    """
    names = {scenario.name}
    for other in others:
        if other.region.content != scenario.region.content:
            raise InputError(
                "{name} is of {region}: compare scenarios of one region",
                name=other.name,
                region=other.region.name,
            )
        if other.name in names:
            raise InputError("two scenarios are called {name}: name them apart", name=other.name)
        names.add(other.name)


def _plan(result: Result) -> QuotaPlan | None:
    """Return the yearly task by area; None where there is no target, or only one area."""
    scenario = result.scenario
    due = any(one.year <= scenario.horizon for one in scenario.targets)
    return quotas(result) if due and len(scenario.region.codes) > 1 else None


def _record(result: Result) -> Backtest | None:
    """Return the projection against published figures; None where there are none."""
    scenario = result.scenario
    found = Backtest(result.expected, with_own(scenario.region, scenario.actuals))
    return found if found.series else None


def workbook_bytes(contents: Contents) -> bytes:
    """Return the file of a workbook; the same contents give the same bytes."""
    scenario, lang = contents.scenario, contents.lang
    book = Book(
        lang,
        header=f"{contents.region} · {contents.title}",
        footer=f"{scenario.name} · {contents.day.isoformat()} · fsinsure {__version__}",
    )
    left_out: list[tuple[str, str]] = []

    def without(key: str) -> None:
        left_out.append((book.text(key), book.text(f"cover.without.{key}")))

    first = cover(book, contents)
    targets(book, contents)
    of_people = enrollment(book, contents)
    people(book, contents)
    channels(book, contents)
    of_money = funds(book, contents)
    indicators(book, contents)
    if contents.compare:
        side_by_side(book, contents)
    if contents.ensemble is not None:
        draws(book, contents, contents.ensemble)
    else:
        without("draws")
    if contents.plan is not None:
        plan(book, contents, contents.plan.table)
    else:
        without("plan")
    if contents.record is not None:
        record(book, contents, contents.record.table, contents.record.errors)
    else:
        without("record")
    parameters(book, contents)
    ranges(book, contents, assumptions_of(scenario))
    checks(book, contents, of_people, of_money)
    fill(first, contents, left_out)
    about = {
        "title": f"{contents.region} · {contents.title}",
        "comments": f"scenario {scenario.name}, SHA-256 {scenario.hash}",
        "author": f"fsinsure {__version__}",
    }
    return book.close(about, datetime.datetime.combine(contents.day, datetime.time()))
