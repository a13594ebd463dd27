"""Readers of single values: from the value in a file to the value in a scenario, or an error."""

from __future__ import annotations

import datetime
import os.path
import re
from dataclasses import replace
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeVar

from fsinsure import paths
from fsinsure.dims import LAST_YEAR
from fsinsure.documents.problems import Invalid, Issue, invalid, lookalike, quote, read_each
from fsinsure.documents.user_files import within
from fsinsure.errors import InputError, did_you_mean
from fsinsure.paths import AreaPaths, Date, Table, TablePath, YearPath
from fsinsure.registry import CHOICES, HELD, HORIZON, NONE, Parameter, registry
from fsinsure.scenario.files import bundled_names
from fsinsure.units import Quantity, describe, measure_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsinsure.documents.shape import Context

Read = TypeVar("Read")

EXAMPLES: Final = {"fraction": "1.5% or 0.015", "persons": "12.5万 or 125000"}

STEPS: Final = ("step", paths.LINEAR)

NAME: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"

_DEVICES: Final = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}

PEOPLE: Final = Parameter("people", "scalar", "persons", 1000, 1e9, "People", "人数")
"""The bounds of a target; below a thousand, 万 was probably omitted."""


def number(parameter: Parameter, value: object) -> float:
    """Read a number within the bounds of a parameter.

    Raises
    ------
    Invalid
        If it is not a number of the unit, or out of bounds; a likely missing ``%`` is named.
    """
    return float(quantity(parameter, value).amount)


def quantity(parameter: Parameter, value: object) -> Quantity:
    """Read a number within the bounds of a parameter, keeping the digits as written."""
    wanted = describe(parameter.unit, parameter.low, parameter.high)
    if isinstance(value, bool) or not isinstance(value, str | Decimal):
        example = EXAMPLES.get(parameter.unit)
        such = f", such as {example}" if example else ""
        raise invalid(f"expected {wanted}{such}, got {quote(value)}")
    try:
        found = measure_in(value, parameter.unit)
    except InputError as error:
        odd = lookalike(value) if isinstance(value, str) else ""
        raise invalid(f"{error}{odd}: expected {wanted}") from None
    if not _inside(parameter, float(found.amount)):
        raise invalid(
            f"{value} is out of bounds: expected {wanted}{_slip(parameter, found, value)}"
        )
    return found


def _inside(parameter: Parameter, amount: float) -> bool:
    return parameter.low is not None and parameter.low <= amount <= (parameter.high or 0.0)


def _slip(parameter: Parameter, found: Quantity, value: str | Decimal) -> str:
    """Name the omission (``%``, ``万``) that would explain a number out of bounds."""
    amount = float(found.amount)
    if parameter.unit == "fraction" and not found.suffix and _inside(parameter, amount / 100):
        fraction = found.amount.scaleb(-2)
        return f". {value} means {found.amount.scaleb(2):f}%; write {value}% (or {fraction:f})"
    if parameter is PEOPLE and not found.suffix and _inside(parameter, amount * 10_000):
        return f". {value} means {value} people; write {value}万"
    return ""


def projected_year(value: object, context: Context) -> int:
    """Read a projected year: a whole number without a fraction, even ``.0``."""
    return whole_year(replace(HORIZON, low=context.first_year), value)


def projected_year_or_none(value: object, context: Context) -> int | None:
    """Read a projected year, or None for ``none`` and ``null``."""
    found = year_or_none(replace(HORIZON, low=context.first_year), value, context)
    return None if found is None else int(found)


def whole_year(parameter: Parameter, value: object) -> int:
    """Read a year within the bounds of a parameter."""
    found = quantity(parameter, value)
    if found.step != 1:
        raise invalid(f"{quote(value)} is not a whole year: write it like {parameter.low:.0f}")
    return int(found.amount)


def year_or_none(parameter: Parameter, value: object, _context: Context) -> float | None:
    """Read a year, or None for ``none`` and ``null``."""
    if value is None or (isinstance(value, str) and value.lower() in ("none", "null")):
        return None
    try:
        return float(whole_year(parameter, value))
    except Invalid as error:
        raise invalid(f"{error}, or none") from None


def as_of(value: object, context: Context) -> datetime.date | str:
    """Read the day by which a value must have been known; ``none`` for no such day."""
    if isinstance(value, str) and value.lower() == NONE:
        return NONE
    if value is None:  # forgotten, and no reason to use values of every day
        raise invalid(f"it is blank: give a day such as {context.first_year}-12-31, or none")
    try:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError(value)
        return datetime.date.fromisoformat(value)
    except ValueError:
        such = f"{context.first_year}-12-31"
        raise invalid(f"expected a day such as {such}, or none, got {quote(value)}") from None


def path(parameter: Parameter, value: object, context: Context) -> YearPath | AreaPaths | str:
    """Read a path, or a mapping of areas to paths; see :func:`year_path`."""
    areas = (*context.areas, paths.DEFAULT_AREA)
    if not isinstance(value, dict) or not any(
        key in areas or (parameter.by_area and _nearly_area(key, context)) for key in value
    ):
        return year_path(parameter, value, context)
    if not parameter.by_area:
        raise invalid(f"{parameter.name} is one for all areas: give years, not areas")

    def one(key: str, inner: object) -> tuple[str, YearPath]:
        if key not in areas:
            raise _bad_key(f"expected an area ({', '.join(areas)}).{did_you_mean(key, areas)}")
        found = year_path(parameter, inner, context)
        if isinstance(found, str):
            raise invalid(f"{HELD} holds for all areas together: give numbers by area")
        return key, found

    found = dict(read_each(value.items(), one))
    left = [area for area in areas if area not in found]
    if paths.DEFAULT_AREA in left and len(left) > 1:
        raise invalid(f"no path for {', '.join(left[:-1])}: give one, or one as default")
    return AreaPaths(tuple((area, found[area]) for area in areas if area in found))


def _nearly_area(key: str, context: Context) -> bool:
    """Return whether a key is nearly the code of an area, and no word of a path."""
    return key not in ("interpolate", "then") and bool(did_you_mean(key, context.areas))


def year_path(parameter: Parameter, value: object, context: Context) -> YearPath | str:
    """Read a path: a number, or a mapping of years (``interpolate``, ``then``) to numbers.

    A year may also be a month of one, such as ``2021-07``.
    A coverage path may also be `HELD`, which stands for "not set".

    Raises
    ------
    Invalid
        With an issue for each year that is wrong.
    """
    if value == HELD and parameter.can_be_held:
        return HELD
    if not isinstance(value, dict):
        if not isinstance(value, str | Decimal):
            wanted = describe(parameter.unit, parameter.low, parameter.high)
            raise invalid(f"expected {wanted}, or {{year: value}}, got {quote(value)}")
        return YearPath(((context.first_year, number(parameter, value)),))
    points: dict[Date, float] = {}
    issues: list[Issue] = []
    linear, then = False, ""
    for key, entry in value.items():
        try:
            if key == "interpolate":
                linear = word(STEPS, entry) == paths.LINEAR
            elif key == "then":
                then = _then(parameter, entry)
            else:
                date = _date_key(key, entry, context.first_year)
                if date in points:
                    raise _bad_key(f"{paths.date_text(date)} a second time")
                points[date] = number(parameter, entry)
        except Invalid as error:
            issues += error.within((key,))
    if not issues:
        issues = _start_issues(points, context.first_year)
    if linear and any(date != int(date) for date in points):
        issues.append(Issue("a line runs between whole years: leave out 'interpolate' or months"))
    if issues:
        raise Invalid(*issues)
    return YearPath(tuple(sorted(points.items())), linear, then)


def follows(parameter: Parameter) -> tuple[str, ...]:
    """Return what a path of a parameter may do after its last year; only amounts grow."""
    return (paths.HOLD, *paths.GROWING) if parameter.extend in paths.GROWING else (paths.HOLD,)


def _then(parameter: Parameter, value: object) -> str:
    known = follows(parameter)
    if value in paths.GROWING and value not in known:
        raise invalid(f"{parameter.name} does not grow with wages or prices: write hold")
    return word(known, value)


def table(parameter: Parameter, value: object, context: Context) -> TablePath:
    """Read a table: a mapping of keys to numbers, or of years to such mappings.

    Before its first year the default is in force. Without years it holds from the first projected
    year on.

    Raises
    ------
    Invalid
        With an issue for each year or key that is unknown or has no number, or for those missing.
    """
    if not isinstance(value, dict) or not any(isinstance(one, dict) for one in value.values()):
        return TablePath(((context.first_year, _table(parameter, value)),))
    years = range(context.first_year, LAST_YEAR + 1)
    points = _by_number(value, years, "a year", lambda entry: _table(parameter, entry))
    return TablePath(tuple(points.items()))


def _table(parameter: Parameter, value: object) -> Table:
    """Read the table of one year."""
    keys = f"{parameter.keys[0]} to {parameter.keys[-1]}"
    each = f"each of the keys {keys}" if parameter.every_key else f"some of the keys {keys}"
    if not isinstance(value, dict) or not value:
        wanted = describe(parameter.unit, parameter.low, parameter.high)
        got = "an empty mapping" if isinstance(value, dict) else quote(value)
        raise invalid(f"expected {{key: value}} with {each}, {wanted}; got {got}")
    cells = _by_number(value, parameter.keys, "a key", lambda entry: number(parameter, entry))
    missing = [str(key) for key in parameter.keys if key not in cells]
    if parameter.every_key and missing:
        raise invalid(f"no value for {', '.join(missing)}: give {each} one")
    return Table(tuple(cells), tuple(cells.values()))


def profile(parameter: Parameter, value: object, _context: Context) -> Table:
    """Read a profile: a mapping of ages to weights."""
    return _table(parameter, value)


def scalar(parameter: Parameter, value: object, _context: Context) -> float:
    """Read a number within the bounds of a parameter."""
    return number(parameter, value)


def _by_number(
    value: dict[str, object], known: range, what: str, read: Callable[[object], Read]
) -> dict[int, Read]:
    """Read a mapping whose keys are whole numbers of a range; ascending."""
    numbers = {str(key): key for key in known}

    def entry(key: str, inner: object) -> tuple[int, Read]:
        if key not in numbers:
            raise _bad_key(f"expected {what} from {known[0]} to {known[-1]}")
        return numbers[key], read(inner)

    return dict(sorted(read_each(value.items(), entry), key=itemgetter(0)))


def _date_key(key: str, entry: object, first_year: int) -> Date:
    if found := re.fullmatch(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?", key):
        year, month = int(found[1]), int(found[2] or 1)
        if year == first_year - 1:
            raise _bad_key(
                f"{year} is the base year, closed from published figures: "
                f"a path starts in {first_year}"
            )
        if first_year <= year <= LAST_YEAR:
            return paths.date_at(year, month)
    if entry is None and re.fullmatch(r"[0-9]+ *(%|万|亿)?", key):
        raise _bad_key(
            f"is not a year; a comma separates years: write a decimal point, such as 0.{key}"
        )
    hint = did_you_mean(key, ["interpolate", "then"]) + lookalike(key)
    raise _bad_key(
        f"expected a year between {first_year} and {LAST_YEAR} "
        f"(a month like {first_year}-07, 'interpolate' or 'then').{hint}"
    )


def _bad_key(text: str) -> Invalid:
    return Invalid(Issue(text, at_key=True))


def _start_issues(points: dict[Date, float], first_year: int) -> list[Issue]:
    if not points:
        return [Issue(f"no year: give a value from {first_year} on")]
    first = min(points)
    if first == first_year:
        return []
    year, month = divmod(round(12 * first), 12)
    undefined = str(first_year) if year <= first_year + 1 else f"{first_year}-{year - 1}"
    if year == first_year:
        undefined = f"{first_year}-01 to {first_year}-{month:02d}"
    text = (
        f"the first year is {paths.date_text(first)}, so {undefined} would have no value: "
        f"give a value from {first_year} on"
    )
    return [Issue(text, (paths.date_text(first),), at_key=True)]


def word(known: tuple[str, ...], value: object) -> str:
    """Read one of the known words."""
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(value, known) if isinstance(value, str) else ""
        raise invalid(f"expected one of {', '.join(known)}, got {quote(value)}.{hint}".rstrip("."))
    return value


def parameter_name(value: object) -> str:
    """Read the dotted key of a parameter."""
    if not isinstance(value, str) or value not in registry():
        hint = did_you_mean(value, registry()) if isinstance(value, str) else ""
        raise invalid(
            f"expected a parameter, such as growth.employee, got {quote(value)}.{hint}".rstrip(".")
        )
    return value


def choice(parameter: Parameter, value: object, context: Context) -> str:
    """Read a choice: one of its words, or the name of a CSV file in the scenario's folder tree."""
    known = CHOICES[parameter.name]
    if isinstance(value, str) and value.endswith(".csv"):
        return _data_file(value, context)
    try:
        return word(known, value)
    except Invalid as error:
        also = " (or the name of a .csv file beside the scenario)"
        raise invalid(f"{error}{also}") from None


def _data_file(name: str, context: Context) -> str:
    if context.folder is None or context.root is None or context.home is None:
        raise invalid(f"{quote(name)}: a scenario that is not from a file has no folder for it")
    try:
        found = within(name, context.folder, context.root)
    except InputError as error:
        raise invalid(str(error)) from None
    if not os.path.isfile(found):  # False also for an impossible name
        raise invalid(f"there is no file {quote(name)} beside the scenario")
    near = found.is_relative_to(context.home)
    return found.relative_to(context.home).as_posix() if near else found.as_posix()


def text(value: object) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        plain = isinstance(value, bool | Decimal)
        quotes = "; put it in quotes" if plain else ""
        raise invalid(f"expected a text, got {quote(value)}{quotes}")
    return value.strip()


def scenario_name(value: object) -> str:
    """Read the name of a scenario, which also names its files."""
    found = text(value)
    if not re.fullmatch(NAME, found):
        raise invalid(
            f"{quote(found)} is not a name: use up to 64 letters (a-z), digits, - and _, "
            "the first a letter or digit; a title may hold any text"
        )
    if found.casefold() in _DEVICES:
        raise invalid(f"{quote(found)} is the name of a device in Windows: choose another name")
    for known in bundled_names():
        if found != known and found.casefold() == known:
            raise invalid(
                f"{quote(found)} differs from the shipped scenario {known} in case only, and many "
                "systems would put their results into one folder: choose another name"
            )
    return found
