"""What ``region.yaml`` and ``layer.yaml`` hold, value by value."""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import Any, Final

from fsinsure.dims import EARLIEST_YEAR, LAST_YEAR
from fsinsure.documents.problems import invalid, quote
from fsinsure.documents.shape import Leaf, Listing, Node, Section
from fsinsure.measures import measures, names_of, parameter_named, parameter_names
from fsinsure.messages import phrase
from fsinsure.names import meant
from fsinsure.region.outcomes import PEOPLE
from fsinsure.registry import registry

CODE: Final = r"[a-z][a-z0-9_-]{0,63}"


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid("expected a text, got {value}", value=quote(value))
    return value.strip()


def read_code(value: object) -> str:
    """Read the code of an area or the name of a law."""
    text = _text(value)
    if not re.fullmatch(CODE, text):
        raise invalid(
            "{text} is not a code: letters a-z, digits, - and _, the first a letter",
            text=quote(text),
        )
    return text


def _base_date(value: object) -> datetime.date:
    try:
        date = datetime.date.fromisoformat(_text(value))
    except ValueError:
        raise invalid(
            "expected a date such as 2019-12-31, got {value}", value=quote(value)
        ) from None
    if not EARLIEST_YEAR <= date.year < LAST_YEAR:
        raise invalid(
            "{date} is not between {earliest_year} and {last_year}",
            date=date,
            earliest_year=EARLIEST_YEAR,
            last_year=LAST_YEAR - 1,
        )
    if (date.month, date.day) != (12, 31):
        raise invalid("{date} is not a 31 December, from which years are projected", date=date)
    return date


def _year(value: object) -> int:
    text = str(value)
    if not re.fullmatch("[0-9]{4}", text) or int(text) > LAST_YEAR:
        raise invalid(
            "expected a year up to {last_year}, got {value}",
            last_year=LAST_YEAR,
            value=quote(value),
        )
    return int(text)


def _lever(value: object) -> str:
    text = _text(value)
    found = parameter_named(text)
    if found not in registry():
        raise invalid(
            "there is no parameter {text}.{hint}",
            text=quote(text),
            hint=meant(text, parameter_names()),
        )
    return found


def _leaf(read: Any, *, required: bool = True) -> Leaf:
    return Leaf(lambda value, _: read(value), {}, required)


def _names() -> Section:
    return Section("name", "names", {"zh": _leaf(_text), "en": _leaf(_text)})


@cache
def region_shape() -> Section:
    """Return the shape of ``region.yaml``."""
    area = Section(
        "area", "area", {"code": _leaf(read_code), "zh": _leaf(_text), "en": _leaf(_text)}
    )
    aims = (*measures(), PEOPLE)
    levers = {one: _leaf(_lever, required=False) for one in aims}
    keys: dict[str, Node] = {
        "name": _names(),
        "base_date": _leaf(_base_date),
        "horizon": _leaf(_year),
        "currency": _leaf(_text),
        "law": _leaf(read_code),
        "areas": Listing(area, phrase("areas, each {code, zh, en}"), ""),
        "closing_levers": Section("closing_levers", "closing levers", levers, names=names_of(aims)),
    }
    return Section("region", "region", keys)


@cache
def layer_shape() -> Section:
    """Return the shape of ``layer.yaml``."""
    return Section("layer", "layer", {"name": _names(), "parent": _leaf(read_code, required=False)})
