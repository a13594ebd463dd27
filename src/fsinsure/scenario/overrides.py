"""Overrides from Python: the same values, checks and error messages as in a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING

from fsinsure.documents.problems import Issue, Unreadable, fail, lookalike, meant_key, quote
from fsinsure.documents.shape import Context
from fsinsure.errors import InputError, ScenarioError
from fsinsure.measures import parameter_named, parameter_names
from fsinsure.messages import Message, said
from fsinsure.names import by_code, meant
from fsinsure.paths import AreaPaths, Table, TablePath, YearPath
from fsinsure.registry import place, registry
from fsinsure.scenario.relief import Relief
from fsinsure.scenario.schema import validate
from fsinsure.scenario.target import Target
from fsinsure.scenario.uncertainty import Drawn, Uncertainty

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fsinsure.documents.problems import Location
    from fsinsure.errors import Position
    from fsinsure.region.region import Region
    from fsinsure.scenario.schema import Content

OTHER_KEYS = ("horizon", "as_of", "targets", "relief", "observe.until", "fitted", "uncertainty")
_MOST_NESTED = 4


def coded(overrides: Mapping[str, object]) -> dict[str, object]:
    """Return overrides by dotted key, where they may be named as readers do.

    Raises
    ------
    ScenarioError
        If they are no mapping, or two name the same key.
    """
    if not isinstance(overrides, Mapping):
        raise ScenarioError(
            "overrides are a mapping of dotted keys, such as {{'growth.flexible': '18%'}}, not a "
            "{kind}",
            kind=type(overrides).__name__,
        )
    try:
        return by_code(overrides, parameter_named, Message("overrides"))
    except InputError as error:
        raise ScenarioError(said(error)) from None


def read_overrides(
    name: str, overrides: Mapping[str, object], folder: Path | None, region: Region
) -> Content:
    """Validate overrides by dotted key.

    Parameters
    ----------
    name
        Name of the resulting scenario.
    overrides
        Values as in a file, by dotted key.
    folder
        The folder of file names in values.
    region
        Of the scenario.

    Raises
    ------
    ScenarioError
        One line for each problem, without positions.
    """
    known = registry()
    issues = [
        _unknown(key, value)
        for key, value in overrides.items()
        if key not in known and key not in OTHER_KEYS
    ]
    if issues:
        fail(issues, _nowhere)
    data: dict[str, object] = {"name": name}
    for key, value in overrides.items():
        try:
            # From Python None is said, not forgotten as a blank in a file may be.
            held = "none" if key == "as_of" and value is None else as_yaml(value)
        except ValueError as error:
            issues.append(Issue(said(error), (key,)))
            continue
        place(data, known[key].location if key in known else tuple(key.split(".")), held)
    if issues:
        fail(issues, _nowhere)
    context = Context(folder, folder, folder, region.first_year, region.area_names)
    return validate(data, context, _nowhere)


def _nowhere(_location: Location, _at_key: bool) -> Position | None:
    return None


def _unknown(key: object, value: object) -> Issue:
    if not isinstance(key, str):
        return Issue(
            Message("a key must be a text such as 'growth.employee', got {key}", key=quote(key))
        )
    known = (*registry(), *OTHER_KEYS)
    inner = [f"{key}.{one}" for one in value] if isinstance(value, Mapping) else []
    within = next(
        (one for one in (*inner, *known) if one in known and one.startswith(f"{key}.")), ""
    )
    if within:
        return Issue(
            Message("is a section: give dotted keys, such as {within!r}", within=within), (key,)
        )

    def hint() -> Message:
        lists = Message(" 'fsinsure new' writes a file with every key")
        close = meant_key(key, known) or meant(key, parameter_names())
        return Message("{odd}.{hint}", odd=lookalike(key), hint=close or lists)

    return Issue(Message("unknown key"), (key,), hint=hint)


def as_yaml(value: object, depth: int = 0) -> object:
    """Convert a Python value to what the YAML reader would return for it.

    Raises
    ------
    ValueError
        If a key occurs twice (``2021`` and ``"2021"``) or the nesting is too deep.
    """
    if depth > _MOST_NESTED:
        raise ValueError(Message("nested too deep"))
    if value is None or isinstance(value, bool | str | Decimal):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, YearPath | AreaPaths | TablePath | Target | Relief | Drawn | Uncertainty):
        return as_yaml(value.entry, depth)
    if isinstance(value, Integral):
        # Huge integers are slow to convert; a text that is not a number is refused too.
        return Decimal(int(value)) if int(value).bit_length() <= 128 else "a huge integer"
    if isinstance(value, Real):
        try:
            return Decimal(repr(float(value)))
        except OverflowError:
            return "a huge number"
    if isinstance(value, Table):
        return as_yaml(dict(zip(*value, strict=True)), depth)
    if isinstance(value, list | tuple):
        return [as_yaml(item, depth + 1) for item in value]
    pairs = getattr(value, "items", None)  # of a mapping, or a Series by year
    if callable(pairs) and not isinstance(value, type):
        return as_yaml_mapping(pairs(), depth)
    return Unreadable(value)


def as_yaml_mapping(pairs: Iterable[tuple[object, object]], depth: int) -> dict[str, object]:
    """Convert the pairs of a mapping to a mapping with text keys."""
    found: dict[str, object] = {}
    for key, inner in pairs:
        text = str(key)
        if text in found:
            raise ValueError(Message("{key} a second time", key=text))
        found[text] = as_yaml(inner, depth + 1)
    return found
