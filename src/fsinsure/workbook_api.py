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
    from os import PathLike

    from fsinsure.ensembles import Ensemble
    from fsinsure.quota_plan import QuotaPlan
    from fsinsure.result import Result

SUFFIX = ".xlsx"


def save(
    result: Result, path: str | PathLike[str], *, lang: str, ensemble: Ensemble | None
) -> Path:
    """Write the workbook of a result; see :meth:`fsinsure.Result.to_excel`."""
    check_language(lang)
    file = Path(path)
    if file.suffix.lower() != SUFFIX:
        raise InputError(f"{file}: a workbook ends in {SUFFIX}")
    write_file(file, workbook_bytes(contents_of(result, lang, ensemble)))
    return file


def contents_of(result: Result, lang: str, ensemble: Ensemble | None = None) -> Contents:
    """Return what the workbook of a result holds.

    Raises
    ------
    InputError
        If the ensemble is of another scenario.
    """
    if ensemble is not None and ensemble.scenario.hash != result.scenario.hash:
        raise InputError(
            f"the ensemble is of {ensemble.scenario.name}, not of this {result.scenario.name}: "
            "draw the scenario that was run, fs.ensemble(result.scenario)"
        )
    return Contents(result, lang, _plan(result), _record(result), ensemble)


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
