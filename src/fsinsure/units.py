"""Numbers as written by people: ``470万``, ``1.5%``, ``643.36亿元``.

Inside the library money is in yuan, people in persons and rates are fractions. This module parses
written numbers exactly (in decimal: 1.5% is 0.015) and formats amounts so that they parse to the
same number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral
from typing import Final, TypeGuard

from fsinsure.errors import InputError
from fsinsure.messages import EMPTY, Message, both, verbatim

SCALES: Final = {
    "": Decimal(1),
    "%": Decimal("0.01"),
    "万": Decimal(10) ** 4,
    "亿": Decimal(10) ** 8,
    "万亿": Decimal(10) ** 12,
}
"""The factor of each suffix."""

MOST_DIGITS: Final = 40
"""Longest number accepted, in characters: huge integers would take minutes to convert."""

MOST_EXPONENT: Final = 20

_NUMBER: Final = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?) *(%|万亿|万|亿)? *(人|元)?"
)
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９．％＋－−", "0123456789.%+--")
_ACCEPTED: Final = {
    "fraction": ("", "%"),
    "ratio": ("", "%"),
    "persons": ("", "万", "亿"),
    "yuan": ("", "万", "亿", "万亿"),
}
_NOUNS: Final = {"persons": "人", "yuan": "元"}
_KINDS: Final = {
    "fraction": Message("a share"),
    "ratio": Message("a ratio"),
    "persons": Message("a number of people"),
    "yuan": Message("an amount of money"),
    "months": Message("a number of months"),
    "years": Message("a number of years"),
    "year": Message("a year"),
}


@dataclass(frozen=True)
class Quantity:
    """A number as written.

    Parameters
    ----------
    amount
        In base units: persons, yuan, a fraction.
    step
        The value of one unit of the last digit written, in base units: 100 for ``341.30万``.
    suffix
        ``""``, ``"%"``, ``"万"``, ``"亿"`` or ``"万亿"``.
    noun
        ``""``, ``"人"`` or ``"元"``.
    """

    amount: Decimal
    step: Decimal
    suffix: str = ""
    noun: str = ""


def parse(value: str | Decimal) -> Quantity:
    """Read a number with an optional suffix (``%``, ``万``, ``亿``) and noun (``人``, ``元``).

    Parameters
    ----------
    value
        As written; full-width digits and signs, and the minus sign U+2212, are understood.

    Raises
    ------
    InputError
        If it is not a finite number in this notation.

    Examples
    --------
    >>> int(parse("470万").amount)
    4700000
    """
    text = str(value).translate(_FULL_WIDTH).strip()
    if len(text) > MOST_DIGITS:
        raise InputError("a number of more than {most_digits} characters", most_digits=MOST_DIGITS)
    if text.lower().lstrip("+-.") in ("nan", "inf", "infinity"):
        raise InputError("{text} is not a finite number", text=text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        hint = EMPTY
        if re.match(r"[+-]?[0-9]{1,3}([,，][0-9]{3})+(?![0-9])", text):
            hint = Message("; write it without commas")
        elif re.match(r"[+-]?[0-9]+[,，][0-9]", text):
            hint = Message("; write a decimal point, not a comma")
        raise InputError("{text!r} is not a number{hint}", text=text, hint=hint)
    number, suffix, noun = (group or "" for group in match.groups())
    return _scaled(number, suffix, noun)


def _scaled(number: str, suffix: str, noun: str) -> Quantity:
    exponent = number.lower().partition("e")[2]
    if exponent and abs(int(exponent)) > MOST_EXPONENT:
        raise InputError("{number} is beyond any amount here", number=number)
    sign, digits, power = Decimal(number).as_tuple()
    assert isinstance(power, int)
    # Shifting the exponent is exact; multiplying would round to the precision of the context.
    power += SCALES[suffix].adjusted()
    return Quantity(Decimal((sign, digits, power)), Decimal((0, (1,), power)), suffix, noun)


def measure_in(value: str | Decimal, unit: str) -> Quantity:
    """Read a number and check that its suffix fits a unit.

    Parameters
    ----------
    value
        As written.
    unit
        ``fraction``, ``ratio``, ``persons``, ``yuan``, ``months``, ``years`` or ``year``.

    Raises
    ------
    InputError
        If it is not a number, or not one of this unit (``万`` on a share, ``%`` on people).
    """
    quantity = parse(value)
    if quantity.suffix not in _ACCEPTED.get(unit, ("",)):
        raise InputError(
            "{suffix} does not go with {kinds}", suffix=quantity.suffix, kinds=_KINDS[unit]
        )
    if quantity.noun and quantity.noun != _NOUNS.get(unit):
        what = Message("people") if quantity.noun == "人" else Message("money")
        raise InputError(
            "{noun} is {what}, not {kinds}", noun=quantity.noun, what=what, kinds=_KINDS[unit]
        )
    return quantity


def is_whole(value: object) -> TypeGuard[int]:
    """Return whether a value is an integer, also of numpy; booleans are not."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def describe(unit: str, low: float | None = None, high: float | None = None) -> Message:
    """Describe what is expected: ``"a share between -30% and 60%"``."""
    kind = _KINDS[unit]
    if low is None or high is None:
        return kind
    return Message(
        "{kind} between {low} and {high}", kind=kind, low=shown(low, unit), high=shown(high, unit)
    )


def shown(amount: float | Decimal, unit: str) -> Message:
    """Write an amount in messages: as :func:`show`, people and money without 万 and 亿 in English.

    >>> shown(4_700_000, "persons").text("en"), shown(4_700_000, "persons").text("zh")
    ('4,700,000', '470万')
    """
    text = show(amount, unit)
    return both(text, f"{parse(text).amount:,f}") if unit in _NOUNS else verbatim(text)


def rounded(amount: float, unit: str) -> Message:
    """Write an amount in messages: in Chinese people in 万 and yuan in 亿, with two decimals.

    Less than 10,000 people are written in full, as are all people in English. Other units have
    two decimals.

    >>> rounded(432_912, "persons").text("en"), rounded(432_912, "persons").text("zh")
    ('432,912', '43.29 万')
    """
    if unit not in _NOUNS:
        return verbatim(f"{amount:,.2f}")
    if unit == "persons":
        if abs(amount) < SCALES["万"]:
            return verbatim(f"{amount:,.0f}")
        return both(f"{amount / 1e4:,.2f} 万", f"{amount:,.0f}")
    return both(f"{amount / 1e8:,.2f} 亿", f"{amount / 1e6:,.0f} million")


def show(amount: float | Decimal, unit: str) -> str:
    """Format an amount so that it parses to the same number: ``1.5%``, ``470万``, ``180``."""
    exact = amount if isinstance(amount, Decimal) else Decimal(repr(float(amount)))
    suffix = ""
    if unit == "fraction":
        suffix = "%"
    elif unit in _NOUNS:
        suffix = next((large for large in ("亿", "万") if abs(exact) >= SCALES[large]), "")
    sign, digits, power = exact.as_tuple()
    assert isinstance(power, int)
    text = f"{Decimal((sign, digits, power - SCALES[suffix].adjusted())):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text) + suffix
