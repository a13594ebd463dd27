"""Write a result as one HTML page, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fsinsure.errors import InputError
from fsinsure.files import write_file
from fsinsure.output.labels import check_language

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from fsinsure.answer import Answer
    from fsinsure.ensembles import Ensemble
    from fsinsure.result import Result
    from fsinsure.sensitivities import Sensitivity

SUFFIXES: Final = (".html", ".htm")


def write_report(
    result: Result,
    path: str | PathLike[str],
    *,
    lang: str = "zh",
    ensemble: Ensemble | None = None,
    sensitivity: Sensitivity | None = None,
    answers: Sequence[Answer] = (),
    compare: Sequence[Result] = (),
) -> Path:
    """Write one HTML page about a result that opens offline, findings first (docs/report.md).

    Parameters
    ----------
    result
        What the page is about.
    path
        The file, ``.html`` or ``.htm``, written whole or not at all; its folder is made if it is
        not there.
    lang
        ``zh`` or ``en``.
    ensemble, sensitivity, answers
        Of the same scenario, from :func:`fsinsure.ensemble`, :func:`fsinsure.sensitivity` and
        :func:`fsinsure.solve` (of one target each). Without them the page says so.
    compare
        Results of other scenarios of the region, drawn beside this one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the file has another ending, something given is of another scenario or region, the extra
        ``html`` is not installed, or the file cannot be written.
    """
    check_language(lang)
    file = Path(path)
    if file.suffix.lower() not in SUFFIXES:
        raise InputError(
            "a report is one HTML page: name it {name}.html, not {file}",
            name=file.stem or "report",
            file=file.name,
        )
    check(result, ensemble, sensitivity, answers, compare)
    try:
        from fsinsure.report.material import Material
        from fsinsure.report.page import page

        material = Material(result, lang, ensemble, sensitivity, tuple(answers), tuple(compare))
        text = page(material)
    except ModuleNotFoundError as error:
        raise InputError(
            "this needs {package}, which is not installed: pip install 'fsinsure[{extra}]', or in "
            "a checkout pip install -e '.[{extra}]'",
            package=str(error.name),
            extra="html",
        ) from error
    write_file(file, text.encode("utf-8", "backslashreplace"))
    return file


def check(
    result: Result,
    ensemble: Ensemble | None,
    sensitivity: Sensitivity | None,
    answers: Sequence[Answer],
    compare: Sequence[Result],
) -> None:
    """Raise InputError if what is given is not about the scenario of the result."""
    own = result.scenario.hash
    given: dict[str, list[Result | Ensemble | Sensitivity]] = {
        "ensemble": [ensemble] if ensemble is not None else [],
        "sensitivity": [sensitivity] if sensitivity is not None else [],
        "answers": [one.before for one in answers],
    }
    for name, found in given.items():
        for one in found:
            if one.scenario.hash != own:
                raise InputError(
                    "{name} is of the scenario {other}, or of another version of {own}: give one "
                    "of the scenario of this result",
                    name=name,
                    other=one.scenario.name,
                    own=result.scenario.name,
                )
    names = [result.scenario.name]
    for one in compare:
        if not hasattr(one, "projection"):
            raise InputError(
                "compare takes results, not {kind}: fsinsure.run(...) returns one",
                kind=type(one).__name__,
            )
        if one.scenario.region.content != result.scenario.region.content:
            raise InputError(
                "{name} is of the region {other}: compare scenarios of {own}",
                name=one.scenario.name,
                other=one.scenario.region.name,
                own=result.scenario.region.name,
            )
        if one.scenario.name in names:
            raise InputError(
                "two results are named {name}: give each scenario its own name",
                name=one.scenario.name,
            )
        names.append(one.scenario.name)
