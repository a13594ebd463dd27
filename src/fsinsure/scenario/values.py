"""Readers of single values: from the value in a file to the value in a scenario, or an error."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeVar

from fsinsure import paths
from fsinsure.dims import LAST_YEAR
from fsinsure.documents.problems import Invalid, Issue, invalid, lookalike, quote, read_each
from fsinsure.errors import InputError, did_you_mean
from fsinsure.messages import EMPTY, Message, separated, verbatim
from fsinsure.names import code_of, in_hanzi, listed
from fsinsure.names import meant as meant_name
from fsinsure.paths import AreaPaths, Date, Table, TablePath, YearPath
from fsinsure.registry import HELD, HORIZON, NONE, Parameter
from fsinsure.scenario.words import word
from fsinsure.units import Quantity, describe, measure_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsinsure.documents.shape import Context

Read = TypeVar("Read")

EXAMPLES: Final = {"fraction": "1.5% or 0.015", "persons": "12.5万 or 125000"}

_OF_PATHS: Final = ("interpolate", "then")
"""Keys of a path that are no years."""

STEPS: Final = ("step", paths.LINEAR)

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
        such = Message(", such as {example}", example=example) if example else EMPTY
        raise invalid(
            "expected {wanted}{such}, got {value}", wanted=wanted, such=such, value=quote(value)
        )
    try:
        found = measure_in(value, parameter.unit)
    except InputError as error:
        odd = lookalike(value) if isinstance(value, str) else EMPTY
        raise invalid(
            "{error}{odd}: expected {wanted}", error=error, odd=odd, wanted=wanted
        ) from None
    if not _inside(parameter, float(found.amount)):
        raise invalid(
            "{value} is out of bounds: expected {wanted}{hint}",
            value=value,
            wanted=wanted,
            hint=_slip(parameter, found, value),
        )
    return found


def _inside(parameter: Parameter, amount: float) -> bool:
    return parameter.low is not None and parameter.low <= amount <= (parameter.high or 0.0)


def _slip(parameter: Parameter, found: Quantity, value: str | Decimal) -> Message:
    """Name the omission (``%``, ``万``) that would explain a number out of bounds."""
    amount = float(found.amount)
    if parameter.unit == "fraction" and not found.suffix and _inside(parameter, amount / 100):
        fraction = found.amount.scaleb(-2)
        return Message(
            ". {value} means {percent:f}%; write {value}% (or {fraction:f})",
            value=value,
            percent=found.amount.scaleb(2),
            fraction=fraction,
        )
    if parameter is PEOPLE and not found.suffix and _inside(parameter, amount * 10_000):
        return Message(". {value} means {value} people; write {value}万", value=value)
    return EMPTY


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
        raise invalid(
            "{value} is not a whole year: write it like {low:.0f}",
            value=quote(value),
            low=parameter.low,
        )
    return int(found.amount)


def year_or_none(parameter: Parameter, value: object, _context: Context) -> float | None:
    """Read a year, or None for ``none`` and ``null``."""
    if value is None or (isinstance(value, str) and value.lower() in ("none", "null")):
        return None
    try:
        return float(whole_year(parameter, value))
    except Invalid as error:
        raise invalid("{error}, or none", error=error) from None


def as_of(value: object, context: Context) -> datetime.date | str:
    """Read the day by which a value must have been known; ``none`` for no such day."""
    if isinstance(value, str) and value.lower() == NONE:
        return NONE
    if value is None:  # forgotten, and no reason to use values of every day
        raise invalid(
            "it is blank: give a day such as {first_year}-12-31, or none",
            first_year=context.first_year,
        )
    try:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise ValueError(value)
        return datetime.date.fromisoformat(value)
    except ValueError:
        such = f"{context.first_year}-12-31"
        raise invalid(
            "expected a day such as {such}, or none, got {value}", such=such, value=quote(value)
        ) from None


def path(parameter: Parameter, value: object, context: Context) -> YearPath | AreaPaths | str:
    """Read a path, or a mapping of areas to paths; see :func:`year_path`."""
    areas = (*context.areas, paths.DEFAULT_AREA)
    if not isinstance(value, dict) or not any(
        key in areas or (parameter.by_area and _nearly_area(key, context)) for key in value
    ):
        return year_path(parameter, value, context)
    if not parameter.by_area:
        raise invalid("{name} is one for all areas: give years, not areas", name=parameter.name)

    seen: set[str] = set()
    by_area = any(key in areas for key in value)  # else the keys may be those of a path

    def one(key: str, inner: object) -> tuple[str, YearPath]:
        key = code_of(key, context.areas)
        if key not in areas:
            raise _bad_key(
                "expected an area ({areas}).{hint}"
                if by_area
                else "expected an area ({areas}), or in a path of all areas a year, 'interpolate' "
                "or 'then'.{hint}",
                areas=listed(key, context.areas, paths.DEFAULT_AREA),
                hint=meant_name(
                    key, {**context.areas, **dict.fromkeys((paths.DEFAULT_AREA, *_OF_PATHS), ())}
                ),
            )
        if key in seen:
            raise _bad_key("{key} a second time", key=key)
        seen.add(key)
        found = year_path(parameter, inner, context)
        if isinstance(found, str):
            raise invalid("{held} holds for all areas together: give numbers by area", held=HELD)
        return key, found

    found = dict(read_each(value.items(), one))
    left = [area for area in areas if area not in found]
    if paths.DEFAULT_AREA in left and len(left) > 1:
        raise invalid("no path for {left}: give one, or one as default", left=separated(left[:-1]))
    return AreaPaths(tuple((area, found[area]) for area in areas if area in found))


def _nearly_area(key: str, context: Context) -> bool:
    """Return whether a key is nearly the name of an area, or Chinese, and no word of a path."""
    return key not in _OF_PATHS and bool(
        in_hanzi(key)
        or code_of(key, context.areas) in context.areas
        or meant_name(key, context.areas)
    )


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
            raise invalid(
                "expected {wanted}, or {{year: value}}, got {value}",
                wanted=wanted,
                value=quote(value),
            )
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
                    raise _bad_key("{date} a second time", date=paths.date_text(date))
                points[date] = number(parameter, entry)
        except Invalid as error:
            issues += error.within((key,))
    if not issues:
        issues = _start_issues(points, context.first_year)
    if linear and any(date != int(date) for date in points):
        issues.append(
            Issue(Message("a line runs between whole years: leave out 'interpolate' or months"))
        )
    if issues:
        raise Invalid(*issues)
    return YearPath(tuple(sorted(points.items())), linear, then)


def follows(parameter: Parameter) -> tuple[str, ...]:
    """Return what a path of a parameter may do after its last year; only amounts grow."""
    return (paths.HOLD, *paths.GROWING) if parameter.extend in paths.GROWING else (paths.HOLD,)


def _then(parameter: Parameter, value: object) -> str:
    known = follows(parameter)
    if value in paths.GROWING and value not in known:
        raise invalid("{name} does not grow with wages or prices: write hold", name=parameter.name)
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
    points = _by_number(value, years, Message("a year"), lambda entry: _table(parameter, entry))
    return TablePath(tuple(points.items()))


def _table(parameter: Parameter, value: object) -> Table:
    """Read the table of one year."""
    keys = separated((parameter.keys[0], parameter.keys[-1]), " to ")
    each = (
        Message("each of the keys {keys}", keys=keys)
        if parameter.every_key
        else Message("some of the keys {keys}", keys=keys)
    )
    if not isinstance(value, dict) or not value:
        wanted = describe(parameter.unit, parameter.low, parameter.high)
        got = Message("an empty mapping") if isinstance(value, dict) else quote(value)
        raise invalid(
            "expected {{key: value}} with {each}, {wanted}; got {got}",
            each=each,
            wanted=wanted,
            got=got,
        )
    cells = _by_number(
        value, parameter.keys, Message("a key"), lambda entry: number(parameter, entry)
    )
    missing = [str(key) for key in parameter.keys if key not in cells]
    if parameter.every_key and missing:
        raise invalid(
            "no value for {missing}: give {each} one", missing=separated(missing), each=each
        )
    return Table(tuple(cells), tuple(cells.values()))


def profile(parameter: Parameter, value: object, _context: Context) -> Table:
    """Read a profile: a mapping of ages to weights."""
    return _table(parameter, value)


def scalar(parameter: Parameter, value: object, _context: Context) -> float:
    """Read a number within the bounds of a parameter."""
    return number(parameter, value)


def _by_number(
    value: dict[str, object], known: range, what: Message, read: Callable[[object], Read]
) -> dict[int, Read]:
    """Read a mapping whose keys are whole numbers of a range; ascending."""
    numbers = {str(key): key for key in known}

    def entry(key: str, inner: object) -> tuple[int, Read]:
        if key not in numbers:
            raise _bad_key(
                "expected {what} from {first} to {last}", what=what, first=known[0], last=known[-1]
            )
        return numbers[key], read(inner)

    return dict(sorted(read_each(value.items(), entry), key=itemgetter(0)))


def _date_key(key: str, entry: object, first_year: int) -> Date:
    if found := re.fullmatch(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?", key):
        year, month = int(found[1]), int(found[2] or 1)
        if year == first_year - 1:
            raise _bad_key(
                "{year} is the base year, closed from published figures: a path starts in "
                "{first_year}",
                year=year,
                first_year=first_year,
            )
        if first_year <= year <= LAST_YEAR:
            return paths.date_at(year, month)
    if entry is None and re.fullmatch(r"[0-9]+ *(%|万|亿)?", key):
        raise _bad_key(
            "is not a year; a comma separates years: write a decimal point, such as 0.{key}",
            key=key,
        )
    hint = did_you_mean(key, _OF_PATHS) + lookalike(key)
    raise _bad_key(
        "expected a year between {first_year} and {last_year} (a month like {first_year}-07, "
        "'interpolate' or 'then').{hint}",
        first_year=first_year,
        last_year=LAST_YEAR,
        hint=hint,
    )


def _bad_key(text: str, /, **values: object) -> Invalid:
    return Invalid(Issue(Message(text, **values), at_key=True))


def _start_issues(points: dict[Date, float], first_year: int) -> list[Issue]:
    if not points:
        return [Issue(Message("no year: give a value from {first_year} on", first_year=first_year))]
    first = min(points)
    if first == first_year:
        return []
    year, month = divmod(round(12 * first), 12)
    undefined = verbatim(str(first_year) if year <= first_year + 1 else f"{first_year}-{year - 1}")
    if year == first_year:
        undefined = separated((f"{first_year}-01", f"{first_year}-{month:02d}"), " to ")
    text = Message(
        "the first year is {first}, so {undefined} would have no value: give a value from "
        "{first_year} on",
        first=paths.date_text(first),
        undefined=undefined,
        first_year=first_year,
    )
    return [Issue(text, (paths.date_text(first),), at_key=True)]
