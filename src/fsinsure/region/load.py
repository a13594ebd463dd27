"""Read the folder of a region."""

from __future__ import annotations

import hashlib
import warnings
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from fsinsure.dims import TOTAL
from fsinsure.documents import shape
from fsinsure.documents.problems import Issue, fail, quote
from fsinsure.documents.shape import Context, Leaf, Section
from fsinsure.documents.user_files import read_bytes
from fsinsure.errors import DataError, FsinsureWarning, InputError, ScenarioError, did_you_mean
from fsinsure.life_tables import LIFE_TABLES, fertility_in, published_life_table
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.paths import DEFAULT_AREA
from fsinsure.region import law, validity
from fsinsure.region.analogues import analogues_in
from fsinsure.region.files import FILES, TABLES, rows_in, shown
from fsinsure.region.law import Layer
from fsinsure.region.region import Area, Region
from fsinsure.region.shapes import layer_shape, region_shape
from fsinsure.registry import registry
from fsinsure.sources import conflicts_in, data_folder, figures_in, outcomes_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fsinsure.documents.reader import Document
    from fsinsure.tabular import Record

FILE: Final = "region.yaml"
OWN: Final = (
    *("figures", "census", "assumptions", "profiles", "outcomes", "analogues", "conflicts"),
)
"""The tables of a region that no layer of law has."""


@cache
def region_names() -> tuple[str, ...]:
    """Return the names of the regions shipped with the library, in order."""
    homes = sorted((data_folder() / "regions").iterdir())
    return tuple(home.name for home in homes if (home / FILE).is_file())


@cache
def default_region() -> str:
    """Return the name of the region of a scenario that names none, from ``default.yaml``."""
    from fsinsure.documents.reader import read

    file = data_folder() / "default.yaml"
    return str(read(file.read_bytes(), file.name).data["region"])


def regions() -> dict[str, Region]:
    """Return the regions shipped with the library by name.

    Examples
    --------
    >>> import fsinsure as fs
    >>> len(fs.regions()["example"].areas)
    3
    """
    return {name: shipped_region(name) for name in region_names()}


@cache
def shipped_region(name: str) -> Region:
    """Return a region shipped with the library.

    Raises
    ------
    InputError
        If there is none of this name; the message lists those there are.
    """
    if name not in region_names():
        raise InputError(
            "there is no region {name}.{hint} Shipped: {region_names}. To name a folder, write ./ "
            "in front of it",
            name=quote(name),
            hint=did_you_mean(name, region_names()),
            region_names=separated(region_names()),
        )
    return open_region(data_folder() / "regions" / name)


def find_region(name: str | None) -> Region:
    """Return a shipped region by its name, or that of a folder; the default region for None.

    Raises
    ------
    InputError
        If there is neither, or a file of the folder cannot be used.
    """
    if name is None:
        return shipped_region(default_region())
    if name in region_names():
        if (Path(name) / FILE).is_file():
            warnings.warn(
                FsinsureWarning(
                    "{name} is the region shipped with the library; the folder here is ./{name}",
                    name=name,
                ),
                stacklevel=2,
            )
        return shipped_region(name)
    if not Path(name).is_dir():
        return shipped_region(name)  # raises, and lists the names
    return open_region(name)


def open_region(folder: Path | str) -> Region:
    """Read the folder of a region.

    Parameters
    ----------
    folder
        With ``region.yaml`` and its CSV files (docs/regions.md).

    Raises
    ------
    InputError
        If a file is missing or cannot be used; the message names file, row and column.
    """
    path = Path(folder)
    if not (path / FILE).is_file():
        raise InputError(
            "{path}: no region, as it has no {file}. 'fsinsure region new {name}' writes a "
            "commented folder",
            path=path,
            file=FILE,
            name=path.name,
        )
    return _read(path.resolve(), _digest(path))


def _digest(folder: Path) -> str:
    """Return the SHA-256 of the files of a region or of a layer, whatever their line ends.

    Scenarios and results may stand in the same folder: they do not count.
    """
    digest = hashlib.sha256()
    homes = [folder, *sorted(one for one in (folder / "law").glob("*") if one.is_dir())]
    for file in (home / name for home in homes for name in FILES):
        if file.is_file():
            content = file.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{file.relative_to(folder).as_posix()}\n{len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


@lru_cache(maxsize=64)
def _read(folder: Path, digest: str) -> Region:
    """Read a folder whose content has a digest."""
    document, found = _yaml(folder / FILE, region_shape())
    areas = tuple(Area(**area) for area in found["areas"])
    codes = [area.code for area in areas]
    base_date = found["base_date"]
    issues = [*area_issues(codes, folder.name), *_name_issues(areas)]
    if found["horizon"] <= base_date.year:
        text = Message(
            "{horizon} is not after the base date, {base_date}: nothing is projected",
            horizon=found["horizon"],
            base_date=base_date,
        )
        issues.append(Issue(text, ("horizon",)))
    if issues:
        fail(issues, document.locate)
    try:
        layers = law.chain(found["law"], folder, _layer)
    except InputError as error:
        raise ScenarioError(
            Message("law: {error}", error=error), document.locate(("law",))
        ) from None
    rows = {f"{name}.csv": rows_in(folder, f"{name}.csv") for name in OWN}
    _refuse_blanks(rows)
    figures = figures_in(rows["figures.csv"], codes)
    digests = [digest, *(_digest(layer.folder) for layer in layers)]
    region = Region(
        name=folder.name,
        title=found["name"],
        areas=areas,
        base_date=base_date,
        horizon=found["horizon"],
        currency=found["currency"],
        closing_levers=found.get("closing_levers", {}),
        laws=tuple(layer.name for layer in layers),
        history=_values(folder, layers, rows, base_date.year, codes),
        figures={name: one for (name, area), one in figures.items() if not area},
        area_figures={key: one for key, one in figures.items() if key[1]},
        census=tuple(rows["census.csv"]),
        profiles=tuple(rows["profiles.csv"]),
        conflicts=conflicts_in(rows["conflicts.csv"]),
        outcomes=outcomes_in(rows["outcomes.csv"], codes),
        analogues=analogues_in(rows["analogues.csv"]),
        tables=_tables([*(layer.folder for layer in layers), folder]),
        digest=hashlib.sha256("".join(digests).encode()).hexdigest(),
        folder=folder,
    )
    validity.check(region)
    return region


def _refuse_blanks(tables: Mapping[str, Sequence[Record]]) -> None:
    """Refuse blank cells of all tables at once, a line for each table and column."""
    lines = []
    for name, rows in tables.items():
        may_be = TABLES[name].may_be_blank
        for column in rows[0].cells if rows else ():
            blank = [row.row for row in rows if not row[column] and column not in may_be]
            if blank:
                where = f"{rows[0].file}:{blank[0]}:{column}"
                others = len(blank) - 1
                more = Message(" and {count} more rows", count=others) if others else EMPTY
                if others == 1:
                    more = Message(" and 1 more row")
                lines.append(
                    Message(
                        "{where}: blank in this row{more}: fill it in, or delete the row",
                        where=where,
                        more=more,
                    )
                )
    if lines:
        raise DataError(separated(lines, "\n"))


def _values(
    folder: Path,
    layers: Sequence[Layer],
    rows: Mapping[str, Sequence[Record]],
    base_year: int,
    codes: Sequence[str],
) -> law.Values:
    """Return the values of all parameters: those of the region over those of its law."""
    stack = [
        law.values_in(rows_in(layer.folder, "values.csv"), f"law/{layer.name}", base_year)
        for layer in layers
    ]
    name = f"region {folder.name}"
    stack += [
        law.values_in(rows["assumptions.csv"], name, base_year, codes),
        law.profiles_in(rows["profiles.csv"], name),
    ]
    values = law.overlay(stack)
    _refuse_missing(folder, values, layers[0])
    return values


def _refuse_missing(folder: Path, values: law.Values, outermost: Layer) -> None:
    """Refuse parameters and profiles without a value."""
    missing = [name for name, one in registry().items() if name not in values and not one.optional]
    profiles = [name for name in missing if name.startswith("profile.")]
    assumed = [name for name in missing if name not in profiles]
    for file, names in (("assumptions.csv", assumed), ("profiles.csv", profiles)):
        if not names:
            continue
        more = (
            Message(" and {names_count} more", names_count=len(names) - 10)
            if len(names) > 10
            else EMPTY
        )
        hint = (
            Message("Give each a row")
            if file == "assumptions.csv"
            else Message("Give each rows of ages")
        )
        if outermost.folder.is_relative_to(folder):
            hint += Message(
                ". The law {name} names no parent in its layer.yaml, and has the values of none; "
                "shipped: {layer_folders}",
                name=outermost.name,
                layer_folders=separated(law.layer_folders(data_folder())),
            )
        raise DataError(
            "{shown}: no value for {names}{more}: neither the law nor the region has one. {hint}",
            shown=shown(folder, file),
            names=separated(names[:10]),
            more=more,
            hint=hint,
        )


def _tables(folders: Sequence[Path]) -> Mapping[str, tuple[Record, ...]]:
    """Return the demographic tables of the innermost folder that has each, once they are valid."""
    found = {}
    for name in law.TABLES:
        homes = [folder for folder in folders if (folder / f"{name}.csv").is_file()]
        if not homes:
            raise DataError("{name}.csv: neither the law nor the region has this table", name=name)
        found[name] = tuple(rows_in(homes[-1], f"{name}.csv"))
    fertility_in(found["fertility"])
    for table in LIFE_TABLES:
        published_life_table(table, found["mortality"])
    return found


def area_issues(codes: Sequence[str], region: str) -> list[Issue]:
    """Return what is wrong with the codes of the areas of a region, taken together."""
    if not codes:
        return [Issue(Message("a region needs at least one area"), ("areas",))]
    taken = {
        TOTAL: Message("{code} is what tables call the region as a whole", code=TOTAL),
        region: Message(
            "an area is called {code} like the region, and tables have both in one column",
            code=region,
        ),
        DEFAULT_AREA: Message(
            "{code} stands for the areas that a path does not name", code=DEFAULT_AREA
        ),
    }
    issues = []
    for index, code in enumerate(codes):
        if code in codes[:index]:
            issues.append(Issue(Message("a second area {code}", code=code), ("areas", index)))
        if code in taken:
            text = Message("{taken}: give it another code", taken=taken[code])
            issues.append(Issue(text, ("areas", index, "code")))
    return issues


def _name_issues(areas: Sequence[Area]) -> list[Issue]:
    """Return which areas have the name of another: readers could not tell them apart."""
    issues = []
    for language in ("zh", "en"):
        names = [getattr(area, language) for area in areas]
        for index, name in enumerate(names):
            if name in names[:index]:
                text = Message(
                    "a second area called {name}: give it another name", name=quote(name)
                )
                issues.append(Issue(text, ("areas", index, language)))
    return issues


def _yaml(path: Path, section: Section) -> tuple[Document, dict[str, Any]]:
    """Read a YAML file of some shape."""
    from fsinsure.documents.reader import read

    name = shown(path.parent, path.name)
    keys = [
        key for key, node in section.keys.items() if not isinstance(node, Leaf) or node.required
    ]
    needs = Message("it needs the keys {keys}", keys=separated(keys))
    document = read(read_bytes(path), name, needs)
    issues: list[Issue] = []
    found = shape.read(section, document.data, Context(), issues)
    if issues:
        fail(issues, document.locate)
    return document, cast("dict[str, Any]", found)


def _layer(folder: Path) -> Layer:
    _, found = _yaml(folder / "layer.yaml", layer_shape())
    return Layer(folder.name, found.get("parent", ""), folder)
