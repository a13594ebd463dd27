"""All values of a region, its law and the library, with their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import separated
from fsinsure.region import files, law
from fsinsure.sources import CONFIDENCES, contains, listed, package_records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fsinsure.region.region import Region
    from fsinsure.tabular import Record

LIBRARY: Final = ("coverage", "reference_cases")
"""Tables of the library that hold values with a source."""

OF_LAYER: Final = ("fertility.csv", "mortality.csv", "values.csv")
OF_REGION: Final = (
    *("analogues.csv", "assumptions.csv", "census.csv", "fertility.csv", "figures.csv"),
    *("mortality.csv", "outcomes.csv", "profiles.csv"),
)
"""Tables of values of a layer of law, and of a region; other files of a folder are not read."""


def listing(
    region: Region, text: str = "", confidence: str | None = None, file: str | None = None
) -> list[dict[str, str]]:
    """List the values of all tables with their sources.

    Parameters
    ----------
    region
        Whose values, and those of its law and the library.
    text
        Only rows that contain this text, in either language; case is ignored.
    confidence
        Only rows of this confidence.
    file
        Only rows of this table, such as ``figures`` or ``law/china/values``.

    Returns
    -------
    list of dict
        As :func:`fsinsure.sources.listed`.

    Raises
    ------
    InputError
        If the confidence or the table is unknown.
    """
    if confidence is not None and confidence not in CONFIDENCES:
        raise InputError(
            "{confidence!r} is not a confidence.{hint} Known: {confidences}",
            confidence=confidence,
            hint=did_you_mean(confidence, CONFIDENCES),
            confidences=separated(CONFIDENCES),
        )
    tables = tables_of(region)
    if file is not None:
        chosen = f"{file.removesuffix('.csv')}.csv"
        if chosen not in tables:
            raise InputError(
                "there is no table of values {file!r}.{hint} Known: {tables}",
                file=file,
                hint=did_you_mean(chosen, tables),
                tables=separated(tables),
            )
        tables = {chosen: tables[chosen]}
    return [
        row
        for row in listed(tables)
        if (confidence is None or row["confidence"] == confidence) and contains(row, text)
    ]


def tables_of(region: Region) -> dict[str, list[Record]]:
    """Return the rows of every table with values: of the library, the law and the region."""
    found = {f"{name}.csv": list(package_records(name)) for name in LIBRARY}
    folders = law.layer_folders(region.folder)
    for name in region.laws:
        found |= _rows(folders[name], OF_LAYER, f"law/{name}/")
    return found | _rows(region.folder, OF_REGION)


def _rows(folder: Path, names: Iterable[str], prefix: str = "") -> dict[str, list[Record]]:
    return {
        f"{prefix}{name}": files.rows_in(folder, name)
        for name in names
        if (folder / name).is_file()
    }
