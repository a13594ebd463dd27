"""Words, names and texts of a scenario file: read, or what is wrong with them."""

from __future__ import annotations

import os
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from fsinsure.documents.problems import Invalid, invalid, quote
from fsinsure.documents.user_files import within
from fsinsure.errors import InputError
from fsinsure.measures import measures, names_of, parameter_named, parameter_names
from fsinsure.messages import EMPTY, Message, separated
from fsinsure.names import Names, code_of, listed
from fsinsure.names import meant as closest
from fsinsure.registry import CHOICES, Parameter, registry
from fsinsure.scenario.files import bundled_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fsinsure.documents.shape import Context

NAME: Final = "[A-Za-z0-9一-鿿][A-Za-z0-9一-鿿_-]{0,63}"

_DEVICES: Final = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}


def meant(value: object, known: Iterable[str]) -> Message:
    """Return ``". Did you mean 'x'?"`` for the closest known word, or an empty message."""
    return meant_name(value, dict.fromkeys(known, ()))


def meant_name(value: object, known: Names) -> Message:
    """Return ``". Did you mean 'x'?"`` for the closest code or name, or an empty message."""
    hint = closest(value, known) if isinstance(value, str) else EMPTY
    return Message(".{hint}", hint=hint) if hint else EMPTY


def word(known: tuple[str, ...], value: object) -> str:
    """Read one of the known words."""
    if not isinstance(value, str) or value not in known:
        raise invalid(
            "expected one of {known}, got {value}{hint}",
            known=separated(known),
            value=quote(value),
            hint=meant(value, known),
        )
    return value


def measure(value: object) -> str:
    """Read a measure that counts people: its code, or what readers call it."""
    known = names_of(measures())
    found = code_of(value, known) if isinstance(value, str) else ""
    if found not in known:
        raise invalid(
            "expected one of {known}, got {value}{hint}",
            known=listed(value, known),
            value=quote(value),
            hint=meant_name(value, known),
        )
    return found


def parameter_name(value: object) -> str:
    """Read a parameter: its dotted key, or what readers call it."""
    found = parameter_named(value) if isinstance(value, str) else ""
    if found not in registry():
        raise invalid(
            "expected a parameter, such as growth.employee, got {value}{hint}",
            value=quote(value),
            hint=meant_name(value, parameter_names()),
        )
    return found


def choice(parameter: Parameter, value: object, context: Context) -> str:
    """Read a choice: one of its words, or the name of a CSV file in the scenario's folder tree."""
    known = CHOICES[parameter.name]
    if isinstance(value, str) and value.endswith(".csv"):
        return _data_file(value, context)
    try:
        return word(known, value)
    except Invalid as error:
        also = Message(" (or the name of a .csv file beside the scenario)")
        raise invalid(separated((error, also), "")) from None


def _data_file(name: str, context: Context) -> str:
    if context.folder is None or context.root is None or context.home is None:
        raise invalid(
            "{name}: a scenario that is not from a file has no folder for it", name=quote(name)
        )
    try:
        found = within(name, context.folder, context.root)
    except InputError as error:
        raise invalid(error.message) from None
    if not os.path.isfile(found):  # False also for an impossible name
        raise invalid("there is no file {name} beside the scenario", name=quote(name))
    near = found.is_relative_to(context.home)
    return found.relative_to(context.home).as_posix() if near else found.as_posix()


def text(value: object) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        plain = isinstance(value, bool | Decimal)
        quotes = Message("; put it in quotes") if plain else EMPTY
        raise invalid("expected a text, got {value}{quotes}", value=quote(value), quotes=quotes)
    return value.strip()


def scenario_name(value: object) -> str:
    """Read the name of a scenario, which also names its files."""
    found = text(value)
    if not re.fullmatch(NAME, found):
        raise invalid(
            "{found} is not a name: use up to 64 letters (a-z), hanzi, digits, - and _, the first "
            "no - or _; a title may hold any text",
            found=quote(found),
        )
    if found.casefold() in _DEVICES:
        raise invalid(
            "{found} is the name of a device in Windows: choose another name", found=quote(found)
        )
    for known in bundled_names():
        if found != known and found.casefold() == known:
            raise invalid(
                "{found} differs from the shipped scenario {known} in case only, and many systems "
                "would put their results into one folder: choose another name",
                found=quote(found),
                known=known,
            )
    return found
